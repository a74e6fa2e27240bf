"""Mail: mailboxes and single messages, newsletters among them; digests as the items in them."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

from dedupe.read.content import Content, guessed_encoding, lines
from dedupe.read.found import FoundRecord, Reject
from dedupe.read.letters import items_of
from dedupe.read.markup import PlainText, plain_text

MESSAGE_LIMIT = 64 << 20
"""Bytes of a message beyond which it is a file that was sent, not a letter."""
_FROM = re.compile(rb"From \S.*\d\d:\d\d")
"""The line before each message of a mailbox."""
_ESCAPED_FROM = re.compile(rb">+From ")
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_MOST_PARTS = 200
_RICHER = 1.5
"""How much longer the text of the HTML must be than that which was sent beside it."""


def read_mail(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """The letters of a mailbox or a message, numbered from 1; of a digest each item."""
    number = 0
    for raw in _messages(content):
        if raw is None:
            number += 1
            reject(number, f"the message is longer than {MESSAGE_LIMIT >> 20} MiB", b"")
            continue
        message: Any = email.message_from_bytes(raw, policy=email.policy.compat32)
        letters = list(_letters(message)) or [message]
        for letter in letters:
            records = list(_records(letter, content.name))
            if not records:
                number += 1
                reject(number, "a message without a text or subject", raw)
            for record in records:
                number += 1
                yield number, record, raw
    if content.damage:
        reject(number + 1, content.damage, b"")


def _messages(content: Content) -> Iterator[bytes | None]:
    """The messages, each without the line before it; None for one that is too long."""
    message, size, blank, boxed = list[bytes](), 0, True, False
    for n, line in enumerate(lines(content.blocks(), MESSAGE_LIMIT)):
        if line is not None and blank and _FROM.match(line):
            if size or (boxed and message):
                yield b"\n".join(message) if size <= MESSAGE_LIMIT else None
            message, size, boxed = [], 0, True
            continue
        if n == 0 and line is not None:
            line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901
        size += MESSAGE_LIMIT + 1 if line is None else len(line) + 1
        blank = line is not None and not line.strip()
        if line is not None and size <= MESSAGE_LIMIT:
            if boxed and _ESCAPED_FROM.match(line):
                line = line[1:]  # noqa: PLW2901
            if message or line.strip():
                message.append(line.rstrip(b"\r"))
            else:
                size = 0
    if message or size > MESSAGE_LIMIT:
        yield b"\n".join(message) if size <= MESSAGE_LIMIT else None


def _letters(message: Any) -> Iterator[Any]:
    """The messages of a digest of MIME (RFC 2046), and of one that was forwarded whole."""
    for n, part in enumerate(message.walk()):
        if n >= _MOST_PARTS:
            return
        if part is not message and part.get_content_type() == "message/rfc822":
            payload = part.get_payload()
            if isinstance(payload, list):
                yield from (inner for inner in payload if list(_texts(inner, 0)))


def _records(letter: Any, name: str) -> Iterator[dict[str, Any]]:
    """The articles of a letter: its items where it is a digest, else the letter."""
    subject = _header(letter, "Subject")
    sender, address = parseaddr(_header(letter, "From"))
    frame = {
        "date": _header(letter, "Date"),
        "source": sender or address.rpartition("@")[2],
        "lang": _header(letter, "Content-Language"),
    }
    plain, html = _text(letter, name)
    items = items_of(html) if html else items_of(plain, marked=False)
    for item in items:
        yield {"title": item.title, "text": PlainText(item.text), "url": item.url, **frame}
    if items:
        return
    seen = plain_text(html, markup=True) if html else ""
    text = seen if len(seen) > _RICHER * len(plain) or not plain.strip() else plain
    text = _SIGNATURE.split(text, maxsplit=1)[0]
    if text.strip() or subject:
        yield {
            "id": _header(letter, "Message-ID").strip("<> "),
            "title": subject,
            "text": PlainText(text.strip()),
            "url": _header(letter, "Archived-At").strip("<> "),
            **frame,
        }


def _header(letter: Any, name: str) -> str:
    """A header's words; those that cannot be decoded as they stand."""
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    value = letter.get(name)
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(str(value))))
    except (HeaderParseError, LookupError, ValueError):
        text = str(value)
    return " ".join(text.split())


def _text(letter: Any, name: str) -> tuple[str, str]:
    """The plain text and the HTML of a letter, '' for what it has not."""
    found = {"text/plain": list[str](), "text/html": list[str]()}
    for part in _texts(letter, 0):
        found[part.get_content_type()].append(_decoded(part, name))
    return "\n\n".join(found["text/plain"]), "\n".join(found["text/html"])


def _texts(part: Any, depth: int) -> Iterator[Any]:
    """The parts of a letter that are shown as its text, none that were attached."""
    if depth > 20 or part.get_content_disposition() == "attachment":
        return
    if part.is_multipart():
        if part.get_content_type() == "message/rfc822" and depth:
            return
        for inner in part.get_payload()[:_MOST_PARTS]:
            yield from _texts(inner, depth + 1)
    elif part.get_content_type() in {"text/plain", "text/html"}:
        yield part


def _decoded(part: Any, name: str) -> str:
    data = part.get_payload(decode=True) or b""
    charset = part.get_content_charset() or "utf-8"
    for encoding in (charset, "utf-8"):
        try:
            return str(data.decode(encoding))
        except (LookupError, UnicodeDecodeError):
            continue
    return str(data.decode(guessed_encoding(data, name), "replace"))
