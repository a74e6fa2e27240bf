"""The articles at hand: those that come in, then those that were read because they are near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.known import KnownPairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.index.arrivals import Arrivals
    from dedupe.index.record import Sketches
    from dedupe.index.store import Change, Columns, Groups, Holders
    from dedupe.model import Relation
    from dedupe.novelty import Alike
    from dedupe.score import Overlaps

MarkedPairs = frozenset[tuple[int, int]]
"""Pairs of rows that were marked different, in either order."""


class Telling(NamedTuple):
    """The heaviest terms of n articles, as keys uint32 with weights float32, ragged."""

    keys: NDArray[np.uint32]
    weights: NDArray[np.float32]
    bounds: NDArray[np.int64]

    def row(self, at: int) -> NDArray[np.uint32]:
        """The keys of one."""
        return self.keys[self.bounds[at] : self.bounds[at + 1]]


@dataclass(frozen=True)
class Rows:
    """k articles, each with its sketch."""

    sketches: Sketches
    numbers: NDArray[np.int64]
    """Of what comes in -1, -2 and so on (k,)."""
    moments: NDArray[np.int64]
    stories: NDArray[np.int64]
    """0 for one that comes in."""
    copies: NDArray[np.int64]
    """Name of its group of copies; of one that comes in its number here."""
    ids: list[str]
    """"" for one that was read only to stand for its group."""

    @classmethod
    def incoming(cls, arrivals: Arrivals, moments: Sequence[int]) -> Rows:
        """Those that come in."""
        numbers = -1 - np.arange(len(arrivals), dtype=np.int64)
        ids = [article.id for article in arrivals.articles]
        moment = np.array(moments, np.int64)
        return cls(arrivals.packed, numbers, moment, np.zeros_like(numbers), numbers, ids)

    def followed_by(self, found: Columns, sketches: Sketches) -> Rows:
        """These, then stored ones."""
        return Rows(
            self.sketches.followed_by(sketches),
            np.concatenate((self.numbers, found.numbers)),
            np.concatenate((self.moments, found.moments)),
            np.concatenate((self.stories, found.stories)),
            np.concatenate((self.copies, found.copies)),
            [*self.ids, *(found.ids or [""] * len(found.numbers))],
        )

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def digests(self) -> NDArray[np.bool_]:
        """Those stored as digests: entered under their shingles alone, yet a copy of nothing."""
        own = (self.numbers > 0) & (self.copies == self.numbers)
        return np.asarray(own & (self.sketches.telling == 0))

    @cached_property
    def known(self) -> KnownPairs:
        """Pairs of rows whose evidence is stored."""
        return KnownPairs(*self.sketches.edges_within(self.numbers))


class Compared(NamedTuple):
    """Pairs of rows that were compared shingle by shingle, in order."""

    rows: NDArray[np.int32]
    """(m, 2), an incoming row first."""
    cosine: NDArray[np.float32]
    texts: Alike

    @property
    def overlaps(self) -> Overlaps:
        """Their exact Jaccard and containment."""
        return self.texts.overlaps

    def at(self, rows: NDArray[np.int32]) -> NDArray[np.int64]:
        """Places of pairs (k, 2) among these, -1 for one that isn't: (k,)."""
        if not len(self.rows) or not len(rows):
            return np.full(len(rows), -1)
        own, asked = self.rows.astype(np.int64), rows.astype(np.int64)
        keys, wanted = own[:, 0] << 32 | own[:, 1], asked[:, 0] << 32 | asked[:, 1]
        inside = np.minimum(keys.searchsorted(wanted), len(keys) - 1)
        return np.where(keys[inside] == wanted, inside, -1)


class Version(NamedTuple):
    """One that a row is a copy of."""

    row: int
    relation: Relation
    jaccard: float
    containment: float
    cosine: float
    extends: bool
    """Whether the incoming text holds the other, an excerpt, and more."""
    adds: int = 0
    """What the incoming text adds to the other, see novelty.additions."""
    share: float | None = None
    """Of an edited copy how much is the same, see novelty.edited_share."""

    @property
    def says_more(self) -> bool:
        """Whether the incoming text says what the other does not."""
        return self.extends or bool(self.adds)


