"""What an index holds that is near to articles that come in, and the evidence of each pair.

Rows are places among ``local`` articles: the n that come in first, then those that were read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.errors import DamagedError
from dedupe.index.arrivals import Arrivals, story_keys
from dedupe.index.record import Sketches
from dedupe.score import Overlaps, ShingleSets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.store import Columns, Reader
    from dedupe.weigh import Weigher, Weights

TELLING_TERMS = 48
"""Heaviest terms under which an article is entered, and looked for."""
NEWEST = 128
"""Holders of a key that are looked at, the newest ones: a story is told within days."""
NEWEST_COPIES = 48
"""The same of a key of the copy view: more hold only a set phrase, or one text many times."""
MOST_COMPANIONS, MOST_COPIES = 20, 10
"""Stored articles that one is compared with, by terms and by shingles in common."""
COPY_SHARE = 0.3
"""Share of the fewer copy keys from which two texts may be copies; of an excerpt 0.8 is usual."""


class Telling(NamedTuple):
    """The heaviest terms of n articles, as keys uint32 with weights float32, ragged."""

    keys: NDArray[np.uint32]
    weights: NDArray[np.float32]
    bounds: NDArray[np.int64]

    def row(self, at: int) -> NDArray[np.uint32]:
        """The keys of one."""
        return self.keys[self.bounds[at] : self.bounds[at + 1]]


class Pairs(NamedTuple):
    """Pairs of an incoming row and another: int32 (m, 2), and their copy keys in common (m,)."""

    rows: NDArray[np.int32]
    shared: NDArray[np.int64]


@dataclass
class Local:
    """The articles at hand: those that come in, then those read, each with its sketch."""

    arrivals: Arrivals
    telling: Telling
    sketches: Sketches
    """Of all rows."""
    numbers: NDArray[np.int64]
    """Numbers of the rows; of those that come in -1, -2 and so on."""
    moments: NDArray[np.int64]
    stories: NDArray[np.int64]
    """Of the rows that were read; 0 for one that comes in."""
    copies: NDArray[np.int64]
    """The same; of one that comes in its number here."""

    @classmethod
    def of(cls, arrivals: Arrivals, telling: Telling, moments: Sequence[int]) -> Local:
        """Those that come in, as yet alone."""
        numbers = -1 - np.arange(len(arrivals), dtype=np.int64)
        return cls(
            arrivals, telling, arrivals.packed, numbers, np.array(moments, np.int64),
            np.zeros_like(numbers), numbers,
        )  # fmt: skip

    @property
    def size(self) -> int:
        """How many rows."""
        return len(self.numbers)

    @cached_property
    def edges(self) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
        """Pairs of rows whose evidence is stored: int32 (m, 2), log-odds and cosines (m,)."""
        return self.sketches.edges_within(self.numbers)

    def ids(self, reader: Reader, rows: Sequence[int]) -> dict[int, str]:
        """Ids of these rows."""
        n = len(self.arrivals)
        stored = self.numbers[[row for row in rows if row >= n]].tolist()
        found = reader.rows(stored) if stored else None
        names = dict(zip(stored, found.ids, strict=True)) if found else {}
        return {
            row: self.arrivals.articles[row].id if row < n else names[int(self.numbers[row])]
            for row in rows
        }

    def keys(self, row: int, *, folded: bool) -> NDArray[np.uint32]:
        """Keys under which an incoming row is entered, each once.

        One that is ``folded`` adds nothing to its group: it is found by its shingles alone, or the
        copies of one text would crowd out all other reports.
        """
        from dedupe.kernels.postings import distinct

        copies = self.arrivals.copy_keys[row]
        if folded:
            return copies
        keys: NDArray[np.uint32] = distinct(np.concatenate((copies, self.telling.row(row))))
        return keys

    def add(self, reader: Reader, found: Columns) -> None:
        """Takes more stored articles in."""
        sketches = Sketches.read(reader.blobs("sketch", found.numbers))
        self.sketches = self.sketches.followed_by(sketches)
        self.numbers = np.concatenate((self.numbers, found.numbers))
        self.moments = np.concatenate((self.moments, found.moments))
        self.stories = np.concatenate((self.stories, found.stories))
        self.copies = np.concatenate((self.copies, found.copies))
        self.__dict__.pop("edges", None)


class Searcher:
    """Finds what is near. Keeps the memory that it needs."""

    def __init__(self, weigher: Weigher, settings: Settings, window: int | None) -> None:
        self._weigher = weigher
        self._terms = max(TELLING_TERMS, settings.story_terms)
        self._window = window

    def local(
        self, reader: Reader, arrivals: Arrivals, moments: Sequence[int], leave_out: frozenset[int]
    ) -> tuple[Local, Pairs]:
        """The articles near to those that come in, and the pairs by which they were found.

        ``moments`` are when those were written, or came; ``leave_out`` are numbers not to be found.
        """
        from dedupe.kernels.postings import distinct

        found = self.telling(arrivals.packed.weighed(self._weigher), len(arrivals))
        slots, unique, strengths, bounds = _asked(arrivals, found)
        pairs, times = self._stored(reader, slots, unique, strengths, bounds)
        numbers: NDArray[np.int64] = distinct(pairs[:, 1])
        if leave_out:
            numbers = numbers[~np.isin(numbers, list(leave_out))]
        local = Local.of(arrivals, found, moments)
        if len(numbers):
            local.add(reader, reader.rows(numbers))
        rows, shared = self._placed(local, pairs, times)
        if len(arrivals) > 1:
            inner, met = self._among(slots, len(unique), strengths, bounds)
            rows, shared = np.concatenate((rows, inner)), np.concatenate((shared, met))
        order = np.lexsort((rows[:, 1], rows[:, 0]))
        return local, Pairs(rows[order].astype(np.int32), shared[order])

    def telling(self, weights: Weights, n: int) -> Telling:
        """The heaviest terms of the first n rows, as many as articles are entered under."""
        from dedupe.kernels.weights import heaviest

        most = self._terms
        kept, values = np.zeros((n, most), np.uint32), np.zeros((n, most), np.float32)
        sizes, rows = np.zeros(n, np.int64), np.arange(n, dtype=np.int32)
        heaviest(weights.columns, weights.values, weights.bounds, rows, most, kept, values, sizes)
        chosen = np.arange(most) < sizes[:, None]
        bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
        return Telling(story_keys(weights.buckets[kept[chosen]]), values[chosen], bounds)

    def _stored(
        self,
        reader: Reader,
        slots: NDArray[np.int64],
        unique: NDArray[np.uint32],
        strengths: NDArray[np.float32],
        bounds: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of an incoming row and a number, and their copy keys in common."""
        holders = reader.holders(unique, NEWEST)
        if not len(holders.numbers):
            return np.empty((0, 2), np.int64), np.empty(0, np.int64)
        if int(holders.numbers.max()) > reader.position().change:
            raise DamagedError(
                "a key in the index leads to an article that never was: run dedupe index verify, "
                "and take the last sound copy"
            )
        return _met(slots, strengths, bounds, holders.starts, holders.numbers)

    def _among(
        self,
        slots: NDArray[np.int64],
        width: int,
        strengths: NDArray[np.float32],
        bounds: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same among those that come in: the later row first."""
        order = np.argsort(slots, kind="stable")
        rows = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))[order].astype(np.uint32)
        starts = np.concatenate(([0], np.cumsum(np.bincount(slots, minlength=width))))
        pairs, times = _met(slots, strengths, bounds, starts.astype(np.int64), rows)
        # A pair counts that either of its rows found; none with itself.
        later_first = np.sort(pairs, axis=1)[:, ::-1]
        found, first = np.unique(later_first, axis=0, return_index=True)
        apart = found[:, 0] != found[:, 1]
        return found[apart], times[first[apart]]

    def _placed(
        self,
        local: Local,
        pairs: NDArray[np.int64],
        times: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs by rows, without those of articles that are gone or older than the window."""
        n = len(local.arrivals)
        numbers = local.numbers[n:]
        if not len(numbers):
            return np.empty((0, 2), np.int64), np.empty(0, np.int64)
        places = np.minimum(np.searchsorted(numbers, pairs[:, 1]), len(numbers) - 1)
        fits = numbers[places] == pairs[:, 1]
        if self._window is not None:
            moments = local.moments
            fits &= moments[n + places] >= moments[pairs[:, 0]] - self._window
        rows = np.stack((pairs[:, 0], n + places), axis=1)
        return rows[fits], times[fits]


def _asked(
    arrivals: Arrivals, found: Telling
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32], NDArray[np.int64]]:
    """Keys of all rows: the place of each among those that are asked, those, weights, and bounds.

    A story key weighs the square of its term's weight: what it adds to a dot product if it weighs
    as much on the other side. Copy keys weigh nothing, and are counted.
    """
    parts: list[NDArray[np.uint32]] = []
    strengths: list[NDArray[np.float32]] = []
    for row, copies in enumerate(arrivals.copy_keys):
        own = slice(found.bounds[row], found.bounds[row + 1])
        parts += [copies, found.keys[own]]
        strengths += [np.zeros(len(copies), np.float32), found.weights[own] ** 2]
    sizes = [len(parts[2 * row]) + len(parts[2 * row + 1]) for row in range(len(arrivals))]
    keys = np.concatenate(parts)
    if len(arrivals) > 1:
        unique, slots = np.unique(keys, return_inverse=True)
    else:  # no key twice, but for chance
        unique, slots = keys, np.arange(len(keys))
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)))
    return slots.astype(np.int64), unique, np.concatenate(strengths), bounds


