"""Rows that never change once they are written, kept in memory until they are asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from dedupe.index.store import Blobs

Fetch = Callable[[list[int]], Iterable[tuple[int, bytes]]]


class Kept:
    """The latest of them, by their ids."""

    def __init__(self, rows: int, length: int) -> None:
        """Keeps some ``rows`` rows of ``length`` bytes."""
        self._size = rows * length
        self._slots = 1 << (4 * rows - 1).bit_length()
        self._ring = np.empty(self._size, np.uint8)
        self.forget()

    def forget(self) -> None:
        """Keeps nothing: what a session wrote was rolled back, and its ids are given again."""
        self._keys = np.zeros(self._slots, np.uint64)
        self._places = np.empty((self._slots, 2), np.int64)
        self._used = self._end = 0

    def of(self, ids: NDArray[np.int64], fetch: Fetch) -> Blobs | None:
        """The rows of ascending ids; those that aren't kept are fetched, in that order.

        None where one is nowhere.
        """
        from dedupe.kernels.kept import gathered, lengths_held

        lengths = lengths_held(self._keys, self._places, self._size, self._end, ids)
        missing = lengths < 0
        wanted = ids[missing]
        rows = list(fetch(wanted.tolist())) if len(wanted) else []
        if len(rows) != len(wanted):
            return None
        fetched = Blobs.of([row for _, row in rows])
        lengths[missing] = np.diff(fetched.bounds)
        bounds = np.zeros(len(ids) + 1, np.int64)
        np.cumsum(lengths, out=bounds[1:])
        data = gathered(
            self._keys, self._places, self._ring, ids, missing, fetched.data, fetched.bounds, bounds
        )
        if len(wanted):
            self._take(wanted, fetched)
        return Blobs(data, bounds)

    def _take(self, ids: NDArray[np.int64], rows: Blobs) -> None:
        from dedupe.kernels.kept import swept, written

        most = self._slots >> 1
        ids = ids[:most]
        if self._used + len(ids) > most:
            self._keys, self._places, self._used = swept(
                self._keys, self._places, self._size, self._end
            )
            if self._used + len(ids) > most or self._used > most >> 1:  # of far shorter rows
                self.forget()
        self._end = written(
            self._keys, self._places, self._ring, self._end, ids, rows.data, rows.bounds
        )
        self._used += len(ids)
