# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Dates, spans of days and weekdays in a text, as ISO 8601 as far as they are known.

``May 7 to 10``, ``May 7th to May 10th`` and ``7-10 May`` are one span. A missing year is taken
from the article's date: the one that puts the day closest to it.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import regex

from dedupe.comparison.facts.counted import FIRST_YEAR, LAST_YEAR
from dedupe.comparison.facts.kind import Found, with_free
from dedupe.comparison.facts.numerals import from_han
from dedupe.comparison.words import CAPITAL
from dedupe.lexicon import Language, any_of, pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedupe.comparison.reading import Reading

REACH = 40
"""Code points before and after a month's name that its day and year are sought in."""
WINDOW = 12
"""Code points before a year or month that the word before it is sought in."""
_OTHER_DIGIT = regex.compile(r"[\p{Nd}--[0-9]]", regex.V1)
_YEAR = r"(?<!\p{Nd})[12]\p{Nd}{3}(?!\p{Nd}|[.,]\p{Nd})"
_BARE_YEAR = regex.compile(rf"{_YEAR}(?![\p{{Latin}}\p{{Cyrillic}}%€$_])")
_NUMERIC = regex.compile(
    r"(?<![\p{Nd}.,/-])(?:(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
    r"|(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"
    r"|(?P<d>\d{1,2})(?P<slash>/)(?P<m>\d{1,2})/(?P<y>\d{4}))(?![\p{Nd}/]|[.,-]\p{Nd})"
)
_HAN_NUMBER = r"(?:\p{Nd}{1,2}|[一二三四五六七八九十]{1,3})"
_HAN = regex.compile(
    rf"(?<![\p{{Nd}}一二三四五六七八九十])(?=(?:\p{{Nd}}+|[一二三四五六七八九十]{{1,3}})[年년月월])"
    r"(?:(?P<y>\p{Nd}{4})[年년]\s*)?"
    rf"(?:(?P<m>{_HAN_NUMBER})[月월]\s*(?:(?P<d>{_HAN_NUMBER})[日号號일]?"
    rf"(?:\s*(?:[-–—~～至到]|から)\s*(?:(?P<m2>{_HAN_NUMBER})[月월]\s*)?"
    rf"(?P<d2>{_HAN_NUMBER})[日号號일])?)?)?"
)
_AFTER = r"(?i)(?<![\p{{L}}\p{{M}}])(?:{})[\s-]+\Z"
"""The end of a text that ends with one of some words, and white space or a hyphen."""
_JOIN = r"(?i)\s*(?:{})\s*"
_BESIDE = r"[\s,，、(（)）]*(?:{})?\s*"
_UNSPACED = regex.compile(r"[\p{Han}\p{Hangul}\p{Thai}]|\P{L}")
"""In the names of weekdays that are no single token."""


def dates(reading: Reading, taken: Sequence[Found] = ()) -> list[Found]:
    """All dates of a text that do not overlap, in order of place, outside of ``taken``."""
    near = reading.published.date() if reading.published else None
    plain, language = _plain_digits(reading.text), reading.language
    found = list(taken)
    for more in (
        _written(plain, reading, near),
        _numeric(plain, day_first=language.code not in ("", "en")),
        _han(plain, near),
        _weekdays(reading),
        _years(plain, language),
    ):
        found = with_free(found, more)
    held = set(taken)
    own = [one for one in found if one not in held]
    return _without_spare(reading.text, _joined(reading.text, own, language), language)


def _plain_digits(text: str) -> str:
    """The text with decimal digits of all scripts as ASCII, of the same length."""
    if text.isascii():
        return text
    # Digits of a newer Unicode than Python's have no value, and are no digits then.
    return _OTHER_DIGIT.sub(lambda m: str(unicodedata.decimal(m.group(), "\ufffd")), text)


