"""A store of plain dicts: what every store must do, in its most readable form.

It is what ``memory:`` opens, and ends with the process. Nothing is bounded or compressed here.
"""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

from dedupe.errors import StoreError
from dedupe.index.memory_reader import MemoryReader, group_of
from dedupe.index.store import Change, Entry, Store, Writer

Key = TypeVar("Key")
Value = TypeVar("Value")


class MemoryWriter(MemoryReader, Writer):
    """The same, and how it changes. Each change says how it is undone."""

    def __init__(self) -> None:
        super().__init__()
        self._undo: list[Callable[[], object]] = []
        self._failed = False

    def commit(self) -> None:
        """What was done counts."""
        if self._failed:
            raise StoreError("something failed in this session; nothing was kept")
        self._undo.clear()

    def roll_back(self) -> None:
        """What was done since the last commit is undone, the last first."""
        while self._undo:
            self._undo.pop()()
        self._failed = False

    def _failure(self, message: str) -> StoreError:
        self._failed = True
        return StoreError(message)

    def _put(self, table: dict[Key, Value], key: Key, value: Value) -> None:
        """Sets what a table has of a key."""
        if key in table:
            self._undo.append(partial(table.__setitem__, key, table[key]))
        else:
            self._undo.append(partial(table.pop, key))
        table[key] = value

    def _drop(self, table: dict[Key, Value], key: Key) -> None:
        """Lets a key go."""
        self._undo.append(partial(table.__setitem__, key, table.pop(key)))

    def _list(self, table: dict[int, list[int]], key: int, number: int) -> None:
        """Puts a number into its place in a list."""
        numbers = table.setdefault(key, [])
        insort(numbers, number)
        self._undo.append(partial(numbers.remove, number))

    def _strike(self, table: dict[int, list[int]], key: int, number: int) -> None:
        """Takes a number out of a list."""
        table[key].remove(number)
        self._undo.append(partial(insort, table[key], number))

    def _set(self, name: str, value: object) -> None:
        """Sets a counter."""
        self._undo.append(partial(setattr, self, name, getattr(self, name)))
        setattr(self, name, value)

    def note(self, name: str, value: str) -> None:
        self._put(self._notes, name, value)

    def add(self, entry: Entry) -> int:
        if entry.id in self._numbers:
            raise self._failure(f"{entry.id!r} is held already")
        self._set("_given", self._given + 1)
        number = self._given
        self._put(self._entries, number, entry)
        self._put(self._numbers, entry.id, number)
        for table, key in self._lists(number, entry):
            self._list(table, key, number)
        self._change(number, entry, added=True)
        return number

    def _lists(self, number: int, entry: Entry) -> Iterator[tuple[dict[int, list[int]], int]]:
        """All lists that an entry is in."""
        yield self._members, entry.story
        yield self._copies, group_of(number, entry)
        for key in entry.keys.tolist():
            yield self._holders, key

    def _change(self, number: int, entry: Entry, *, added: bool) -> None:
        self._set("_position", self._position + 1)
        change = Change(self._position, number, added, entry.sketch)
        self._changes.append(change)
        self._undo.append(self._changes.pop)

    def discard(self, numbers: Sequence[int]) -> None:
        for number, entry in self._held(numbers).items():
            self._drop(self._entries, number)
            self._drop(self._numbers, entry.id)
            for table, key in self._lists(number, entry):
                self._strike(table, key, number)
            self._change(number, entry, added=False)

    def open_story(self) -> int:
        self._set("_opened", self._opened + 1)
        self._put(self._roots, self._opened, self._opened)
        return self._opened

    def claim_story(self, story: int) -> None:
        self._set("_opened", max(self._opened, story))
        if story not in self._roots:
            self._put(self._roots, story, story)

    def merge(self, story: int, into: int) -> None:
        merged, root = self._root(story), self._root(into)
        if merged == root:
            return
        self._move(list(self._in_story(merged)), root)
        for old in [old for old, its_root in self._roots.items() if its_root == merged]:
            self._put(self._roots, old, root)

    def _root(self, story: int) -> int:
        if story not in self._roots:
            raise self._failure(f"there is no story {story}")
        return self._roots[story]

    def mark_different(self, one: str, other: str) -> None:
        self._put(self._different, (min(one, other), max(one, other)), None)

    def move(self, numbers: Sequence[int], story: int) -> None:
        self._move(self._held(numbers), self._root(story))

    def _move(self, numbers: Iterable[int], story: int) -> None:
        for number in numbers:
            entry = self._entries[number]
            self._strike(self._members, entry.story, number)
            self._list(self._members, story, number)
            self._put(self._entries, number, replace(entry, story=story))

    def regroup(self, numbers: Sequence[int], copies: int) -> None:
        for number, entry in self._held(numbers).items():
            self._strike(self._copies, group_of(number, entry), number)
            self._list(self._copies, copies, number)
            named = replace(entry, copies=0 if copies == number else copies)
            self._put(self._entries, number, named)

    def save_tallies(self, position: int, tallies: bytes) -> None:
        self._set("_tallies", (position, tallies))
        self._set("_forgotten", max(self._forgotten, position))
        self._set("_changes", [c for c in self._changes if c.position > position])

    def tidy(self, work: int) -> bool:  # noqa: ARG002 - nothing is left to do
        return False


class MemoryStore(Store):
    """Sessions over dicts, one at a time. It belongs to one thread."""

    def __init__(self) -> None:
        self._view: MemoryWriter | None = MemoryWriter()
        self._busy = False

    def _opened(self) -> MemoryWriter:
        if self._view is None:
            raise StoreError("the index was closed")
        if self._busy:
            raise StoreError("a session is open; end it before the next")
        return self._view

    @contextmanager
    def read(self) -> Iterator[MemoryWriter]:
        view = self._opened()
        self._busy = True
        try:
            yield view
        finally:
            self._busy = False

    @contextmanager
    def write(self) -> Iterator[MemoryWriter]:
        view = self._opened()
        self._busy = True
        try:
            yield view
            view.commit()
        finally:
            view.roll_back()  # of nothing, if it committed
            self._busy = False

    def shrink(self) -> None:
        self._opened()

    def close(self) -> None:
        self._view = None
