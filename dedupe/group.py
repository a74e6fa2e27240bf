"""Matches to groups of copies, groups of copies to stories.

Union-find over pairs chains whole corpora together. Here components only bound the work; inside
each, articles are grouped by linkage over all pairs, so that one look-alike ties nothing.

Everything runs on indices in the order of ids, so that input order has no say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from dedupe.moments import latest

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)

COMPONENT_LIMIT = 512
"""Articles in one component up to which all its pairs are compared (131,000 pairs)."""
LEAST_CHANCE, LEAST_MEAN = 0.05, 0.1
"""Below these a pair, or the mean between two groups, can't make any group better."""
ROUNDS = 8
"""Times through the articles to move single ones; three are usual before nothing moves."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Groups of n articles, each held together by a tree of pairs."""

    heads: NDArray[np.int32]
    """The representative of each article's group (n,)."""
    parents: NDArray[np.int32]
    """The article whose evidence holds this one; -1 for representatives (n,)."""
    links: NDArray[np.int64]
    """The pair that holds an article to its parent, as its place among the pairs; -1 likewise."""

    def pairs(self) -> NDArray[np.int32]:
        """Each article that is held, behind the one that holds it: int32 (m, 2)."""
        held = np.flatnonzero(self.parents >= 0)
        return np.stack((self.parents[held], held), axis=1).astype(np.int32)


