"""Newsletters that tell several stories: the items that they fall into.

Items are told by their form alone: headings of one rank, or lines of dashes, each with a paragraph
behind it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.read.markup import plain_text


class Item(NamedTuple):
    """One story of a newsletter."""

    title: str
    text: str
    url: str


_LEAST_ITEMS = 3
_LEAST_WORDS = 12
"""Words of an item beyond its title: fewer are a link, a menu, an advertisement."""
_LONGEST_TITLE = 200
_SHARE = 0.6
"""Share of the parts that must be items, and of the words that they must hold."""

_HEADING = re.compile(r"<h([1-6])\b[^<>]*>(.{1,2000}?)</h\1\s*>", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(
    r"<a\b[^<>]{0,600}?\bhref\s*=\s*[\"']?(https?://[^\s\"'<>]{1,2000})", re.IGNORECASE
)
_RULE = re.compile(r"^[ \t]{0,9}[-=_*~#•]{5,200}[ \t]{0,9}$", re.MULTILINE)
_LINK = re.compile(r"<?(https?://[^\s<>\"]{1,2000})>?")
_HEADER = re.compile(
    r"^(From|Date|Subject|Message-ID|To):[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE
)


def items_of(body: str, *, marked: bool = True) -> list[Item]:
    """The items of a newsletter in HTML, or in plain text; none where it is one letter."""
    return _of_headings(body) if marked else _of_rules(body)


def _of_headings(html: str) -> list[Item]:
    """Items under headings of one rank: of the rank that most of them have."""
    headings = list(_HEADING.finditer(html))
    for rank in sorted({h[1] for h in headings}):
        chosen = [h for h in headings if h[1] == rank]
        if len(chosen) < _LEAST_ITEMS:
            continue
        ends = [*(h.start() for h in chosen[1:]), len(html)]
        parts = [(h, html[h.end() : end]) for h, end in zip(chosen, ends, strict=True)]
        items = [Item(_seen(h[2]), _seen(part), _address(h[0] + part)) for h, part in parts]
        good = _good(items)
        if len(good) >= max(_LEAST_ITEMS, _SHARE * len(items)):
            return good
    return []


def _seen(part: str) -> str:
    return plain_text(part, markup=True).strip()


def _address(part: str) -> str:
    found = _ADDRESS.search(part)
    return found[1] if found else ""


def _of_rules(text: str) -> list[Item]:
    """Items between lines of dashes, each with a title of its own; RFC 1153 among them."""
    parts = [part.strip() for part in _RULE.split(text)]
    parts = [part for part in parts if part]
    if len(parts) < _LEAST_ITEMS:
        return []
    items = list(map(_of_part, parts))
    good = _good(items)
    words = sum(len(item.text.split()) for item in good)
    enough = words >= _SHARE * len(text.split())
    return good if len(good) >= _LEAST_ITEMS and enough else []


def _of_part(part: str) -> Item:
    headers = {m[1].lower(): m[2].strip() for m in _HEADER.finditer(part[:2000])}
    if "subject" in headers:
        _, _, body = part.partition("\n\n")
        return Item(headers["subject"], body.strip(), "")
    title, _, rest = part.partition("\n")
    link = _LINK.search(part)
    text = "\n".join(line for line in rest.split("\n") if not _LINK.fullmatch(line.strip()))
    return Item(title.strip(), text.strip(), link[1] if link else "")


def _good(items: list[Item]) -> list[Item]:
    return [
        item
        for item in items
        if 0 < len(item.title) <= _LONGEST_TITLE and len(item.text.split()) >= _LEAST_WORDS
    ]
