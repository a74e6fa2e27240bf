"""Stories as the report page shows them: members beneath what they copy, time line, overlaps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dedupe.report.lineage import lineage
from dedupe.report.wording import in_utc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dedupe.model import Member, Story

SHOWN_MEMBERS = 200
"""Articles of one story that the page lists."""
SHOWN_SOURCES = 200
"""Sources that the page's filter offers."""
EDGE = 2.0
"""Percent of the width that the time line leaves free at either end."""


@dataclass(slots=True)
class Branch:
    """A member and the copies that hang from it."""

    member: Member
    copies: list[Branch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dot:
    """One article on a time line."""

    x: float
    """Percent of the width, in [EDGE, 100 - EDGE]."""
    member: Member
    report: bool
    """An independent report, not a copy of one."""


def branches(story: Story) -> list[Branch]:
    """The independent reports in order, each with its copies; at most SHOWN_MEMBERS in all."""
    reports: list[Branch] = []
    path: list[Branch] = []
    for count, entry in enumerate(lineage(story)):
        if count == SHOWN_MEMBERS:
            break
        depth = len(entry.ancestors_last)
        branch = Branch(entry.member)
        (path[depth - 1].copies if depth else reports).append(branch)
        path[depth:] = [branch]
    return reports


def dots(story: Story) -> list[Dot]:
    """The dated members of a story along its span of time."""
    if story.span is None:
        return []
    first, last = (in_utc(moment) for moment in story.span)
    own = {member.id for member in story.reports}
    return [
        Dot(_place(in_utc(member.date), first, last), member, member.id in own)
        for member in story.members
        if member.date is not None
    ][:SHOWN_MEMBERS]


def _place(date: datetime, first: datetime, last: datetime) -> float:
    whole = (last - first).total_seconds()
    share = (date - first).total_seconds() / whole if whole else 0.5
    return round(EDGE + share * (100 - 2 * EDGE), 2)


def sources(stories: Iterable[Story]) -> list[str]:
    """The sources of most articles, in the order of the alphabet."""
    counts = Counter(m.source for story in stories for m in story.members if m.source)
    return sorted(name for name, _ in counts.most_common(SHOWN_SOURCES))
