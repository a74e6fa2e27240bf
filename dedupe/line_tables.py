"""What recurring lines are told by, as tables of a few articles: sketches in, verdicts out.

And the sketches of articles without them, in the form in which their copies are sought.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.copy_tables import ROW
from dedupe.recurring import LineHolders, unlike_holders, without_lines_of
from dedupe.sketch import MarkedTerms
from dedupe.sketch_form import NUMBERS, as_arrow, from_arrow, sketch_form_of, sketch_schema
from dedupe.usual import zeros_by_bucket

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.config import Settings

GROUPS, LEFT_OUT = "line_groups", "left_out"
"""Columns beside those of sketches. Lines that an article is the first to hold, each as int64: its
number, its place in the last article, how many articles there are, and their numbers. And bytes of
0 and 1, a line each, 1 where it goes; null where none does."""
OWN = ("own_terms", "own_counts", "own_flags")
"""Columns of all terms that an article has without its lines that recur."""


class BucketWeights(NamedTuple):
    """What some buckets weigh; all others nothing."""

    buckets: NDArray[np.int64]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, every: NDArray[np.float32]) -> BucketWeights:
        """Of the weights of all buckets those that are not 0."""
        buckets = np.flatnonzero(every)
        return cls(buckets, every[buckets])

    def every(self) -> NDArray[np.float32]:
        """The weights of all buckets."""
        found = zeros_by_bucket(np.float32, len(self.buckets))
        found[self.buckets] = self.weights
        return found


def verdict_schema() -> pa.Schema:
    """Columns of ``verdicts_of``."""
    import pyarrow as pa

    return pa.schema({"number": pa.int64(), "unlike": pa.bool_()})


def verdicts_of(table: pa.Table, settings: Settings, weights: BucketWeights) -> pa.Table:
    """Whether the holders of lines are unlike without them, a row a line.

    ``table`` has the columns of sketches, ROW and GROUPS; all articles of a line are in it.
    """
    import pyarrow as pa

    table = table.sort_by(ROW).combine_chunks()
    rows = table.column(ROW).to_numpy()
    form = sketch_form_of(settings, copies_only=False)
    batch = table.select(sketch_schema().names).to_batches()[0]
    sketch = from_arrow(batch, settings, form, 0)[3]
    groups = sorted(
        group for held in table.column(GROUPS).to_pylist() for group in _groups_in(held or b"")
    )
    lines, terms = sketch.lines, sketch.wordings
    if lines is None:
        raise ValueError("sketched without lines")
    places = [np.searchsorted(rows, group) for _, _, group in groups]
    ends = np.cumsum([0, *(len(own) for own in places)]).astype(np.int64)
    last = np.array([own[-1] for own in places], np.int64)
    one = lines.bounds[last] + np.array([line for _, line, _ in groups], np.int64)
    holders = LineHolders(np.concatenate(places).astype(np.int32), ends, one)
    unlike = unlike_holders(holders, lines, terms.buckets, terms.bounds, weights.every())
    return pa.table([[number for number, _, _ in groups], unlike], schema=verdict_schema())


def _groups_in(held: bytes) -> list[tuple[int, int, list[int]]]:
    """Lines with their number, their place in the last article, and their articles."""
    values, found, at = np.frombuffer(held, "<i8").tolist(), [], 0
    while at < len(values):
        number, line, count = values[at : at + 3]
        found.append((number, line, values[at + 3 : at + 3 + count]))
        at += 3 + count
    return found


def own_schema() -> pa.Schema:
    """Columns of ``own_sketches``: those of sketches of copies, ROW, and OWN."""
    import pyarrow as pa

    more = {ROW: pa.int64()} | dict.fromkeys(OWN, pa.large_binary())
    return pa.schema([*sketch_schema(), *(pa.field(name, kind) for name, kind in more.items())])


def own_sketches(batch: pa.RecordBatch, settings: Settings) -> pa.RecordBatch:
    """Sketches without the lines that recur, as they are where copies are sought, and all terms.

    ``batch`` has the columns of sketches of copies and stories, ROW and LEFT_OUT.
    """
    import pyarrow as pa

    form = sketch_form_of(settings, copies_only=False)
    columns, again, _, made = from_arrow(batch, settings, form, 0)
    if made.lines is None:
        raise ValueError("sketched without lines")
    left_out = np.zeros(len(made.lines.keys), np.bool_)
    for row, held in enumerate(batch.column(LEFT_OUT).to_pylist()):
        if held:
            first, end = made.lines.bounds[row : row + 2]
            left_out[first:end] = np.frombuffer(held, np.bool_)
    if left_out.any():
        made = without_lines_of(made, left_out, settings)
    terms, bounds = made.wordings, made.wordings.bounds
    telling = terms.flags != 0
    packed = (terms.buckets << np.uint32(8) | terms.flags)[telling]
    ends = np.concatenate(([0], np.cumsum(telling)))[bounds]
    own = replace(made, terms=None, lines=None, languages=(), telling=MarkedTerms(packed, ends))
    found = as_arrow(sketch_form_of(settings, copies_only=True), columns, again, own)
    kinds = [NUMBERS[name] for name in ("terms", "term_counts", "term_flags")]
    values: tuple[NDArray[Any], ...] = (terms.buckets, terms.counts, terms.flags)
    arrays = [
        bytes_column(each.astype(kind), bounds) for each, kind in zip(values, kinds, strict=True)
    ]
    return pa.RecordBatch.from_arrays(
        [*found.columns, batch.column(ROW), *arrays], schema=own_schema()
    )


def bytes_column(values: NDArray[Any], bounds: NDArray[np.int64]) -> pa.Array:
    """Ragged numbers as a column of bytes, a row for each of the bounds but the last."""
    import pyarrow as pa

    buffers = [None, pa.py_buffer(bounds * values.itemsize), pa.py_buffer(values)]
    return pa.Array.from_buffers(pa.large_binary(), len(bounds) - 1, buffers)


def ragged_column(column: pa.ChunkedArray, kind: str) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Numbers of a column of bytes, one row's after the other's, and where each row's begin."""
    import pyarrow as pa

    held = column.cast(pa.large_binary()).combine_chunks()
    _, offsets, data = held.buffers()
    bounds = np.frombuffer(offsets, np.int64)[held.offset : held.offset + len(held) + 1]
    size = np.dtype(kind).itemsize
    first, count = int(bounds[0]), int(bounds[-1] - bounds[0]) // size
    values = np.frombuffer(data or b"", kind, count, first) if count else np.empty(0, kind)
    return values, (bounds - first) // size
