"""Pairs of articles compared with their labels.

The story score at fixed cuts; what the searches for candidates found of what brute force finds; the
worst mistakes, each with its evidence.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedupe.evaluate.measures import Agreement, counted_agreement, pairs_of
from dedupe.explain import match_of, story_terms
from dedupe.model import Match, Story

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from dedupe.analysis import Analysis
    from dedupe.config import Settings
    from dedupe.model import Member, Term
    from dedupe.sketch import Sketch

CUTS = tuple(k / 10 for k in range(1, 10))
"""Story scores at which pairs are cut."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What the score alone gives where every pair of at least ``score`` is taken for one story."""

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
        found.append(Cut(cut, counted_agreement(right, taken, true)))
    return tuple(found)


def cuts_of_pairs(true: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[Cut, ...]:
    """Precision and recall over labelled pairs, at each of CUTS."""
    return tuple(
        Cut(cut, counted_agreement(true[scores >= cut].sum(), (scores >= cut).sum(), true.sum()))
        for cut in CUTS
    )


def _pairs_within(labels: NDArray[np.int64]) -> float:
    return pairs_of(np.unique(labels, return_counts=True)[1])


COSINE_EDGES = (0.0, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0)
JACCARD_EDGES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MOST_PAIRS = 2_000_000
"""True pairs beyond which only every k-th is looked at, so that one huge story stays in memory."""
ROWS = 1 << 14
"""Pairs whose signatures are in memory together."""
MOST_ARTICLES = 5_000
"""Labelled articles beyond which only every k-th is compared with all others for copies."""


@dataclass(frozen=True, slots=True)
class Band:
    """True pairs of one range of likeness."""

    low: float
    """The range contains its lower bound; the last one contains its upper bound too."""
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


@dataclass(frozen=True, slots=True)
class Mistake:
    """Two articles that were put together, or kept apart, against their labels."""

    a: Member
    b: Member
    gold_a: str
    gold_b: str
    """Their true stories; of a labelled pair both are its label."""
    match: Match
    """Scores and, where the pair was scored, evidence."""
    terms: tuple[Term, ...]
    """Telling terms that both contain."""
    others: int
    """Further pairs with the same mistake: of the same gold stories and found stories."""


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Those that tell most; of pairs with one cause (same stories, gold and found) one is shown."""

    merged: tuple[Mistake, ...]
    """Of two gold stories, in one found story; the surest first."""
    split_alike: tuple[Mistake, ...]
    """Of one gold story, in two found stories; the most alike by cosine first."""
    split_unlike: tuple[Mistake, ...]
    """The same, the least alike first: what no likeness of words can find, or a wrong label."""


@dataclass(frozen=True, slots=True)
class Causes:
    """What makes two wrong pairs one mistake: the gold and found stories of n articles."""

    gold: NDArray[np.int64]
    """Number of the gold story (n,), -1 for an unlabelled article."""
    found: NDArray[np.int64]

    def wrongly_merged(self, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those of the pairs that are in one found story, but in two gold stories."""
        return pairs[self._labelled(pairs) & ~in_one(self.gold, pairs) & in_one(self.found, pairs)]

    def wrongly_split(self, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those of the pairs that are in one gold story, but in two found stories."""
        return pairs[self._labelled(pairs) & in_one(self.gold, pairs) & ~in_one(self.found, pairs)]

    def first_of_each(self, pairs: NDArray[np.int32], most: int) -> Iterator[tuple[int, int, int]]:
        """The first pair of each cause, at most ``most``, and how many more pairs it has."""
        seen: set[tuple[tuple[int, int], ...]] = set()
        sizes = Counter(zip(self.gold.tolist(), self.found.tolist(), strict=True))
        for a, b in pairs.tolist():
            if len(seen) >= most:
                return
            cells = [(int(self.gold[i]), int(self.found[i])) for i in (a, b)]
            cause = tuple(sorted(cells))
            if cause not in seen:
                seen.add(cause)
                yield a, b, sizes[cells[0]] * sizes[cells[1]] - 1

    def _labelled(self, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
        return np.asarray((self.gold[pairs] >= 0).all(axis=1))


def in_one(groups: NDArray[np.integer], pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether both articles of each pair are in one group, by each article's group."""
    return np.asarray(groups[pairs[:, 0]] == groups[pairs[:, 1]])


def surest_first(analysis: Analysis, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """Pairs by their story score, highest first; ties in the order of ids."""
    scores = np.nan_to_num(analysis.story_scores(pairs), nan=-1.0)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0], -scores))]


def most_alike_first(analysis: Analysis, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """Pairs by their cosine, highest first; ties in the order of ids."""
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0], -analysis.cosines(pairs)))]


def mistake(
    analysis: Analysis,
    members: Mapping[str, Member],
    a: int,
    b: int,
    gold: tuple[str, str],
    others: int,
) -> Mistake:
    """What is to be known of one pair of places; ``members`` by their ids."""
    one, other = members[analysis.articles.ids[a]], members[analysis.articles.ids[b]]
    terms = story_terms(analysis, Story("", (one, other)))
    return Mistake(one, other, *gold, match_of(analysis, b, a), terms, others)
