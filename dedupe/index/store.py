"""What an index asks of a store. SQLite is the embedded one; a server's is written beside it.

A store keeps entries of articles under numbers that it gives in rising order and never twice. It
knows nothing of texts or scores: sketches, verdicts and tallies are bytes to it, keys are numbers.
Every backend passes the same suite, ``tests/store_contract.py``.

All that a store raises is a StoreError; after one, it holds what it held before the session.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Entry:
    """One article, as it is put into a store."""

    id: str
    digest: bytes
    """Of title and text: equal digests, equal articles."""
    moment: int
    """Microseconds since 1970 of its date, else of its arrival: by this it expires."""
    arrived: int
    """Microseconds since 1970."""
    language: str
    story: int
    copies: int
    """Number by which its group of copies goes; 0 where that is its own."""
    keys: NDArray[np.uint32]
    """By which others find it (k,), without repeats."""
    sketch: bytes
    """What it is compared by; read for every candidate."""
    shingles: bytes
    """Read for candidates that may be copies."""
    verdict: bytes
    """The answer that was given."""
    text: bytes = b""
    """The article itself, where the index keeps texts."""


class Known(NamedTuple):
    """What is told of an entry beside what it is compared by."""

    number: int
    id: str
    moment: int
    story: int
    """The story that it is in now: merges are followed."""
    copies: int


class Blobs(NamedTuple):
    """Bytes of k rows, one after the other: uint8, bounded by int64 (k + 1,)."""

    data: NDArray[np.uint8]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[bytes]) -> Blobs:
        """These rows."""
        bounds = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, rows), np.int64, len(rows)), out=bounds[1:])
        # A kernel would be compiled once more for memory that may not be written.
        return cls(np.frombuffer(bytearray().join(rows), np.uint8), bounds)


class Columns(NamedTuple):
    """What is read of k entries when they are compared, beside their sketches: int64 (k,)."""

    numbers: NDArray[np.int64]
    moments: NDArray[np.int64]
    stories: NDArray[np.int64]
    """The story that each is in now: merges are followed."""
    copies: NDArray[np.int64]


class Change(NamedTuple):
    """An entry came or went."""

    position: int
    number: int
    added: bool
    sketch: bytes


class Holders(NamedTuple):
    """For each of k keys the numbers of the entries that hold it: int64 (k + 1,), uint32 (m,)."""

    starts: NDArray[np.int64]
    numbers: NDArray[np.uint32]


class StoryRow(NamedTuple):
    """A story and when its articles were written: microseconds since 1970."""

    story: int
    numbers: tuple[int, ...]
    first: int
    last: int
    merged: tuple[int, ...]
    """Stories that became part of it, directly or in turn."""


class Group(NamedTuple):
    """A group of copies: its name, and how many entries it has."""

    copies: int
    size: int


class Counts(NamedTuple):
    """How much a store holds."""

    articles: int
    stories: int
    copies: int
    """Groups of copies."""
    size: int
    """Bytes on disk, all files together."""
    oldest: int | None
    newest: int | None
    languages: tuple[tuple[str, int], ...]
    """Articles by language, most first."""


class Reader(Protocol):
    """One consistent view: what others commit meanwhile is not seen. Readers wait for nobody."""

    def notes(self) -> Mapping[str, str]:
        """What was noted of the index as a whole: its settings and their fingerprint."""

    def position(self) -> int:
        """Number of the last change; 0 in a new store."""

    def changes(self, after: int) -> Sequence[Change] | None:
        """All changes later than a position, in order; None where some of them were forgotten."""

    def tallies(self) -> tuple[int, bytes]:
        """What was saved last, and the position that it accounts for; (0, b"") at first."""

    def find(self, ids: Sequence[str]) -> Mapping[str, tuple[int, bytes]]:
        """Number and digest of those ids that are held."""

    def known(self, numbers: Sequence[int]) -> Mapping[int, Known]:
        """The entries of these numbers; those that are gone are left out."""

    def columns(self, numbers: NDArray[np.int64]) -> Columns:
        """The same entries as columns, in this order; those that are gone are left out."""

    def sketches(self, numbers: NDArray[np.int64]) -> Blobs:
        """Sketches of these entries, in this order. Raises StoreError where one is gone."""

    def shingles(self, numbers: NDArray[np.int64]) -> Blobs:
        """Shingles of these entries, in this order. Raises StoreError where one is gone."""

    def verdicts(self, numbers: Sequence[int]) -> Mapping[int, bytes]:
        """Answers given about these entries; those that are gone are left out."""

    def texts(self, numbers: Sequence[int]) -> Mapping[int, bytes]:
        """Texts of these entries; those that are gone, or have none, are left out."""

    def arrivals(self, numbers: Sequence[int]) -> Mapping[int, int]:
        """Microseconds at which these entries came; those that are gone are left out."""

    def holders(self, keys: NDArray[np.uint32], newest: int) -> Holders:
        """For each key the ``newest`` highest numbers that hold it, ascending.

        Numbers that are gone may be among them; one that is there is never missed.
        """

    def walk(self, after: int, limit: int) -> Sequence[int]:
        """The next numbers, ascending, at most ``limit``; empty at the end."""

    def older(self, moment: int, limit: int) -> Sequence[int]:
        """Numbers of entries whose moment is earlier, at most ``limit``, oldest first."""

    def resolve(self, story: int) -> int | None:
        """The story that this one is part of by now, itself if it was not merged; else None."""

    def sizes(self, stories: Sequence[int]) -> Mapping[int, int]:
        """How many entries each of these stories has."""

    def groups(self, stories: Sequence[int], newest: int) -> Mapping[int, Sequence[Group]]:
        """The ``newest`` groups of copies in each of these stories, by their names, descending."""

    def group(self, copies: int) -> Sequence[int]:
        """Numbers of the entries in a group of copies, ascending."""

    def stories(self, after: int, limit: int) -> Sequence[StoryRow]:
        """The next stories that were not merged and have entries, ascending, at most ``limit``."""

    def different(self, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Pairs that were marked different, of which one at least is among these ids."""

    def differences(self) -> Sequence[tuple[str, str]]:
        """All pairs that were marked different."""

    def any_different(self) -> bool:
        """Whether there are such pairs."""

    def last_story(self) -> int:
        """The highest number that ``open_story`` gave; 0 where it gave none."""

    def counts(self) -> Counts:
        """How much there is."""

    def problems(self) -> Iterator[str]:
        """Everything that does not fit together, in words; nothing in a sound store.

        Among all else: every key of every entry leads to it, and no key leads to an entry that is
        gone and was not noted for removal.
        """


