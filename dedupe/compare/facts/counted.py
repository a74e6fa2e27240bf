# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""What a number counts: the currency before it, the magnitude, unit and noun that follow."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from dedupe.compare.facts.calendar import months, weekdays
from dedupe.compare.facts.found import Found
from dedupe.compare.facts.numerals import (
    COMMON,
    CURRENCY_SIGNS,
    PLURALS,
    PREPOSITIONS,
    UNIT_OF,
    magnitudes,
)
from dedupe.compare.words import CAPITAL, Word
from dedupe.text import IDEOGRAPHIC, NAME, NUMBER, SYLLABIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COUNTED_WORDS = 3
"""Words after a number that may say what it counts."""

_GAP = regex.compile(r"[\s\u00a0\u202f\u2011-]*+(?:(?:de|di|of)\s+|d['’])?")
_NEXT_WORD = regex.compile(
    r"[\s\u00a0\u202f\u2011-]*+(?:(?:de|di|of)\s+|d['’])?([\p{L}\p{M}]++)", regex.IGNORECASE
)
_UNIT_PHRASE = regex.compile(
    r"o['’]clock|per cent|por ciento|por cento|per cento|pour cent", regex.IGNORECASE
)
_COUNTRY = regex.compile(r"(?<!\p{L})(?:US|A|C|NZ|HK|S)\Z")
UNIT_SIGN = regex.compile(
    "|".join(
        sorted(
            (regex.escape(u) for u in UNIT_OF if not regex.fullmatch(r"[\p{L}\p{M}]+", u)
             or regex.match(r"\p{Han}|\p{Katakana}|\p{Hiragana}|\p{Hangul}", u)),
            key=len, reverse=True,
        )
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One text and what is known of its words."""

    text: str
    words: Sequence[Word]
    lang: str
    frequency: Mapping[str, float]
    stems: Mapping[str, str]


def currency_before(text: str, start: int) -> tuple[int, str]:
    """Where the currency sign before ``start`` begins, and the currency; ``start``, '' for none."""
    window = text[max(0, start - 8) : start]
    before = window.rstrip(" \u00a0\u202f")
    if before[-1:] not in CURRENCY_SIGNS:
        return start, ""
    country = _COUNTRY.search(before[:-1])
    length = 1 + (len(country.group()) if country else 0)
    return start - (len(window) - len(before)) - length, CURRENCY_SIGNS[before[-1]]


def magnitude_at(reading: Reading, end: int, *, money: bool) -> tuple[int, int]:
    """Power of ten that the words at ``end`` multiply by, and where they end; 0, 0 for none."""
    power, at = 0, 0
    while (match := _NEXT_WORD.match(reading.text, at or end)) is not None:
        word = match[1].lower()
        more = magnitudes(reading.lang).get(word, 0)
        if not more or (len(word) == 1 and not money):
            break
        power, at = power + more, match.end()
        if reading.text.startswith(". ", at) and len(word) <= 4:
            at += 1
    return power, at


def is_unit(reading: Reading, end: int) -> bool:
    """Whether a known unit stands at ``end``."""
    return bool(unit_at(reading, end)[0])


def unit_at(reading: Reading, end: int) -> tuple[str, int]:
    """The known unit that stands at ``end``, and where it ends; '' for none."""
    gap = _GAP.match(reading.text, end)
    at = gap.end() if gap else end
    match = UNIT_SIGN.match(reading.text, at) or _UNIT_PHRASE.match(reading.text, at)
    if match is not None:
        phrase = "clock" if "clock" in match.group().lower() else "percent"
        return UNIT_OF.get(match.group(), phrase), match.end()
    match = _NEXT_WORD.match(reading.text, end)
    unit = UNIT_OF.get(match[1].lower(), "") if match else ""
    return (unit, match.end()) if match and unit else ("", end)


def noun_after(reading: Reading, end: int) -> Found:
    """What is counted: the likeliest noun after ``end`` (its place, itself as unit) and stems."""
    chosen: list[Word] = []
    at = end
    first = index_at(reading, end)
    for word in reading.words[first : first + COUNTED_WORDS]:
        if reading.text[at : word.start].strip(" \u00a0\u202f-‑\n"):
            break
        if word.flags & (NUMBER | SYLLABIC) or _says_nothing(reading, word):
            break
        chosen.append(word)
        at = word.end
    if not chosen:
        return Found(0, 0, "")
    head = _head(chosen, reading.lang)
    stems = tuple(reading.stems.get(w.text, w.text) for w in chosen)
    if head is None:
        return Found(0, 0, "", "", stems)
    return Found(chosen[0].start, head.end, "", head.text, stems)


def _says_nothing(reading: Reading, word: Word) -> bool:
    return reading.frequency.get(word.text, 0) >= COMMON or word.text in PREPOSITIONS


def _head(chosen: Sequence[Word], lang: str) -> Word | None:
    """In English the first plural, in German the first noun (by its capital), else the first."""
    if lang in ("en", ""):
        return next((w for w in chosen if plural(w.text)), None)
    if lang == "de":
        return next((w for w in chosen if w.flags & CAPITAL), chosen[0])
    return chosen[0]


def plural(word: str) -> bool:
    """Whether an English word looks like a plural."""
    return word in PLURALS or (word.endswith("s") and not word.endswith("ss") and len(word) > 3)


def after_first(reading: Reading, end: int) -> int:
    """Where the first word after ``end`` ends."""
    return reading.words[index_at(reading, end)].end


def noun_before(reading: Reading, i: int) -> Found | None:
    """``magnitude 6.8``, ``magnitude of 6.8``: the noun before a number that counts nothing."""
    for j in range(i - 1, max(i - 3, -1), -1):
        word = reading.words[j]
        if reading.text[word.end : reading.words[j + 1].start].strip():
            break
        if not word.flags & (NUMBER | IDEOGRAPHIC) and not _says_nothing(reading, word):
            return Found(0, 0, "", word.text, (reading.stems.get(word.text, word.text),))
    return None


def belongs_to_name(reading: Reading, i: int) -> bool:
    """``Power of Siberia 2``, ``Boeing 737``: a numeral right after a word written as a name."""
    if i == 0 or not reading.words[i].flags & (NUMBER | NAME):
        return False
    before, word = reading.words[i - 1], reading.words[i]
    if reading.text[before.end : word.start].strip() or not before.flags & NAME:
        return False
    return before.text not in weekdays(reading.lang) and before.text not in months(reading.lang)


def index_at(reading: Reading, offset: int) -> int:
    """Index of the first word that begins at or after ``offset``."""
    return bisect_left(reading.words, offset, key=lambda word: word.start)
