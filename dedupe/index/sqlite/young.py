"""The newest postings, in memory: every process holds them, and reads what others added.

They are kept by segments, ranges of numbers of one size. A segment leaves as a whole, once its
postings lie in a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.postings import (
    append,
    merged,
    newest_chained,
    newest_in_blocks,
    take_back,
    within,
)

SLOTS = 1 << 16
"""Chains: short ones, as no more than some 1,000 entries hang in them for long."""
SETTLED = 1 << 16
"""Postings from which on those that hang in chains are sorted in: a chain is walked slowly."""
LEAST_ROOM = 1024

Sources = list[tuple[NDArray[np.int64], NDArray[np.uint32]]]
"""Of each source, the newest first: how many numbers it has of each key, and the numbers."""


def postings_of(keys: NDArray[np.uint32], numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Keys and the numbers that hold them, (m,) each, as postings uint64 (m,)."""
    return (keys.astype(np.uint64) << np.uint64(32)) | numbers.astype(np.uint64)


class Segment:
    """Postings of one range of numbers: most of them sorted, the newest chained by their keys."""

    def __init__(self) -> None:
        self._sorted = np.empty(0, np.uint64)
        self._chained = np.empty((LEAST_ROOM, 2), np.int64)
        self._heads = np.full(SLOTS, -1, np.int32)
        self._in_chains = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return self._sorted.size + self._in_chains

    def append(self, added: NDArray[np.uint64]) -> None:
        """Takes postings in, of numbers that do not descend."""
        need = self._in_chains + added.size
        if need > len(self._chained):
            self._chained = np.resize(self._chained, (max(need, 2 * len(self._chained)), 2))
        append(self._heads, self._chained, self._in_chains, added)
        self._in_chains = need

    def settle(self) -> None:
        """Sorts what is chained in, if it is much: it can't be taken back any more."""
        if self._in_chains >= SETTLED:
            self._sorted = merged(self._sorted, np.sort(self._recent()), np.empty(0, np.uint8), 0)
            self._chained, self._in_chains = np.empty((LEAST_ROOM, 2), np.int64), 0
            self._heads[:] = -1

    def _recent(self) -> NDArray[np.uint64]:
        return self._chained[: self._in_chains, 0].view(np.uint64)

    def take_back(self, count: int) -> None:
        """Forgets what came after the first ``count`` postings."""
        stays = count - self._sorted.size
        take_back(self._heads, self._chained, self._in_chains, stays)
        self._in_chains = stays

    def newest(
        self, wanted: NDArray[np.uint32], left: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.uint32]:
        """The newest numbers that are chained, see :func:`newest_chained`."""
        found: NDArray[np.uint32] = newest_chained(self._heads, self._chained, wanted, left, counts)
        return found

    def before(
        self, wanted: NDArray[np.uint32], left: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.uint32]:
        """The newest of those that are sorted, in the same way."""
        only = np.zeros(wanted.size, np.int64)
        spans = np.array([[0, self._sorted.size]], np.int64)
        found: NDArray[np.uint32] = newest_in_blocks(
            self._sorted, spans, wanted, only, only, left, counts
        )
        return found

    def between(self, key: int, end: int) -> NDArray[np.uint64]:
        """Postings of keys from ``key`` to before ``end``, sorted."""
        # No number is 2**32 - 1, so that the highest posting is never left out.
        lower, upper = np.uint64(key << 32), np.uint64(min(end << 32, 0xFFFFFFFFFFFFFFFF))
        first, last = np.searchsorted(self._sorted, np.array([lower, upper]))
        recent = np.sort(within(self._recent(), lower, upper))
        return np.asarray(merged(self._sorted[first:last], recent, np.empty(0, np.uint8), 0))


class Young:
    """Segments by their place in the sequence of numbers."""

    def __init__(self, numbers: int) -> None:
        """``numbers`` a segment."""
        self._numbers = numbers
        self._segments: dict[int, Segment] = {}
        self._kept: dict[int, int] = {}
        self.upto = 0
        """Number of the last change that was taken in."""

    def add(self, number: int, keys: NDArray[np.uint32]) -> None:
        """Takes in one entry; its number is higher than all before."""
        self._segment(number).append(postings_of(keys, np.full(keys.size, number)))

    def load(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Takes in entries by number and keys, numbers ascending."""
        if not rows:
            return
        keys = np.frombuffer(b"".join(row[1] for row in rows), "<u4")
        sizes = np.array([len(row[1]) // 4 for row in rows])
        numbers = np.repeat(np.array([row[0] for row in rows]), sizes)
        postings = postings_of(keys, numbers)
        segments = numbers // self._numbers
        cuts = np.flatnonzero(np.diff(segments)) + 1
        for part in np.split(postings, cuts):
            if part.size:
                segment = self._segment(int(part[0] & np.uint64(0xFFFFFFFF)))
                segment.append(part)
                segment.settle()

    def _segment(self, number: int) -> Segment:
        place = number // self._numbers
        if place not in self._segments:
            self._segments[place] = Segment()
        return self._segments[place]

    def drop(self, sealed: int) -> None:
        """Lets segments go of which all numbers are below ``sealed``."""
        for place in [p for p in self._segments if (p + 1) * self._numbers <= sealed]:
            del self._segments[place]

    def keep(self) -> None:
        """Remembers what there is, to come back to it."""
        for segment in self._segments.values():
            segment.settle()
        self._kept = {place: segment.count for place, segment in self._segments.items()}

    def undo(self) -> None:
        """Forgets what came after ``keep``."""
        for place, segment in list(self._segments.items()):
            if place not in self._kept:
                del self._segments[place]
            elif segment.count > self._kept[place]:
                segment.take_back(self._kept[place])

    def between(self, place: int, key: int, end: int) -> NDArray[np.uint64]:
        """Sorted postings of one segment, of keys from ``key`` to before ``end``."""
        if place not in self._segments:
            return np.empty(0, np.uint64)
        return self._segments[place].between(key, end)

    def size(self, place: int) -> int:
        """Postings in one segment."""
        return self._segments[place].count if place in self._segments else 0

    def newest(
        self, wanted: NDArray[np.uint32], left: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
        """What each segment has of each key, the newest first; lowers ``left`` by it."""
        for place in sorted(self._segments, reverse=True):
            segment = self._segments[place]
            for source in (segment.newest, segment.before):
                counts = np.empty(wanted.size, np.int64)
                numbers = source(wanted, left, counts)
                left -= counts
                yield counts, numbers
