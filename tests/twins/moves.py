"""Single articles moved between groups where that raises the expected B-cubed F1."""

from __future__ import annotations

import numpy as np

from twins.linkage import connected
from twins.tree import adjacency, average_tree, best_partition


def expected(within, size, total):
    """Expected F1 of an article in a group: 2 S / (|K| + T)."""
    return 2.0 * within / (size + total)


def leaving_gain(i, first, following, chance, sizes, size, within, total):
    """What the others of its group gain in sum, and it loses, when ``i`` leaves it."""
    gain = -sizes[i] * expected(within[i], size, total[i])
    j = first
    while j >= 0:
        if j != i:
            left = expected(within[j] - chance[j] * sizes[i], size - sizes[i], total[j])
            gain += sizes[j] * (left - expected(within[j], size, total[j]))
        j = following[j]
    return gain


def joining_gain(i, first, following, chance, sizes, size, within, total):
    """What a group gains in sum when ``i`` joins it, with the share of ``i`` itself."""
    own, gain, j = sizes[i], 0.0, first
    while j >= 0:
        joined = expected(within[j] + chance[j] * sizes[i], size + sizes[i], total[j])
        gain += sizes[j] * (joined - expected(within[j], size, total[j]))
        own += chance[j] * sizes[j]
        j = following[j]
    return gain + sizes[i] * expected(own, size + sizes[i], total[i])


def improve(labels, neighbours, chances, bounds, sizes, rounds):
    """Moves articles one by one, in order, to where the sum of expected F1 gains most.

    That is the group in which its own expected F1 is highest, or one of its own. ``labels`` int32
    (n,) name groups by a number below n and are changed in place; at most ``rounds`` times through.
    The tree can't take back an early merge; this can (Kernighan & Lin 1970, a vertex at a time).
    """
    n = labels.size
    firsts, following = np.full(n, -1), np.full(n, -1)
    previous, size = np.full(n, -1), np.zeros(n)
    within, total, chance = sizes.copy(), sizes.copy(), np.zeros(n)
    shared = np.zeros(n)
    for i in range(n - 1, -1, -1):
        group = labels[i]
        following[i] = firsts[group]
        if firsts[group] >= 0:
            previous[firsts[group]] = i
        firsts[group] = i
        size[group] += sizes[i]
        for k in range(bounds[i], bounds[i + 1]):
            total[i] += chances[k] * sizes[neighbours[k]]
            if labels[neighbours[k]] == group:
                within[i] += chances[k] * sizes[neighbours[k]]
    for _ in range(rounds):
        moved = 0
        for i in range(n):
            start, end = bounds[i], bounds[i + 1]
            if start == end:
                continue
            for k in range(start, end):
                chance[neighbours[k]] = chances[k]
            home = labels[i]
            base = leaving_gain(
                i, firsts[home], following, chance, sizes, size[home], within, total
            )
            best, where = 1e-9, -1
            alone = base + sizes[i] * expected(sizes[i], sizes[i], total[i])
            if alone > best and size[home] > sizes[i]:
                best, where = alone, n
            group = _likeliest(i, home, labels, neighbours[start:end], chances[start:end],
                               sizes, size, total, shared)  # fmt: skip
            if group >= 0:
                gain = base + joining_gain(
                    i, firsts[group], following, chance, sizes, size[group], within, total
                )
                if gain > best:
                    best, where = gain, group
            if where >= 0:
                moved += 1
                if where == n:
                    # A name that no group has: that of an emptied one, or of this article.
                    where = i if firsts[i] < 0 else _free(firsts)
                _move(i, home, where, labels, firsts, following, previous)
                size[home] -= sizes[i]
                size[where] += sizes[i]
                within[i] = sizes[i]
                for k in range(start, end):
                    j = neighbours[k]
                    if labels[j] == home:
                        within[j] -= chances[k] * sizes[i]
                    elif labels[j] == where:
                        within[j] += chances[k] * sizes[i]
                        within[i] += chances[k] * sizes[j]
            for k in range(start, end):
                chance[neighbours[k]] = 0.0
        if not moved:
            break


def partitioned(pairs, chances, sizes, least, floor, rounds):
    """Labels int32 (n,): the tree's best partition, improved article by article.

    ``pairs`` int32 (m, 2) of less than the chance ``least`` don't count; ``floor`` as in
    average_tree, ``rounds`` as in improve.
    """
    neighbours, near, bounds = adjacency(pairs, chances, least, sizes.size)
    merges = average_tree(neighbours, near, bounds, sizes, floor)
    labels = best_partition(merges, neighbours, near, bounds, sizes)
    improve(labels, neighbours, near, bounds, sizes, rounds)
    # Where the article that tied two parts together has moved away, they part.
    tied, count = np.empty_like(pairs), 0
    for p in range(pairs.shape[0]):
        tied[count, 0], tied[count, 1] = pairs[p, 0], pairs[p, 1]
        count += labels[pairs[p, 0]] == labels[pairs[p, 1]] and chances[p] >= least
    return connected(sizes.size, tied[:count])


def _likeliest(i, home, labels, neighbours, chances, sizes, size, total, shared):
    """The group among its neighbours', other than ``home``, where ``i`` would be best off.

    -1 where it has no such neighbour. ``shared`` float64 (n,) is scratch, left as zeros.
    """
    for k in range(neighbours.size):
        shared[labels[neighbours[k]]] += chances[k] * sizes[neighbours[k]]
    best, found = 0.0, -1
    for k in range(neighbours.size):
        group = labels[neighbours[k]]
        if group != home:
            value = expected(sizes[i] + shared[group], size[group] + sizes[i], total[i])
            if value > best or (value == best and group < found):
                best, found = value, group
    for k in range(neighbours.size):
        shared[labels[neighbours[k]]] = 0.0
    return found


def _free(firsts):
    for group in range(firsts.size):
        if firsts[group] < 0:
            return group
    return -1


def _move(i, home, where, labels, firsts, following, previous):
    """Takes ``i`` out of the list of one group and puts it at the head of another's."""
    if previous[i] >= 0:
        following[previous[i]] = following[i]
    else:
        firsts[home] = following[i]
    if following[i] >= 0:
        previous[following[i]] = previous[i]
    previous[i], following[i] = -1, firsts[where]
    if firsts[where] >= 0:
        previous[firsts[where]] = i
    firsts[where], labels[i] = i, where
