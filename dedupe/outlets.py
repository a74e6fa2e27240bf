"""What outlets do with stories: who is first, who copies whom and after how long, who covers what.

Counted from a grouping alone. Where dates do not tell who was earlier, nobody is said to be: two
equal moments do not, nor does a day beside a moment of that day. docs/outlets.md defines each
figure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from dedupe.moments import end_of, is_day, is_later

if TYPE_CHECKING:
    from dedupe.model import Grouping, Member, Story


@dataclass(frozen=True, slots=True)
class OutletFigures:
    """What one outlet did."""

    name: str
    """As it is spelled most often."""
    articles: int
    own: int
    """Articles whose text it had first, or that no other outlet has."""
    copied: int
    """Articles whose text another outlet had before. Of the rest nobody is known to be first."""
    stories: int
    """Stories told by several outlets in which it has an article."""
    first: int
    """Of them, those of which it had the first article."""


@dataclass(frozen=True, slots=True)
class CopiedFrom:
    """What one outlet copied from another."""

    outlet: str
    source: str
    """The outlet that had the texts first."""
    texts: int
    delay: float | None
    """Median of the seconds from the first article of a text to the outlet's own; None where no
    text has both times of day."""
    timed: int
    """Texts of which both times of day are known."""


@dataclass(frozen=True, slots=True)
class OutletTable:
    """What all outlets of a grouping did."""

    articles: int
    """Articles whose source is known."""
    unknown: int
    """Articles without a source, which are counted nowhere else."""
    stories: int
    """Stories that several outlets tell."""
    unclear: int
    """Of them, those of which nobody is known to be first."""
    outlets: tuple[OutletFigures, ...]
    """Those with most articles first."""
    copied: tuple[CopiedFrom, ...]
    """Those with most texts first."""


@dataclass(slots=True)
class _Counts:
    """What is counted, by what outlets are told apart by."""

    spellings: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    own: Counter[str] = field(default_factory=Counter)
    copied: Counter[str] = field(default_factory=Counter)
    stories: Counter[str] = field(default_factory=Counter)
    first: Counter[str] = field(default_factory=Counter)
    texts: Counter[tuple[str, str]] = field(default_factory=Counter)
    delays: defaultdict[tuple[str, str], list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )
    unknown: int = 0
    shared: int = 0
    unclear: int = 0


ByOutlet = Mapping[str, Sequence["Member"]]


def outlets_of(grouping: Grouping) -> OutletTable:
    """What each outlet did in the stories of a grouping; outlets are told apart by their sources.

    Case and runs of white space in their names do not count.
    """
    counts = _Counts()
    for story in grouping.stories:
        _count_story(story, counts)
    names = {key: _usual(spelled) for key, spelled in counts.spellings.items()}
    articles = {key: spelled.total() for key, spelled in counts.spellings.items()}
    outlets = [
        OutletFigures(
            name, articles[key], counts.own[key], counts.copied[key],
            counts.stories[key], counts.first[key],
        )
        for key, name in names.items()
    ]  # fmt: skip
    copied = [
        CopiedFrom(names[one], names[other], texts, median(delays) if delays else None, len(delays))
        for (one, other), texts in counts.texts.items()
        for delays in (counts.delays[one, other],)
    ]
    return OutletTable(
        articles=sum(articles.values()),
        unknown=counts.unknown,
        stories=counts.shared,
        unclear=counts.unclear,
        outlets=tuple(sorted(outlets, key=lambda one: (-one.articles, one.name))),
        copied=tuple(sorted(copied, key=lambda one: (-one.texts, one.outlet, one.source))),
    )


def _usual(spelled: Counter[str]) -> str:
    return min(spelled, key=lambda name: (-spelled[name], name))


def _count_story(story: Story, counts: _Counts) -> None:
    known = [member for member in story.members if member.source.strip()]
    counts.unknown += len(story.members) - len(known)
    for member in known:
        counts.spellings[outlet_of(member)][" ".join(member.source.split())] += 1
    outlets = _by_outlet(known)
    if len(outlets) > 1:
        counts.shared += 1
        counts.stories.update(outlets.keys())
        first = _first_of(outlets)
        if first is None:
            counts.unclear += 1
        else:
            counts.first[outlet_of(first)] += 1
    texts: dict[str, list[Member]] = {}
    for member in known:
        texts.setdefault(member.copies, []).append(member)
    for members in texts.values():
        _count_text(_by_outlet(members), counts)


def _count_text(outlets: ByOutlet, counts: _Counts) -> None:
    """Counts whose the articles of one text are."""
    if len(outlets) == 1:
        [(outlet, members)] = outlets.items()
        counts.own[outlet] += len(members)
        return
    first = _first_of(outlets)
    if first is None:
        return
    source = outlet_of(first)
    counts.own[source] += len(outlets[source])
    for outlet, members in outlets.items():
        own = _earliest(members)
        if outlet == source or own is None:  # undated: it may have been first
            continue
        counts.copied[outlet] += len(members)
        counts.texts[outlet, source] += 1
        if first.date and own.date and not is_day(first.date) and not is_day(own.date):
            counts.delays[outlet, source].append((own.date - first.date).total_seconds())


def outlet_of(member: Member) -> str:
    """What tells the outlet of an article apart from others; '' where it is not known."""
    return " ".join(member.source.split()).casefold()


def _by_outlet(members: Iterable[Member]) -> dict[str, list[Member]]:
    outlets: dict[str, list[Member]] = {}
    for member in members:
        outlets.setdefault(outlet_of(member), []).append(member)
    return outlets


def _earliest(members: Sequence[Member]) -> Member | None:
    """The dated article that is there first at the latest; None where none is dated."""
    dated = [member for member in members if member.date is not None]
    return min(dated, key=lambda one: (end_of(one.date), one.id) if one.date else (), default=None)


def _first_of(outlets: ByOutlet) -> Member | None:
    """The article that is known to be earlier than those of all other outlets that have a date.

    None where no article is, or fewer than two outlets have a date.
    """
    dated = [found for found in map(_earliest, outlets.values()) if found is not None]
    first = _earliest(dated)
    if first is None or len(dated) < 2:
        return None
    others = (
        member for key, members in outlets.items() if key != outlet_of(first) for member in members
    )
    certain = all(is_later(one.date, first.date) for one in others if one.date is not None)
    return first if certain else None
