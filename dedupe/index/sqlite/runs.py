"""Sorted runs: all postings that are no longer young.

A log-structured merge tree (O'Neil et al., The log-structured merge-tree, Acta Informatica 33,
1996) within the tables of SQLite: a run is a row, its postings lie sorted in blocks of a
kilobyte, and the first key of each block, its fence, is held in memory. No two runs share a
number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import DamagedError
from dedupe.index.sqlite.database import Database
from dedupe.index.sqlite.kept import Kept
from dedupe.kernels.postings import distinct, newest_in_blocks, spans

RUN_BLOCKS = 1 << 26
"""Ids of blocks that a run has room for: 8 billion postings."""
LAST_KEY = (1 << 32) - 1
AT_ONCE = 4096
"""Keys that are looked up together: their blocks are in memory at once."""

BLOCKS = 1 << 16
"""Blocks that a process keeps: 64 MB. All of an index of 100,000 articles."""
POSTING_BYTES = 8
LIVE, GROWING, DEAD = "live", "growing", "dead"


@dataclass(frozen=True, slots=True)
class Run:
    """One sorted run."""

    run: int
    level: int
    first: int
    """Lowest number that it may hold."""
    last: int
    postings: int
    fences: NDArray[np.uint32]
    """First key of each block (b,)."""

    @property
    def base(self) -> int:
        """Id of its first block."""
        return self.run * RUN_BLOCKS


def fences_of(database: Database, run: int) -> NDArray[np.uint32]:
    """First key of each block of a run, live or growing."""
    rows = database.all(
        "SELECT keys FROM fence WHERE id BETWEEN ? AND ? ORDER BY id",
        run * RUN_BLOCKS,
        (run + 1) * RUN_BLOCKS - 1,
    )
    return np.frombuffer(b"".join(row[0] for row in rows), "<u4").astype(np.uint32)


def postings_between(database: Database, run: Run, key: int, end: int) -> NDArray[np.uint64]:
    """Postings of a run of keys from ``key`` to before ``end``, sorted."""
    first = max(0, int(np.searchsorted(run.fences, np.uint32(key), "left")) - 1)
    last = run.fences.size - 1
    if end <= LAST_KEY:
        last = int(np.searchsorted(run.fences, np.uint32(end), "left")) - 1
    rows = database.all(
        "SELECT postings FROM block WHERE id BETWEEN ? AND ? ORDER BY id",
        run.base + first,
        run.base + last,
    )
    postings = np.frombuffer(b"".join(row[0] for row in rows), "<u8")
    low = np.searchsorted(postings, np.uint64(key << 32))
    high = postings.size
    if end <= LAST_KEY:
        high = int(np.searchsorted(postings, np.uint64(end << 32)))
    return postings[low:high].astype(np.uint64)


class Runs:
    """The live runs, by number, with their fences."""

    def __init__(self, block: int) -> None:
        """``block`` postings a block."""
        self._block = block
        self._runs: dict[int, Run] = {}
        self.blocks = Kept(BLOCKS, POSTING_BYTES * block)

    def load(self, database: Database) -> None:
        """Reads which runs there are; fences of those that are held already are kept."""
        held, self._runs = self._runs, {}
        for run, level, first, last, postings in database.all(
            "SELECT run, level, first, last, postings FROM run WHERE state = ? ORDER BY first",
            LIVE,
        ):
            self._runs[run] = held.get(run) or Run(
                run, level, first, last, postings, fences_of(database, run)
            )

    def __getitem__(self, run: int) -> Run:
        return self._runs[run]

    def __iter__(self) -> Iterator[Run]:
        """From the oldest numbers to the newest."""
        return iter(self._runs.values())

    def newest(
        self, database: Database, wanted: NDArray[np.uint32], left: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
        """What each run has of each key, the newest run first; lowers ``left`` by it."""
        for run in reversed(list(self)):
            counts = np.empty(wanted.size, np.int64)
            numbers = [
                self._newest(database, run, wanted[part], left[part], counts[part])
                for part in (slice(i, i + AT_ONCE) for i in range(0, wanted.size, AT_ONCE))
            ]
            left -= counts
            yield counts, np.concatenate([np.empty(0, np.uint32), *numbers])

    def _newest(
        self,
        database: Database,
        run: Run,
        wanted: NDArray[np.uint32],
        left: NDArray[np.int64],
        counts: NDArray[np.int64],
    ) -> NDArray[np.uint32]:
        """See :func:`newest_in_blocks`."""
        first, last = np.empty((2, wanted.size), np.int64)
        blocks = distinct(spans(run.fences, self._block, wanted, left, first, last))
        held = self.blocks.lying(
            blocks + run.base,
            lambda ids: database.all(
                "SELECT b.id, b.postings FROM json_each(?) j CROSS JOIN block b ON b.id = j.value",
                str(ids),
            ),
        )
        if held is None:
            raise DamagedError(
                f"{database.path}: the index has lost keys of its entries; take a sound copy"
            )
        memory, spans_of = held
        some = last >= first
        first[some] = np.searchsorted(blocks, first[some])
        last[some] = np.searchsorted(blocks, last[some])
        numbers: NDArray[np.uint32] = newest_in_blocks(
            memory.view("<u8"), spans_of >> 3, wanted, first, last, left, counts
        )
        return numbers
