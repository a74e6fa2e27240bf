"""The newest postings, in memory: every process holds them, and reads what others added.

They lie in two sorted arrays. What is added is merged into the short one at once, and that one
into the long one whenever it has grown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.kernels.postings import merged, newest_in_blocks

SETTLED = 1 << 13
"""Postings from which on the short array is merged into the long one. Twice as many cost each
addition as much as they save."""
NONE = np.empty(0, np.uint64)


class Young:
    """Postings of entries that are in no run yet, uint64 as in :mod:`dedupe.kernels.postings`."""

    def __init__(self) -> None:
        self._settled = self._recent = NONE

    @property
    def size(self) -> int:
        """How many there are."""
        return self._settled.size + self._recent.size

    def add(self, keys: NDArray[np.uint32], numbers: NDArray[np.int64]) -> None:
        """Takes in keys and the numbers that hold them (m,), none lower than one before."""
        added = (keys.astype(np.uint64) << np.uint64(32)) | numbers.astype(np.uint64)
        self._recent = _union(self._recent, np.sort(added))
        if self._recent.size >= SETTLED:
            self._settle()

    def load(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Takes in entries by number and keys, numbers ascending."""
        keys = np.frombuffer(b"".join(packed for _, packed in rows), "<u4")
        sizes = [len(packed) // 4 for _, packed in rows]
        numbers = np.array([number for number, _ in rows], np.int64)
        self.add(keys, np.repeat(numbers, sizes))

    def drop(self, sealed: int) -> None:
        """Lets the postings of numbers below ``sealed`` go."""
        self._settle()
        self._settled = self._settled[_numbers(self._settled) >= sealed]

    def _settle(self) -> None:
        self._settled, self._recent = _union(self._settled, self._recent), NONE

    def between(self, last: int, key: int, end: int) -> NDArray[np.uint64]:
        """Those of numbers up to ``last`` and keys from ``key`` to before ``end``, sorted."""
        # No number is 2**32 - 1, so that the highest posting is never left out.
        bounds = np.array([key << 32, min(end << 32, 0xFFFFFFFFFFFFFFFF)], np.uint64)
        cuts = [slice(*np.searchsorted(part, bounds)) for part in (self._settled, self._recent)]
        found = _union(self._settled[cuts[0]], self._recent[cuts[1]])
        return found[_numbers(found) <= last]

    def newest(
        self, wanted: NDArray[np.uint32], left: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
        """What each array has of each key, the newest first; lowers ``left`` by it."""
        only = np.zeros(wanted.size, np.int64)
        for part in (self._recent, self._settled):
            counts = np.empty(wanted.size, np.int64)
            span = np.array([[0, part.size]], np.int64)
            numbers = newest_in_blocks(part, span, wanted, only, only, left, counts)
            left -= counts
            yield counts, numbers


def _union(older: NDArray[np.uint64], newer: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Both, sorted."""
    if not newer.size or not older.size:  # without the kernel, which takes a while to load
        return newer if newer.size else older
    return np.asarray(merged(older, newer, np.empty(0, np.uint8), 0))


def _numbers(postings: NDArray[np.uint64]) -> NDArray[np.int64]:
    return postings.astype(np.uint32).astype(np.int64)
