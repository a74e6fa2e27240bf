"""Document frequencies of the terms of all languages, on top of the background's.

One table serves all languages: what a language takes grows with the terms that its articles and
its word list have, and with nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.background import LEAST_FREQUENCY, chance, listed
from dedupe.sketch import TERM_BITS

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

BUCKETS = 1 << TERM_BITS
LEAST_PLACES = 1 << 16
FULL = 0.6
"""Share of its places at which a table is doubled."""


class Counted(NamedTuple):
    """Logarithms of document frequencies, see kernels.tables.blended."""

    keys: NDArray[np.uint32]
    logs: NDArray[np.float32]
    """ln(df + n0 P) of each key."""
    least: np.float32
    """That of what no key holds."""
    firsts: NDArray[np.int64]
    """Where the keys of each language begin."""
    wholes: NDArray[np.float64]
    """ln(n + n0) of each language."""


class Frequencies:
    """How many articles of each language hold each term."""

    def __init__(self, prior: float) -> None:
        """``prior`` articles stand behind the background's frequencies."""
        self._prior = prior
        self._least = np.float32(prior * chance(np.array([LEAST_FREQUENCY]))[0])
        with np.errstate(divide="ignore"):  # without a prior, what none holds has no weight
            self._least_log = np.float32(np.log(np.float64(self._least)))
        self.clear()

    def clear(self) -> None:
        """Counts nothing any more."""
        self.articles: dict[str, int] = {}
        """Articles by language."""
        both = np.zeros((BUCKETS, 2), np.int32)  # side by side: who asks one asks the other
        self.anywhere = both[:, 0]
        """Articles of any language that hold each bucket."""
        self.named = both[:, 1]
        """Articles that write it as a name."""
        self._first: dict[str, int] = {}
        self._used = 0
        self._make(LEAST_PLACES)

    def _make(self, places: int) -> None:
        table = np.zeros((places, 4), np.uint32)  # what is of one key lies together
        self._keys = table[:, 0]
        self._held = table.view(np.int32)[:, 1]
        self._background = table.view(np.float32)[:, 2]
        self._logs = table.view(np.float32)[:, 3]

    def tally(
        self, language: str, buckets: NDArray[np.uint32], flags: NDArray[np.uint8], sign: int
    ) -> None:
        """Counts an article's terms in (1) or out (-1)."""
        from dedupe.kernels.tables import tally

        first = self._part(language)
        self.articles[language] += sign
        self._reserve(len(buckets))
        self._used += tally(
            self._keys, self._held, self._background, self._logs, first, self._least, buckets,
            flags, sign, self.anywhere, self.named,
        )  # fmt: skip

    def counted(self, languages: Collection[str]) -> Counted:
        """What terms of these languages are weighed by; it holds until more is counted."""
        firsts = [self._part(language) for language in languages]  # the table may grow by it
        articles = [self.articles[language] for language in languages]
        wholes = np.log(np.array(articles, np.float64) + self._prior)
        return Counted(self._keys, self._logs, self._least_log, np.array(firsts, np.int64), wholes)

    def held(self, language: str) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The buckets that articles of a language hold, ascending, and how many hold each."""
        buckets = self._keys.astype(np.int64) - 1 - self._part(language)
        own = np.flatnonzero((buckets >= 0) & (buckets < BUCKETS) & (self._held != 0))
        own = own[np.argsort(buckets[own])]
        return buckets[own], self._held[own]

    def restore(
        self, language: str, articles: int, buckets: NDArray[np.int64], held: NDArray[np.int32]
    ) -> None:
        """Sets what ``held`` told of a language that counts nothing yet."""
        first = self._part(language)
        self.articles[language] = articles
        shares, terms = np.zeros(len(buckets)), listed(language)
        if len(terms.buckets):
            places = np.minimum(np.searchsorted(terms.buckets, buckets), len(terms.buckets) - 1)
            same = terms.buckets[places] == buckets
            shares[same] = terms.shares[places[same]]
        self._put(first, buckets, held, shares)
        np.add.at(self.anywhere, buckets, held)

    def _part(self, language: str) -> int:
        """Where the keys of a language begin; its word list is put in when it is first met."""
        first = self._first.get(language)
        if first is None:
            first = self._first[language] = len(self._first) << TERM_BITS
            self.articles[language] = 0
            terms = listed(language)
            self._put(first, terms.buckets, np.zeros(len(terms.buckets), np.int32), terms.shares)
        return first

    def _put(
        self,
        first: int,
        buckets: NDArray[np.int64],
        held: NDArray[np.int32],
        shares: NDArray[np.float64],
    ) -> None:
        from dedupe.kernels.tables import put

        self._reserve(len(buckets))
        self._used += put(
            self._keys, self._held, self._background, self._logs,
            (first + buckets + 1).astype(np.uint32), held.astype(np.int32),
            (self._prior * chance(shares)).astype(np.float32),
        )  # fmt: skip

    def _reserve(self, added: int) -> None:
        """Doubles the table until so many more keys find room."""
        from dedupe.kernels.tables import put

        places = len(self._keys)
        while self._used + added > FULL * places:
            places *= 2
        if places > len(self._keys):
            keys, held, background = self._keys, self._held, self._background
            used = keys != 0
            self._make(places)
            put(
                self._keys, self._held, self._background, self._logs,
                keys[used], held[used], background[used],
            )  # fmt: skip
