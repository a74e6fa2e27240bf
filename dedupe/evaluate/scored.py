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
    from dedupe.config import Settings
    from dedupe.sketch import Sketch

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


COSINE_EDGES = (0.0, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0)
JACCARD_EDGES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MOST_PAIRS = 2_000_000
"""True pairs beyond which only every k-th is looked at, so that one huge story stays in memory."""
MOST_ARTICLES = 5_000
"""Labelled articles beyond which only every k-th is compared with all others for copies."""


@dataclass(frozen=True, slots=True)
class Band:
    """True pairs of one range of likeness."""

    low: float
    """The range holds its lower bound; the last one holds its upper bound too."""
    high: float
    pairs: int
    met: int
    """Those that the search brought together."""
    grouped: int
    """Those that ended in one group."""


def bands(
    likeness: NDArray[np.float64],
    met: NDArray[np.bool_],
    grouped: NDArray[np.bool_],
    edges: tuple[float, ...],
) -> tuple[Band, ...]:
    """Pairs counted by their likeness; what lies below the first edge is left out."""
    places = np.searchsorted(edges, likeness, "right") - 1
    places[likeness >= edges[-1]] = len(edges) - 2
    inside = places >= 0
    count = len(edges) - 1
    columns = [
        np.bincount(places[inside & chosen], minlength=count)
        for chosen in (np.ones(len(places), bool), met, grouped)
    ]
    return tuple(
        Band(edges[k], edges[k + 1], *(int(column[k]) for column in columns)) for k in range(count)
    )


def true_pairs(stories: NDArray[np.int64]) -> NDArray[np.int32]:
    """Pairs of articles of one story: int32 (m, 2), smaller index first.

    ``stories`` int64 (n,), -1 for an unlabelled article. Of more than MOST_PAIRS every k-th.
    """
    labelled = np.flatnonzero(stories >= 0)
    order = labelled[np.argsort(stories[labelled], kind="stable")]
    ends = np.flatnonzero(np.diff(stories[order])) + 1
    groups = np.split(order, ends)
    total = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    step, start, found = total // MOST_PAIRS + 1, 0, [np.empty((0, 2), np.int64)]
    for group in groups:
        one, other = np.triu_indices(len(group), 1)
        chosen = slice(start, None, step)
        found.append(np.stack((group[one[chosen]], group[other[chosen]]), axis=1))
        start = (start - len(one)) % step
    return np.concatenate(found).astype(np.int32)


def alike_pairs(sketch: Sketch, labelled: NDArray[np.int64]) -> NDArray[np.int32]:
    """All pairs of labelled articles that share a shingle, by an exact join: int32 (m, 2).

    Of more than MOST_ARTICLES articles every k-th.
    """
    chosen = labelled[:: len(labelled) // MOST_ARTICLES + 1].astype(np.int32)
    parts = [np.unique(sketch.shingles[sketch.starts[i] : sketch.starts[i + 1]]) for i in chosen]
    if not parts:
        return np.empty((0, 2), np.int32)
    rows = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    values = np.concatenate(parts)
    order = np.argsort(values, kind="stable")  # within a shingle, rows ascend
    ranked, holders = values[order], rows[order]
    last = np.searchsorted(ranked, values, "right")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    found, first = [], 0
    for row, part in enumerate(parts):
        own = slice(first, first + len(part))
        later = [holders[at + 1 : end] for at, end in zip(places[own], last[own], strict=True)]
        met = np.unique(np.concatenate(later)) if later else np.empty(0, np.int64)
        found.append(np.stack((np.full(len(met), chosen[row]), chosen[met]), axis=1))
        first += len(part)
    return np.concatenate(found).astype(np.int32)


def banded(sketch: Sketch, pairs: NDArray[np.int32], settings: Settings) -> NDArray[np.bool_]:
    """Whether the LSH of the copy view brings each pair together (m,)."""
    used = settings.copy_bands * settings.copy_rows
    found = np.zeros(len(pairs), bool)
    for first in range(0, len(pairs), ROWS):
        part = pairs[first : first + ROWS]
        equal = sketch.signatures[part[:, 0], :used] == sketch.signatures[part[:, 1], :used]
        whole = equal.reshape(len(part), settings.copy_bands, settings.copy_rows).all(axis=2)
        found[first : first + ROWS] = whole.any(axis=1)
    return found


ROWS = 1 << 14
"""Pairs whose signatures are in memory together."""
