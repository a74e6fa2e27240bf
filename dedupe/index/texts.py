"""Texts of articles that come in, and of stored ones, side by side: shingle by shingle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.novelty import LEAST_ALIKE, Alike, Wordings, compared
from dedupe.score import Overlaps, ShingleSets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.index.arrivals import Arrivals
    from dedupe.index.hand import Rows
    from dedupe.index.store import Reader


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
    return _texts(reader, arrivals, rows, pairs)[2].overlaps(pairs)


def _texts(
    reader: Reader, arrivals: Arrivals, rows: Rows, pairs: NDArray[np.int32]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], ShingleSets]:
    """The shingles of incoming rows and of others in pairs: in order, where they begin, as sets."""
    from dedupe.kernels.postings import distinct

    n, own = len(arrivals), arrivals.sketch
    wanted: NDArray[np.int32] = distinct(pairs[pairs >= n])
    read = reader.blobs("shingles", rows.numbers[wanted])
    values = read.data.view("<u4").astype(np.uint32, copy=False)
    sizes = np.zeros(len(rows), np.int64)
    sizes[:n], sizes[wanted] = np.diff(own.starts), np.diff(read.bounds) >> 2
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    shingles = np.concatenate((own.shingles, values))
    return shingles, starts, ShingleSets.of_texts(shingles, starts, pairs.ravel())
