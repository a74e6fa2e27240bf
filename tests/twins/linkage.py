"""Hierarchical clustering of one small component, from its dense similarity matrix."""

from __future__ import annotations

import numpy as np


def combined(ends, values, n, add):
    """Each pair of ``ends`` int64 (m, 2) below n once, the lower end first: int32 (k, 2).

    In order, with the highest of its values float64, or with ``add`` their sum: (k,). A pair with
    a negative end, or with the same end twice, is left out.
    """
    starts = np.zeros(n + 1, np.int64)
    for p in range(ends.shape[0]):
        low = min(ends[p, 0], ends[p, 1])
        if low >= 0 and ends[p, 0] != ends[p, 1]:
            starts[low + 1] += 1
    for i in range(n):
        starts[i + 1] += starts[i]
    order, places = np.empty(starts[n], np.int64), starts[:n].copy()
    for p in range(ends.shape[0]):
        low = min(ends[p, 0], ends[p, 1])
        if low >= 0 and ends[p, 0] != ends[p, 1]:
            order[places[low]] = p
            places[low] += 1
    pairs, found, count = np.empty((starts[n], 2), np.int32), np.empty(starts[n], np.float64), 0
    place = np.full(n, -1)
    for low in range(n):
        first = count
        for at in range(starts[low], starts[low + 1]):
            p = order[at]
            high = max(ends[p, 0], ends[p, 1])
            if place[high] < first:
                place[high] = count
                pairs[count, 0], pairs[count, 1], found[count] = low, high, values[p]
                count += 1
            elif add:
                found[place[high]] += values[p]
            else:
                found[place[high]] = max(found[place[high]], values[p])
        if count - first > 1:
            by_end = first + np.argsort(pairs[first:count, 1])
            pairs[first:count], found[first:count] = pairs[by_end], found[by_end]
    return pairs[:count].copy(), found[:count].copy()


def average_linkage(similarity, cut):
    """Group labels int32 (m,) by average linkage, merging while the best mean is ``cut`` or more.

    Sokal & Michener 1958, with the update of Lance & Williams 1967.

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


def _nearest(similarity, alive, row):
    """The most similar later row that is alive; -1 where there is none."""
    found = -1
    for k in range(row + 1, similarity.shape[0]):
        if alive[k] and (found < 0 or similarity[row, k] > similarity[row, found]):
            found = k
    return found


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


def link_components(order, bounds, pairs, strength, cut):
    """Average linkage inside each run of ``order``: labels int32 (n,), the lowest index of a group.

    ``pairs`` int32 (m, 2), sorted, hold all pairs of every run, ``strength`` float64 (m,) how much
    alike they are.
    """
    n = order.size
    labels, places = np.arange(n).astype(np.int32), np.empty(n, np.int32)
    starts = np.zeros(n + 1, np.int64)
    for p in range(pairs.shape[0]):
        starts[pairs[p, 0] + 1] += 1
    for i in range(n):
        starts[i + 1] += starts[i]
    for c in range(bounds.size - 1):
        first, size = bounds[c], bounds[c + 1] - bounds[c]
        if size < 2:
            continue
        for k in range(size):
            places[order[first + k]] = k
        similarity = np.zeros((size, size))
        for k in range(size):
            row = order[first + k]
            for p in range(starts[row], starts[row + 1]):
                other = places[pairs[p, 1]]
                similarity[k, other] = strength[p]
                similarity[other, k] = strength[p]
        found = average_linkage(similarity, cut)
        for k in range(size):
            labels[order[first + k]] = order[first + found[k]]
    return labels


def hang(heads, neighbours, weights, edges, bounds):
    """Maximum spanning tree of each group, rooted at its head (Prim 1957).

    ``heads`` int32 (n,) names each article's head; ``neighbours``, ``weights`` and ``edges`` (the
    numbers of the pairs) are ragged by ``bounds``. Returns parents int32 (n,) and the pair that
    holds each to its parent int64 (n,), -1 for heads. Of equal weights the article that joined
    first wins, then the lowest index.
    """
    n = heads.size
    parents, links = np.full(n, -1, np.int32), np.full(n, -1, np.int64)
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
                if parents[other] < 0:
                    frontier[size] = other
                    size += 1
                if weights[k] > best[other]:
                    best[other], parents[other], links[other] = weights[k], current, edges[k]
            if size == 0:
                break
            at = 0
            for k in range(1, size):
                higher = best[frontier[k]] > best[frontier[at]]
                equal = best[frontier[k]] == best[frontier[at]]
                if higher or (equal and frontier[k] < frontier[at]):
                    at = k
            current = frontier[at]
            done[current] = True
            size -= 1
            frontier[at] = frontier[size]
    return parents, links


def connected(n, pairs):
    """Connected components: labels int32 (n,), the lowest index of each (Tarjan 1975)."""
    labels = np.arange(n).astype(np.int32)
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        while labels[a] != a:
            labels[a] = labels[labels[a]]
            a = labels[a]
        while labels[b] != b:
            labels[b] = labels[labels[b]]
            b = labels[b]
        # The lower index is the root, so that it names the component.
        if a < b:
            labels[b] = a
        else:
            labels[a] = b
    for i in range(n):
        labels[i] = labels[labels[i]]  # roots are lower: they are final by now
    return labels
