"""Pairs of incoming and near articles, scored as the batch path scores its candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.story import Edges, StoryModel, Window, alone, evidence, logistic, story_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.index.nearby import Local
    from dedupe.index.tallies import Tallies
    from dedupe.index.versions import Versions
    from dedupe.weigh import Weights


class Scored(NamedTuple):
    """Pairs of rows that may report one event."""

    rows: NDArray[np.int32]
    """(m, 2), an incoming row first."""
    cosine: NDArray[np.float32]
    found: NDArray[np.float32]
    """Each piece of evidence (m, features)."""
    logits: NDArray[np.float64]
    """Log-odds by the evidence alone (m,)."""


class Company(NamedTuple):
    """All pairs among the articles at hand: the scored ones, then those that were stored."""

    rows: NDArray[np.int32]
    chances: NDArray[np.float64]
    """Chance that a pair reports one event (m,)."""
    rivals: NDArray[np.float32]
    surroundings: NDArray[np.float32]


def cosines_of(weights: Weights, rows: NDArray[np.int32]) -> NDArray[np.float32]:
    """TF-IDF cosine of each pair of rows (m,)."""
    from dedupe.kernels.weights import cosines

    found = np.empty(len(rows), np.float32)
    cosines(weights.columns, weights.values, weights.bounds, weights.width, rows, found)
    return found


def scored(
    local: Local,
    weights: Weights,
    rows: NDArray[np.int32],
    cosine: NDArray[np.float32],
    containment: NDArray[np.float64],
    tallies: Tallies,
    model: StoryModel,
) -> Scored:
    """The evidence of pairs (m, 2); ``containment`` (m,) is 0 where few shingles are shared.

    What is usual between dates is learnt from these pairs and from those that were stored.
    """
    window = Window(
        weights, local.sketches.dates, rows, cosine, lambda at: containment[at],
        tallies.days.gaps(), Edges(*local.edges),
    )  # fmt: skip
    found = evidence(window)
    return Scored(rows, cosine, found, alone(found, model))


def in_their_company(local: Local, pairs: Scored, copies: Versions, model: StoryModel) -> Company:
    """Chances of the pairs and of those that stored articles keep, each among all others.

    Left out are pairs that the ``copies`` keep apart.
    """
    rows, logits, cosine = local.edges
    if copies.apart:
        keep = copies.tied(rows)
        rows, logits, cosine = rows[keep], logits[keep], cosine[keep]
    edges = Edges(rows, logits, cosine)
    scores = story_scores(pairs.rows, pairs.cosine, pairs.found, local.size, model, edges)
    rows = np.concatenate((pairs.rows, rows))
    return Company(rows, logistic(scores.logits), scores.rivals, scores.surroundings)