@cache
def _pattern(language: Language) -> regex.Pattern[str]:
    """Days and months in words: day first, month first, month and year, month alone."""
    names = any_of((*language.months, *language.short_months))
    month = rf"(?<![\p{{L}}\p{{M}}])(?P<month>{names})(?![\p{{L}}\p{{M}}])\.?"
    suffix = rf"(?:{any_of(language.ordinal_suffixes)}|\.)?(?![\p{{L}}\p{{Nd}}/])"
    day = rf"(?<![\p{{L}}\p{{Nd}}.,/-])(?P<day>\p{{Nd}}{{1,2}}){suffix}"
    link, the = (rf"(?:(?:{any_of(of)})\s+)?" for of in (language.links, language.definite))
    join, last = rf"\s*(?:{any_of(language.joiners)})\s*", rf"(?P<last>\p{{Nd}}{{1,2}}){suffix}"
    year = rf"(?:(?:\s*,\s*|\s+){link}(?P<year>{_YEAR}))?"
    return regex.compile(
        rf"{day}(?:{join}{last})?\s+{link}{month}{year}"
        rf"|{month}\s+{the}{day}(?:{join}{the}{last})?{year}"
        rf"|{month}{year}",
        regex.IGNORECASE,
    )


def _written(text: str, reading: Reading, near: date | None) -> Iterator[Found]:
    """Matches of the pattern, sought only around the words that are names of months."""
    language = reading.language
    end = 0
    for word in reading.words:
        known = word.text in language.months or word.text in language.short_months
        if not known or word.start < end:
            continue
        m = _pattern(language).search(text, max(end, word.start - REACH), word.end + REACH)
        if m is None:
            continue
        end, name, folded = m.end(), m["month"], m["month"].lower()
        year, first, last = (int(m[group] or 0) for group in ("year", "day", "last"))
        if not (first or year or _is_month(name, text[: m.start()], language)):
            continue
        month = language.months.get(folded) or language.short_months.get(folded, 0)
        if value := _span(year, (month, first), (month, last), near):
            shortened = folded in language.short_months and end == m.end("month") + 1
            full_stop = text[end - 1] == "." and not shortened
            yield Found(m.start(), end - full_stop, value)


def _is_month(name: str, before: str, language: Language) -> bool:
    """Whether a month's name without day and year is one: ``May`` and ``March`` are words too."""
    folded = name.lower()
    if folded in language.short_months or (language.capitalises_days and not name[:1].isupper()):
        return False
    if folded not in language.ambiguous_months:
        return True
    return pattern(_AFTER, language.before_month).search(before[-WINDOW:]) is not None


def _years(text: str, language: Language) -> Iterator[Found]:
    """Years on their own: after a preposition or an opening bracket, or before a word for year."""
    for m in _BARE_YEAR.finditer(text):
        before = text[max(0, m.start() - WINDOW) : m.start()]
        if (
            before[-1:] in ("(", "（")
            or pattern(_AFTER, language.before_year).search(before)
            or pattern(r"\s*(?:{})", language.after_year).match(text, m.end())
        ):
            yield Found(m.start(), m.end(), m.group())


def _span(year: int, first: tuple[int, int], last: tuple[int, int], near: date | None) -> str:
    """ISO form of a day or span, of months and days; '' where no calendar has it."""
    begin, end = _iso(year, *first, near), _iso(year, *last, near)
    return f"{begin}/{end}" if begin and end and last[1] and last > first else begin


def _iso(year: int, month: int, day: int, near: date | None) -> str:
    """ISO 8601: ``2025-05-07``, ``2025-05``, ``--05-07``, ``--05``; 0 stands for what is not said.

    The year may be filled in from the article's date; '' for what does not exist.
    """
    try:
        date(year or 2000, month, day or 1)
    except ValueError:
        return ""
    if not year and near is not None:
        away = date(2000, month, day or 15).timetuple().tm_yday - near.timetuple().tm_yday
        year = near.year + (away < -183) - (away > 183)
    known = [f"{part:02}" for part in (month, day) if part]
    return "-".join([f"{year:04}" if year else "-", *known])


