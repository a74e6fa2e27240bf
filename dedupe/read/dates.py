"""Dates in whatever form a field has them: texts, numbers, objects of Python and of JSON.

A moment is in UTC. Of a day alone it is the midnight, and each midnight stands for its day: nothing
is ever said of an order within one. What can be read in two ways is no date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from dedupe.moments import EPOCH, in_utc, is_day
from dedupe.read.date_text import FIRST_YEAR, LAST_YEAR, NO_DATE, ZERO, Dated, date_in
from dedupe.read.zones import FURTHEST, OFFSETS

LONGEST = 100
"""Characters beyond which a text is no date, and nothing looks into it."""

_CALENDAR_DIGITS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
"""Digits alone of these lengths are calendar dates; as seconds they would lie in 1970, or far."""
_EPOCH_UNITS = ((1e8, 1.0), (1e11, 1e3), (1e14, 1e6), (9e17, 1e9))
"""(from, units a second): seconds since 1973, milli-, micro- and nanoseconds. Between the last two
lie the counts of Windows since 1601 and of .NET since the year 1."""
_EPOCH_LAST = 4.1e9
"""Seconds to the end of the year 2099."""

DOUBTFUL_YEAR = 2050
"""From here on the language may tell that a year is one of another calendar."""

_DIGITS = re.compile(r"\d{8,19}(?:\.\d{1,9})?|\d\.\d{9,}[eE]\+?\d{1,2}")
_OF_NET = re.compile(r"[\\/]*(?:new )?Date\((-?\d{1,16})(?:[+-]\d{4})?\)[\\/]*")
_DAY_IN_ZONE = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)")
"""As xs:date of XML Schema has it."""
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MAIL = re.compile(
    rf"(?:[A-Z][a-z]{{2}}, )?(\d\d?) ({_MONTHS}) (\d{{4}})"
    r" (\d\d):(\d\d)(?::(\d\d))? (?:([+-])(\d\d)([0-5]\d)|([A-Z]{1,5}))"
)
_BEGINS, _ENDS = timedelta(hours=-14), timedelta(hours=36)
"""Around the midnight of UTC: where the day of that name begins and ends somewhere on Earth."""
_OF_CHANGES = re.compile("creat|modif|updat", re.IGNORECASE)
"""In the names of fields whose time is another one than that of publication."""
_WRAPPERS = ("$date", "@value", "$numberLong", "_seconds", "seconds", "value", "dateTime")
"""Keys of the plain value where a format wraps it: MongoDB, JSON-LD, Firestore, calendars."""


def parse_date(value: object, lang: str = "") -> datetime | None:
    """The moment that a field's value names, in UTC; None where it names none.

    A day alone is its midnight; a time without zone is taken for UTC. Less than a day (a year, a
    month) is no date. ``lang`` is the language of the article, which may show whether ``3/9`` is in
    September. See docs/reading.md for all forms. Never raises.
    """
    return read_date(value, lang).moment


def read_date(value: object, lang: str = "") -> Dated:
    """The same, with the reason where a value that is there is no date, or no more than a day."""
    if isinstance(value, str):
        return _of_text(value, lang)
    if isinstance(value, datetime):
        return _bounded(value)
    if isinstance(value, date):
        return _bounded(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_number(value)
    return _from_parts(value)


def _of_text(text: str, lang: str) -> Dated:
    if len(text) > LONGEST:
        text = text.strip()
    if len(text) > LONGEST:
        return Dated(None, f"it is longer than {LONGEST} characters")
    return _plainly(text) or _from_text(text, lang)


def date_of(fields: Sequence[tuple[str, Any]], lang: str = "", zone: str = "") -> Dated:
    """The date in the fields of a record, by name, the best one first.

    Where the first that names a day names no time, another one may that tells of publication too:
    with a time on that day, or with a time alone. ``zone`` is that of times without one.
    """
    if not fields:
        return NO_DATE
    remark = ""
    for name, value in fields:
        found = _zoned(value, lang, zone)
        if found.moment is not None:
            if found.remark:
                return found._replace(remark=f"{value!r}: {found.remark}")
            if len(fields) == 1 or not is_day(found.moment):
                return found
            if _OF_CHANGES.search(name):
                return found
            return _with_time(found.moment, fields, lang, zone)
        if not remark and found.remark:
            remark = f"{str(value)[:LONGEST]!r}: {found.remark}"
    return Dated(None, remark)


def _with_time(day: datetime, fields: Sequence[tuple[str, Any]], lang: str, zone: str) -> Dated:
    for name, value in fields:
        if _OF_CHANGES.search(name):
            continue
        found = _zoned(value, lang, zone)
        if found.moment is None and isinstance(value, str):
            found = _zoned(f"{day.date()} {value.strip()}", lang, zone)
        moment = found.moment
        if moment and not is_day(moment) and _BEGINS <= moment - day < _ENDS:
            return found
    return Dated(day)


def _zoned(value: Any, lang: str, zone: str) -> Dated:
    """A value as it is read with a zone behind, if it can be."""
    if zone and isinstance(value, str):
        found = read_date(f"{value.strip()} {zone}", lang)
        if found.moment is not None:
            return found
    return read_date(value, lang)


def unwrapped_date(value: Any) -> Any:
    """A date out of ``{"$date": ...}`` (MongoDB) or the like; all else as it is."""
    for _ in range(2):
        if isinstance(value, Mapping):
            value = next((value[key] for key in _WRAPPERS if key in value), None)
    return value


@lru_cache(maxsize=65536)
def _plainly(text: str) -> Dated | None:
    """The forms that most texts have; None for any other. Cached, as a corpus repeats its days."""
    text = text.strip()
    try:
        if text[4:5] == "-":
            return _from_iso(text)
        mail = _MAIL.fullmatch(text)
        return None if mail is None else _from_mail(mail)
    except ValueError:
        return None


def _from_iso(text: str) -> Dated | None:
    """ISO 8601 with a day of the year's calendar. Raises ValueError for all else."""
    last = text[-2:]
    if text[10:11] not in {"", "T", " "} or not text[5:7].isdecimal():
        return None
    if last.isdecimal() and last > "59":  # of an offset it would be more than an hour
        return None
    found = _bounded(datetime.fromisoformat(text)).moment
    if found is None or found.year >= DOUBTFUL_YEAR:
        return None
    return ZERO if found == EPOCH and len(text) > 10 else Dated(found)


