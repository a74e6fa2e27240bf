"""Digests: articles that tell several stories which have nothing to do with each other.

A newsletter, a live blog or a round-up of the day is likely one story with each of the reports that
it was made of, and would tie all of them. What gives it away is the articles that are likely of one
story with it. They fall into three groups or more without a link, and each group shares other terms
with it, those of its own part. A report that bridges two angles of one saga shares the saga's names
with both, and its neighbours are each other's; one look-alike beside a true companion makes two
groups, not three. What may be a digest itself links no two of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from dedupe.group import LEAST_CHANCE, pair_keys, places_among

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.term_corpus import TermCorpus
    from dedupe.weigh import TermRows

MENTIONED = 0.3
"""Chance from which a digest tells what another article tells."""
MOST_SHARED = 0.2
"""Two articles are told in one part of a third where they share more than this of it: the smaller
sum of what terms add to the cosine. Two stories of a digest have the commonest words in common."""
ALIKE = 0.5
"""Share of a digest's cosine with what it tells that a copy which tells it, too, has at least."""
MOST_NEIGHBOURS, MOST_ALIKE = 32, 4
"""Likeliest neighbours of an article that are looked at; of those that are linked to as many that
are looked at already, none."""
MOST_TOLD = 256
"""Likeliest of what a digest tells that is held against each of its copies: it may have thousands
of both."""
LEAST_DIGEST = 24
"""Words that three stories take, be each told in a headline: a shorter text is no digest."""
LOOKED_AT = (MENTIONED, MOST_NEIGHBOURS, MOST_ALIKE)
SUSPECTS = 1 << 12
"""Of so many at a time the rows of terms are asked for, with those of their neighbours."""


def digests(
    pairs: NDArray[np.int32],
    chances: NDArray[np.float64],
    words: NDArray[np.int64],
    term_rows: Callable[[NDArray[np.int32]], TermRows],
    new: int | None = None,
) -> NDArray[np.bool_]:
    """Which of n articles, of so many ``words`` (n,), are digests (n,).

    ``pairs`` (m, 2) report one event with ``chances`` (m,). ``term_rows`` gives the rows of the n
    articles, at least of those asked for; it is called only where the pairs alone leave it open.
    Where but the first ``new`` are new, of the others only those are looked at that may tell one.
    """
    from dedupe.kernels.digests import suspected
    from dedupe.kernels.tree import adjacency

    n, long = len(words), words >= LEAST_DIGEST
    graph = neighbours, near, bounds = adjacency(pairs, chances, LEAST_CHANCE, n)

    def told(suspects: NDArray[np.int64], rounds: int) -> NDArray[np.bool_]:
        found, likely = np.zeros(n, np.bool_), np.empty(0, np.bool_)
        for _ in range(rounds):  # who has three stories may itself be a digest, see the kernel
            suspects = suspects[_confirmed(graph, suspects, term_rows, likely)]
            likely = np.zeros(n, np.bool_)
            likely[suspects] = True
        found[suspects] = True
        return found

    def suspects(changed: int) -> NDArray[np.int64]:
        return np.flatnonzero(suspected(neighbours, near, bounds, *LOOKED_AT, changed) & long)

    first = suspects(n if new is None else new)
    if new is None or not len(first):
        return told(first, 2) if len(first) else np.zeros(n, np.bool_)
    found = told(first, 1)  # that clears most of them
    return found & told(suspects(n), 2) if found.any() else found


