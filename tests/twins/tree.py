"""Average-linkage trees of a sparse graph, and the partition of a tree with the best expected F1.

The graph is given by rows: ``neighbours`` int32 and ``chances`` float64, ragged by ``bounds``
int64 (n + 1,), each pair from both sides. A pair that is absent has chance 0.
"""

from __future__ import annotations

import numpy as np


def _nearest(neighbours, chances, bounds, sizes, owner, heads, nexts, cluster, sums, met):
    """The cluster with the highest mean chance to ``cluster``, and that mean; -1 for none."""
    count, node = 0, heads[cluster]
    while node >= 0:
        for k in range(bounds[node], bounds[node + 1]):
            other = owner[neighbours[k]]
            if other != cluster:
                if sums[other] == 0.0:
                    met[count] = other
                    count += 1
                # Weighted by both sizes, so that a text printed many times counts as often.
                sums[other] += chances[k] * sizes[node] * sizes[neighbours[k]]
        node = nexts[node]
    return count


def average_tree(neighbours, chances, bounds, sizes, floor):
    """Merges of average linkage down to a mean of ``floor``: int32 (k, 2), children before parents.

    By chains of nearest neighbours (Murtagh 1983), which needs no sorting and no dense matrix.
    ``sizes`` float64 (n,) are the nodes' weights. Node i < n is article i; node n + j is merge j.
    Ties go to the cluster whose first article has the lowest index.
    """
    n = bounds.size - 1
    owner, heads, tails = np.arange(n), np.arange(n), np.arange(n)
    nexts, weight, names = np.full(n, -1), sizes.copy(), np.arange(n)
    sums, met = np.zeros(n), np.empty(n, np.int64)
    merges, count = np.empty((max(n - 1, 0), 2), np.int32), 0
    chain, on_chain = np.empty(n + 1, np.int64), np.zeros(n, np.bool_)
    for start in range(n):
        if owner[start] != start:
            continue
        chain[0], length = start, 1
        on_chain[start] = True
        while length:
            current = chain[length - 1]
            reached = _nearest(
                neighbours, chances, bounds, sizes, owner, heads, nexts, current, sums, met
            )
            best, mean = -1, 0.0
            for k in range(reached):
                other = met[k]
                value = sums[other] / (weight[current] * weight[other])
                if value > mean or (value == mean and other < best):
                    best, mean = other, value
            if length > 1:
                # The one we came from wins a tie, or the chain would never close; and so it does
                # where means that are equal but for rounding lead back into the chain.
                back = chain[length - 2]
                circle = best >= 0 and on_chain[best]
                if circle or sums[back] / (weight[current] * weight[back]) >= mean:
                    best = back
            for k in range(reached):
                sums[met[k]] = 0.0
            if best < 0 or mean < floor:
                break
            if length > 1 and best == chain[length - 2]:
                a, b = min(current, best), max(current, best)
                merges[count, 0], merges[count, 1] = names[a], names[b]
                names[a] = n + count
                count += 1
                node = heads[b]
                while node >= 0:
                    owner[node] = a
                    node = nexts[node]
                nexts[tails[a]] = heads[b]
                tails[a] = tails[b]
                weight[a] += weight[b]
                on_chain[current] = on_chain[best] = False
                length -= 2
                if length == 0 and a == start:
                    chain[0], length = a, 1
                    on_chain[a] = True
            else:
                chain[length] = best
                on_chain[best] = True
                length += 1
    return merges[:count].copy()


def best_partition(merges, neighbours, chances, bounds, sizes):
    """Labels int32 (n,): the cut of the forest ``merges`` with the highest expected B-cubed F1.

    An article's expected F1 in a group K is 2 S / (|K| + T): S the chances summed over K, T over
    all articles, itself counted with chance 1. A node stays whole where its sum over articles is
    at least that of the best cuts of its two children (after Jansche 2007's expected F-measure).
    """
    n = bounds.size - 1
    m = merges.shape[0]
    total, within = sizes.copy(), sizes.copy()
    for i in range(n):
        for k in range(bounds[i], bounds[i + 1]):
            total[i] += chances[k] * sizes[neighbours[k]]
    cluster, firsts, lasts = np.arange(n), np.empty(n + m, np.int64), np.empty(n + m, np.int64)
    nexts, size = np.full(n, -1), np.empty(n + m)
    best, whole = np.empty(n + m), np.ones(n + m, np.bool_)
    inner = np.zeros(n + m, np.bool_)
    for i in range(n):
        firsts[i] = lasts[i] = i
        size[i] = sizes[i]
        best[i] = sizes[i] * 2.0 * within[i] / (size[i] + total[i])
    for j in range(m):
        a, b, c = merges[j, 0], merges[j, 1], n + j
        inner[a] = inner[b] = True
        node = firsts[b]
        while node >= 0:
            for k in range(bounds[node], bounds[node + 1]):
                other = neighbours[k]
                if cluster[other] == a:
                    within[node] += chances[k] * sizes[other]
                    within[other] += chances[k] * sizes[node]
            if node == lasts[b]:
                break
            node = nexts[node]
        nexts[lasts[a]] = firsts[b]
        firsts[c], lasts[c], size[c] = firsts[a], lasts[b], size[a] + size[b]
        value, node = 0.0, firsts[c]
        while True:
            cluster[node] = c
            value += sizes[node] * 2.0 * within[node] / (size[c] + total[node])
            if node == lasts[c]:
                break
            node = nexts[node]
        best[c] = max(value, best[a] + best[b])
        whole[c] = value >= best[a] + best[b]
    labels = np.arange(n).astype(np.int32)
    stack = np.empty(n + m + 1, np.int64)
    for root in range(n + m):
        if inner[root]:
            continue
        stack[0], depth = root, 1
        while depth:
            depth -= 1
            c = stack[depth]
            if c >= n and not whole[c]:
                stack[depth], stack[depth + 1] = merges[c - n, 0], merges[c - n, 1]
                depth += 2
                continue
            lowest, node = firsts[c], firsts[c]
            while node != lasts[c]:
                node = nexts[node]
                lowest = min(lowest, node)
            node = firsts[c]
            while True:
                labels[node] = lowest
                if node == lasts[c]:
                    break
                node = nexts[node]
    return labels


def adjacency(pairs, values, least, n):
    """The pairs of at least ``least`` from both sides: neighbours int32, values, bounds (n + 1,).

    Rows keep the order of the pairs: partners before the article first, then those after it.
    """
    bounds = np.zeros(n + 1, np.int64)
    for p in range(pairs.shape[0]):
        if values[p] >= least:
            bounds[pairs[p, 0] + 1] += 1
            bounds[pairs[p, 1] + 1] += 1
    for i in range(n):
        bounds[i + 1] += bounds[i]
    places = bounds[:n].copy()
    neighbours, held = np.empty(bounds[n], np.int32), np.empty(bounds[n], np.float64)
    # Two passes: for row i the partners below i come first, in order, then those above.
    for side in (1, 0):
        for p in range(pairs.shape[0]):
            if values[p] >= least:
                row = pairs[p, side]
                neighbours[places[row]] = pairs[p, 1 - side]
                held[places[row]] = values[p]
                places[row] += 1
    return neighbours, held, bounds
