"""Facts over all reports of one story: what all give, what most, what one alone, and who.

The reports are compared two by two; facts that are the same in any pair are joined into one, and
so are numbers of equal value and unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from dedupe.compare import compare
from dedupe.compare.facts.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dedupe.analysis import Analysis
    from dedupe.model_compare import Comparison, Fact

MOST_REPORTS = 12
"""Reports of one story that are compared, each with each: 66 pairs."""
NAMELESS = ("", "person", "ordinal")
"""Units under which equal numbers may count different things; of all others they are one fact."""

_Place = tuple[int, str, str, int, int]
"""Where a fact stands: number of the report, kind of fact, part, start and end."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact and the reports that give it."""

    kind: str
    text: str
    """As the first of them writes it."""
    reports: tuple[int, ...]
    """Indexes into :attr:`StoryFacts.ids`, ascending."""
    texts: tuple[str, ...]
    """How each of them writes it, in the order of ``reports``."""


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """The facts of a story by how many of its n reports give them.

    Each list is ordered by number of reports (most first), kind, and place in the first report.
    """

    ids: tuple[str, ...]
    by_all: tuple[Told, ...]
    by_most: tuple[Told, ...]
    """By more than half, not by all."""
    by_some: tuple[Told, ...]
    """By two or more, up to half."""
    by_one: tuple[Told, ...]
    overlap: tuple[tuple[float, ...], ...]
    """Cosine of the TF-IDF vectors of each two reports: n rows of n values in [0, 1], symmetric,
    1 on the diagonal."""


def story_facts(analysis: Analysis, ids: Sequence[str]) -> StoryFacts:
    """Facts and overlap of two to MOST_REPORTS reports of an analysis with evidence.

    Raises ValueError for another number, KeyError for an unknown id.
    """
    n, reports = len(ids), [analysis.article(name) for name in ids]
    if not 2 <= n <= MOST_REPORTS:
        raise ValueError(f"{n} reports: wanted 2 to {MOST_REPORTS}")
    joined = _Joined()
    overlap = [[1.0] * n for _ in range(n)]
    for i, j in combinations(range(n), 2):
        likeness = analysis.likeness(ids[i], ids[j])
        overlap[i][j] = overlap[j][i] = likeness.cosine
        found = compare(reports[i], reports[j], likeness, analysis.settings)
        joined.add(found, i, j)
    told = joined.told()
    return StoryFacts(
        tuple(ids),
        tuple(t for t in told if len(t.reports) == n),
        tuple(t for t in told if n > len(t.reports) > n / 2 and len(t.reports) > 1),
        tuple(t for t in told if 1 < len(t.reports) <= n / 2),
        tuple(t for t in told if len(t.reports) == 1),
        tuple(map(tuple, overlap)),
    )


class _Joined:
    """Sets of places at which one fact stands (disjoint sets by union)."""

    def __init__(self) -> None:
        self._parent: dict[_Place, _Place] = {}
        self._text: dict[_Place, str] = {}
        self._measured: dict[tuple[str, str], _Place] = {}

    def add(self, found: Comparison, i: int, j: int) -> None:
        """Takes in the facts of the reports ``i`` and ``j``."""
        facts = found.facts
        for report, fact in _each(facts.only_a, facts.only_b, i, j):
            self._note(report, fact)
        for conflict in facts.conflicts:
            self._note(i, conflict.a)
            self._note(j, conflict.b)
        for shared in facts.both:
            self._unite(self._note(i, shared.a), self._note(j, shared.b))

    def _note(self, report: int, fact: Fact) -> _Place:
        places = [(report, fact.kind, m.span.part, m.span.start, m.span.end) for m in fact.mentions]
        for place, mention in zip(places, fact.mentions, strict=True):
            self._parent.setdefault(place, place)
            self._text.setdefault(place, mention.text)
            self._unite(places[0], place)
        if fact.unit not in NAMELESS:
            # Two reports that both write "80 years" don't each report it alone.
            alike = self._measured.setdefault((fact.value, fact.unit), places[0])
            self._unite(alike, places[0])
        return places[0]

    def _unite(self, one: _Place, other: _Place) -> None:
        self._parent[self._find(other)] = self._find(one)

    def _find(self, place: _Place) -> _Place:
        while self._parent[place] != place:
            self._parent[place] = place = self._parent[self._parent[place]]
        return place

    def told(self) -> list[Told]:
        """The joined facts, in the order of :class:`StoryFacts`."""
        sets: dict[_Place, list[_Place]] = {}
        for place in sorted(self._parent, key=_order):
            sets.setdefault(self._find(place), []).append(place)
        found = [_told(places, self._text) for places in sets.values()]
        order = [kind.name for kind in KINDS]
        found.sort(key=lambda told: (-len(told.reports), order.index(told.kind), told.reports[0]))
        return found


def _each(a: Iterable[Fact], b: Iterable[Fact], i: int, j: int) -> Iterator[tuple[int, Fact]]:
    yield from ((i, fact) for fact in a)
    yield from ((j, fact) for fact in b)


def _order(place: _Place) -> tuple[int, bool, int]:
    report, _, part, start, _ = place
    return report, part != "title", start


def _told(places: Sequence[_Place], texts: Mapping[_Place, str]) -> Told:
    """The places of one fact as a fact; each report's fullest spelling."""
    written: dict[int, str] = {}
    for place in places:
        text = texts[place]
        if len(text) > len(written.get(place[0], "")):
            written[place[0]] = text
    reports = tuple(sorted(written))
    return Told(places[0][1], written[reports[0]], reports, tuple(written[r] for r in reports))
