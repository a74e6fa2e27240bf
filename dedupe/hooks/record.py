"""The article in one line of NDJSON."""

from __future__ import annotations

import codecs
from typing import Any

from dedupe.errors import RecordError, SourceError
from dedupe.hooks.lines import LINE_LIMIT, Line
from dedupe.model import Article
from dedupe.read.batch import made_ids
from dedupe.read.fields import Finder
from dedupe.read.jsonl import loaded, reason_of, unpacked

_FOREIGN = (
    ((b"\x1f\x8b\x08",), "is compressed with gzip: give it through gzip -dc"),
    ((b"\x28\xb5\x2f\xfd",), "is compressed with Zstandard: give it through zstd -dc"),
    # Longer than their marks, so that no stray bytes are taken for them.
    (
        ("\ufeff{".encode("utf-16-le"), "\ufeff{".encode("utf-16-be"), b'{\0"\0', b'\0{\0"'),
        "is UTF-16: give it through iconv -f UTF-16 -t UTF-8",
    ),
)
"""How streams begin that hold no line of UTF-8, and what to do about it."""


def beginning(line: Line, source: str) -> Line:
    """The first line of a stream, without a byte order mark.

    Raises SourceError for a stream that is compressed, or UTF-16.
    """
    for marks, remedy in _FOREIGN:
        if line.data.startswith(marks):
            raise SourceError(f"{source} {remedy}")
    return line._replace(data=line.data.removeprefix(codecs.BOM_UTF8))


def article_in(line: Line, finder: Finder) -> Article:
    """The article of one line; without an id it gets that of its address, else of its content.

    Raises RecordError for a line that holds no article, or several.
    """
    if line.cut:
        raise RecordError(f"the line is longer than {LINE_LIMIT >> 20} MiB")
    try:
        record = _record(line)
        row = finder.row(record)
    except RecursionError:
        raise RecordError("fields are nested too deep") from None
    name, title, text, date, source, url, lang = row
    name = name or next(made_ids(row))
    return Article(name, text, title=title, date=date, source=source, url=url, lang=lang)


def _record(line: Line) -> dict[str, Any]:
    try:
        value = loaded(line.data)
    except ValueError as error:
        raise RecordError(reason_of(error, line.data)) from None
    found = [record for _, record, _ in unpacked(line.number, value, line.data, _refuse)]
    if len(found) != 1:
        raise RecordError(f"{len(found)} articles in one line; give each a line of its own")
    return found[0]


def _refuse(_: int, reason: str, __: bytes) -> None:
    raise RecordError(reason)