@dataclass
class Versions:
    """Copies among the articles at hand."""

    labels: NDArray[np.int64]
    """Group of each row."""
    found: dict[int, list[Version]] = field(default_factory=dict)
    """What each incoming row is a copy of, best first."""
    quoted: dict[tuple[int, int], tuple[int, float]] = field(default_factory=dict)
    """Pairs of two texts of which one quotes the other: place among those compared, and share."""
    folded: set[int] = field(default_factory=set)
    """Incoming rows that add nothing to their group: told by what it tells."""
    apart: set[tuple[int, int]] = field(default_factory=set)
    """Pairs that are not tied though most of one is in the other: a text and an item in it, as the
    text reports more events; two texts that share a notice or a template."""

    def tied(self, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which pairs (m, 2) are none of those that are kept apart: (m,)."""
        if not self.apart:
            return np.ones(len(rows), np.bool_)
        return np.array([(min(a, b), max(a, b)) not in self.apart for a, b in rows.tolist()], bool)

    def labels_of(self, rows: Rows) -> NDArray[np.int64]:
        """Group of each row, with those that were read since."""
        return np.concatenate((self.labels, rows.copies[len(self.labels) :]))


class Scored(NamedTuple):
    """Pairs of rows that may report one event."""

    rows: NDArray[np.int32]
    """(m, 2), an incoming row first."""
    cosine: NDArray[np.float32]
    found: NDArray[np.float32]
    """Each piece of evidence (m, features)."""


class Company(NamedTuple):
    """All pairs among the rows: the scored ones, then those whose evidence was stored."""

    rows: NDArray[np.int32]
    chances: NDArray[np.float64]
    """Chance that a pair reports one event (m,)."""
    rivals: NDArray[np.float32]
    surroundings: NDArray[np.float32]
    common: NDArray[np.float32]


class Asked(NamedTuple):
    """The keys by which others were sought near each of n articles, ragged by ``bounds``."""

    slots: NDArray[np.int64]
    """Place of each key among the distinct ones."""
    keys: NDArray[np.uint32]
    """The distinct ones."""
    strengths: NDArray[np.float32]
    """What a story key adds to a dot product; 0 for a key of the copy view, which is counted."""
    bounds: NDArray[np.int64]
    least_dots: NDArray[np.float32]
    """Dot product from which another is compared with each article (n,): 0 for any above it."""
    least_shared: NDArray[np.int32]
    """Copy keys from which another is compared with it (n,): 0 for any at all."""

    def reached(self, holders: Holders, came: Sequence[int]) -> tuple[NDArray[np.int64], bool]:
        """Pairs of an article and the number of another whose terms suffice; any copy keys do.

        ``holders`` are those of the keys, of which those that ``came`` count. Pairs are (m, 2).
        """
        from dedupe.kernels.incoming import in_common

        keys = np.repeat(self.keys, np.diff(holders.starts))
        held = np.isin(holders.numbers, np.array(came, np.uint32))
        order = np.argsort(holders.numbers[held], kind="stable")
        numbers, sizes = np.unique(holders.numbers[held], return_counts=True)
        bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
        dots, shared = in_common(
            self.keys, self.slots, self.strengths, self.bounds, keys[held][order], bounds
        )
        copies = (shared > 0) & (shared >= self.least_shared[:, None])
        near = (dots > 0) & (dots >= self.least_dots[:, None] - np.float32(1e-6))
        pairs = np.argwhere(near)
        pairs[:, 1] = numbers[pairs[:, 1]]
        return pairs, bool(copies.any())


@dataclass(frozen=True)
class Hand:
    """All that n articles are judged by, as it was at one position of the index."""

    arrivals: Arrivals
    telling: Telling
    rows: Rows
    compared: Compared
    copies: Versions
    scored: Scored
    company: Company
    groups: Mapping[int, Groups]
    """The stories that the articles may belong with, by number."""
    digests: NDArray[np.bool_]
    """Which rows tell several stories, and are of none (rows,)."""
    mentions: NDArray[np.int32]
    """Pairs of a digest and a row that it tells of, likeliest first (k, 2)."""
    marked: MarkedPairs
    asked: Asked
    position: int

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Group of copies of each row."""
        return self.copies.labels_of(self.rows)

    @property
    def newly_told(self) -> list[int]:
        """Numbers of stored articles that turned out to be digests."""
        rows = self.rows
        told = self.digests & ~rows.digests & (rows.numbers > 0) & (rows.copies == rows.numbers)
        numbers: list[int] = rows.numbers[told].tolist()
        return numbers

    def folded(self, row: int) -> bool:
        """Whether an incoming row is entered under its shingles alone, for copies to be found.

        A copy that adds nothing to its group would crowd out other reports with its like, and a
        digest would be met by all that it tells of.
        """
        return row in self.copies.folded or bool(self.digests[row])

    def keys(self, row: int, *, folded: bool) -> NDArray[np.uint32]:
        """Keys under which an incoming row is entered, each once; ``folded`` as above."""
        from dedupe.kernels.postings import distinct

        copies = self.arrivals.copy_keys.row(row)
        if folded:
            return copies
        keys: NDArray[np.uint32] = distinct(np.concatenate((copies, self.telling.row(row))))
        return keys


def touching(changes: Sequence[Change], hand: Hand) -> bool:
    """Whether a change is of an article at hand, or of a story that those may belong with."""
    stories = {*hand.groups, *(found.story for found in hand.groups.values())}
    numbers = set(hand.rows.numbers.tolist())
    return any(
        change.event == "different"
        or change.story in stories
        or change.number in (stories if change.event == "merged" else numbers)
        for change in changes
    )
