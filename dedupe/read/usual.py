"""JSON Lines of the usual shape, straight into columns, without an object for each record.

What a kernel takes is read as the reader of single records would read it; every other line is left
to that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.read.batch import article_schema
from dedupe.read.fields import Plan, primary_subtag

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

MOST_OTHERS = 0.5
"""Share of the lines of a block that may be left over; if it is more, the shape is learnt anew."""


@dataclass(frozen=True, slots=True)
class PlainLines:
    """Articles of some lines that follow each other, each with an id of its own."""

    batch: pa.RecordBatch
    numbers: NDArray[np.int64]
    """Numbers of their lines in the file (n,)."""
    spans: NDArray[np.int64]
    """Where each line lies in ``data`` (n, 2)."""
    data: bytes

    def raw(self, row: int) -> bytes:
        """The line of an article."""
        begin, end = self.spans[row].tolist()
        return self.data[begin:end]

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


def split_block(data: bytes, plan: Plan, number: int) -> Iterator[PlainLines | Other]:
    """The lines of a block, in order: usual ones together, others one by one.

    ``number`` is that of the first line. Blank lines are passed over.
    """
    from dedupe.kernels.articles import lines

    columns, alone = np.array(plan.columns, np.int64), np.array(plan.alone, np.bool_)
    texts, dates, taken, others, _ = lines(
        np.frombuffer(data, np.uint8), plan.names, columns, alone
    )
    batch, numbers = _batch(texts, dates), taken[:, 0] + number
    first = 0
    for line, begin, end, before in others.tolist():
        if before > first:
            part = slice(first, before)
            yield PlainLines(batch[part], numbers[part], taken[part, 1:], data)
            first = before
        yield Other(line + number, data[begin:end])
    if first < len(numbers):
        yield PlainLines(batch[first:], numbers[first:], taken[first:, 1:], data)


def _batch(
    texts: list[tuple[NDArray[np.uint8], NDArray[np.int64]]], dates: NDArray[np.int64]
) -> pa.RecordBatch:
    import pyarrow as pa

    from dedupe.kernels.articles import NO_DATE

    schema = article_schema()
    columns = [
        pa.Array.from_buffers(
            pa.large_string(), len(dates), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
        )
        for data, offsets in texts
    ]
    dated = pa.array(dates, pa.int64(), mask=dates == NO_DATE).cast(schema.field("date").type)
    identity, title, text, source, url, lang = columns
    arrays = [identity, title, text, dated, source, url, _languages(lang)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _languages(written: pa.Array) -> pa.Array:
    """Languages as they are written to their primary subtags; a file has few."""
    import pyarrow as pa

    encoded = written.dictionary_encode()
    known = [primary_subtag(value) if value else "" for value in encoded.dictionary.to_pylist()]
    dictionary = pa.array(known, pa.large_string())
    return pa.DictionaryArray.from_arrays(encoded.indices, dictionary).cast(pa.large_string())
