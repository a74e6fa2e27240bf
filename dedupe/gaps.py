"""What the gap between two dates says of whether two articles report one event."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dedupe.moments import DAY, UNDATED

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAP_EDGES = np.array([0, 1, 2, 3, 5, 8, 15, 31, 61, 121, 241, 366, 731], np.int64)
"""First whole day of each bin of the gap between two dates."""
SAME_DECAY, SAME_DAYS, USUAL_DAYS = 0.6, 200.0, 180.0
"""Reports of one event: P(gap >= d) = (1 + d) ** -0.6 * exp(-d / 200); of any two articles:
1 / (1 + d / 180)."""
CORPUS_GAPS, LOCAL_GAPS = 300.0, 60.0
"""Pairs that the prior weighs against the corpus' own gaps, and those against one article's."""
RATIO_LEAST, RATIO_MOST, NEARNESS = -6.0, 3.0, 0.5
"""Bounds of the date's log-likelihood ratio, so that no date alone decides; and how much of it
counts where it speaks for one story: what is in the news at one time is alike for that alone."""


def date_ratios(
    pairs: NDArray[np.int32],
    unlike: NDArray[np.float64],
    dates: NDArray[np.int64],
    corpus: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What the gap between two dates says: log P(gap | one story) - log P(gap | look-alikes).

    The gaps of look-alikes are those around the two articles, each pair counted by its chance
    ``unlike`` (m,) of being none, smoothed by the gaps in the whole ``corpus``, smoothed in turn by
    a fixed prior (see corpus_gaps). A date is a term with its own document frequency: in a folder
    of one day it says nothing.
    """
    from dedupe.kernels.story import date_ratios as ratios_of

    ratios = ratios_of(pairs, unlike, dates, GAP_EDGES, _same_gaps(), corpus, LOCAL_GAPS)
    np.clip(ratios, RATIO_LEAST, RATIO_MOST, out=ratios)
    return np.multiply(ratios, NEARNESS, out=ratios, where=ratios > 0)


@cache
def _same_gaps() -> NDArray[np.float64]:
    """Log probability of each gap bin between two reports of one event."""
    days = GAP_EDGES.astype(np.float64)
    return np.asarray(np.log(_binned((1.0 + days) ** -SAME_DECAY * np.exp(-days / SAME_DAYS))))


def _binned(survival: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each bin, from the chance that a gap reaches its first day."""
    return np.asarray(survival - np.append(survival[1:], 0.0))


def corpus_gaps(dates: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probability of each gap bin over all pairs of dated articles, smoothed by a fixed prior."""
    known = np.sort(dates[dates != UNDATED])
    # How many pairs lie less than each edge apart: two binary searches an article and edge.
    places = np.arange(1, len(known) + 1)
    within = [
        float((np.searchsorted(known, known + edge * DAY, "left") - places).clip(0).sum())
        for edge in GAP_EDGES
    ]
    return smoothed_gaps(np.diff(np.array([*within, len(known) * (len(known) - 1) / 2])))


def smoothed_gaps(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each gap bin, from pairs counted in each and the fixed prior."""
    return np.asarray((counts + CORPUS_GAPS * _usual_gaps()) / (counts.sum() + CORPUS_GAPS))


@cache
def _usual_gaps() -> NDArray[np.float64]:
    """The fixed prior."""
    return _binned(1.0 / (1.0 + GAP_EDGES / USUAL_DAYS))


def days_apart(days: float | None) -> str:
    """The days between two dates, None where one isn't known, as a person reads them."""
    return "a date is missing" if days is None else f"{days:.0f}"
