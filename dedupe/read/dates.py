"""Dates as sources write them, into aware datetimes in UTC."""

from __future__ import annotations

import email.utils
import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from dedupe.moments import EPOCH, in_utc

_CALENDAR_DIGITS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
"""Digits alone of these lengths are calendar dates; as seconds they would lie in 1970, or far."""

_EPOCH_UNITS = ((1e8, 1e11, 1.0), (1e11, 1e14, 1e3), (1e14, 1e17, 1e6), (1e17, 1e20, 1e9))
"""(from, below, units a second): seconds since 1973, milli-, micro- and nanoseconds."""

_ZONE_NAME = re.compile(r"\s*\b(?:UTC|GMT|Z)$", re.IGNORECASE)
_LOOSE_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d])(.*)", re.DOTALL)
_AFTERNOON = re.compile(r"(\d{1,2})(:\d{2}(?::\d{2})?)\s*([ap])\.?m\b\.?", re.IGNORECASE)


def parse_date(value: object) -> datetime | None:
    """The moment that a field's value names, in UTC; None where it names none.

    Reads ISO 8601, RFC 2822, ``YYYYMMDD[hhmm[ss]]``, English month names, seconds, milli-,
    micro- and nanoseconds since 1970, datetimes, dates, and the time tuples of feedparser.
    A day alone is its midnight; a time without zone is taken for UTC. Less than a day (a year,
    a month) is no date. Never raises.
    """
    if type(value) is str:
        return _from_text(value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return in_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, (int, float)):
        return _from_number(value)
    return _from_parts(value)


@lru_cache(maxsize=65536)
def _from_text(text: str) -> datetime | None:
    """Cached, as a corpus repeats its days."""
    text = text.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return _from_digits(text)
    for parse in (_from_iso, _from_mail):
        moment = parse(text)
        if moment is not None:
            return in_utc(moment)
    return None


def _from_digits(text: str) -> datetime | None:
    layout = _CALENDAR_DIGITS.get(len(text))
    if layout is None or not text.isdigit():
        return _from_number(float(text)) if len(text) <= 32 else None
    try:
        return datetime.strptime(text, layout).replace(tzinfo=UTC)
    except ValueError:
        return _from_number(float(text))


def _from_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    loose = _LOOSE_DAY.match(_ZONE_NAME.sub("Z", text))
    if loose is None:
        return None
    year, month, day, rest = loose.groups()
    try:
        return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}{rest.rstrip()}")
    except ValueError:
        return None


def _from_mail(text: str) -> datetime | None:
    """RFC 2822 and its kin: month by name. The parser asks for a time, so a day is given one."""
    if not 8 <= len(text) <= 64 or not any(c.isalpha() for c in text):
        return None
    text = _AFTERNOON.sub(_on_24_hours, text)
    for written in (text, f"{text} 00:00"):
        try:
            return email.utils.parsedate_to_datetime(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _on_24_hours(match: re.Match[str]) -> str:
    hour, rest, half = match.groups()
    return f"{int(hour) % 12 + 12 * (half in 'pP'):02}{rest}"


def _from_number(number: float) -> datetime | None:
    if not math.isfinite(number):
        return None
    if isinstance(number, int) and 19000101 <= number <= 21001231:
        return _from_digits(str(number))
    for low, high, unit in _EPOCH_UNITS:
        if low <= number < high:
            return EPOCH + timedelta(seconds=number / unit)
    return None


def _from_parts(value: object) -> datetime | None:
    """A time tuple as feedparser has it: year, month, day, hour, minute, second, in UTC."""
    if not isinstance(value, Sequence) or len(value) < 6:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in value[:6])
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
