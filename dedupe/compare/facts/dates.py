# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Dates and spans of days in a text, as ISO 8601 as far as they are known.

``May 7 to 10``, ``May 7th to May 10th`` and ``7-10 May`` are one span. A missing year is taken
from the article's date: the one that puts the day closest to it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

import regex

from dedupe.compare.facts.calendar import JOINERS, months, stands_alone
from dedupe.compare.facts.found import Found, free
from dedupe.compare.facts.weekdays import named_weekdays, without_spare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedupe.compare.words import Word

LONGEST_SHORT = 4
"""Letters of a shortened month (``Sept.``): after a longer one a stop ends the sentence."""
REACH = 40
"""Code points before and after a month's name that its day and year are sought in."""
FIRST_YEAR, LAST_YEAR = 1000, 2199
_YEAR = r"(?<!\p{Nd})[12]\p{Nd}{3}(?!\p{Nd}|[.,]\p{Nd})"
_DAY = r"(?<![\p{L}\p{Nd}.,/-])\p{Nd}{1,2}(?:st|nd|rd|th|er|º|ª|\.|-го|-е|го)?(?![\p{L}\p{Nd}/])"
_LAST_DAY = r"\p{Nd}{1,2}(?:st|nd|rd|th|er|º|ª|\.|-го|-е|го)?(?![\p{L}\p{Nd}/])"
_JOIN = rf"\s*(?:{JOINERS})\s*"
_NUMERIC = regex.compile(
    r"(?<![\p{Nd}.,/-])(?:(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
    r"|(?P<d2>\d{1,2})\.(?P<m2>\d{1,2})\.(?P<y2>\d{4})"
    r"|(?P<p3>\d{1,2})/(?P<q3>\d{1,2})/(?P<y3>\d{4}))(?![\p{Nd}/]|[.,-]\p{Nd})"
)
_HAN = regex.compile(
    r"(?<!\p{Nd})(?=\p{Nd}+[年년月월])(?:(?P<y>\p{Nd}{4})[年년]\s*)?(?:(?P<m>\p{Nd}{1,2})[月월]\s*(?:(?P<d>\p{Nd}{1,2})[日号號일]?"
    r"(?:\s*(?:"
    + JOINERS
    + r")\s*(?:(?P<m2>\p{Nd}{1,2})[月월]\s*)?(?P<d2>\p{Nd}{1,2})[日号號일])?)?)?"
)
_ONLY_JOIN = regex.compile(_JOIN)
_BARE_YEAR = regex.compile(rf"{_YEAR}(?![\p{{Latin}}\p{{Cyrillic}}%€$_])")
_BEFORE_YEAR = regex.compile(
    r"(?:(?:\A|\W)(?:in|since|by|of|from|until|till|before|after|during|for|early|late|mid|en|de|"
    r"desde|hasta|em|depuis|im|seit|bis|jahr|année|año|в|с|до|к|от|du|nel|dal|al|sejak|tahun|năm|के|"
    r"सन्)\s|[(（])\Z",
    regex.IGNORECASE,
)
_AFTER_YEAR = regex.compile(r"\s*(?:年|년|год|рок|में|के)")


@dataclass(frozen=True, slots=True)
class Day:
    """A day, month or year; 0 stands for what is not said."""

    year: int
    month: int = 0
    day: int = 0

    def iso(self) -> str:
        """ISO 8601: ``2025-05-07``, ``2025-05``, ``2025``, ``--05-07``, ``--05``."""
        parts = [f"{self.year:04}" if self.year else "-"]
        parts += [f"{part:02}" for part in (self.month, self.day) if part]
        return "-".join(parts)


def dates(text: str, words: Sequence[Word], lang: str, published: datetime | None) -> list[Found]:
    """All dates of a text that do not overlap, in order of place."""
    near = published.date() if published else None
    plain = _plain_digits(text)
    found = _written(plain, words, lang, near)
    for more in (
        _numeric(plain, lang),
        [] if text.isascii() else _han(plain, near),
        named_weekdays(text, words, lang),
    ):
        found = _with(found, more)
    found = _with(found, _years(plain))
    return without_spare(text, _joined(text, found))


def _with(found: list[Found], more: list[Found]) -> list[Found]:
    """Both, in order of place; what overlaps the first is left out."""
    return sorted([*found, *free(more, found)], key=lambda one: one.start) if more else found


def _years(text: str) -> list[Found]:
    """Years on their own: after a preposition or an opening bracket, or before a word for year."""
    return [
        Found(m.start(), m.end(), m.group())
        for m in _BARE_YEAR.finditer(text)
        if _BEFORE_YEAR.search(text[max(0, m.start() - 9) : m.start()])
        or _AFTER_YEAR.match(text, m.end())
    ]


def _plain_digits(text: str) -> str:
    """The text with decimal digits of all scripts as ASCII, of the same length."""
    if text.isascii():
        return text
    return regex.sub(r"[\p{Nd}--[0-9]]", lambda m: str(unicodedata.decimal(m.group())), text,
                     flags=regex.V1)  # fmt: skip


@cache
def _pattern(lang: str) -> regex.Pattern[str]:
    """Days and months in words: day first, month first, month and year, month alone."""
    name = "|".join(sorted(map(regex.escape, months(lang)), key=len, reverse=True))
    first, second, third = (
        rf"(?<![\p{{L}}\p{{M}}])(?P<m{i}>{name})(?![\p{{L}}\p{{M}}])\.?" for i in (1, 2, 3)
    )
    year_1, year_2, year_3 = (
        rf"(?:(?:\s*,\s*|\s+)(?:of\s+|del?\s+|в\s+)?(?P<y{i}>{_YEAR}))?" for i in (1, 2, 3)
    )
    of = r"\s+(?:of\s+|de\s+|d[aei]\s+|-?го\s+)?"
    return regex.compile(
        rf"(?P<d1>{_DAY})(?:{_JOIN}(?P<e1>{_LAST_DAY}))?{of}{first}{year_1}"
        rf"|{second}\s+(?:the\s+)?(?P<d2>{_DAY})(?:{_JOIN}(?:the\s+)?(?P<e2>{_LAST_DAY}))?{year_2}"
        rf"|{third}{year_3}",
        regex.IGNORECASE,
    )


