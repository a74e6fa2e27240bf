# ruff: noqa: RUF001, SIM905 - words and signs of all scripts stand as text
"""Numbers in a text with what they count: ``27 million people``, ``a three-day ceasefire``.

What is counted is read from the words that follow, without a grammar: a known unit, else the
first likely noun before a stop or a very common word.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import regex

from dedupe.compare.facts.counted import (
    UNIT_SIGN,
    after_first,
    belongs_to_name,
    currency_before,
    index_at,
    is_unit,
    magnitude_at,
    noun_after,
    noun_before,
    plural,
    unit_at,
)
from dedupe.compare.facts.found import Found, free
from dedupe.compare.facts.literals import Literal, from_digits, from_han, from_words, numeral_end
from dedupe.compare.facts.numerals import (
    CARDINALS,
    HAN_DIGITS,
    HAN_MAGNITUDES,
    ORDINALS,
    hedge,
)
from dedupe.compare.sentences import ORDINAL_STOP
from dedupe.compare.words import CAPITAL, Word
from dedupe.text import IDEOGRAPHIC, NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.compare.facts.counted import Reading

_PAIR = regex.compile(
    r"(\p{Nd}{1,3}(?:[.,]\p{Nd}{1,2})?)(?:\s?([-–—:])\s?|\s(?:to|bis|a|à|до|से)\s)(\p{Nd}{1,3}(?:[.,]\p{Nd}{1,2})?)"
    r"(?![\p{L}\p{Nd}]|[-–:.,]\p{Nd})"
)
_CLOCK = regex.compile(
    r"([01]?\d|2[0-3])(?::([0-5]\d))?(?::[0-5]\d)?(?:\s*([ap])\.?\s?m\b\.?|(?<=:\d\d)(?!\d))",
    regex.IGNORECASE,
)
_ORDINAL_END = regex.compile(r"(?:st|nd|rd|th|er|º|ª|e|ème|-?й|-?го|-?я|वीं|वें|वां)(?!\p{L})")
_ORDINAL_STOP = regex.compile(r"\.(?=\s\p{L})")
_LETTER = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}]")
_MANY = regex.compile("[多余餘]")
_RESULT_WORDS = frozenset(
    "win victory defeat loss draw lead tie sieg niederlage victoire défaite victoria derrota "
    "empate".split()
)
_PERCENT_BEFORE = "百分之"
_HAN_COUNTERS = (
    "个個位名人次家场場艘架辆輛座天周週月年国國种種件所部岁歲倍票楼层台支只隻条條つ本匹頭校店戸棟便"
)
_IN_CODE = regex.compile(
    r"[\p{L}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]][-.‑/]?\Z|\p{Nd}[.,/]\Z", regex.V1
)


def numbers(reading: Reading, taken: Sequence[Found]) -> list[Found]:
    """All numbers of a text outside of ``taken`` (its dates), in order of place."""
    found: list[Found] = []
    end = 0
    said = CARDINALS.get(reading.lang, {}).keys() | ORDINALS.get(reading.lang, {}).keys()
    dates = iter([*taken, Found(len(reading.text) + 1, len(reading.text) + 1, "")])
    date = next(dates)
    for i, word in enumerate(reading.words):
        if not word.flags & (NUMBER | IDEOGRAPHIC) and word.text not in said:
            continue
        while date.end <= word.start:
            date = next(dates)
        if word.start < end or word.end > date.start:
            continue
        one = _at(reading, i)
        if one is not None:
            found.append(one)
            end = one.end
        elif word.flags & NUMBER:
            end = max(word.end, numeral_end(reading.text, word.start))
        elif word.text in HAN_DIGITS:
            end = _han_end(reading, i)
    return free(found, list(taken))


def _han_end(reading: Reading, i: int) -> int:
    """Where a Han numeral ends that counts nothing: it is not read again from its middle."""
    literal = from_han(reading.text, reading.words[i].start)
    return literal.end if literal else reading.words[i].end


def _at(reading: Reading, i: int) -> Found | None:
    """The number that begins at word ``i``."""
    word, text = reading.words[i], reading.text
    if word.flags & NUMBER:
        if _inside_code(reading, i):
            return None
        return _clock(text, word.start) or _pair(reading, i) or _from_digits(reading, i)
    if word.flags & IDEOGRAPHIC and (word.text in HAN_DIGITS or word.text in "十百千"):
        return _from_han(reading, i)
    return None if word.flags & IDEOGRAPHIC else _from_words(reading, i)


def _inside_code(reading: Reading, i: int) -> bool:
    """True for digits that belong to a name or code: ``F-16``, ``Vnukovo-2``, ``v2``."""
    start = reading.words[i].start
    return _IN_CODE.search(reading.text, max(0, start - 2), start) is not None


def _clock(text: str, start: int) -> Found | None:
    match = _CLOCK.match(text, start)
    if match is None or (match[2] is None and match[3] is None):
        return None
    hour = int(match[1])
    if match[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[3].lower() == "p" else 0)
    return Found(start, match.end(), f"{hour:02}:{match[2] or '00'}", "clock")


def _pair(reading: Reading, i: int) -> Found | None:
    """A result such as ``3-1``, or a range such as ``5-10 people``."""
    match = _PAIR.match(reading.text, reading.words[i].start)
    if match is None:
        return None
    literals = [from_digits(part, 0, reading.lang) for part in (match[1], match[3])]
    low, high = (literal.value if literal else Decimal(0) for literal in literals)
    j = index_at(reading, match.end())
    following = reading.words[j] if j < len(reading.words) else Word("", 0, 0, 0)
    whole = low == int(low) and high == int(high)
    unit, end = unit_at(reading, match.end())
    named = following.flags & CAPITAL or following.text in _RESULT_WORDS or not low
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
    text, start = reading.text, reading.words[i].start
    literal = from_digits(text, start, reading.lang)
    if literal is None:
        return None
    if text[literal.end : literal.end + 1] in HAN_MAGNITUDES:
        literal = from_han(text, start) or literal
    ordinal = _ORDINAL_END.match(text, literal.end)
    if reading.lang in ORDINAL_STOP and literal.value < 100 and ordinal is None:
        ordinal = _ORDINAL_STOP.match(text, literal.end)
    if ordinal is not None and not is_unit(reading, literal.end):
        literal = Literal(literal.value, ordinal.end(), ordinal=True)
    elif _LETTER.match(text, literal.end) and not (
        is_unit(reading, literal.end) or magnitude_at(reading, literal.end, money=True)[1]
    ):
        return None
    return _counted(reading, i, literal)


def _from_han(reading: Reading, i: int) -> Found | None:
    """Han numerals count only before a counter, unit or magnitude, or after ``百分之``."""
    text, start = reading.text, reading.words[i].start
    if text.startswith(_PERCENT_BEFORE, start):
        literal = from_han(text, start + len(_PERCENT_BEFORE))
        return (
            None if literal is None else Found(start, literal.end, _plain(literal.value), "percent")
        )
    literal = from_han(text, start)
    if literal is None or literal.end >= len(text):
        return None
    counted = text[literal.end] in _HAN_COUNTERS or UNIT_SIGN.match(text, literal.end)
    large = literal.value >= 10_000
    return _counted(reading, i, literal) if counted or large else None


def _from_words(reading: Reading, i: int) -> Found | None:
    read = from_words(reading.words, i, reading.text, reading.lang)
    if read is None or (reading.lang != "en" and _in_compound(reading, i)):
        return None
    literal, j = read
    if literal.value == 1:
        joined = reading.text[literal.end : literal.end + 1] in "-‑"
        if not joined and not magnitude_at(reading, literal.end, money=False)[1]:
            return None
    if literal.ordinal and literal.end < len(reading.text) and j < len(reading.words):
        return _counted(reading, i, literal)
    return None if literal.ordinal else _counted(reading, i, literal)


def _in_compound(reading: Reading, i: int) -> bool:
    """Part of a greater number that no table has: ``treinta y dos``, ``quatre-vingt-deux``."""
    before = reading.words[i - 1] if i else None
    hyphen = reading.text[reading.words[i].start - 1 : reading.words[i].start] in ("-", "‑")
    return hyphen or (before is not None and before.text in ("y", "e", "et", "und"))


def _counted(reading: Reading, i: int, literal: Literal) -> Found | None:
    """The number with its magnitude, its unit and what it counts."""
    text, word = reading.text, reading.words[i]
    start, currency = currency_before(text, word.start)
    power, end = magnitude_at(reading, literal.end, money=bool(currency))
    value = literal.value.scaleb(power)
    end = end or literal.end
    many = _MANY.match(text, end)
    end = many.end() if many else end
    unit, after = (currency, end) if currency else unit_at(reading, end)
    if text.endswith(_PERCENT_BEFORE, 0, word.start):
        start, unit, after = start - len(_PERCENT_BEFORE), "percent", literal.end
    noun = noun_after(reading, after if unit else end)
    if literal.ordinal:
        unit, after = "ordinal", after_first(reading, end) if noun.of else end
    elif not unit:
        if belongs_to_name(reading, i) and not plural(noun.unit):
            return None
        unit, after = noun.unit, noun.end or end
        if not unit and (before := noun_before(reading, i)) is not None:
            unit, noun = before.unit, before
    elif "-" in text[end:after] and noun.of and not currency:
        after = after_first(reading, after)
    return Found(start, after, _plain(value), unit, noun.of, "over" if many else hedge(text, start))


def _plain(value: Decimal) -> str:
    """Decimal digits without an exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