def _numeric(text: str, *, day_first: bool) -> Iterator[Found]:
    """``2025-05-07``, ``7.5.2025``, ``5/7/2025``.

    In English, where ``5/7`` is a day in May or in July, only a number above 12 says which.
    """
    for m in _NUMERIC.finditer(text):
        day, month, year = int(m["d"]), int(m["m"]), int(m["y"])
        if m["slash"]:
            if day <= 12 and month <= 12 and day != month and not day_first:
                continue
            if month > 12:
                day, month = month, day
        value = _iso(year, month, day, None)
        if value and FIRST_YEAR <= year <= LAST_YEAR:
            yield Found(m.start(), m.end(), value)


def _han(text: str, near: date | None) -> Iterator[Found]:
    """``2025年5月7日``, ``5月7日至10日``, and the same in Korean."""
    for m in _HAN.finditer(text) if regex.search("[年月년월]", text) else ():
        y, month, d, m2, d2 = (_said(m[k] or "0") for k in ("y", "m", "d", "m2", "d2"))
        if y and not month and FIRST_YEAR <= y <= LAST_YEAR:
            yield Found(m.start(), m.end(), str(y))
        elif month and not d and not (m["m"].isdecimal() and (y or not _digit_at(text, m.end()))):
            continue  # 五月天 is a name
        elif month and (value := _span(y, (month, d), (m2 or month, d2), near)):
            yield Found(m.start(), m.end(), value)


def _digit_at(text: str, place: int) -> bool:
    return text[place : place + 1].isdigit()


def _said(number: str) -> int:
    """Digits, or a numeral of Han as days and months are written: ``十一``."""
    if number.isdecimal():
        return int(number)
    literal = from_han(number, 0)
    return int(literal.value) if literal else 0


def _weekdays(reading: Reading) -> list[Found]:
    """Weekdays without a date, as ``weekday-1`` (Monday) to ``weekday-7``."""
    language = reading.language
    known = language.weekdays
    found = [
        Found(word.start, word.end, f"weekday-{known[word.text]}")
        for word in reading.words
        if word.text in known and (word.flags & CAPITAL or not language.capitalises_days)
    ]
    pattern = _several_tokens(language)
    more = pattern.finditer(reading.text) if pattern else ()
    every = {**language.short_weekdays, **known}
    named = ((m, every.get(regex.sub("[’ʼ]", "'", m.group().lower()), 0)) for m in more)
    return with_free(found, [Found(*m.span(), f"weekday-{day}") for m, day in named if day])


@cache
def _several_tokens(language: Language) -> regex.Pattern[str] | None:
    """Names of weekdays that are more than one token, or part of one: ``segunda-feira``."""
    every = (*language.weekdays, *language.short_weekdays)
    names = [name for name in every if _UNSPACED.search(name)]
    apostrophes = any_of(names).replace("'", "['’ʼ]")
    return regex.compile(apostrophes, regex.IGNORECASE) if names else None


def _joined(text: str, found: list[Found], language: Language) -> list[Found]:
    """Two days with only ``to`` between become a span."""
    joined: list[Found] = []
    for one in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and pattern(_JOIN, language.joiners).fullmatch(text, last.end, one.start)
            and "/" not in last.value + one.value
            and "weekday" not in last.value + one.value
        ):
            joined[-1] = Found(last.start, one.end, f"{last.value}/{one.value}")
        else:
            joined.append(one)
    return joined


def _without_spare(text: str, found: list[Found], language: Language) -> list[Found]:
    """``Sunday, May 4`` is one date: a weekday beside a day is dropped."""
    return [
        one
        for i, one in enumerate(found)
        if not one.value.startswith("weekday")
        or not any(
            other.value.count("-") > 1
            and pattern(_BESIDE, language.definite).fullmatch(
                text, min(one.end, other.end), max(one.start, other.start)
            )
            for other in (*found[max(0, i - 1) : i], *found[i + 1 : i + 2])
        )
    ]
