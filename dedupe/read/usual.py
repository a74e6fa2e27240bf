"""Lines and rows of the usual shape, straight into columns, without an object for each record.

What a kernel takes is read as the reader of single records would read it; every other line is left
to that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from dedupe.moments import DAY, since_1970
from dedupe.read.batch import article_schema, date_column, text_column
from dedupe.read.date_text import FIRST_YEAR, LAST_YEAR
from dedupe.read.plan import Plan
from dedupe.read.values import primary_subtag
from dedupe.tokens import Texts, as_column, buffers

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

FIRST_TICK, LAST_TICK = (
    since_1970(datetime(year, 1, 1, tzinfo=UTC)) for year in (FIRST_YEAR, LAST_YEAR)
)
"""Microseconds from 1970 on of the years that a date may have."""
MOST_OTHERS = 0.5
"""Share of the lines of a block that may be left over; if it is more, the shape is learnt anew."""


@dataclass(frozen=True, slots=True)
class PlainRows:
    """Articles of some lines or rows that follow each other, each with an id of its own."""

    batch: pa.RecordBatch
    numbers: NDArray[np.int64]
    """Numbers of their lines or rows in the file (n,)."""
    raw: Callable[[int], bytes]
    """How one of them stood in the file, by its number; b"" where it has no own form there."""
    longest: int
    """No field that names an article has more bytes."""

    def less(self, rows: list[int]) -> PlainRows:
        """The articles but these rows."""
        import pyarrow as pa

        kept = np.ones(len(self.numbers), np.bool_)
        kept[rows] = False
        batch = self.batch.filter(pa.array(kept))
        return PlainRows(batch, self.numbers[kept], self.raw, self.longest)


class Other(NamedTuple):
    """A line that is left to the reader of single records."""

    number: int
    line: bytes
    wrong: ValueError | None = None
    """What it was found to be wrong with, once that one has looked at it."""


Read = tuple[
    list[tuple["NDArray[np.uint8]", "NDArray[np.int64]"]],
    "NDArray[np.int64]",
    "NDArray[np.int64]",
    "NDArray[np.int64]",
]
"""What the kernels return: texts, dates, what was taken, and what was not."""


def split_block(data: bytes, plan: Plan) -> Callable[[int], Iterator[PlainRows | Other]]:
    """The lines of a block, in order: usual ones together, others one by one.

    They come once the number of the first line is given. Blank lines are passed over.
    """
    from dedupe.kernels.articles import lines

    columns, alone = np.array(plan.columns, np.int64), np.array(plan.alone, np.bool_)
    found = _Found.of(lines(np.frombuffer(data, np.uint8), plan.names, columns, alone))
    spans = found.taken

    def numbered(number: int) -> Iterator[PlainRows | Other]:
        def raw(line: int) -> bytes:
            at = np.searchsorted(spans[:, 0], line - number)
            return data[spans[at, 1] : spans[at, 2]]

        for part in found.parts(number, raw):
            if isinstance(part, PlainRows):
                yield part
            else:
                line, begin, end = part
                yield Other(line, data[begin:end])

    return numbered


def split_table(
    columns: Mapping[str, pa.Array],
    plan: Plan,
    number: int,
    raw: Callable[[int], bytes],
) -> Iterator[PlainRows | int] | None:
    """The rows of a part of a table, in order: usual ones together, the numbers of all others.

    ``number`` is that of the first row, ``raw`` as of PlainRows. None where a column that counts
    has values of another kind than strings, an id that are whole numbers, and dates.
    """
    import pyarrow as pa

    from dedupe.kernels.articles import COLUMNS, NO_DATE, rows

    kinds, roles, alone = COLUMNS.split(), list[int](), list[bool]()
    texts: list[tuple[NDArray[np.uint8], NDArray[np.int64]]] = []
    dates = np.full(len(next(iter(columns.values()))), NO_DATE, np.int64)
    for name, role, sole in zip(plan.names, plan.columns, plan.alone, strict=True):
        column, kind = columns[name], kinds[role]
        if kind == "date" and pa.types.is_timestamp(column.type):
            ticks = _ticks(column, sole=sole)
            if ticks is None:
                return None
            dates = ticks
        elif kind != "unused":
            text = _text(column, kind)
            if text is None:
                return None
            texts.append(text)
            roles.append(role)
            alone.append(sole)
    found = _Found.of(rows(texts, np.array(roles, np.int64), np.array(alone, np.bool_), dates))
    parts = found.parts(number, raw)
    return (part if isinstance(part, PlainRows) else part[0] for part in parts)


class _Found(NamedTuple):
    """What the kernels found in some lines or rows."""

    batch: pa.RecordBatch
    taken: NDArray[np.int64]
    others: NDArray[np.int64]
    longest: int

    @classmethod
    def of(cls, read: Read) -> _Found:
        texts, dates, taken, others = read
        longest = max(int(np.diff(texts[place][1]).max(initial=0)) for place in _NAMING)
        return cls(_batch(texts, dates), taken, others, longest)

    def parts(
        self, number: int, raw: Callable[[int], bytes]
    ) -> Iterator[PlainRows | tuple[int, int, int]]:
        batch, numbers, longest = self.batch, self.taken[:, 0] + number, self.longest
        first = 0
        for line, begin, end, before in self.others.tolist():
            if before > first:
                yield PlainRows(batch[first:before], numbers[first:before], raw, longest)
                first = before
            yield line + number, begin, end
        if first < len(numbers):
            yield PlainRows(batch[first:], numbers[first:], raw, longest)


_NAMING = (0, 1, 3, 4)
"""Places of id, title, source and url in the texts that the kernels return."""


def _ticks(column: pa.Array, *, sole: bool) -> NDArray[np.int64] | None:
    """Microseconds since 1970, NO_DATE for null; None where another column may say more."""
    from dedupe.kernels.articles import NO_DATE

    if column.null_count and not sole:
        return None
    found = in_microseconds(column).fill_null(NO_DATE).to_numpy(zero_copy_only=False)
    if not sole and (found % DAY == 0).any():
        return None
    usual = (found == NO_DATE) | ((found >= FIRST_TICK) & (found < LAST_TICK))
    return found if usual.all() else None


_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def in_microseconds(column: pa.Array) -> pa.Int64Array:
    """A column of timestamps of any unit and zone as microseconds since 1970; null past int64.

    Through integers: the zone's name may be known nowhere, nanoseconds and years beyond 9999 are
    errors to the direct way, and seconds may be more than microseconds can count.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    ticks, unit = column.view(pa.int64()), _PER_SECOND[column.type.unit]
    if unit > 10**6:
        # Downwards, as before 1970 too.
        found = np.floor_divide(ticks.fill_null(0).to_numpy(zero_copy_only=False), unit // 10**6)
        return pa.array(found, pa.int64(), mask=ticks.is_null().to_numpy(zero_copy_only=False))
    factor = 10**6 // unit
    most = (2**63 - 1) // factor
    within = pc.and_(pc.greater_equal(ticks, -most), pc.less_equal(ticks, most))
    return pc.multiply(pc.if_else(within, ticks, None), factor)


def _text(column: pa.Array, kind: str) -> Texts | None:
    """A column of strings in Arrow's layout, empty for null; None for any other column."""
    import pyarrow as pa

    strings = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if not strings and not (kind == "id" and pa.types.is_integer(column.type)):
        return None
    text = column.cast(pa.large_string()).fill_null("")
    return buffers(text)


def _batch(
    texts: list[tuple[NDArray[np.uint8], NDArray[np.int64]]], dates: NDArray[np.int64]
) -> pa.RecordBatch:
    import pyarrow as pa

    from dedupe.kernels.articles import NO_DATE

    identity, title, text, source, url, lang = (as_column(Texts(*column)) for column in texts)
    dated = date_column(dates, dates != NO_DATE)
    spoken = lang
    if len(texts[-1][0]):
        written = lang.to_pylist()
        tags = {value: primary_subtag(value) if value else "" for value in set(written)}
        spoken = text_column([tags[value] for value in written])
    arrays = [identity, title, text, dated, source, url, spoken]
    return pa.RecordBatch.from_arrays(arrays, schema=article_schema())


def as_json(record: Any) -> bytes:
    """A record that has no bytes of its own in the source, such as a Parquet row.

    Where JSON can't hold it, as Python writes it; nothing of what is nested too deep for both.
    """
    try:
        return orjson.dumps(record, default=str)
    except (TypeError, RecursionError):
        pass
    try:
        return repr(record).encode("utf-8", "backslashreplace")
    except RecursionError:
        return b""
