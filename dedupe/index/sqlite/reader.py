"""What is asked of an index in one session."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import DamagedError, StoreError
from dedupe.index.sqlite.check import problems
from dedupe.index.sqlite.database import Database, Row
from dedupe.index.sqlite.postings import Postings, State
from dedupe.index.store import (
    Blobs,
    Change,
    Columns,
    Counts,
    Group,
    Groups,
    Holders,
    Kind,
    Position,
    Reader,
    Record,
    StoryRow,
)

AT_ONCE = 256
"""Ids in one statement. JSON, as for numbers, would cut them at a NUL."""
TABLES: Mapping[Kind, str] = {
    "sketch": "sketch",
    "shingles": "cold",
    "verdict": "cold",
    "text": "cold",
}
"""Where each kind of bytes is stored, in a column of its name."""


class SqliteReader(Reader):
    """A view of the index; it ends with its session."""

    def __init__(self, database: Database, state: State, postings: Postings) -> None:
        self._open: Database | None = database
        self._state = state
        self._postings = postings
        self._different: bool | None = None

    @property
    def _database(self) -> Database:
        if self._open is None:
            raise StoreError("this session has ended; begin another")
        return self._open

    def end(self) -> None:
        """Nothing more is answered."""
        self._open = None

    def position(self) -> Position:
        if self._different is None:
            found = self._database.one("SELECT one FROM different LIMIT 1")
            self._different = found is not None
        return Position(self._state.counter, self._state.stories, self._different)

    def changes(self, after: int) -> Sequence[Change] | None:
        # Additions have no rows in the log: they are the entries themselves.
        if after < self._state.forgotten:
            return None
        rows = self._database.all(
            "SELECT article.number AS position, 'added' AS event, article.number, story, sketch "
            "FROM article JOIN sketch ON sketch.number = article.number WHERE article.number > ? "
            "UNION ALL SELECT position, event, number, story, sketch FROM log "
            "WHERE position > ? AND (event <> 'discarded' OR number <= ?) ORDER BY 1, 3",
            after, after, after,
        )  # fmt: skip
        return [Change(*row) for row in rows]

    def records(self, name: str, after: int = -1) -> Sequence[Record]:
        rows = self._database.all(
            "SELECT first, last, data FROM record WHERE name = ? AND last > ? ORDER BY first",
            name, after,
        )  # fmt: skip
        return [Record(*row) for row in rows]

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

    def rows(self, numbers: Sequence[int] | NDArray[np.int64]) -> Columns:
        columns = "article.number, moment, arrived, story, copies, article.id"
        rows = self._database.of("article", columns, numbers)
        ids = [row[5] for row in rows]
        values = np.array([row[:5] for row in rows], np.int64).reshape(-1, 5)
        held, moments, arrived, stories, copies = np.ascontiguousarray(values.T)
        return Columns(held, moments, arrived, stories, copies, ids)

    def blobs(self, kind: Kind, numbers: Sequence[int] | NDArray[np.int64]) -> Blobs:
        asked = np.asarray(numbers, np.int64)
        kept = self._postings.sketches if kind == "sketch" else self._postings.shingles
        if kind in ("sketch", "shingles"):
            found = kept.of(asked, lambda missing: self._bytes(kind, missing))
        else:
            rows = self._bytes(kind, asked)
            found = Blobs.of([row[1] for row in rows]) if len(rows) == len(asked) else None
        if found is None:
            path = self._database.path
            raise DamagedError(
                f"{path}: an entry in the index has no {kind}; take the last sound copy"
            )
        return found

    def _bytes(self, kind: Kind, numbers: Sequence[int] | NDArray[np.int64]) -> list[Row]:
        return self._database.of(TABLES[kind], f"{TABLES[kind]}.number, {kind}", numbers)

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

    def groups(self, stories: Sequence[int], newest: int) -> Mapping[int, Groups]:
        given = [int(story) for story in stories if 0 < story <= self._state.stories]
        return {story: self._groups(story, newest) for story in given}

    def _groups(self, story: int, newest: int) -> Groups:
        rows = self._database.all(
            "SELECT copies, count(*), min(story) FROM article WHERE story = "
            "coalesce((SELECT root FROM story WHERE story = ?), ?) "
            "GROUP BY copies ORDER BY copies DESC LIMIT ?",
            story, story, int(newest),
        )  # fmt: skip
        groups = [Group(*row[:2]) for row in rows]
        if 0 < len(rows) < newest:
            return Groups(rows[0][2], sum(group.size for group in groups), groups)
        root = self._root(story)
        (size,) = self._numbers("SELECT count(*) FROM article WHERE story = ?", root)
        return Groups(root, size, groups)

    def _root(self, story: int) -> int:
        row = self._database.one("SELECT root FROM story WHERE story = ?", story)
        return row[0] if row else story

    def members(self, copies: Sequence[int]) -> Mapping[int, Sequence[int]]:
        names = dict.fromkeys(map(int, copies))
        found: dict[int, list[int]] = {name: [] for name in names}
        for name, number in self._database.of(
            "article", "copies, article.number", list(names), "copies"
        ):
            found[name].append(number)
        return {name: sorted(numbers) for name, numbers in found.items()}

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
        merged = self._numbers("SELECT story FROM story WHERE root = ? ORDER BY story", story)
        return StoryRow(
            story, tuple(number for number, _ in rows), min(moments), max(moments), tuple(merged)
        )

    def differences(self, ids: Sequence[str] | None = None) -> Sequence[tuple[str, str]]:
        if ids is None:
            rows = self._database.all("SELECT one, other FROM different")
        else:
            asked = "SELECT one, other FROM different WHERE {} IN ({{}})"
            ends = ("one", "other") if self.position().different else ()
            rows = [row for end in ends for row in self._of_ids(asked.format(end), ids)]
        return sorted({(one, other) for one, other in rows})

    def counts(self) -> Counts:
        one = self._database.one
        articles, stories, oldest, newest = one(
            "SELECT count(*), count(DISTINCT story), min(moment), max(moment) FROM article"
        ) or (0, 0, None, None)
        (copies,) = one("SELECT count(DISTINCT copies) FROM article") or (0,)
        languages = self._database.all(
            "SELECT language, count(*) AS n FROM article "
            "GROUP BY language ORDER BY n DESC, language"
        )
        size = self._database.size()
        return Counts(articles, stories, copies, size, oldest, newest, tuple(languages))

    def problems(self) -> Iterator[str]:
        return problems(self._database, self._state, self._postings)
