"""Which sentences of two articles report the same: cosine of their TF-IDF vectors.

Rarity is counted twice over: against the language (a frozen word list) and against the sentences
of the two articles themselves, where the name that all of them carry tells nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.model_compare import Alignment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

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


def idf(
    features: Sequence[Sequence[str]], frequency: Mapping[str, float], rarest: float
) -> dict[str, float]:
    """IDF of each feature over the sentences of both articles, blended with its frequency.

    idf = -log((df + n0 p) / (n + n0)), p the probability of the word in a sentence of
    :data:`SENTENCE_WORDS` words. Features without a frequency count as ``rarest``.
    """
    found_in = Counter(f for sentence in features for f in set(sentence))
    total = len(features) + PRIOR_SENTENCES
    return {
        feature: -math.log(
            (df + PRIOR_SENTENCES * (1 - (1 - frequency.get(feature, rarest)) ** SENTENCE_WORDS))
            / (total + PRIOR_SENTENCES)
        )
        for feature, df in found_in.items()
    }


def align_sentences(
    a: Sequence[Sequence[str]], b: Sequence[Sequence[str]], weight: Mapping[str, float]
) -> tuple[Alignment, ...]:
    """All pairs of sentences at or above :data:`THRESHOLD`, by index in ``a``, then in ``b``.

    A sentence keeps its :data:`MOST` best counterparts, and those whose best it is among.
    ``a`` and ``b`` hold the features of each sentence; a feature counts once for a sentence.
    """
    if not weight or not a or not b:
        return ()
    columns = {feature: i for i, feature in enumerate(weight)}
    rows, others, cosines = _products(_rows(a, weight, columns), _rows(b, weight, columns))
    kept = _best(rows, others, cosines) | _best(others, rows, cosines)
    found = zip(
        rows[kept].tolist(),
        others[kept].tolist(),
        np.minimum(cosines[kept], 1.0).tolist(),
        strict=True,
    )
    return tuple(Alignment(*pair) for pair in sorted(found))


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
