"""What the page of a report tells before its stories: sums, dates, outlets, stories over time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import log1p
from typing import TYPE_CHECKING

from dedupe.outlets import OutletFigures, outlets_of
from dedupe.report.html.times import Bar, bars
from dedupe.report.wording import shown_in_utc, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.model import Grouping, Story

SHOWN_OUTLETS = 12
"""Outlets with a bar."""
SHOWN_SOURCES = 500
"""Outlets that the filter offers."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands above the list of a page."""

    dates: str
    """The days of all articles in words; '' where none is dated."""
    several: int
    """Stories of several articles."""
    alone: int
    copies: int
    outlets: Sequence[OutletFigures]
    """Those of most articles, most first."""
    more_outlets: int
    bars: Sequence[Bar]
    sources: Sequence[str]
    """What the filter offers, in the order of the alphabet."""


def overview(grouping: Grouping, listed: Sequence[Story]) -> Overview:
    """The overview of a run, and of the stories that its page lists."""
    dates = [
        shown_in_utc(member.date)
        for story in grouping.stories
        for member in story.members
        if member.date is not None
    ]
    alone = sum(len(story.members) == 1 for story in grouping.stories)
    outlets = outlets_of(grouping).outlets
    held = Counter(m.source for story in listed for m in story.members if m.source.strip())
    return Overview(
        span(min(dates), max(dates)) if dates else "",
        len(grouping.stories) - alone,
        alone,
        sum(story.copies for story in grouping.stories),
        outlets[:SHOWN_OUTLETS],
        max(len(outlets) - SHOWN_OUTLETS, 0),
        bars(listed),
        sorted(name for name, _ in held.most_common(SHOWN_SOURCES)),
    )


def score_bars(counts: Sequence[int]) -> list[float]:
    """Heights in percent of the highest, by the logarithm: most pairs are of two events."""
    highest = max(map(log1p, counts), default=0.0) or 1.0
    return [round(100 * log1p(count) / highest, 1) for count in counts]
