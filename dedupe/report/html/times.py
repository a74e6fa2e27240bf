"""When stories were told: the articles of one as stacked dots, those of a page as bars."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from dedupe.moments import is_day
from dedupe.report.wording import shown_in_utc, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedupe.model import Story
    from dedupe.report.table import LineageEntry

SLOTS = 100
"""Places side by side on a time line; dots of one place are stacked."""
EDGE = 20
"""Thousandths of the width that the time line leaves free at either end."""
BARS = 62
"""Bars of the picture at most: two months by the day."""
WIDTHS = (1, 2, 7, 14, 28, 91, 182, 364, 728, 1820, 3640, 18200, 364000)
"""Days of one bar; the first that needs no more bars than these is taken."""


@dataclass(frozen=True, slots=True)
class Dot:
    """Where one article stands on the time line of its story."""

    x: int
    """Thousandths of the width, in [EDGE, 1000 - EDGE]."""
    level: int
    """How many dots are below it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The stories of some days."""

    first: date
    last: date
    stories: int
    """Stories of which an article is dated so."""
    told: str
    """The days in words."""
    height: float
    """Percent of the highest bar."""


def stacked(entries: Sequence[LineageEntry]) -> list[Dot | None]:
    """The place of each of a story's articles on its time line; None for one without a date.

    Reports are below the copies of one moment.
    """
    dates = [None if e.member.date is None else _middle(e.member.date) for e in entries]
    known = [moment for moment in dates if moment is not None]
    found: list[Dot | None] = [None] * len(entries)
    if not known:
        return found
    first, whole = min(known), (max(known) - min(known)).total_seconds()
    heights: Counter[int] = Counter()
    for at in sorted(range(len(entries)), key=lambda at: entries[at].above is not None):
        moment = dates[at]
        if moment is not None:
            share = (moment - first).total_seconds() / whole if whole else 0.5
            slot = round(share * (SLOTS - 1))
            x = EDGE + round(slot * (1000 - 2 * EDGE) / (SLOTS - 1)) if whole else 500
            found[at] = Dot(x, heights[slot])
            heights[slot] += 1
    return found


def _middle(moment: datetime) -> datetime:
    """Where a date stands on a line: a day in its middle."""
    moment = shown_in_utc(moment)
    return moment + timedelta(hours=12) if is_day(moment) else moment


def bars(stories: Iterable[Story]) -> list[Bar]:
    """The stories over time, without a gap; none where all of it is one day."""
    told: Counter[date] = Counter()
    days_of = [
        {shown_in_utc(m.date).date() for m in story.members if m.date is not None}
        for story in stories
    ]
    if not any(days_of):
        return []
    first = min(min(days) for days in days_of if days)
    last = max(max(days) for days in days_of if days)
    many = (last - first).days + 1
    if many == 1:
        return []
    width = WIDTHS[bisect_left(WIDTHS, many / BARS)]
    for days in days_of:
        for number in {(one - first).days // width for one in days}:
            told[first + timedelta(days=number * width)] += 1
    highest = max(told.values())
    starts = [first + timedelta(days=at) for at in range(0, many, width)]
    return [_bar(start, width, last, told[start], highest) for start in starts]


def _bar(start: date, width: int, last: date, stories: int, highest: int) -> Bar:
    end = min(start + timedelta(days=min(width, (last - start).days + 1) - 1), last)
    days = (datetime.combine(one, time(), UTC) for one in (start, end))
    return Bar(start, end, stories, span(*days), round(100 * stories / highest, 1))
