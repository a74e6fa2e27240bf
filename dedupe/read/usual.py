"""Lines and rows of the usual shape, straight into columns, without an object for each record.

What a kernel takes is read as the reader of single records would read it; every other line is left
to that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from dedupe.read.batch import article_schema, date_column, text_column
from dedupe.read.fields import Plan, primary_subtag
from dedupe.tokens import Texts, as_column, buffers

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

MOST_TICKS = 50_000_000_000_000_000
"""Microseconds from 1970 on, either way: years that Python's dates have, 385 to 3554."""
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

    def without(self, rows: list[int]) -> pa.RecordBatch:
        """The articles but these."""
        if not rows:
            return self.batch
        import pyarrow as pa

        kept = np.ones(len(self.numbers), np.bool_)
        kept[rows] = False
        return self.batch.filter(pa.array(kept))


class Other(NamedTuple):
    """A line that is left to the reader of single records."""

    number: int
    line: bytes


Read = tuple[
    list[tuple["NDArray[np.uint8]", "NDArray[np.int64]"]],
    "NDArray[np.int64]",
    "NDArray[np.int64]",
    "NDArray[np.int64]",
]
"""What the kernels return: texts, dates, what was taken, and what was not."""


def split_block(data: bytes, plan: Plan, number: int) -> Iterator[PlainRows | Other]:
    """The lines of a block, in order: usual ones together, others one by one.

    ``number`` is that of the first line. Blank lines are passed over.
    """
    from dedupe.kernels.articles import lines

    columns, alone = np.array(plan.columns, np.int64), np.array(plan.alone, np.bool_)
    found = lines(np.frombuffer(data, np.uint8), plan.names, columns, alone)
    spans = found[2]

    def raw(line: int) -> bytes:
        at = np.searchsorted(spans[:, 0], line - number)
        return data[spans[at, 1] : spans[at, 2]]

    for part in _parts(found, number, raw):
        if isinstance(part, PlainRows):
            yield part
        else:
            line, begin, end = part
            yield Other(line, data[begin:end])


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
    found = rows(texts, np.array(roles, np.int64), np.array(alone, np.bool_), dates)
    return (part if isinstance(part, PlainRows) else part[0] for part in _parts(found, number, raw))


def _parts(
    found: Read, number: int, raw: Callable[[int], bytes]
) -> Iterator[PlainRows | tuple[int, int, int]]:
    texts, dates, taken, others = found
    batch, numbers = _batch(texts, dates), taken[:, 0] + number
    first = 0
    for line, begin, end, before in others.tolist():
        if before > first:
            yield PlainRows(batch[first:before], numbers[first:before], raw)
            first = before
        yield line + number, begin, end
    if first < len(numbers):
        yield PlainRows(batch[first:], numbers[first:], raw)


def _ticks(column: pa.Array, *, sole: bool) -> NDArray[np.int64] | None:
    """Microseconds since 1970, NO_DATE for null; None where another column may stand in for it."""
    import pyarrow as pa

    from dedupe.kernels.articles import NO_DATE

    if column.null_count and not sole:
        return None
    ticks = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    found = ticks.fill_null(NO_DATE).to_numpy()
    return found if ((found == NO_DATE) | (np.abs(found) < MOST_TICKS)).all() else None


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
    spoken = text_column([primary_subtag(value) if value else "" for value in lang.to_pylist()])
    arrays = [identity, title, text, dated, source, url, spoken]
    return pa.RecordBatch.from_arrays(arrays, schema=article_schema())


def as_json(record: Mapping[str, Any]) -> bytes:
    """A record that has no bytes of its own in the source, such as a Parquet row."""
    try:
        return orjson.dumps(record, default=str)
    except TypeError:
        return repr(record).encode("utf-8", "backslashreplace")
