"""Documents: plain text and HTML pages, an article each, and RSS and Atom feeds."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

from dedupe.errors import SourceError
from dedupe.read.content import Content, decoded
from dedupe.read.jsonl import FoundRecord, Reject
from dedupe.read.markup import PlainText, plain_text

TITLE_LENGTH = 200
"""Characters in a first line beyond which it is a paragraph, not a title."""

_SENTENCE_END = ".,;:…。，；：、।۔،؛"
_CLOSING = "\"'”’»“)]）」』 \t"
_PAGE_LANGUAGE = re.compile(r"<html[^>]*?\slang\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


def read_text(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """The one article of a plain text file, with its title if the first line looks like one."""
    del reject
    text = decoded(content.whole(), content.name).replace("\r\n", "\n").replace("\r", "\n")
    text = text.removeprefix("\ufeff")
    title, body = split_title(plain_text(text))
    if text.strip():
        yield 1, {"title": title, "text": PlainText(body)}, b""


def split_title(text: str) -> tuple[str, str]:
    """Title and body of a plain text; the title is '' where the first line is none.

    A title is a line of up to TITLE_LENGTH characters that text follows and that does not end as
    a sentence does. Where no empty line comes between, the text must not go on in lower case: it
    would be a paragraph that was wrapped.
    """
    first, _, rest = text.lstrip().partition("\n")
    body = rest.lstrip("\n")
    title = first.strip()
    following = rest.lstrip()[:1]
    wrapped = following.islower() and not rest[: len(rest) - len(rest.lstrip())].count("\n")
    ends = title.rstrip(_CLOSING).endswith(tuple(_SENTENCE_END))
    if not following or not title or len(title) > TITLE_LENGTH or ends or wrapped:
        return "", text
    return title, body


def read_html(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """The one article of an HTML page, by trafilatura: its body without the page's furniture."""
    import trafilatura

    # Without any handler its complaints about a page would go to stderr.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    data = content.whole()
    page = decoded(data, content.name)
    if not page.strip():
        return
    document: Any = trafilatura.bare_extraction(
        page, with_metadata=True, include_comments=False, include_tables=False
    )
    if document is None or not (document.text or document.title):
        reject(1, "no article text found in the page", data)
        return
    language = document.language or (m[1] if (m := _PAGE_LANGUAGE.search(page)) else "")
    record = {
        "title": document.title,
        "text": PlainText(document.text or ""),
        "date": document.date,
        "source": document.sitename or document.hostname,
        "url": document.url,
        "lang": language,
    }
    yield 1, record, data


def read_feed(content: Content, reject: Reject) -> Iterator[FoundRecord]:
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
        reason = str(broken).partition("\n")[0]
        reject(len(parsed.entries) + 1, f"the feed is broken here: {reason}", b"")


def _record(entry: Any, feed: Any) -> dict[str, Any]:
    summary = entry.get("summary_detail") or {}
    bodies = [*(entry.get("content") or []), summary]
    body = next(found for found in bodies if found is summary or found.get("value"))
    return {
        "id": entry.get("id"),
        "title": entry.get("title", ""),
        "text": _typed(body),
        "summary": _typed(summary),
        "date": entry.get("published_parsed") or entry.get("updated_parsed"),
        "source": entry.get("source", {}).get("title") or feed.get("title"),
        "url": entry.get("link"),
        "lang": body.get("language") or feed.get("language"),
    }


def _typed(detail: Any) -> dict[str, Any]:
    """A body as records have it; of RSS, which does not tell, HTML."""
    return {"value": detail.get("value") or "", "type": detail.get("type") or "text/html"}
