"""On which days the articles of an index were written, and the gaps between all pairs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.story import GAP_EDGES, smoothed_gaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
        """The place of a day; the calendar grows to hold it."""
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
        """What ``table`` gave."""
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
