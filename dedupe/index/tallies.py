"""Document frequencies of an index, and its dates: kept up as articles come and go.

They are part of the index: what is counted follows from its changes alone, so that all processes
count alike. A stored article keeps no weights, only counts: it is weighed anew, by today's
frequencies, whenever it is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.index.record import Sketches
from dedupe.score import ARTICLE_TOKENS, LEAST_FREQUENCY, background
from dedupe.sketch import TERM_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.store import Change, Reader, Writer
    from dedupe.sketch import Terms

BUCKETS = 1 << TERM_BITS
SAVED_EVERY = 4096
"""Changes after which the tallies are saved: who opens the index counts no more than these."""
DAY = 86_400_000_000
"""Microseconds."""
UNDATED = np.iinfo(np.int64).max


class _Background(NamedTuple):
    """What the background adds to the tallies of one language: float32 (BUCKETS,) each."""

    counts: NDArray[np.float32]
    """n0 P of each bucket."""
    logs: NDArray[np.float32]


@cache
def _background(code: str, prior: float) -> _Background:
    """Taken once a process, and shared by all indexes of equal prior."""
    shares = background(code)
    known = np.flatnonzero(shares)
    least = -np.expm1(-ARTICLE_TOKENS * LEAST_FREQUENCY)
    counts = np.full(BUCKETS, prior * least, np.float32)
    chance = -np.expm1(-ARTICLE_TOKENS * np.maximum(shares[known], LEAST_FREQUENCY))
    counts[known] = prior * chance
    with np.errstate(divide="ignore"):  # without a prior a term that none holds has no weight
        logs = np.full(BUCKETS, np.log(np.float64(np.float32(prior * least))), np.float32)
        logs[known] = np.log(counts[known].astype(np.float64))
    return _Background(counts, logs)


class _Language:
    """Tallies of one language."""

    def __init__(self, code: str, prior: float) -> None:
        self.articles = 0
        self.held = np.zeros(BUCKETS, np.int32)
        self.background = _background(code, prior).counts
        self.logs = _background(code, prior).logs.copy()
        """ln(df + n0 P) of every bucket: what an IDF is made of."""


class Tallies:
    """How many articles hold each term, by language, and how many were written on each day."""

    def __init__(self, settings: Settings) -> None:
        self.position = 0
        """The last change that is counted."""
        self.saved = 0
        """The last change that the store's saved tallies account for."""
        self._prior = settings.prior_articles
        self._languages: dict[str, _Language] = {}
        self.held = np.zeros(BUCKETS, np.int32)
        self.named = np.zeros(BUCKETS, np.int32)
        self._days: dict[int, int] = {}
        """Place of each day among the counts."""
        self._counts: NDArray[np.int64] = np.zeros(64, np.int64)
        self._order: NDArray[np.int64] = np.empty(0, np.int64)

    def follow(self, reader: Reader) -> None:
        """Counts what changed since."""
        if reader.position() == self.position:
            return
        changes = None if self.position < 0 else reader.changes(self.position)
        if changes is None:
            self._load(*reader.tallies())
            changes = reader.changes(self.position) or ()
        self._apply(changes)

    def _apply(self, changes: Sequence[Change]) -> None:
        if not changes:
            return
        sketches = Sketches.of([change.sketch for change in changes])
        terms, dates = sketches.terms(), sketches.dates
        for row, change in enumerate(changes):
            self._tally(terms, row, sketches.languages[row], 1 if change.added else -1)
            self._count_day(int(dates[row]), 1 if change.added else -1)
        self.position = changes[-1].position

    def count(
        self, terms: Terms, languages: Sequence[str], dates: NDArray[np.int64], sign: int
    ) -> None:
        """Counts articles in (1), or out (-1), that are no change of the store yet."""
        for row, language in enumerate(languages):
            self._tally(terms, row, language, sign)
            self._count_day(int(dates[row]), sign)

    def _tally(self, terms: Terms, row: int, language: str, sign: int) -> None:
        from dedupe.kernels.incoming import tally

        part = slice(terms.bounds[row], terms.bounds[row + 1])
        of = self._language(language)
        of.articles += sign
        buckets = terms.buckets[part]
        tally(
            buckets, terms.flags[part], sign, of.held, of.background, of.logs, self.held, self.named
        )

    def _count_day(self, date: int, sign: int) -> None:
        if date == UNDATED:
            return
        day = date // DAY
        place = self._days.get(day)
        if place is None:
            place = self._days[day] = len(self._days)
            if place == len(self._counts):
                self._counts = np.concatenate((self._counts, np.zeros(place + 64, np.int64)))
            self._order = np.argsort(list(self._days))
        self._counts[place] += sign

    def _language(self, code: str) -> _Language:
        if code not in self._languages:
            self._languages[code] = _Language(code, self._prior)
        return self._languages[code]

    def idf(self, languages: Iterable[str], buckets: NDArray[np.int64]) -> NDArray[np.float32]:
        """The blended IDF of buckets (w,) in each of the languages: float32 (languages, w)."""
        from dedupe.kernels.incoming import blended

        found = [
            blended(buckets, of.logs, np.log(of.articles + self._prior))
            for of in map(self._language, languages)
        ]
        return np.stack(found)

    def days(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Days since 1970 on which articles were written, ascending, and how many."""
        return np.array(list(self._days), np.int64)[self._order], self._counts[self._order]

    def forget(self) -> None:
        """Has all of it read anew: what was counted may have been rolled back."""
        self.position = -1

    def save(self, writer: Writer) -> None:
        """Saves what is counted with the store, if much was since the last time."""
        if writer.position() - self.saved >= SAVED_EVERY:
            self.follow(writer)
            writer.save_tallies(self.position, self.saved_form())
            self.saved = self.position

    def saved_form(self) -> bytes:
        """All of it as bytes, for the store."""
        from io import BytesIO

        columns: dict[str, NDArray[np.generic]] = {}
        for at, (_, of) in enumerate(self._languages.items()):
            buckets = np.flatnonzero(of.held).astype("<u4")
            columns[f"buckets{at}"], columns[f"held{at}"] = buckets, of.held[buckets].astype("<i4")
        named = np.flatnonzero(self.named).astype("<u4")
        columns["named_buckets"], columns["named"] = named, self.named[named].astype("<i4")
        columns["codes"] = np.array(list(self._languages), dtype="U8")
        columns["articles"] = np.array([of.articles for of in self._languages.values()], "<i8")
        columns["days"] = np.stack(self.days(), axis=1).astype("<i8")
        out = BytesIO()
        np.savez(out, **columns)  # type: ignore[arg-type]
        return out.getvalue()

    def _load(self, position: int, saved: bytes) -> None:
        from io import BytesIO

        self._languages.clear()
        self.held[:] = 0
        self.named[:] = 0
        self._days.clear()
        self._counts[:] = 0
        self._order = np.empty(0, np.int64)
        self.position = self.saved = position
        if not saved:
            return
        with np.load(BytesIO(saved), allow_pickle=False) as stored:
            columns = dict(stored)
        for at, code in enumerate(columns["codes"].tolist()):
            of = self._language(code)
            of.articles = int(columns["articles"][at])
            buckets, held = columns[f"buckets{at}"], columns[f"held{at}"]
            of.held[buckets] = held
            of.logs[buckets] = np.log(held + of.background[buckets])
            self.held[buckets] += held
        self.named[columns["named_buckets"]] = columns["named"]
        days, counts = columns["days"].T
        self._days.update((int(day), at) for at, day in enumerate(days))
        self._counts = np.concatenate((counts.astype(np.int64), np.zeros(64, np.int64)))
        self._order = np.arange(len(days))
