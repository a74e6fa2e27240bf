"""The front of a story: who was first, who told it, and what they say, in five lines.

Texts pass through a function that the page or terminal gives, which makes them fit to be shown.
"""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from dedupe.clean import visible
from dedupe.comparison.facts.kinds import kind_of
from dedupe.moments import end_of
from dedupe.outlets import outlet_of
from dedupe.report.wording import counted, shown_in_utc, span, when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dedupe.comparison.disagreements import Disagreement
    from dedupe.comparison.story_facts import StoryFacts, Told
    from dedupe.model import Member, Story

    Written = Callable[[str], str]

SHOWN = 8
"""Facts of one line; of disagreements half as many."""
SHOWN_VALUES = 3
"""Values of one disagreement."""
NOTHING = "nothing was found"
LONGEST = 80
"""Characters of a name, a value or an outlet, where there is little room."""


class FrontLine(NamedTuple):
    """One line: what it is about, and what stands there piece by piece."""

    label: str
    pieces: Sequence[str]


def story_front(story: Story, facts: StoryFacts | None, written: Written) -> list[FrontLine]:
    """The lines of a story of several articles; two where no facts of it were compared."""
    first = who_was_first(story, written) or "the dates do not tell who"
    lines = [FrontLine("first", [first]), FrontLine("told by", who_told(story))]
    if facts is None:
        return lines
    members = {member.id: member for member in story.members}
    reports = [members[name] for name in facts.ids]
    return [*lines, *_said(story, facts, reports, written)]


def short_front(story: Story, facts: StoryFacts | None) -> Sequence[FrontLine]:
    """The same as one reads it in a browser, no word of an article long; nothing of one article."""
    return story_front(story, facts, _short) if len(story.members) > 1 else ()


def _short(text: str) -> str:
    """Some words of an article, as one line that is not longer than a page has room for."""
    words = " ".join(visible(text[: 2 * LONGEST]).split()).strip(" ,;:")
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rstrip()}…"


def who_was_first(story: Story, written: Written) -> str:
    """Who had it first, and when; '' where no article is known to be earlier than the others."""
    first = first_member(story)
    if first is None or first.date is None:
        return ""
    at, named = when(shown_in_utc(first.date), year=False), written(first.source)
    return f"{named}, {at}" if named else at


def first_member(story: Story) -> Member | None:
    """The article that is known to be earlier than the others; None where none is."""
    dates = [(shown_in_utc(m.date), m) for m in story.members if m.date is not None]
    dated = sorted(((end_of(moment), moment, m) for moment, m in dates), key=lambda row: row[:2])
    # Where two articles share the earliest time, or one may be as early on a day, nobody was first;
    # nor is one article with a date earlier than what has none.
    if len(dated) < 2 or any(moment <= dated[0][0] for _, moment, _ in dated[1:]):
        return None
    return dated[0][2]


def who_told(story: Story) -> list[str]:
    """How many reports, copies and outlets, and over which time."""
    outlets = outlet_count(story)
    return [
        counted(story.independent, "independent report"),
        *([counted(story.copies, "copy", "copies")] if story.copies else []),
        *([counted(outlets, "outlet")] if outlets else []),
        *([span(*story.span)] if story.span else []),
    ]


def outlet_count(story: Story) -> int:
    """How many outlets have an article of it, as far as articles name theirs."""
    return len(set(map(outlet_of, story.members)) - {""})


def _said(
    story: Story, facts: StoryFacts, reports: Sequence[Member], written: Written
) -> list[FrontLine]:
    """What all reports say, what they tell differently, and what one alone has."""
    disputed = [_differing(one, reports, written) for one in facts.disagreements]
    differently = _line("told differently", disputed, SHOWN // 2)
    many = facts.among or len(reports)
    if many < 2:
        return [differently] if disputed else []
    all_say = "both say" if many == 2 else f"all {many} say"
    if story.independent > many:
        all_say = f"the first {many} say"
    shared = [spelled(told, written) for told in facts.by_all]
    alone: list[list[str]] = [[] for _ in reports]
    values = {saying.text for one in facts.disagreements for saying in one.sayings}
    for told in facts.by_one:
        if told.text in values:
            continue
        report, fact = told.reports[0], spelled(told, written)
        voice = _voice(report, reports, written)
        if fact.casefold() != voice.casefold():  # that an outlet names itself is no news
            alone[report].append(f"{fact} ({voice})")
    # Each report in its turn, so that each is heard.
    turns = [piece for piece in chain.from_iterable(zip_longest(*alone)) if piece is not None]
    return [
        _line(all_say, shared, SHOWN),
        differently,
        _line("only one says", turns, SHOWN),
    ]


def _line(label: str, pieces: Sequence[str], most: int) -> FrontLine:
    more = len(pieces) - most
    shown = [*pieces[:most], *([f"and {more:,} more"] if more > 0 else [])]
    return FrontLine(label, shown or [NOTHING])


def _differing(one: Disagreement, reports: Sequence[Member], written: Written) -> str:
    """``killed: 60 (Meridian Press), 84 (Coast Radio)``; of an update, that it is one."""
    values = [
        f"{written(saying.text)} ({_voice(saying.reports[0], reports, written)})"
        for saying in one.sayings[:SHOWN_VALUES]
    ]
    more = len(one.sayings) - len(values)
    values += [counted(more, "more value")] if more else []
    return f"{written(one.about)}: {', then '.join(values) if one.update else ', '.join(values)}"


def _voice(number: int, reports: Sequence[Member], written: Written) -> str:
    return written(reports[number].source) or f"report {number + 1}"


def spelled(told: Told, written: Written) -> str:
    """``World War Two = World War II``; a quotation once, in its marks."""
    forms = [*spelled_once(told.texts, written).values()]
    return f'"{forms[0]}"' if kind_of(told.kind).quoted else " = ".join(forms)


def spelled_once(texts: Iterable[str], written: Written) -> dict[str, str]:
    """The texts as they are shown, each spelling once, by their case-folded form."""
    found: dict[str, str] = {}
    for text in texts:
        shown = written(text)
        found.setdefault(shown.casefold(), shown)
    return found
