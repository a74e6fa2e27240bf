"""Tables: CSV and TSV row by row, Parquet by row group, only columns that an article is made of."""

from __future__ import annotations

import csv
import io
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.errors import SourceError
from dedupe.moments import moment
from dedupe.read.content import Content, encoding_by_mark, guessed_encoding, lines, utf8_blocks
from dedupe.read.fields import Plan, PlanFor
from dedupe.read.jsonl import FoundRecord, Reject
from dedupe.read.usual import PlainRows, as_json, split_table

if TYPE_CHECKING:
    import pyarrow as pa

FIELD_LIMIT = 256 << 20
"""Characters in a field; csv's own limit of 128 KiB is shorter than a long article."""

_DELIMITERS = ",;\t|"


class _Lines:
    """The lines of a file for csv, and the memory of those that made up the record at hand."""

    def __init__(self, content: Content) -> None:
        head = content.head
        encoding = encoding_by_mark(head) or guessed_encoding(head, content.name)
        self._lines = lines(utf8_blocks(content, encoding), FIELD_LIMIT)
        self._again: deque[bytes] = deque()
        self.name = content.name
        self.number = 0
        self.spoilt = ""
        self.record: list[bytes] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.number += 1
        if line is None:
            raise csv.Error(f"the line is longer than {FIELD_LIMIT >> 20} MiB")
        self.record.append(line)
        try:
            return line.decode("utf-8") + "\n"
        except UnicodeDecodeError as error:
            self.spoilt = f"not UTF-8 at byte {error.start + 1} of line {self.number}"
            return line.decode("utf-8", "replace") + "\n"

    def start_record(self) -> int:
        """Forgets the last record; the line that the next one begins on."""
        self.record.clear()
        self.spoilt = ""
        return self.number + 1

    @property
    def raw(self) -> bytes:
        """The record at hand as it stood in the file."""
        return b"\n".join(self.record)

    def back_to_second(self) -> None:
        """Gives back all lines of the record at hand but its first."""
        self._again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        del self.record[1:]


class _Rows:
    """Rows of a table that are read together."""

    def __init__(self, names: list[str], plan: Plan | None) -> None:
        self._names = names
        self._plan = plan
        self._found: list[tuple[int, list[str], bytes]] = []

    def add(self, line: int, values: list[str], raw: bytes) -> bool:
        """Takes a row; whether there are enough."""
        self._found.append((line, values, raw))
        return len(self._found) >= _ROWS

    def taken(self) -> Iterator[FoundRecord | PlainRows]:
        """The rows so far, in order; usual ones together."""
        import pyarrow as pa

        found, self._found = self._found, []
        raws = {line: raw for line, _, raw in found}
        parts: Iterator[PlainRows | int] | None = None
        if found and self._plan is not None:
            values = zip(*(row[1] for row in found), strict=True)
            columns = [pa.array(column, pa.large_string()) for column in values]
            of_names = dict(zip(self._names, columns, strict=True))
            parts = split_table(of_names, self._plan, 0, raws.__getitem__)
        lines = np.array(list(raws), np.int64)
        for part in parts or range(len(found)):
            if isinstance(part, PlainRows):
                yield replace(part, numbers=lines[part.numbers])
            else:
                line, row, raw = found[part]
                yield line, dict(zip(self._names, row, strict=True)), raw


def read_csv(
    content: Content, reject: Reject, plan_for: PlanFor, delimiter: str | None = None
) -> Iterator[FoundRecord | PlainRows]:
    """Records of a table with a header; numbered by the line that each begins on.

    Without a delimiter given, it is the one of ``, ; tab |`` that the header has most of. A row
    of another width than the header, or with a quote left open, is rejected.
    """
    if csv.field_size_limit() < FIELD_LIMIT:
        csv.field_size_limit(FIELD_LIMIT)
    source = _Lines(content)
    header = _header(source, delimiter)
    if header is None:
        return
    names, delimiter = header
    rows = csv.reader(source, delimiter=delimiter, strict=True)
    together = _Rows(names, plan_for(tuple(names)))
    while True:
        first = source.start_record()
        try:
            values = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            yield from together.taken()
            _recover(source, names, delimiter)
            to = f" (to line {source.number})" if source.number > first else ""
            reject(first, f"broken table row{to}: {_in_words(error)}", source.raw)
            continue
        wrong = source.spoilt
        if values and len(values) != len(names):
            wrong = wrong or f"{len(values)} columns, the header has {len(names)}"
        if wrong:
            yield from together.taken()
            reject(first, wrong, source.raw)
        elif any(values) and together.add(first, values, source.raw):
            yield from together.taken()
    yield from together.taken()
    if content.damage:
        reject(source.number + 1, f"{content.damage} at line {source.number + 1}", b"")


