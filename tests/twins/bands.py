"""Signatures to candidate pairs: locality-sensitive hashing by sorting.

Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, section 3.4.

A band is a run of ``rows`` values of a signature; articles that agree in all rows of a band share
a bucket. Instead of a hash table, each band's keys are sorted: buckets are runs of equal keys.
"""

from __future__ import annotations

import numpy as np

from twins.text import mix


def band_keys(signatures, start, rows, keys):
    """Fills ``keys`` uint64 (n,) with the bucket of each article in the band at ``start``."""
    for i in range(signatures.shape[0]):
        value = np.uint64(0)
        for k in range(start, start + rows):
            value = mix(value ^ np.uint64(signatures[i, k]))
        keys[i] = value


def first_shared_band(a, b, bands, rows):
    """Index of the first band in which two signatures agree; ``bands`` where there is none."""
    for band in range(bands):
        start = band * rows
        k = 0
        while k < rows and a[start + k] == b[start + k]:
            k += 1
        if k == rows:
            return band
    return bands


def agreeing(a, b):
    """How many values two signatures share: Jaccard times their length, estimated."""
    same = 0
    for k in range(a.size):
        same += a[k] == b[k]
    return same


def bucket_pairs(signatures, order, keys, band, bands, rows, limit, least):
    """Pairs that first meet in ``band`` and agree in at least ``least`` values.

    ``order`` int64 (n,) sorts ``keys``; within one bucket it must keep ascending indices. In a
    bucket of more than ``limit`` articles each is paired with the ``limit`` that follow it only.
    Returns int32 (m, 2) with the smaller index first, and the number of pairs left out so.
    """
    n = order.size
    found = np.empty((1024, 2), np.int32)
    count, left_out = 0, 0
    first = 0
    while first < n:
        end = first + 1
        while end < n and keys[order[end]] == keys[order[first]]:
            end += 1
        for i in range(first, end):
            stop = min(end, i + 1 + limit)
            left_out += end - stop
            for j in range(i + 1, stop):
                a, b = signatures[order[i]], signatures[order[j]]
                if agreeing(a, b) < least or first_shared_band(a, b, bands, rows) != band:
                    continue
                if count == found.shape[0]:
                    grown = np.empty((2 * count, 2), np.int32)
                    grown[:count] = found
                    found = grown
                found[count, 0], found[count, 1] = order[i], order[j]
                count += 1
        first = end
    return found[:count].copy(), left_out


def agreements(signatures, pairs):
    """In how many values the signatures of each pair agree: int64 (m,)."""
    found = np.empty(pairs.shape[0], np.int64)
    for p in range(pairs.shape[0]):
        found[p] = agreeing(signatures[pairs[p, 0]], signatures[pairs[p, 1]])
    return found
