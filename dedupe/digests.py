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

from dedupe.group import LEAST_CHANCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.weigh import Weights

MENTIONED = 0.3
"""Chance from which a digest tells what another article tells."""
MOST_SHARED = 0.2
"""Two articles are told in one part of a third where they share more than this of it: the smaller
sum of what terms add to the cosine. Two stories of a digest have the commonest words in common."""
MOST_NEIGHBOURS = 32
"""Likeliest neighbours of an article that are looked at."""


def digests(
    pairs: NDArray[np.int32],
    chances: NDArray[np.float64],
    n: int,
    weights: Callable[[], Weights],
) -> NDArray[np.bool_]:
    """Which of n articles are digests (n,).

    ``pairs`` (m, 2) report one event with ``chances`` (m,). ``weights`` gives the rows of the n
    articles; it is called only where the pairs alone leave it open.
    """
    from dedupe.kernels.digests import confirmed, suspected
    from dedupe.kernels.tree import adjacency

    neighbours, near, bounds = adjacency(pairs, chances, LEAST_CHANCE, n)
    found: NDArray[np.bool_] = suspected(neighbours, near, bounds, MENTIONED, MOST_NEIGHBOURS)
    suspects = np.flatnonzero(found)
    if len(suspects):
        held = weights()
        rows, width = (held.columns, held.values, held.bounds), held.width
        found[suspects] = confirmed(
            neighbours, near, bounds, MENTIONED, MOST_NEIGHBOURS, suspects, rows, width,
            MOST_SHARED,
        )  # fmt: skip
    return found


def mentions(
    pairs: NDArray[np.int32], chances: NDArray[np.float64], told: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Pairs of a digest and an article that it tells of, likeliest first: int32 (k, 2).

    ``told`` (n,) are the digests. Two digests don't mention each other.
    """
    near = (chances >= MENTIONED) & (told[pairs[:, 0]] != told[pairs[:, 1]])
    places = np.flatnonzero(near)
    places = places[np.argsort(-chances[places], kind="stable")]
    found = pairs[places]
    return np.where(told[found[:, :1]], found, found[:, ::-1])
