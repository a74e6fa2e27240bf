"""How common a term is in general text of a language: the prior behind every document frequency."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.sketch import TERM_BITS, composed, tokens_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ARTICLE_TOKENS = 500
"""Tokens of a background article: a word of frequency p is in 1 - exp(-500 p) of them."""
LEAST_FREQUENCY = 2e-7
"""Frequency of a word that no background list has."""


class Listed(NamedTuple):
    """Term buckets of a language's word list, ascending, and their shares of all words (w,)."""

    buckets: NDArray[np.int64]
    shares: NDArray[np.float64]


@cache
def listed(language: str) -> Listed:
    """The terms of wordfreq's list of all words above one in a million (Speer 2022).

    A language that it does not carry has none: all its words are taken for rare.
    """
    import pyarrow as pa
    import wordfreq

    from dedupe.kernels.terms import count_terms

    frequencies: dict[str, float] = {}
    if language in wordfreq.available_languages("small"):
        frequencies = wordfreq.get_frequency_dict(language, "small")
    words = tokens_of(composed(pa.array(list(frequencies), pa.large_string())))
    nothing = tokens_of(composed(pa.array([""] * len(frequencies), pa.large_string())))
    buckets, _, _, bounds = count_terms(nothing, words, TERM_BITS, 0)
    shares = np.repeat(np.fromiter(frequencies.values(), np.float64), np.diff(bounds))
    distinct, places = np.unique(buckets, return_inverse=True)
    summed = np.bincount(places, shares, len(distinct)).astype(np.float64)
    return Listed(distinct.astype(np.int64), summed)


def chances(language: str, buckets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Chance that a background article holds the terms of each bucket: (w,)."""
    shares = np.zeros(1 << TERM_BITS)
    terms = listed(language)
    shares[terms.buckets] = terms.shares
    return chance(shares[buckets])


def chance(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same by the terms' shares of all words."""
    return np.asarray(-np.expm1(-ARTICLE_TOKENS * np.maximum(shares, LEAST_FREQUENCY)))
