"""What an engine's workers do: batches of one partition in, batches of sketches out.

A partition may be empty, and its rows in any order. Workers raise nothing for a row that can't be
taken in: they hand on why, and the driver says so.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from dedupe.copy_tables import keys_of
from dedupe.line_tables import own_sketches
from dedupe.read import article_schema, batches_from
from dedupe.sketch_form import POSITION, sketch_schema
from dedupe.sketches import sketches_of
from dedupe.story_tables import counts_of, heaviest_of, weighed_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedupe.config import Settings
    from dedupe.model import Rejection
    from dedupe.read import FieldKeys
    from dedupe.term_scale import TermScale

AGAIN = "again"
REFUSED = "refused"
"""A column beside those of sketches: why a row could not be taken in, null where it was."""
ROWS = 512
"""Articles that are sketched at a time: an engine may hand over 10,000 in a batch."""
_KINDS = {
    pa.string(): "string",
    pa.large_string(): "string",
    pa.binary(): "binary",
    pa.large_binary(): "binary",
    pa.bool_(): "boolean",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.timestamp("us", tz="UTC"): "timestamp",
    pa.list_(pa.int32()): "array<int>",
    pa.list_(pa.int64()): "array<bigint>",
    pa.list_(pa.float64()): "array<double>",
}
"""Types as Spark calls them."""
_SMALL = {pa.large_string(): pa.string(), pa.large_binary(): pa.binary()}
"""Spark takes text and bytes with offsets of 32 bits, of which a batch of ours has enough."""
MOST_TOLD = 100
"""Refusals that a partition hands on."""


def spark_columns(beside: str) -> str:
    """The columns of sketches, and those ``beside``, in Spark's words."""
    return f"{spark_types(sketch_schema())}, {beside}"


def spark_types(schema: pa.Schema) -> str:
    """The columns of a schema in Spark's words."""
    return ", ".join(f"{field.name} {_KINDS[field.type]}" for field in schema)


class Sketching(NamedTuple):
    """How workers sketch."""

    settings: Settings
    copies_only: bool

    @classmethod
    def alone(cls, settings: Settings, *, copies_only: bool) -> Sketching:
        """On one thread: an engine runs as many tasks as it has processors."""
        return cls(replace(settings, threads=1), copies_only)


def sketch_in_place(how: Sketching, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Sketches of articles that a reader told apart, each with its position."""
    waiting: deque[pa.RecordBatch] = deque()

    def articles() -> Iterator[pa.RecordBatch]:
        for batch in _by_rows(batches):
            waiting.append(batch)
            arrays = [batch.column(field.name).cast(field.type) for field in article_schema()]
            yield pa.RecordBatch.from_arrays(arrays, schema=article_schema())

    def again(_: list[str]) -> list[bool]:
        told: list[bool] = waiting[0].column(AGAIN).to_pylist()
        return told

    made = sketches_of(articles(), how.settings, again, copies_only=how.copies_only)
    for sketches in made:
        yield _as_spark(sketches, POSITION, waiting.popleft().column(POSITION))


def sketch_rows(
    how: Sketching, keys: FieldKeys, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Sketches of whatever rows hold articles, and why others could not be taken in."""
    refused: list[str] = []

    def reject(rejection: Rejection) -> None:
        if len(refused) < MOST_TOLD:
            record = rejection.raw.decode("utf-8", "replace")
            refused.append(f"{rejection.reason}; the row begins {record[:120]!r}")

    def articles() -> Iterator[pa.RecordBatch]:
        parts = _by_rows(batches)
        for batch in batches_from(
            parts, keys=keys, on_reject=reject, on_note=lambda _: None, ids_as_given=True
        ):
            named = pc.not_equal(batch.column("id"), "")
            nameless = batch.filter(pc.invert(named)).column("title").to_pylist()
            refused.extend(
                f"it has no id; its title is {title[:120]!r}"
                for title in nameless[: MOST_TOLD - len(refused)]
            )
            if len(nameless) < len(batch):
                yield batch.filter(named)

    def again(names: list[str]) -> list[bool]:
        return [False] * len(names)

    made = sketches_of(articles(), how.settings, again, copies_only=how.copies_only)
    for sketches in made:
        yield _as_spark(sketches, REFUSED, pa.nulls(len(sketches), pa.string()))
    if refused:
        nothing = [pa.nulls(len(refused), field.type) for field in sketch_schema()]
        empty = pa.RecordBatch.from_arrays(nothing, names=sketch_schema().names)
        yield _as_spark(empty, REFUSED, pa.array(refused, pa.string()))


def _by_rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for first in range(0, len(batch), ROWS):
            yield batch.slice(first, ROWS)


def leave_out(settings: Settings, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Sketches without the lines that recur, see line_tables.own_sketches."""
    for batch in _by_rows(batches):
        made = pa.Table.from_batches([own_sketches(batch, settings)])
        yield from spark_values(made).to_batches()


def make_keys(
    settings: Settings, key: str, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Keys of sketches, see copy_tables.keys_of."""
    for batch in _by_rows(batches):
        yield keys_of(batch, settings, key)


ENTRIES, TERM_BYTES = 1 << 20, 7
"""Terms that are counted together, as more of the same are one row; and bytes that each takes."""


def count_terms(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Counts of terms, some articles at a time, see story_tables.counts_of."""
    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in _by_rows(batches):
        waiting.append(batch)
        size += batch.nbytes // TERM_BYTES
        if size >= ENTRIES:
            yield from counts_of(pa.Table.from_batches(waiting)).to_batches()
            waiting, size = [], 0
    if waiting:
        yield from counts_of(pa.Table.from_batches(waiting)).to_batches()


def weigh_rows(scale: TermScale, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Articles by their weighed terms, see story_tables.weighed_of."""
    for batch in _by_rows(batches):
        yield from weighed_of(pa.Table.from_batches([batch]), scale).to_batches()


def heaviest_rows(most: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The heaviest terms of articles, see story_tables.heaviest_of."""
    for batch in _by_rows(batches):
        yield from heaviest_of(pa.Table.from_batches([batch]), most).to_batches()


def _as_spark(batch: pa.RecordBatch, name: str, beside: pa.Array) -> pa.RecordBatch:
    """A batch with one more column, of types that Spark takes."""
    taken = spark_values(pa.Table.from_batches([batch]))
    arrays = [column.combine_chunks() for column in taken.columns]
    return pa.RecordBatch.from_arrays([*arrays, beside], names=[*batch.schema.names, name])


def spark_values(table: pa.Table) -> pa.Table:
    """A table, as small as a batch, of types that Spark takes."""
    kinds = [_SMALL.get(column.type, column.type) for column in table.columns]
    arrays = [column.cast(kind) for column, kind in zip(table.columns, kinds, strict=True)]
    return pa.table(arrays, names=table.schema.names)
