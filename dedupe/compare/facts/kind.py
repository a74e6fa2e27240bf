"""What a kind of fact is: how it is found, when two are the same, what they may contradict in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dedupe.compare.facts.found import Found
from dedupe.compare.reading import PARTS, Read, Reading
from dedupe.model_compare import Alignment, Fact, Part

Places = Mapping[Part, list[Found]]
"""What was found in one article, each part in order of place."""


class Pair(NamedTuple):
    """Two articles, and which of their sentences report the same (indexes into both)."""

    a: Read
    b: Read
    aligned: frozenset[tuple[int, int]]

    def meet(self, x: Fact, y: Fact) -> bool:
        """Whether two facts stand in sentences that report the same."""
        return any((m.sentence, n.sentence) in self.aligned for m in x.mentions for n in y.mentions)


Find = Callable[[tuple[Read, Read], tuple[Places, Places]], tuple[Places, Places]]
"""Both articles and what other kinds have taken in each, to the facts of each."""


def in_each(find: Callable[[Reading, Sequence[Found]], Iterable[Found]]) -> Find:
    """A finder of both articles from one that reads one text, outside of what is taken in it."""

    def both(read: tuple[Read, Read], taken: tuple[Places, Places]) -> tuple[Places, Places]:
        one, other = (
            {part: list(find(article.reading(part), held[part])) for part in PARTS}
            for article, held in zip(read, taken, strict=True)
        )
        return one, other

    return both


def _value(fact: Fact) -> tuple[str, ...]:
    return (fact.value,)


def _equal(x: Fact, y: Fact, _pair: Pair) -> bool:
    return x.value == y.value


def _nothing(_fact: Fact) -> str:
    return ""


def _never(_x: Fact, _y: Fact, _alignment: Alignment, _pair: Pair) -> bool:
    return False


def _feature(fact: Fact) -> tuple[str, ...]:
    return (f"{fact.kind} {fact.value}",)


def _rare(_fact: Fact, _read: Read) -> float:
    return 1e-5


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
    same: Callable[[Fact, Fact, Pair], bool] = _equal
    keys: Callable[[Fact], Sequence[str]] = _value
    """Keys of which two facts that are the same share one."""
    about: Callable[[Fact], str] = _nothing
    """What two facts must have in common to contradict each other; '' for none that may."""
    contradict: Callable[[Fact, Fact, Alignment, Pair], bool] = _never
    """Whether two facts about the same do, each the only one of an aligned sentence."""
    conflict_label: str = ""
    """What a conflict is about, where ``about`` does not say it."""
    features: Callable[[Fact], Sequence[str]] = _feature
    """What it counts as where sentences are compared; nothing: by its words."""
    frequency: Callable[[Fact, Read], float] = _rare
    """Of its features, in (0, 1]."""
    digits_only: bool = False
    """Whether its features stand for its digits alone, and its words are compared too."""
