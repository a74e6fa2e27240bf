"""Exact comparison of pairs: overlaps of sets, dot products of sparse rows."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def numbered_values(values, bounds, chosen):
    """``row << 32 | value`` uint64 of all values uint32 of the chosen rows, row by row.

    ``values`` is ragged by ``bounds`` int64 (n + 1,); ``chosen`` bool (n,).
    """
    n = bounds.size - 1
    size = 0
    for row in range(n):
        if chosen[row]:
            size += bounds[row + 1] - bounds[row]
    found = np.empty(size, np.uint64)
    count = 0
    for row in range(n):
        if chosen[row]:
            for k in range(bounds[row], bounds[row + 1]):
                found[count] = (np.uint64(row) << np.uint64(32)) | np.uint64(values[k])
                count += 1
    return found


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
