"""Which sentences of two articles report the same: cosine of their TF-IDF vectors.

Their features are stems, and facts in their normal form: a name counts as one feature under any
of its forms, a number or date by its value, so that ``Zelenskiy`` meets ``Zelensky``, and ``May 7th
to May 10th`` meets ``7-10 May``. Rarity is counted twice over: against the language (a frozen word
list) and against the sentences of the two articles, where a name that is in all of them
distinguishes none.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.comparison.facts.kind import free
from dedupe.comparison.facts.kinds import KINDS
from dedupe.comparison.reading import PARTS, Read
from dedupe.comparison.words import grams
from dedupe.model_compare import Alignment, Span
from dedupe.usual import LEAST_FREQUENCY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dedupe.comparison.facts.kind import Kind
    from dedupe.comparison.facts.kinds import Gathered
    from dedupe.model_compare import Part

THRESHOLD = 0.25
"""Cosine from which two sentences report the same. Unlike pairs on one topic stay under 0.25, like
ones reach 0.4 and more (labelled pairs in the tests)."""
SENTENCE_WORDS = 25
"""Length of the sentence that a word's frequency is turned into a probability for."""
MULTIPLIED = 1 << 21
"""Products of two features that are summed at a time: some 50 MB."""
MOST = 8
"""Counterparts that one sentence is given at most, its best: a sentence said 400 times in both
texts has not 160,000."""
PRIOR_SENTENCES = 50.0
"""How many sentences the background counts for beside those of the two articles."""


class Features(NamedTuple):
    """What the sentences of one article say."""

    sentences: list[list[str]]
    """The features of each sentence: stems, and facts as ``name vladimir putin``."""
    frequency: dict[str, float]
    """Of each feature in the article's language, in (0, 1]."""


def align_sentences(a: Features, b: Features) -> tuple[Alignment, ...]:
    """All pairs of sentences at or above :data:`THRESHOLD`, by index in ``a``, then in ``b``.

    A sentence keeps its :data:`MOST` best counterparts, and those whose best it is among.
    """
    in_a, in_b = a.sentences, b.sentences
    weight = _idf([*in_a, *in_b], a.frequency, b.frequency)
    if not weight or not in_a or not in_b:
        return ()
    columns = {feature: i for i, feature in enumerate(weight)}
    rows, others, cosines = _products(_rows(in_a, weight, columns), _rows(in_b, weight, columns))
    kept = _best(rows, others, cosines) | _best(others, rows, cosines)
    found = zip(
        rows[kept].tolist(),
        others[kept].tolist(),
        np.minimum(cosines[kept], 1.0).tolist(),
        strict=True,
    )
    return tuple(Alignment(*pair) for pair in sorted(found))


def features_of(read: Read, gathered: Gathered) -> Features:
    """The features of an article's sentences, of which ``gathered`` are the facts."""
    sentences: list[list[str]] = [[] for _ in read.sentences]
    frequency: dict[str, float] = {}
    held: dict[Part, list[Span]] = {part: [] for part in PARTS}
    for kind in KINDS:
        for fact in gathered[kind.name]:
            told = kind.features(fact)
            for mention in fact.mentions if told else ():
                sentences[mention.sentence] += told
                held[mention.span.part] += _replaced(mention.span, read, kind)
            for feature in told:
                known = frequency.get(feature, 0.0)
                frequency[feature] = max(known, kind.frequency(fact, read))
    for part, reading in read.parts.items():
        held[part].sort(key=lambda span: span.start)
        outside = grams(free(reading.words, held[part])) if reading.starts else ()
        before = np.searchsorted(reading.starts, [gram.start for gram in outside], "right")
        for gram, i in zip(outside, np.maximum(before, 1).tolist(), strict=True):
            sentences[reading.first + i - 1].append(reading.stems.get(gram.text, gram.text))
    for word, stem in reading.stems.items():
        frequency[stem] = max(frequency.get(stem, 0.0), reading.frequency[word])
    return Features(sentences, frequency)


