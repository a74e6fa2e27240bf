"""Finds a body by what a record's fields hold, where none has a name that is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dedupe.read.values import body_text, is_address

_NO_BODY = frozenset(
    [
        *("url", "uri", "link", "href", "path", "image", "images", "photo", "media", "caption"),
        *("copyright", "license", "licence", "rights", "terms", "disclaimer", "notice", "credit"),
        *("creditline", "author", "authors", "byline", "bylines", "creator", "bio", "keyword"),
        *("keywords", "tag", "tags", "category", "categories", "topic", "topics", "label", "story"),
        *("event", "comment", "comments", "note", "notes", "alt", "error", "query", "agent"),
        *("prompt", "hash", "key", "token", "json", "extra", "log"),
    ]
)
"""Words in names of fields that may hold sentences, but never the body of an article."""

_NAME_PARTS = re.compile(r"[^\W\d_][^\W\d_A-Z]*")
_WORDS = 8
_SENTENCE_END = re.compile(r"[.!?…。！？।۔؟][\"'”’»)\]]*(?:\s|$)")
_SAMPLE = 4000


def may_be_body(name: str) -> bool:
    """Whether a field of this name may be the body: no word of it says that it is another part."""
    return not any(part.lower() in _NO_BODY for part in _NAME_PARTS.findall(name))


def longest_prose(record: Mapping[str, Any], names: Iterable[str]) -> str:
    """The text of the longest of these fields that holds prose; '' where none does."""
    found = [value for name in names if isinstance(value := record[name], str) and _is_prose(value)]
    return body_text("", max(found, key=len)).replace("\0", " ") if found else ""


def _is_prose(value: str) -> bool:
    """Whether there are some words in it, and one at least ends a sentence."""
    beginning = value[:_SAMPLE]
    enough = len(beginning.split()) >= _WORDS or not beginning.isascii()
    return enough and bool(_SENTENCE_END.search(beginning)) and not is_address(value.lstrip())
