"""Matches to groups of copies, groups of copies to stories.

Union-find over pairs chains whole corpora together. Here components only bound the work; inside
each, articles are grouped by linkage over all pairs, so that one look-alike ties nothing.

Everything runs on indices in the order of ids, so that input order has no say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPONENT_LIMIT = 512
"""Articles in one component up to which all its pairs are compared (131,000 pairs)."""
LEVELS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
"""By how much more alike than asked articles must be, step by step, in a larger component."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Groups of n articles, each held together by a tree of pairs."""

    labels: NDArray[np.int32]
    """Group of each article: the index of its representative (n,)."""
    parents: NDArray[np.int32]
    """The article whose evidence holds this one; -1 for representatives (n,)."""


def components(n: int, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """Connected components over n articles: labels int32 (n,)."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(pairs), np.int8)
    graph = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int32, copy=False)


def bounded_components(
    n: int, pairs: NDArray[np.int32], strength: NDArray[np.float64], least: float
) -> tuple[NDArray[np.int32], int]:
    """Components over the pairs of at least ``least``, none larger than COMPONENT_LIMIT.

    In a larger one only stronger pairs count, in steps of LEVELS, until it falls apart; what
    stays together beyond the last step is kept whole. Returns labels int32 (n,) and the number of
    articles in components that were cut so.
    """
    kept = strength >= least
    labels = components(n, pairs[kept])
    cut = 0
    for level in LEVELS:
        large = np.bincount(labels, minlength=n)[labels] > COMPONENT_LIMIT
        if not large.any():
            break
        cut = max(cut, int(large.sum()))
        kept &= ~large[pairs[:, 0]] | (strength >= least + level)
        labels = components(n, pairs[kept])
    return labels, cut


def pairs_within(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """All pairs of members of the same component, sorted: int32 (m, 2), smaller index first."""
    from dedupe.kernels.linkage import member_pairs

    order = np.argsort(labels, kind="stable").astype(np.int32)
    bounds = np.concatenate(([0], np.cumsum(np.bincount(labels)))).astype(np.int64)
    pairs = member_pairs(order, bounds)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def linked(
    labels: NDArray[np.int32],
    pairs: NDArray[np.int32],
    strength: NDArray[np.float64],
    cut: float,
) -> NDArray[np.int32]:
    """Average linkage inside each component: labels int32 (n,).

    ``pairs`` are all pairs within components; groups merge while their mean is at least ``cut``.
    """
    from dedupe.kernels.linkage import link_components

    order = np.argsort(labels, kind="stable").astype(np.int32)
    bounds = np.concatenate(([0], np.cumsum(np.bincount(labels)))).astype(np.int64)
    return link_components(order, bounds, pairs, strength, cut)


def representatives(
    labels: NDArray[np.int32], dates: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.int32]:
    """The representative of each article's group (n,): the earliest; of undated ones the longest.

    ``dates`` int64 (n,) in microseconds, the largest int64 for none; ``sizes`` int64 (n,) in
    tokens. Ties go to the lowest index, which is the lowest id.
    """
    order = np.lexsort((np.arange(len(labels)), -sizes, dates, labels))
    first = np.ones(len(order), bool)
    first[1:] = labels[order][1:] != labels[order][:-1]
    heads = order[first]
    return heads[np.searchsorted(labels[heads], labels)].astype(np.int32)


def rooted(
    labels: NDArray[np.int32],
    heads: NDArray[np.int32],
    pairs: NDArray[np.int32],
    strength: NDArray[np.float64],
) -> Tree:
    """Hangs each group's members from its representative by their strongest pairs (Prim 1957).

    ``pairs`` sorted; pairs across groups are passed over. Every group must be connected by them.
    """
    from dedupe.kernels.linkage import hang

    inside = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    both = np.concatenate((pairs[inside], pairs[inside][:, ::-1]))
    weights = np.concatenate((strength[inside], strength[inside]))
    order = np.lexsort((both[:, 1], both[:, 0]))
    bounds = np.concatenate(([0], np.cumsum(np.bincount(both[:, 0], minlength=len(labels)))))
    parents = hang(heads, both[order, 1], weights[order], bounds.astype(np.int64))
    return Tree(heads, parents)