def _met(
    slots: NDArray[np.int64],
    strengths: NDArray[np.float32],
    bounds: NDArray[np.int64],
    starts: NDArray[np.int64],
    numbers: NDArray[np.uint32],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    from dedupe.kernels.incoming import met

    pairs, times = met(
        slots, strengths, bounds, starts, numbers, MOST_COMPANIONS, MOST_COPIES, NEWEST_COPIES
    )
    return pairs, times


def overlaps_of(reader: Reader, local: Local, pairs: NDArray[np.int32]) -> Overlaps:
    """Exact Jaccard and containment of pairs of rows; shingles of stored ones are read."""
    from dedupe.kernels.postings import distinct

    n = len(local.arrivals)
    wanted: NDArray[np.int32] = distinct(pairs[pairs >= n])
    read = reader.blobs("shingles", local.numbers[wanted])
    values = read.data.view("<u4").astype(np.uint32, copy=False)
    sizes = np.zeros(local.size, np.int64)
    sizes[:n], sizes[wanted] = np.diff(local.arrivals.sets.bounds), np.diff(read.bounds) >> 2
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    return ShingleSets(np.concatenate((local.arrivals.sets.values, values)), bounds).overlaps(pairs)


def may_be_copies(local: Local, pairs: Pairs) -> NDArray[np.bool_]:
    """Which pairs have enough copy keys in common to be compared shingle by shingle (m,)."""
    keys = local.sketches.copy_keys
    fewer = np.minimum(keys[pairs.rows[:, 0]], keys[pairs.rows[:, 1]])
    return np.asarray((pairs.shared > 0) & (pairs.shared >= COPY_SHARE * fewer))
