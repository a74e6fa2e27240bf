"""Candidate pairs to scores: exact overlap of shingles, TF-IDF cosine, story score.

The story score is the chance that two articles report the same event. It begins with a logistic
model of the cosine and of the days between, and is then held against what is usual around the two
articles: better companions, the gaps of look-alikes, and how many pairs there are true.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dedupe.sketch import LEADING, TERM_BITS
from dedupe.text import NAME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.sketch import Sketch, Terms

NAME_COUNT, LEAD_COUNT = 1.5, 3.0
"""Added to the count of a term that is written as a name, or stands in the title or the lead."""
ARTICLE_TOKENS = 800
"""Tokens of the imagined background article: a word of frequency p is in 1 - exp(-800 p) of them."""
LEAST_FREQUENCY = 2e-7
"""Frequency of a word that no background list has."""

COSINE_OFFSET = 0.02
"""Added to the cosine under the logarithm: below it differences mean nothing."""
GAP_EDGES = np.array([0, 1, 2, 3, 5, 8, 15, 31, 61, 121, 366], np.int64)
"""First whole day of each bin of the gap between two dates."""
SAME_DECAY, USUAL_DAYS = 0.6, 180.0
"""Reports of one event: P(gap >= d) = (1 + d) ** -0.6; of any two articles: 1 / (1 + d / 180)."""
CORPUS_GAPS, LOCAL_GAPS = 300.0, 60.0
"""Pairs that the prior weighs against the corpus' own gaps, and those against one article's."""
RATIO_CLIP = 3.0
"""Bound of the date's log-likelihood ratio, so that no date alone decides."""
CONTRAST = 0.4
"""Share of the better companions' log-odds that a pair loses."""
PRIOR_ROUNDS, PRIOR_PAIRS, PRIOR_TRUE, PRIOR_SHARE = 3, 50.0, 0.2, 0.4


@dataclass(frozen=True, slots=True)
class Weights:
    """TF-IDF rows of unit length: columns ascending within each of n rows."""

    columns: NDArray[np.uint32]
    values: NDArray[np.float32]
    bounds: NDArray[np.int64]
    width: int


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Exact Jaccard and containment of pairs: float64 (m,)."""

    jaccard: NDArray[np.float64]
    containment: NDArray[np.float64]
    """The larger share of one side's shingles that lie in the other."""


@dataclass(frozen=True, slots=True)
class StoryModel:
    """Coefficients of the story score's logistic model; see ``data/story_model.json``."""

    log_cosine: float
    days: float
    intercept: float


@cache
def story_model() -> StoryModel:
    """The model that the package ships."""
    stored = json.loads((Path(__file__).parent / "data" / "story_model.json").read_text("utf-8"))
    return StoryModel(stored["log_cosine"], stored["days"], stored["intercept"])


@dataclass(frozen=True, slots=True)
class ShingleSets:
    """Distinct shingles of some of n articles, ascending; the others' rows are empty."""

    values: NDArray[np.uint32]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, sketch: Sketch, rows: NDArray[np.int32]) -> ShingleSets:
        """The sets of the given articles; repeats do no harm."""
        from dedupe.kernels.pairs import numbered_values

        chosen = np.zeros(len(sketch), np.bool_)
        chosen[rows] = True
        # The article above, its shingle below: one sort of whole words orders all sets at once.
        numbered = numbered_values(sketch.shingles, sketch.starts, chosen)
        numbered.sort()
        first = np.ones(len(numbered), np.bool_)
        np.not_equal(numbered[1:], numbered[:-1], out=first[1:])
        numbered = numbered[first]
        bounds = np.searchsorted(numbered, np.arange(len(sketch) + 1, dtype=np.uint64) << 32)
        return cls(numbered.astype(np.uint32), bounds)

    def overlaps(self, pairs: NDArray[np.int32]) -> Overlaps:
        """Exact Jaccard and containment of each pair of these articles.

        A text of fewer words than a shingle has is one shingle, and an empty one overlaps nothing.
        """
        from dedupe.kernels.pairs import intersections

        shared = np.empty(len(pairs), np.int64)
        intersections(self.values, self.bounds, pairs, shared)
        sizes = np.diff(self.bounds)[pairs]
        union = np.maximum(sizes.sum(axis=1) - shared, 1)
        smaller = np.maximum(sizes.min(axis=1, initial=np.iinfo(np.int64).max), 1)
        return Overlaps(shared / union, shared / smaller)


