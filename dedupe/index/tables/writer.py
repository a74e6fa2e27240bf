"""What is changed in an index in one session."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dedupe.index.store import Entry, Writer
from dedupe.index.tables.decode import LAST_NUMBER, LAST_STORY
from dedupe.index.tables.failures import FAILED_BEFORE
from dedupe.index.tables.gone import mark_gone
from dedupe.index.tables.merge import Merging
from dedupe.index.tables.postings import STEP
from dedupe.index.tables.reader import TableReader
from dedupe.kernels.postings import key_sum

OF_STORY = "(position, number, event, story)"
"""Columns of the log that all but a sketch goes to."""
WORK = 2000
"""Postings that are tidied for each entry: what it costs, in the long run, to merge its own."""
NO_STORY = "the number of a story is 1 at least"
MOST_HASTE = 4
"""So many times what is asked for is done at most where maintenance is behind."""


class TableWriter(TableReader, Writer):
    """The view for writing; what it did counts once its session has committed."""

    def commit(self) -> None:
        """What is still in memory goes into the tables, and all of it counts."""
        if self._database.failed:
            raise self._database.failure(FAILED_BEFORE)
        if self._state.stories > LAST_STORY:
            raise self._database.failure("the index has given all its stories; build it again")
        self._state.write(self._database)
        self._database.commit()

    def _next(self, count: int = 1) -> int:
        """The first of so many positions that are given now."""
        first = self._state.counter + 1
        if first + count - 1 > LAST_NUMBER:
            raise self._database.failure("the index has given all its numbers; build it again")
        self._state.counter += count
        return first

    def _given(self, story: int) -> int:
        """The story that one is part of by now; its number counts as given."""
        if story < 1:
            raise self._database.failure(NO_STORY)
        if story > self._state.stories:
            self._state.stories = int(story)
            return self._state.stories
        return self._root(int(story))

    def add(self, entries: Sequence[Entry]) -> Sequence[int]:
        later, first = self._database.later, self._next(len(entries))
        numbers = range(first, first + len(entries))
        rows = list(zip(numbers, entries, strict=True))
        keys = [np.array(entry.keys, np.uint32) for entry in entries]
        stories = [int(entry.story) for entry in entries]
        if min(stories, default=1) < 1:
            raise self._database.failure(NO_STORY)
        self._state.stories = max([self._state.stories, *stories])
        later(
            "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (n, e.id, e.digest, int(e.moment), int(e.arrived), e.language, int(e.story),
                 int(e.copies) or n, own.size, int(key_sum(own)))
                for (n, e), own in zip(rows, keys, strict=True)
            ),
        )  # fmt: skip
        later("INSERT INTO sketch VALUES (?, ?)", ((n, e.sketch) for n, e in rows))
        later(
            "INSERT INTO cold VALUES (?, ?, ?, ?)",
            ((n, e.verdict, e.shingles, e.text) for n, e in rows),
        )
        later(
            "INSERT INTO tail VALUES (?, ?)",
            ((n, own.tobytes()) for n, own in zip(numbers, keys, strict=True) if own.size),
        )
        self.tidy(WORK * len(entries))
        names = {entry.id for entry in entries}
        if len(names) < len(entries) or not names <= self.absent:
            self._database.settle()  # an id may be stored already
        self.absent -= names
        return numbers

    def discard(self, numbers: Sequence[int]) -> None:
        held = self.rows(list(dict.fromkeys(map(int, numbers)))).numbers.tolist()
        if not held:
            return
        self._log(
            "(position, number, event, story, sketch) "
            "SELECT ?, article.number, 'discarded', story, sketch FROM article "
            "JOIN sketch ON sketch.number = article.number WHERE article.number = ?",
            [(number,) for number in held],
        )
        for table in ("article", "sketch", "cold", "tail"):
            self._database.later(
                f"DELETE FROM {table} WHERE number = ?",  # noqa: S608 - of the names above
                ((number,) for number in held),
            )
        mark_gone(self._database, held)
        self._held.clear()

    def _log(self, rows: str, values: Iterable[tuple[object, ...]]) -> None:
        """Logs one change, of several rows: what a statement selects of a position and values."""
        position = self._next()
        self._database.later(f"INSERT INTO log {rows}", ((position, *value) for value in values))

    def place(self, numbers: Sequence[int], story: int, copies: int) -> None:
        root, asked = self._given(story), [(int(number),) for number in numbers]
        update = "UPDATE article SET story = ?, copies = ? WHERE number = ?"
        if self._database.many(update, ((root, int(copies), *number) for number in asked)):
            moved = "SELECT ?, number, 'moved', story FROM article WHERE number = ?"
            self._log(f"{OF_STORY} {moved}", asked)

    def merge(self, story: int, into: int) -> None:
        merged, root = self._given(story), self._given(into)
        if merged != root:
            later = self._database.later
            later("UPDATE story SET root = ? WHERE root = ?", [(root, merged)])
            later("INSERT INTO story (story, root) VALUES (?, ?)", [(merged, root)])
            later("UPDATE article SET story = ? WHERE story = ?", [(root, merged)])
            self._log(f"{OF_STORY} VALUES (?, ?, 'merged', ?)", [(merged, root)])

    def mark_different(self, one: str, other: str) -> None:
        pair = min(one, other), max(one, other)
        added = (
            "INSERT INTO different SELECT ?, ? "
            "WHERE NOT EXISTS (SELECT 1 FROM different WHERE one = ? AND other = ?)"
        )
        if self._database.do(added, *pair, *pair):
            rows = self.rows([number for number, _ in self.find(pair).values()])
            marked = list(zip(rows.numbers.tolist(), rows.stories.tolist(), strict=True))
            missing = [(0, 0)] if len(marked) < len(pair) else []
            self._log(f"{OF_STORY} VALUES (?, ?, 'different', ?)", [*missing, *marked])
            self._state.different = 1

    def record(self, name: str, data: bytes, first: int = 0, last: int = 0) -> None:
        later = self._database.later
        last_of = "SELECT coalesce(max(last), 0) FROM record WHERE name = ?"
        ((covered,),) = self._database.all(last_of, name)
        later("DELETE FROM record WHERE name = ? AND first >= ?", [(name, first)])
        later("INSERT INTO record VALUES (?, ?, ?, ?)", [(name, first, last, data)])
        if covered:
            later("DELETE FROM log WHERE position <= ?", [(covered,)])
            self._state.forgotten = max(self._state.forgotten, covered)

    def tidy(self, work: int) -> bool:
        """Does maintenance for about as many postings; whether more is left to do."""
        postings, merging = self._postings, self.merging()
        postings.owed += int(work) * min(1 + merging.behind(), MOST_HASTE)
        if postings.owed < STEP:
            return True
        work, postings.owed = postings.owed, 0
        if postings.idle == self._state.shape():
            return False
        more = merging.work(work)
        postings.idle = None if more else self._state.shape()
        return more

    def merging(self) -> Merging:
        """The maintenance, for those who do more of it."""
        return Merging(self._database, self._state, self._postings)
