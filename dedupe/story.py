"""Scored pairs to story scores: the chance that two articles report the same event.

A pair is first read alone: a logistic model of seven pieces of evidence. Then it is read in its
company: better companions of both articles speak against it, and so do many look-alikes around
them; where few articles were seen, more is asked for. Thus one scale serves two articles, a
folder, and an archive in which everything resembles everything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.moments import DAY, UNDATED
from dedupe.score import overlaps

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from dedupe.score import Weights
    from dedupe.sketch import Sketch

EVIDENCE = ("terms", "names", "numbers", "lead_names", "lead_numbers", "template", "days")
"""What a pair is judged by: ln(cosine + offset); agreement of the names, of the numbers, of the
names and of the numbers in title and lead; phrases in common without such agreement; the days."""
LABELS = {
    "terms": "terms in common",
    "names": "names in common",
    "numbers": "numbers in common",
    "lead_names": "names of title and lead",
    "lead_numbers": "numbers of title and lead",
    "template": "told by one template",
    "days": "days between the dates",
}
"""What a person is told each piece of evidence is."""
COMPANY = ("better companions of both", "what is usual around them", "to begin with")
"""The same of what its company adds, and of the model's constants."""
TEMPLATE_SHARE = 0.1
"""Share of one text's shingles in the other from which the two look written to one template."""
TEMPLATE_AGREEMENT = 4
"""Equal signature values from which the shingles of a pair are compared for that."""

COSINE_OFFSET = 0.02
"""Added to the cosine under the logarithm: below it differences mean nothing."""
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
LOOK_ALIKE = (5.3, 7.9)
"""Slope and intercept, over ln(cosine + offset), by which a pair counts as a look-alike."""
CONTRAST = 0.4
"""Share of the better companions' log-odds that a pair loses."""
LEAST_COSINE = 0.06
"""Below this cosine a pair is not looked at."""
NEAR_COSINE = 0.08
"""A pair of at least this cosine belongs to the surroundings of its two articles."""
PRIOR_ROUNDS, PRIOR_PAIRS, PRIOR_TRUE, PRIOR_SHARE = 5, 50.0, 0.2, 0.4
"""Rounds of the local prior; the pairs that it begins with, and how many of those are true; the
share of its change in log-odds that a pair takes on."""
CAUTION, CAUTION_PAIRS = 4.0, 10.0
"""Log-odds that an article without surroundings loses; the surroundings that halve that."""
GRADE = 3.0
"""Log-odds are divided by this for a grade: people's grades of likeness follow a gentler curve."""


@dataclass(frozen=True, slots=True)
class StoryModel:
    """Coefficients of the logistic model over EVIDENCE; see ``data/story_model.json``."""

    coefficients: tuple[float, ...]
    intercept: float
    company: float
    """Added once a pair was read in its company, so that the scores are calibrated again."""


@cache
def story_model() -> StoryModel:
    """The model that the package ships."""
    path = Path(__file__).parent / "data" / "story_model.json"
    stored = json.loads(path.read_text("utf-8"))
    coefficients = tuple(stored["coefficients"][name] for name in EVIDENCE)
    return StoryModel(coefficients, stored["intercept"], stored["company"])


@dataclass(frozen=True, slots=True)
class StoryScores:
    """Log-odds that two articles report one event, and what they are made of."""

    logits: NDArray[np.float64]
    """Evidence times coefficients, with the model's constants and the two below (m,)."""
    evidence: NDArray[np.float32]
    """Each piece of EVIDENCE as it was found (m, 7)."""
    rivals: NDArray[np.float32]
    """What better companions of both articles take away (m,)."""
    surroundings: NDArray[np.float32]
    """What the look-alikes around both, or their lack, add or take away (m,)."""


