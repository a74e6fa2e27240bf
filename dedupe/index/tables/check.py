"""Whether all that an index contains fits together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import DamagedError
from dedupe.index.tables.decode import LAST_NUMBER, NAMED, integers, shown
from dedupe.index.tables.gone import CHUNK, CHUNK_BYTES, gone_between, rows_between
from dedupe.index.tables.merge import NO_SEGMENT, Merging
from dedupe.index.tables.postings import (
    DEAD,
    GROWING,
    KEY_BYTES,
    LAST_KEY,
    LIVE,
    MOST_LEVEL,
    RUN_BLOCKS,
    Run,
    blocks_of,
    runs_of,
    tail_after,
)
from dedupe.kernels.postings import add_sums, merged_postings
from dedupe.moments import FIRST_MOMENT, LAST_MOMENT

if TYPE_CHECKING:
    from dedupe.index.tables.database import Database
    from dedupe.index.tables.merge import Job
    from dedupe.index.tables.postings import State, TablePostings

BLOCKS_READ = 4096
LAST_POSTING = (1 << 64) - 1
"""No posting is as high."""

QUESTIONS = (
    ("sketch", "SELECT number FROM article WHERE number NOT IN (SELECT number FROM sketch)"),
    ("answer", "SELECT number FROM article WHERE number NOT IN (SELECT number FROM cold)"),
)
"""What each entry must have."""
STRAYS = (
    ("sketch", "SELECT number FROM sketch WHERE number NOT IN (SELECT number FROM article)"),
    ("answer", "SELECT number FROM cold WHERE number NOT IN (SELECT number FROM article)"),
    ("keys", "SELECT number FROM tail WHERE number NOT IN (SELECT number FROM article)"),
)
"""What is of an entry, and must not outlive it."""


CALENDAR = f"NOT BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT}"
COUNTER = "(SELECT counter FROM state)"
_LEVEL_OF = "(SELECT level FROM run WHERE run ="
IMPOSSIBLE = {
    ("article", "number", "a date that no calendar has"): (
        f"moment {CALENDAR}",
        f"arrived {CALENDAR}",
    ),
    ("tail", "number", "a part of a key"): ("length(keys) % 4 <> 0",),
    ("gone", "chunk", "bits of other numbers than there are"): (
        f"length(bits) <> {CHUNK_BYTES}",
        f"chunk NOT BETWEEN 0 AND {COUNTER} / {CHUNK}",
    ),
    ("log", "position", "a change that never was"): (
        "event NOT IN ('discarded', 'moved', 'merged', 'different')",
        f"position NOT BETWEEN 1 AND {COUNTER}",
    ),
    ("record", "name", "of changes that never were"): (
        "first NOT BETWEEN 0 AND last",
        f"last > {COUNTER}",
    ),
    ("state", '"only"', "counters that don't fit each other"): (
        "forgotten > counter",
        "sealed > counter + 1",
        "sealed % segment <> 0",
        "runs < (SELECT coalesce(max(run), 0) FROM run)",
    ),
    ("run", "run", "no such run can be"): (
        f"state NOT IN ('{LIVE}', '{GROWING}', '{DEAD}')",
        f"level NOT BETWEEN 1 AND {MOST_LEVEL}",
        "first NOT BETWEEN 0 AND last",
        f"key NOT BETWEEN 0 AND {LAST_KEY + 1}",
        f"(state = '{GROWING}') <> (run IN (SELECT output FROM job))",  # noqa: S608 - the same
    ),
    ("story", "story", "there is no such story"): (
        "story NOT BETWEEN 1 AND (SELECT stories FROM state)",
    ),
    ("job", "output", "there is no such run"): ("output NOT IN (SELECT run FROM run)",),
    ("job", "output", "it is of another level than what it merges"): (
        f"segment >= 0 AND {_LEVEL_OF} output) <> 1",
        f"{_LEVEL_OF} older) <> {_LEVEL_OF} output)",
        f"{_LEVEL_OF} newer) <> {_LEVEL_OF} output) - 1",
    ),
    ("different", "one", "a pair in the wrong order"): ("one >= other",),
}
"""Of a table the column that names a row, and what is told of one of which any of these holds."""


def problems(database: Database, state: State, postings: TablePostings) -> Iterator[str]:
    """See :meth:`dedupe.index.store.Reader.problems`."""
    for part in (database.problems(), _impossible(database), _entries(database),
                 _numbers(database, state), _merges(database, state, postings),
                 _keys(database, state, postings)):  # fmt: skip
        try:
            yield from part
        except DamagedError as error:  # as all that reads it would be told
            yield str(error)
            database.go_on()


def _impossible(database: Database) -> Iterator[str]:
    """Values that are never written."""
    for (table, name, what), conditions in IMPOSSIBLE.items():
        wrong = " OR ".join(conditions)
        for (row,) in database.all(f"SELECT {name} FROM {table} WHERE {wrong}")[:NAMED]:  # noqa: S608 - of the names above
            yield f"table {table}, row {shown(row)}: {what}"


def _entries(database: Database) -> Iterator[str]:
    for what, question in QUESTIONS:
        yield from _named(f"has no {what}", database.all(question))
    for what, question in STRAYS:
        yield from _named(f"is gone, but not its {what}", database.all(question))


def _named(what: str, rows: Sequence[Sequence[object]]) -> Iterator[str]:
    for row in rows[:NAMED]:
        yield f"entry {row[0]} {what}"
    if len(rows) > NAMED:
        yield f"so it is with {len(rows) - NAMED:,} more: {what}"


def _numbers(database: Database, state: State) -> Iterator[str]:
    """Those of stories, of groups of copies and of entries."""
    yield from _named(
        "has no story",
        database.all("SELECT number FROM article WHERE story NOT BETWEEN 1 AND ?", state.stories),
    )
    for story, root in database.all(
        "SELECT story, root FROM story WHERE root IN (SELECT story FROM story) "
        "OR root NOT BETWEEN 1 AND ?",
        state.stories,
    ):
        yield f"story {shown(story)} was merged into {shown(root)}, which is no story of its own"
    yield from _named(
        "is in a story that was merged into another",
        database.all("SELECT number FROM article WHERE story IN (SELECT story FROM story)"),
    )
    for what, column in (
        ("is of a group of copies that never was", "copies"),
        ("has a number that was not given yet", "number"),
    ):
        question = f"SELECT number FROM article WHERE {column} NOT BETWEEN 1 AND ?"  # noqa: S608 - of these
        yield from _named(what, database.all(question, state.counter))


def _keys(database: Database, state: State, postings: TablePostings) -> Iterator[str]:
    """Compares what each entry's keys add up to with all postings. Raises DamagedError."""
    rows = database.all("SELECT number, keys, key_sum FROM article ORDER BY number")
    integers(
        database, "article", rows, (1, 0, -(1 << 63)), (LAST_NUMBER, LAST_NUMBER, (1 << 63) - 1)
    )
    numbers, sizes, totals = np.array(rows, np.int64).reshape(-1, 3).T
    numbers = np.ascontiguousarray(numbers)
    counts, sums = np.zeros((2, len(rows)), np.int64)
    strays = [np.empty(0, np.uint32)]
    for number, packed in tail_after(database, state.sealed - 1):
        held = np.frombuffer(packed, "<u4").astype(np.uint64)
        own = (held << np.uint64(32)) | np.uint64(number)
        strays.append(add_sums(own, numbers, counts, sums))
    noted = {row[0]: row[1:] for row in database.all("SELECT run, blocks, postings FROM run")}
    for run in (*postings.runs.live.values(), *runs_of(database, GROWING)):
        ordered, last, firsts, size = True, np.uint64(0), list[int](), 0
        for block in _blocks(database, run):
            if run.run in postings.runs.live:
                strays.append(np.unique(add_sums(block, numbers, counts, sums)))
            after = bool(block.size) and block[0] >= last
            ordered = bool(ordered and after and (block[1:] > block[:-1]).all())
            last = block[-1] if ordered else last
            firsts += (block[:1] >> np.uint64(32)).tolist()
            size += block.size
        if not ordered:
            yield f"run {run.run} is not sorted"
        elif firsts != run.fences.tolist():
            yield f"run {run.run} has other blocks than its fences say"
        elif not _are_in_place(database, run):
            yield f"run {run.run} has blocks or fences under other numbers than their own"
        elif noted.get(run.run) != (run.fences.size, size):
            yield f"run {run.run} has another length than is noted"
    wrong = (counts != sizes) | (sums != totals)
    yield from _named("is not found by its own keys alone", numbers[wrong].reshape(-1, 1).tolist())
    yield from _strays(database, state, np.unique(np.concatenate(strays)).astype(np.int64))


