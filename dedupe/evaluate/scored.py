"""The story score of pairs, held against their labels: by its value, and at fixed cuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedupe.evaluate.measures import Agreement, agreement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedupe.analysis import Analysis

CUTS = tuple(k / 10 for k in range(1, 10))
"""Story scores at which pairs are cut."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What the score alone tells where every pair of at least ``score`` is taken for one story."""

    score: float
    agreement: Agreement


def pairs_behind(
    analysis: Analysis, stories: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How many pairs of labelled articles each scored pair of groups of copies stands for.

    And how many of those are true: float64 (m,) each, as ``analysis.scored_groups``. ``stories``
    int64 (n,), -1 for an unlabelled article.
    """
    n, width = max(len(stories), 1), int(stories.max(initial=0)) + 1
    labelled = np.flatnonzero(stories >= 0)
    groups = analysis.links.copies[labelled].astype(np.int64)
    sizes = np.bincount(groups, minlength=n).astype(np.float64)
    cells, counts = np.unique(groups * width + stories[labelled], return_counts=True)
    one, other = np.divmod(analysis.scored_groups.keys, n)
    # Each pair beside every story of its first group; how many of the second are in it, too.
    starts, ends = (np.searchsorted(cells, (one + k) * width) for k in range(2))
    pairs = np.repeat(np.arange(len(one)), ends - starts)
    at = np.arange(len(pairs)) - np.repeat(
        np.cumsum(ends - starts) - (ends - starts), ends - starts
    )
    at += starts[pairs]
    wanted = other[pairs] * width + cells[at] % width
    met = np.minimum(np.searchsorted(cells, wanted), max(len(cells) - 1, 0))
    same = np.where(cells[met] == wanted, counts[at] * counts[met], 0) if len(cells) else at
    true = np.bincount(pairs, same, minlength=len(one)).astype(np.float64)
    return sizes[one] * sizes[other], true


def cuts_of_stories(analysis: Analysis, stories: NDArray[np.int64]) -> tuple[Cut, ...]:
    """Precision and recall over all pairs of labelled articles, at each of CUTS.

    A pair that was never scored is taken for two stories, copies for one, at every cut.
    ``stories`` int64 (n,), -1 for an unlabelled article.
    """
    known, groups = stories >= 0, analysis.links.copies.astype(np.int64)
    true = _pairs_within(stories[known])
    width = int(stories.max(initial=0)) + 1
    inner = _pairs_within(groups[known])
    inner_true = _pairs_within(groups[known] * width + stories[known])
    pairs, hits = pairs_behind(analysis, stories)
    found = []
    for cut in CUTS:
        above = analysis.scored_groups.scores >= cut
        taken, right = inner + pairs[above].sum(), inner_true + hits[above].sum()
        found.append(Cut(cut, _agreement(right, taken, true)))
    return tuple(found)


def cuts_of_pairs(true: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[Cut, ...]:
    """Precision and recall over labelled pairs, at each of CUTS."""
    return tuple(
        Cut(cut, _agreement(true[scores >= cut].sum(), (scores >= cut).sum(), true.sum()))
        for cut in CUTS
    )


def _agreement(right: float, taken: float, true: float) -> Agreement:
    precision = float(right / taken) if taken else 0.0
    return agreement(precision, float(right / true) if true else 0.0)


def _pairs_within(labels: NDArray[np.int64]) -> float:
    sizes = np.unique(labels, return_counts=True)[1].astype(np.float64)
    return float((sizes * (sizes - 1) / 2).sum())


def pair_scores(analysis: Analysis, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Story score of pairs of article ids (k,), each in [0, 1]: 1 between copies.

    0 where an article of the pair has next to nothing in common with the other: it was never a
    candidate. The analysis must have been made with evidence. Raises KeyError for an unknown id.
    """
    rows = np.stack([analysis.rows(side) for side in zip(*pairs, strict=True)], axis=1)
    return np.nan_to_num(analysis.story_scores(rows))
