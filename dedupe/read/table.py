"""Tables of text: CSV and TSV, row by row."""

from __future__ import annotations

import csv
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from dedupe.errors import SourceError
from dedupe.read.budget import past_columns, past_record
from dedupe.read.content import Content, encoding_by_mark, guessed_encoding, lines, utf8_blocks
from dedupe.read.dialect import LINES_TRIED, dialect_of, escapes_by_backslash
from dedupe.read.found import FoundRecord, Reject
from dedupe.read.packed import BLOCK, Stand
from dedupe.read.plan import Plan, PlanFor
from dedupe.read.usual import PlainRows, split_table

READ_AGAIN = 8 << 20
"""Bytes of a file that are read once more behind quotes left open though it is not known how that
ends (see _Fails); what they swallow then is read line by line, as each of many quotes may swallow
all of the rest."""

_ROWS = 1024
"""Rows that are read together."""
_FEW = 8
"""Rows so few that to make columns of them takes longer than to read them one by one."""
_SAMPLE = 64 << 10
"""Bytes at the beginning by which it is told how quotes are escaped."""


class _Fails(NamedTuple):
    """Where a quote that is open at the end of a line fails: all that are open there, fail alike.

    So what one such quote swallowed is not read anew for each other one within.
    """

    at: int = 0
    """The line; 0 where it is not known of any."""
    error: str = ""
    alone: bool = False
    """Whether it is not known, and what is open at the end of a line is to fail all the same."""


class _Lines:
    """The lines of a file for csv, and the memory of those that made up the record at hand."""

    def __init__(self, content: Content) -> None:
        head = content.head
        encoding = encoding_by_mark(head) or guessed_encoding(head, content.name)
        self.limits = content.limits
        self._lines = lines(utf8_blocks(content, encoding), self.limits.record_bytes)
        self._size = 0
        self._read_again = 0
        self._fails = _Fails()
        self._again: deque[bytes | None] = deque()
        self.name = content.name
        self.number = 0
        self._stopped = self._past = False
        self.spoilt = ""
        self.escape: str | None = None
        """What csv is told of as a mark that stands before a quote."""
        self.record: list[bytes] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.record:
            if self.number < self._fails.at and self._fails_here():
                self._stopped = True
                raise csv.Error(self._fails.error)
            if self._size > self.limits.record_bytes:
                self._past = True
                raise csv.Error(past_record("the row", self.limits))
        line = self._again.popleft() if self._again else next(self._lines)
        self.number += 1
        if line is None:
            self._past = True
            raise csv.Error(past_record("the line", self.limits))
        self.record.append(line)
        self._size += len(line)
        try:
            return line.decode("utf-8") + "\n"
        except UnicodeDecodeError as error:
            self.spoilt = f"not UTF-8 at byte {error.start + 1} of line {self.number}"
            return line.decode("utf-8", "replace") + "\n"

    def peek(self, number: int) -> list[str]:
        """The next lines, at most so many, which are read again later."""
        ahead = [*self._again, *itertools.islice(self._lines, max(0, number - len(self._again)))]
        self._again = deque(ahead)
        return [line.decode("utf-8", "replace") for line in ahead if line is not None]

    def start_record(self) -> int:
        """Forgets the last record; the line that the next one begins on."""
        self.record.clear()
        self._size = 0
        self._stopped = self._past = False
        self.spoilt = ""
        return self.number + 1

    @property
    def raw(self) -> bytes:
        """The record at hand as it stood in the file."""
        return b"\n".join(self.record)

    def _fails_here(self) -> bool:
        """Whether what is open at the end of the latest line can be no more than a quote."""
        escaped = self.escape is not None and self.record[-1].endswith(self.escape.encode())
        return self._fails.alone or not escaped

    @property
    def second(self) -> list[str]:
        """The second line of the record at hand, where a quote was left open in its first."""
        lines: Iterable[bytes | None] = self.record[1:2]
        if self._stopped and not (self._fails.alone or lines):
            lines = itertools.islice(self._again, 1)
        return [line.decode("utf-8", "surrogateescape") for line in lines if line is not None]

    def swallow(self) -> None:
        """Takes into the record at hand all lines up to where it is known to fail."""
        while self._stopped and not self._fails.alone and self.number < self._fails.at:
            self.record.append(self._again.popleft() or b"")
            self.number += 1

    def back_to_second(self, error: str) -> None:
        """Gives back all lines of the record at hand but its first, as it failed so."""
        if self.number > self._fails.at and not self._past:
            self._fails = _Fails(self.number, error)
        elif self.number >= self._fails.at:
            self._read_again += self._size
            if self._read_again > READ_AGAIN:
                self._fails = _Fails(self.number, "unexpected end of line", alone=True)
        self._again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        del self.record[1:]


_Row = tuple[int, list[str], bytes]
"""A line, the values of its row, and the row as it stood there."""


