"""How much each term of an article weighs: the one weigher of batch, index and comparison.

Word frequencies of the language are the background, document frequencies of the articles at hand
are blended into it, and both give the IDF of a term. Every TF-IDF row, cosine and piece of
evidence of this package is made of these weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.furniture import Furniture
from dedupe.sketch import TERM_BITS
from dedupe.usual import LEAST_FREQUENCY, chance, listed, usual_shares, zeros_by_bucket

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from dedupe.sketch import Terms

BUCKETS = 1 << TERM_BITS
NAME_COUNT, LEAD_COUNT = np.float32(1.5), np.float32(2.0)
"""Added to the count of a term that is written as a name, or stands in the title or the lead."""
LEAST_WEIGHT = np.float32(0.02)
"""Weights under this are left out: a quarter of all terms, with under 1 % of a vector's length."""
NAME_SHARE = 0.5
"""A term is a name where at least this share of the articles that have it write it as one."""
LEAST_PLACES, FULL = 1 << 16, 0.6
"""Places that a table of frequencies begins with; the share of them at which it is doubled."""
MOST_LANGUAGES = 1 << 9
"""Languages that are counted apart: their number stands above TERM_BITS in 32-bit keys."""


class Frequencies:
    """How many articles of each language have each term, on top of the background.

    One table serves all languages: what a language takes grows with the terms that its articles
    and its word list have, and with nothing else.
    """

    def __init__(self, prior: float, entries: int = BUCKETS) -> None:
        self.prior, self.entries = prior, entries
        """Articles that stand behind the background's frequencies; terms to be counted, at most."""
        self._least = np.float32(prior * chance(np.array([LEAST_FREQUENCY]))[0])
        with np.errstate(divide="ignore"):  # without a prior, what no article has weighs nothing
            self._least_log = np.float32(np.log(np.float64(self._least)))
        self.clear()

    def clear(self) -> None:
        """Counts no article any more."""
        self.articles: dict[str, int] = {}
        """Articles by language."""
        both = zeros_by_bucket(np.int64, self.entries).view(np.int32)  # who asks one asks the other
        self.anywhere = both[::2]
        """Articles of any language that have each bucket."""
        self.named = both[1::2]
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

    @classmethod
    def of(cls, terms: Terms, languages: Sequence[str], prior: float) -> Frequencies:
        """Those of n articles that are all there is."""
        from dedupe.kernels.weigh import held_by

        found, spoken = cls(prior, len(terms.buckets)), np.array(languages, dtype=object)
        scratch = zeros_by_bucket(np.int32, found.entries)
        for language in sorted(set(languages)):
            rows = np.flatnonzero(spoken == language)
            buckets, held = held_by(
                terms.buckets, terms.flags, terms.bounds, rows, scratch, found.named
            )
            found.add(language, len(rows), buckets, held)
        return found

    def tally(
        self, language: str, buckets: NDArray[np.uint32], flags: NDArray[np.uint8], sign: int
    ) -> None:
        """Counts one article's terms in (1) or out (-1)."""
        from dedupe.kernels.weigh import tally

        first = self._part(language)
        self.articles[language] += sign
        self._reserve(len(buckets))
        self._used += tally(
            self._keys, self._held, self._background, self._logs, first, float(self._least),
            buckets, flags, sign, self.anywhere, self.named,
        )  # fmt: skip

    def add(
        self, language: str, articles: int, buckets: NDArray[np.int64], held: NDArray[np.int32]
    ) -> None:
        """Adds articles of a language, of which ``held`` (w,) have each bucket (w,), once each.

        What they write as a name is added to ``named`` by the caller.
        """
        first = self._part(language)
        self.articles[language] += articles
        self._put(first, buckets, held, usual_shares(language, buckets))
        self.anywhere[buckets] += held

    def held(self, language: str) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The buckets that articles of a language have, ascending, and how many have each."""
        buckets = self._keys.astype(np.int64) - 1 - self._part(language)
        own = np.flatnonzero((buckets >= 0) & (buckets < BUCKETS) & (self._held != 0))
        own = own[np.argsort(buckets[own])]
        return buckets[own], self._held[own]

    def counted(self, languages: Collection[str]) -> tuple[Any, ...]:
        """What terms of these languages are weighed by, see kernels.weigh.blended.

        Valid until more is counted.
        """
        firsts = [self._part(language) for language in languages]  # the table may grow by it
        articles = [self.articles[language] for language in languages]
        wholes = np.log(np.array(articles, np.float64) + self.prior)
        return self._keys, self._logs, self._least_log, np.array(firsts, np.int64), wholes

    def _part(self, language: str) -> int:
        """Where the keys of a language begin; its word list is put in when it is first met."""
        first = self._first.get(language)
        if first is None:
            number = len(self._first)
            if number >= MOST_LANGUAGES:  # made-up codes: all of them share the last part
                number = MOST_LANGUAGES - 1
            first = self._first[language] = number << TERM_BITS
            self.articles[language] = 0
            terms = listed(language)
            none = np.zeros(len(terms.buckets), np.int32)
            self._put(first, terms.buckets, none, chance(terms.shares))
        return first

    def _put(
        self,
        first: int,
        buckets: NDArray[np.int64],
        held: NDArray[np.int32],
        usual: NDArray[np.float64],
    ) -> None:
        from dedupe.kernels.weigh import put_counts

        self._reserve(len(buckets))
        self._used += put_counts(
            self._keys, self._held, self._background, self._logs,
            (first + buckets + 1).astype(np.uint32), held.astype(np.int32),
            (self.prior * usual).astype(np.float32),
        )  # fmt: skip

    def _reserve(self, added: int) -> None:
        """Doubles the table until so many more keys find room."""
        from dedupe.kernels.weigh import put_counts

        places = len(self._keys)
        while self._used + added > FULL * places:
            places *= 2
        if places > len(self._keys):
            keys, held, background = self._keys, self._held, self._background
            used = keys != 0
            self._make(places)
            put_counts(
                self._keys, self._held, self._background, self._logs,
                keys[used], held[used], background[used],
            )  # fmt: skip


class TermRows(NamedTuple):
    """TF-IDF rows alone: columns uint32 and values float32 (m,), bounds int64 (n + 1,), width."""

    columns: NDArray[np.uint32]
    values: NDArray[np.float32]
    bounds: NDArray[np.int64]
    width: int


@dataclass(frozen=True, slots=True)
class Weights:
    """TF-IDF rows of n articles, of unit length; terms in the order of their buckets."""

    columns: NDArray[np.uint32]
    values: NDArray[np.float32]
    bounds: NDArray[np.int64]
    buckets: NDArray[np.int64]
    """Term bucket of each column."""
    marked: Marked
    origins: Origins
    furniture: Furniture | None = None
    """None where none was found."""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.buckets)

    @property
    def term_rows(self) -> TermRows:
        """The rows alone."""
        return TermRows(self.columns, self.values, self.bounds, self.width)

    def row(self, at: int) -> dict[int, float]:
        """Weight of each term bucket of one article, heavier than LEAST_WEIGHT."""
        part = slice(self.bounds[at], self.bounds[at + 1])
        buckets = self.buckets[self.columns[part]]
        return dict(zip(buckets.tolist(), self.values[part].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Marked:
    """The names and numbers among the terms of each row: what a story is about."""

    columns: NDArray[np.uint32]
    masses: NDArray[np.float32]
    """IDF of each term, in its article's language."""
    flags: NDArray[np.uint8]
    """NAME or NUMBER, for all articles alike; TITLE and LEAD where it leads this one."""
    bounds: NDArray[np.int64]