def _replaced(span: Span, read: Read, kind: Kind) -> list[Span]:
    """The part of a fact's place that its feature stands for: of a number not what it counts."""
    if not kind.digits_only:
        return [span]
    text = read.parts[span.part].text[span.start : span.end]
    digits = [span.start + i for i, c in enumerate(text) if c.isdecimal()]
    return [Span(span.part, digits[0], digits[-1] + 1)] if digits else []


def _idf(
    features: Sequence[Sequence[str]], a: Mapping[str, float], b: Mapping[str, float]
) -> dict[str, float]:
    """IDF of each feature over the sentences of both articles, blended with its frequency.

    idf = -log((df + n0 p) / (n + n0)), p the probability of the word in a sentence of
    :data:`SENTENCE_WORDS` words, by the higher of its frequencies in ``a`` and ``b``.
    """
    found_in = Counter(f for sentence in features for f in set(sentence))
    total = len(features) + PRIOR_SENTENCES
    weight = {}
    for feature, df in found_in.items():
        known = max(a.get(feature, 0.0), b.get(feature, 0.0)) or LEAST_FREQUENCY
        said = 1 - (1 - known) ** SENTENCE_WORDS
        weight[feature] = -math.log((df + PRIOR_SENTENCES * said) / (total + PRIOR_SENTENCES))
    return weight


def _best(
    of: NDArray[np.int64], other: NDArray[np.int64], cosines: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which pairs are among the :data:`MOST` best of their sentence ``of``; all of shape (m,)."""
    order = np.lexsort((other, -cosines, of))
    ordered = of[order]
    first = np.searchsorted(ordered, ordered)
    kept = np.zeros(len(of), np.bool_)
    kept[order] = np.arange(len(of)) - first < MOST
    return kept


class _Rows(NamedTuple):
    """Rows of unit length, one a sentence: columns int64 and values float64 (m,), ragged."""

    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    bounds: NDArray[np.int64]


def _rows(
    sentences: Sequence[Sequence[str]], weight: Mapping[str, float], columns: Mapping[str, int]
) -> _Rows:
    distinct = [dict.fromkeys(sentence) for sentence in sentences]
    at = np.array([columns[f] for sentence in distinct for f in sentence], np.int64)
    values = np.array([weight[f] for sentence in distinct for f in sentence], np.float64)
    sizes = np.array([len(sentence) for sentence in distinct], np.int64)
    row = np.repeat(np.arange(len(sizes)), sizes)
    lengths = np.sqrt(np.bincount(row, values * values, len(sizes)))[row]
    values = np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0)
    return _Rows(at, values, np.concatenate(([0], np.cumsum(sizes))))


def _products(
    a: _Rows, b: _Rows
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of rows whose dot product reaches THRESHOLD: rows of ``a``, of ``b``, products."""
    n = len(b.bounds) - 1
    order = np.argsort(b.columns, kind="stable")
    ranked, holders = b.columns[order], np.repeat(np.arange(n), np.diff(b.bounds))[order]
    first, last = (np.searchsorted(ranked, a.columns, side) for side in ("left", "right"))
    met = np.concatenate(([0], np.cumsum(last - first)))
    found: tuple[list[NDArray[Any]], ...] = ([], [], [])
    row = 0
    while row < len(a.bounds) - 1:
        # As many rows at a time as keep what is multiplied, and their products, in bounds.
        stop = int(np.searchsorted(met[a.bounds], met[a.bounds[row]] + MULTIPLIED, "right")) - 1
        stop = max(row + 1, min(stop, row + max(1, MULTIPLIED // n)))
        part = slice(a.bounds[row], a.bounds[stop])
        sizes = last[part] - first[part]
        own = np.repeat(np.repeat(np.arange(stop - row), np.diff(a.bounds[row : stop + 1])), sizes)
        places = np.repeat(first[part] - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        values = np.repeat(a.values[part], sizes) * b.values[order[places]]
        summed = np.bincount(own * n + holders[places], values, (stop - row) * n)
        near = np.flatnonzero(summed >= THRESHOLD)
        for kept, values in zip(found, (near // n + row, near % n, summed[near]), strict=True):
            kept.append(values)
        row = stop
    return tuple(np.concatenate(parts) for parts in found)  # type: ignore[return-value]
