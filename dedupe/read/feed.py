"""RSS and Atom feeds, an entry an article."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from dedupe.errors import SourceError
from dedupe.read.content import Content
from dedupe.read.jsonl import Found, Reject
from dedupe.read.markup import fragment_text


def read_feed(content: Content, reject: Reject) -> Iterator[Found]:
    """Entries of a feed, numbered from 1: the full content where a feed has it, else the summary.

    Raises SourceError for what is no feed. A feed broken in its midst gives the entries before,
    and a rejection.
    """
    import feedparser

    # A file object, as a string could be taken for an address to fetch.
    parsed = feedparser.parse(io.BytesIO(content.whole()))
    if not parsed.entries and (parsed.bozo or not parsed.get("version")) and content.head.strip():
        raise SourceError(f"{content.name}: no RSS or Atom feed")
    for number, entry in enumerate(parsed.entries, 1):
        yield number, _record(entry, parsed.feed), b""
    broken = parsed.get("bozo_exception")
    if broken is not None and not isinstance(broken, feedparser.CharacterEncodingOverride):
        reject(len(parsed.entries) + 1, f"the feed is broken here: {_in_words(broken)}", b"")


def _record(entry: Any, feed: Any) -> dict[str, Any]:
    body = entry.content[0] if entry.get("content") else entry.get("summary_detail", {})
    return {
        "id": entry.get("id"),
        "title": fragment_text(entry.get("title", "")),
        "text": _text(body),
        "date": entry.get("published_parsed") or entry.get("updated_parsed"),
        "source": entry.get("source", {}).get("title") or feed.get("title"),
        "url": entry.get("link"),
        "lang": body.get("language") or feed.get("language"),
    }


def _text(detail: Any) -> str:
    value = detail.get("value") or ""
    return fragment_text(value) if "html" in (detail.get("type") or "text/html") else value


def _in_words(error: Exception) -> str:
    return str(error).partition("\n")[0]
