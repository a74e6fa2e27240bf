"""Rows that never change once they are written, kept in memory until they are asked for again."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from dedupe.index.store import Blobs

NOTHING = Blobs.of([])
Fetch = Callable[[list[int]], Iterable[tuple[int, bytes]]]


def paged(size: int) -> NDArray[np.uint8]:
    """Memory that is taken a page at a time, as it is filled.

    NumPy asks for large pages where there are such, and the one article that touches a new one
    would have to wait for some milliseconds.
    """
    if not hasattr(mmap, "MADV_NOHUGEPAGE"):
        return np.empty(size, np.uint8)
    memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE)  # a process that is forked gets its own
    memory.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(memory, np.uint8)


class Kept:
    """The latest of them, by their ids."""

    def __init__(self, rows: int, length: int) -> None:
        """Keeps some ``rows`` rows of ``length`` bytes."""
        self._size = rows * length
        self._slots = 1 << (4 * rows - 1).bit_length()
        self._most = self._slots >> 1
        self._ring = paged(self._size)
        self.forget()

    def forget(self) -> None:
        """Keeps nothing: what a session wrote was rolled back, and its ids are given again."""
        self._keys = np.zeros(self._slots, np.uint64)
        self._places = np.empty((self._slots, 2), np.int64)
        self._used = self._end = 0

    def lying(
        self, ids: NDArray[np.int64], fetch: Fetch
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64]] | None:
        """Where the rows of these ids lie: memory, and in it begin and end of each (k, 2).

        It is so until more is asked. Those that aren't kept are fetched, in this order; None where
        one is nowhere.
        """
        from dedupe.kernels.kept import gathered, spans_held

        spans = np.empty((len(ids), 2), np.int64)
        room = spans_held(self._keys, self._places, self._size, self._end, ids, spans)
        wanted = ids[spans[:, 0] < 0]
        if not len(wanted):
            return self._ring, spans
        rows = [row for _, row in fetch(wanted.tolist())]
        if len(rows) != len(wanted):
            return None
        fetched = Blobs.of(rows)
        room -= max(map(len, rows))  # at the ring's end, where no row is parted
        if self._used + len(wanted) <= self._most and room > len(fetched.data):
            self._take(wanted, fetched)
            spans_held(self._keys, self._places, self._size, self._end, ids, spans)
            return self._ring, spans
        data, bounds = gathered(self._ring, spans, fetched.data, fetched.bounds)
        self._take(wanted, fetched)
        return data, np.stack((bounds[:-1], bounds[1:]), axis=1)

    def of(self, ids: NDArray[np.int64], fetch: Fetch) -> Blobs | None:
        """The same rows, one after the other."""
        from dedupe.kernels.kept import gathered

        found = self.lying(ids, fetch)
        return None if found is None else Blobs(*gathered(*found, *NOTHING))

    def _take(self, ids: NDArray[np.int64], rows: Blobs) -> None:
        from dedupe.kernels.kept import swept, written_rows

        ids = ids[: self._most]
        if self._used + len(ids) > self._most:
            self._keys, self._places, self._used = swept(
                self._keys, self._places, self._size, self._end
            )
            # Where rows are far shorter than was thought, too many are left.
            if self._used + len(ids) > self._most or self._used > self._most >> 1:
                self.forget()
        self._end = written_rows(
            self._keys, self._places, self._ring, self._end, ids, rows.data, rows.bounds
        )
        self._used += len(ids)