def _merges(database: Database, state: State, postings: TablePostings) -> Iterator[str]:
    """Holds runs that grow against what was merged into them. Raises DamagedError."""
    growing = {run.run: run for run in runs_of(database, GROWING)}
    for job, inputs in Merging(database, state, postings).jobs():
        output, young = growing.get(job.output), _young(job, state, postings)
        if output is None or not _is_merged(database, job, inputs, output, young):
            yield f"run {job.output} is not what was merged into it so far"


def _young(job: Job, state: State, postings: TablePostings) -> NDArray[np.uint64]:
    """What a merge has taken in of a segment."""
    if job.segment == NO_SEGMENT:
        return np.empty(0, np.uint64)
    return postings.young.between((job.segment + 1) * state.segment - 1, 0, job.key)


def _is_merged(
    database: Database, job: Job, inputs: Sequence[Run], output: Run, young: NDArray[np.uint64]
) -> bool:
    """Whether a run that grows has what was merged into it, by its number and sum of postings.

    But for entries that are gone by now, which it may have or not.
    """
    gone = np.frombuffer(bytearray(gone_between(database, job.first, job.last)), np.uint8)

    def told(parts: Iterable[NDArray[np.uint64]]) -> tuple[int, int]:
        count, total = 0, 0
        for part in parts:
            merged = part[: np.searchsorted(part, np.uint64(min(job.key << 32, LAST_POSTING)))]
            kept = merged_postings(
                merged.astype(np.uint64), np.empty(0, np.uint64), gone, job.first // CHUNK * CHUNK
            )
            count, total = count + kept.size, total + int(kept.sum(dtype=np.uint64))
        return count, total & LAST_POSTING

    runs = chain.from_iterable(_blocks(database, run) for run in inputs)
    return told(chain(runs, [young])) == told(_blocks(database, output))


