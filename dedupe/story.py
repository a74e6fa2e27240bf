"""The judge: pairs of articles at hand to the chance that both report one event.

A pair is first read alone: a logistic model over the pieces of :mod:`dedupe.evidence`. Then it is
read in its company: better companions of both articles speak against it, and so do many look-alikes
around them; where few articles were seen, more is asked for; and companions that both have speak
for it. Thus one scale serves two articles, a folder, and an archive in which everything resembles
everything.

Pure: arrays in, arrays out. A batch, an index and a comparison of two articles are judged here.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.evidence import (
    COSINE_OFFSET,
    DAYS_APART,
    FEATURES,
    PLAIN_OFFSET,
    evidence_in_parts,
    logistic,
)
from dedupe.known import KnownPairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedupe.evidence import Window

COMPANY = (
    *("better companions of both", "what is usual around them", "companions in common"),
    "to begin with",
)
"""What a person is told of what a pair's company adds, and of the model's constants."""
CONTRAST = 0.65
"""Share of the better companions' log-odds that a pair loses."""
EACH, DAYS = ([feature.name for feature in FEATURES].index(name) for name in ("each", "days"))
"""Which piece of evidence is what an article as a whole lacks of another, and which the dates."""
LEAST_COSINE = 0.06
"""Below this cosine a pair is not looked at."""
NEAR_COSINE = 0.08
"""A pair of at least this cosine belongs to the surroundings of its two articles."""
PRIOR_ROUNDS, PRIOR_PAIRS, PRIOR_TRUE, PRIOR_SHARE = 5, 50.0, 0.2, 0.4
"""Rounds of the local prior; the pairs that it begins with, and how many of those are true; the
share of its change in log-odds that a pair takes on."""
CAUTION, CAUTION_PAIRS = 0.5, 10.0
"""Log-odds that an article without surroundings loses; the surroundings that halve that."""
COMMON_CHANCE, COMMON_OFFSET = 0.02, 0.02
"""Companions in common: the least chance of a pair that counts, and what is added to cosines under
the logarithm. See kernels.story.in_company."""
LEAST = {"terms": math.log(COSINE_OFFSET), "plain": math.log(PLAIN_OFFSET)}
"""Evidence whose value is not 0 of two articles that have nothing in common. The logarithm of a
share is below zero wherever it is, so that what ties two articles would be told as against them."""
AGAINST = {"names": "names not in common"}
"""What a person is told of evidence that weighs how much of something two articles share, where
that is too little for one story: what they share is not what speaks against them."""
GRADE = 3.0
"""Log-odds are divided by this for a grade: people's grades of likeness follow a gentler curve."""


@dataclass(frozen=True, slots=True)
class StoryModel:
    """Coefficients of the logistic model over FEATURES; see ``data/story_model.json``."""

    coefficients: tuple[float, ...]
    intercept: float
    company: float
    """Added once a pair was read in its company, so that the scores are calibrated again."""


@cache
def story_model() -> StoryModel:
    """The model that the package ships."""
    path = Path(__file__).parent / "data" / "story_model.json"
    stored = json.loads(path.read_text("utf-8"))
    coefficients = tuple(stored["coefficients"][feature.name] for feature in FEATURES)
    return StoryModel(coefficients, stored["intercept"], stored["company"])


def weights_told(values: Sequence[float], model: StoryModel) -> tuple[list[float], float]:
    """What a person is told of each piece of evidence, in order, and of the model's constants.

    Log-odds that add up to those of a pair before its company. A piece counts from what it is of
    two articles that have nothing in common (LEAST); what that is goes to the constants.
    """
    weights, constant = [], model.intercept + model.company
    for feature, value, coefficient in zip(FEATURES, values, model.coefficients, strict=True):
        least = LEAST.get(feature.name, 0.0)
        weights.append(coefficient * (value - least))
        constant += coefficient * least
    return weights, constant


def labels_told(weights: Sequence[float]) -> list[str]:
    """What a person is told that each piece of evidence is, in order; see AGAINST."""
    told = zip(FEATURES, weights, strict=True)
    return [AGAINST.get(one.name, one.label) if weight < 0 else one.label for one, weight in told]


@dataclass(frozen=True, slots=True)
class StoryScores:
    """Log-odds that two articles report one event, and what they are made of."""

    logits: NDArray[np.float64]
    """Evidence times coefficients, with the model's constants and the two below (m,)."""
    evidence: NDArray[np.float32]
    """Each piece of evidence, of the pairs that were judged: (m, features)."""
    rivals: NDArray[np.float32]
    """What better companions of both articles take away (m,)."""
    surroundings: NDArray[np.float32]
    """What the look-alikes around both, or their lack, add or take away (m,)."""
    common: NDArray[np.float32]
    """What companions in common add, or their lack takes away (m,)."""


def in_part(
    chances: NDArray[np.float64], evidence: NDArray[np.float32], model: StoryModel
) -> NDArray[np.float64]:
    """Chances (m,) that one of two articles tells the other's event, be it in a part of it.

    Of m pairs with this ``evidence``: without what either as a whole lacks of the other, as a
    letter opens with but one of its items.
    """
    return without_each(chances, evidence[:, EACH], model)


