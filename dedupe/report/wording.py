"""Counts, dates and speeds in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dedupe.moments import is_day

if TYPE_CHECKING:
    from dedupe.model import Member, Relation, Verdict
    from dedupe.model_compare import Comparison
    from dedupe.outlets import CopiedFrom

# Not strftime's %b, which speaks the language of the process.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

TELLING = 3.0
"""Seconds that a run must take before its speed tells anything."""

RELATION_LABELS: dict[Relation, str] = {
    "identical": "identical",
    "near_duplicate": "near-duplicate",
    "contained": "excerpt",
    "edited_copy": "edited copy",
    "same_story": "same story",
    "quotation": "quotation",
    "revision": "revision",
    "new": "new",
}


def says_anew(copy: Member | Verdict) -> str:
    """What a copy says that the other text does not; empty where it says no more."""
    told = {"sentences of its own": copy.extends, "other names or numbers": copy.corrects}
    return " and ".join(what for what, said in told.items() if said)


def verdict(comparison: Comparison) -> str:
    """The relation of two articles in one sentence."""
    value = {measure.name: measure.value for measure in comparison.measures}
    in_b, in_a = value.get("containment_a", 0.0), value.get("containment_b", 0.0)
    excerpt, holder = ("A", "B") if in_b >= in_a else ("B", "A")
    story = value.get("story")
    sentences = {
        "identical": "The two texts are identical once normalised.",
        "near_duplicate": "Two versions of one text, edited word by word.",
        "contained": f"{excerpt} is an excerpt: nearly all of its text stands in {holder}.",
        "edited_copy": "One text, edited: in words throughout, or sentence by sentence.",
        "same_story": "One event, told in separate words.",
        "quotation": "Two articles, of which one quotes the other at length.",
        "revision": "Two versions of one article, one later than the other.",
    }
    if comparison.relation in sentences:
        return sentences[comparison.relation]
    if story is None:
        return "Nothing ties the two articles together."
    return "Two events: what the articles have in common does not show that they report one."


def counted(number: int, singular: str, plural: str = "") -> str:
    """``1 story``, ``2,000 stories``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def shown_in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; a moment without a zone is taken for UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def has_time(moments: list[datetime]) -> bool:
    """Whether any moment is more than a day."""
    return not all(is_day(shown_in_utc(moment)) for moment in moments)


def day(moment: datetime, *, year: bool = True) -> str:
    """``20 Mar 2023``."""
    moment = shown_in_utc(moment)
    text = f"{moment.day} {MONTHS[moment.month - 1]}"
    return f"{text} {moment.year}" if year else text


def clock(moment: datetime) -> str:
    """``09:58``."""
    return f"{shown_in_utc(moment):%H:%M}"


def when(moment: datetime | None, separator: str = " ", *, year: bool = True) -> str:
    """``undated``, ``20 Mar 2023``, or ``20 Mar 2023 09:58 UTC``."""
    if moment is None:
        return "undated"
    at = f"{separator}{clock(moment)} UTC" if has_time([moment]) else ""
    return f"{day(moment, year=year)}{at}"


def span(first: datetime, last: datetime) -> str:
    """``20 Mar 2023``, ``20 to 22 Mar 2023``, ``28 Feb to 2 Mar 2023``."""
    first, last = shown_in_utc(first), shown_in_utc(last)
    if first.date() == last.date():
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last)}"
    return f"{day(first, year=first.year != last.year)} to {day(last)}"


def between(one: datetime | None, other: datetime | None) -> str:
    """Time between two articles, such as ``3 hours apart``; empty where one is undated.

    Where one of them is a day, whole days are told, and nobody is said to be at the same time.
    """
    if one is None or other is None:
        return ""
    one, other = shown_in_utc(one), shown_in_utc(other)
    if is_day(one) or is_day(other):
        days = abs((one.date() - other.date()).days)
        return f"{counted(days, 'day')} apart" if days else "on the same day"
    same = abs(one - other).total_seconds() < 30
    return "at the same time" if same else apart((one - other).total_seconds() / 86400)


def apart(days: float | None) -> str:
    """The same by the days alone, of dates that are not at hand."""
    if days is None:
        return ""
    lasted = time_in_words(days)
    return f"{lasted} apart" if lasted else "on the same day"


def time_in_words(days: float) -> str:
    """``20 minutes``, ``3 hours``, ``2 days``; '' for less than half a minute."""
    minutes = round(abs(days) * 1440)
    if minutes < 60:
        return counted(minutes, "minute") if minutes else ""
    if minutes < 48 * 60:
        return counted(round(minutes / 60), "hour")
    return counted(round(abs(days)), "day")


AT_ONCE = "less than a minute"


def after(copied: CopiedFrom) -> str:
    """How long one outlet ran texts after another one; '' where it is not known."""
    if copied.delay is None:
        return ""
    return time_in_words(copied.delay / 86400) if copied.delay >= 60 else AT_ONCE


def after_in_full(copied: CopiedFrom) -> str:
    """The same, with what the time is of: ``2 hours (median), of 3 with times``."""
    told = after(copied)
    if not told:
        return "a time that is not known"
    if told == AT_ONCE:
        return told
    of = f", of {copied.timed:,} with times" if copied.timed < copied.texts else ""
    return f"{told}{' (median)' if copied.timed > 1 else ''}{of}"


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min 20 s``."""
    if seconds < 10:
        return f"{max(seconds, 0.1):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s" if minutes else f"{rest} s"


def quantity(number: float) -> str:
    """Two significant digits below ten, whole numbers above: ``0.042``, ``3.1``, ``1,280``."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def byte_rate(text_bytes: int, seconds: float) -> str:
    """``218 MB/s``; kilobytes where a megabyte takes more than a second."""
    rate = text_bytes / seconds
    return f"{quantity(rate / 1e6)} MB/s" if rate >= 1e6 else f"{quantity(rate / 1e3)} kB/s"


def bytes_in_words(number: float) -> str:
    """``640 bytes``, ``12 kB``, ``3.1 MB``, ``1,280 GB``; in powers of 1,000."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= unit:
            return f"{quantity(number / unit)} {name}"
    return counted(round(number), "byte")
