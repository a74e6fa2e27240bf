# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Numbers in a text with what they count: ``27 million people``, ``a three-day ceasefire``.

What is counted is read from the words that follow, without a grammar: a known unit, else the
first likely noun before a stop or a very common word.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import regex

from dedupe.comparison.facts.counted import (
    after_first,
    after_link,
    and_half,
    belongs_to_name,
    currency_before,
    hedge,
    magnitude_at,
    next_word,
    noun_after,
    noun_before,
    plural,
    says_year,
    unit_at,
)
from dedupe.comparison.facts.kind import Found, free
from dedupe.comparison.facts.numerals import (
    HAN_DIGITS,
    HAN_MAGNITUDES,
    Literal,
    from_digits,
    from_han,
    number_words,
    numeral_end,
)
from dedupe.comparison.words import CAPITAL, Word
from dedupe.lexicon import Language, any_of, pattern
from dedupe.text import IDEOGRAPHIC, NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.comparison.reading import Reading
    from dedupe.model_compare import Qualifier

_CLOCK = regex.compile(
    r"([01]?\d|2[0-3])(?::([0-5]\d))?(?::[0-5]\d)?(?:\s*([ap])\.?\s?m\b\.?|(?<=:\d\d)(?!\d))",
    regex.IGNORECASE,
)
_ORDINAL_STOP = regex.compile(r"\.(?=\s\p{L})")
_ORDINAL_END = r"(?:{})(?!\p{{L}})"
_LETTER = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}]")
_MANY = regex.compile("[多余餘]")
MILLION = 1_000_000
"""From here on ``of`` may stand before what is counted: ``deux millions de soldats``."""
_PERCENT_BEFORE = "百分之"
_HAN_COUNTERS = (
    "个個位名人次家场場艘架辆輛座天周週月年国國种種件所部岁歲倍票楼层台支只隻条條つ本匹頭校店戸棟便"
)
_IN_CODE = regex.compile(
    r"[\p{L}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]][-.‑/]?\Z|\p{Nd}[.,/]\Z", regex.V1
)
"""Before digits that belong to a name or code: ``F-16``, ``Vnukovo-2``, ``v2``."""


@cache
def _pair_pattern(language: Language) -> regex.Pattern[str]:
    """Two numerals with a dash, a colon or ``to`` between them."""
    numeral = r"(\p{Nd}{1,3}(?:[.,]\p{Nd}{1,2})?)"
    words = any_of(word for word in language.joiners if word[0].isalpha())
    return regex.compile(
        rf"{numeral}(?:\s?([-–—:])\s?|\s(?:{words})\s){numeral}(?![\p{{L}}\p{{Nd}}]|[-–:.,]\p{{Nd}})"
    )


def numbers(reading: Reading, taken: Sequence[Found]) -> list[Found]:
    """All numbers of a text outside of ``taken`` (its dates), in order of place."""
    found: list[Found] = []
    end = 0
    said = number_words(reading)
    open_to = {word.start for word in free(reading.words, taken)}
    for i, word in enumerate(reading.words):
        if not word.flags & (NUMBER | IDEOGRAPHIC) and i not in said:
            continue
        if word.start < end or word.start not in open_to:
            continue
        one = _at(reading, i, said.get(i))
        if one is not None:
            found.append(one)
            end = one.end
        elif word.flags & NUMBER:
            end = max(word.end, numeral_end(reading.text, word.start))
        elif word.text in HAN_DIGITS:
            literal = from_han(reading.text, word.start)  # it is not read again from its middle
            end = literal.end if literal else word.end
    return free(found, taken)


def _at(reading: Reading, i: int, said: Literal | None) -> Found | None:
    """The number that begins at word ``i``; ``said`` where it is one in words."""
    word, text = reading.words[i], reading.text
    if said is not None:
        return _counted(reading, i, said)
    if word.flags & NUMBER:
        if _IN_CODE.search(text, max(0, word.start - 2), word.start):
            return None
        return _clock(reading, word.start) or _pair(reading, i) or _from_digits(reading, i)
    return _from_han(reading, i) if word.text in HAN_DIGITS or word.text in "十百千" else None


def _clock(reading: Reading, start: int) -> Found | None:
    match = _CLOCK.match(reading.text, start)
    if match is None or (match[2] is None and match[3] is None):
        return None
    hour = int(match[1])
    if match[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[3].lower() == "p" else 0)
    return Found(
        start,
        match.end(),
        f"{hour:02}:{match[2] or '00'}",
        "clock",
        qualifier=hedge(reading, start),
    )


