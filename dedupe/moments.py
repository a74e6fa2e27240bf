"""Moments as they are counted and written here: in UTC, in microseconds since 1970.

A midnight in UTC stands for its day: so it is read where no time is known, and so days pass through
tables and databases. Nothing may follow from its hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Counted = TypeVar("Counted", int, "NDArray[np.int64]")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
"""Microseconds."""
FIRST_MOMENT, LAST_MOMENT = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The first and the last of the calendar, of the years 1 and 9999, in microseconds."""
UNDATED = 2**63 - 1
"""The date of an article without one, in microseconds: the largest 64-bit number, so it sorts
last."""


def in_utc(moment: datetime) -> datetime | None:
    """The same moment in UTC, a naive one taken for UTC; None where UTC leaves the calendar."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def is_day(moment: datetime) -> bool:
    """Whether a moment in UTC stands for its day, of which no time is known: any midnight does."""
    return not (moment.hour or moment.minute or moment.second or moment.microsecond)


def end_of(moment: datetime) -> datetime:
    """The latest that is meant by a moment in UTC: of a day its last microsecond."""
    return moment + timedelta(days=1, microseconds=-1) if is_day(moment) else moment


def is_later(one: datetime | None, other: datetime | None) -> bool:
    """Whether a moment in UTC is known to be later than another."""
    return one is not None and other is not None and end_of(other) < one


def latest(moments: Counted) -> Counted:
    """The same in microseconds since 1970; UNDATED stays as it is."""
    return moments + (DAY - 1) * (moments % DAY == 0)  # type: ignore[no-any-return]


def days_between(one: int, other: int) -> float:
    """Between two moments in microseconds since 1970; whole days where one of them is a day."""
    if one % DAY and other % DAY:
        return abs(one - other) / DAY
    return float(abs(one // DAY - other // DAY))


def since_1970(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(microseconds: int) -> datetime | None:
    """The moment in UTC; None for no date, or one out of range."""
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def written(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, ``2026-01-31T12:00:00Z``; None for no date."""
    date = None if moment is None else in_utc(moment)
    return None if date is None else date.isoformat().replace("+00:00", "Z")
