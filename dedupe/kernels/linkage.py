"""Hierarchical clustering of one small component, from its dense similarity matrix."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def average_linkage(similarity, cut):
    """Group labels int32 (m,) by average linkage (Sokal & Michener 1958; update of Lance &
    Williams 1967), merging as long as the best average is at least ``cut``.

    ``similarity`` float64 (m, m), symmetric, is used up. Ties go to the lowest indices; labels
    are the lowest index of their group.
    """
    m = similarity.shape[0]
    labels, sizes = np.arange(m).astype(np.int32), np.ones(m)
    alive = np.ones(m, np.bool_)
    best = np.full(m, -1, np.int32)
    for i in range(m):
        best[i] = _nearest(similarity, alive, i)
    while True:
        a = -1
        for i in range(m):
            if alive[i] and best[i] >= 0:
                if a < 0 or similarity[i, best[i]] > similarity[a, best[a]]:
                    a = i
        if a < 0 or similarity[a, best[a]] < cut:
            return labels
        b = best[a]
        total = sizes[a] + sizes[b]
        for k in range(m):
            if alive[k] and k != a and k != b:
                mean = (sizes[a] * similarity[a, k] + sizes[b] * similarity[b, k]) / total
                similarity[a, k] = mean
                similarity[k, a] = mean
        sizes[a], alive[b] = total, False
        for k in range(m):
            if labels[k] == b:
                labels[k] = a
        for k in range(m):
            # Only rows whose nearest was merged, or that the merged row now beats, can change.
            if alive[k] and (k == a or best[k] == a or best[k] == b):
                best[k] = _nearest(similarity, alive, k)
            elif alive[k] and k < a and best[k] >= 0:
                if similarity[k, a] > similarity[k, best[k]]:
                    best[k] = a


@njit(nogil=True, cache=True)
def _nearest(similarity, alive, row):
    """The most similar later row that is alive; -1 where there is none."""
    found = -1
    for k in range(row + 1, similarity.shape[0]):
        if alive[k] and (found < 0 or similarity[row, k] > similarity[row, found]):
            found = k
    return found


@njit(nogil=True, cache=True)
def member_pairs(order, bounds):
    """All pairs within each run of ``order`` int32 (n,) ragged by ``bounds``: int32 (m, 2)."""
    total = 0
    for c in range(bounds.size - 1):
        size = bounds[c + 1] - bounds[c]
        total += size * (size - 1) // 2
    pairs = np.empty((total, 2), np.int32)
    count = 0
    for c in range(bounds.size - 1):
        for i in range(bounds[c], bounds[c + 1]):
            for j in range(i + 1, bounds[c + 1]):
                pairs[count, 0] = min(order[i], order[j])
                pairs[count, 1] = max(order[i], order[j])
                count += 1
    return pairs


@njit(nogil=True, cache=True)
def hang(heads, neighbours, weights, bounds):
    """Maximum spanning tree of each group, rooted at its head: parents int32 (n,), -1 for heads.

    ``heads`` int32 (n,) names each article's head; ``neighbours`` and ``weights`` are ragged by
    ``bounds``. Of equal weights the article that joined first wins, then the lowest index.
    """
    n = heads.size
    parents = np.full(n, -1, np.int32)
    best = np.full(n, -np.inf)
    done = np.zeros(n, np.bool_)
    frontier = np.empty(n, np.int32)
    for head in range(n):
        if heads[head] != head:
            continue
        size, current = 0, head
        done[head] = True
        while True:
            for k in range(bounds[current], bounds[current + 1]):
                other = neighbours[k]
                if done[other]:
                    continue
                if best[other] == -np.inf:
                    frontier[size] = other
                    size += 1
                if weights[k] > best[other]:
                    best[other] = weights[k]
                    parents[other] = current
            if size == 0:
                break
            at = 0
            for k in range(1, size):
                if best[frontier[k]] > best[frontier[at]] or (
                    best[frontier[k]] == best[frontier[at]] and frontier[k] < frontier[at]
                ):
                    at = k
            current = frontier[at]
            done[current] = True
            size -= 1
            frontier[at] = frontier[size]
    return parents