def _pair(reading: Reading, i: int) -> Found | None:
    """A result such as ``3-1``, or a range such as ``5-10 people``."""
    language = reading.language
    match = _pair_pattern(language).match(reading.text, reading.words[i].start)
    if match is None:
        return None
    comma = language.decimal_comma
    literals = [from_digits(part, 0, comma=comma) for part in (match[1], match[3])]
    low, high = (literal.value if literal else Decimal(0) for literal in literals)
    j = reading.index_at(match.end())
    following = reading.words[j] if j < len(reading.words) else Word("", 0, 0, 0)
    whole = low == int(low) and high == int(high)
    unit, end = unit_at(reading, match.end())
    named = following.flags & CAPITAL or following.text in language.results or not low
    if match[2] and whole and not unit and (match[2] == ":" or low >= high or named):
        return Found(match.start(), match.end(), f"{_plain(low)}-{_plain(high)}", "score")
    if match[2] == ":" or low >= high or not (match[2] or unit):
        return None
    noun = Found(0, 0, "") if unit else noun_after(reading, match.end())
    return Found(
        match.start(),
        end if unit else max(match.end(), noun.end),
        f"{_plain(low)}/{_plain(high)}",
        unit or noun.unit,
        noun.of,
    )


def _from_digits(reading: Reading, i: int) -> Found | None:
    text, start, language = reading.text, reading.words[i].start, reading.language
    literal = from_digits(text, start, comma=language.decimal_comma)
    if literal is None:
        return None
    if text[literal.end : literal.end + 1] in HAN_MAGNITUDES:
        literal = from_han(text, start) or literal
    ordinal = pattern(_ORDINAL_END, language.ordinal_suffixes).match(text, literal.end)
    if language.ordinal_stop and literal.value < 100 and ordinal is None:
        ordinal = _ORDINAL_STOP.match(text, literal.end)
    unit = unit_at(reading, literal.end)[0]
    if ordinal is not None and not unit:
        literal = Literal(literal.value, ordinal.end(), ordinal=True)
    elif _LETTER.match(text, literal.end) and not (
        unit or magnitude_at(reading, literal.end, money=True)[1]
    ):
        return None
    return _counted(reading, i, literal)


def _from_han(reading: Reading, i: int) -> Found | None:
    """Han numerals count only before a counter, unit or magnitude, or after ``百分之``."""
    text, start = reading.text, reading.words[i].start
    if text.startswith(_PERCENT_BEFORE, start):
        literal = from_han(text, start + len(_PERCENT_BEFORE))
        return Found(start, literal.end, _plain(literal.value), "percent") if literal else None
    literal = from_han(text, start)
    if literal is None or literal.end >= len(text):
        return None
    counts = text[literal.end] in _HAN_COUNTERS or unit_at(reading, literal.end)[0]
    return _counted(reading, i, literal) if counts or literal.value >= 10_000 else None


def _counted(reading: Reading, i: int, literal: Literal) -> Found | None:
    """The number with its magnitude, its unit and what it counts."""
    text, word = reading.text, reading.words[i]
    start, currency = currency_before(reading, word.start)
    value, end, group = _multiplied(reading, literal, money=bool(currency))
    many = _MANY.match(text, end)
    end = many.end() if many else end
    unit, after = (currency, end) if currency or literal.ordinal else unit_at(reading, end)
    if text.endswith(_PERCENT_BEFORE, 0, word.start):
        start, unit, after = start - len(_PERCENT_BEFORE), "percent", literal.end
    large = not unit and (end > literal.end or value >= MILLION)
    noun = noun_after(reading, after_link(reading, end) if large else after)
    if literal.ordinal:
        unit, after = "ordinal", after_first(reading, end) if noun.of else end
    elif not unit:
        if belongs_to_name(reading, i) and not _is_counted(noun, reading.language):
            return None
        unit, after = noun.unit, noun.end or end
        if not unit and not says_year(reading, i, value) and (before := noun_before(reading, i)):
            unit, noun = before.unit, before
    elif "-" in text[end:after] and noun.of and not currency:
        after = after_first(reading, after)
    if half := and_half(reading, after):
        value, after = value + _last_place(value) / 2, half
    hedged: Qualifier = "over" if many else hedge(reading, start)
    alone = group and literal.value == 1
    return Found(start, after, _plain(value), unit, noun.of, hedged or ("about" if alone else ""))


def _is_counted(noun: Found, language: Language) -> bool:
    """Whether a noun after a number is what it counts, though a name stands before both.

    In German each noun before it looks like a name: ``am Samstagabend 52 Besucher``.
    """
    return bool(noun.unit) if language.capitalises_nouns else plural(noun.unit, language)


def _multiplied(reading: Reading, literal: Literal, *, money: bool) -> tuple[Decimal, int, bool]:
    """The value with its half, magnitude and group, where they end, and whether a group is there.

    ``two and a half million``, ``two dozen``, ``une centaine de``.
    """
    value, end = literal.value, literal.end
    if half := and_half(reading, end):
        value, end = value + _last_place(value) / 2, half
    power, after = magnitude_at(reading, end, money=money)
    value, end = value.scaleb(power), after or end
    word, after = next_word(reading, end)
    group = reading.language.groups.get(word, 0)
    if group and not literal.ordinal:
        value, end = value * group, after
    return value, end, bool(group)


def _last_place(value: Decimal) -> Decimal:
    """The magnitude (a thousand and its powers) that a number ends with, else 1."""
    place = Decimal(1)
    while value and value % (place * 1000) == 0:
        place *= 1000
    return place


def _plain(value: Decimal) -> str:
    """Decimal digits without an exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
