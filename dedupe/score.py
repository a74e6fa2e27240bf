"""Candidate pairs to scores: exact overlap of shingles, cosine of TF-IDF rows.

The story score is made of these in :mod:`dedupe.story`.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.model import Relation
    from dedupe.sketch import Sketch
    from dedupe.weigh import TermRows, Weights


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Exact Jaccard and containment of pairs: float64 (m,)."""

    jaccard: NDArray[np.float64]
    containment: NDArray[np.float64]
    """The larger share of one side's shingles that lie in the other."""


@dataclass(frozen=True, slots=True)
class ShingleSets:
    """Distinct shingles of some of n articles, ascending; the others' rows are empty."""

    values: NDArray[np.uint32]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, sketch: Sketch, rows: NDArray[np.int32]) -> ShingleSets:
        """The sets of the given articles; repeats do no harm."""
        return cls.of_texts(sketch.shingles, sketch.starts, rows)

    @classmethod
    def of_texts(
        cls, shingles: NDArray[np.uint32], starts: NDArray[np.int64], rows: NDArray[np.int32]
    ) -> ShingleSets:
        """The sets of some of n texts, whose shingles are ragged by ``starts`` (n + 1,)."""
        from dedupe.kernels.pairs import distinct_values

        chosen = np.zeros(len(starts) - 1, np.bool_)
        chosen[rows] = True
        return cls(*distinct_values(shingles, starts, chosen))

    def overlaps(self, pairs: NDArray[np.int32]) -> Overlaps:
        """Exact Jaccard and containment of each pair of these articles.

        A text of fewer words than a shingle has is one shingle, and an empty one overlaps nothing.
        """
        from dedupe.kernels.pairs import overlaps

        return Overlaps(*overlaps(self.values, self.bounds, pairs))


def relation(
    settings: Settings, jaccard: float, containment: float, *, same: bool, edited: float = 0.0
) -> Relation:
    """What two articles of one story are to each other; ``same``: equal after normalisation.

    ``edited`` is the share of words that two versions of one text have in common, else 0.
    """
    if same:
        return "identical"
    if jaccard >= settings.near_duplicate:
        return "near_duplicate"
    if containment >= settings.contained:
        return "contained"
    return "edited_copy" if edited >= settings.edited and edited > 0 else "same_story"


def overlaps(
    sketch: Sketch, pairs: NDArray[np.int32], executor: Executor | None = None
) -> Overlaps:
    """Exact Jaccard and containment of the shingle sets of each pair of articles.

    Some pairs at a time: the sets of all articles at once would be as large as their texts.
    """

    def compared(part: NDArray[np.int32]) -> Overlaps:
        return ShingleSets.of(sketch, part.ravel()).overlaps(part)

    parts = some_at_a_time(pairs)
    found = list(executor.map(compared, parts) if executor else map(compared, parts))
    return Overlaps(
        np.concatenate([part.jaccard for part in found]),
        np.concatenate([part.containment for part in found]),
    )


PAIRS = 2048
"""Pairs whose shingle sets are in memory together."""


def some_at_a_time(pairs: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """Pairs (m, 2) in parts of PAIRS, at least one: all sets at once would be as large as texts."""
    return [pairs[first : first + PAIRS] for first in range(0, max(len(pairs), 1), PAIRS)]


def cosines(
    weights: Weights | TermRows,
    pairs: NDArray[np.int32],
    executor: Executor | None = None,
    chunk: int = 1 << 16,
) -> NDArray[np.float32]:
    """TF-IDF cosine of each pair; pairs sorted by their first article are cheapest."""
    from dedupe.kernels.weights import cosines as fill

    found = np.empty(len(pairs), np.float32)
    rows = (weights.columns, weights.values, weights.bounds, weights.width)

    def part(first: int) -> None:
        fill(*rows, pairs[first : first + chunk], found[first : first + chunk])

    firsts = range(0, len(pairs), chunk)
    list(executor.map(part, firsts) if executor else map(part, firsts))
    return found
