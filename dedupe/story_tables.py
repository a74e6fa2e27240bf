"""What stories are made of, as tables of a few articles: terms in, weights and numbers out.

Each function reads the rows that it is given, and by what the terms of all are weighed, so that it
can be called wherever sketches lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.copy_tables import BLOCK, ROW, number_lists, pair_table, pairs_asked
from dedupe.errors import RecordError
from dedupe.furniture import Corpus, tie_nothing
from dedupe.line_tables import OWN, bytes_column, ragged_column
from dedupe.novelty import Wordings, term_differences
from dedupe.score import cosines
from dedupe.sharing import Sharing
from dedupe.sketch import TERM_BITS, Terms
from dedupe.sketch_form import NUMBERS
from dedupe.term_corpus import of_one_template
from dedupe.term_scale import packed_counts, unpacked_counts
from dedupe.weigh import Marked, Origins, Weights
from dedupe.weighing import weighed

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.term_scale import TermScale

SPOKEN, OUTLET, LEAST = "spoken", "outlet", "least"
"""Columns beside those of sketches: numbers of an article's groups, see term_scale.TermCounts; and
how many of the outlet must hold a term."""
HEAVY = {"buckets": "<u4", "values": "<f4"}
"""Columns of bytes of a row of terms, and of what type their numbers are."""
_ROW_NUMBERS = {**HEAVY, "marks": "u1", "idf": "<f4"}
_MARKED_NUMBERS = {"marked_buckets": "<u4", "masses": "<f4", "flags": "u1"}
PACKED = {"cosine": ("<f4", 1), "shared": ("<f4", 4), "leading": ("<f4", 7), "template": ("?", 1)}
"""Columns of ``near_of``: type of their numbers, and how many there are of a pair."""


def terms_in(table: pa.Table) -> Terms:
    """The terms of articles without lines that recur, see line_tables.own_sketches.

    Raises RecordError for what are none.
    """
    kinds = (NUMBERS[name] for name in ("terms", "term_counts", "term_flags"))
    (buckets, bounds), *more = (
        ragged_column(table.column(name), kind) for name, kind in zip(OWN, kinds, strict=True)
    )
    (counts, ends), (flags, others) = more
    same = np.array_equal(bounds, ends) and np.array_equal(bounds, others)
    if not same or (len(buckets) and buckets.max() >> TERM_BITS) or not counts.all():
        raise RecordError("terms of the sketches do not agree with one another")
    return Terms(buckets, counts, flags, bounds)


def counts_schema() -> pa.Schema:
    """Columns of ``counts_of``: the key of a term in a group, and of how many articles it tells."""
    import pyarrow as pa

    return pa.schema(dict.fromkeys(("key", "held", "named", "numbers", LEAST), pa.int64()))


def counts_of(table: pa.Table) -> pa.Table:
    """How many of a few articles hold each term, by their groups, see term_scale.packed_counts.

    And by how many of all it must be held to count: 1 of a language, of an outlet what LEAST says.
    ``table`` has OWN terms, and the columns SPOKEN, OUTLET and LEAST.
    """
    import pyarrow as pa

    spoken, outlets, least = (table.column(n).to_numpy() for n in (SPOKEN, OUTLET, LEAST))
    keys, counts = packed_counts(terms_in(table), (spoken, outlets))
    numbers, first = np.unique(outlets, return_index=True)
    at = np.minimum(np.searchsorted(numbers, keys >> 32), len(numbers) - 1)
    needed = np.where(numbers[at] == keys >> 32, least[first[at]], 1)
    return pa.table([keys, *unpacked_counts(counts), needed], schema=counts_schema())


def weighed_schema() -> pa.Schema:
    """Columns of ``weighed_of``."""
    import pyarrow as pa

    names = ("signature", *_ROW_NUMBERS, *_MARKED_NUMBERS)
    return pa.schema({ROW: pa.int64(), SPOKEN: pa.int64()} | dict.fromkeys(names, pa.binary()))


def weighed_of(table: pa.Table, scale: TermScale) -> pa.Table:
    """Articles by their weighed terms, as weigh.Weights has them, in the order of the table.

    It has OWN terms, a signature, ROW, and the numbers of groups SPOKEN and OUTLET.
    """
    import pyarrow as pa

    terms, spoken = terms_in(table), table.column(SPOKEN).to_numpy()
    numbered = scale.numbered(terms, spoken, table.column(OUTLET).to_numpy())
    weights = weighed(numbered, terms.counts, terms.flags, terms.bounds, None)
    of, marked = weights.origins, weights.marked
    rows = np.repeat(of.spoken, np.diff(weights.bounds))
    found: dict[str, tuple[NDArray[Any], NDArray[np.int64]]] = {
        "buckets": (weights.buckets[weights.columns], weights.bounds),
        "values": (weights.values, weights.bounds),
        "marks": (of.marks, weights.bounds),
        "idf": (of.idf[rows, weights.columns], weights.bounds),
        "marked_buckets": (weights.buckets[marked.columns], marked.bounds),
        "masses": (marked.masses, marked.bounds),
        "flags": (marked.flags, marked.bounds),
    }
    kinds = _ROW_NUMBERS | _MARKED_NUMBERS
    arrays = [bytes_column(found[name][0].astype(kinds[name]), found[name][1]) for name in kinds]
    known = [table.column(name) for name in (ROW, SPOKEN, "signature")]
    schema = weighed_schema()
    return pa.table(
        [column.cast(field.type) for column, field in zip([*known, *arrays], schema, strict=True)],
        schema=schema,
    )


class _Weighed(NamedTuple):
    """Some articles by their weighed terms, and pairs of them."""

    weights: Weights
    rows: NDArray[np.int64]
    """The number of each, ascending (k,)."""
    pairs: NDArray[np.int32]
    """Places among them (m, 2), in order."""
    table: pa.Table

    @classmethod
    def of(cls, table: pa.Table) -> _Weighed:
        """Those of a table with the columns of ``weighed_of`` and OTHERS."""
        table, rows, pairs = pairs_asked(table)
        return cls(_weights_in(table), rows, pairs, table)


def _weights_in(table: pa.Table) -> Weights:
    """Rows of weighed articles. Raises RecordError for what are none."""
    from dedupe.kernels.text import NAME, NUMBER
    from dedupe.kernels.weigh import numbered

    (buckets, bounds), *of_rows = (
        ragged_column(table.column(n), k) for n, k in _ROW_NUMBERS.items()
    )
    (names, ends), *of_names = (
        ragged_column(table.column(n), k) for n, k in _MARKED_NUMBERS.items()
    )
    same = all(np.array_equal(bounds, own) for _, own in of_rows)
    if not same or not all(np.array_equal(ends, own) for _, own in of_names):
        raise RecordError("weights of terms do not agree with one another")
    (values, marks, idf), (masses, flags) = ([v for v, _ in own] for own in (of_rows, of_names))
    both = np.concatenate((buckets, names))
    if len(both) and both.max() >> TERM_BITS:
        raise RecordError("weights of terms that there are not")
    met, _, columns = numbered(both, np.zeros(len(both), np.uint8), np.empty(0, np.uint32))
    columns, marked = columns[: len(buckets)], columns[len(buckets) :]
    kinds = np.zeros(len(met), np.uint8)
    kinds[marked] = flags & np.uint8(NAME | NUMBER)
    languages, spoken = np.unique(table.column(SPOKEN).to_numpy(), return_inverse=True)
    told = np.zeros((len(languages), len(met)), np.float32)
    told[np.repeat(spoken, np.diff(bounds)), columns] = idf
    return Weights(
        columns, values, bounds, met, Marked(marked, masses, flags, ends),
        Origins(marks, kinds, told, spoken.astype(np.int64)),
    )  # fmt: skip


def heaviest_schema() -> pa.Schema:
    """Columns of ``heaviest_of``."""
    import pyarrow as pa

    return pa.schema({ROW: pa.int64()} | dict.fromkeys(HEAVY, pa.binary()))


def heaviest_of(table: pa.Table, most: int) -> pa.Table:
    """The ``most`` heaviest terms of articles, see candidates.heaviest_terms, in their order."""
    import pyarrow as pa

    from dedupe.kernels.weights import telling

    (buckets, bounds), (values, ends) = (
        ragged_column(table.column(n), k) for n, k in HEAVY.items()
    )
    if not np.array_equal(bounds, ends):
        raise RecordError("weights of terms do not agree with one another")
    columns = np.arange(len(buckets), dtype=np.uint32)
    kept, weights, ends = telling(
        columns, values, bounds, buckets.astype(np.int64), len(table), most
    )
    arrays = [bytes_column(held, ends).cast(pa.binary()) for held in (kept, weights)]
    return pa.table([table.column(ROW), *arrays], schema=heaviest_schema())


def near_schema() -> pa.Schema:
    """Columns of ``near_of``."""
    import pyarrow as pa

    return pa.schema({BLOCK: pa.int64()} | dict.fromkeys(PACKED, pa.binary()))


def near_of(table: pa.Table) -> pa.Table:
    """What pairs of weighed articles have in common: one row, of bytes as PACKED says.

    ``table`` has the columns of ``weighed_of``, OTHERS, and BLOCK, the same of all. The pairs are
    in the order of their numbers.
    """
    import pyarrow as pa

    block = _Weighed.of(table)
    found = Sharing.of(block.weights).in_common(block.pairs)
    signatures = np.frombuffer(b"".join(block.table.column("signature").to_pylist()), "<u4")
    signatures = signatures.reshape(len(block.rows), -1).astype(np.uint32, copy=False)
    columns = (
        cosines(block.weights, block.pairs), *found, of_one_template(signatures, block.pairs)
    )  # fmt: skip
    told = [
        pa.array([np.ascontiguousarray(column, kind).tobytes()], pa.binary())
        for column, (kind, _) in zip(columns, PACKED.values(), strict=True)
    ]
    return pa.table([block.table.column(BLOCK)[:1].cast(pa.int64()), *told], schema=near_schema())


def tied_schema() -> pa.Schema:
    """Columns of ``tied_of``: two rows, their cosine, and novelty.term_differences."""
    import pyarrow as pa

    number = pa.int64()
    terms = pa.list_(number)
    return pa.schema({"row": number, "other": number, "cosine": pa.float64(), "terms": terms})


def tied_of(table: pa.Table) -> pa.Table:
    """How alike an article and those that it holds are by their terms, a row a pair.

    And what the names and numbers of the held one add. ``table`` as for ``near_of``.
    """
    block = _Weighed.of(table)
    marked, nothing = block.weights.marked, np.empty(0, np.uint32)
    buckets = block.weights.buckets[marked.columns].astype(np.uint32)
    starts = np.zeros(len(block.rows) + 1, np.int64)
    texts = Wordings(
        nothing, starts, np.zeros(len(block.rows), np.int64), buckets,
        np.ones(len(buckets), np.uint16), marked.flags, marked.bounds, 1,
    )  # fmt: skip
    differences = term_differences(texts, block.pairs[:, ::-1].copy())
    return pair_table(
        tied_schema(), block.rows[block.pairs], cosines(block.weights, block.pairs),
        number_lists(differences.ravel(), np.full(len(differences), differences.shape[1])),
    )  # fmt: skip


class AskedTerms(NamedTuple):
    """Terms of a group of articles that may be furniture, and by what they are told to be."""

    buckets: NDArray[np.int64]
    """Ascending (k,)."""
    alike: float
    """As in furniture.ArticleGroup."""


def furniture_schema() -> pa.Schema:
    """Columns of ``furniture_in``."""
    import pyarrow as pa

    return pa.schema({BLOCK: pa.int64(), "fixed": pa.binary()})


def furniture_in(table: pa.Table, scale: TermScale, asked: dict[int, AskedTerms]) -> pa.Table:
    """Which terms of a group of articles tie nothing in it together: one row, a byte a term.

    ``table`` has OWN terms of those of the group that are sampled, ROW, SPOKEN, and as BLOCK the
    number of the group, of which is ``asked``.
    """
    import pyarrow as pa

    table = table.sort_by(ROW).combine_chunks()
    group = table.column(BLOCK)[0].as_py()
    terms, (wanted, alike) = terms_in(table), asked[group]
    spoken = table.column(SPOKEN).to_numpy()
    numbered = scale.numbered(terms, spoken, np.full(len(table), -1))
    order = np.argsort(numbered.buckets)
    at = np.searchsorted(numbered.buckets[order], wanted)
    at = np.minimum(at, len(order) - 1)
    there = numbered.buckets[order[at]] == wanted  # what none of the sampled holds is not furniture
    corpus = Corpus(
        numbered.columns, terms.bounds, numbered.spoken, numbered.idf, np.empty((0, 0)), ()
    )
    fixed = np.zeros(len(wanted), np.bool_)
    fixed[there] = tie_nothing(corpus, np.arange(len(table)), order[at[there]], alike)
    return pa.table([[group], [fixed.tobytes()]], schema=furniture_schema())