def without_each(
    chances: NDArray[np.float64], each: NDArray[np.float32], model: StoryModel
) -> NDArray[np.float64]:
    """The same by the evidence ``each`` alone (m,)."""
    return less(chances, model.coefficients[EACH] * each.astype(np.float64))


def less(chances: NDArray[np.float64], added: NDArray[Any]) -> NDArray[np.float64]:
    """Chances (m,) without some of what their log-odds add up from (m,)."""
    held = np.minimum(np.maximum(chances, 1e-12), 1 - 1e-12)
    return logistic(np.log(held / (1 - held)) - added)


class Alone(NamedTuple):
    """m pairs, each judged by its own evidence only."""

    logits: NDArray[np.float64]
    """Log-odds that they report one event (m,)."""
    each: NDArray[np.float32]
    """The evidence ``each`` (m,)."""
    apart: NDArray[np.bool_]
    """Whether the dates speak against them, see dates_part (m,)."""
    evidence: NDArray[np.float32]
    """All of it (m, features); of no pair where it was not to be kept."""


def read_alone(window: Window, model: StoryModel, *, keep: bool) -> Alone:
    """Judges each pair of a window by its own evidence only, and ``keep`` s that, or does not."""
    m = len(window.pairs)
    logits, each, apart = np.empty(m), np.empty(m, np.float32), np.empty(m, np.bool_)
    kept = np.empty((m if keep else 0, len(FEATURES)), np.float32)

    def take(where: slice, found: NDArray[np.float32]) -> None:
        logits[where], each[where] = alone(found, model), found[:, EACH]
        apart[where] = dates_part(found[:, DAYS])
        if keep:
            kept[where] = found

    evidence_in_parts(window, take)
    return Alone(logits, each, apart, kept)


def dates_part(days: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether the evidence of the dates (m,) is as much against one story as DAYS_APART: (m,)."""
    return np.asarray(days <= -DAYS_APART)


def alone(found: NDArray[np.float32], model: StoryModel | None = None) -> NDArray[np.float64]:
    """Log-odds (m,) that pairs report one event, each judged by its own evidence only."""
    from dedupe.kernels.story import alone as summed

    chosen = model or story_model()
    return summed(np.ascontiguousarray(found), np.array(chosen.coefficients), chosen.intercept)


def grades(
    found: NDArray[np.float32], whole: NDArray[np.float32], first: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Grades in [0, 1] of how much two articles have in common, each pair read alone: (m,).

    Half is the likeness of the texts, a quarter that of their titles and leads, a quarter the
    evidence ``found`` (m, features) for one event. ``whole`` and ``first`` (m,) are cosines by
    Weigher.likeness; their roots are taken, as people part little from some likeness more finely
    than much from more.
    """
    roots = np.sqrt(np.clip(np.stack((whole, first)).astype(np.float64), 0.0, 1.0))
    return np.asarray(0.5 * roots[0] + 0.25 * roots[1] + 0.25 * logistic(alone(found) / GRADE))


def story_scores(
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    found: NDArray[np.float32],
    n: int,
    model: StoryModel | None = None,
    known: KnownPairs | None = None,
    known_days: NDArray[np.float64] | None = None,
) -> StoryScores:
    """Scores pairs (m, 2) of n articles at once: each alone, then all in their company.

    Behind them stand the scores of the ``known`` ones, which are company too; of these the dates
    are told beside, as evidence (k,).
    """
    chosen = model or story_model()
    days = found[:, DAYS] if known_days is None else np.concatenate((found[:, DAYS], known_days))
    read = Alone(alone(found, chosen), found[:, EACH], dates_part(days), found)
    return scores_of(pairs, cosine, read, n, chosen, known)


def scores_of(
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    read: Alone,
    n: int,
    model: StoryModel,
    known: KnownPairs | None = None,
) -> StoryScores:
    """The same of pairs that were ``read`` alone, whose ``apart`` tells of the known ones, too."""
    known = known or KnownPairs.none()
    logits = np.concatenate((read.logits, known.logits.astype(np.float64)))
    pairs, cosine = known.behind(pairs, cosine)
    company = put_in_company(pairs, cosine, logits, read.apart, n, model)
    return StoryScores(logits, read.evidence, *company)


def put_in_company(
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    logits: NDArray[np.float64],
    apart: NDArray[np.bool_],
    n: int,
    model: StoryModel,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Turns the log-odds (m,) of pairs alone into those in their company, in place.

    What that adds, of rivals, of the surroundings, and of companions in common: (m,) each. These
    don't speak for what is ``apart`` (m,).
    """
    from dedupe.kernels.story import in_company

    return in_company(
        pairs, logits, cosine >= NEAR_COSINE, apart, n, CONTRAST,
        (PRIOR_ROUNDS, PRIOR_PAIRS, PRIOR_TRUE, PRIOR_SHARE), (CAUTION, CAUTION_PAIRS),
        model.company, (COMMON_CHANCE, COMMON_OFFSET),
    )  # fmt: skip
