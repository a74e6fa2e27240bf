"""Measures of agreement, from plain sequences and arrays.

Groupings are given as two sequences of labels of equal length, one entry an article; any hashable
values do, as only their equality counts. Scored pairs are given as scores that rise with likeness
and, of equal length, whether each pair truly belongs together. Where a ratio has nothing to
divide by it is 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares in [0, 1]."""

    precision: float
    """Of what was put together, the share that belongs together."""
    recall: float
    """Of what belongs together, the share that was put together."""
    f1: float
    """Harmonic mean of the two."""


@dataclass(frozen=True, slots=True)
class BestCut:
    """The cut of a score that parts the pairs best."""

    f1: float
    score: float
    """The lowest score that is still taken for a match."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The pairs whose probability lies in one tenth of [0, 1]."""

    low: float
    high: float
    pairs: int
    predicted: float
    """Mean probability of the pairs; 0 where there are none."""
    observed: float
    """Share of them that is true; 0 where there are none."""


def agreement(precision: float, recall: float) -> Agreement:
    """The two with their harmonic mean."""
    return Agreement(precision, recall, ratio(2 * precision * recall, precision + recall))


def b_cubed(gold: Sequence[Hashable], found: Sequence[Hashable]) -> Agreement:
    """B-cubed precision and recall (Bagga & Baldwin 1998, section 3): the mean over all articles.

    Raises ValueError where the two are not equally long.
    """
    _equally_long(gold, found)
    return mean_agreement(b_cubed_ratios(numbers_of(gold), numbers_of(found)))


def b_cubed_ratios(gold: NDArray[np.int64], found: NDArray[np.integer]) -> NDArray[np.float64]:
    """B-cubed precision and recall of each article, 0 for an unlabelled one: float64 (n, 2).

    The share of its found group that is of its gold group, and the share of its gold group that is
    in its found group, itself among them. Of groups only labelled articles count; ``gold`` is -1
    for an unlabelled article.
    """
    known = np.flatnonzero(gold >= 0)
    ratios = np.zeros((len(gold), 2))
    cells = found[known].astype(np.int64) * (int(gold.max(initial=0)) + 1) + gold[known]
    sizes = []
    for labels in (cells, found[known], gold[known]):
        _, back, counts = np.unique(labels, return_inverse=True, return_counts=True)
        sizes.append(counts[back])
    ratios[known] = np.stack((sizes[0] / sizes[1], sizes[0] / sizes[2]), axis=1)
    return ratios


def mean_agreement(ratios: NDArray[np.float64]) -> Agreement:
    """Of precision and recall of each article (n, 2), the means."""
    precision, recall = ratios.mean(axis=0).tolist() if len(ratios) else (0.0, 0.0)
    return agreement(precision, recall)


def adjusted_rand(gold: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """Rand index corrected for chance (Hubert & Arabie 1985, equation 5), at most 1.

    0 where both groupings are trivial (all alone, or all together): nothing could be told apart.
    """
    together, in_gold, in_found = _pair_counts(gold, found)
    expected = ratio(in_gold * in_found, math.comb(len(gold), 2))
    return ratio(together - expected, (in_gold + in_found) / 2 - expected)


def pair_agreement(gold: Sequence[Hashable], found: Sequence[Hashable]) -> Agreement:
    """Precision and recall over all pairs of articles that share a group."""
    together, in_gold, in_found = _pair_counts(gold, found)
    return counted_agreement(together, in_found, in_gold)


def counted_agreement(right: float, taken: float, true: float) -> Agreement:
    """Of numbers of pairs: those rightly put together, all put together, all that belong so."""
    return agreement(ratio(float(right), float(taken)), ratio(float(right), float(true)))


def average_precision(true: ArrayLike, scores: ArrayLike) -> float:
    """Mean, over the true pairs, of the precision at each one's rank, highest score first.

    Without interpolation (Salton & McGill 1983; Buckley & Voorhees 2000). Pairs of equal score
    keep the order in which they are given.
    """
    ranked, _ = _ranked(true, scores)
    hits = np.cumsum(ranked)
    precisions = hits / np.arange(1, len(ranked) + 1)
    return ratio(float(precisions[ranked].sum()), int(ranked.sum()))


def best_f1(true: ArrayLike, scores: ArrayLike) -> BestCut:
    """The best F1 over all cuts of the ranking; of equally good cuts the highest."""
    ranked, ordered = _ranked(true, scores)
    if not len(ranked) or not ranked.any():
        return BestCut(0.0, 0.0)
    f1 = 2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())
    best = int(f1.argmax())
    return BestCut(float(f1[best]), float(ordered[best]))


def pearson(one: ArrayLike, other: ArrayLike) -> float:
    """Pearson's correlation of two equally long rows of numbers."""
    x, y = np.asarray(one, np.float64), np.asarray(other, np.float64)
    if not len(x):
        return 0.0
    x, y = x - x.mean(), y - y.mean()
    return ratio(float(x @ y), math.sqrt(float(x @ x) * float(y @ y)))


def reliability(true: ArrayLike, chances: ArrayLike, bins: int = 10) -> tuple[Bin, ...]:
    """A reliability table: pairs by their stated probability, in ``bins`` equal steps of [0, 1].

    A bin contains its lower bound; the last one contains 1 too (DeGroot & Fienberg 1983).
    """
    outcome, stated = np.asarray(true, np.float64), np.asarray(chances, np.float64)
    places = np.clip((stated * bins).astype(np.int64), 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    sums = np.bincount(places, weights=stated, minlength=bins)
    hits = np.bincount(places, weights=outcome, minlength=bins)
    return tuple(
        Bin(
            k / bins,
            (k + 1) / bins,
            int(counts[k]),
            ratio(float(sums[k]), int(counts[k])),
            ratio(float(hits[k]), int(counts[k])),
        )
        for k in range(bins)
    )


def calibration_error(table: Sequence[Bin]) -> float:
    """Expected calibration error: mean of |observed - predicted|, each bin by its pairs.

    Naeini, Cooper & Hauskrecht 2015, section 2.
    """
    pairs = sum(row.pairs for row in table)
    return ratio(sum(row.pairs * abs(row.observed - row.predicted) for row in table), pairs)


def _pair_counts(gold: Sequence[Hashable], found: Sequence[Hashable]) -> tuple[float, float, float]:
    """Pairs of articles together in both groupings, in gold, in found.

    Raises ValueError where the two are not equally long.
    """
    _equally_long(gold, found)
    both, one, other = (
        pairs_of(np.bincount(numbers_of(labels)))
        for labels in (list(zip(gold, found, strict=True)), gold, found)
    )
    return both, one, other


def _equally_long(gold: Sequence[Hashable], found: Sequence[Hashable]) -> None:
    if len(gold) != len(found):
        raise ValueError(f"{len(gold)} gold labels, but {len(found)} found ones")


def numbers_of(labels: Sequence[Hashable]) -> NDArray[np.int64]:
    """Labels as numbers from 0, in the order in which they first occur: int64 (n,)."""
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(label, len(seen)) for label in labels], np.int64)


def pairs_of(sizes: NDArray[np.int64]) -> float:
    """Pairs within groups of these sizes."""
    return float((sizes * (sizes - 1) / 2).sum())


def _ranked(true: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Truth and scores, highest score first, ties in their order."""
    values = np.asarray(scores, np.float64)
    order = np.argsort(-values, kind="stable")
    return np.asarray(true, np.bool_)[order], values[order]


def ratio(part: float, whole: float) -> float:
    """The quotient; 0 where there is nothing to divide by."""
    return part / whole if whole else 0.0
