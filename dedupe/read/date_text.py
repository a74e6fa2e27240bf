"""Dates as people write them: in words or numbers, in any language that the project knows.

Every number of a text must have its part in the date, and what can be read in two ways is no date:
a wrong one is worse than none.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from dedupe.moments import EPOCH
from dedupe.read.date_names import JOINT, WORD, Meanings, levelled, lowered, months_of, names
from dedupe.read.time_of_day import time_in
from dedupe.read.zones import offset_of

FIRST_YEAR, LAST_YEAR = 1600, 2100
"""News is no older; a year beyond is one of another calendar, or stands for a date not known."""


class Dated(NamedTuple):
    """What a value says of a date."""

    moment: datetime | None
    """In UTC; a day is its midnight. None where it names no day."""
    remark: str = ""
    """Why it is undated, or no more than a day is taken from it."""


NO_DATE = Dated(None)
ZERO = Dated(None, "the zero of a clock stands for no date")
"""Of the beginning of time of most systems, where it is told with its hour."""

_HAN_NUMBER = re.compile(r"[〇零一二三四五六七八九十廿卅]+(?=\s?[年月日號号時时點点分])|元(?=年)")
_HAN_DIGITS = {sign: n for n, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "元": 1}
_HAN_TENS = {"十": 10, "廿": 20, "卅": 30}
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "民國": 1911, "民国": 1911}
"""The year before the first of each."""
_BUDDHIST, _BUDDHIST_YEARS = 543, range(2400, 2700)
_NEPAL_AHEAD = range(2050, LAST_YEAR + 1)
"""Years that in Nepal are those of its own calendar, 57 ahead."""
_RUN_OF_CLOCK = re.compile(r"\sm=[+-][\d.]+$")
_LOG_TIME = re.compile(r"(?<=\d{4}):(?=\d{2}:\d{2}:\d{2})")
_WEEKDAY_NUMBER = re.compile(r"\bthứ\s?\d\b")

_EAST = re.compile(
    r"(?:(?P<era>令和|平成|昭和|大正|民國|民国)\s?)?(?<!\d)(?P<y>\d{1,4})\s?[年년]\s?"
    r"(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})(?:\s?[日号號일])?(?!\d)"
)
_VIET = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})\s(?:tháng|thg)\s(?P<m>\d{1,2}),?\s(?:năm\s)?(?P<y>\d{4})(?!\d)"
)
_YEAR_FIRST = re.compile(
    r"(?<![\d./:-])(?P<y>\d{4})(?P<sign>\s?[-/.: ]\s?)(?P<m>\d{1,2})(?P=sign)(?P<d>\d{1,2})(?!\d)"
)
_YEAR_LAST = re.compile(
    r"(?<![\d./:-])(?P<d>\d{1,2})\s?(?P<sign>[-/.])\s?(?P<m>\d{1,2})\s?(?P=sign)\s?(?P<y>\d{4})(?!\d)"
)
_PACKED = re.compile(r"(?<!\d)(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?!\d)")
_WEEK = re.compile(r"(?<!\d)(?P<y>\d{4})-?w(?P<w>\d{2})-?(?P<d>[1-7])(?!\d)")
_OF_YEAR = re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<n>\d{3})(?![\d-])")


def date_in(text: str, lang: str = "") -> Dated:
    """The date in a text of bounded length, ``lang`` the language of its article.

    A time is taken for UTC where no zone is named; of a zone that is not known, or an hour that may
    be before noon or after, the day alone is left. Never raises.
    """
    raw = _LOG_TIME.sub(" ", _HAN_NUMBER.sub(_han_number, _RUN_OF_CLOCK.sub("", levelled(text))))
    low = lowered(raw)
    if not any(map(str.isdecimal, low)):
        return NO_DATE
    low = names().two_words.sub(lambda name: name[0].replace(" ", JOINT), low)
    try:
        return _found(raw, low, lang)
    except (ValueError, OverflowError) as error:
        return Dated(None, str(error))


def _found(raw: str, low: str, lang: str) -> Dated:
    spoken = _languages(low) | ({lang} if lang else frozenset())
    time = time_in(raw, low, spoken)
    rest = low if time is None else f"{low[: time.begin]} | {low[time.end :]}"
    day = _day(rest, spoken, frozenset({lang}) if lang else spoken)
    if day is None:
        return NO_DATE
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if time is None:
        return Dated(midnight)
    if not time.sure:
        return Dated(midnight, "its hour may be before noon or after")
    local = midnight + time.since_midnight
    ahead = time.zone
    if isinstance(ahead, str):
        ahead = offset_of(ahead, local.replace(tzinfo=None))
        if ahead is None:
            return Dated(midnight, f"its time zone, {time.zone}, is not known")
    moment = local - (ahead or timedelta(0))
    return ZERO if moment == EPOCH else Dated(moment)


def _han_number(match: re.Match[str]) -> str:
    """``二〇二五`` and ``二十一`` as digits."""
    written = match[0]
    if not set(written) & set(_HAN_TENS):
        return "".join(str(_HAN_DIGITS[sign]) for sign in written)
    tens = sum(_HAN_TENS[sign] for sign in written if sign in _HAN_TENS)
    before, _, behind = written.partition("十")
    first = _HAN_DIGITS.get(before[:1], 1) if "十" in written else 1
    last = _HAN_DIGITS.get((behind or written[-1:])[:1], 0)
    return str(tens * first + (last if written[-1] not in _HAN_TENS else 0))


def _languages(low: str) -> frozenset[str]:
    """Languages that have the names of months and weekdays in a text."""
    known = names()
    found: set[str] = set()
    for word in re.findall(WORD, low):
        for meant in (known.months.get(word, {}), known.weekdays.get(word, {})):
            found.update(*meant.values())
    return frozenset(found)


def _day(low: str, spoken: frozenset[str], likely: frozenset[str]) -> date | None:
    """The one day in a text; None where it names none. Raises ValueError for what is no day."""
    low = _WEEKDAY_NUMBER.sub(" ", low)
    for form, read in _FORMS:
        found = form.search(low)
        if found is not None:
            rest = low[: found.start()] + " | " + low[found.end() :]
            _must_have_no_number(rest)
            return read(found, rest, spoken, likely)
    return _in_words(low, spoken, likely)


def _must_have_no_number(rest: str) -> None:
    if any(map(str.isdecimal, rest)):
        raise ValueError("it holds other numbers beside a date")


def _in_order(found: re.Match[str], _: str, spoken: frozenset[str], *__: object) -> date:
    """Year, month and day as the form names them."""
    year = int(found["y"])
    era = found.groupdict().get("era")
    return _date(_ERAS[era] + year if era else year, int(found["m"]), int(found["d"]), spoken)


def _year_last(
    found: re.Match[str], rest: str, spoken: frozenset[str], likely: frozenset[str]
) -> date:
    """``03/09/2025``, by what shows which number is the day. Before a stop it is everywhere."""
    first, second, year = int(found["d"]), int(found["m"]), int(found["y"])
    if first > 12 or first == second:
        return _date(year, second, first, spoken)
    if second > 12:
        return _date(year, first, second, spoken)
    readings = [_date(year, second, first, spoken), _date(year, first, second, spoken)]
    weekdays = _weekdays(rest)
    fitting = [day for day in readings if day.isoweekday() in weekdays]
    if len(fitting) == 1:
        return fitting[0]
    if found["sign"] == "." or (likely and likely <= names().day_first):
        return readings[0]
    raise ValueError("nothing tells whether the day or the month comes first")


def _weekdays(low: str) -> set[int]:
    """Weekdays, Monday 1, that the words of a text name."""
    known = names().weekdays
    return {n for word in re.findall(WORD, low) for n in known.get(word, ())}


def _of_week(found: re.Match[str], *_: object) -> date:
    return _bounded(date.fromisocalendar(int(found["y"]), int(found["w"]), int(found["d"])))


def _of_year(found: re.Match[str], *_: object) -> date:
    first = _bounded(date(int(found["y"]), 1, 1))
    day = first + timedelta(days=int(found["n"]) - 1)
    if day.year != first.year:
        raise ValueError("its year has no such day")
    return day


_FORMS = (
    (_EAST, _in_order),
    (_VIET, _in_order),
    (_WEEK, _of_week),
    (_OF_YEAR, _of_year),
    (_YEAR_FIRST, _in_order),
    (_YEAR_LAST, _year_last),
    (_PACKED, _in_order),
)


def _in_words(low: str, spoken: frozenset[str], likely: frozenset[str]) -> date | None:
    """A day with its month as a word, in any order."""
    numbers = list(re.finditer(r"\d+", low))
    named = [(m, months) for m in re.finditer(WORD, low) if (months := months_of(m[0]))]
    if len(numbers) != 2 or not named:
        return None
    day, year = numbers if len(numbers[0][0]) < 3 else reversed(numbers)
    if len(day[0]) > 2 or len(year[0]) not in {2, 4}:
        return None
    number = int(year[0])
    if len(year[0]) == 2:
        if named[-1][0].start() > year.start():
            raise ValueError("nothing tells its year from its day")
        number += 2000 if number < 50 else 1900  # RFC 5322, section 4.3
    able = _months([(m[0], meant) for m, meant in named], likely)
    readings = {_date(number, month, int(day[0]), spoken) for month in able}
    weekdays = _weekdays(low)
    fitting = [one for one in readings if len(readings) == 1 or one.isoweekday() in weekdays]
    if len(fitting) != 1:
        raise ValueError("its month is another one in another language")
    return fitting[0]


def _months(named: list[tuple[str, Meanings]], likely: frozenset[str]) -> set[int]:
    """The months that the words of a text may name, those that are weekdays too left aside."""
    weekdays = names().weekdays
    sure = [meant for word, meant in named if word not in weekdays]
    found = sure or [meant for _, meant in named]
    if len({frozenset(meant) for meant in found}) > 1:
        raise ValueError("it names two months")
    own = {month for month, codes in found[0].items() if codes & likely}
    return own if len(own) == 1 else set(found[0])


def _date(year: int, month: int, day: int, spoken: frozenset[str]) -> date:
    """The day. Raises ValueError where no calendar has it, or another calendar is meant."""
    if year in _BUDDHIST_YEARS and "th" in spoken:
        year -= _BUDDHIST
    if year in _NEPAL_AHEAD and "ne" in spoken:
        raise ValueError("its year may be one of Nepal's calendar")
    return _bounded(date(year, month, day))


def _bounded(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"its year, {day.year}, is not from {FIRST_YEAR} to {LAST_YEAR}")
    return day
