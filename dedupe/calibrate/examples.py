"""Labels and an analysis to examples: scored pairs whose truth is known, dealt into folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedupe.evidence import COSINE_OFFSET, FITTED_COSINE, logistic
from dedupe.group import stories_of
from dedupe.story import StoryModel, story_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.analysis import Analysis
    from dedupe.evaluate.labels import Labels

FOLDS = 5


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Pairs of n articles with their evidence, from which stories can be found again."""

    pairs: NDArray[np.int32]
    """Pairs of articles, each standing for its group of copies: (m, 2)."""
    evidence: NDArray[np.float32]
    """Columns as in FEATURES (m, features)."""
    copies: NDArray[np.int32]
    """Group of copies of each article (n,)."""

    @classmethod
    def of(cls, analysis: Analysis) -> ScoredPairs:
        """Those of an analysis made with evidence. Raises ValueError for one made without."""
        if analysis.scores is None:
            raise ValueError("the analysis was made without evidence")
        return cls(analysis.links.pairs, analysis.scores.evidence, analysis.links.copies)

    @property
    def cosine(self) -> NDArray[np.float32]:
        """TF-IDF cosine of each pair (m,), out of its evidence."""
        return (np.exp(self.evidence[:, 0].astype(np.float64)) - COSINE_OFFSET).astype(np.float32)

    def logits(self, model: StoryModel) -> NDArray[np.float64]:
        """Story scores of all pairs, read in their company, as log-odds (m,)."""
        scores = story_scores(self.pairs, self.cosine, self.evidence, len(self.copies), model)
        return scores.logits

    def stories(self, logits: NDArray[np.float64]) -> NDArray[np.int32]:
        """Story of each article (n,), as the pipeline groups them."""
        nodes, places = np.unique(self.pairs, return_inverse=True)
        among: NDArray[np.int32] = places.reshape(-1, 2).astype(np.int32)
        return stories_of(self.copies, nodes, among, logistic(logits))


@dataclass(frozen=True, slots=True)
class Labelled:
    """Scored pairs, those among them whose truth is known, and the fold that each belongs to."""

    scored: ScoredPairs
    gold: NDArray[np.int64]
    """Number of each article's story, -1 for none (n,); all -1 where pairs are labelled."""
    rows: NDArray[np.int64]
    """The scored pairs that are known (k,)."""
    same: NDArray[np.bool_]
    """Whether they are one story (k,)."""
    sides: NDArray[np.int64]
    """Fold of either side of them (k, 2)."""
    folds: NDArray[np.int64]
    """Fold of each article's story, -1 for none (n,)."""

    @property
    def examples(self) -> NDArray[np.bool_]:
        """Which of the known pairs are fitted to (k,)."""
        return np.asarray(self.scored.cosine[self.rows] >= FITTED_COSINE)

    @property
    def weight(self) -> float:
        """What one example counts: n articles tell no more than n examples, however they pair."""
        articles, pairs = int((self.gold >= 0).sum()), max(int(self.examples.sum()), 1)
        return min(1.0, articles / pairs) if articles else 1.0


def labelled(analysis: Analysis, labels: Labels) -> Labelled:
    """What labels say of an analysis made with evidence.

    Stories are dealt to the folds from the largest to the smallest, labelled pairs in their order.
    Raises SourceError where a label names an article that was not analysed.
    """
    scored = ScoredPairs.of(analysis)
    places = labels.places(analysis.articles.ids)
    if labels.pairs:
        sides, same = labels.sides(places)
        return _of_pairs(scored, analysis.places(sides), same)
    return of_stories(scored, labels.numbers(places))


def of_stories(scored: ScoredPairs, gold: NDArray[np.int64]) -> Labelled:
    """Every scored pair of labelled articles; ``gold`` int64 (n,), -1 for none."""
    sizes = np.bincount(gold[gold >= 0], minlength=1)
    dealt = np.empty(len(sizes), np.int64)
    dealt[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes)) % FOLDS
    folds = np.where(gold >= 0, dealt[gold], -1)
    known = (gold[scored.pairs] >= 0).all(axis=1)
    rows = np.flatnonzero(known)
    sides = scored.pairs[rows]
    return Labelled(scored, gold, rows, gold[sides[:, 0]] == gold[sides[:, 1]], folds[sides], folds)


def _of_pairs(scored: ScoredPairs, found: NDArray[np.int64], same: NDArray[np.bool_]) -> Labelled:
    """The labelled pairs that were scored: copies and pairs without likeness were not.

    ``found`` is the scored pair that speaks for each, -1 for none (k,).
    """
    nobody = np.full(len(scored.copies), -1, np.int64)
    rows, truth = found[found >= 0], same[found >= 0]
    # True and untrue pairs are dealt each for themselves, so that every fold has its share.
    dealt = np.where(truth, np.cumsum(truth), np.cumsum(~truth)) % FOLDS
    return Labelled(scored, nobody, rows, truth, np.stack((dealt, dealt), axis=1), nobody)
