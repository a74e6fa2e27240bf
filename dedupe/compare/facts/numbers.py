"""Numbers in a text with what they count: ``27 million people``, ``a three-day ceasefire``.

What is counted is read from the words that follow, without a grammar: a known unit, else the
first likely noun before a stop or a very common word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import regex

from dedupe.compare.facts.calendar import months, weekdays
from dedupe.compare.facts.found import Found, free
from dedupe.compare.facts.literals import Literal, from_digits, from_han, from_words, numeral_end
from dedupe.compare.facts.numerals import (
    CARDINALS,
    COMMON,
    CURRENCY_SIGNS,
    HAN_DIGITS,
    HAN_MAGNITUDES,
    ORDINALS,
    PLURALS,
    PREPOSITIONS,
    UNIT_OF,
    hedge,
    magnitudes,
)
from dedupe.compare.sentences import ORDINAL_STOP
from dedupe.compare.words import CAPITAL, Word
from dedupe.text import IDEOGRAPHIC, NAME, NUMBER, SYLLABIC

COUNTED_WORDS = 3
"""Words after a number that may say what it counts."""

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
_GAP = regex.compile(r"[\s\u00a0\u202f\u2011-]*+(?:(?:de|di|of)\s+|d['’])?")
_NEXT_WORD = regex.compile(
    r"[\s\u00a0\u202f\u2011-]*+(?:(?:de|di|of)\s+|d['’])?([\p{L}\p{M}]++)", regex.IGNORECASE
)
_UNIT_PHRASE = regex.compile(
    r"o['’]clock|per cent|por ciento|por cento|per cento|pour cent", regex.IGNORECASE
)
_COUNTRY = regex.compile(r"(?<!\p{L})(?:US|A|C|NZ|HK|S)\Z")
_LETTER = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}]")
_MANY = regex.compile("[多余餘]")
_UNIT_SIGN = regex.compile(
    "|".join(
        sorted(
            (regex.escape(u) for u in UNIT_OF if not regex.fullmatch(r"[\p{L}\p{M}]+", u)
             or regex.match(r"\p{Han}|\p{Katakana}|\p{Hiragana}|\p{Hangul}", u)),
            key=len, reverse=True,
        )
    )
)  # fmt: skip
_RESULT_WORDS = frozenset(
    "win victory defeat loss draw lead tie sieg niederlage victoire défaite victoria derrota empate".split()
)
_PERCENT_BEFORE = "百分之"
_HAN_COUNTERS = "个個位名人次家场場艘架辆輛座天周週月年国國种種件所部岁歲倍票楼层台台支只隻条條国つ本匹頭校店戸棟便"


@dataclass(frozen=True, slots=True)
class Reading:
    """One text and what is known of its words."""

    text: str
    words: Sequence[Word]
    lang: str
    frequency: Mapping[str, float]
    stems: Mapping[str, str]


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
    before = reading.text[max(0, start - 2) : start]
    return bool(regex.search(r"[\p{L}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]][-.‑/]?\Z|\p{Nd}[.,/]\Z",
                             before, regex.V1))  # fmt: skip


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
    j = _index_at(reading, match.end())
    following = reading.words[j] if j < len(reading.words) else Word("", 0, 0, 0)
    whole = low == int(low) and high == int(high)
    unit, end = _unit_at(reading, match.end())
    named = following.flags & CAPITAL or following.text in _RESULT_WORDS or not low
    if match[2] and whole and not unit and (match[2] == ":" or low >= high or named):
        return Found(match.start(), match.end(), f"{_plain(low)}-{_plain(high)}", "score")
    if match[2] == ":" or low >= high or not (match[2] or unit):
        return None
    noun = Found(0, 0, "") if unit else _noun(reading, match.end())
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
    if ordinal is not None and not _is_unit(reading, literal.end):
        literal = Literal(literal.value, ordinal.end(), ordinal=True)
    elif _LETTER.match(text, literal.end) and not (
        _is_unit(reading, literal.end) or _magnitude_at(reading, literal.end, money=True)[1]
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
    counted = text[literal.end] in _HAN_COUNTERS or _UNIT_SIGN.match(text, literal.end)
    large = literal.value >= 10_000
    return _counted(reading, i, literal) if counted or large else None


def _from_words(reading: Reading, i: int) -> Found | None:
    read = from_words(reading.words, i, reading.text, reading.lang)
    if read is None or (reading.lang != "en" and _in_compound(reading, i)):
        return None
    literal, j = read
    if literal.value == 1:
        joined = reading.text[literal.end : literal.end + 1] in "-‑"
        if not joined and not _magnitude_at(reading, literal.end, money=False)[1]:
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
    start, currency = _currency_before(text, word.start)
    power, end = _magnitude_at(reading, literal.end, money=bool(currency))
    value = literal.value.scaleb(power)
    end = end or literal.end
    many = _MANY.match(text, end)
    end = many.end() if many else end
    unit, after = (currency, end) if currency else _unit_at(reading, end)
    if text.endswith(_PERCENT_BEFORE, 0, word.start):
        start, unit, after = start - len(_PERCENT_BEFORE), "percent", literal.end
    noun = _noun(reading, after if unit else end)
    if literal.ordinal:
        unit, after = "ordinal", _after_first(reading, end) if noun.of else end
    elif not unit:
        if _belongs_to_name(reading, i) and not _plural(noun.unit):
            return None
        unit, after = noun.unit, noun.end or end
        if not unit and (before := _noun_before(reading, i)) is not None:
            unit, noun = before.unit, before
    elif "-" in text[end:after] and noun.of and not currency:
        after = _after_first(reading, after)
    return Found(start, after, _plain(value), unit, noun.of, "over" if many else hedge(text, start))


def _currency_before(text: str, start: int) -> tuple[int, str]:
    window = text[max(0, start - 8) : start]
    before = window.rstrip(" \u00a0\u202f")
    if before[-1:] not in CURRENCY_SIGNS:
        return start, ""
    country = _COUNTRY.search(before[:-1])
    length = 1 + (len(country.group()) if country else 0)
    return start - (len(window) - len(before)) - length, CURRENCY_SIGNS[before[-1]]


def _magnitude_at(reading: Reading, end: int, *, money: bool) -> tuple[int, int]:
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


def _is_unit(reading: Reading, end: int) -> bool:
    return bool(_unit_at(reading, end)[0])


def _unit_at(reading: Reading, end: int) -> tuple[str, int]:
    """The known unit that stands at ``end``, and where it ends; '' for none."""
    gap = _GAP.match(reading.text, end)
    at = gap.end() if gap else end
    match = _UNIT_SIGN.match(reading.text, at) or _UNIT_PHRASE.match(reading.text, at)
    if match is not None:
        phrase = "clock" if "clock" in match.group().lower() else "percent"
        return UNIT_OF.get(match.group(), phrase), match.end()
    match = _NEXT_WORD.match(reading.text, end)
    unit = UNIT_OF.get(match[1].lower(), "") if match else ""
    return (unit, match.end()) if match and unit else ("", end)


def _noun(reading: Reading, end: int) -> Found:
    """What is counted: the likeliest noun after ``end`` (its place, itself as unit) and stems."""
    chosen: list[Word] = []
    at = end
    first = _index_at(reading, end)
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
        return next((w for w in chosen if _plural(w.text)), None)
    if lang == "de":
        return next((w for w in chosen if w.flags & CAPITAL), chosen[0])
    return chosen[0]


def _plural(word: str) -> bool:
    return word in PLURALS or (word.endswith("s") and not word.endswith("ss") and len(word) > 3)


def _after_first(reading: Reading, end: int) -> int:
    """Where the first word after ``end`` ends."""
    return reading.words[_index_at(reading, end)].end


def _noun_before(reading: Reading, i: int) -> Found | None:
    """``magnitude 6.8``, ``magnitude of 6.8``: the noun before a number that counts nothing."""
    for j in range(i - 1, max(i - 3, -1), -1):
        word = reading.words[j]
        if reading.text[word.end : reading.words[j + 1].start].strip():
            break
        if not word.flags & (NUMBER | IDEOGRAPHIC) and not _says_nothing(reading, word):
            return Found(0, 0, "", word.text, (reading.stems.get(word.text, word.text),))
    return None


def _belongs_to_name(reading: Reading, i: int) -> bool:
    """``Power of Siberia 2``, ``Boeing 737``: a numeral right after a word written as a name."""
    if i == 0 or not reading.words[i].flags & (NUMBER | NAME):
        return False
    before, word = reading.words[i - 1], reading.words[i]
    if reading.text[before.end : word.start].strip() or not before.flags & NAME:
        return False
    return before.text not in weekdays(reading.lang) and before.text not in months(reading.lang)


def _index_at(reading: Reading, offset: int) -> int:
    """Index of the first word that begins at or after ``offset``."""
    return bisect_left(reading.words, offset, key=lambda word: word.start)


def _plain(value: Decimal) -> str:
    """Decimal digits without an exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
