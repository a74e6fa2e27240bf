"""Terms that lie with an engine, weighed: its workers tell what pairs of articles have in common.

To the driver come the heaviest terms of each article, by which pairs are found, what is told of
pairs, and the terms of some thousand articles at a time that may be digests.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.candidates import heaviest_terms
from dedupe.copy_tables import BLOCK, ROW
from dedupe.errors import EngineError
from dedupe.line_tables import ragged_column
from dedupe.room import release
from dedupe.score import cosines
from dedupe.sharing import TermsInCommon
from dedupe.spark.asking import ComparingThere, PairTerms, column_numbers, rounds_of
from dedupe.spark.blocks import BlockSize, block_table, near_order, pair_blocks
from dedupe.spark.plan import ON_THE_WAY
from dedupe.spark.workers import heaviest_rows, spark_types
from dedupe.story_tables import (
    HEAVY,
    PACKED,
    heaviest_schema,
    near_of,
    near_schema,
    tied_of,
    tied_schema,
)
from dedupe.term_corpus import NearPairs
from dedupe.weigh import TermRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from dedupe.candidates import TellingTerms
    from dedupe.room import Room
    from dedupe.spark.asking import ArticlesThere

PAIRS = 1 << 19
"""Pairs that are asked for at a time: what the driver holds of them beside what is told."""
NEAR, AT_A_TIME = BlockSize(3 << 20, 1 << 18), 4
"""Of a block of weighed terms: some 6,000 articles, 19 MB, each with many of those that it is
compared with; and how many are on their way."""
FEW, MOST = 1 << 13, 256
"""Articles up to which so many terms of each are asked for at once."""


class TermsOnEngine:
    """A term_corpus.TermCorpus whose terms are a stage. Its questions raise EngineError."""

    def __init__(self, weighed: ArticlesThere, room: Room, executor: Executor) -> None:
        """``weighed`` is made by weighed_on_engine."""
        self._there, self._room, self._executor = weighed, room, executor
        self._asked: tuple[NDArray[np.int32], int, TermRows] | None = None

    def heaviest(self, chosen: NDArray[np.int32], most: int) -> TellingTerms:
        """The ``most`` heaviest terms of each of some articles (k,)."""
        wanted, known = max(most, MOST if len(chosen) <= FEW else 0), self._asked
        if known is None or not np.array_equal(known[0], chosen) or known[1] < most:
            rows = self._rows(
                "heaviest", chosen, np.arange(len(chosen)), {"most": wanted},
                lambda held, kinds: held.mapInArrow(partial(heaviest_rows, wanted), kinds),
            )  # fmt: skip
            self._asked = known = chosen, wanted, rows
        own = np.arange(len(chosen), dtype=np.int32)
        return heaviest_terms(known[2], own, most, self._executor)

    def rows(self, chosen: NDArray[np.int32]) -> TermRows:
        """Rows of all n articles, of which those of the chosen ones (k,) are filled."""
        n = len(self._there.lengths)
        return self._rows("rows", chosen, chosen, {}, lambda held, _: held, n)

    def _rows(
        self,
        name: str,
        chosen: NDArray[np.int32],
        places: NDArray[Any],
        by: dict[str, Any],
        answer: Callable[[DataFrame, str], DataFrame],
        n: int | None = None,
    ) -> TermRows:
        """Rows of chosen articles (k,), each at its place among n, or among these."""
        from dedupe.kernels.weigh import numbered

        kinds, columns = heaviest_schema(), (ROW, *HEAVY)

        def told(rows: DataFrame) -> DataFrame:
            held = rows.join(self._there.sketches().select(*columns), ROW).select(*columns)
            return answer(held, spark_types(kinds))

        table = self._there.told(name, chosen, by, told, kinds).sort_by(ROW)
        if not np.array_equal(column_numbers(table, ROW), chosen):
            raise EngineError(f"of {len(chosen):,} articles {len(table):,} came back: run again")
        (buckets, bounds), (values, _) = (
            ragged_column(table.column(column), kind) for column, kind in HEAVY.items()
        )
        sizes = np.zeros(len(chosen) if n is None else n, np.int64)
        sizes[places] = np.diff(bounds)
        none = np.empty(0, np.uint32)
        met, _, numbers = numbered(buckets, np.zeros(len(buckets), np.uint8), none)
        return TermRows(numbers, values, np.concatenate(([0], np.cumsum(sizes))), len(met))

    def near(self, pairs: NDArray[np.int32], least: float) -> NearPairs:
        """Those of the pairs (m, 2) whose cosine is at least that, in their order."""
        m, there = len(pairs), self._there
        size = sum(np.dtype(kind).itemsize * width for kind, width in PACKED.values())
        self._room.counts(size * m + ON_THE_WAY, len(there.lengths))
        told = [
            self._room.empty(m * width, np.dtype(kind)).reshape(m, width)
            for kind, width in PACKED.values()
        ]
        ranks = near_order(len(there.lengths), pairs, self._strengths(pairs))
        self._asked = None  # they have found the pairs
        lengths = there.lengths[np.argsort(ranks)]
        order = _ordered(ranks, pairs)
        release()
        for first in range(0, m, PAIRS):
            places = order[first : first + PAIRS]
            blocks = pair_blocks(np.sort(ranks[pairs[places]], axis=1), lengths, NEAR)
            inside = np.lexsort((*pairs[places].T[::-1], blocks))
            places = places[inside]
            for column, values in zip(told, self._near(blocks[inside], pairs[places]), strict=True):
                column[places] = values
        kept = told[0][:, 0] >= least
        pairs, cosine, shared, leading, template = (
            _moved_up(column, kept) for column in (pairs, *told)
        )

        def in_common(places: slice) -> TermsInCommon:
            return TermsInCommon(shared[places], leading[places])

        return NearPairs(pairs, cosine[:, 0], in_common, None, template[:, 0])

    def _strengths(self, pairs: NDArray[np.int32]) -> NDArray[np.float32]:
        """How near pairs (m, 2) are by the heaviest terms that are known of them (m,)."""
        if self._asked is None:
            return np.ones(len(pairs), np.float32)
        places = np.zeros(len(self._there.lengths), np.int32)
        places[self._asked[0]] = np.arange(len(self._asked[0]))
        return cosines(self._asked[2], places[pairs], self._executor)

    def _near(self, blocks: NDArray[np.int64], pairs: NDArray[np.int32]) -> Iterator[NDArray[Any]]:
        """What pairs (m, 2), in the order of their blocks (m,), have in common, as PACKED says."""
        there, kinds = self._there, spark_types(near_schema())
        tell = lambda block: near_of(block)  # noqa: E731, PLW0108 - unannotated, see of_pairs

        def answer(needed: DataFrame) -> DataFrame:
            grouped = needed.join(there.sketches(), there.key).groupBy(BLOCK)
            return grouped.applyInArrow(tell, kinds)

        asked = block_table(blocks, pairs, there.keys, there.key)
        told = [
            there.questions.collected("near", part, {}, answer, near_schema()).sort_by(BLOCK)
            for part in rounds_of(asked, AT_A_TIME)
        ]
        for name, (kind, width) in PACKED.items():
            held = b"".join(value for part in told for value in part.column(name).to_pylist())
            values = np.frombuffer(held, kind).reshape(-1, width)
            if len(values) != len(pairs):
                raise EngineError(
                    f"{len(pairs):,} pairs were to be compared, and of {len(values):,} it is told:"
                    " remove the folder of stages, and run again"
                )
            yield values

    def cosines(self, pairs: NDArray[np.int32]) -> NDArray[np.float32]:
        """Cosines of pairs (m, 2)."""
        return self.tied(pairs).cosine.astype(np.float32)

    def tied(self, pairs: NDArray[np.int32]) -> PairTerms:
        """What is told of pairs (m, 2) of which the first holds the second."""
        tell = lambda block: tied_of(block)  # noqa: E731, PLW0108 - unannotated, see of_pairs
        table = ComparingThere(self._there).of_pairs("tied", pairs, {}, tell, tied_schema())
        told = table.column("terms").combine_chunks().flatten().to_numpy()
        differences = told.reshape(len(pairs), len(told) // max(1, len(pairs)))
        return PairTerms(column_numbers(table, "cosine"), differences)


def _moved_up(column: NDArray[Any], kept: NDArray[np.bool_]) -> NDArray[Any]:
    """Those of a column (m, width) that are kept (m,), in the same array: it may be large."""
    end = 0
    for first in range(0, len(column), PAIRS):
        some = column[first : first + PAIRS][kept[first : first + PAIRS]]
        column[end : end + len(some)] = some
        end += len(some)
    return column[:end]


def _ordered(ranks: NDArray[np.int32], pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """Places of pairs (m, 2) in the order of the ranks (n,) of their articles."""
    placed = ranks[pairs]
    placed.sort(axis=1)
    keys = placed[:, 0].astype(np.int64) * len(ranks)
    keys += placed[:, 1]
    del placed
    return np.argsort(keys).astype(np.int32)
