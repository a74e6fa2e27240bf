"""Whether all that an index contains fits together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dedupe.index.sqlite.merge import CHUNK, rows_between
from dedupe.index.sqlite.postings import RUN_BLOCKS, Run
from dedupe.kernels.postings import add_sums

if TYPE_CHECKING:
    from dedupe.index.sqlite.database import Database
    from dedupe.index.sqlite.postings import SqlitePostings, State

NAMED = 10
"""Entries that are named of one kind of problem; the others are counted."""
BLOCKS_READ = 4096

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


def problems(database: Database, state: State, postings: SqlitePostings) -> Iterator[str]:
    """See :meth:`dedupe.index.store.Reader.problems`."""
    for (found,) in database.all("PRAGMA quick_check(20)"):
        if found != "ok":
            yield f"the file is damaged: {found}"
    for what, question in QUESTIONS:
        yield from _named(f"has no {what}", database.all(question))
    for what, question in STRAYS:
        yield from _named(f"is gone, but not its {what}", database.all(question))
    yield from _numbers(database, state)
    yield from _keys(database, state, postings)


def _named(what: str, rows: list[tuple[int]] | list[tuple[object, ...]]) -> Iterator[str]:
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
        yield f"story {story} was merged into {root}, which is no story of its own"
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


def _keys(database: Database, state: State, postings: SqlitePostings) -> Iterator[str]:
    """Compares what each entry's keys add up to with all postings."""
    counts, sums = np.zeros((2, state.counter + 1), np.int64)
    beyond = 0
    for number, packed in database.all(
        "SELECT number, keys FROM tail WHERE number >= ?", state.sealed
    ):
        held = np.frombuffer(packed, "<u4").astype(np.uint64)
        beyond += add_sums((held << np.uint64(32)) | np.uint64(number), counts, sums)
    for run in postings.runs.live.values():
        ordered, last, firsts = True, np.uint64(0), list[int]()
        for block in _blocks(database, run):
            beyond += add_sums(block, counts, sums)
            after = bool(block.size) and block[0] >= last
            ordered = bool(ordered and after and (block[1:] > block[:-1]).all())
            last = block[-1] if ordered else last
            firsts += (block[:1] >> np.uint64(32)).tolist()
        if not ordered:
            yield f"run {run.run} is not sorted"
        elif firsts != run.fences.tolist():
            yield f"run {run.run} has other blocks than its fences say"
    if beyond:
        yield f"{beyond:,} keys lead to numbers that were never given"
    yield from _amiss(database, state, counts, sums)


def _amiss(
    database: Database, state: State, counts: NDArray[np.int64], sums: NDArray[np.int64]
) -> Iterator[str]:
    held = np.zeros(counts.size, np.bool_)
    wrong = []
    for number, size, total in database.all("SELECT number, keys, key_sum FROM article"):
        if number < counts.size:
            held[number] = True
            if counts[number] != size or sums[number] != total:
                wrong.append((number,))
    yield from _named("is not found by its own keys alone", wrong)
    gone = np.zeros((counts.size // CHUNK + 1) * CHUNK, np.bool_)
    for chunk, bits in rows_between(database, 0, state.counter):
        gone[chunk * CHUNK : (chunk + 1) * CHUNK] = bits
    stray = np.flatnonzero((counts > 0) & ~held & ~gone[: counts.size])
    yield from _named("is gone, but keys lead to it", [(int(number),) for number in stray])


def _blocks(database: Database, run: Run) -> Iterator[NDArray[np.uint64]]:
    """The blocks of a run, in their order."""
    for start in range(run.base, run.base + max(1, run.fences.size), BLOCKS_READ):
        end = min(start + BLOCKS_READ, run.base + RUN_BLOCKS)
        for (packed,) in database.all(
            "SELECT postings FROM block WHERE id >= ? AND id < ? ORDER BY id", start, end
        ):
            # The kernel would be compiled once more for memory that may not be written.
            yield np.frombuffer(bytearray(packed), "<u8")
