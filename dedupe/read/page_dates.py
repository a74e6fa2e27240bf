"""When a page of HTML says that it was published: by its meta tags, schema.org, its time elements.

What finds the text of a page finds a day at most; these have the time of day too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from dedupe.read.dates import date_of
from dedupe.read.envelope import is_article_node

_LOOKED_AT = 4 << 20
"""Characters of a page in which dates are sought."""
_DEEPEST = 8
"""Levels of a JSON-LD block, in which an article stands at the second or third."""
_TAG = re.compile(r"<(meta|time|span|div|p|abbr)\b([^<>]{1,2000})>", re.IGNORECASE)
_MAY_DATE = re.compile("date|time|publish|issued|created", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SCRIPT = re.compile(r"<script\b[^<>]{0,500}ld\+json[^<>]{0,500}>", re.IGNORECASE)

_NAMES = re.compile(
    r"(?:(?:og:)?(?:article:)?published_?time|article[.:]published|publi(?:sh|cation)[-_]?date"
    r"|(?:rnews:)?datepublished|pubdate|bt:pubdate|parsely-pub-date|published|date|release_date"
    r"|dc\.date(?:\.(?:issued|created))?|dc\.created|dcterms\.(?:date|issued|created|available)"
    r"|citation_publication_date|sailthru\.date|cxenseparse:recs:publishtime"
    r"|iso-8601-publish-date|timestamp)"
)
"""Of meta tags and of properties of other elements, in lower case."""


def page_date(page: str, day: str | None, lang: str) -> datetime | None:
    """The date of a page: what it says of itself, else ``day``, with the time where it tells one.

    Times of `time` elements count only on the day that is known otherwise: there are those of
    comments and of other articles among them.
    """
    head = page[:_LOOKED_AT]
    said = [("published", value) for value in _in_data(head)]
    shown = list(_in_tags(head))
    said += [("published", value) for of_article, value in shown if of_article]
    known = [*said, ("published", day)]
    if day or said:
        known += [("published", value) for of_article, value in shown if not of_article]
    return date_of(known, lang).moment


def _in_tags(head: str) -> Iterator[tuple[bool, str]]:
    """Dates in tags, and whether the tag says that it is that of publication."""
    for tag in _TAG.finditer(head):
        if not _MAY_DATE.search(tag[2]):
            continue
        found = {
            name.lower(): html.unescape(one or two or three)
            for name, one, two, three in _ATTRIBUTE.findall(tag[2])
        }
        named = {found.get(key, "").lower() for key in ("property", "name", "itemprop")}
        value = found.get("content") or found.get("datetime") or found.get("title") or ""
        if value and any(map(_NAMES.fullmatch, named)):
            yield True, value
        elif value and tag[1].lower() == "time" and "datemodified" not in named:
            yield "pubdate" in tag[2].lower(), value


def _in_data(head: str) -> Iterator[str]:
    """``datePublished`` of the articles in blocks of JSON-LD."""
    for script in _SCRIPT.finditer(head):
        end = head.find("</", script.end())
        try:
            data = orjson.loads(head[script.end() : end if end >= 0 else len(head)])
        except ValueError:
            continue
        for node in _nodes(data, _DEEPEST):
            value = node.get("datePublished") or node.get("dateCreated")
            if is_article_node(node) and isinstance(value, str):
                yield value


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list) and depth:
        for part in value:
            yield from _nodes(part, depth - 1)
