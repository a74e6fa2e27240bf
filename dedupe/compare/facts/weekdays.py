# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Weekdays in a text: names of days without a date."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import regex

from dedupe.compare.facts.calendar import weekdays
from dedupe.compare.facts.found import Found, free
from dedupe.compare.words import CAPITAL, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST = 4
"""Letters of an English weekday that is read: ``sun``, ``sat`` and ``wed`` are words too."""

_HAN = regex.compile(
    r"(?:星期|周|週|礼拜|禮拜)([一二三四五六日天])|([月火水木金土日])曜日?|([월화수목금토일])요일"
)
_HAN_DAYS = ("一二三四五六日", "月火水木金土日", "월화수목금토일")
_BESIDE = regex.compile(r"[\s,，、(（)）]*(?:the|den|dem|le|el|der)?\s*")


def named_weekdays(text: str, words: Sequence[Word], lang: str) -> list[Found]:
    """All weekdays, as ``weekday-1`` (Monday) to ``weekday-7``, in order of place."""
    known, cased = weekdays(lang), lang in ("en", "de", "")
    found = [
        Found(word.start, word.end, f"weekday-{known[word.text]}")
        for word in words
        if word.text in known
        and (not cased or (word.flags & CAPITAL and len(word.text) >= SHORTEST))
    ]
    if (joined := _joined_names(lang)) is not None:
        more = [
            Found(m.start(), m.end(), f"weekday-{known.get(m.group().lower(), 0)}")
            for m in joined.finditer(text)
        ]
        found = sorted([*found, *free(more, found)], key=lambda one: one.start)
    if not text.isascii():
        numbered = [Found(m.start(), m.end(), f"weekday-{_number(m)}") for m in _HAN.finditer(text)]
        found = sorted([*found, *free(numbered, found)], key=lambda one: one.start)
    return found


def _number(match: regex.Match[str]) -> int:
    group = match.lastindex or 1
    return _HAN_DAYS[group - 1].find(match[group].replace("天", "日")) + 1


@cache
def _joined_names(lang: str) -> regex.Pattern[str] | None:
    """Names that are more than one token: ``segunda-feira``."""
    names = [name for name in weekdays(lang) if not name.isalpha() and regex.search("[-']", name)]
    return regex.compile("|".join(map(regex.escape, names)), regex.IGNORECASE) if names else None


def without_spare(text: str, found: list[Found]) -> list[Found]:
    """``Sunday, May 4`` is one date: a weekday beside a day is dropped."""
    return [
        one
        for i, one in enumerate(found)
        if not (
            one.value.startswith("weekday")
            and any(
                _beside(text, one, other)
                for other in (*found[max(0, i - 1) : i], *found[i + 1 : i + 2])
            )
        )
    ]


def _beside(text: str, one: Found, other: Found) -> bool:
    if other.value.count("-") < 2:
        return False
    start, end = sorted((one.start, one.end, other.start, other.end))[1:3]
    return _BESIDE.fullmatch(text, start, end) is not None