def overlaps(sketch: Sketch, pairs: NDArray[np.int32]) -> Overlaps:
    """Exact Jaccard and containment of the shingle sets of each pair of articles.

    Some pairs at a time: the sets of all articles at once would be as large as their texts.
    """
    parts = [pairs[first : first + PAIRS] for first in range(0, len(pairs), PAIRS)] or [pairs]
    found = [ShingleSets.of(sketch, part.ravel()).overlaps(part) for part in parts]
    return Overlaps(
        np.concatenate([part.jaccard for part in found]),
        np.concatenate([part.containment for part in found]),
    )


PAIRS = 2048
"""Pairs whose shingle sets are in memory together."""


@cache
def background(language: str) -> NDArray[np.float64]:
    """Frequency of each term bucket in general text of a language: float64 (2**TERM_BITS,).

    From wordfreq's lists of all words above one in a million (Speer 2022). A language that it
    does not carry has none: all its words are taken for rare.
    """
    import pyarrow as pa
    import wordfreq

    from dedupe.kernels.terms import count_terms
    from dedupe.sketch import composed, tokens_of

    frequencies: dict[str, float] = {}
    if language in wordfreq.available_languages("small"):
        frequencies = wordfreq.get_frequency_dict(language, "small")
    words = tokens_of(composed(pa.array(list(frequencies), pa.large_string())))
    nothing = tokens_of(composed(pa.array([""] * len(frequencies), pa.large_string())))
    buckets, _, _, bounds = count_terms(nothing, words, TERM_BITS, 0)
    shares = np.repeat(np.fromiter(frequencies.values(), np.float64), np.diff(bounds))
    return np.bincount(buckets, weights=shares, minlength=1 << TERM_BITS)


def term_weights(terms: Terms, languages: Sequence[str], settings: Settings) -> Weights:
    """TF-IDF rows of n articles: (1 + ln tf) * idf, of unit length, by scikit-learn.

    idf = -ln((df + n0 * P) / (n + n0)) blends the document frequencies of the articles' own
    language with the chance P that a background article holds the term, as if ``n0`` of those had
    been counted too. Two articles alone thus have sensible weights.
    """
    seen = np.zeros(1 << TERM_BITS, np.bool_)
    seen[terms.buckets] = True
    buckets = np.flatnonzero(seen)
    places = np.zeros(1 << TERM_BITS, np.uint32)
    places[buckets] = np.arange(len(buckets), dtype=np.uint32)
    columns = places[terms.buckets]
    counts = terms.counts.astype(np.float32)
    counts += np.float32(NAME_COUNT) * (terms.flags & NAME > 0)
    counts += np.float32(LEAD_COUNT) * (terms.flags & LEADING > 0)
    spoken = np.array(languages, dtype=object)
    values = np.empty(len(columns), np.float32)
    for language in sorted(set(languages)):
        rows = np.flatnonzero(spoken == language)
        prior = background(language)[buckets]
        _weigh_rows(columns, counts, terms.bounds, rows, prior, settings.prior_articles, values)
    return Weights(columns, values, terms.bounds, len(buckets))


