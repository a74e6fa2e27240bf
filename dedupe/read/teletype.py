"""Wires as they went over lines: IPTC 7901 and ANPA 1312, their parts apart by control characters.

A message begins with SOH and ends with EOT. STX and ETX stand around its text, whose first lines
are the headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedupe.read.content import Content, decoded
from dedupe.read.found import FoundRecord, Reject
from dedupe.read.markup import PlainText

_SOH, _STX, _ETX, _EOT = "\x01", "\x02", "\x03", "\x04"

_IPTC_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)\s*([A-Z]{1,5})\s+([A-Za-z]{3})\w*\s+(\d\d(?:\d\d)?)")
"""Day, hour, minute, zone, month and year at the end of a message of IPTC 7901."""
_ANPA_TIME = re.compile(r"([A-Z]{2,3})-[A-Z]+-(\d\d)-(\d\d)-(\d\d) (\d\d)(\d\d)([A-Z]{3,4})")
"""Service, month, day, year, hour, minute and zone of one of ANPA 1312."""
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - a line
_SENDER = re.compile(r"\b([A-Za-z][A-Za-z-]{1,9})\s+\d{2,4}\s*$", re.MULTILINE)
_NUMBER = re.compile(r"^([a-zA-Z]{1,5}\d{2,5})\b")
_KEYWORDS = re.compile(r"[A-Z0-9][A-Z0-9 .:/-]{0,40}")
_BYLINE = re.compile(r"(?:by|von|par|por|eds?|ap photos?)\b[ :]", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
_HEADLINE = 300
"""Characters of the lines before a text, beyond which they are its first paragraph."""


def read_teletype(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """The messages of a file, numbered from 1."""
    text = decoded(content.whole(), content.name).replace("\r\n", "\n").replace("\r", "\n")
    messages = [part for part in text.split(_SOH) if part.strip(" \n\x16\x7f\f")]
    for number, message in enumerate(messages, 1):
        header, begins, rest = message.partition(_STX)
        body, _, trailer = rest.partition(_ETX)
        if not begins:
            reject(number, "no text in the message: no STX (byte 2)", message.encode())
            continue
        body = body.partition(_EOT)[0]
        title, text = _parted(body)
        sent, source = _time_and_sender(trailer, header)
        record = {
            "id": found[1] if (found := _NUMBER.match(header)) and sent else None,
            "title": title,
            "text": PlainText(text),
            "date": sent,
            "source": source,
        }
        if record["id"] is not None:  # numbers begin again every day
            record["id"] = f"{record['id']} {sent}"
        yield number, record, message.encode()


def _time_and_sender(trailer: str, header: str) -> tuple[str, str]:
    sender = found[1] if (found := _SENDER.search(header.partition("\n")[0])) else ""
    if found := _ANPA_TIME.search(trailer):
        service, month, day, year, hour, minute, zone = found.groups()
        name = _MONTHS[int(month) - 1] if 0 < int(month) <= len(_MONTHS) else month
        return f"{day} {name} 20{year} {hour}:{minute}:00 {zone}", service
    if found := _IPTC_TIME.search(trailer):
        day, hour, minute, zone, month, year = found.groups()
        return f"{day} {month} 20{year[-2:]} {hour}:{minute}:00 {zone}", sender
    return "", sender


def _parted(body: str) -> tuple[str, str]:
    """Headline and text of a body; its lines are broken as the line printer needed them."""
    seen = _CONTROL.sub(" ", body.strip("\n"))
    lines = [line.rstrip().rstrip("<=").rstrip() for line in seen.split("\n")]
    if any(line.startswith("^") for line in lines):
        marked = [line.lstrip("^").strip() for line in lines if line.startswith("^")]
        rest = [line for line in lines if not line.startswith("^")]
        said = [line for line in marked[1:] if not _BYLINE.match(line)] or marked
        text = _paragraphs(rest)
        return (said[0], text or "\n\n".join(said[1:]))
    blank = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    head = [
        line for line in lines[:blank] if not (_KEYWORDS.fullmatch(line) or _BYLINE.match(line))
    ]
    title = " ".join(head)
    if not title or len(title) > _HEADLINE or blank == len(lines):
        return "", _paragraphs(lines)
    return title, _paragraphs(lines[blank:])


def _paragraphs(lines: list[str]) -> str:
    """Lines put together: a paragraph begins behind an empty line, or where one is indented."""
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if not line.strip() or line[:1].isspace():
            paragraphs.append([])
        paragraphs[-1].append(line.strip())
    return "\n\n".join(text for part in paragraphs if (text := " ".join(part).strip()))
