"""Young postings into runs, and runs into longer ones, a step at a time.

Each level has one run, ``RATIO`` times as long as that of the level before; a full segment is
merged into the run of the first level, and a run that has outgrown its level into that of the
next. All that a merge has reached is in the index, so that whoever writes next goes on with it;
its output counts only once it is whole. Postings of entries that are gone are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.index.tables.database import Database, SqlRow
from dedupe.index.tables.decode import LAST_NUMBER, integers, packed
from dedupe.index.tables.gone import CHUNK, CHUNK_BYTES, clear_gone, gone_between
from dedupe.index.tables.postings import (
    DEAD,
    GROWING,
    LAST_KEY,
    LIVE,
    MOST_LEVEL,
    MOST_RUNS,
    RUN_BLOCKS,
    Run,
    State,
    TablePostings,
    postings_between,
)
from dedupe.kernels.postings import merged_postings

RATIO = 16
KEYS = 64
"""Keys an entry, by which the length of a level's run is known."""
STALE = 0.25
"""A run is written again once more than this share of its numbers is gone."""
SWEPT = 8
"""Deleting is so many times cheaper than merging."""
LONGEST = 1 << 16
"""Postings of one step, however much is asked for."""
NO_RUN, NO_SEGMENT = 0, -1
ALL_KEYS = LAST_KEY + 1


@dataclass(slots=True)
class Job:
    """A merge under way: a run, and what is newer, a run or a segment; either may be missing."""

    output: int
    older: int
    newer: int
    segment: int
    gone: bytes
    """Numbers that are left out, as :func:`gone_between` gives them."""
    level: int
    first: int
    """Lowest number that the output may hold."""
    last: int
    key: int
    """The lowest that was not merged yet."""
    blocks: int
    """Of the output, so far."""


