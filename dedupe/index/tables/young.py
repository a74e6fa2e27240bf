"""Postings of entries that are in no run yet, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.postings import merged_postings, newest_in_blocks

GROWTH = 8
"""An array is at least so many times as long as the next: longer ones make fewer to look into."""


class Young:
    """Postings of entries that are in no run yet, uint64 as in :mod:`dedupe.kernels.postings`.

    Every process has them in memory, and reads what others added. They are in a few sorted arrays,
    the oldest first, each some times as long as the next: what is added becomes the last one, and
    is merged with the one before as often as that is too short (the logarithmic method; Bentley &
    Saxe, Decomposable searching problems, J. Algorithms 1, 1980).
    """

    def __init__(self) -> None:
        self._parts: list[NDArray[np.uint64]] = []
        self._lasts: list[int] = []
        """The highest number in each."""

    @property
    def size(self) -> int:
        """How many there are."""
        return sum(part.size for part in self._parts)

    def add(self, keys: NDArray[np.uint32], numbers: NDArray[np.int64]) -> None:
        """Takes in keys and the numbers that have them (m,), none lower than one before."""
        added = np.sort((keys.astype(np.uint64) << np.uint64(32)) | numbers.astype(np.uint64))
        if not added.size:
            return
        while self._parts and self._parts[-1].size < GROWTH * added.size:
            added = _union(self._parts.pop(), added)
            self._lasts.pop()
        self._parts.append(added)
        self._lasts.append(int(numbers[-1]))

    def load(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Takes in entries by number and whole keys, numbers ascending."""
        keys = np.frombuffer(b"".join(packed for _, packed in rows), "<u4")
        sizes = [len(packed) // 4 for _, packed in rows]
        numbers = np.array([number for number, _ in rows], np.int64)
        self.add(keys, np.repeat(numbers, sizes))

    def drop(self, sealed: int) -> None:
        """Lets the postings of numbers below ``sealed`` go."""
        self._parts = [part[_numbers(part) >= sealed] for part in self._parts]

    def between(self, last: int, key: int, end: int) -> NDArray[np.uint64]:
        """Those of numbers up to ``last`` and keys from ``key`` to before ``end``, sorted."""
        # No number is 2**32 - 1, so that the highest posting is never left out.
        bounds = np.array([key << 32, min(end << 32, 0xFFFFFFFFFFFFFFFF)], np.uint64)
        found = np.empty(0, np.uint64)
        for part in self._parts:
            found = _union(found, part[slice(*np.searchsorted(part, bounds))])
        return found[_numbers(found) <= last]

    def newest(
        self, wanted: NDArray[np.uint32], left: NDArray[np.int64], after: int
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
        """What each array has of each key, the newest first; lowers ``left`` by it.

        Arrays that have no number above ``after`` are left out.
        """
        only = np.zeros(wanted.size, np.int64)
        for part, last in zip(reversed(self._parts), reversed(self._lasts), strict=True):
            if last <= after:
                return
            counts = np.empty(wanted.size, np.int64)
            span = np.array([[0, part.size]], np.int64)
            numbers = newest_in_blocks(part, span, wanted, only, only, left, counts)
            left -= counts
            yield counts, numbers


def _union(older: NDArray[np.uint64], newer: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Both, sorted."""
    if not older.size or not newer.size:
        return newer if newer.size else older
    return np.asarray(merged_postings(older, newer, np.empty(0, np.uint8), 0))


def _numbers(postings: NDArray[np.uint64]) -> NDArray[np.int64]:
    return postings.astype(np.uint32).astype(np.int64)