def _confirmed(
    graph: tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]],
    suspects: NDArray[np.int64],
    term_rows: Callable[[NDArray[np.int32]], TermRows],
    likely: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Which of the suspects (s,) tell three stories, see kernels.digests.confirmed."""
    from dedupe.kernels.digests import confirmed, looked_at

    found = np.zeros(len(suspects), np.bool_)
    for first in range(0, len(suspects), SUSPECTS):
        some = suspects[first : first + SUSPECTS]
        chosen = looked_at(*graph, *LOOKED_AT, some)
        columns, values, ends, width = term_rows(np.flatnonzero(chosen).astype(np.int32))
        rows = columns, values, ends
        found[first : first + SUSPECTS] = confirmed(
            *graph, *LOOKED_AT, some, rows, width, MOST_SHARED, likely
        )
    return found


def with_sure(
    pairs: NDArray[np.int32], chances: NDArray[np.float64], sure: NDArray[np.int32], n: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Pairs (m, 2) of n articles with their chances, those ``sure`` (k, 2) among them with 1.

    Each pair once, though it may be both, in either order.
    """
    if not len(sure):
        return pairs, chances
    known, wanted = (pair_keys(np.arange(n, dtype=np.int32), each) for each in (pairs, sure))
    wanted, first = np.unique(wanted, return_index=True)
    places, both = places_among(wanted, known)
    more = np.ones(len(wanted), np.bool_)
    more[places[both]] = False
    raised = np.where(both, 1.0, chances)
    return (
        np.concatenate((pairs, sure[first[more]])),
        np.concatenate((raised, np.ones(int(more.sum())))),
    )


def told_by_copies(
    told: NDArray[np.bool_],
    groups: NDArray[np.int32],
    pairs: NDArray[np.int32],
    chances: NDArray[np.float64],
    words: NDArray[np.int64],
    terms: TermCorpus,
) -> NDArray[np.bool_]:
    """The digests with those of their copies that are digests too (n,).

    ``told`` (n,) are the digests among those that stand for their ``groups`` (n,) of copies. One
    that was made of a report and several short items is a copy of that report, which is none: of
    what a digest tells, a copy tells what it has at least a share of ALIKE in common with.
    """
    standing = np.full(len(told), -1, np.int32)
    standing[groups[told]] = np.flatnonzero(told)
    copies = np.flatnonzero((standing[groups] >= 0) & ~told).astype(np.int32)
    if not len(copies):
        return told
    near, others, bounds = _most_likely(told, pairs, chances)
    digest = standing[groups[copies]]
    times = np.diff(bounds)[digest]
    ends = np.repeat(np.cumsum(times), times)
    at = np.arange(len(ends)) - ends + np.repeat(bounds[digest + 1], times)
    copy, digest, other = np.repeat(copies, times), np.repeat(digest, times), others[at]
    one, theirs = (terms.cosines(np.stack((side, other), axis=1)) for side in (copy, digest))
    same = (one >= ALIKE * theirs) & (groups[other] != groups[copy])
    extra = np.sort(np.stack((copy, other), axis=1)[same], axis=1)
    found = digests(
        np.concatenate((pairs, extra)),
        np.concatenate((chances, chances[near[at][same]])),
        words,
        terms.rows,
    )
    again = told.copy()
    again[copies] = found[copies]
    return again


def _most_likely(
    told: NDArray[np.bool_], pairs: NDArray[np.int32], chances: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """What each digest of those ``told`` (n,) tells most likely, MOST_TOLD at most.

    Places among the pairs, as they stand there, one digest after the other (k,); their articles
    (k,); where those of each article begin (n + 1,).
    """
    near = np.flatnonzero(chances >= MENTIONED)
    place = np.concatenate((near, near))
    digest, other = np.concatenate((pairs[near], pairs[near][:, ::-1])).T
    place, digest, other = (each[told[digest]] for each in (place, digest, other))
    order = np.lexsort((place, -chances[place], digest))
    rank = np.arange(len(order)) - np.searchsorted(digest[order], digest[order])
    kept = order[rank < MOST_TOLD]
    kept = kept[np.lexsort((place[kept], digest[kept]))]
    bounds = np.searchsorted(digest[kept], np.arange(len(told) + 1))
    return place[kept], other[kept], bounds


def mentions(
    pairs: NDArray[np.int32], chances: NDArray[np.float64], told: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Pairs of a digest and an article that it tells of, likeliest first: int32 (k, 2).

    ``told`` (n,) are the digests. Two digests don't mention each other.
    """
    if not told.any():
        return np.empty((0, 2), np.int32)
    near = (chances >= MENTIONED) & (told[pairs[:, 0]] != told[pairs[:, 1]])
    places = np.flatnonzero(near)
    places = places[np.argsort(-chances[places], kind="stable")]
    found = pairs[places]
    return np.where(told[found[:, :1]], found, found[:, ::-1])