class Writer(Reader, Protocol):
    """A view that only one caller has at a time; what it wrote is there for all, or not at all."""

    def note(self, name: str, value: str) -> None:
        """Notes something of the index as a whole."""

    def add(self, entry: Entry) -> int:
        """Keeps an entry and returns its number. The id must not be held."""

    def discard(self, numbers: Sequence[int]) -> None:
        """Lets entries go; their keys follow at once or, in bounded steps, by ``tidy``."""

    def open_story(self) -> int:
        """A new story's number, never given before, even if it was rolled back or is gone."""

    def claim_story(self, story: int) -> None:
        """Counts a number, and all below it, as given; a story of that number is there then."""

    def merge(self, story: int, into: int) -> None:
        """Records that one story is part of another from now on; its number still resolves."""

    def mark_different(self, one: str, other: str) -> None:
        """Records that two articles are never of one story. The ids need not be held."""

    def move(self, numbers: Sequence[int], story: int) -> None:
        """Puts entries into another story."""

    def regroup(self, numbers: Sequence[int], copies: int) -> None:
        """Puts entries into the group of copies of this name, which may be one of them."""

    def save_tallies(self, position: int, tallies: bytes) -> None:
        """Keeps what accounts for all changes up to a position; those may be forgotten."""

    def tidy(self, work: int) -> bool:
        """Does maintenance for about as many postings; whether more is left to do."""


class Store(Protocol):
    """Sessions over one index."""

    def read(self) -> AbstractContextManager[Reader]:
        """A view for reading, opened at once even while others write."""

    def write(self) -> AbstractContextManager[Writer]:
        """The one view for writing: commits at its end, or rolls back if an error leaves it.

        Waits for others; raises BusyError where that takes longer than the store's patience.
        """

    def shrink(self) -> None:
        """Gives space that is no longer used back to the system, in steps that others pass."""

    def close(self) -> None:
        """Ends it; further calls raise StoreError."""
