"""What is asked of a store of plain dicts."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import StoreError
from dedupe.index.store import (
    Blobs,
    Change,
    Columns,
    Counts,
    Entry,
    Group,
    Holders,
    Known,
    Reader,
    StoryRow,
)


def last(numbers: list[int], newest: int) -> list[int]:
    """The ``newest`` last of them."""
    return numbers[max(0, len(numbers) - newest) :]


def group_of(number: int, entry: Entry) -> int:
    """Number by which its group of copies goes."""
    return entry.copies or number


class MemoryReader(Reader):
    """All that the store holds, as it is asked for."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}
        self._entries: dict[int, Entry] = {}
        """By number."""
        self._numbers: dict[str, int] = {}
        """By id."""
        self._holders: dict[int, list[int]] = {}
        """Numbers by key, ascending."""
        self._members: dict[int, list[int]] = {}
        """Numbers by story, ascending."""
        self._copies: dict[int, list[int]] = {}
        """Numbers by group of copies, ascending."""
        self._roots: dict[int, int] = {}
        """Story by story: itself, or the one that it became part of."""
        self._different: dict[tuple[str, str], None] = {}
        self._changes: list[Change] = []
        self._given = self._opened = self._position = self._forgotten = 0
        self._tallies = (0, b"")

    def notes(self) -> Mapping[str, str]:
        return dict(sorted(self._notes.items()))

    def position(self) -> int:
        return self._position

    def changes(self, after: int) -> Sequence[Change] | None:
        if after < self._forgotten:
            return None
        return [change for change in self._changes if change.position > after]

    def tallies(self) -> tuple[int, bytes]:
        return self._tallies

    def find(self, ids: Sequence[str]) -> Mapping[str, tuple[int, bytes]]:
        return {
            name: (self._numbers[name], self._entries[self._numbers[name]].digest)
            for name in ids
            if name in self._numbers
        }

    def _held(self, numbers: Sequence[int]) -> dict[int, Entry]:
        asked = (int(number) for number in numbers)
        return {number: self._entries[number] for number in asked if number in self._entries}

    def known(self, numbers: Sequence[int]) -> Mapping[int, Known]:
        return {
            number: Known(number, entry.id, entry.moment, entry.story, group_of(number, entry))
            for number, entry in self._held(numbers).items()
        }

    def columns(self, numbers: NDArray[np.int64]) -> Columns:
        held = self._held(numbers.tolist())
        rows = [(n, e.moment, e.story, group_of(n, e)) for n, e in held.items()]
        given, moments, stories, copies = np.array(rows, np.int64).reshape(-1, 4).T
        return Columns(given, moments, stories, copies)

    def sketches(self, numbers: NDArray[np.int64]) -> Blobs:
        return Blobs.of([self._entry(number).sketch for number in numbers.tolist()])

    def _entry(self, number: int) -> Entry:
        if number not in self._entries:
            raise StoreError(f"there is no entry {number}")
        return self._entries[number]

    def shingles(self, numbers: NDArray[np.int64]) -> Blobs:
        return Blobs.of([self._entry(number).shingles for number in numbers.tolist()])

    def verdicts(self, numbers: Sequence[int]) -> Mapping[int, bytes]:
        return {number: entry.verdict for number, entry in self._held(numbers).items()}

    def texts(self, numbers: Sequence[int]) -> Mapping[int, bytes]:
        return {number: entry.text for number, entry in self._held(numbers).items() if entry.text}

    def arrivals(self, numbers: Sequence[int]) -> Mapping[int, int]:
        return {number: entry.arrived for number, entry in self._held(numbers).items()}

    def holders(self, keys: NDArray[np.uint32], newest: int) -> Holders:
        found = [last(self._holders.get(key, []), newest) for key in keys.tolist()]
        starts = np.zeros(len(found) + 1, np.int64)
        np.cumsum([len(numbers) for numbers in found], out=starts[1:])
        return Holders(starts, np.array([n for numbers in found for n in numbers], np.uint32))

    def walk(self, after: int, limit: int) -> Sequence[int]:
        return sorted(number for number in self._entries if number > after)[:limit]

    def older(self, moment: int, limit: int) -> Sequence[int]:
        older = [(e.moment, number) for number, e in self._entries.items() if e.moment < moment]
        return [number for _, number in sorted(older)[:limit]]

    def resolve(self, story: int) -> int | None:
        return self._roots.get(story)

    def _in_story(self, story: int) -> list[int]:
        return self._members.get(self._roots.get(story, 0), [])

    def sizes(self, stories: Sequence[int]) -> Mapping[int, int]:
        return {story: len(self._in_story(story)) for story in stories}

    def groups(self, stories: Sequence[int], newest: int) -> Mapping[int, Sequence[Group]]:
        found = {}
        for story in stories:
            names = Counter(group_of(n, self._entries[n]) for n in self._in_story(story))
            found[story] = [Group(*group) for group in sorted(names.items(), reverse=True)][:newest]
        return found

    def group(self, copies: int) -> Sequence[int]:
        return list(self._copies.get(copies, []))

    def stories(self, after: int, limit: int) -> Sequence[StoryRow]:
        roots = sorted(
            story for story, numbers in self._members.items() if numbers and story > after
        )
        return [self._story(story) for story in roots[:limit]]

    def _story(self, story: int) -> StoryRow:
        numbers = self._in_story(story)
        moments = [self._entries[number].moment for number in numbers]
        merged = sorted(old for old, root in self._roots.items() if root == story != old)
        return StoryRow(story, tuple(numbers), min(moments), max(moments), tuple(merged))

    def different(self, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
        asked = set(ids)
        return sorted(pair for pair in self._different if asked & set(pair))

    def differences(self) -> Sequence[tuple[str, str]]:
        return sorted(self._different)

    def any_different(self) -> bool:
        return bool(self._different)

    def last_story(self) -> int:
        return self._opened

    def counts(self) -> Counts:
        entries = self._entries.values()
        languages = Counter(entry.language for entry in entries)
        return Counts(
            articles=len(self._entries),
            stories=sum(map(bool, self._members.values())),
            copies=sum(map(bool, self._copies.values())),
            size=0,
            oldest=min((entry.moment for entry in entries), default=None),
            newest=max((entry.moment for entry in entries), default=None),
            languages=tuple(sorted(languages.items(), key=lambda item: (-item[1], item[0]))),
        )

    def problems(self) -> Iterator[str]:
        for number, entry in self._entries.items():
            if any(number not in self._holders.get(key, []) for key in entry.keys.tolist()):
                yield f"entry {number} is not found by all its keys"
            if entry.story not in self._roots:
                yield f"entry {number} has no story"
        for key, numbers in self._holders.items():
            if not self._entries.keys() >= set(numbers):
                yield f"key {key} leads to an entry that is gone"
