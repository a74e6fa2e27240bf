"""Moments as they are counted and written here: in UTC, in microseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