class _Rows:
    """Rows of a table that are read together."""

    def __init__(self, names: list[str], plan: Plan | None, content: Content) -> None:
        self._names = names
        self._plan = plan
        self._content = content
        self._found: list[_Row] = []
        self._size = 0
        self._begun = deque[tuple[Stand, int, Callable[[], Iterator[FoundRecord | PlainRows]]]]()
        """Rows that are read while others are found, and how far the file was read for them."""
        self._waiting = 0

    def add(self, line: int, values: list[str], raw: bytes) -> Iterator[FoundRecord | PlainRows]:
        """Takes a row; those whose turn has come, in order, usual ones together."""
        self._found.append((line, values, raw))
        self._size += len(raw)
        if len(self._found) < _ROWS:
            return
        self._begin()
        workers = self._content.workers
        while self._begun and (
            len(self._begun) > workers.ahead or self._waiting > workers.threads * BLOCK
        ):
            yield from self._next()

    def taken(self) -> Iterator[FoundRecord | PlainRows]:
        """All rows so far."""
        if self._found:
            self._begin()
        while self._begun:
            yield from self._next()

    def _begin(self) -> None:
        work = partial(_split, self._found, self._names, self._plan)
        few = len(self._found) <= _FEW  # which a thread would take longer to be told of
        begun = work if few else self._content.workers.begin(work)
        self._begun.append((self._content.stand, self._size, begun))
        self._waiting += self._size
        self._found, self._size = [], 0

    def _next(self) -> Iterator[FoundRecord | PlainRows]:
        now = self._content.stand
        self._content.stand, size, begun = self._begun.popleft()
        self._waiting -= size
        yield from begun()
        self._content.stand = now


def _split(
    found: list[_Row], names: list[str], plan: Plan | None
) -> Iterator[FoundRecord | PlainRows]:
    """Some rows, in order; those that are read in columns are so at once, on whatever thread."""
    import pyarrow as pa

    raws = {line: raw for line, _, raw in found}
    parts: Iterator[PlainRows | int] | None = None
    if len(found) > _FEW and plan is not None:
        values = zip(*(row[1] for row in found), strict=True)
        columns = [pa.array(column, pa.large_string()) for column in values]
        parts = split_table(dict(zip(names, columns, strict=True)), plan, 0, raws.__getitem__)
    lines = np.array(list(raws), np.int64)

    def in_order() -> Iterator[FoundRecord | PlainRows]:
        for part in parts or range(len(found)):
            if isinstance(part, PlainRows):
                yield replace(part, numbers=lines[part.numbers])
            else:
                line, row, raw = found[part]
                yield line, dict(zip(names, row, strict=True)), raw

    return in_order()


def read_csv(
    content: Content, reject: Reject, plan_for: PlanFor, delimiter: str | None = None
) -> Iterator[FoundRecord | PlainRows]:
    """Records of a table with a header; numbered by the line that each begins on.

    Without a delimiter given, it is told by the header; see `dialect_of`. A row of another width
    than the header, or with a quote left open, is rejected.
    """
    longest = 2 * content.limits.record_bytes + 1  # a row is past its limit before
    if csv.field_size_limit() < longest:  # csv's own of 128 KiB is shorter than a long article
        csv.field_size_limit(longest)
    source = _Lines(content)
    header = _header(source, delimiter, content.head[:_SAMPLE])
    if header is None:
        return
    names, reader = header
    rows = reader(source)
    together = _Rows(names, plan_for(tuple(names)), content)
    while True:
        first = source.start_record()
        try:
            values = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            yield from together.taken()
            _recover(source, names, reader, str(error))
            to = f" (to line {source.number})" if source.number > first else ""
            reject(first, f"broken table row{to}: {_in_words(error)}", source.raw)
            continue
        wrong = source.spoilt or _misfit(values, len(names))
        if wrong:
            yield from together.taken()
            reject(first, wrong, source.raw)
        elif any(values):
            yield from together.add(first, values, source.raw)
    yield from together.taken()
    if content.damage:
        reject(source.number + 1, f"{content.damage} at line {source.number + 1}", b"")


read_tsv = partial(read_csv, delimiter="\t")


def _misfit(values: list[str], wanted: int) -> str:
    """Why a row does not fit its header; delimiters at its end that part nothing are dropped."""
    if not any(values[wanted:]):
        del values[wanted:]
    fits = not values or len(values) == wanted
    return "" if fits else f"{len(values)} columns, the header has {wanted}"


Reader = Callable[[Iterable[str]], Iterator[list[str]]]


def _header(
    source: _Lines, delimiter: str | None, sample: bytes
) -> tuple[list[str], Reader] | None:
    """Column names, and what reads rows; None for an empty file."""
    ahead = source.peek(LINES_TRIED)
    if not any(line.strip() for line in ahead):
        return None
    dialect = dialect_of(ahead, delimiter)
    for _ in itertools.islice(source, dialect.header):
        pass
    source.start_record()
    if escapes_by_backslash(sample.decode("utf-8", "replace"), dialect.delimiter):
        source.escape = "\\"
    reader = partial(
        csv.reader,
        delimiter=dialect.delimiter,
        strict=True,
        escapechar=source.escape,
    )
    try:
        names = next(reader(source))
    except csv.Error as error:
        raise SourceError(f"{source.name}: broken table header: {error}") from None
    limits = source.limits
    if len(names) > limits.columns:
        raise SourceError(f"{source.name}: {past_columns(len(names), limits)}")
    return _distinct(names), reader


def _distinct(names: list[str]) -> list[str]:
    """Each column gets a name of its own, so that none hides another one's values."""
    seen: set[str] = set()
    for n, name in enumerate(map(str.strip, names), 1):
        own = name if name and name not in seen else f"{name or 'column'} {n}"
        while own in seen:
            own += "'"
        seen.add(own)
        names[n - 1] = own
    return names


def _recover(source: _Lines, names: list[str], reader: Reader, error: str) -> None:
    """After a quote left open swallowed further lines: reads those again, if they are rows."""
    if not (second := source.second):
        return
    try:
        values = next(reader(second), [])
    except csv.Error:
        values = []
    if len(values) == len(names):
        source.back_to_second(error)
    else:
        source.swallow()


def _in_words(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quote is opened here and never closed"
    if "expected after" in str(error):
        return "text stands between a closing quote and the next column; double quotes inside text"
    return str(error)
