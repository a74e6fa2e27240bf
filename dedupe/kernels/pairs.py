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


@njit(nogil=True, cache=True)
def sampled_values(values, bounds, rows, keep):
    """``value << 32 | row`` uint64 of the values uint32 that end in ``keep`` zero bits.

    Of the given rows int32; and how many each row of n gave: int64 (n,).
    """
    mask = np.uint32((1 << keep) - 1)
    size = 0
    for row in rows:
        size += bounds[row + 1] - bounds[row]
    found, counts = np.empty(size, np.uint64), np.zeros(bounds.size - 1, np.int64)
    count = 0
    for row in rows:
        for k in range(bounds[row], bounds[row + 1]):
            if values[k] & mask == 0:
                found[count] = (np.uint64(values[k]) << np.uint64(32)) | np.uint64(row)
                counts[row] += 1
                count += 1
    return found[:count].copy(), counts


@njit(nogil=True, cache=True)
def run_pairs(found, limit):
    """``row << 32 | row`` uint64 of every two rows that share a value, once for each value.

    ``found`` as from sampled_values, sorted; a value of more than ``limit`` rows is passed over.
    """
    n = found.size
    pairs, count = np.empty(1024, np.uint64), 0
    first = 0
    while first < n:
        end = first + 1
        while end < n and found[end] >> np.uint64(32) == found[first] >> np.uint64(32):
            end += 1
        if end - first <= limit:
            for i in range(first, end):
                for j in range(i + 1, end):
                    if found[i] == found[j]:
                        continue
                    if count == pairs.size:
                        grown = np.empty(2 * count, np.uint64)
                        grown[:count] = pairs
                        pairs = grown
                    low = np.uint64(0xFFFFFFFF)
                    pairs[count] = ((found[i] & low) << np.uint64(32)) | (found[j] & low)
                    count += 1
        first = end
    return pairs[:count].copy()
