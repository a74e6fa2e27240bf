"""Document frequencies of an index, and its dates: kept up as articles come and go.

They are part of the index: what is counted follows from its changes alone, so that all processes
count alike. A stored article keeps no weights, only counts: it is weighed again, by today's
frequencies, whenever it is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import DamagedError
from dedupe.gaps import GAP_EDGES, smoothed_gaps
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

ROOM = 366
"""Days by which the calendar grows beyond what is asked."""


class Days:
    """Articles by day, and how many pairs lie in each bin of the gap between two dates."""

    def __init__(self) -> None:
        self._first = 0
        """Day since 1970 of the first place."""
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._articles = 0
        self._pairs: NDArray[np.float64] = np.zeros(len(GAP_EDGES))

    def count(self, day: int, sign: int) -> None:
        """Counts an article of this day in (1) or out (-1)."""
        from dedupe.kernels.story import day_neighbours

        place = self._place(day)
        if sign < 0:
            self._counts[place] -= 1
            self._articles -= 1
        self._pairs += sign * day_neighbours(self._counts, self._articles, place, GAP_EDGES)
        if sign > 0:
            self._counts[place] += 1
            self._articles += 1

    def _place(self, day: int) -> int:
        """The place of a day; the calendar grows to include it."""
        if not len(self._counts):
            self._first, self._counts = day - ROOM, np.zeros(2 * ROOM, np.int64)
        place = day - self._first
        if place < 0:
            self._counts = np.concatenate((np.zeros(ROOM - place, np.int64), self._counts))
            self._first = day - ROOM
        elif place >= len(self._counts):
            more = np.zeros(place + ROOM - len(self._counts), np.int64)
            self._counts = np.concatenate((self._counts, more))
        return day - self._first

    def gaps(self) -> NDArray[np.float64]:
        """Probability of each gap bin over all pairs, smoothed by the fixed prior."""
        return smoothed_gaps(self._pairs)

    def table(self) -> NDArray[np.int64]:
        """Days since 1970, ascending, and how many articles each has: (k, 2)."""
        held = np.flatnonzero(self._counts)
        return np.stack((held + self._first, self._counts[held]), axis=1)

    @classmethod
    def of(cls, table: NDArray[np.int64]) -> Days:
        """The days of a ``table``."""
        from dedupe.kernels.story import day_pairs

        found = cls()
        if len(table):
            days, counts = table[:, 0].copy(), table[:, 1].copy()
            found._first = int(days[0])
            found._counts = np.zeros(int(days[-1]) - found._first + ROOM, np.int64)
            found._counts[days - found._first] = counts
            found._articles = int(counts.sum())
            found._pairs = day_pairs(days, counts, GAP_EDGES)
        return found


SAVED_EVERY = 4096
"""Changes after which they are recorded: who opens the index counts no more than these."""
RECORD = "frequencies"
SIGNS = {"added": 1, "discarded": -1}
MERGED = 3
"""A record is merged with the one before it unless that is more than so many times as large: all
records together are half as large again as one of all articles at most, and few."""


class Tallies:
    """How many articles contain each term, by language, and how many were written on each day."""

    def __init__(self, settings: Settings) -> None:
        self.position = -1
        """The last change that is counted; -1 where all is to be read again."""
        self.saved = 0
        """The last change that the store's records account for."""
        self._records: list[tuple[int, int]] = []
        """First position of each record, and its bytes."""
        self.terms = Frequencies(settings.prior_articles)
        self.days = Days()
        self._put_off: list[Change] = []
        """Up to ``position``, but not counted yet."""

    def follow(self, reader: Reader, changes: Sequence[Change] | None = None) -> bool:
        """Counts what changed since; whether all of it was read again.

        ``changes`` are those since the last that is counted, where the caller knows them. Raises
        DamagedError where what changed can't be known.
        """
        at = reader.position().change
        if at == self.position and not self._put_off:
            return False
        if self.position < 0:
            changes = None
        elif changes is None:
            changes = reader.changes(self.position)
        again = changes is None
        if changes is None:
            self._load(reader.records(RECORD))
            changes = _changes(reader, self.position)
        changes, self._put_off = _lasting([*self._put_off, *changes]), []
        if any(change.event in SIGNS for change in changes):
            sketches, signs = _counted(reader, changes)
            self._tally(sketches.terms(), sketches.languages, sketches.dates, signs.tolist())
        self.position = at
        return again

    def put_off(self, changes: Sequence[Change]) -> None:
        """Leaves changes since the last that is counted to the next ``follow``.

        Whoever holds the lock lets the others wait for no more than it has to do there. The caller
        sets ``position``, as for ``count``.
        """
        self._put_off += changes

    def count(self, arrivals: Arrivals, sign: int) -> None:
        """Counts articles in (1), or out (-1), that are no change of the store yet.

        Whoever adds them sets ``position``; where that fails, ``forget`` is called.
        """
        sketch = arrivals.sketch
        if sketch.terms is None:
            raise ValueError("sketched without terms")
        signs = [sign] * len(sketch.languages)
        self._tally(sketch.terms, sketch.languages, arrivals.dates, signs)

    def recount(self, before: Arrivals, after: Arrivals) -> None:
        """Counts the same articles by another sketch."""
        if before is not after:
            self.count(before, -1)
            self.count(after, 1)

    def _tally(
        self,
        terms: Terms,
        languages: Sequence[str],
        dates: NDArray[np.int64],
        signs: Sequence[int],
    ) -> None:
        for row, (date, sign) in enumerate(zip(dates.tolist(), signs, strict=True)):
            part = slice(terms.bounds[row], terms.bounds[row + 1])
            self.terms.tally(languages[row], terms.buckets[part], terms.flags[part], sign)
            if date != UNDATED:
                self.days.count(date // DAY, sign)

    def forget(self) -> None:
        """Has all of it read again: what was counted may have been rolled back."""
        self.position = -1

    def save(self, writer: Writer) -> None:
        """Records what changed since the last record, if it is much."""
        at = writer.position().change
        if at - self.saved < SAVED_EVERY:
            return
        self._note(writer.records(RECORD, self.saved))  # of others
        if at - self.saved < SAVED_EVERY:
            return
        found = Delta.of(*_counted(writer, _changes(writer, self.saved)))
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
        self._put_off = []
        self.saved, self._records = 0, []
        self._note(records)
        self.position = self.saved
        total = Delta.total([Delta.unpacked(record.data) for record in records])
        if any((count.times < 0).any() for count in total.counts):
            raise DamagedError("document frequencies in the index add up to less than nothing")
        for at, articles in zip(*map(np.ndarray.tolist, total.articles), strict=True):
            buckets, held = total.of_language(at)
            self.terms.add(total.languages[at], articles, buckets, held.astype(np.int32))
        self.terms.named[total.named.keys] = total.named.times
        self.days = Days.of(np.stack(total.days, axis=1))


def counted_in(reader: Reader) -> Delta:
    """What the records of an index, and the changes after them, add up to. Raises DamagedError."""
    records = reader.records(RECORD)
    changes = _changes(reader, records[-1].last if records else 0)
    stored = [Delta.unpacked(record.data) for record in records]
    return Delta.total([*stored, Delta.of(*_counted(reader, changes))])


def _changes(reader: Reader, after: int) -> Sequence[Change]:
    """Changes that no record accounts for. Raises DamagedError where they are gone."""
    changes = reader.changes(after)
    if changes is None:
        raise DamagedError("the index has lost its document frequencies")
    return changes


def _lasting(changes: Sequence[Change]) -> Sequence[Change]:
    """The changes, but for entries that came and went among them: their sketches are gone."""
    went = {change.number for change in changes if change.event == "discarded"}
    if not went:
        return changes
    brief = went & {change.number for change in changes if change.event == "added"}
    return [c for c in changes if c.event not in SIGNS or c.number not in brief]


def _counted(reader: Reader, changes: Sequence[Change]) -> tuple[Sketches, NDArray[np.int64]]:
    """The sketches of what came and what went, and for each 1 or -1."""
    came, went = ([c for c in changes if c.event == event] for event in SIGNS)
    numbers = np.array([change.number for change in came], np.int64)
    sketches = Sketches.read(reader.blobs("sketch", numbers), numbers)
    if went:
        gone = Sketches.of([change.sketch for change in went], [change.number for change in went])
        sketches = sketches.followed_by(gone)
    signs = [SIGNS["added"]] * len(came) + [SIGNS["discarded"]] * len(went)
    return sketches, np.array(signs, np.int64)
