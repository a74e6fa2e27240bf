"""What is changed in an index in one session."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dedupe.index.sqlite.gone import mark_gone
from dedupe.index.sqlite.merge import Merging
from dedupe.index.sqlite.postings import STEP
from dedupe.index.sqlite.reader import SqliteReader, listed
from dedupe.index.store import Entry, Writer
from dedupe.kernels.postings import key_sum

LAST_NUMBER = (1 << 32) - 2
"""Numbers are 32 bits in postings."""
MOST_HASTE = 4
"""So many times what is asked for is done at most where maintenance is behind."""


class SqliteWriter(SqliteReader, Writer):
    """The view for writing; what it did counts once its session has committed."""

    def commit(self) -> None:
        """What is still in memory goes into the tables, and all of it counts."""
        if self._database.failed:
            raise self._database.failure("something failed in this session; nothing was kept")
        self._state.write(self._database)
        self._database.one("COMMIT")

    def _next(self) -> int:
        if self._state.counter >= LAST_NUMBER:
            raise self._database.failure("the index has given all its numbers; build it anew")
        self._state.counter += 1
        return self._state.counter

    def note(self, name: str, value: str) -> None:
        self._database.do("INSERT OR REPLACE INTO note VALUES (?, ?)", name, value)

    def add(self, entry: Entry) -> int:
        do = self._database.do
        number = self._next()
        keys = np.array(entry.keys, np.uint32)
        do(
            "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            number, entry.id, entry.digest, int(entry.moment), int(entry.arrived), entry.language,
            int(entry.story), int(entry.copies), keys.size, key_sum(keys),
        )  # fmt: skip
        do("INSERT INTO sketch VALUES (?, ?)", number, entry.sketch)
        do(
            "INSERT INTO cold VALUES (?, ?, ?, ?)",
            number, entry.verdict, entry.shingles, entry.text,
        )  # fmt: skip
        if keys.size:
            do("INSERT INTO tail VALUES (?, ?)", number, keys.tobytes())
        return number

    def discard(self, numbers: Sequence[int]) -> None:
        asked = listed(numbers)
        held = self._database.all(
            "SELECT article.number, sketch FROM json_each(?) AS asked "
            "CROSS JOIN article ON article.number = asked.value JOIN sketch USING (number)",
            asked,
        )
        rows = {row[0]: (self._next(), *row) for row in {row[0]: row for row in held}.values()}
        self._database.many("INSERT INTO removed VALUES (?, ?, ?)", rows.values())
        for table in ("article", "sketch", "cold", "tail"):
            self._database.many(
                f"DELETE FROM {table} WHERE number = ?",  # noqa: S608 - of the names above
                ((number,) for number in rows),
            )
        mark_gone(self._database, list(rows))

    def open_story(self) -> int:
        self._state.stories += 1
        story = self._state.stories
        self._database.do("INSERT INTO story VALUES (?, ?)", story, story)
        return story

    def claim_story(self, story: int) -> None:
        story = int(story)
        self._state.stories = max(self._state.stories, story)
        self._database.do("INSERT OR IGNORE INTO story VALUES (?, ?)", story, story)

    def merge(self, story: int, into: int) -> None:
        merged, root = self._root(story), self._root(into)
        if merged != root:
            do = self._database.do
            do("UPDATE story SET root = ? WHERE root = ? AND root <> story", root, merged)
            do("UPDATE story SET root = ? WHERE story = ?", root, merged)
            do("UPDATE article SET story = ? WHERE story = ?", root, merged)

    def _root(self, story: int) -> int:
        root = self.resolve(story)
        if root is None:
            raise self._database.failure(f"there is no story {story}")
        return root

    def mark_different(self, one: str, other: str) -> None:
        self._database.do(
            "INSERT OR IGNORE INTO different VALUES (?, ?)", min(one, other), max(one, other)
        )

    def move(self, numbers: Sequence[int], story: int) -> None:
        root = self._root(story)
        self._database.many(
            "UPDATE article SET story = ? WHERE number = ?",
            ((root, int(number)) for number in numbers),
        )

    def regroup(self, numbers: Sequence[int], copies: int) -> None:
        self._database.many(
            "UPDATE article SET copies = iif(number = ?1, 0, ?1) WHERE number = ?2",
            ((int(copies), int(number)) for number in numbers),
        )

    def save_tallies(self, position: int, tallies: bytes) -> None:
        self._database.do("INSERT OR REPLACE INTO tallies VALUES (1, ?, ?)", position, tallies)
        self._database.do("DELETE FROM removed WHERE position <= ?", position)
        self._state.forgotten = max(self._state.forgotten, position)

    def tidy(self, work: int) -> bool:
        postings, merging = self._postings, self.merging()
        postings.owed += int(work) * min(1 + merging.behind(), MOST_HASTE)
        if postings.owed < STEP:
            return True
        work, postings.owed = postings.owed, 0
        return merging.work(work)

    def merging(self) -> Merging:
        """The maintenance, for those who do more of it."""
        return Merging(self._database, self._state, self._postings)
