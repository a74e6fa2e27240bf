"""How usual words are in the general texts of a language, by its list of word frequencies."""

from __future__ import annotations

import mmap
import sys
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from dedupe.sketch import TERM_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)

TABLES = Path(__file__).parent / "data" / "usual"
ARTICLE_TOKENS = 500
"""Tokens of a background article: a word of frequency p is in 1 - exp(-500 p) of them."""
LEAST_FREQUENCY = 2e-7
"""Frequency of a word that no background list has."""
FEW = 1 << 17
"""Terms of several hundred articles: they touch little of a table of all buckets."""


@cache
def word_frequencies(language: str) -> Mapping[str, float]:
    """Share of all words, in (0, 1], of each folded word above one in a million (Speer 2022).

    Empty for a language without a list: all its words count as rare. Read whole, as a comparison
    asks for each of its words, and some of them several times.
    """
    path = TABLES / f"{language}.words"
    if not language.isalpha() or not path.is_file():  # also what is no language tag
        return {}
    words, _, numbers = zlib.decompress(path.read_bytes()).partition(b"\0")
    low, high = np.frombuffer(numbers, np.uint8).astype(np.uint16).reshape(2, -1)
    centibels = (low | high << 8).tolist()
    shares = [10 ** (-centibel / 100) for centibel in range(max(centibels) + 1)]
    return dict(zip(words.decode().split("\n"), map(shares.__getitem__, centibels), strict=True))


class Listed(NamedTuple):
    """Term buckets of a language's word list, ascending, and their shares of all words (w,)."""

    buckets: NDArray[np.int64]
    shares: NDArray[np.float64]


@cache
def listed(language: str) -> Listed:
    """The word_frequencies of a language, and of pairs across words, by term bucket.

    Empty for a language without a list. The tables are made by ``tools/make_usual.py``: to read
    tens of thousands of words as terms would take as long as all else of a small run.
    """
    path = TABLES / f"{language}.npy"
    if not language.isalpha() or not path.is_file():  # also what is no language tag
        return Listed(np.empty(0, np.int64), np.empty(0))
    with path.open("rb") as file:
        gaps, numbers, shares = (np.load(file) for _ in range(3))
    return Listed(np.cumsum(gaps, dtype=np.int64), shares[numbers])


def zeros_by_bucket(kind: type[Number], entries: int) -> NDArray[Number]:
    """Zeros for each term bucket (all buckets,), of which ``entries`` are going to be touched.

    NumPy asks Linux for pages of 2 MB, which make a large run quicker. A few articles would have
    all of the table filled with zeros, so they get the usual ones.
    """
    if sys.platform != "linux" or entries > FEW:
        return np.zeros(1 << TERM_BITS, kind)
    size = np.dtype(kind).itemsize << TERM_BITS
    return np.frombuffer(mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), kind)


def chance(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chance that a background article has a term, by its share of all words: (w,)."""
    return np.asarray(-np.expm1(-ARTICLE_TOKENS * np.maximum(shares, LEAST_FREQUENCY)))


def usual_shares(language: str, buckets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the general texts of a language that hold each bucket: (w,)."""
    shares, terms = np.zeros(len(buckets)), listed(language)
    if len(terms.buckets):
        places = np.minimum(np.searchsorted(terms.buckets, buckets), len(terms.buckets) - 1)
        same = terms.buckets[places] == buckets
        shares[same] = terms.shares[places[same]]
    return chance(shares)


def idf_once(
    language: str, buckets: NDArray[np.int64], held: NDArray[np.int32], articles: int, prior: float
) -> NDArray[np.float64]:
    """IDF (w,) of buckets that ``held`` of so many articles have: that of weigh.Frequencies.

    For once: a table of all words that are usual costs more than the rest of a small call.
    """
    usual = np.maximum(usual_shares(language, buckets), chance(np.array([LEAST_FREQUENCY])))
    return np.asarray(
        np.maximum(0.0, np.log(articles + prior) - np.log(held + prior * usual)), np.float64
    )
