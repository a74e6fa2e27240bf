"""Documents: plain text and HTML pages, an article each, and RSS and Atom feeds."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

from dedupe.config import Limits
from dedupe.errors import RecordError, SourceError
from dedupe.read.budget import check_tags, in_words
from dedupe.read.content import Content, decoded
from dedupe.read.found import FoundRecord, Reject
from dedupe.read.markup import PlainText, plain_text
from dedupe.read.names import NAMES, folded
from dedupe.read.page_dates import page_date
from dedupe.read.values import is_address, primary_subtag

TITLE_LENGTH = 200
"""Characters in a first line beyond which it is a paragraph, not a title."""

_SENTENCE_END = ".,;:…。，；：、।۔،؛"
_FRONT = re.compile(
    r"---[ \t]*+\n((?:(?:[\w-][\w .-]{0,60}:(?:[ \t][^\n]*+)?|[ \t#-](?!--)[^\n]*+|)\n){1,200}+)"
    r"---[ \t]*+(?:\n|\Z)"
)
_NAMED = re.compile(r"^([\w-][\w .-]{0,60}):[ \t]+([^\n|>\[{&*!][^\n]*)$", re.MULTILINE)
_CLOSING = "\"'”’»“)]）」』 \t"
_PAGE = re.compile(r"<html\b[^>]{0,4000}", re.IGNORECASE)
_LANGUAGE = re.compile(r"\slang\s{0,9}=\s{0,9}[\"']?([\w-]{1,64})", re.IGNORECASE)


def read_text(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """The one article of a plain text file, with its title if the first line looks like one."""
    del reject
    text = (
        decoded(content.whole(), content.name, content.told.charset)
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
    text = text.removeprefix("\ufeff")
    said, text = front_matter(text)
    title, body = split_title(plain_text(text))
    if text.strip() or said:
        yield 1, {"title": title, **said, "text": PlainText(body)}, b""


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """What stands before a text between two lines of three hyphens, and the text behind it.

    As generators of sites have it: a name and a value a line. Taken is what is known of an article
    by a name that is known, but for lists and values of several lines. Where one line between the
    hyphens is of no such form, all of it is text.
    """
    found = _FRONT.match(text)
    if found is None:
        return {}, text
    named = {name: value.strip().strip("\"'") for name, value in _NAMED.findall(found[1])}
    said = {}
    for column in ("title", "date", "source", "url", "lang"):
        known = [name for name in named if folded(name) in NAMES[column] and named[name]]
        if column == "url":  # a source may be an outlet as well
            known = [name for name in known if is_address(named[name])]
        if known:
            said[column] = named[min(known, key=lambda name: NAMES[column][folded(name)])]
    return said, text[found.end() :]


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
    data = content.whole()
    page = decoded(data, content.name, content.told.charset)
    if not page.strip():
        return
    try:
        record = page_record(page, content.limits)
    except RecordError as error:
        reject(1, str(error), data)
        return
    if record is None:
        reject(1, "no article text found in the page", data)
    else:
        address = content.told.address
        here = {name: record[name] or address for name in ("source", "url")} if address else {}
        yield 1, {**record, **here}, data


def page_record(page: str, limits: Limits) -> dict[str, Any] | None:
    """The article of a page as records have it; None where trafilatura finds none.

    Raises RecordError for a page that is past a limit, or that the libraries fail on.
    """
    import trafilatura

    if wrong := check_tags(page.encode("utf-8", "replace"), limits, "a page"):
        raise RecordError(wrong)
    # Without any handler its complaints about a page would go to stderr.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    try:
        document: Any = trafilatura.bare_extraction(
            page, with_metadata=True, include_comments=False, include_tables=False
        )
    except Exception as error:  # noqa: BLE001 - of any kind, from three libraries below
        raise RecordError(f"the page cannot be read: {in_words(error)}") from None
    if document is None or not (document.text or document.title):
        return None
    language = document.language or _language(page)
    return {
        "title": document.title,
        "text": PlainText(document.text or ""),
        "date": page_date(page, document.date, primary_subtag(language)),
        "source": document.sitename or document.hostname,
        "url": document.url,
        "lang": language,
    }


def _language(page: str) -> str:
    tag = _PAGE.search(page)
    found = tag and _LANGUAGE.search(tag[0])
    return found[1] if found else ""


def read_feed(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """Entries of a feed, numbered from 1: the full content where a feed has it, else the summary.

    Raises SourceError for what is no feed. A feed broken in its midst gives the entries before,
    and a rejection.
    """
    import feedparser

    data = content.whole()
    if wrong := check_tags(data, content.limits, "a feed"):
        raise SourceError(f"{content.name}: {wrong}")
    try:
        # A file object, as a string could be taken for an address to fetch.
        parsed = feedparser.parse(io.BytesIO(data))
    except Exception as error:  # noqa: BLE001 - KeyError, ValueError, UnicodeError and others
        raise SourceError(f"{content.name}: broken feed: {in_words(error)}") from None
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
        # As written: what feedparser makes of a zone or a month that it does not know is wrong.
        **{name: dict.get(entry, name) for name in ("published", "updated", "created")},
        "source": entry.get("source", {}).get("title") or feed.get("title"),
        "url": entry.get("link"),
        "lang": body.get("language") or feed.get("language"),
    }


def _typed(detail: Any) -> dict[str, Any]:
    """A body as records have it; of RSS, which does not tell, HTML."""
    return {"value": detail.get("value") or "", "type": detail.get("type") or "text/html"}
