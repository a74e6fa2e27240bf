"""An analysis compared with labels: how good the grouping is, and where it goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedupe.evaluate.labels import SHOWN_IDS
from dedupe.evaluate.measures import (
    Bin,
    adjusted_rand,
    average_precision,
    b_cubed,
    best_f1,
    calibration_error,
    numbers_of,
    pair_agreement,
    pearson,
    reliability,
)
from dedupe.evaluate.pairs import (
    COSINE_EDGES,
    JACCARD_EDGES,
    Band,
    Causes,
    Mistake,
    Mistakes,
    alike_pairs,
    banded,
    bands,
    cuts_of_pairs,
    cuts_of_stories,
    in_one,
    mistake,
    most_alike_first,
    surest_first,
    true_pairs,
)
from dedupe.evidence import logistic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedupe.analysis import Analysis
    from dedupe.evaluate.labels import LabelledPair, Labels
    from dedupe.evaluate.measures import Agreement, BestCut
    from dedupe.evaluate.pairs import Cut
    from dedupe.model import Grouping


@dataclass(frozen=True, slots=True)
class GroupScores:
    """Agreement of groups with gold groups, over the labelled articles."""

    articles: int
    gold: int
    """Groups among the labels."""
    found: int
    """Groups that the labelled articles are found in."""
    largest: int
    """Labelled articles in the largest found group."""
    b_cubed: Agreement
    pairs: Agreement
    adjusted_rand: float


@dataclass(frozen=True, slots=True)
class PairScores:
    """Agreement of the story score, and of the grouping, with labelled pairs."""

    pairs: int
    true: int
    average_precision: float
    best: BestCut
    pearson: float | None
    """With the grades of the labels, as likeness; None where fewer than three are graded."""
    grouped: Agreement
    """Of being put into one story."""


@dataclass(frozen=True, slots=True)
class ConditionScores:
    """Agreement under one of the conditions of `dedupe.evaluate.conditions`."""

    condition: str
    stories: GroupScores | None
    copies: GroupScores | None
    pairs: PairScores | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was measured; parts that the labels say nothing about are None or empty."""

    gold: str
    articles: int
    """All that were read, labelled or not."""
    unlabelled: tuple[str, ...]
    """The first ids without a label."""
    unlabelled_count: int
    stories: GroupScores | None
    copies: GroupScores | None
    pairs: PairScores | None
    story_recall: tuple[Band, ...]
    """True pairs by cosine: those that became candidates, and those put into one story."""
    copy_recall: tuple[Band, ...]
    """Pairs of labelled articles by Jaccard: those that met in a band, and those grouped."""
    cuts: tuple[Cut, ...]
    """The pair score at fixed cuts."""
    calibration: tuple[Bin, ...]
    """The story score of candidate pairs of labelled articles (or labelled pairs)."""
    calibration_error: float
    """Expected calibration error of that table."""
    mistakes: Mistakes
    conditions: tuple[ConditionScores, ...] = ()
    """What is left of the agreement under each condition; empty where that was not asked for."""


Heading = tuple[str, int, tuple[str, ...], int]
"""The first fields of an Evaluation."""
Wrong = tuple[int, int, tuple[str, str], int]
"""A pair by its places, its gold stories, and how many pairs have the same mistake."""


def evaluate(
    analysis: Analysis, grouping: Grouping, labels: Labels, *, worst: int = 5
) -> Evaluation:
    """Measures an analysis, made with evidence, and the grouping drawn from it.

    ``worst`` mistakes of each kind are described. Raises SourceError where a label names an
    article that is not among those analysed.
    """
    places, labelled = labels.places(analysis.articles.ids), labels.ids()
    rest = [name for name in places if name not in labelled]
    heading = labels.name, len(places), tuple(rest[:SHOWN_IDS]), len(rest)
    run = _Run(analysis, grouping, worst, places)
    return run.of_pairs(labels, heading) if labels.pairs else run.of_groups(labels, heading)


def under_condition(name: str, analysis: Analysis, labels: Labels) -> ConditionScores:
    """Measures an analysis of the articles as a condition made them; of pairs with evidence.

    Raises SourceError as evaluate does.
    """
    places = labels.places(analysis.articles.ids)
    stories, copies = (
        _group_scores(gold, found, places)
        for gold, found in (
            (labels.stories, analysis.links.stories),
            (labels.copies, analysis.links.copies),
        )
    )
    pairs = None
    if labels.pairs:
        sides, same = labels.sides(places)
        scores = np.nan_to_num(analysis.story_scores(sides))
        pairs = _pair_scores(labels.pairs, analysis, sides, same, scores)
    return ConditionScores(name, stories, copies, pairs)


