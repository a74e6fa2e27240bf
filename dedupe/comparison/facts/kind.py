"""What a kind of fact is: how it is found, when two are the same, what they may contradict in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from dedupe.comparison.reading import Read, Reading
from dedupe.model_compare import Fact, Part, Qualifier


@dataclass(frozen=True, slots=True)
class Found:
    """Offsets are into the title or the text, whichever was read."""

    start: int
    end: int
    value: str
    """Normalised, as in :class:`dedupe.model_compare.Fact`."""
    unit: str = ""
    of: tuple[str, ...] = ()
    qualifier: Qualifier = ""


def with_free(taken: Sequence[Found], found: Iterable[Found]) -> list[Found]:
    """Both, in order of place; what overlaps one of ``taken`` is left out."""
    return sorted([*taken, *free(found, taken)], key=lambda one: one.start)


class Placed(Protocol):
    """What has a place in the title or the text."""

    @property
    def start(self) -> int:
        """Offset of its first code point."""

    @property
    def end(self) -> int:
        """Offset behind its last one."""


_T = TypeVar("_T", bound=Placed)


def free(found: Iterable[_T], taken: Sequence[Placed]) -> list[_T]:
    """Those of ``found`` that overlap none of ``taken``; both in order of place."""
    kept: list[_T] = []
    ahead = iter(taken)
    held = next(ahead, None)
    for one in found:
        while held is not None and held.end <= one.start:
            held = next(ahead, None)
        if held is None or held.start >= one.end:
            kept.append(one)
    return kept


_K = TypeVar("_K", bound=tuple[object, ...])


class Joins(Generic[_K]):
    """Sets of keys that are one (disjoint sets by union)."""

    def __init__(self) -> None:
        self._parent: dict[_K, _K] = {}

    def find(self, key: _K) -> _K:
        """The key that stands for all that are joined with this one."""
        while (up := self._parent.get(key, key)) != key:
            self._parent[key] = self._parent.get(up, up)
            key = up
        return key

    def join(self, one: _K, other: _K) -> None:
        """Makes two keys one; the second stands for both."""
        one, other = self.find(one), self.find(other)
        if one != other:
            self._parent[one] = other


HEAD = 4
"""Sentences that open a report, its title among them."""


class SaidAlike(NamedTuple):
    """Two sentences that tell of one event (indexes into both articles)."""

    a: int
    b: int
    cosine: float
    """Of the two sentences, in [0, 1]; 0 where it is below ``align.THRESHOLD``."""
    anchors: float
    """How many names and rare words they have in common, at the head of both reports; a weekday
    counts half."""
    names: int
    """How many of them are names."""
    alike: bool
    """Whether each is the other's best counterpart, and like it; else they are tied by what they
    name alone."""
    heading: bool
    """Whether both stand at the head of their reports."""


Places = Mapping[Part, list[Found]]
"""What was found in one article, each part in order of place."""


class Pair(NamedTuple):
    """Two articles, and which of their sentences report the same (indexes into both)."""

    a: Read
    b: Read
    aligned: frozenset[tuple[int, int]]
    facts: Sequence[Mapping[str, Sequence[Fact]]]
    """All facts of either, by the name of their kind."""

    def meet(self, x: Fact, y: Fact) -> bool:
        """Whether two facts stand in sentences that report the same."""
        return any((m.sentence, n.sentence) in self.aligned for m in x.mentions for n in y.mentions)


Find = Callable[[Sequence[Read], Sequence[Places]], Sequence[Places]]
"""Both articles and what other kinds have taken in each, to the facts of each."""


def in_each(find: Callable[[Reading, Sequence[Found]], Iterable[Found]]) -> Find:
    """A finder of both articles from one that reads one text, outside of what is taken in it."""
    return lambda read, taken: [
        {part: list(find(reading, held[part])) for part, reading in article.parts.items()}
        for article, held in zip(read, taken, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fact. All but its names and how it is found has a default."""

    name: str
    """As in :attr:`dedupe.model_compare.Fact.kind` and in JSON."""
    label: str
    """As in reports; at most 8 letters."""
    find: Find
    takes: bool = True
    """Whether the kinds before it in the list are not sought in its places."""
    quoted: bool = False
    """Whether reports set it in quotation marks and give it more room."""
    longest: bool = False
    """Whether its longest mention stands for it, not its first."""
    same: Callable[[Fact, Fact, Pair], bool] = lambda x, y, _pair: x.value == y.value
    keys: Callable[[Fact], Sequence[str]] = lambda fact: (fact.value,)
    """Keys of which two facts that are the same share one."""
    about: Callable[[Fact], str] = lambda _fact: ""
    """What two facts must have in common to contradict each other; '' for none that may."""
    contradict: Callable[[Fact, Fact, SaidAlike, Pair], bool] = lambda *_: False
    """Whether two facts about the same do, each the only one of an aligned sentence."""
    conflict_label: str = ""
    """What a conflict is about, where ``about`` does not say it."""
    features: Callable[[Fact], Sequence[str]] = lambda fact: (f"{fact.kind} {fact.value}",)
    """What it counts as where sentences are compared; nothing: by its words."""
    frequency: Callable[[Fact, Read], float] = lambda *_: 1e-5
    """Of its features, in (0, 1]."""
    digits_only: bool = False
    """Whether its features stand for its digits alone, and its words are compared too."""
