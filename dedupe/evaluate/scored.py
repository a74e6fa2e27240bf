"""The story score of pairs, held against their labels: by its value, and at fixed cuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedupe.evaluate.measures import Agreement, agreement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedupe.pipeline import Analysis

CUTS = tuple(k / 10 for k in range(1, 10))
"""Story scores at which pairs are cut."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What the score alone tells where every pair of at least ``score`` is taken for one story."""

    score: float
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class VersionPairs:
    """Pairs of groups of copies that were scored as one story, each once, sorted by its key.

    Only one version of a text is looked at, and speaks for all: a pair of articles has the score
    of the pair of groups that they stand in.
    """

    keys: NDArray[np.int64]
    """Lower group * n + higher group (m,)."""
    scores: NDArray[np.float64]
    """The highest story score of the two groups' articles (m,)."""
    groups: NDArray[np.int64]
    """Group of copies of each article (n,)."""

    @classmethod
    def of(cls, analysis: Analysis) -> VersionPairs:
        """Those of an analysis with evidence."""
        groups = analysis.links.copies.astype(np.int64)
        if analysis.scores is None:
            return cls(np.empty(0, np.int64), np.empty(0), groups)
        pairs = analysis.links.pairs[analysis.links.copy_pairs :]
        keys = _keys(groups, pairs)
        scores = probabilities(analysis.scores.logits)
        order = np.lexsort((-scores, keys))
        keys, first = np.unique(keys[order], return_index=True)
        return cls(keys, scores[order][first], groups)

    def of_pairs(self, pairs: NDArray[np.int32]) -> NDArray[np.float64]:
        """Story score of pairs of articles (k, 2): 1 between copies, -1 where none was made."""
        found = np.full(len(pairs), -1.0)
        wanted = _keys(self.groups, pairs)
        if len(self.keys):
            places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
            hit = self.keys[places] == wanted
            found[hit] = self.scores[places[hit]]
        found[self.groups[pairs[:, 0]] == self.groups[pairs[:, 1]]] = 1.0
        return found

    def counts(self, stories: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
        """How many pairs of labelled articles each scored pair stands for, and how many are true.

        ``stories`` int64 (n,), -1 for an unlabelled article; float64 (m,) each.
        """
        from scipy.sparse import csr_matrix

        n, labelled = len(self.groups), np.flatnonzero(stories >= 0)
        cells = (self.groups[labelled], stories[labelled])
        shape = (n, int(stories.max(initial=0)) + 1)
        table = csr_matrix((np.ones(len(labelled)), cells), shape=shape)
        one, other = self.keys // max(n, 1), self.keys % max(n, 1)
        sizes = np.asarray(table.sum(axis=1)).ravel()
        true = np.asarray(table[one].multiply(table[other]).sum(axis=1)).ravel()
        return sizes[one] * sizes[other], true


def _keys(groups: NDArray[np.int64], pairs: NDArray[np.int32]) -> NDArray[np.int64]:
    sides = np.sort(groups[pairs], axis=1)
    return np.asarray(sides[:, 0] * len(groups) + sides[:, 1])


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds as probabilities."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -700, 700))))


def cuts_of_stories(scored: VersionPairs, stories: NDArray[np.int64]) -> tuple[Cut, ...]:
    """Precision and recall over all pairs of labelled articles, at each of CUTS.

    A pair that was never scored is taken for two stories, copies for one, at every cut.
    ``stories`` int64 (n,), -1 for an unlabelled article.
    """
    known = stories >= 0
    true = _pairs_within(stories[known])
    width = int(stories.max(initial=0)) + 1
    inner = _pairs_within(scored.groups[known])
    inner_true = _pairs_within(scored.groups[known] * width + stories[known])
    pairs, hits = scored.counts(stories)
    found = []
    for cut in CUTS:
        above = scored.scores >= cut
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
    places = {name: at for at, name in enumerate(analysis.articles.ids)}
    rows = np.array([(places[a], places[b]) for a, b in pairs], np.int32).reshape(-1, 2)
    return np.maximum(VersionPairs.of(analysis).of_pairs(rows), 0.0)
