"""Which entries have a key: the young postings, the sorted runs, and both as one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.index.store import Holders
from dedupe.index.tables.database import Database, SqlRow
from dedupe.index.tables.decode import LAST_NUMBER, LAST_STORY, integers, packed
from dedupe.index.tables.kept import Kept
from dedupe.index.tables.young import Young
from dedupe.kernels.postings import (
    distinct,
    newest_in_blocks,
    oldest_first,
    posting_spans,
)

SEGMENT, BLOCK = 8192, 128
"""Numbers that are young together, and postings a block. Kept in the index that they shape."""
RUN_BLOCKS = 1 << 26
"""Ids of blocks that a run has room for: 8 billion postings."""
LAST_KEY = (1 << 32) - 1
AT_ONCE = 4096
"""Keys that are looked up together: their blocks are in memory at once."""

BLOCKS = 1 << 16
"""Blocks that a process keeps: 64 MB. All of an index of 100,000 articles."""
KEY_BYTES, POSTING_BYTES = 4, 8
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


def blocks_of(database: Database, rows: list[SqlRow]) -> Iterator[bytes]:
    """The postings of rows of blocks. Raises DamagedError for what is none."""
    packed(database, "block", "postings", rows, POSTING_BYTES)
    return (data for _, data in rows)


def postings_between(database: Database, run: Run, key: int, end: int) -> NDArray[np.uint64]:
    """Postings of a run of keys from ``key`` to before ``end``, sorted."""
    first = max(0, int(np.searchsorted(run.fences, np.uint32(key), "left")) - 1)
    last = run.fences.size - 1
    if end <= LAST_KEY:
        last = int(np.searchsorted(run.fences, np.uint32(end), "left")) - 1
    rows = database.all(
        "SELECT id, postings FROM block WHERE id BETWEEN ? AND ? ORDER BY id",
        run.base + first,
        run.base + last,
    )
    postings = np.frombuffer(b"".join(blocks_of(database, rows)), "<u8")
    low = np.searchsorted(postings, np.uint64(key << 32))
    high = postings.size
    if end <= LAST_KEY:
        high = int(np.searchsorted(postings, np.uint64(end << 32)))
    return postings[low:high].astype(np.uint64)


MOST_LEVEL = 64
"""No level is deeper."""
MOST_RUNS = (1 << 63) // RUN_BLOCKS - 2
OF_RUN = "run, level, first, last, postings"


def runs_of(database: Database, state: str) -> list[Run]:
    """The runs of a state, oldest first. Raises DamagedError."""
    rows = database.all(f"SELECT {OF_RUN} FROM run WHERE state = ? ORDER BY first", state)  # noqa: S608 - of the names above
    integers(
        database, "run", rows, (1, 1, 0, 0, 0),
        (MOST_RUNS, MOST_LEVEL, LAST_NUMBER, LAST_NUMBER, LAST_STORY),
    )  # fmt: skip
    found = [
        Run(run, level, first, last, postings, _fences(database, run))
        for run, level, first, last, postings in rows
    ]
    for run in found:
        if run.first > run.last:
            raise database.damage(f"run {run.run} ends before it begins")
    return found


def _fences(database: Database, run: int) -> NDArray[np.uint32]:
    ids = run * RUN_BLOCKS, (run + 1) * RUN_BLOCKS - 1
    rows = database.all("SELECT id, keys FROM fence WHERE id BETWEEN ? AND ? ORDER BY id", *ids)
    packed(database, "fence", "keys", rows, KEY_BYTES)
    return np.frombuffer(b"".join(row[1] for row in rows), "<u4").astype(np.uint32)


def _blocks(database: Database, ids: list[int]) -> list[SqlRow]:
    rows = database.of("block", "block.id, postings", ids, "id")
    packed(database, "block", "postings", rows, POSTING_BYTES)
    return rows


class Runs:
    """The live runs with their fences: all postings that are no longer young.

    A log-structured merge tree (O'Neil et al., The log-structured merge-tree, Acta Informatica 33,
    1996) within tables: a run is a row, its postings are sorted in blocks of a
    kilobyte, and the first key of each block, its fence, is in memory. No two runs share a number.
    """

    def __init__(self, block: int) -> None:
        """``block`` postings a block."""
        self._block = block
        self.live: dict[int, Run] = {}
        """By their numbers, from the oldest entries to the newest."""
        self.blocks = Kept(BLOCKS, POSTING_BYTES * block)

    def load(self, database: Database) -> None:
        """Reads which runs there are; fences of those that are known already are kept."""
        known, self.live = self.live, {}
        for run in runs_of(database, LIVE):
            self.live[run.run] = known.get(run.run, run)

    def newest(
        self,
        database: Database,
        wanted: NDArray[np.uint32],
        left: NDArray[np.int64],
        after: int,
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
        """What each run has of each key, the newest run first; lowers ``left`` by it.

        Runs that have no number above ``after`` are left out.
        """
        for run in reversed(self.live.values()):
            if run.last <= after:
                return
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
        blocks = distinct(posting_spans(run.fences, self._block, wanted, left, first, last))
        held = self.blocks.lying(blocks + run.base, lambda ids: _blocks(database, ids))
        if held is None:
            raise database.damage(f"run {run.run} has lost blocks, and with them keys of entries")
        memory, spans_of = held
        some = last >= first
        first[some] = np.searchsorted(blocks, first[some])
        last[some] = np.searchsorted(blocks, last[some])
        numbers: NDArray[np.uint32] = newest_in_blocks(
            memory.view("<u8"), spans_of >> 3, wanted, first, last, left, counts
        )
        return numbers


STEP = 8192
"""Postings of a step of maintenance: smaller ones cost as many statements each."""


COUNTERS = (
    "counter", "stories", "forgotten", "sealed", "epoch", "runs", "segment", "block",
)  # fmt: skip
STATE = ", ".join(COUNTERS)
GIVEN = (
    "CASE WHEN counter <= forgotten "
    "OR (SELECT count(*) FROM article WHERE article.number = state.counter) > 0 "
    "OR (SELECT count(*) FROM log WHERE log.position = state.counter) > 0 THEN 1 ELSE 0 END"
)
"""Whether the counter is that of an entry, or of a change that is logged or was forgotten.