class Origins(NamedTuple):
    """Where the terms of rows stand, and what tells how much they say."""

    marks: NDArray[np.uint8]
    """TITLE and LEAD, of each entry of the rows."""
    kinds: NDArray[np.uint8]
    """NAME, NUMBER or 0, of each column (w,)."""
    idf: NDArray[np.float32]
    """Of each column, in each language (languages, w)."""
    spoken: NDArray[np.int64]
    """Language of each row (n,)."""


class Weigher:
    """Weighs terms by (1 + ln tf) * idf, with idf = -ln((df + n0 P) / (n + n0)).

    n articles of the language, df of which have the term; n0 background articles, which have it
    with chance P. Two articles alone thus have sensible weights. For one thread at a time.
    """

    def __init__(self, frequencies: Frequencies) -> None:
        self.frequencies = frequencies
        self.places = zeros_by_bucket(np.uint32, frequencies.entries)

    def weigh(self, terms: Terms, languages: Sequence[str]) -> Weights:
        """Rows of n articles, of all their terms."""
        from dedupe.kernels.weigh import blended, numbered, weighed_rows

        spoken, (counted, *by_name) = self.spoken(languages)
        buckets, kinds, columns = numbered(terms.buckets, terms.flags, self.places)
        idf = blended(buckets, counted)
        (kept, values, marks, bounds), marked = weighed_rows(
            columns, terms.counts, terms.flags, terms.bounds, np.empty(0, np.bool_), spoken,
            buckets, kinds, idf, *by_name,
        )  # fmt: skip
        # Copies, as the kernel fills a part of larger arrays.
        return Weights(
            kept.copy(), values.copy(), bounds, buckets, Marked(*marked),
            Origins(marks.copy(), kinds, idf, spoken),
        )  # fmt: skip

    def weigh_packed(
        self, words: NDArray[np.uint32], first: NDArray[np.int64], languages: Mapping[int, str]
    ) -> Weights:
        """Rows of n stored sketches from ``first`` int64 (n,) on; languages by their words."""
        from dedupe.kernels.incoming import weighed_words

        codes = np.array(list(languages), np.uint32)
        (columns, values, marks, bounds), marked, idf, buckets, kinds, spoken = weighed_words(
            words, first, codes, self.places, *self._weighing(languages.values())
        )
        origins = Origins(marks, kinds, idf, spoken)
        return Weights(columns, values, bounds, buckets, Marked(*marked), origins)

    def likeness(
        self, weights: Weights, terms: Terms, languages: Sequence[str]
    ) -> tuple[Weights, Weights]:
        """The same articles' rows for grades: of all terms, and of those in title and lead.

        (1 + ln tf) * sqrt(idf), of unit length, no term raised. A term that two rows share so
        counts with its idf, as where idfs of matching terms are summed (Robertson & Sparck Jones
        1976), and not with the square of it. The square lets the rarest terms decide, which parts
        events; how much two texts are alike is also in the common words of their subject.
        """
        from dedupe.kernels.terms import LEAD, TITLE
        from dedupe.kernels.weigh import blended, numbered, unit_rows

        spoken, (counted, *_) = self.spoken(languages)
        buckets, _, columns = numbered(terms.buckets, terms.flags, self.places)
        roots = np.sqrt(blended(buckets, counted))
        later = (terms.flags & np.uint8(TITLE | LEAD)) == 0
        views = []
        for left_out in (np.empty(0, np.bool_), later):
            kept, values, marks, bounds = unit_rows(
                columns, terms.counts, terms.flags, terms.bounds, left_out, spoken, roots,
                (0.0, 0.0), 0.0,
            )  # fmt: skip
            origins = weights.origins._replace(marks=marks)
            views.append(Weights(kept, values, bounds, buckets, weights.marked, origins))
        return views[0], views[1]

    def spoken(self, languages: Sequence[str]) -> tuple[NDArray[np.int64], tuple[Any, ...]]:
        """Number of each article's language, and what kernels weigh these languages by."""
        order = {language: at for at, language in enumerate(dict.fromkeys(languages))}
        spoken = np.array([order[language] for language in languages], np.int64)
        return spoken, self._weighing(order)

    def _weighing(self, languages: Collection[str]) -> tuple[Any, ...]:
        """What kernels weigh terms of these languages by."""
        counts, raises = self.frequencies, (NAME_COUNT, LEAD_COUNT)
        named = counts.anywhere, counts.named
        return counts.counted(languages), named, NAME_SHARE, raises, LEAST_WEIGHT
