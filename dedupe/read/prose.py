"""Finds a body by what a record's fields hold, where none has a name that is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dedupe.errors import RecordError
from dedupe.read.bodies import body_text
from dedupe.read.values import is_address

_NO_BODY = frozenset(
    [
        *("url", "uri", "link", "href", "path", "image", "images", "photo", "media", "caption"),
        *("copyright", "license", "licence", "rights", "terms", "disclaimer", "notice", "credit"),
        *("creditline", "author", "authors", "byline", "bylines", "creator", "bio", "keyword"),
        *("keywords", "tag", "tags", "category", "categories", "topic", "topics", "label", "story"),
        *("event", "comment", "comments", "note", "notes", "alt", "error", "query", "agent"),
        *(
            "prompt",
            "hash",
            "key",
            "token",
            "json",
            "extra",
            "log",
            "related",
            "replies",
            "account",
        ),
        *("account", "user", "users", "publisher", "embedding", "vector", "concepts", "entities"),
    ]
)
"""Words in names of fields that may hold sentences, but never the body of an article."""

_RUN_TOGETHER = ("terms", "copyright", "rights", "caption", "byline", "keyword", "notice", "ednote")
"""Such words that agencies write as one with others: ``usageterms``."""

_NAME_PARTS = re.compile(r"[^\W\d_][^\W\d_A-Z]*")
_WORDS = 8
_SENTENCE_END = re.compile(r"[.!?…。！？।۔؟][\"'”’»)\]]*(?:\s|<|$)")
_SAMPLE = 4000
_DEEPEST = 4
_MOST_FIELDS = 500
"""Fields of a record, at any depth, that are looked at."""


def may_be_body(name: str) -> bool:
    """Whether a field of this name may be the body: no word of it says that it is another part."""
    if any(part.lower() in _NO_BODY for part in _NAME_PARTS.findall(name)):
        return False
    return not any(word in name.lower() for word in _RUN_TOGETHER)


def longest_prose(record: Mapping[str, Any], names: Iterable[str]) -> tuple[str, str]:
    """The text of the longest of these fields that holds prose, and its name; '' where none does.

    Dots in the name lead into objects, as the options do that name a field.
    """
    best, field = "", ""
    for name, text in _texts({name: record[name] for name in names}):
        if len(text) > len(best) and _is_prose(text):
            best, field = text, name
    return field, body_text("", best).replace("\0", " ")


def _texts(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every field that may be a body: strings as they are, blocks by their text."""
    waiting: list[tuple[str, object, int]] = [(name, value, 0) for name, value in record.items()]
    for name, value, depth in waiting:
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list) and value:
            try:
                yield name, body_text(name, value)
            except RecordError:
                continue
        elif isinstance(value, Mapping) and depth < _DEEPEST and len(waiting) < _MOST_FIELDS:
            inner = ((key, part) for key, part in value.items() if may_be_body(str(key)))
            waiting.extend((f"{name}.{key}", part, depth + 1) for key, part in inner)


def _is_prose(value: str) -> bool:
    """Whether there are some words in it, and one at least ends a sentence."""
    beginning = value[:_SAMPLE]
    enough = len(beginning.split()) >= _WORDS or not beginning.isascii()
    return enough and bool(_SENTENCE_END.search(beginning)) and not is_address(value.lstrip())
