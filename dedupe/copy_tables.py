"""What groups of copies are made of, as tables of a few articles: sketches in, numbers out.

Each function reads the rows that it is given and nothing else, so that it can be called wherever
sketches lie. Kernels trust what they get, so rows are looked into first, as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.buckets import band_table
from dedupe.candidates import SAMPLE_BITS, sampled_shingles
from dedupe.corpus import agreeing_compared, title_keys
from dedupe.novelty import Wordings, additions, differences, edited_shares
from dedupe.score import ShingleSets
from dedupe.sketch_form import from_arrow, sketch_form_of, sketch_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.sketch import Sketch

ROW, OTHERS, BLOCK = "row", "others", "block"
"""Columns beside those of sketches: the number of an article, those of what it is to be compared
with, as bytes of little-endian int64, and that of what is looked at together."""


def key_schema(key: pa.Field) -> pa.Schema:
    """Columns of ``keys_of``: by what an article is known, and by what its copies are found."""
    import pyarrow as pa

    number = pa.int64()
    kinds = dict.fromkeys(("tokens", "content", "title", "samples"), number)
    kinds |= {"buckets": pa.list_(number), "sampled": pa.list_(pa.int32())}
    return pa.schema([key, *(pa.field(name, kind) for name, kind in kinds.items())])


def keys_of(batch: pa.RecordBatch, settings: Settings, key: str) -> pa.RecordBatch:
    """The keys of a batch of sketches, a row an article, in their order.

    Beside the column ``key``: ``tokens``, and hashes of the ``content`` and the ``title``, see
    corpus.title_keys; ``buckets`` are those of buckets.band_table, ``sampled`` the shingles of
    candidates.sampled_shingles with SAMPLE_BITS of the next, of which there are ``samples``; hashes
    as the bits of a number with a sign. Raises as sketch_form.from_arrow does.
    """
    import pyarrow as pa

    made = from_arrow(batch, settings, sketch_form_of(settings, copies_only=True), 0)[3]
    buckets = band_table(made.signatures, settings.copy_bands, settings.copy_rows)
    sampled, counts = sampled_shingles(
        made.shingles, made.starts, np.arange(len(made), dtype=np.int32), SAMPLE_BITS
    )
    titles = title_keys(Wordings.of(made, settings.shingle_words))
    columns = (
        made.lengths, made.contents.view(np.int64), titles.view(np.int64), counts,
        number_lists(buckets.view(np.int64).ravel(), np.full(len(made), buckets.shape[1])),
        number_lists((sampled >> np.uint64(32)).astype(np.uint32).view(np.int32), counts),
    )  # fmt: skip
    schema = key_schema(batch.schema.field(key))
    return pa.RecordBatch.from_arrays([batch.column(key), *map(pa.array, columns)], schema=schema)


def number_lists(values: NDArray[Any], sizes: NDArray[np.int64]) -> pa.Array:
    """Numbers as lists of so many each."""
    import pyarrow as pa

    ends = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(values))


def likeness_schema() -> pa.Schema:
    """Columns of ``likeness_of``: two rows, and those of novelty.Alike."""
    import pyarrow as pa

    number, rows = pa.float64(), dict.fromkeys(("row", "other"), pa.int64())
    numbers = dict.fromkeys(("jaccard", "containment", "likeness", "edited", "quoted"), number)
    return pa.schema((rows | numbers | {"adds": pa.int32()}).items())


def likeness_of(table: pa.Table, settings: Settings, least: float, agreeing: int = 0) -> pa.Table:
    """Compares articles word by word, a row a pair; see novelty.compared.

    Those whose signatures agree in fewer than ``agreeing`` values have nothing in common. ``table``
    has the columns of sketches, ROW and OTHERS; all that one is compared with are in it.
    """
    block = _Block.of(table, settings)
    sets = ShingleSets.of(block.sketch, block.pairs.ravel())
    found = agreeing_compared(sets, block.pairs, block.texts, block.sketch, (least, agreeing))
    return block.table(
        likeness_schema(), found.overlaps.jaccard, found.overlaps.containment, found.likeness,
        found.edited, found.quoted, found.adds,
    )  # fmt: skip


def holding_schema() -> pa.Schema:
    """Columns of ``holding_of``: two rows, and those of analysis.HeldPairs."""
    import pyarrow as pa

    names = ("row", "other", "jaccard", "containment", "edited", "adds")
    words = pa.field("words", pa.list_(pa.float64()))
    return pa.schema([*(likeness_schema().field(name) for name in names), words])


def holding_of(table: pa.Table, settings: Settings) -> pa.Table:
    """What is told of an article and those that it holds: how alike, and what each of them adds.

    ``table`` as for likeness_of, a row a pair.
    """
    block = _Block.of(table, settings)
    sets = ShingleSets.of(block.sketch, block.pairs.ravel())
    shared = sets.overlaps(block.pairs)
    edited = edited_shares(block.sketch, block.pairs, settings.shingle_words)
    found = differences(block.texts, sets, block.pairs[:, ::-1].copy())
    return block.table(
        holding_schema(), shared.jaccard, shared.containment, edited, additions(found),
        number_lists(found.words.ravel(), np.full(len(block.pairs), found.words.shape[1])),
    )  # fmt: skip


class _Block(NamedTuple):
    """Some articles, and the pairs of them that are to be compared."""

    sketch: Sketch
    texts: Wordings
    rows: NDArray[np.int64]
    """The number of each, ascending (k,)."""
    pairs: NDArray[np.int32]
    """Places among them (m, 2)."""

    @classmethod
    def of(cls, table: pa.Table, settings: Settings) -> _Block:
        table, rows, pairs = pairs_asked(table)
        batch = table.select(sketch_schema().names).to_batches()[0]
        form = sketch_form_of(settings, copies_only=True)
        sketch = from_arrow(batch, settings, form, 0)[3]
        return cls(sketch, Wordings.of(sketch, settings.shingle_words), rows, pairs)

    def table(self, schema: pa.Schema, *numbers: NDArray[Any] | pa.Array) -> pa.Table:
        """A row a pair: its two articles, and numbers of it."""
        return pair_table(schema, self.rows[self.pairs], *numbers)


def pairs_asked(table: pa.Table) -> tuple[pa.Table, NDArray[np.int64], NDArray[np.int32]]:
    """A table with ROW and OTHERS in the order of its rows, their numbers (k,), and its pairs.

    These are places in it (m, 2), in order.
    """
    table = table.sort_by(ROW).combine_chunks()
    rows = table.column(ROW).to_numpy()
    others = [np.frombuffer(held or b"", "<i8") for held in table.column(OTHERS).to_pylist()]
    firsts = np.repeat(np.arange(len(rows)), [len(own) for own in others])
    seconds = np.searchsorted(rows, np.concatenate(others))
    return table, rows, np.stack((firsts, seconds), axis=1).astype(np.int32)


def pair_table(
    schema: pa.Schema, pairs: NDArray[np.int64], *numbers: NDArray[Any] | pa.Array
) -> pa.Table:
    """A row for each of the pairs (m, 2): its two articles, and numbers of it."""
    import pyarrow as pa

    columns = (*pairs.T, *numbers)
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)