class Merging:
    """The maintenance of the postings in one session for writing."""

    def __init__(self, database: Database, state: State, postings: TablePostings) -> None:
        self._database = database
        self._state = state
        self._postings = postings

    def work(self, budget: int) -> bool:
        """Handles about ``budget`` postings; whether there is more to do."""
        self._postings.follow(self._database, self._state)
        while budget > 0:
            step = min(budget, LONGEST)
            spent = (
                # What is young lies in the memory of every process: it goes first.
                self._step(step, 1)
                or self._flush()
                or self._sweep(step)
                or self._step(step, MOST_LEVEL)
                or self._deepen()
                or self.renew(STALE)
            )
            if not spent:
                return False
            budget -= spent
        return True

    def behind(self) -> int:
        """Segments that are full and should be in a run."""
        return (self._state.counter - self._state.sealed) // self._state.segment

    def _levels(self) -> tuple[dict[int, Run], set[int]]:
        """By level the run that no merge takes, and the levels that a merge is to reach."""
        jobs = self._database.all(
            "SELECT older, newer, level FROM job JOIN run ON job.output = run.run"
        )
        integers(self._database, "job", jobs, (0, 0, 1), (MOST_RUNS, MOST_RUNS, MOST_LEVEL))
        taken = {run for job in jobs for run in job[:2]}
        live = self._postings.runs.live.values()
        resting = {run.level: run for run in live if run.run not in taken}
        return resting, {job[2] for job in jobs}

    def _flush(self) -> int:
        """Begins to merge the oldest segment, if it is full; 0 where it is not."""
        if not self.behind():
            return 0
        resting, busy = self._levels()
        if 1 in busy:
            return 0
        segment = self._state.sealed // self._state.segment
        return self._deepen() or self._begin(1, resting.get(1), None, segment)

    def _deepen(self) -> int:
        """Begins to merge a run that has outgrown its level into the next; 0 where none has."""
        resting, busy = self._levels()
        for level, run in resting.items():
            room = self._state.segment * KEYS * RATIO**level
            if run.postings >= room and level + 1 not in busy and level < MOST_LEVEL:
                return self._begin(level + 1, resting.get(level + 1), run)
        return 0

    def renew(self, share: float) -> int:
        """Begins to write a run again of which more than this share is gone; 0 where none is."""
        resting, busy = self._levels()
        for level, run in resting.items():
            gone = gone_between(self._database, run.first, run.last)
            count = int.from_bytes(gone, "big").bit_count()
            if level not in busy and count > share * (run.last - run.first):
                return self._begin(level, run, None)
        return 0

    def _begin(
        self, level: int, older: Run | None, newer: Run | None, segment: int = NO_SEGMENT
    ) -> int:
        state, size = self._state, self._state.segment
        inputs = [(run.first, run.last) for run in (older, newer) if run]
        if segment != NO_SEGMENT:
            inputs.append((segment * size, (segment + 1) * size - 1))
        first, last = min(inputs)[0], max(inputs)[1]
        state.runs += 1
        gone = gone_between(self._database, first, last)
        self._database.later(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, 0, 0, 0)",
            [(state.runs, level, GROWING, first, last)],
        )
        merged = older.run if older else NO_RUN, newer.run if newer else NO_RUN
        self._database.later(
            "INSERT INTO job VALUES (?, ?, ?, ?, ?)", [(state.runs, *merged, segment, gone)]
        )
        return 1

    def _step(self, budget: int, deepest: int) -> int:
        """Carries the merge of the lowest level on, if that is not too deep.

        Returns how many postings it handled; 0 where there is no such merge.
        """
        found = next(self.jobs(deepest), None)
        if found is None:
            return 0
        job, runs = found
        end = self._end(job, runs, budget)
        if end <= job.key:
            raise self._database.damage(f"table job, row {job.output}: it comes to no end")
        parts = [postings_between(self._database, run, job.key, end) for run in runs]
        if job.segment != NO_SEGMENT:
            last = (job.segment + 1) * self._state.segment - 1
            parts.append(self._postings.young.between(last, job.key, end))
        older, newer = [*parts, np.empty(0, np.uint64)][:2]
        gone = np.frombuffer(bytearray(job.gone), np.uint8)
        self._extend(job, merged_postings(older, newer, gone, job.first // CHUNK * CHUNK), end)
        if end == ALL_KEYS:
            self._finish(job)
        return 1 + sum(part.size for part in parts)

    def jobs(self, deepest: int = MOST_LEVEL) -> Iterator[tuple[Job, list[Run]]]:
        """Merges under way, those of the lowest level first, and what each merges."""
        rows = self._database.all(
            "SELECT job.*, level, first, last, key, blocks FROM job "
            "JOIN run ON run.run = job.output WHERE level <= ? ORDER BY level",
            deepest,
        )
        return map(self._read, rows)

    def _read(self, row: SqlRow) -> tuple[Job, list[Run]]:
        """A merge of its row, and the runs that it merges. Raises DamagedError."""
        database, state, live = self._database, self._state, self._postings.runs.live
        job, gone = Job(*row), row[4]
        integers(
            database, "job", [(*row[:4], *row[5:])],
            (1, NO_RUN, NO_RUN, NO_SEGMENT, 1, 0, 0, 0, 0),
            (MOST_RUNS, MOST_RUNS, MOST_RUNS, LAST_NUMBER, MOST_LEVEL, LAST_NUMBER, LAST_NUMBER,
             LAST_KEY, RUN_BLOCKS),
        )  # fmt: skip
        packed(database, "job", "gone", [(job.output, gone)], CHUNK_BYTES)
        runs = [live.get(run) for run in (job.older, job.newer) if run != NO_RUN]
        found = [run for run in runs if run is not None]
        inputs, whole = [(run.first, run.last) for run in found], len(found) == len(runs)
        if job.segment != NO_SEGMENT:
            first = job.segment * state.segment
            inputs.append((first, first + state.segment - 1))
            # The oldest that is full, whose entries leave the tail when it is merged.
            whole &= first == state.sealed and inputs[-1][1] <= state.counter
        ends = {(min(inputs)[0], max(inputs)[1])} if inputs else set()
        if not whole or len(inputs) > 2 or ends != {(job.first, job.last)}:
            raise database.damage(f"table job, row {job.output}: it merges what is not there")
        return job, found

    def _end(self, job: Job, runs: Sequence[Run], budget: int) -> int:
        """Up to which key a step of about ``budget`` postings goes: never amid one key's."""
        young = self._postings.young.size if job.segment != NO_SEGMENT else 0
        share = budget / max(budget, young + sum(run.postings for run in runs))
        guide = max(runs, key=lambda run: run.postings, default=None)
        if guide is None or guide.postings < young:
            return min(ALL_KEYS, job.key + 1 + int(share * ALL_KEYS))
        place = int(np.searchsorted(guide.fences, np.uint32(job.key), "right"))
        place += int(share * guide.fences.size)
        return int(guide.fences[place]) if place < guide.fences.size else ALL_KEYS

    def _extend(self, job: Job, postings: NDArray[np.uint64], end: int) -> None:
        """Writes postings behind what the output has."""
        size, base = self._state.block, job.output * RUN_BLOCKS
        starts = range(0, postings.size, size)
        self._database.later(
            "INSERT INTO block VALUES (?, ?)",
            (
                (base + job.blocks + i, postings[start : start + size].tobytes())
                for i, start in enumerate(starts)
            ),
        )
        fences = (postings[::size] >> np.uint64(32)).astype("<u4")
        if fences.size:
            self._database.later(
                "INSERT INTO fence VALUES (?, ?)", [(base + job.blocks, fences.tobytes())]
            )
        self._database.later(
            "UPDATE run SET key = ?, blocks = blocks + ?, postings = postings + ? WHERE run = ?",
            [(end, fences.size, postings.size, job.output)],
        )

    def _finish(self, job: Job) -> None:
        """The output takes the place of what it was made of."""
        database, state = self._database, self._state
        later = database.later
        later(
            "UPDATE run SET state = CASE WHEN blocks > 0 THEN ? ELSE ? END WHERE run = ?",
            [(LIVE, DEAD, job.output)],
        )
        later("UPDATE run SET state = ? WHERE run IN (?, ?)", [(DEAD, job.older, job.newer)])
        later("DELETE FROM job WHERE output = ?", [(job.output,)])
        clear_gone(database, job.first, job.gone)
        if job.segment != NO_SEGMENT:
            state.sealed = (job.segment + 1) * state.segment
            # At once: some 5 ms, and only once a segment.
            later("DELETE FROM tail WHERE number < ?", [(state.sealed,)])
        state.epoch += 1
        self._postings.follow(database, state)

    def _sweep(self, budget: int) -> int:
        """Deletes some of the blocks that are no longer read; 0 where there are none."""
        database = self._database
        row = database.one("SELECT run FROM run WHERE state = ? LIMIT 1", DEAD)
        if row is None:
            return 0
        integers(database, "run", [row], (1,), (MOST_RUNS,))
        ids = row[0] * RUN_BLOCKS, (row[0] + 1) * RUN_BLOCKS - 1
        swept = database.do(
            "DELETE FROM block WHERE id IN "
            "(SELECT id FROM block WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?)",
            *ids, 1 + budget * SWEPT // self._state.block,
        )  # fmt: skip
        if not swept:
            database.later("DELETE FROM fence WHERE id BETWEEN ? AND ?", [ids])
            database.later("DELETE FROM run WHERE run = ?", [row])
        return 1 + swept * self._state.block // SWEPT