def _written(text: str, words: Sequence[Word], lang: str, near: date | None) -> list[Found]:
    found = []
    for m in _around_months(text, words, lang):
        form = "1" if m["m1"] else "2" if m["m2"] else "3"
        name, year = m[f"m{form}"], int(m[f"y{form}"] or 0)
        if (
            form == "3"
            and not year
            and not _is_month(name, text[max(0, m.start() - 12) : m.start()], lang)
        ):
            continue
        first = _number(m[f"d{form}"]) if form != "3" else 0
        last = _number(m[f"e{form}"]) if form != "3" else 0
        month = months(lang).get(name.lower(), 0)
        value = _value(Day(year, month, first), Day(year, month, last), near)
        if value:
            full_stop = text[m.end() - 1] == "." and (form == "2" or len(name) > LONGEST_SHORT)
            found.append(Found(m.start(), m.end() - full_stop, value))
    return found


def _around_months(text: str, words: Sequence[Word], lang: str) -> Iterator[regex.Match[str]]:
    """Matches of the pattern, sought only around the words that are names of months."""
    end = 0
    for word in words:
        if word.text in months(lang) and word.start >= end:
            m = _pattern(lang).search(text, max(end, word.start - REACH), word.end + REACH)
            if m is not None:
                yield m
                end = m.end()


def _is_month(name: str, before: str, lang: str) -> bool:
    """Whether a month's name without day and year is one: ``May`` and ``March`` are words too."""
    if not stands_alone(name, lang) and name.lower() != "may":
        return False
    if lang not in ("en", "de"):
        return name.lower() not in ("mars", "marte", "mai", "mei", "senin", "март") or bool(
            regex.search(r"\b(?:en|de|du|depuis|op|в|с)\s+\Z", before[-10:])
        )
    return name[:1].isupper() and bool(
        regex.search(
            r"\b(?:in|since|until|by|from|of|to|last|next|this|early|mid|late|through|im|seit|bis|"
            r"ende|anfang|mitte)[\s-]+\Z",
            before[-12:],
            regex.IGNORECASE,
        )
    )


def _number(written: str | None) -> int:
    digits = regex.match(r"\d+", written or "")
    return int(digits.group()) if digits else 0


def _value(first: Day, last: Day | None, near: date | None) -> str:
    """ISO form of a day or span; '' where no calendar has it."""
    begin = _resolved(first, near)
    if begin is None:
        return ""
    end = _resolved(last, near) if last is not None and last.day else None
    if end is None or (end.month, end.day) <= (begin.month, begin.day):
        return begin.iso()
    return f"{begin.iso()}/{end.iso()}"


def _resolved(day: Day, near: date | None) -> Day | None:
    """The day with its year filled in from the article's date; None where it does not exist."""
    if not 1 <= day.month <= 12 or not 0 <= day.day <= 31:
        return None
    try:
        date(day.year or 2000, day.month, day.day or 1)
    except ValueError:
        return None
    if day.year or near is None:
        return day
    at = date(2000, day.month, day.day or 15).timetuple().tm_yday
    away = at - near.timetuple().tm_yday
    return replace(day, year=near.year + (1 if away < -183 else -1 if away > 183 else 0))


def _numeric(text: str, lang: str) -> list[Found]:
    """``2025-05-07``, ``7.5.2025``; ``5/7/2025`` only where a number above 12 tells the day."""
    found = []
    for m in _NUMERIC.finditer(text):
        if m["p3"]:
            p, q = int(m["p3"]), int(m["q3"])
            if p <= 12 and q <= 12 and p != q and lang in ("", "en"):
                continue
            day, month, year = (q, p, int(m["y3"])) if q > 12 else (p, q, int(m["y3"]))
        else:
            day, month, year = (int(m[k] or m[f"{k}2"]) for k in "dmy")
        value = _value(Day(year, month, day), None, None)
        if value and FIRST_YEAR <= year <= LAST_YEAR:
            found.append(Found(m.start(), m.end(), value))
    return found


def _han(text: str, near: date | None) -> list[Found]:
    found: list[Found] = []
    if regex.search("[年月년월]", text) is None:
        return found
    for m in _HAN.finditer(text):
        y, month, d, m2, d2 = (int(m[k] or 0) for k in ("y", "m", "d", "m2", "d2"))
        if y and not month and FIRST_YEAR <= y <= LAST_YEAR:
            found.append(Found(m.start(), m.end(), str(y)))
        elif month and (d or y or not text[m.end() : m.end() + 1].isdigit()):
            value = _value(Day(y, month, d), Day(y, m2 or month, d2), near)
            found += [Found(m.start(), m.end(), value)] if value else []
    return found


def _joined(text: str, found: list[Found]) -> list[Found]:
    """Two days with only ``to`` between become a span."""
    joined: list[Found] = []
    for one in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and _ONLY_JOIN.fullmatch(text, last.end, one.start)
            and "/" not in last.value + one.value
            and "weekday" not in last.value + one.value
        ):
            joined[-1] = Found(last.start, one.end, f"{last.value}/{one.value}")
        else:
            joined.append(one)
    return joined
