"""Exact comparison of pairs: overlaps of sets, dot products of sparse rows."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def sorted_sets(values, bounds, chosen):
    """Distinct values of the chosen rows, ascending; rows not chosen come out empty.

    ``values`` (m,) ragged by ``bounds`` int64 (n + 1,), ``chosen`` bool (n,).
    """
    n = bounds.size - 1
    size = 0
    for row in range(n):
        if chosen[row]:
            size += bounds[row + 1] - bounds[row]
    kept, ends = np.empty(size, values.dtype), np.zeros(n + 1, np.int64)
    count = 0
    for row in range(n):
        if chosen[row]:
            ordered = np.sort(values[bounds[row] : bounds[row + 1]])
            for i in range(ordered.size):
                if i == 0 or ordered[i] != ordered[i - 1]:
                    kept[count] = ordered[i]
                    count += 1
        ends[row + 1] = count
    return kept[:count].copy(), ends


@njit(nogil=True, cache=True)
def intersections(sets, bounds, pairs, sizes):
    """Fills ``sizes`` int64 (m,) with the number of values that both sets of a pair hold."""
    for p in range(pairs.shape[0]):
        i, i_end = bounds[pairs[p, 0]], bounds[pairs[p, 0] + 1]
        j, j_end = bounds[pairs[p, 1]], bounds[pairs[p, 1] + 1]
        same = 0
        while i < i_end and j < j_end:
            a, b = sets[i], sets[j]
            same += a == b
            i += a <= b
            j += b <= a
        sizes[p] = same