def logistic(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities from log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def evidence(
    sketch: Sketch,
    weights: Weights,
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    dates: NDArray[np.int64],
    executor: Executor,
) -> NDArray[np.float32]:
    """The evidence of each pair, float32 (m, 7), columns as in EVIDENCE.

    ``pairs`` are cheapest in runs of one first article; ``dates`` int64 (n,) in microseconds, the
    largest int64 for none.
    """
    from dedupe.kernels.bands import agreements

    found = np.empty((len(pairs), len(EVIDENCE)), np.float32)
    agreed = np.empty(len(pairs), np.int64)
    rows = shared_rows(weights)

    def part(first: int) -> None:
        chunk = slice(first, first + CHUNK)
        shared(rows, pairs[chunk], cosine[chunk], found[chunk])
        agreed[chunk] = agreements(sketch.signatures, pairs[chunk])

    list(executor.map(part, range(0, len(pairs), CHUNK)))
    found[:, 5] = template(sketch, pairs, agreed >= TEMPLATE_AGREEMENT, found[:, 3:5], executor)
    found[:, 6] = date_ratios(pairs, unlike(found[:, 0]), dates, corpus_gaps(dates))
    return found


class SharedRows(NamedTuple):
    """The marked terms of n articles with the sums that their agreement is measured by."""

    columns: NDArray[np.uint32]
    masses: NDArray[np.float32]
    flags: NDArray[np.uint8]
    bounds: NDArray[np.int64]
    totals: NDArray[np.float32]
    width: int


def shared_rows(weights: Weights) -> SharedRows:
    """What ``shared`` compares."""
    from dedupe.kernels.evidence import row_masses

    marked = weights.marked
    totals = row_masses(marked.masses, marked.flags, marked.bounds)
    rows = (marked.columns, marked.masses, marked.flags, marked.bounds)
    return SharedRows(*rows, totals, weights.width)


def shared(
    rows: SharedRows,
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    found: NDArray[np.float32],
) -> None:
    """Fills the first five columns of ``found`` float32 (m, 7): terms, names, numbers, leads."""
    from dedupe.kernels.evidence import shared_evidence

    found[:, 0] = np.log(cosine.astype(np.float64) + COSINE_OFFSET)
    shared_evidence(*rows, pairs, found[:, 1:5])


def unlike(logs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Chance (m,) that a pair of this ln(cosine + offset) is none, before all other evidence."""
    slope, intercept = LOOK_ALIKE
    return 1.0 - logistic(slope * logs.astype(np.float64) + intercept)


def template(
    sketch: Sketch,
    pairs: NDArray[np.int32],
    suspects: NDArray[np.bool_],
    leads: NDArray[np.float32],
    executor: Executor,
) -> NDArray[np.float32]:
    """How much a pair looks like two events told by one template (m,).

    Phrases in common, while names or numbers of title and lead don't agree, as in reports of
    earnings, matches and quakes.

    Only ``suspects`` bool (m,) are compared; ``leads`` float32 (m, 2) as in shared_evidence.
    """
    found = np.zeros(len(pairs), np.float32)
    at = np.flatnonzero(suspects & (leads.min(axis=1, initial=0.0) < 0))
    found[at] = templated(overlaps(sketch, pairs[at], executor).containment, leads[at])
    return found


def templated(containment: NDArray[np.float64], leads: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much pairs of a known containment (m,) look told by one template; leads as above."""
    alike = np.minimum(1.0, containment / TEMPLATE_SHARE)
    return np.asarray(alike * -leads.min(axis=1, initial=0.0))


CHUNK = 1 << 16
"""Pairs that a thread takes at a time."""


def alone(found: NDArray[np.float32], model: StoryModel | None = None) -> NDArray[np.float64]:
    """Log-odds (m,) that pairs report one event, each judged by its own evidence only."""
    chosen = model or story_model()
    return np.asarray(found @ np.array(chosen.coefficients) + chosen.intercept)


def grades(
    found: NDArray[np.float32], whole: NDArray[np.float32], first: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Grades in [0, 1] of how much two articles have in common, each pair read alone: (m,).

    Half is the likeness of the texts, a quarter that of their titles and leads, a quarter the
    evidence ``found`` (m, 7) for one event. ``whole`` and ``first`` (m,) are cosines by
    score.likeness_weights; their roots are taken, as people part little from some likeness more
    finely than much from more.
    """
    roots = np.sqrt(np.clip(np.stack((whole, first)).astype(np.float64), 0.0, 1.0))
    return np.asarray(0.5 * roots[0] + 0.25 * roots[1] + 0.25 * logistic(alone(found) / GRADE))


def story_scores(
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    found: NDArray[np.float32],
    n: int,
    model: StoryModel | None = None,
) -> StoryScores:
    """Scores all candidate pairs of n articles at once, each alone and then in its company."""
    chosen = model or story_model()
    logits = alone(found, chosen)
    rivals, surroundings = in_company(pairs, logits, cosine >= NEAR_COSINE, n, chosen)
    return StoryScores(logits, found, rivals, surroundings)


def in_company(
    pairs: NDArray[np.int32],
    logits: NDArray[np.float64],
    near: NDArray[np.bool_],
    n: int,
    model: StoryModel,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Turns ``logits`` (m,) of pairs read alone, in place, into those in their company.

    ``near`` bool (m,) tells the pairs of at least NEAR_COSINE. Returns what rivals took away and
    what the surroundings added: (m,) each.
    """
    from dedupe.kernels.story import in_company as read

    prior = (PRIOR_ROUNDS, PRIOR_PAIRS, PRIOR_TRUE, PRIOR_SHARE)
    caution = (CAUTION, CAUTION_PAIRS)
    rivals, surroundings = read(pairs, logits, near, n, CONTRAST, prior, caution, model.company)
    return rivals, surroundings


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
    return np.asarray(np.where(ratios > 0, NEARNESS * ratios, ratios))


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
