"""What is asked of an index in one session."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import StoreError
from dedupe.index.store import (
    BlobKind,
    Blobs,
    Change,
    Columns,
    Counts,
    Group,
    Groups,
    Holders,
    Position,
    Reader,
    Record,
    StoryRow,
)
from dedupe.index.tables.check import problems
from dedupe.index.tables.database import Database, SqlRow
from dedupe.index.tables.decode import LAST_NUMBER, LAST_STORY, integers, packed, texts
from dedupe.index.tables.postings import State, TablePostings
from dedupe.moments import FIRST_MOMENT, LAST_MOMENT

CHANGES = (
    "SELECT number AS position, 'added' AS event, number, story, ? AS sketch "
    "FROM article WHERE number > ? "
    "UNION ALL SELECT position, event, number, story, sketch FROM log "
    "WHERE position > ? AND (event <> 'discarded' OR number <= ?) ORDER BY 1, 3"
)
"""What changed since a position."""


class TableReader(Reader):
    """A view of the index; it ends with its session."""

    def __init__(self, database: Database, state: State, postings: TablePostings) -> None:
        self._open: Database | None = database
        self._state = state
        self._postings = postings
        self.absent: set[str] = set()
        """Ids that were looked for and not found."""
        self._held: dict[str, tuple[int, bytes]] = {}
        """Those that were found."""

    @property
    def _database(self) -> Database:
        return self._must_be_open()

    def _must_be_open(self) -> Database:
        if self._open is None:
            raise StoreError("this session has ended; begin another")
        return self._open

    def end(self) -> None:
        """Nothing more is answered."""
        self._open = None

    @property
    def last_change(self) -> int:
        """Where the index stands, also once the session has ended."""
        return self._state.counter

    def position(self) -> Position:
        self._must_be_open()
        state = self._state
        return Position(state.counter, state.stories, bool(state.different))

    def changes(self, after: int) -> Sequence[Change] | None:
        # Additions have no rows in the log: they are the entries themselves.
        if after < self._state.forgotten:
            return None
        rows = self._database.all(CHANGES, b"", after, after, after)
        packed(self._database, "log", "sketch", ((row[2], row[4]) for row in rows), 1)
        return [Change(*row) for row in rows]

    def records(self, name: str, after: int = -1) -> Sequence[Record]:
        rows = self._database.all(
            "SELECT first, last, data FROM record WHERE name = ? AND last > ? ORDER BY first",
            name, after,
        )  # fmt: skip
        integers(self._database, "record", [row[:2] for row in rows], (0, 0), (LAST_NUMBER,) * 2)
        packed(self._database, "record", "data", ((name, row[2]) for row in rows), 1)
        return [Record(*row) for row in rows]

    def find(self, ids: Sequence[str]) -> Mapping[str, tuple[int, bytes]]:
        self._must_be_open()
        # An article's id is looked for twice in a session, and the view stays as it is.
        asked = [name for name in ids if name not in self.absent and name not in self._held]
        if asked:
            rows = self._database.of_texts("article", "id, number, digest", asked, "id")
            self._held.update((name, (number, digest)) for name, number, digest in rows)
            self.absent.update(name for name in asked if name not in self._held)
        return {name: self._held[name] for name in ids if name in self._held}

    def rows(self, numbers: Sequence[int] | NDArray[np.int64]) -> Columns:
        columns = "article.number, moment, arrived, story, copies, article.id"
        rows = self._database.of("article", columns, numbers)
        ids = [row[5] for row in rows]
        texts(self._database, "article", ids)
        last, stories = self._state.counter, self._state.stories
        values = integers(
            self._database, "article", [row[:5] for row in rows],
            (1, FIRST_MOMENT, FIRST_MOMENT, 1, 1), (last, LAST_MOMENT, LAST_MOMENT, stories, last),
        )  # fmt: skip
        held, moments, arrived, stories, copies = np.ascontiguousarray(values.T)
        return Columns(held, moments, arrived, stories, copies, ids)

    def blobs(self, kind: BlobKind, numbers: Sequence[int] | NDArray[np.int64]) -> Blobs:
        asked = np.asarray(numbers, np.int64)
        kept = self._postings.sketches if kind == "sketch" else self._postings.shingles
        if kind in ("sketch", "shingles"):
            found = kept.of(asked, lambda missing: self._bytes(kind, missing))
        else:
            rows = self._bytes(kind, asked)
            found = Blobs.of([row[1] for row in rows]) if len(rows) == len(asked) else None
        if found is None:
            held = {row[0] for row in self._bytes(kind, asked)}
            lost = next((number for number in asked.tolist() if number not in held), 0)
            raise self._database.damage(f"entry {lost} has no {kind}")
        return found

    def _bytes(self, kind: BlobKind, numbers: Sequence[int] | NDArray[np.int64]) -> list[SqlRow]:
        table = "sketch" if kind == "sketch" else "cold"
        rows = self._database.of(table, f"{table}.number, {kind}", numbers)
        packed(self._database, table, kind, rows, 1)
        return rows

    def holders(self, keys: NDArray[np.uint32], newest: int, after: int = 0) -> Holders:
        self._postings.follow(self._database, self._state)
        return self._postings.holders(self._database, keys, newest, after)

    def walk(self, after: int, limit: int) -> Sequence[int]:
        following = "SELECT number FROM article WHERE number > ? ORDER BY number LIMIT ?"
        return self._following(following, after, limit)

    def _following(self, statement: str, after: int, limit: int) -> list[int]:
        """Numbers that follow one another: whoever asks for those after the last comes to an end.

        Raises DamagedError where they don't, as in tables that are out of order.
        """
        found = self._numbers(statement, after, limit)
        if any(one >= other for one, other in pairwise((after, *found))):
            raise self._database.damage("table article is out of order")
        return found

    def older(self, moment: int, limit: int) -> Sequence[int]:
        earliest = "SELECT number FROM article WHERE moment < ? ORDER BY moment, number LIMIT ?"
        return self._numbers(earliest, moment, limit)

    def _numbers(self, statement: str, *values: int) -> list[int]:
        found = [row[0] for row in self._database.all(statement, *map(int, values))]
        if set(map(type, found)) - {int}:
            raise self._database.damage(f"numbers of entries or stories are {found[:9]}")
        return found

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
        integers(self._database, f"article, story {story}", rows, (1, 1, 1),
                 (self._state.counter, LAST_NUMBER, self._state.stories))  # fmt: skip
        groups = [Group(*row[:2]) for row in rows]
        if 0 < len(rows) < newest:
            return Groups(rows[0][2], sum(group.size for group in groups), groups)
        root = self._root(story)
        (size,) = self._numbers("SELECT count(*) FROM article WHERE story = ?", root)
        return Groups(root, size, groups)

    def _root(self, story: int) -> int:
        rows = self._database.all("SELECT story, root FROM story WHERE story = ?", story)
        integers(self._database, "story", rows, (1, 1), (LAST_STORY, LAST_STORY))
        return rows[0][1] if rows else story

    def members(self, copies: Sequence[int]) -> Mapping[int, Sequence[int]]:
        names = dict.fromkeys(map(int, copies))
        found: dict[int, list[int]] = {name: [] for name in names}
        for name, number in self._database.of(
            "article", "copies, article.number", list(names), "copies"
        ):
            found[name].append(number)
        return {name: sorted(numbers) for name, numbers in found.items()}

    def stories(self, after: int, limit: int) -> Sequence[StoryRow]:
        roots = "SELECT DISTINCT story FROM article WHERE story > ? ORDER BY story LIMIT ?"
        return [self._story(story) for story in self._following(roots, after, limit)]

    def _story(self, story: int) -> StoryRow:
        rows = self._database.all(
            "SELECT number, moment FROM article WHERE story = ? ORDER BY number", story
        )
        if not rows:
            raise self._database.damage(f"the entries of story {story} can't be found")
        integers(self._database, "article", rows, (1, FIRST_MOMENT), (LAST_NUMBER, LAST_MOMENT))
        numbers, moments = zip(*rows, strict=True)
        merged = self._numbers("SELECT story FROM story WHERE root = ? ORDER BY story", story)
        return StoryRow(story, numbers, min(moments), max(moments), tuple(merged))

    def differences(self, ids: Sequence[str] | None = None) -> Sequence[tuple[str, str]]:
        if ids is None:
            rows = self._database.all("SELECT one, other FROM different")
        else:
            ends = ("one", "other") if self.position().different else ()
            of = self._database.of_texts
            rows = [row for end in ends for row in of("different", "one, other", ids, end)]
        texts(self._database, "different", (name for row in rows for name in row))
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
        dates = [] if oldest is None else [(0, oldest, newest)]
        integers(self._database, "article", dates, (0, FIRST_MOMENT, FIRST_MOMENT),
                 (0, LAST_MOMENT, LAST_MOMENT))  # fmt: skip
        texts(self._database, "article", (row[0] for row in languages))
        size = self._database.size()
        return Counts(articles, stories, copies, size, oldest, newest, tuple(languages))

    def problems(self) -> Iterator[str]:
        return problems(self._database, self._state, self._postings)
