"""What is asked of an index in one session."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import DamagedError, StoreError
from dedupe.index.sqlite.check import problems
from dedupe.index.sqlite.database import Database, Row
from dedupe.index.sqlite.kept import Kept
from dedupe.index.sqlite.postings import Postings, State
from dedupe.index.store import (
    Blobs,
    Change,
    Columns,
    Counts,
    Group,
    Holders,
    Known,
    Reader,
    StoryRow,
)

AT_ONCE = 256
"""Ids in one statement. JSON, as for numbers, would cut them at a NUL."""
OF_NUMBERS = "FROM json_each(?) AS asked CROSS JOIN {0} ON {0}.number = asked.value"


def listed(numbers: Sequence[int] | NDArray[np.int64]) -> str:
    """Numbers as JSON, the one form in which SQLite takes any count of them."""
    return str(np.asarray(numbers, np.int64).tolist())


class SqliteReader(Reader):
    """A view of the index; it ends with its session."""

    def __init__(self, database: Database, state: State, postings: Postings) -> None:
        self._open: Database | None = database
        self._state = state
        self._postings = postings

    @property
    def _database(self) -> Database:
        if self._open is None:
            raise StoreError("this session has ended; begin another")
        return self._open

    def end(self) -> None:
        """Nothing more is answered."""
        self._open = None

    def notes(self) -> Mapping[str, str]:
        return dict(self._database.all("SELECT name, value FROM note ORDER BY name"))

    def position(self) -> int:
        return self._state.counter

    def changes(self, after: int) -> Sequence[Change] | None:
        # Additions have no rows of their own: they are the entries themselves, and, of those that
        # went, what was kept when they did.
        if after < self._state.forgotten:
            return None
        added = self._database.all(
            "SELECT number, number, 1, sketch FROM sketch WHERE number > ?1 UNION ALL "
            "SELECT number, number, 1, sketch FROM removed WHERE number > ?1",
            after,
        )
        removed = self._database.all(
            "SELECT position, number, 0, sketch FROM removed WHERE position > ?",
            after,
        )
        return [
            Change(position, number, bool(came), sketch)
            for position, number, came, sketch in sorted(added + removed)
        ]

    def tallies(self) -> tuple[int, bytes]:
        row = self._database.one("SELECT position, tallies FROM tallies")
        return (row[0], row[1]) if row else (0, b"")

    def find(self, ids: Sequence[str]) -> Mapping[str, tuple[int, bytes]]:
        rows = self._of_ids("SELECT id, number, digest FROM article WHERE id IN ({})", ids)
        return {name: (number, digest) for name, number, digest in rows}

    def _of_ids(self, statement: str, ids: Sequence[str]) -> Iterator[Row]:
        """Rows of a statement that asks for ids; few statements, whatever the count of ids."""
        for start in range(0, len(ids), AT_ONCE):
            part = list(ids[start : start + AT_ONCE])
            slots = 1 << (len(part) - 1).bit_length()
            yield from self._database.all(
                statement.format(", ".join(["?"] * slots)),
                *part,
                *(part[:1] * (slots - len(part))),
            )

    def known(self, numbers: Sequence[int]) -> Mapping[int, Known]:
        rows = self._database.all(
            "SELECT article.number, article.id, moment, story, "
            f"iif(copies, copies, article.number) {OF_NUMBERS.format('article')}",
            listed(numbers),
        )
        return {row[0]: Known(*row) for row in rows}

    def columns(self, numbers: NDArray[np.int64]) -> Columns:
        rows = self._database.all(
            "SELECT article.number, moment, story, iif(copies, copies, article.number) "
            f"{OF_NUMBERS.format('article')}",
            listed(numbers),
        )
        values = np.fromiter(chain.from_iterable(rows), np.int64, 4 * len(rows))
        held, moments, stories, copies = np.ascontiguousarray(values.reshape(-1, 4).T)
        return Columns(held, moments, stories, copies)

    def sketches(self, numbers: NDArray[np.int64]) -> Blobs:
        return self._kept(self._postings.sketches, "sketch", "sketch", numbers)

    def shingles(self, numbers: NDArray[np.int64]) -> Blobs:
        return self._kept(self._postings.shingles, "cold", "shingles", numbers)

    def _kept(self, kept: Kept, table: str, column: str, numbers: NDArray[np.int64]) -> Blobs:
        found = kept.of(numbers, lambda missing: self._of(table, column, missing).items())
        if found is None:
            path = self._database.path
            raise DamagedError(
                f"{path}: an entry in the index has no {column}; take the last sound copy"
            )
        return found

    def _of(self, table: str, column: str, numbers: Sequence[int]) -> dict[int, Any]:
        of = OF_NUMBERS.format(table)
        return dict(self._database.all(f"SELECT {table}.number, {column} {of}", listed(numbers)))

    def verdicts(self, numbers: Sequence[int]) -> Mapping[int, bytes]:
        return self._of("cold", "verdict", numbers)

    def texts(self, numbers: Sequence[int]) -> Mapping[int, bytes]:
        return {number: text for number, text in self._of("cold", "text", numbers).items() if text}

    def arrivals(self, numbers: Sequence[int]) -> Mapping[int, int]:
        return self._of("article", "arrived", numbers)

    def holders(self, keys: NDArray[np.uint32], newest: int) -> Holders:
        self._postings.follow(self._database, self._state)
        return self._postings.holders(self._database, keys, newest)

    def walk(self, after: int, limit: int) -> Sequence[int]:
        return self._numbers(
            "SELECT number FROM article WHERE number > ? ORDER BY number LIMIT ?", after, limit
        )

    def older(self, moment: int, limit: int) -> Sequence[int]:
        return self._numbers(
            "SELECT number FROM article WHERE moment < ? ORDER BY moment, number LIMIT ?",
            moment,
            limit,
        )

    def _numbers(self, statement: str, *values: int) -> list[int]:
        return [row[0] for row in self._database.all(statement, *map(int, values))]

    def resolve(self, story: int) -> int | None:
        row = self._database.one("SELECT root FROM story WHERE story = ?", int(story))
        return row[0] if row else None

    def sizes(self, stories: Sequence[int]) -> Mapping[int, int]:
        statement = (
            "SELECT count(*) FROM article WHERE story = (SELECT root FROM story WHERE story = ?)"
        )
        return {story: self._numbers(statement, story)[0] for story in stories}

    def groups(self, stories: Sequence[int], newest: int) -> Mapping[int, Sequence[Group]]:
        statement = (
            "SELECT iif(copies, copies, number) AS name, count(*) FROM article WHERE story = "
            "(SELECT root FROM story WHERE story = ?) GROUP BY name ORDER BY name DESC LIMIT ?"
        )
        return {
            story: [Group(*row) for row in self._database.all(statement, int(story), newest)]
            for story in stories
        }

    def group(self, copies: int) -> Sequence[int]:
        return self._numbers(
            "SELECT number FROM article WHERE number = ?1 AND copies = 0 UNION ALL "
            "SELECT number FROM article WHERE copies = ?1 AND copies <> 0 ORDER BY number",
            copies,
        )

    def stories(self, after: int, limit: int) -> Sequence[StoryRow]:
        roots = self._numbers(
            "SELECT DISTINCT story FROM article WHERE story > ? ORDER BY story LIMIT ?",
            after,
            limit,
        )
        return [self._story(story) for story in roots]

    def _story(self, story: int) -> StoryRow:
        rows = self._database.all(
            "SELECT number, moment FROM article WHERE story = ? ORDER BY number", story
        )
        moments = [moment for _, moment in rows]
        merged = self._numbers(
            "SELECT story FROM story WHERE root = ? AND root <> story ORDER BY story", story
        )
        return StoryRow(
            story, tuple(number for number, _ in rows), min(moments), max(moments), tuple(merged)
        )

    def different(self, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
        if not self.any_different():
            return []
        asked = "SELECT one, other FROM different WHERE {} IN ({{}})"
        rows = [row for end in ("one", "other") for row in self._of_ids(asked.format(end), ids)]
        return sorted({(one, other) for one, other in rows})

    def differences(self) -> Sequence[tuple[str, str]]:
        pairs = self._database.all("SELECT one, other FROM different ORDER BY one, other")
        return [(one, other) for one, other in pairs]

    def any_different(self) -> bool:
        return self._database.one("SELECT 1 FROM different LIMIT 1") is not None

    def last_story(self) -> int:
        return self._state.stories

    def counts(self) -> Counts:
        one = self._database.one
        articles, stories, oldest, newest = one(
            "SELECT count(*), count(DISTINCT story), min(moment), max(moment) FROM article"
        ) or (0, 0, None, None)
        (copies,) = one("SELECT count(DISTINCT iif(copies, copies, number)) FROM article") or (0,)
        languages = self._database.all(
            "SELECT language, count(*) AS n FROM article "
            "GROUP BY language ORDER BY n DESC, language"
        )
        size = sum(
            path.stat().st_size
            for suffix in ("", "-wal", "-shm")
            if (path := Path(f"{self._database.path}{suffix}")).exists()
        )
        return Counts(articles, stories, copies, size, oldest, newest, tuple(languages))

    def problems(self) -> Iterator[str]:
        return problems(self._database, self._state, self._postings)