@dataclass(frozen=True, slots=True)
class _Run:
    analysis: Analysis
    grouping: Grouping
    worst: int
    places: dict[str, int]

    def of_groups(self, labels: Labels, heading: Heading) -> Evaluation:
        links = self.analysis.links
        gold = labels.numbers(self.places)
        true = true_pairs(gold)
        calibration = self._calibration(gold)
        return Evaluation(
            *heading,
            _group_scores(labels.stories, links.stories, self.places),
            _group_scores(labels.copies, links.copies, self.places),
            None,
            self._story_recall(true),
            self._copy_recall(labels),
            cuts_of_stories(self.analysis, gold) if labels.stories else (),
            calibration,
            calibration_error(calibration),
            self._group_mistakes(labels, gold, true),
        )

    def of_pairs(self, labels: Labels, heading: Heading) -> Evaluation:
        sides, same = labels.sides(self.places)
        pairs = np.sort(sides, axis=1)
        found = self.analysis.story_scores(pairs)
        scores, met = np.nan_to_num(found), ~np.isnan(found)
        calibration = reliability(same[met], scores[met])
        return Evaluation(
            *heading,
            None,
            None,
            _pair_scores(labels.pairs, self.analysis, pairs, same, scores),
            self._story_recall(pairs[same]),
            self._copy_recall(labels),
            cuts_of_pairs(same, scores),
            calibration,
            calibration_error(calibration),
            self._pair_mistakes(labels.pairs, pairs, same),
        )

    def _story_recall(self, true: NDArray[np.int32]) -> tuple[Band, ...]:
        if self.analysis.weights is None or not len(true):
            return ()
        grouped = in_one(self.analysis.links.stories, true)
        met = ~np.isnan(self.analysis.story_scores(true))
        return bands(self.analysis.cosines(true), met, grouped, COSINE_EDGES)

    def _copy_recall(self, labels: Labels) -> tuple[Band, ...]:
        labelled = np.array(sorted(self.places[name] for name in labels.ids()), np.int64)
        pairs = alike_pairs(self.analysis.sketch, labelled)
        if not len(pairs):
            return ()
        jaccard = self.analysis.overlaps(pairs).jaccard
        near = jaccard >= JACCARD_EDGES[0]
        pairs = pairs[near]
        met = banded(self.analysis.sketch, pairs, self.analysis.settings)
        grouped = in_one(self.analysis.links.copies, pairs)
        return bands(jaccard[near], met | grouped, grouped, JACCARD_EDGES)

    def _calibration(self, gold: NDArray[np.int64]) -> tuple[Bin, ...]:
        if self.analysis.scores is None:
            return ()
        pairs = self.analysis.links.pairs
        known = (gold[pairs] >= 0).all(axis=1)
        true = in_one(gold, pairs[known])
        return reliability(true, logistic(self.analysis.scores.logits[known]))

    def _group_mistakes(
        self, labels: Labels, gold: NDArray[np.int64], true: NDArray[np.int32]
    ) -> Mistakes:
        links, ids = self.analysis.links, self.analysis.articles.ids
        if self.analysis.weights is None:
            return Mistakes((), (), ())
        causes = Causes(gold, links.stories.astype(np.int64))
        tied = np.concatenate((links.copy_pairs, links.pairs))

        def first(pairs: NDArray[np.int32]) -> Iterator[Wrong]:
            for a, b, others in causes.first_of_each(pairs, self.worst):
                yield a, b, (labels.stories[ids[a]], labels.stories[ids[b]]), others

        return self._mistakes(causes.wrongly_merged(tied), causes.wrongly_split(true), first)

    def _pair_mistakes(
        self, labelled: Sequence[LabelledPair], pairs: NDArray[np.int32], same: NDArray[np.bool_]
    ) -> Mistakes:
        together = in_one(self.analysis.links.stories, pairs)
        names = {(int(a), int(b)): p.label for (a, b), p in zip(pairs, labelled, strict=True)}

        def first(pairs: NDArray[np.int32]) -> Iterator[Wrong]:
            for a, b in pairs[: self.worst].tolist():
                yield a, b, (names[a, b], names[a, b]), 0

        return self._mistakes(pairs[~same & together], pairs[same & ~together], first)

    def _mistakes(
        self,
        merged: NDArray[np.int32],
        split: NDArray[np.int32],
        first: Callable[[NDArray[np.int32]], Iterator[Wrong]],
    ) -> Mistakes:
        members = {member.id: member for story in self.grouping.stories for member in story.members}

        def described(pairs: NDArray[np.int32]) -> tuple[Mistake, ...]:
            return tuple(mistake(self.analysis, members, *wrong) for wrong in first(pairs))

        by_cosine = most_alike_first(self.analysis, split)
        alike, unlike = described(by_cosine), described(by_cosine[::-1])
        # Where few pairs were split, the most and the least alike are the same ones.
        shown = {(m.a.id, m.b.id) for m in alike}
        unlike = tuple(m for m in unlike if (m.a.id, m.b.id) not in shown)
        return Mistakes(described(surest_first(self.analysis, merged)), alike, unlike)


def _group_scores(
    labels: dict[str, str], found: NDArray[np.int32], places: dict[str, int]
) -> GroupScores | None:
    if not labels:
        return None
    gold = list(labels.values())
    groups = found[[places[name] for name in labels]].tolist()
    sizes = np.bincount(numbers_of(groups))
    return GroupScores(
        len(gold),
        len(set(gold)),
        len(sizes),
        int(sizes.max()),
        b_cubed(gold, groups),
        pair_agreement(gold, groups),
        adjusted_rand(gold, groups),
    )


def _pair_scores(
    labelled: Sequence[LabelledPair],
    analysis: Analysis,
    pairs: NDArray[np.int32],
    same: NDArray[np.bool_],
    scores: NDArray[np.float64],
) -> PairScores:
    graded = np.array([pair.grade is not None for pair in labelled])
    grades = np.array([pair.grade for pair in labelled if pair.grade is not None])
    correlation = pearson(scores[graded], -grades) if len(grades) > 2 else None
    together = in_one(analysis.links.stories, pairs)
    grouped = cuts_of_pairs(same, together.astype(np.float64))[0].agreement
    return PairScores(
        len(pairs),
        int(same.sum()),
        average_precision(same, scores),
        best_f1(same, scores),
        correlation,
        grouped,
    )
