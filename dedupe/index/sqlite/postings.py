"""Which entries hold a key: the young postings and the runs as one."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import DamagedError
from dedupe.index.sqlite.database import Database
from dedupe.index.sqlite.kept import Kept
from dedupe.index.sqlite.runs import Runs
from dedupe.index.sqlite.young import Young
from dedupe.index.store import Holders
from dedupe.kernels.postings import oldest_first

STEP = 8192
"""Postings of a step of maintenance: smaller ones cost as many statements each."""


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

    @classmethod
    def read(cls, row: tuple[int, ...] | None, path: str) -> State:
        """Of the row of ``state``; raises DamagedError without one."""
        if row is None:
            raise DamagedError(f"{path}: the index has lost its counters; take a sound copy")
        return cls(*row)

    def write(self, database: Database) -> None:
        """Puts it into its row."""
        database.do(
            "UPDATE state SET counter = ?, stories = ?, forgotten = ?, sealed = ?, epoch = ?, "
            "runs = ?",
            self.counter,
            self.stories,
            self.forgotten,
            self.sealed,
            self.epoch,
            self.runs,
        )


SKETCHES, SKETCH_BYTES = 1 << 15, 1280
"""Sketches that a process keeps, and what one takes on average: 40 MB."""
SHINGLES, SHINGLE_BYTES = 1 << 14, 1536
"""The same of the shingles of an entry: 24 MB."""


class Postings:
    """What one process holds of the postings, brought up to each session's view."""

    def __init__(self, state: State) -> None:
        # Of many short-lived processes some do a step, as if one had done them all.
        self.owed = random.randrange(STEP)  # noqa: S311 - no secret
        self.young = Young()
        self.runs = Runs(state.block)
        self.sketches = Kept(SKETCHES, SKETCH_BYTES)
        self.shingles = Kept(SHINGLES, SHINGLE_BYTES)
        self._epoch, self._upto = -1, 0

    def follow(self, database: Database, state: State) -> None:
        """Takes in what others, and this session, did up to now."""
        if state.epoch != self._epoch:
            self.runs.load(database)
            self.young.drop(state.sealed)
            self._epoch = state.epoch
        if state.counter > self._upto:
            after = max(self._upto, state.sealed - 1)
            self.young.load(
                database.all(
                    "SELECT number, keys FROM tail WHERE number > ? ORDER BY number", after
                )
            )
            self._upto = state.counter

    def holders(self, database: Database, keys: NDArray[np.uint32], newest: int) -> Holders:
        """See :meth:`dedupe.index.store.Reader.holders`."""
        wanted = np.ascontiguousarray(keys, np.uint32)
        left = np.full(wanted.size, newest, np.int64)
        found = [*self.young.newest(wanted, left), *self.runs.newest(database, wanted, left)]
        starts = np.zeros(wanted.size + 1, np.int64)
        if not found:
            return Holders(starts, np.empty(0, np.uint32))
        counts = np.stack([source[0] for source in found])
        numbers = np.concatenate([source[1] for source in found])
        return Holders(starts, oldest_first(counts, numbers, starts))