def _from_mail(found: re.Match[str]) -> Dated | None:
    """RFC 5322 as it should be. Raises ValueError."""
    day, month, year, hour, minute, second, sign, hours, minutes, name = found.groups()
    if name is None:
        ahead = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    elif (known := OFFSETS.get(name.lower())) is not None:
        ahead = known
    else:
        return None
    if abs(ahead) > FURTHEST or int(second or 0) > 59:
        return None
    number = _MONTHS.index(month) // 4 + 1
    clock = int(hour), int(minute), int(second or 0)
    moment = datetime(int(year), number, int(day), *clock, tzinfo=UTC) - ahead
    return ZERO if moment == EPOCH else _bounded(moment)


@lru_cache(maxsize=16384)
def _from_text(text: str, lang: str) -> Dated:
    text = text.strip()
    if _DIGITS.fullmatch(text):
        found = _from_digits(text)
        return found if found.moment else Dated(None, "it is a number that names no date")
    of_net = _OF_NET.fullmatch(text)
    if of_net is not None:
        return _from_net(int(of_net[1]))
    in_zone = _DAY_IN_ZONE.fullmatch(text)
    found = date_in(in_zone[1] if in_zone else text, lang)
    return found if found != NO_DATE or not text else Dated(None, "it names no day")


def _from_digits(text: str) -> Dated:
    layout = _CALENDAR_DIGITS.get(len(text))
    if layout is not None and text.isdecimal():
        try:
            return _bounded(datetime.strptime(text, layout).replace(tzinfo=UTC))
        except ValueError:
            pass
    return _from_number(float(text))


def _from_net(milliseconds: int) -> Dated:
    try:
        found = EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return Dated(None, "no calendar has its year")
    return ZERO if found == EPOCH else _bounded(found)


def _from_number(number: float) -> Dated:
    if isinstance(number, int) and 19000101 <= number <= 21001231:
        return _from_digits(str(number))
    for low, unit in _EPOCH_UNITS:
        if low <= number < _EPOCH_LAST * unit:
            return Dated(EPOCH + timedelta(seconds=number / unit))
    return NO_DATE


def _from_parts(value: object) -> Dated:
    """Year, month, day, hour, minute, second, in UTC, as feedparser and Jackson have them."""
    if not isinstance(value, Sequence) or not 3 <= len(value) <= 9:
        return NO_DATE
    try:
        year, month, day, hour, minute, second = (int(p) for p in (*value[:6], 0, 0, 0)[:6])
        return _bounded(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC))
    except (TypeError, ValueError, OverflowError):
        return NO_DATE


def _bounded(moment: datetime) -> Dated:
    """In UTC. No date for a year that stands for none, an offset that no clock has."""
    ahead = moment.utcoffset()
    found = None if ahead is not None and abs(ahead) > FURTHEST else in_utc(moment)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        return Dated(None, "no calendar of news has its year, or no clock its zone")
    return Dated(found)