read_tsv = partial(read_csv, delimiter="\t")


def _header(source: _Lines, delimiter: str | None) -> tuple[list[str], str] | None:
    """Column names and delimiter; None for an empty file."""
    first = next((line for line in source if line.strip()), None)
    if first is None:
        return None
    chosen = delimiter or max(_DELIMITERS, key=first.count)
    try:
        names = next(csv.reader(itertools.chain([first], source), delimiter=chosen, strict=True))
    except csv.Error as error:
        raise SourceError(f"{source.name}: broken table header: {error}") from None
    return _distinct(names), chosen


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


def _recover(source: _Lines, names: list[str], delimiter: str) -> None:
    """After a quote left open swallowed further lines: reads those again, if they are rows."""
    if len(source.record) < 2:
        return
    second = source.record[1].decode("utf-8", "surrogateescape")
    try:
        values = next(csv.reader([second], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return
    if len(values) == len(names):
        source.back_to_second()


def _in_words(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quote is opened here and never closed"
    if "expected after" in str(error):
        return "text stands between a closing quote and the next column; double quotes inside text"
    return str(error)


_ROWS = 1024
"""Rows made into Python values at a time."""

Wanted = Callable[[Iterable[str]], list[str]]


def read_parquet(
    content: Content, reject: Reject, wanted: Wanted, plan_for: PlanFor
) -> Iterator[FoundRecord | PlainRows]:
    """Records of a Parquet file, numbered by row from 1.

    ``wanted`` chooses among the column names. A row group that cannot be read is rejected as one,
    and the reading goes on behind it. Raises SourceError where the file as a whole is broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = content.seekable()
    size = 0 if isinstance(file, io.BytesIO) else file.seek(0, io.SEEK_END)
    try:
        table = pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{content.name}: broken Parquet file: {_first_line(error)}") from None
    with table:
        columns = wanted(table.schema_arrow.names)
        row = 0
        for group in range(table.num_row_groups):
            rows = table.metadata.row_group(group).num_rows
            read = 0
            try:
                for batch in table.iter_batches(_ROWS, row_groups=[group], columns=columns):
                    yield from _parquet_rows(batch, plan_for, row + read + 1)
                    read += len(batch)
            except (pa.ArrowException, OSError) as error:
                first = row + read + 1
                reason = f"rows {first} to {row + rows} cannot be read: {_first_line(error)}"
                reject(first, reason, b"")
            row += rows
            content.position = max(content.position, size * row // table.metadata.num_rows)


def _parquet_rows(
    batch: pa.RecordBatch, plan_for: PlanFor, number: int
) -> Iterator[FoundRecord | PlainRows]:
    names = batch.schema.names
    plan = plan_for(tuple(names)) if len(set(names)) == len(names) else None
    parts = None

    def records(first: int, size: int) -> list[dict[str, Any]]:
        columns = [_values(column) for column in batch.slice(first - number, size).columns]
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]

    if plan is not None:
        columns = dict(zip(names, batch.columns, strict=True))
        parts = split_table(columns, plan, number, lambda row: as_json(records(row, 1)[0]))
    for part in parts or (number,):
        if isinstance(part, PlainRows):
            yield part
            continue
        for row, record in enumerate(records(part, len(batch) if parts is None else 1), part):
            yield row, record, b""


def _values(column: pa.Array) -> list[Any]:
    """The column's values; one that Python has no value for as its bytes, a time as None."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        # Through integers: nanoseconds and years beyond 9999 are errors to the direct way.
        ticks = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
        return [None if tick is None else moment(tick) for tick in ticks.to_pylist()]
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return [_value(scalar) for scalar in column]


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes()
    except (ValueError, OverflowError):
        return None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
