"""Which sentences of two articles report the same: cosine of their TF-IDF vectors.

Rarity is counted twice over: against the language (a frozen word list) and against the sentences
of the two articles themselves, where the name that all of them carry tells nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from dedupe.model_compare import Alignment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

THRESHOLD = 0.25
"""Cosine from which two sentences report the same. Unlike pairs on one topic stay under 0.25, like
ones reach 0.4 and more (labelled pairs in the tests)."""
SENTENCE_WORDS = 25
"""Length of the sentence that a word's frequency is turned into a probability for."""
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
    product = (_rows(a, weight, columns) @ _rows(b, weight, columns).T).tocoo()
    near = product.data >= THRESHOLD
    rows, others, cosines = product.row[near], product.col[near], product.data[near]
    kept = _best(rows, others, cosines) | _best(others, rows, cosines)
    found = zip(
        rows[kept].tolist(),
        others[kept].tolist(),
        np.minimum(cosines[kept], 1.0).tolist(),
        strict=True,
    )
    return tuple(Alignment(*pair) for pair in sorted(found))


def _best(
    of: NDArray[np.int32], other: NDArray[np.int32], cosines: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which pairs are among the :data:`MOST` best of their sentence ``of``; all of shape (m,)."""
    order = np.lexsort((other, -cosines, of))
    ordered = of[order]
    first = np.searchsorted(ordered, ordered)
    kept = np.zeros(len(of), np.bool_)
    kept[order] = np.arange(len(of)) - first < MOST
    return kept


def _rows(
    sentences: Sequence[Sequence[str]], weight: Mapping[str, float], columns: Mapping[str, int]
) -> csr_matrix:
    """One row of unit length for each sentence: float64 (sentences, features)."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    distinct = [dict.fromkeys(sentence) for sentence in sentences]
    indices = [columns[f] for sentence in distinct for f in sentence]
    values = [weight[f] for sentence in distinct for f in sentence]
    ends = np.concatenate(([0], np.cumsum([len(sentence) for sentence in distinct])))
    rows = csr_matrix((values, indices, ends), shape=(len(sentences), len(columns)))
    return normalize(rows, copy=False)
