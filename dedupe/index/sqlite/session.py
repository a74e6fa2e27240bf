"""What is asked of an index, and changed in it, in one session."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import DamagedError, StoreError
from dedupe.index.sqlite.check import problems
from dedupe.index.sqlite.database import Database, SqlRow
from dedupe.index.sqlite.merge import Merging, mark_gone
from dedupe.index.sqlite.postings import STEP, SqlitePostings, State
from dedupe.index.store import (
    BlobKind,
    Blobs,
    Change,
    Columns,
    Counts,
    Entry,
    Group,
    Groups,
    Holders,
    Position,
    Reader,
    Record,
    StoryRow,
    Writer,
)
from dedupe.kernels.postings import key_sum

AT_ONCE = 256
"""Ids in one statement. JSON, as for numbers, would cut them at a NUL."""


class SqliteReader(Reader):
    """A view of the index; it ends with its session."""

    def __init__(self, database: Database, state: State, postings: SqlitePostings) -> None:
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

    def _of_ids(self, statement: str, ids: Sequence[str]) -> Iterator[SqlRow]:
        """Rows of a statement that asks for ids; few statements, whatever the count of ids."""
        for start in range(0, len(ids), AT_ONCE):
            part = list(ids[start : start + AT_ONCE])
            part += part[:1] * ((1 << (len(part) - 1).bit_length()) - len(part))
            yield from self._database.all(statement.format(", ".join("?" * len(part))), *part)

    def rows(self, numbers: Sequence[int] | NDArray[np.int64]) -> Columns:
        columns = "article.number, moment, arrived, story, copies, article.id"
        rows = self._database.of("article", columns, numbers)
        ids = [row[5] for row in rows]
        values = np.array([row[:5] for row in rows], np.int64).reshape(-1, 5)
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
            path = self._database.path
            raise DamagedError(
                f"{path}: an entry in the index has no {kind}; take the last sound copy"
            )
        return found

    def _bytes(self, kind: BlobKind, numbers: Sequence[int] | NDArray[np.int64]) -> list[SqlRow]:
        table = "sketch" if kind == "sketch" else "cold"
        return self._database.of(table, f"{table}.number, {kind}", numbers)

    def holders(self, keys: NDArray[np.uint32], newest: int) -> Holders:
        self._postings.follow(self._database, self._state)
        return self._postings.holders(self._database, keys, newest)

    def walk(self, after: int, limit: int) -> Sequence[int]:
        following = "SELECT number FROM article WHERE number > ? ORDER BY number LIMIT ?"
        return self._numbers(following, after, limit)

    def older(self, moment: int, limit: int) -> Sequence[int]:
        earliest = "SELECT number FROM article WHERE moment < ? ORDER BY moment, number LIMIT ?"
        return self._numbers(earliest, moment, limit)

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
        roots = "SELECT DISTINCT story FROM article WHERE story > ? ORDER BY story LIMIT ?"
        return [self._story(story) for story in self._numbers(roots, after, limit)]

    def _story(self, story: int) -> StoryRow:
        rows = self._database.all(
            "SELECT number, moment FROM article WHERE story = ? ORDER BY number", story
        )
        numbers, moments = zip(*rows, strict=True)
        merged = self._numbers("SELECT story FROM story WHERE root = ? ORDER BY story", story)
        return StoryRow(story, numbers, min(moments), max(moments), tuple(merged))

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


LAST_NUMBER = (1 << 32) - 2
"""Numbers are 32 bits in postings."""
OF_STORY = "(position, number, event, story)"
"""Columns of the log that all but a sketch goes to."""
WORK = 2000
"""Postings that are tidied for each entry: what it costs, in the long run, to merge its own."""
NO_STORY = "the number of a story is 1 at least"
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
        many, first = self._database.many, self._next(len(entries))
        numbers = range(first, first + len(entries))
        rows = list(zip(numbers, entries, strict=True))
        keys = [np.array(entry.keys, np.uint32) for entry in entries]
        stories = [int(entry.story) for entry in entries]
        if min(stories, default=1) < 1:
            raise self._database.failure(NO_STORY)
        self._state.stories = max([self._state.stories, *stories])
        many(
            "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (n, e.id, e.digest, int(e.moment), int(e.arrived), e.language, int(e.story),
                 int(e.copies) or n, own.size, int(key_sum(own)))
                for (n, e), own in zip(rows, keys, strict=True)
            ),
        )  # fmt: skip
        many("INSERT INTO sketch VALUES (?, ?)", ((n, e.sketch) for n, e in rows))
        many(
            "INSERT INTO cold VALUES (?, ?, ?, ?)",
            ((n, e.verdict, e.shingles, e.text) for n, e in rows),
        )
        many(
            "INSERT INTO tail VALUES (?, ?)",
            ((n, own.tobytes()) for n, own in zip(numbers, keys, strict=True) if own.size),
        )
        self.tidy(WORK * len(entries))
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
            self._database.many(
                f"DELETE FROM {table} WHERE number = ?",  # noqa: S608 - of the names above
                ((number,) for number in held),
            )
        mark_gone(self._database, held)

    def _log(self, rows: str, values: Iterable[tuple[object, ...]]) -> None:
        """Logs one change, of several rows: what a statement selects of a position and values."""
        position = self._next()
        self._database.many(f"INSERT INTO log {rows}", ((position, *value) for value in values))

    def place(self, numbers: Sequence[int], story: int, copies: int) -> None:
        root, asked = self._given(story), [(int(number),) for number in numbers]
        update = "UPDATE article SET story = ?, copies = ? WHERE number = ?"
        if self._database.many(update, ((root, int(copies), *number) for number in asked)):
            moved = "SELECT ?, number, 'moved', story FROM article WHERE number = ?"
            self._log(f"{OF_STORY} {moved}", asked)

    def merge(self, story: int, into: int) -> None:
        merged, root = self._given(story), self._given(into)
        if merged != root:
            do = self._database.do
            do("UPDATE story SET root = ? WHERE root = ?", root, merged)
            do("INSERT INTO story (story, root) VALUES (?, ?)", merged, root)
            do("UPDATE article SET story = ? WHERE story = ?", root, merged)
            self._log(f"{OF_STORY} VALUES (?, ?, 'merged', ?)", [(merged, root)])

    def mark_different(self, one: str, other: str) -> None:
        pair = min(one, other), max(one, other)
        if self._database.do("INSERT INTO different VALUES (?, ?) ON CONFLICT DO NOTHING", *pair):
            rows = self.rows([number for number, _ in self.find(pair).values()])
            marked = list(zip(rows.numbers.tolist(), rows.stories.tolist(), strict=True))
            missing = [(0, 0)] if len(marked) < len(pair) else []
            self._log(f"{OF_STORY} VALUES (?, ?, 'different', ?)", [*missing, *marked])
            self._different = True

    def record(self, name: str, data: bytes, first: int = 0, last: int = 0) -> None:
        do = self._database.do
        last_of = "SELECT coalesce(max(last), 0) FROM record WHERE name = ?"
        ((covered,),) = self._database.all(last_of, name)
        do("DELETE FROM record WHERE name = ? AND first >= ?", name, first)
        do("INSERT INTO record VALUES (?, ?, ?, ?)", name, first, last, data)
        if covered:
            do("DELETE FROM log WHERE position <= ?", covered)
            self._state.forgotten = max(self._state.forgotten, covered)

    def tidy(self, work: int) -> bool:
        """Does maintenance for about as many postings; whether more is left to do."""
        postings, merging = self._postings, self.merging()
        postings.owed += int(work) * min(1 + merging.behind(), MOST_HASTE)
        if postings.owed < STEP:
            return True
        work, postings.owed = postings.owed, 0
        return merging.work(work)

    def merging(self) -> Merging:
        """The maintenance, for those who do more of it."""
        return Merging(self._database, self._state, self._postings)
