"""Signatures to candidate pairs: locality-sensitive hashing by sorting.

Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, section 3.4.

A band is a run of ``rows`` values of a signature; articles that agree in all rows of a band share
a bucket. Instead of a hash table, each band's keys are sorted: buckets are runs of equal keys. Most
keys are of one article alone; those are not sorted.
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


def sharing_order(keys):
    """Places int32 (m,) of the keys that stand there more than once, by key and then by place.

    And how many of each one's key come after it: int32 (m,).
    """
    _, number, times = np.unique(keys, return_inverse=True, return_counts=True)
    places = np.flatnonzero(times[number] > 1)
    sizes = times[times > 1]
    later = np.repeat(np.cumsum(sizes), sizes) - np.arange(len(places)) - 1
    return places[np.argsort(keys[places], kind="stable")].astype(np.int32), later.astype(np.int32)


def agreeing(a, b):
    """How many values two signatures share: Jaccard times their length, estimated."""
    same = 0
    for k in range(a.size):
        same += a[k] == b[k]
    return same


def entries_of(order, n):
    """Where in ``order`` (m,) each article below n stands: int64 (m,), one after the other.

    And where each one's begin: int64 (n + 1,).
    """
    starts = np.concatenate(([0], np.cumsum(np.bincount(order, minlength=n)))).astype(np.int64)
    return np.argsort(order, kind="stable"), starts


CROWD = 4
"""Part of the limit down to which the fewer are kept the more an article met."""


def bucket_pairs(signatures, order, later, entries, starts, limit, least, first, stop):
    """Pairs of an article in ``first`` to ``stop`` and a later one that share a bucket: (k, 2).

    ``order`` int32 (m,) holds the buckets of all bands, ascending in each, ``later`` how many come
    after each in its bucket. The two must agree in at least ``least`` values. In each bucket an article
    meets the ``limit`` that follow it. Of more than that many in all, limit * limit // met are
    kept, a CROWD-th part of ``limit`` at least, which agree with it most, of equals the first.
    Returns how many meetings were left out, too.
    """
    found, left_out = [], 0
    for i in range(first, stop):
        met = {}
        for k in entries[starts[i] : starts[i + 1]]:
            near = min(int(later[k]), limit)
            left_out += int(later[k]) - near
            for j in order[k + 1 : k + 1 + near]:
                if j not in met:
                    met[j] = agreeing(signatures[i], signatures[j])
        enough = sorted((-same, j) for j, same in met.items() if same >= least)
        kept = len(enough)
        if kept > limit:
            kept = max(limit * limit // kept, -(-limit // CROWD))
        left_out += len(enough) - kept
        found += [(i, j) for j in sorted(j for _, j in enough[:kept])]
    return np.array(found, np.int32).reshape(-1, 2), left_out


def agreements(signatures, pairs):
    """In how many values the signatures of each pair agree: int64 (m,)."""
    found = np.empty(pairs.shape[0], np.int64)
    for p in range(pairs.shape[0]):
        found[p] = agreeing(signatures[pairs[p, 0]], signatures[pairs[p, 1]])
    return found
