"""Parquet, by row group: only columns that an article is made of.

A few kilobytes of Parquet can say that a text of a megabyte stands in each of a million rows. So
texts stay references to the values of a dictionary until their lengths are known, and all that is
made of a file is counted against its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.errors import SourceError
from dedupe.read.ahead import in_turn
from dedupe.read.arrow import plan_of, split_rows
from dedupe.read.budget import (
    LINE_BYTES,
    in_words,
    past_columns,
    past_ratio,
    past_record,
    unpacks_too_far,
)
from dedupe.read.content import Content
from dedupe.read.footer import Chunk, chunks_of, largest_page
from dedupe.read.found import FoundRecord, Reject
from dedupe.read.plan import PlanFor
from dedupe.read.usual import PlainRows

if TYPE_CHECKING:
    from typing import BinaryIO

    import pyarrow as pa
    from numpy.typing import NDArray
    from pyarrow.parquet import ParquetFile

_ROWS = 1024
"""Rows made into Python values at a time."""
_PART_BYTES = 16 << 20
"""Bytes of texts after which fewer rows make a part."""
_REFERRED = 64 << 20
"""Bytes in a row group up to which texts are read as references: those of a larger one are as many
bytes on the disk, and to look each up in a dictionary takes time."""
_VALUE_BYTES = 8
"""What a value counts for against the size of the file, however little it holds."""

Wanted = Callable[[Iterable[str]], list[str]]
Rows = Iterator[FoundRecord | PlainRows]


class _Part(NamedTuple):
    """Some rows whose texts fit into memory."""

    rows: pa.RecordBatch
    made: int
    """How much will be made of them."""
    in_all: int
    """The same with all that stands before them in the file."""
    first: int
    """The number of the first."""


def read_parquet(
    content: Content, reject: Reject, wanted: Wanted, plan_for: PlanFor
) -> Iterator[FoundRecord | PlainRows]:
    """Records of a Parquet file, numbered by row from 1.

    ``wanted`` chooses among the column names. A row group that cannot be read is rejected as one,
    and the reading goes on behind it. Raises SourceError where the file as a whole is broken.
    """
    with content.seekable() as file:
        yield from _Table(content, file, reject, wanted).records(plan_for)


class _Table:
    """One open file, and how much was made of it."""

    def __init__(self, content: Content, file: BinaryIO, reject: Reject, wanted: Wanted) -> None:
        self._content = content
        self._limits = content.limits
        self._reject = reject
        self._file = file
        self._size = file.seek(0, 2)
        self._workers = content.workers
        self._made = 0
        self._waiting = 0
        """What will be made of the parts whose turn has not come."""
        self._opened = self._open(None)
        self._metadata = self._opened.metadata
        self._chunks: list[Chunk] = []
        self._columns = self._chosen(wanted)

    def _open(self, referred: list[str] | None) -> ParquetFile:
        import pyarrow.parquet as pq

        self._file.seek(0)
        try:
            return pq.ParquetFile(self._file, read_dictionary=referred)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - see below
            reason = f"broken Parquet file: {in_words(error)}"
            raise SourceError(f"{self._content.name}: {reason}") from None

    def _chosen(self, wanted: Wanted) -> list[str]:
        """The columns that are read."""
        name = self._content.name
        count = self._metadata.num_columns
        if count > self._limits.columns:
            raise SourceError(f"{name}: {past_columns(count, self._limits)}")
        try:
            return wanted(self._opened.schema_arrow.names)
        except UnicodeDecodeError:
            raise SourceError(f"{name}: the name of a column is not UTF-8") from None

    def records(self, plan_for: PlanFor) -> Iterator[FoundRecord | PlainRows]:
        """All records, in order."""
        row, count = 0, self._metadata.num_row_groups
        for group in range(count):
            rows = self._metadata.row_group(group).num_rows
            if rows > 0:
                yield from self._group(group, row + 1, row + rows, plan_for)
            row += rows
            if self._content.is_file:
                place = self._size * row // max(self._metadata.num_rows, 1)
                self._content.read_up_to(place)

    def _group(
        self, group: int, first: int, last: int, plan_for: PlanFor
    ) -> Iterator[FoundRecord | PlainRows]:
        """The records of one row group, whose first and last row have these numbers."""
        try:
            size = self._size_of(group)
            if self._too_far(self._made + size):
                self._reject_rows(first, last, past_ratio(self._limits))
                return
            parts = self._numbered(self._batches(group, size), first)
            for part, found in in_turn(parts, partial(self._begun, plan_for), self._ahead):
                self._waiting -= part.made
                self._made = part.in_all
                if self._too_far(self._made):
                    self._reject_rows(first, last, past_ratio(self._limits))
                    return
                if self._is_long(part):
                    self._reject(first, past_record("the row", self._limits), b"")
                else:
                    yield from found()
                first += len(part.rows)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - pyarrow's, of any kind where a file is broken
            reason = f"rows {first} to {last} cannot be read: {in_words(error)}"
            self._reject(first, reason, b"")

    def _numbered(self, batches: Iterator[pa.RecordBatch], first: int) -> Iterator[_Part]:
        """The batches in parts, of which the first row has this number."""
        in_all = self._made
        for batch in batches:
            for rows, made in _parts(batch):
                in_all += made
                self._waiting += made
                yield _Part(rows, made, in_all, first)
                first += len(rows)

    def _begun(self, plan_for: PlanFor, part: _Part) -> Callable[[], Rows]:
        """Begins to read a part, unless it will be rejected."""
        if self._too_far(part.in_all) or self._is_long(part):
            return lambda: iter(())
        plan = plan_of(part.rows, plan_for)
        return self._workers.begin(partial(split_rows, part.rows, plan, part.first))

    def _ahead(self) -> int:
        """How many parts may wait; a large one waits for its turn."""
        return self._workers.ahead if self._waiting < _PART_BYTES else 0

    def _is_long(self, part: _Part) -> bool:
        return len(part.rows) == 1 and part.made > self._limits.record_bytes

    def _reject_rows(self, first: int, last: int, reason: str) -> None:
        self._reject(first, f"rows {first} to {last} are not read: {reason}", b"")

    def _too_far(self, size: int) -> bool:
        return unpacks_too_far(size, self._size, self._limits)

    def _size_of(self, group: int) -> int:
        """What the columns of a row group that are read are said to take unpacked.

        Raises ValueError where that cannot be.
        """
        if not self._chunks:
            self._chunks = list(chunks_of(self._file))
        count = self._metadata.num_columns
        if len(self._chunks) != count * self._metadata.num_row_groups:
            raise ValueError("the footer names other columns in one row group than in another")
        within = tuple(f"{name}." for name in self._columns)
        sizes = (
            max(chunk.size, _VALUE_BYTES * chunk.values, largest_page(self._file, chunk))
            for leaf, chunk in enumerate(self._chunks[group * count : (group + 1) * count])
            if f"{self._metadata.schema.column(leaf).path}.".startswith(within)
        )
        return sum(sizes)

    def _batches(self, group: int, size: int) -> Iterator[pa.RecordBatch]:
        opened = self._opened
        if size <= _REFERRED:
            fields = [opened.schema_arrow.field(n) for n in range(len(opened.schema_arrow))]
            opened = self._open([f.name for f in fields if _is_text(f.type)])
        batches: Iterator[pa.RecordBatch] = opened.iter_batches(
            _ROWS, row_groups=[group], columns=self._columns, use_threads=self._workers.threads > 1
        )
        return batches


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return any(
        is_kind(kind)
        for is_kind in (
            *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
            *(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view),
        )
    )


def _parts(batch: pa.RecordBatch) -> Iterator[tuple[pa.RecordBatch, int]]:
    """A batch in parts whose texts fit into memory, each with how much will be made of it."""
    sizes = np.full(len(batch), LINE_BYTES, np.int64)
    for column in batch.columns:
        sizes += _lengths(column)
    ends = np.cumsum(sizes)
    begin, before = 0, 0
    while begin < len(batch):
        stop = int(np.searchsorted(ends, before + _PART_BYTES, "right"))
        stop = max(begin + 1, min(stop, len(batch)))
        last = int(ends[stop - 1])
        yield batch.slice(begin, stop - begin), last - before
        begin, before = stop, last


def _lengths(column: pa.Array) -> NDArray[np.int64]:
    """Bytes of each value (n,); of what is neither text nor bytes, their mean."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
        found = pc.binary_length(column.dictionary).take(column.indices)
    elif _is_text(column.type):
        found = pc.binary_length(column)
    else:
        return np.full(len(column), -(-column.nbytes // max(len(column), 1)), np.int64)
    return np.asarray(found.cast(pa.int64()).fill_null(0), np.int64)
