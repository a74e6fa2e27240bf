"""How common a word is in a language: the background prior behind every IDF of a comparison.

Two articles have no document frequencies to speak of, so that frozen word frequencies (package
``wordfreq``, the small lists) stand in for the articles that were not read.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PRIOR_ARTICLES = 1000.0
"""How many articles the background counts for beside the two that are compared."""
ARTICLE_WORDS = 300
"""Length of the article that a word's frequency is turned into a document probability for."""
RAREST = 1e-7
"""Frequency taken for a word that the list does not have."""


@cache
def frequencies(lang: str) -> Mapping[str, float]:
    """Frequency of each listed word, in (0, 1]; empty for a language without a list."""
    import wordfreq

    if lang not in wordfreq.available_languages("small"):  # also what is no language tag at all
        return {}
    return wordfreq.get_frequency_dict(lang, "small")


def frequency(words: Iterable[str], lang: str) -> dict[str, float]:
    """The frequency of each word; where the language has no list, as counted in the words."""
    known = frequencies(lang)
    counts = Counter(words)
    if known:
        return {word: known.get(word, RAREST) for word in counts}
    total = counts.total()
    return {word: max((n - 2) / total, RAREST) for word, n in counts.items()}


def idf(found_in: int, frequency: float) -> float:
    """IDF of a term in ``found_in`` of the two articles, blended with its background frequency.

    idf = -log((df + n0 p) / (n + n0)), with p the probability that an article of
    :data:`ARTICLE_WORDS` words has the term; never below 0.
    """
    expected = PRIOR_ARTICLES * -math.expm1(ARTICLE_WORDS * math.log1p(-min(frequency, 0.999999)))
    return max(-math.log((found_in + expected) / (2 + PRIOR_ARTICLES)), 0.0)