def _are_in_place(database: Database, run: Run) -> bool:
    """Whether blocks and fences stand where they are looked for, and the next are put behind.

    A block under its number in the run, fences under that of their first block.
    """
    between = run.base, run.base + RUN_BLOCKS
    asked = "SELECT count(*), coalesce(max(id), ?) FROM block WHERE id >= ? AND id < ?"
    blocks, last = database.all(asked, run.base - 1, *between)[0]
    if (blocks, last) != (run.fences.size, run.base + run.fences.size - 1):
        return False
    place = run.base
    for at, size in database.all(
        "SELECT id, length(keys) FROM fence WHERE id >= ? AND id < ? ORDER BY id",
        run.base, run.base + RUN_BLOCKS,
    ):  # fmt: skip
        if at != place:
            return False
        place += size // KEY_BYTES
    return True


def _strays(database: Database, state: State, strays: NDArray[np.int64]) -> Iterator[str]:
    """Of the numbers that keys lead to, and that are not stored, those not noted for removal."""
    beyond = int((strays > state.counter).sum())
    if beyond:
        yield f"{beyond:,} numbers were never given, and keys lead to them"
    noted = [np.empty(0, np.int64)]
    for chunk, bits in rows_between(database, 0, state.counter):
        noted.append(chunk * CHUNK + np.flatnonzero(bits))
    stray = np.setdiff1d(strays[strays <= state.counter], np.concatenate(noted))
    yield from _named("is gone, but keys lead to it", stray.reshape(-1, 1).tolist())


def _blocks(database: Database, run: Run) -> Iterator[NDArray[np.uint64]]:
    """The blocks of a run, in their order."""
    for start in range(run.base, run.base + max(1, run.fences.size), BLOCKS_READ):
        end = min(start + BLOCKS_READ, run.base + RUN_BLOCKS)
        rows = database.all(
            "SELECT id, postings FROM block WHERE id >= ? AND id < ? ORDER BY id", start, end
        )
        for packed in blocks_of(database, rows):
            yield np.frombuffer(packed, "<u8")
