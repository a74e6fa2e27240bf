"""Document frequencies of an index, and its dates: kept up as articles come and go.

They are part of the index: what is counted follows from its changes alone, so that all processes
count alike. A stored article keeps no weights, only counts: it is weighed anew, by today's
frequencies, whenever it is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import DamagedError
from dedupe.index.days import Days
from dedupe.index.deltas import Delta
from dedupe.index.record import Sketches
from dedupe.index.store import Record
from dedupe.moments import DAY, UNDATED
from dedupe.weigh import Frequencies

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.arrivals import Arrivals
    from dedupe.index.store import Change, Reader, Writer
    from dedupe.sketch import Terms

SAVED_EVERY = 4096
"""Changes after which they are recorded: who opens the index counts no more than these."""
RECORD = "frequencies"
SIGNS = {"added": 1, "discarded": -1}
MERGED = 3
"""A record is merged with the one before it unless that is more than so many times as large: all
records together are half as large again as one of all articles at most, and few."""


class Tallies:
    """How many articles hold each term, by language, and how many were written on each day."""

    def __init__(self, settings: Settings) -> None:
        self.position = -1
        """The last change that is counted; -1 where all is to be read anew."""
        self.saved = 0
        """The last change that the store's records account for."""
        self._records: list[tuple[int, int]] = []
        """First position of each record, and its bytes."""
        self.terms = Frequencies(settings.prior_articles)
        self.days = Days()

    def follow(self, reader: Reader) -> bool:
        """Counts what changed since; whether all of it was read anew.

        Raises DamagedError where that can't be known.
        """
        if reader.position().change == self.position:
            return False
        changes = None if self.position < 0 else reader.changes(self.position)
        anew = changes is None
        if changes is None:
            self._load(reader.records(RECORD))
            changes = _changes(reader, self.position)
        if any(change.event in SIGNS for change in changes):
            self._apply(changes)
        self.position = reader.position().change
        return anew

    def _apply(self, changes: Sequence[Change]) -> None:
        sketches, signs = _counted(changes)
        terms, dates = sketches.terms(), sketches.dates.tolist()
        for row, sign in enumerate(signs.tolist()):
            self._tally(terms, row, sketches.languages[row], sign)
            self._count_day(dates[row], sign)

    def count(self, arrivals: Arrivals, sign: int) -> None:
        """Counts articles in (1), or out (-1), that are no change of the store yet.

        Whoever adds them sets ``position``; where that fails, ``forget`` is called.
        """
        sketch = arrivals.sketch
        if sketch.terms is None:
            raise ValueError("sketched without terms")
        for row, language in enumerate(sketch.languages):
            self._tally(sketch.terms, row, language, sign)
            self._count_day(int(arrivals.dates[row]), sign)

    @contextmanager
    def counting(self, arrivals: Arrivals, *, stay: bool) -> Iterator[None]:
        """Counts articles meanwhile, or for good: so does the batch path with all of its own."""
        self.count(arrivals, 1)
        try:
            yield
        finally:
            if not stay:
                self.count(arrivals, -1)

    def _tally(self, terms: Terms, row: int, language: str, sign: int) -> None:
        part = slice(terms.bounds[row], terms.bounds[row + 1])
        self.terms.tally(language, terms.buckets[part], terms.flags[part], sign)

    def _count_day(self, date: int, sign: int) -> None:
        if date != UNDATED:
            self.days.count(date // DAY, sign)

    def forget(self) -> None:
        """Has all of it read anew: what was counted may have been rolled back."""
        self.position = -1

    def save(self, writer: Writer) -> None:
        """Records what changed since the last record, if it is much."""
        at = writer.position().change
        if at - self.saved < SAVED_EVERY:
            return
        self._note(writer.records(RECORD, self.saved))  # of others
        if at - self.saved < SAVED_EVERY:
            return
        found = Delta.of(*_counted(_changes(writer, self.saved)))
        packed, first = found.packed(), self.saved
        while self._records and self._records[-1][1] <= MERGED * len(packed):
            first, _ = self._records.pop()
            stored = (Delta.unpacked(record.data) for record in writer.records(RECORD, first))
            packed = Delta.total([*stored, found]).packed()
        writer.record(RECORD, packed, first, at)
        self._note([Record(first, at, packed)])

    def _note(self, records: Sequence[Record]) -> None:
        for record in records:
            earlier = [known for known in self._records if known[0] < record.first]
            self._records = [*earlier, (record.first, len(record.data))]
            self.saved = record.last

    def _load(self, records: Sequence[Record]) -> None:
        self.terms.clear()
        self.saved, self._records = 0, []
        self._note(records)
        self.position = self.saved
        total = Delta.total([Delta.unpacked(record.data) for record in records])
        for at, articles in zip(*map(np.ndarray.tolist, total.articles), strict=True):
            buckets, held = total.of_language(at)
            self.terms.add(total.languages[at], articles, buckets, held.astype(np.int32))
        self.terms.named[total.named.keys] = total.named.times
        self.days = Days.of(np.stack(total.days, axis=1))


def _changes(reader: Reader, after: int) -> Sequence[Change]:
    """Changes that no record accounts for. Raises DamagedError where they are gone."""
    changes = reader.changes(after)
    if changes is None:
        raise DamagedError(
            "the index has lost its document frequencies: take the last sound copy, or build it "
            "anew from an export"
        )
    return changes


def _counted(changes: Sequence[Change]) -> tuple[Sketches, NDArray[np.int64]]:
    """The sketches of what came and went, and for each 1 or -1."""
    counted = [change for change in changes if change.event in SIGNS]
    signs = np.array([SIGNS[change.event] for change in counted], np.int64)
    return Sketches.of([change.sketch for change in counted]), signs
