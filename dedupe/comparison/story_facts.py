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
from dedupe.comparison.disagreements import Disagreement, disagreements
from dedupe.comparison.facts.kinds import KINDS
from dedupe.comparison.joined import (
    ComparedReports,
    JoinedFacts,
    PlaceInReport,
    joined_facts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.analysis import Analysis
    from dedupe.model import Article

MOST_REPORTS = 12
"""Reports of one story that are compared, each with each: 66 pairs."""


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
    disagreements: tuple[Disagreement, ...] = ()
    """What most reports have a say in first."""
    among: int = 0
    """Of so many of the first ids each two were compared, and by how many a fact is given is told
    of these; 0 for all. Disagreements are told of all ids, as far as pairs were compared."""


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
    return facts_of(reports, found, overlap, n)


def facts_of(
    reports: Sequence[Article],
    found: Sequence[ComparedReports],
    overlap: Sequence[Sequence[float]],
    n: int,
) -> StoryFacts:
    """Facts of reports of which some were compared, of the first n each two.

    For n = 1 there is no more than disagreements. ``overlap`` is as in StoryFacts.
    """
    joining = joined_facts(found)
    told = _told(joined_facts(one for one in found if max(one[0], one[1]) < n))
    return StoryFacts(
        tuple(report.id for report in reports),
        tuple(t for t in told if len(t.reports) == n),
        tuple(t for t in told if n > len(t.reports) > n / 2 and len(t.reports) > 1),
        tuple(t for t in told if 1 < len(t.reports) <= n / 2),
        tuple(t for t in told if len(t.reports) == 1),
        tuple(map(tuple, overlap)),
        disagreements(found, joining, [report.date for report in reports]),
        n,
    )


def _told(joining: JoinedFacts) -> list[Told]:
    """Joined facts in the order of :class:`StoryFacts`."""
    sets: dict[PlaceInReport, dict[int, str]] = defaultdict(dict)
    kinds: dict[PlaceInReport, str] = {}
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