def _weigh_rows(
    columns: NDArray[np.uint32],
    counts: NDArray[np.float32],
    bounds: NDArray[np.int64],
    rows: NDArray[np.intp],
    prior: NDArray[np.float64],
    prior_articles: float,
    values: NDArray[np.float32],
) -> None:
    """Weighs the rows of one language into ``values``."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer

    whole = csr_matrix(
        (counts, columns.view(np.int32), bounds), shape=(len(bounds) - 1, len(prior))
    )
    part = whole if len(rows) == len(bounds) - 1 else whole[rows]
    frequency = np.bincount(part.indices, minlength=len(prior))
    chance = -np.expm1(-ARTICLE_TOKENS * np.maximum(prior, LEAST_FREQUENCY))
    share = (frequency + prior_articles * chance) / (len(rows) + prior_articles)
    transformer = TfidfTransformer(sublinear_tf=True)
    transformer.idf_ = np.maximum(0.0, -np.log(share))
    weighed = transformer.transform(part)
    if part is whole:
        values[:] = weighed.data
        return
    for at, row in enumerate(rows):
        values[bounds[row] : bounds[row + 1]] = weighed.data[
            weighed.indptr[at] : weighed.indptr[at + 1]
        ]


def cosines(
    weights: Weights, pairs: NDArray[np.int32], executor: Executor, chunk: int = 1 << 16
) -> NDArray[np.float32]:
    """TF-IDF cosine of each pair; pairs sorted by their first article are cheapest."""
    from dedupe.kernels.weights import cosines as fill

    found = np.empty(len(pairs), np.float32)
    rows = (weights.columns, weights.values, weights.bounds, weights.width)

    def part(first: int) -> None:
        fill(*rows, pairs[first : first + chunk], found[first : first + chunk])

    list(executor.map(part, range(0, len(pairs), chunk)))
    return found


def logistic(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities from log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


@dataclass(frozen=True, slots=True)
class StoryScores:
    """Log-odds that two articles report one event, and what they are made of: (m,) each."""

    logits: NDArray[np.float64]
    """The sum of the four below."""
    cosine: NDArray[np.float32]
    """What the cosine says, with the intercept."""
    days: NDArray[np.float32]
    """What the days between say; 0 where a date is missing."""
    rivals: NDArray[np.float32]
    """What better companions of both articles take away."""
    surroundings: NDArray[np.float32]
    """What the share of true pairs around the two articles adds or takes away."""


def story_scores(
    pairs: NDArray[np.int32], cosine: NDArray[np.float32], dates: NDArray[np.int64]
) -> StoryScores:
    """Scores all candidate pairs of a corpus at once.

    ``dates`` int64 (n,) in microseconds, the largest int64 for none.
    """
    from dedupe.kernels.story import contrast, local_priors

    n, model = len(dates), story_model()
    logits = np.log(cosine.astype(np.float64) + COSINE_OFFSET)
    logits *= model.log_cosine
    logits += model.intercept
    alone = logits.astype(np.float32)
    days = (model.days * date_ratios(pairs, logits, dates)).astype(np.float32)
    logits += days
    rivals = logits.astype(np.float32)
    contrast(pairs, logits, CONTRAST, np.empty(n))
    rivals = logits.astype(np.float32) - rivals
    shifts = np.empty(n)
    local_priors(pairs, logits, n, PRIOR_ROUNDS, PRIOR_PAIRS, PRIOR_TRUE, PRIOR_SHARE, shifts)
    surroundings = (0.5 * (shifts[pairs[:, 0]] + shifts[pairs[:, 1]])).astype(np.float32)
    logits += surroundings
    return StoryScores(logits, alone, days, rivals, surroundings)


def date_ratios(
    pairs: NDArray[np.int32], logits: NDArray[np.float64], dates: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What the gap between two dates says: log P(gap | one story) - log P(gap | look-alikes).

    The gaps of look-alikes are those around the two articles, each pair counted by its chance of
    being none, smoothed by the gaps in the whole corpus, smoothed in turn by a fixed prior. A
    date is a term with its own document frequency: in a corpus of one day it says nothing.
    """
    from dedupe.kernels.story import date_ratios as fill
    from dedupe.kernels.story import gap_bins, gap_counts

    bins, counts = np.empty(len(pairs), np.uint8), np.zeros((len(dates), len(GAP_EDGES)))
    gap_bins(pairs, dates, GAP_EDGES, bins)
    gap_counts(pairs, bins, 1.0 / (1.0 + np.exp(logits)), counts)
    usual = _corpus_gaps(dates)
    usual = (counts + LOCAL_GAPS * usual) / (counts.sum(axis=1, keepdims=True) + LOCAL_GAPS)
    ratios = np.empty(len(pairs))
    fill(
        pairs,
        bins,
        np.log(_binned((1.0 + GAP_EDGES) ** -SAME_DECAY)),
        np.log(usual),
        RATIO_CLIP,
        ratios,
    )
    return ratios


def _binned(survival: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each bin, from the chance that a gap reaches its first day."""
    return survival - np.append(survival[1:], 0.0)


def _corpus_gaps(dates: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probability of each gap bin over all pairs of dated articles, smoothed by the fixed prior."""
    known = np.sort(dates[dates != np.iinfo(np.int64).max])
    reach = np.array(
        [np.searchsorted(known, known + edge * 86_400_000_000, "left").sum() for edge in GAP_EDGES],
        np.float64,
    )
    if len(known):
        reach[0] = np.arange(1, len(known) + 1).sum()
    everything = float(len(known)) * len(known)
    counts = np.maximum(0.0, np.diff(np.append(reach, everything)))
    fixed = _binned(1.0 / (1.0 + GAP_EDGES / USUAL_DAYS))
    return np.asarray((counts + CORPUS_GAPS * fixed) / (counts.sum() + CORPUS_GAPS))
