"""Articles as an index keeps them: compressed, with their text or without."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import datetime

import orjson

from dedupe.errors import DamagedError
from dedupe.model import Article

LEVEL = 1
"""Of zlib: higher ones make an article of news a little smaller and take longer."""


def compressed(article: Article, *, whole: bool) -> bytes:
    """The article as bytes; not ``whole``: without its text."""
    kept = article if whole else replace(article, text="")
    date = None if kept.date is None else kept.date.isoformat()
    fields = [kept.title, kept.source, kept.url, date, kept.lang, kept.text]
    try:
        data = orjson.dumps(fields)
    except orjson.JSONEncodeError:  # lone surrogates
        data = orjson.dumps([_sound(value) for value in fields])
    return zlib.compress(data, LEVEL)


def _sound(value: str | None) -> str | None:
    return value and value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def article_of(name: str, data: bytes) -> Article:
    """The article that was kept under an id. Raises DamagedError."""
    try:
        title, source, url, date, lang, text = orjson.loads(zlib.decompress(data))
        written = datetime.fromisoformat(date) if date else None
        return Article(name, text, title, written, source, url, lang)
    except (zlib.error, ValueError, TypeError) as error:
        raise DamagedError(
            f"the article kept as {name!r} can't be read ({error}): restore the index from a backup"
        ) from None
