"""Rows that never change once they are written, kept in memory until they are asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

Fetch = Callable[[Sequence[int]], Iterable[tuple[int, bytes]]]


class Kept:
    """The latest of them, by their ids."""

    def __init__(self, most: int) -> None:
        """Keeps at most so many."""
        self._most = most
        self._rows: dict[int, bytes] = {}

    def of(self, ids: Sequence[int], fetch: Fetch) -> dict[int, bytes]:
        """The rows of these ids, fetched where they are not kept; none of what is nowhere."""
        rows = self._rows
        missing = [at for at in ids if at not in rows]
        if missing:
            rows.update(fetch(missing))
        found = {at: row for at in ids if (row := rows.get(at)) is not None}
        if len(rows) > self._most:  # the oldest go, so many at once that it is rare
            for at in list(islice(rows, len(rows) - self._most // 2)):
                del rows[at]
        return found

    def forget(self) -> None:
        """Keeps nothing: what a session wrote was rolled back, and its ids are given again."""
        self._rows.clear()
