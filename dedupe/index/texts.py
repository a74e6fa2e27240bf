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
    shingles, starts, sets = _texts(reader, arrivals, rows, pairs)

    def wordings(near: NDArray[np.int32]) -> Wordings:
        terms = rows.sketches.terms_of(np.unique(near))
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
    from dedupe.kernels.postings import distinct

    n, own, known = len(arrivals), arrivals.sketch, arrivals.sets
    wanted: NDArray[np.int32] = distinct(pairs[pairs >= n])
    read = shingles_of(reader, rows.numbers[wanted])
    values = read.data.view("<u4").astype(np.uint32, copy=False)
    stored = ShingleSets.of_texts(values, read.bounds >> 2, np.arange(len(wanted), dtype=np.int32))
    starts = _bounds(len(rows), own.starts, wanted, read.bounds >> 2)
    bounds = _bounds(len(rows), known.bounds, wanted, stored.bounds)
    sets = ShingleSets(np.concatenate((known.values, stored.values)), bounds)
    return np.concatenate((own.shingles, values)), starts, sets


def _bounds(
    size: int, own: NDArray[np.int64], wanted: NDArray[np.int32], stored: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Bounds of incoming rows and of those ``wanted``; all others are empty."""
    sizes = np.zeros(size, np.int64)
    sizes[: len(own) - 1], sizes[wanted] = np.diff(own), np.diff(stored)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
