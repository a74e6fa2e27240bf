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
from dedupe.sharing import TermsInCommon
from dedupe.spark.asking import ComparingThere, PairTerms, column_numbers, rounds_of
from dedupe.spark.blocks import BlockSize, asked_table
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
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from dedupe.candidates import TellingTerms
    from dedupe.room import Room
    from dedupe.spark.asking import ArticlesThere

PAIRS = 1 << 20
"""Pairs that are asked for at a time: what the driver holds of them beside what is told."""
NEAR, AT_A_TIME = BlockSize(1 << 22, 1 << 18), 8
"""Of a block of weighed terms: some 8,000 articles, 25 MB, each with many of those that it is
compared with; and how many are on their way."""
FEW, MOST = 1 << 15, 256
"""Articles up to which so many terms of each are asked for at once."""


class TermsOnEngine:
    """A term_corpus.TermCorpus whose terms are a stage. Its questions raise EngineError."""

    def __init__(self, weighed: ArticlesThere, room: Room, executor: Executor) -> None:
        """``weighed`` is made by weighed_on_engine."""
        self._there, self._room, self._executor = weighed, room, executor
        self._asked: tuple[bytes, int, TermRows] | None = None

    def heaviest(self, chosen: NDArray[np.int32], most: int) -> TellingTerms:
        """The ``most`` heaviest terms of each of some articles (k,)."""
        wanted, known = max(most, MOST if len(chosen) <= FEW else 0), self._asked
        if known is None or known[0] != chosen.tobytes() or known[1] < most:
            rows = self._rows(
                "heaviest", chosen, np.arange(len(chosen)), {"most": wanted},
                lambda held, kinds: held.mapInArrow(partial(heaviest_rows, wanted), kinds),
            )  # fmt: skip
            self._asked = known = chosen.tobytes(), wanted, rows
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
        found: list[list[NDArray[Any]]] = [[] for _ in range(len(PACKED) + 1)]
        for first in range(0, len(pairs), PAIRS):
            some = pairs[first : first + PAIRS]
            told = self._near(some)
            kept = told[0] >= least
            for column, values in zip(found, (some, *told), strict=True):
                column.append(self._held(values[kept]))
        self._room.closed()
        kinds = [(np.dtype(np.int32), 2), *((np.dtype(k), w) for k, w in PACKED.values())]
        known, cosine, shared, leading, template = (
            self._joined(column, kind, width)
            for column, (kind, width) in zip(found, kinds, strict=True)
        )

        def in_common(places: slice) -> TermsInCommon:
            return TermsInCommon(shared[places], leading[places])

        return NearPairs(known, cosine.ravel(), in_common, None, template.ravel())

    def _near(self, pairs: NDArray[np.int32]) -> list[NDArray[Any]]:
        """What some pairs (m, 2) have in common: the columns of PACKED, in their order."""
        there, kinds = self._there, spark_types(near_schema())
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        asked = asked_table(pairs, there.lengths, there.keys, there.key, NEAR)

        tell = lambda block: near_of(block)  # noqa: E731, PLW0108 - unannotated, see of_pairs

        def answer(needed: DataFrame) -> DataFrame:
            blocks = needed.join(there.sketches(), there.key).groupBy(BLOCK)
            return blocks.applyInArrow(tell, kinds)

        told = [
            there.questions.collected("near", part, {}, answer, near_schema()).sort_by(BLOCK)
            for part in rounds_of(asked, AT_A_TIME)
        ]
        found = []
        for name, (kind, width) in PACKED.items():
            held = b"".join(value for part in told for value in part.column(name).to_pylist())
            values = np.frombuffer(held, kind).reshape(-1, width)
            if len(values) != len(pairs):
                raise EngineError(
                    f"{len(pairs):,} pairs were to be compared, and of {len(values):,} it is told:"
                    " remove the folder of stages, and run again"
                )
            placed = np.empty(values.shape, np.dtype(kind).newbyteorder("="))
            placed[order] = values
            found.append(placed if width > 1 else placed.ravel())
        return found

    def _held(self, values: NDArray[Any]) -> NDArray[Any]:
        """The same in a file, where all would not fit."""
        self._room.counts(values.nbytes, 0)
        return self._room.moved(f"near-{values.dtype}", values) if self._room.in_files else values

    def _joined(self, parts: list[NDArray[Any]], kind: np.dtype[Any], width: int) -> NDArray[Any]:
        """Parts in one array (m, width); the list is left empty."""
        count = sum(len(part) for part in parts)
        found = self._room.empty(count * width, kind).reshape(count, width)
        at = count
        while parts:  # what was put together is no longer held in parts
            part = parts.pop()
            found[at - len(part) : at] = part.reshape(-1, width)
            at -= len(part)
        return found

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
