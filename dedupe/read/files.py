"""Files that are one article each: plain text and HTML pages."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from dedupe.read.content import Content, decoded
from dedupe.read.jsonl import Found, Reject

TITLE_LENGTH = 200
"""Characters in a first line beyond which it is a paragraph, not a title."""

_SENTENCE_END = ".,;:…。，；：、।۔،؛"
_CLOSING = "\"'”’»“)]）」』 \t"
_PAGE_LANGUAGE = re.compile(r"<html[^>]*?\slang\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


def read_text(content: Content, reject: Reject) -> Iterator[Found]:
    """The one article of a plain text file, with its title if the first line looks like one."""
    del reject
    text = decoded(content.whole(), content.name).replace("\r\n", "\n").replace("\r", "\n")
    text = text.removeprefix("\ufeff")
    title, body = split_title(text)
    if text.strip():
        yield 1, {"title": title, "text": body}, b""


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


def read_html(content: Content, reject: Reject) -> Iterator[Found]:
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
        "text": document.text,
        "date": document.date,
        "source": document.sitename or document.hostname,
        "url": document.url,
        "lang": language,
    }
    yield 1, record, data
