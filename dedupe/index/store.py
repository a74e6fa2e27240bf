"""What an index asks of a store: entries, postings, and a log. SQLite is the embedded one.

A store keeps entries of articles under numbers that it gives in rising order and never twice. It
knows nothing of texts or scores: sketches, verdicts and records are bytes to it, keys are numbers.
Every store passes the same suite, ``tests/store_contract.py``.

All that a store raises is a StoreError; after one, it is as it was before the session.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BlobKind = Literal["sketch", "shingles", "verdict", "text"]
"""What is stored of an entry as bytes."""
Event = Literal["added", "discarded", "moved", "merged", "different"]
Durability = Literal["normal", "full"]
"""What a commit survives: the end of the process, or of the machine's power too."""


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
    """Number of the first entry of its group of copies; 0 where that is its own."""
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


class Blobs(NamedTuple):
    """Bytes of k rows, one after the other: uint8, bounded by int64 (k + 1,)."""

    data: NDArray[np.uint8]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[bytes]) -> Blobs:
        """These rows."""
        bounds = np.array([0, *accumulate(map(len, rows))], np.int64)
        return cls(np.frombuffer(b"".join(rows), np.uint8), bounds)

    def row(self, at: int) -> bytes:
        """One of them."""
        return self.data[self.bounds[at] : self.bounds[at + 1]].tobytes()


class Columns(NamedTuple):
    """k entries, a column for each thing that is known of them: int64 (k,), but for the ids."""

    numbers: NDArray[np.int64]
    moments: NDArray[np.int64]
    arrived: NDArray[np.int64]
    stories: NDArray[np.int64]
    """The story that each is in now: merges are followed."""
    copies: NDArray[np.int64]
    """Name of its group of copies: the number of one of its entries, or of one that is gone."""
    ids: list[str]


class Change(NamedTuple):
    """Something that happened to an entry or a story. One call may change several."""

    position: int
    event: Event
    number: int
    """The entry; of a merger the story that ended; of a pair marked different each entry that is
    stored, 0 for one that is not."""
    story: int
    """The story that an entry is in since then, or was in when it was discarded (0 where an older
    version discarded it); of a merger the one that the other became part of."""
    sketch: bytes
    """Of an entry that was discarded: that of one that is there can be asked for."""


class Record(NamedTuple):
    """Bytes about the changes after ``first`` up to ``last``; both 0 for the index as a whole."""

    first: int
    last: int
    data: bytes


class Position(NamedTuple):
    """Where an index stands."""

    change: int
    """Position of the last change, and the last number that was given; 0 in a new store."""
    story: int
    """The highest number of a story that was given; 0 where there was none."""
    different: bool
    """Whether any articles were marked different."""


class Groups(NamedTuple):
    """A story: how many entries it has, and groups of copies in it, by name and size."""

    story: int
    """The story itself: of one that was merged, the one that it is part of by now."""
    size: int
    groups: Sequence[Group]


class Holders(NamedTuple):
    """For each of k keys the numbers of the entries under it: int64 (k + 1,), uint32 (m,)."""

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
    """How much is stored."""

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


class Entries(Protocol):
    """Articles, their stories and groups of copies: plain tables.

    Numbers and stories are int, or integers of NumPy. Of what is gone nothing is returned, unless
    a method says otherwise.
    """

    def find(self, ids: Sequence[str]) -> Mapping[str, tuple[int, bytes]]:
        """Number and digest of those of these ids that are stored."""

    def rows(self, numbers: Sequence[int] | NDArray[np.int64]) -> Columns:
        """The entries of these numbers, in this order."""

    def blobs(self, kind: BlobKind, numbers: Sequence[int] | NDArray[np.int64]) -> Blobs:
        """Bytes of these entries, in this order. Raises StoreError where one is gone."""

    def walk(self, after: int, limit: int) -> Sequence[int]:
        """The next numbers, ascending, at most ``limit``; empty at the end."""

    def older(self, moment: int, limit: int) -> Sequence[int]:
        """Numbers of entries whose moment is earlier, at most ``limit``, oldest first."""

    def groups(self, stories: Sequence[int], newest: int) -> Mapping[int, Groups]:
        """Each of these stories with its ``newest`` groups of copies, by their names, descending.

        A number that was never given is left out; a story without entries is not.
        """

    def members(self, copies: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """Numbers of the entries in groups of copies, by the groups' names, ascending."""

    def stories(self, after: int, limit: int) -> Sequence[StoryRow]:
        """The next stories that were not merged and have entries, ascending, at most ``limit``."""

    def differences(self, ids: Sequence[str] | None = None) -> Sequence[tuple[str, str]]:
        """Pairs that were marked different, in order; all, or those with one of these ids."""

    def counts(self) -> Counts:
        """How much there is."""

    def problems(self) -> Iterator[str]:
        """Everything that does not fit together, in words; nothing in a sound store.

        Among all else: every key of every entry leads to it, and no key leads to an entry that is
        gone and was not noted for removal.
        """


class Postings(Protocol):
    """Which entries are stored under a key."""

    def holders(self, keys: NDArray[np.uint32], newest: int, after: int = 0) -> Holders:
        """For each key the ``newest`` highest numbers under it, those above ``after``, ascending.

        Numbers that are gone may be among them; one that is there is never missed.
        """


class Log(Protocol):
    """What changed, and records that sum changes up."""

    def position(self) -> Position:
        """Where the index stands. It rises with every change that ``changes`` reports."""

    def changes(self, after: int) -> Sequence[Change] | None:
        """What changed since a position, in order; None where some of it was forgotten.

        An entry that came and went since then is left out; one that was added is reported with the
        story that it is in now.
        """

    def records(self, name: str, after: int = -1) -> Sequence[Record]:
        """Records of this name that end later than a position, in order."""


class Reader(Entries, Postings, Log, Protocol):
    """One consistent view: what others commit meanwhile is not seen. Readers wait for nobody."""


class Writer(Reader, Protocol):
    """A view that only one caller has at a time; what it wrote is there for all, or not at all.

    A story is given by its first use, with all lower numbers: no caller needs to open one.
    """

    def add(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Stores entries and returns their numbers: those after ``position().change``, in order.

        Raises StoreError where an id is stored already. Does a share of the maintenance of
        postings.
        """

    def discard(self, numbers: Sequence[int]) -> None:
        """Removes entries; their keys follow at once or later, in bounded steps."""

    def place(self, numbers: Sequence[int], story: int, copies: int) -> None:
        """Puts entries into a story, and into the group of copies of this name."""

    def merge(self, story: int, into: int) -> None:
        """Records that one story is part of another from now on; its number still resolves."""

    def mark_different(self, one: str, other: str) -> None:
        """Records that two articles are never of one story. The ids need not be stored."""

    def record(self, name: str, data: bytes, first: int = 0, last: int = 0) -> None:
        """Stores a record in place of those of its name that begin at ``first`` or later.

        Changes that records of this name covered before may be forgotten.
        """


@runtime_checkable
class Store(Protocol):
    """Sessions over one index."""

    remedy: str
    """What is to be done about an index that is damaged."""

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
