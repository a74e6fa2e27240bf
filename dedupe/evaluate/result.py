"""What an evaluation gives: frozen values for the reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedupe.evaluate.measures import Agreement, BestCut, Bin
    from dedupe.evaluate.mistakes import Mistakes
    from dedupe.evaluate.recall import Band
    from dedupe.evaluate.scored import Cut


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