A count is looked up by index; for EXISTS or IN PostgreSQL would read all of a table."""
MARKED = "CASE WHEN EXISTS (SELECT 1 FROM different) THEN 1 ELSE 0 END"
"""Whether any articles were marked different."""
SELECT = f"SELECT {STATE}, {MARKED}, {GIVEN} FROM state"  # noqa: S608 - of the names above
UPDATE = f"UPDATE state SET ({STATE}) = (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - the same


STATE_BOUNDS = (
    (0, LAST_NUMBER), (0, LAST_STORY), (0, LAST_NUMBER), (0, 2 * LAST_NUMBER), (0, LAST_STORY),
    (0, MOST_RUNS), (1, 1 << 24), (1, 1 << 10), (0, 1), (1, 1),
)  # fmt: skip
"""The lowest and the highest of each; at last, that the counter was given."""


def _within(bounds: tuple[int, int], value: int) -> bool:
    return bounds[0] <= value <= bounds[1]


@dataclass(slots=True)
class State:
    """The row of counters, as a session sees it."""

    counter: int
    """Last number or position that was given."""
    stories: int
    """Last story that was opened."""
    forgotten: int
    """Position up to which changes were forgotten."""
    sealed: int
    """Lowest number whose postings are in no run."""
    epoch: int
    """Rises whenever the set of runs changes."""
    runs: int
    """Last run that was begun."""
    segment: int
    block: int
    different: int
    """Whether any articles were marked different: 0 or 1."""

    @classmethod
    def read(cls, row: tuple[int, ...] | None, database: Database) -> State:
        """Of the row of ``state``; raises DamagedError where it is none that was written."""
        if row is None:
            raise database.damage("it has lost its counters")
        if set(map(type, row)) != {int} or not all(map(_within, STATE_BOUNDS, row)):
            raise database.damage(f"table state: ({STATE}) are {row[:-2]}")
        return cls(*row[:-1])

    def shape(self) -> tuple[int, int, int]:
        """By which it is told whether there may be something to merge since there was nothing."""
        return self.epoch, self.runs, self.counter // self.segment

    def write(self, database: Database) -> None:
        """Puts it into its row."""
        database.later(UPDATE, [tuple(getattr(self, name) for name in COUNTERS)])


SKETCHES, SKETCH_BYTES = 1 << 15, 1280
"""Sketches that a process keeps, and what one takes on average: 40 MB."""
SHINGLES, SHINGLE_BYTES = 1 << 14, 1536
"""The same of the shingles of an entry: 24 MB."""


TAIL = "SELECT number, keys FROM tail WHERE number > ? ORDER BY number"
"""The young entries after one."""


def tail_after(database: Database, after: int) -> list[SqlRow]:
    """Young entries after a number, with their keys. Raises DamagedError."""
    rows = database.all(TAIL, after)
    packed(database, "tail", "keys", rows, KEY_BYTES)
    if rows and rows[-1][0] > LAST_NUMBER:
        raise database.damage(f"table tail, row {rows[-1][0]}: there is no such number")
    return rows


class TablePostings:
    """What one process has of the postings, brought up to each session's view."""

    def __init__(self, state: State) -> None:
        # Of many short-lived processes some do a step, as if one had done them all.
        self.owed = random.randrange(STEP)  # noqa: S311 - no secret
        self.idle: tuple[int, int, int] | None = None
        """The shape of the counters when there was nothing to do."""
        self.young = Young()
        self.runs = Runs(state.block)
        self.sketches = Kept(SKETCHES, SKETCH_BYTES)
        self.shingles = Kept(SHINGLES, SHINGLE_BYTES)
        self._epoch = -1
        self.upto = 0
        """The last change that was taken in."""

    def follow(self, database: Database, state: State) -> None:
        """Takes in what others, and this session, did up to now."""
        if state.epoch != self._epoch:
            self.runs.load(database)
            self.young.drop(state.sealed)
            self._epoch = state.epoch
        if state.counter > self.upto:
            after = max(self.upto, state.sealed - 1)
            self.young.load(tail_after(database, after))
            self.upto = state.counter

    def holders(
        self, database: Database, keys: NDArray[np.uint32], newest: int, after: int
    ) -> Holders:
        """See :meth:`dedupe.index.store.Reader.holders`."""
        wanted = np.ascontiguousarray(keys, np.uint32)
        left = np.full(wanted.size, newest, np.int64)
        found = [
            *self.young.newest(wanted, left, after),
            *self.runs.newest(database, wanted, left, after),
        ]
        starts = np.zeros(wanted.size + 1, np.int64)
        if not found:
            return Holders(starts, np.empty(0, np.uint32))
        counts = np.stack([source[0] for source in found])
        numbers = np.concatenate([source[1] for source in found])
        listed = oldest_first(counts, numbers, starts)
        if not after:
            return Holders(starts, listed)
        later = listed > after
        return Holders(np.concatenate(([0], np.cumsum(later)))[starts], listed[later])
