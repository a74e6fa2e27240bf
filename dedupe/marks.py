"""Marks by which wires tell a new version: ``UPDATE 2-``, ``CORRECTED:``, ``(Corrects name)``.

They are read where they stand, at the head of a title or in brackets before the text; what a text
adds or corrects is found without them, see :mod:`dedupe.novelty`. Their words are those of the
article's language, and the English ones, which wires of all languages use.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from dedupe.lexicon import DEFAULT, any_of, language_of
from dedupe.novelty import CORRECTION, UPDATE

LONGEST_HEAD = 200
"""Letters of a title and of a text that are looked at."""
OPENING, CLOSING = r"[(\[{<\uff08\u3010\uff3b]", r"[)\]}>\uff09\u3011\uff3d]"


class Mark(NamedTuple):
    """What an article says of itself."""

    adds: int
    """UPDATE, CORRECTION, both or 0."""
    words: tuple[str, ...]
    """As they stand there."""


def mark_of(title: str, text: str, language: str) -> Mark:
    """The marks of an article; a title has one after the other, as in ``CORRECTED-UPDATE 1-``."""
    adds, words, rest = 0, [], title[:LONGEST_HEAD].strip()
    heads, lead = _patterns(language or DEFAULT)
    while found := _first(heads, rest):
        adds |= _adds(found)
        words.append(found[found.lastgroup or 0])
        rest = (rest[: found.start()] + rest[found.end() :]).strip()
    if found := lead.match(text[:LONGEST_HEAD].lstrip()):
        adds |= _adds(found)
        words.append(found[found.lastgroup or 0])
    return Mark(adds, tuple(words))


def _first(heads: tuple[re.Pattern[str], ...], title: str) -> re.Match[str] | None:
    found = (head.search(title) for head in heads)
    return next((match for match in found if match and _sure(match)), None)


def _sure(found: re.Match[str]) -> bool:
    """A dash without a blank is a mark's after capitals alone: ``kill-switch`` has none."""
    return not found[0].endswith("-") or found[found.lastgroup or 0].isupper()


def _adds(found: re.Match[str]) -> int:
    return UPDATE if found.lastgroup == "update" else CORRECTION


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], ...], re.Pattern[str]]:
    """At the head or the end of a title; at the head of a text."""
    known = [language_of(code) for code in dict.fromkeys((language, DEFAULT))]
    updates = any_of(word for one in known for word in one.update_marks)
    corrections = any_of(word for one in known for word in one.correction_marks)
    # No group is in another, so that the last one that matched is the kind of mark.
    word = rf"(?:(?P<update>{updates})|(?P<correction>{corrections}))"
    number = r"(?:\s*(?:no\.?\s*)?\d{1,2})?"
    heads = (
        rf"^\W*{OPENING}\s*{word}{number}\s*{CLOSING}\s*[-\u2013\u2014:]*",
        rf"^\W{{0,3}}{word}{number}\s*(?:[:\uff1a|\uff0f/\u2013\u2014]|-\s|\*+)",
        rf"^\W{{0,3}}{word}{number}-",
        rf"{OPENING}\s*{word}{number}\s*{CLOSING}\W*$",
    )
    compiled = tuple(re.compile(head, re.IGNORECASE) for head in heads)
    return compiled, re.compile(rf"{OPENING}\s*{word}\b", re.IGNORECASE)
