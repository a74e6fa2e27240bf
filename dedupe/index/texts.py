"""Texts of articles that come in, and of stored ones, side by side: shingle by shingle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.index.around import shingles_of
from dedupe.novelty import LEAST_ALIKE, Alike, Wordings, compared
from dedupe.score import Overlaps, ShingleSets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.index.arrivals import Arrivals
    from dedupe.index.hand import Rows
    from dedupe.index.store import Reader

TEMPLATE_COSINE = 0.2
"""Cosine from which shingles are compared though no key of the copy view is in common: few short
phrases may make a template."""


def texts_compared(
    reader: Reader, arrivals: Arrivals, rows: Rows, pairs: NDArray[np.int32], words: int
) -> Alike:
    """Pairs of rows, compared word by word; shingles of stored ones are read."""
    from dedupe.kernels.postings import distinct

    shingles, starts, sets = _texts(reader, arrivals, rows, pairs)

    def wordings(near: NDArray[np.int32]) -> Wordings:
        terms = rows.sketches.terms_of(distinct(near.ravel()))
        return Wordings(
            shingles, starts, rows.sketches.tokens, terms.buckets, terms.counts, terms.flags,
            terms.bounds, words,
        )  # fmt: skip

    return compared(sets, pairs, wordings, LEAST_ALIKE)


def overlaps_of(
    reader: Reader, arrivals: Arrivals, rows: Rows, pairs: NDArray[np.int32]
) -> Overlaps:
    """Exact Jaccard and containment of pairs of rows; shingles of stored ones are read."""
    if not len(pairs):
        return Overlaps(np.empty(0), np.empty(0))
    return _texts(reader, arrivals, rows, pairs)[2].overlaps(pairs)


def _texts(
    reader: Reader, arrivals: Arrivals, rows: Rows, pairs: NDArray[np.int32]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], ShingleSets]:
    """The shingles of incoming rows and of others in pairs: in order, where they begin, as sets."""
    from dedupe.kernels.pairs import texts_at_hand
    from dedupe.kernels.postings import distinct

    own, known = arrivals.sketch, arrivals.sets
    wanted: NDArray[np.int32] = distinct(pairs[pairs >= len(arrivals)])
    read = shingles_of(reader, rows.numbers[wanted])
    shingles, starts, values, bounds = texts_at_hand(
        own.shingles, own.starts, known.values, known.bounds, read.data, read.bounds, wanted,
        len(rows),
    )  # fmt: skip
    return shingles, starts, ShingleSets(values, bounds)
