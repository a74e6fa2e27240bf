"""What one record may cost, counted before anything is made of its bytes.

The limits are those of :class:`dedupe.config.Limits`. Nothing here depends on a clock: whether a
record is taken in must not depend on how busy the machine is. So time is bounded by what it grows
with: bytes, values, tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dedupe.config import Limits
from dedupe.errors import RecordError
from dedupe.tokens import buffers

if TYPE_CHECKING:
    import pyarrow as pa

    from dedupe.read.batch import Row

USUAL = Limits()
FREE_BYTES = 32 << 20
"""Bytes that any archive may unpack to, however small it is."""
LINE_BYTES = 128
"""What a line, an element or a row counts for besides its bytes, as each may be a record."""

NAMED = ((0, "id"), (1, "title"), (4, "source"), (5, "url"))
"""Places of a row that name the article, and are repeated in what is written about it."""

_NEWLINE = 10
_COUNTED = 1 << 20
"""Bytes whose line breaks are looked for at a time."""
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_STRING_OR_MARKS = re.compile(_STRING + rb"|[,:\[{]++", re.DOTALL)
_AT_ONCE = 1000
_SO_MANY_MARKS = re.compile(
    rb'(?:[^",:\[{]*+(?:%b[^",:\[{]*+)*+[,:\[{]){%d}+' % (_STRING, _AT_ONCE), re.DOTALL
)
"""As many marks as that, and all that stands before each."""

_LONG_TAG = re.compile(
    rb"<[A-Za-z!?][^<>\"']*+(?:(?:\"[^<\"]*+\"|'[^<']*+')[^<>\"']*+){1000}|<[A-Za-z][^<>\"']{16384}"
)
"""A tag with a thousand attributes: readers of feeds take n**2 steps for n of them."""


class PastLimitError(ValueError):
    """A record is past a limit. The message names it."""


def check_values(data: bytes, limits: Limits) -> None:
    """Raises PastLimitError for JSON of more values than a record may have.

    An object of a name and a value takes 30 times as much memory as its bytes do.
    """
    most = limits.values
    if len(data) <= most:  # each takes a byte at least
        return
    marks = sum(data.count(mark) for mark in (b",", b":", b"[", b"{"))
    if marks > most and _more_marks(data, most):
        raise PastLimitError(past_values(limits))


def _more_marks(data: bytes, most: int) -> bool:
    """Whether more than ``most`` marks that open or part values stand outside of strings."""
    found = at = 0
    while (many := _SO_MANY_MARKS.match(data, at)) is not None:
        found, at = found + _AT_ONCE, many.end()
        if found > most:
            return True
    for token in _STRING_OR_MARKS.finditer(data, at):
        if data[token.start()] != 0x22:
            found += token.end() - token.start()
            if found > most:
                return True
    return False


def check_tags(data: bytes, limits: Limits, name: str) -> str:
    """Why a page or feed has too many tags for its reader, else ''."""
    if data.count(b"<") > limits.tags:
        return f"more than {limits.tags} tags in {name} {limits.told('tags')}"
    if _LONG_TAG.search(data):
        return f"a tag in {name} has more attributes than any reader has patience for"
    return ""


def check_row(row: Row, limits: Limits) -> None:
    """Raises RecordError where a field is too long that names the article."""
    most = limits.field_chars
    if len(row[0]) + len(row[1]) + len(row[4]) + len(row[5]) <= most:
        return
    for place, name in NAMED:
        value = row[place]
        if isinstance(value, str) and len(value) > most:
            raise RecordError(past_field(name, limits))


def long_fields(batch: pa.RecordBatch, limits: Limits) -> Iterator[tuple[int, str]]:
    """The same of articles in columns: places of those with such a field, and its name."""
    for _, name in NAMED:
        sizes = np.diff(buffers(batch.column(name)).offsets)
        if not len(sizes) or sizes.max() <= limits.field_chars:
            continue
        for row in np.flatnonzero(sizes > limits.field_chars).tolist():
            if len(batch.column(name)[row].as_py()) > limits.field_chars:
                yield row, name


def past_field(name: str, limits: Limits) -> str:
    """The reason why a record with so long an id, a title, a source or a url is rejected."""
    most = limits.field_chars
    return f"its {name} is longer than {most} characters {limits.told('field_chars')}"


def past_record(what: str, limits: Limits) -> str:
    """The reason why a line, a row or an element is rejected unread."""
    return f"{what} is longer than {_size(limits.record_bytes)} {limits.told('record_bytes')}"


def past_values(limits: Limits) -> str:
    """The reason why a record of JSON is not parsed."""
    return f"more than {limits.values} values in a record {limits.told('values')}"


def past_columns(count: int, limits: Limits) -> str:
    """The reason why a table is not read."""
    return f"{count} columns, more than {limits.columns} {limits.told('columns')}"


def past_document(limits: Limits) -> str:
    """The reason why a page, a feed, a text or one JSON object is not read."""
    size = _size(limits.document_bytes)
    return f"more than {size}, too large to read in one piece {limits.told('document_bytes')}"


def past_ratio(limits: Limits) -> str:
    """The reason why no more is unpacked."""
    ratio = limits.unpacked_ratio
    return f"it unpacks to more than {ratio} times its size {limits.told('unpacked_ratio')}"


def past_fetched(limits: Limits) -> str:
    """The reason why a source of the net is not read."""
    size = _size(limits.fetched_bytes)
    return f"more than {size}, too large to be fetched {limits.told('fetched_bytes')}"


def past_patience(limits: Limits) -> str:
    """The reason why no more of a source is waited for."""
    seconds = limits.fetched_seconds
    return f"not there within {seconds} seconds {limits.told('fetched_seconds')}"


def line_breaks(data: bytes) -> int:
    """How many line breaks are in a block: ``bytes.count`` stops at each of them."""
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == _NEWLINE))


def unpacks_too_far(unpacked: int, packed: int, limits: Limits) -> bool:
    """Whether so many bytes are more than so few may become."""
    return unpacked > _most_unpacked(packed, limits)


def _most_unpacked(packed: int, limits: Limits) -> int:
    return max(FREE_BYTES, limits.unpacked_ratio * packed)


def within_ratio(data: bytes, before: int, packed: int, limits: Limits) -> bytes:
    """The lines of a block that so few bytes may become, ``before`` of which came before it.

    A step of unpacking may be millions of lines, and each of them a record that is rejected. No
    line is cut: one that goes on beyond is the last.
    """
    room = _most_unpacked(packed, limits) - before
    for at in range(0, len(data), _COUNTED):
        part = data[at : at + _COUNTED]
        cost = len(part) + LINE_BYTES * line_breaks(part)
        if cost > room:
            ends = np.flatnonzero(np.frombuffer(part, np.uint8) == _NEWLINE) + 1
            fit = np.searchsorted(ends + LINE_BYTES * np.arange(1, len(ends) + 1), room, "right")
            if fit:
                return data[: at + int(ends[fit - 1])]
            return data[: data.find(b"\n", at) + 1 or None]
        room -= cost
    return data


def _size(number: int) -> str:
    return f"{number >> 20} MiB" if number % (1 << 20) == 0 else f"{number} bytes"


def in_words(error: Exception) -> str:
    """What a library's error says, in one line; its kind where that is no sentence."""
    said = str(error).partition("\n")[0].rstrip(".")
    return said if " " in said else f"{type(error).__name__} {said}".rstrip()