def components(n: int, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """Connected components over n articles: labels int32 (n,), the lowest index of each."""
    from dedupe.kernels.linkage import connected

    return connected(n, pairs)


def pairs_within(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """All pairs of members of the same component, sorted: int32 (m, 2), smaller index first."""
    from dedupe.kernels.linkage import member_pairs

    order = np.argsort(labels, kind="stable").astype(np.int32)
    pairs = member_pairs(order, _runs(labels))
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _runs(labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """Where each group's members begin once they are sorted by label: int64 (groups + 1,)."""
    sizes = np.unique(labels, return_counts=True)[1]
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


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
    return link_components(order, _runs(labels), pairs, strength, cut)


def in_linkage_order(strength: NDArray[np.float64]) -> list[int]:
    """The indices of n articles, what average linkage joins early next to each other.

    ``strength`` float64 (n, n) is symmetric; higher is nearer. Two groups are joined end to end,
    each turned so that the two articles which meet are the nearest of their four ends.
    """
    n = len(strength)
    near, runs = np.array(strength, np.float64), [[index] for index in range(n)]
    np.fill_diagonal(near, -np.inf)
    for _ in range(n - 1):
        one, other = sorted(divmod(int(np.argmax(near)), n))
        joined = (len(runs[one]) * near[one] + len(runs[other]) * near[other]) / (
            len(runs[one]) + len(runs[other])
        )
        near[one], near[:, one] = joined, joined
        near[other], near[:, other], near[one, one] = -np.inf, -np.inf, -np.inf
        turned = [
            (first, second)
            for first in (runs[one], runs[one][::-1])
            for second in (runs[other], runs[other][::-1])
        ]
        first, second = max(turned, key=lambda pair: strength[pair[0][-1], pair[1][0]])
        runs[one], runs[other] = first + second, []
    return runs[0] if runs else []


def stars(left: NDArray[np.int32], pairs: NDArray[np.int32], n: int) -> NDArray[np.int32]:
    """(Head, member) pairs int32 (k, 2) among those of ``pairs`` (m, 2) with both ends in ``left``.

    The first of ``left`` (of n articles, each once) heads all that it is in a pair with; of the
    rest the next; and so on.
    """
    ranks = np.full(n, -1, np.int64)
    ranks[left] = np.arange(len(left))
    ends = np.sort(ranks[pairs], axis=1)
    ends = ends[ends[:, 0] >= 0]
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    bounds = np.searchsorted(ends[:, 0], np.arange(len(left) + 1))
    heads = np.full(len(left), -1, np.int64)
    for rank in np.flatnonzero(np.diff(bounds)).tolist():
        if heads[rank] < 0:
            others = ends[bounds[rank] : bounds[rank + 1], 1]
            heads[others[heads[others] < 0]] = rank
    (members,) = np.nonzero(heads >= 0)
    return np.stack((left[heads[members]], left[members]), axis=1).astype(np.int32)


def representatives(
    labels: NDArray[np.int32], dates: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.int32]:
    """The representative of each article's group (n,): the earliest; of undated ones the longest.

    ``dates`` int64 (n,) in microseconds, the largest int64 for none; a day comes behind the times
    on it. ``sizes`` int64 (n,) in tokens. Ties go to the lowest index, which is the lowest id.
    """
    order = np.lexsort((np.arange(len(labels)), -sizes, latest(dates), labels))
    heads = order[_firsts(labels[order])]
    return heads[np.searchsorted(labels[heads], labels)].astype(np.int32)


def excerpts(
    lengths: NDArray[np.int64],
    pairs: NDArray[np.int32],
    containment: NDArray[np.float64],
    least: float,
) -> NDArray[np.int64]:
    """Which pairs tie an excerpt to the text that holds it: places among the pairs, ascending.

    An excerpt is tied to the text that holds most of it, of equals to the shortest, and to no
    other: a short item in two digests does not make the digests one text. Nor does a text take in
    more than its longest excerpt: two items in one digest do not become one story.
    """
    fits = np.flatnonzero(containment >= least)
    sides = pairs[fits]
    second_shorter = lengths[sides[:, 1]] < lengths[sides[:, 0]]
    shorter = np.where(second_shorter, sides[:, 1], sides[:, 0])
    longer = np.where(second_shorter, sides[:, 0], sides[:, 1])
    order = np.lexsort((longer, lengths[longer], -containment[fits], shorter))
    order = order[_firsts(shorter[order])]
    order = order[np.lexsort((shorter[order], -lengths[shorter[order]], longer[order]))]
    order = order[_firsts(longer[order])]
    return np.sort(fits[order])


def _firsts(values: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Where a new run of equal values begins."""
    first = np.ones(len(values), np.bool_)
    first[1:] = values[1:] != values[:-1]
    return first


def merged(labels: NDArray[np.int32], pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """The groups of ``labels`` (n,), those that a pair ties joined: labels int32 (n,)."""
    own = np.arange(len(labels), dtype=np.int32)
    return components(len(labels), np.concatenate((np.stack((own, labels), axis=1), pairs)))


def pair_keys(labels: NDArray[np.int32], pairs: NDArray[np.int32]) -> NDArray[np.int64]:
    """One number for the two groups of each pair of articles (k, 2), in either order: (k,).

    It is the lower label times n plus the higher one.
    """
    ends = labels[pairs].astype(np.int64)
    low, high = np.minimum(ends[:, 0], ends[:, 1]), np.maximum(ends[:, 0], ends[:, 1])
    return np.asarray(low * len(labels) + high)


def places_among(
    wanted: NDArray[np.int64], keys: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each of some keys stands among those ``wanted``, ascending (k,), and whether it does.

    Two arrays (m,). For few that are wanted of many: NumPy's own would sort or hash the many.
    """
    if not len(wanted):
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
    places = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
    return places, np.asarray(wanted[places] == keys)


def found_again(
    n: int, pairs: NDArray[np.int32], among: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each of some pairs (m, 2) of n articles stands ``among`` others (k, 2), and whether.

    Two arrays (m,). Each of the others stands there once.
    """
    own = np.arange(n, dtype=np.int32)
    keys = pair_keys(own, among)
    order = np.argsort(keys)
    places, both = places_among(keys[order], pair_keys(own, pairs))
    return (order[places] if len(among) else places), both


def stories_of(
    copies: NDArray[np.int32],
    nodes: NDArray[np.int32],
    among: NDArray[np.int32],
    chances: NDArray[np.float64],
) -> NDArray[np.int32]:
    """Story of each of n articles: int32 (n,).

    ``copies`` (n,) are their groups of copies, ``nodes`` (k,) the articles that stand for groups;
    of these, pairs ``among`` (m, 2) are one story with ``chances`` (m,).
    """
    sizes = np.bincount(copies, minlength=len(copies))[copies[nodes]].astype(np.float64)
    groups = story_groups(among, chances, sizes)
    return merged(copies, np.stack((nodes, nodes[groups]), axis=1).astype(np.int32))


def story_groups(
    pairs: NDArray[np.int32],
    chances: NDArray[np.float64],
    sizes: NDArray[np.float64],
) -> NDArray[np.int32]:
    """Labels int32 (n,) of the partition with the best expected B-cubed F1.

    An average-linkage tree over the pairs is cut branch by branch, each where the chances
    themselves say that it gains, so that there is no threshold to set. ``sizes`` float64 (n,)
    counts the articles that stand behind each.
    """
    from dedupe.kernels.moves import partitioned

    found: NDArray[np.int32] = partitioned(pairs, chances, sizes, LEAST_CHANCE, LEAST_MEAN, ROUNDS)
    return found


def rooted(
    labels: NDArray[np.int32],
    heads: NDArray[np.int32],
    pairs: NDArray[np.int32],
    strength: NDArray[np.float64],
) -> Tree:
    """Hangs each group's members from its representative by their strongest pairs.

    Pairs across groups are passed over. Every group must be connected by those within.
    """
    from dedupe.kernels.linkage import hang

    inside = np.flatnonzero(labels[pairs[:, 0]] == labels[pairs[:, 1]])
    rows = np.concatenate((pairs[inside, 0], pairs[inside, 1]))
    others = np.concatenate((pairs[inside, 1], pairs[inside, 0]))
    edges = np.concatenate((inside, inside))
    order = np.lexsort((others, rows))
    bounds = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(labels)))))
    parents, links = hang(
        heads, others[order], strength[edges[order]], edges[order], bounds.astype(np.int64)
    )
    return Tree(heads, parents, links)
