"""Facts over all reports of one story: what all give, what most, what one alone, and who.

The reports are compared two by two; facts that are the same in any pair are joined into one, and
so are numbers of equal value and unit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from dedupe.comparison import compare
from dedupe.comparison.facts.kind import Joins
from dedupe.comparison.facts.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    found = []
    overlap = [[1.0] * n for _ in range(n)]
    for i, j in combinations(range(n), 2):
        likeness = analysis.likeness(ids[i], ids[j])
        overlap[i][j] = overlap[j][i] = likeness.cosine
        found.append((i, j, compare(reports[i], reports[j], likeness, analysis.settings)))
    told = _told(found)
    return StoryFacts(
        tuple(ids),
        tuple(t for t in told if len(t.reports) == n),
        tuple(t for t in told if n > len(t.reports) > n / 2 and len(t.reports) > 1),
        tuple(t for t in told if 1 < len(t.reports) <= n / 2),
        tuple(t for t in told if len(t.reports) == 1),
        tuple(map(tuple, overlap)),
    )


def _told(found: Iterable[tuple[int, int, Comparison]]) -> list[Told]:
    """The facts of compared reports, joined, in the order of :class:`StoryFacts`."""
    joining = _Joining()
    for i, j, comparison in found:
        facts = comparison.facts
        for report, alone in ((i, facts.only_a), (j, facts.only_b)):
            for fact in alone:
                joining.note(report, fact)
        for conflict in facts.conflicts:
            joining.note(i, conflict.a)
            joining.note(j, conflict.b)
        for shared in facts.both:
            joining.tie(joining.note(i, shared.a), joining.note(j, shared.b))
    joining.join_short_names()
    sets: dict[_Place, dict[int, str]] = defaultdict(dict)
    kinds: dict[_Place, str] = {}
    texts, joined = joining.texts, joining.joined
    for place in sorted(texts, key=lambda place: (place[0], place[2] != "title", place[3])):
        written, report = sets[joined.find(place)], place[0]
        kinds.setdefault(joined.find(place), place[1])
        written[report] = max(written.get(report, ""), texts[place], key=len)
    told = [
        Told(kinds[one], next(iter(written.values())), tuple(written), tuple(written.values()))
        for one, written in sets.items()
    ]
    order = [kind.name for kind in KINDS]
    return sorted(told, key=lambda t: (-len(t.reports), order.index(t.kind), t.reports[0]))


class _Joining:
    """Which facts of several reports are one, by what two of them at a time have in common.

    A ``Kim`` of one report is Kim Jong Un beside a second and Kim Kyung Hoon beside a third, and
    so would make one of both. Names as long as each other are joined first, and a shorter one
    with longer ones only where these are one.
    """

    def __init__(self) -> None:
        self.texts: dict[_Place, str] = {}
        """How each fact is written, by place."""
        self.joined: Joins[_Place] = Joins()
        self._measured: dict[tuple[str, str], _Place] = {}
        self._words: dict[_Place, int] = {}
        """Of each name by its first place, the words of its longest form in that report."""
        self._uneven: list[tuple[_Place, _Place]] = []
        """Pairs of names, the shorter one first."""

    def note(self, report: int, fact: Fact) -> _Place:
        """Takes in a fact with all its mentions in one report; its first place."""
        spans = [mention.span for mention in fact.mentions]
        places = [(report, fact.kind, span.part, span.start, span.end) for span in spans]
        for place, mention in zip(places, fact.mentions, strict=True):
            self.texts.setdefault(place, mention.text)
            self.joined.join(place, places[0])
        if fact.kind == "name":
            longest = max(len(mention.text.split()) for mention in fact.mentions)
            self._words[places[0]] = max(self._words.get(places[0], 0), longest)
        if fact.unit not in NAMELESS:
            # Two reports that both write "80 years" don't each report it alone.
            first = self._measured.setdefault((fact.value, fact.unit), places[0])
            self.joined.join(places[0], first)
        return places[0]

    def tie(self, one: _Place, other: _Place) -> None:
        """Takes note that two facts of two reports are one."""
        lengths = self._words.get(one, 0), self._words.get(other, 0)
        if lengths[0] == lengths[1]:
            self.joined.join(other, one)
        else:
            self._uneven.append((one, other) if lengths[0] < lengths[1] else (other, one))

    def join_short_names(self) -> None:
        """Joins names with longer forms of them, the longest first."""
        longer: dict[_Place, list[_Place]] = defaultdict(list)
        for short, long in self._uneven:
            longer[self.joined.find(short)].append(long)
        length: dict[_Place, int] = defaultdict(int)
        for place, words in self._words.items():
            root = self.joined.find(place)
            length[root] = max(length[root], words)
        for short in sorted(longer, key=lambda place: (-length[place], place)):
            if len(fitting := {self.joined.find(long) for long in longer[short]}) == 1:
                self.joined.join(short, fitting.pop())
