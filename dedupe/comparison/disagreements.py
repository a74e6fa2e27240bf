"""What the reports of one story tell differently: each thing once, with its values and who says so.

Two reports at a time contradict each other, or one has the newer figure. What of these has a value
in common is one thing: a toll of 60, of 84 and of 60 again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from dedupe.comparison.facts.kind import Joins
from dedupe.comparison.joined import ComparedReports, JoinedFacts, PlaceInReport
from dedupe.model_compare import Fact
from dedupe.moments import in_utc


@dataclass(frozen=True, slots=True)
class Saying:
    """One value that reports give where others give another one."""

    text: str
    """As the first of them writes it."""
    reports: tuple[int, ...]
    """Indexes into :attr:`StoryFacts.ids`, by date, those without one last."""
    sentences: tuple[str, ...]
    """Where each of them says so, in the order of ``reports``."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that reports of a story tell differently: a toll, a sum, a day, who said it."""

    about: str
    """As :attr:`dedupe.model_compare.Conflict.about`."""
    update: bool
    """Whether each value is a newer state of another one; else at least two contradict."""
    sayings: tuple[Saying, ...]
    """By their first report, as in :attr:`Saying.reports`."""


_Value = tuple[str, str]
"""What is spoken of, and a value of it: ``killed``, ``60``."""


class _Said(NamedTuple):
    """A value as one report gives it, and the sentence that does."""

    report: int
    text: str
    sentence: str


def disagreements(
    found: Sequence[ComparedReports], joined: JoinedFacts, dates: Sequence[datetime | None]
) -> tuple[Disagreement, ...]:
    """The disagreements of reports with these dates, of which each two were compared."""
    things: Joins[_Value] = Joins()
    contradicted: list[_Value] = []
    said: dict[_Value, dict[int, _Said]] = defaultdict(dict)
    values: dict[PlaceInReport, set[_Value]] = defaultdict(set)
    for i, j, comparison in found:
        for conflict in comparison.facts.conflicts:
            both = [(conflict.about, fact.value) for fact in (conflict.a, conflict.b)]
            things.join(*both)
            contradicted += [] if conflict.update else both
            for value, report, fact, text in (
                (both[0], i, conflict.a, comparison.sentences_a[conflict.sentence_a].text),
                (both[1], j, conflict.b, comparison.sentences_b[conflict.sentence_b].text),
            ):
                said[value].setdefault(report, _Said(report, fact.text, text))
                values[joined.root(report, fact)].add(value)
    for report, fact, text in _shared(found):
        for value in values.get(joined.root(report, fact), ()):
            said[value].setdefault(report, _Said(report, fact.text, text))
    order = _order(dates)
    disputed = {things.find(value) for value in contradicted}
    sayings: dict[_Value, list[Saying]] = defaultdict(list)
    for value, reports in said.items():
        sayings[things.find(value)].append(_saying(reports.values(), order))
    told = [
        Disagreement(
            value[0],
            value not in disputed,
            tuple(sorted(own, key=lambda one: order[one.reports[0]])),
        )
        for value, own in sayings.items()
    ]
    return tuple(sorted(told, key=_most_reports_first))


def _shared(found: Iterable[ComparedReports]) -> Iterator[tuple[int, Fact, str]]:
    """The facts that two reports agree in: number of the report, fact, sentence."""
    for i, j, comparison in found:
        for shared in comparison.facts.both:
            for report, fact, sentences in (
                (i, shared.a, comparison.sentences_a), (j, shared.b, comparison.sentences_b),
            ):  # fmt: skip
                yield report, fact, sentences[fact.mentions[0].sentence].text


def _order(dates: Sequence[datetime | None]) -> dict[int, tuple[datetime, int]]:
    """By which reports are ordered: by date, those without one last."""
    last = datetime.max.replace(tzinfo=UTC)
    return {n: ((date and in_utc(date)) or last, n) for n, date in enumerate(dates)}


def _saying(said: Iterable[_Said], order: Mapping[int, tuple[datetime, int]]) -> Saying:
    ordered = sorted(said, key=lambda one: order[one.report])
    reports, texts, sentences = zip(*ordered, strict=True)
    return Saying(texts[0], reports, sentences)


def _most_reports_first(one: Disagreement) -> tuple[int, str]:
    return -len({report for saying in one.sayings for report in saying.reports}), one.about
