"""Facts of several reports of one story as one, by what two reports at a time have in common."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dedupe.comparison.facts.kind import Joins
from dedupe.model_compare import Comparison

if TYPE_CHECKING:
    from dedupe.model_compare import Fact

NAMELESS = ("", "person", "ordinal")
"""Units under which equal numbers may count different things; of all others they are one fact."""

ComparedReports = tuple[int, int, Comparison]
"""Numbers of two reports, and how they compare."""
PlaceInReport = tuple[int, str, str, int, int]
"""Where a fact stands: number of the report, kind of fact, part, start and end."""


class JoinedFacts:
    """Which facts of several reports are one, by what two of them at a time have in common.

    A ``Kim`` of one report is Kim Jong Un beside a second and Kim Kyung Hoon beside a third, and
    so would make one of both. Names as long as each other are joined first, and a shorter one
    with longer ones only where these are one.
    """

    def __init__(self) -> None:
        self.texts: dict[PlaceInReport, str] = {}
        """How each fact is written, by place."""
        self.joined: Joins[PlaceInReport] = Joins()
        self._measured: dict[tuple[str, str], PlaceInReport] = {}
        self._words: dict[PlaceInReport, int] = {}
        """Of each name by its first place, the words of its longest form in that report."""
        self._uneven: list[tuple[PlaceInReport, PlaceInReport]] = []
        """Pairs of names, the shorter one first."""

    def note(self, report: int, fact: Fact) -> PlaceInReport:
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

    def root(self, report: int, fact: Fact) -> PlaceInReport:
        """The place that stands for a fact that was taken in, and for all that are one with it."""
        span = fact.mentions[0].span
        return self.joined.find((report, fact.kind, span.part, span.start, span.end))

    def tie(self, one: PlaceInReport, other: PlaceInReport) -> None:
        """Takes note that two facts of two reports are one."""
        lengths = self._words.get(one, 0), self._words.get(other, 0)
        if lengths[0] == lengths[1]:
            self.joined.join(other, one)
        else:
            self._uneven.append((one, other) if lengths[0] < lengths[1] else (other, one))

    def join_short_names(self) -> None:
        """Joins names with longer forms of them, the longest first."""
        longer: dict[PlaceInReport, list[PlaceInReport]] = defaultdict(list)
        for short, long in self._uneven:
            longer[self.joined.find(short)].append(long)
        length: dict[PlaceInReport, int] = defaultdict(int)
        for place, words in self._words.items():
            root = self.joined.find(place)
            length[root] = max(length[root], words)
        for short in sorted(longer, key=lambda place: (-length[place], place)):
            if len(fitting := {self.joined.find(long) for long in longer[short]}) == 1:
                self.joined.join(short, fitting.pop())
