# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Numerals to values: digits of any script, Han numerals, number words.

The words: ``quatre-vingt-dix-sept``, ``zweieinhalb``, ``half a``, ``a`` dozen. Cardinals and
ordinals of eight languages are read by the package text2num; those of others by the tables of
their file. Magnitudes that stand alone, halves, groups and words that are other words too are
decided here, as they need the words around them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from dedupe.caches import short_cache
from dedupe.comparison.facts.counted import and_half, next_word, noun_after, unit_at
from dedupe.comparison.words import CAPITAL, Word
from dedupe.lexicon import Language, pattern
from dedupe.text import NAME

if TYPE_CHECKING:
    from dedupe.comparison.reading import Reading

CENTURIES, YEARS = range(15, 21), range(10, 100)
"""Two numbers that together are a year: ``nineteen ninety-nine``."""
LONGEST_WORD = 100
"""Letters of a number word: ``siebenhundertsiebenundsiebzigtausendsiebenhundert...`` has 60."""
_FRACTION = r"(?i)(?:{})(?![\p{{L}}\p{{M}}])"
_GAP = " -\u2010\u2011\u00a0"
"""What may stand between the words of one number."""


LONGEST_DIGITS = 18
"""Digits beyond which a numeral is an identifier, not a quantity."""
LONGEST_HAN = 16
HAN_MAGNITUDES = {
    "十": 1, "百": 2, "千": 3, "万": 4, "萬": 4, "만": 4, "亿": 8, "億": 8, "억": 8,
    "兆": 12, "조": 12,
}  # fmt: skip
HAN_DIGITS = {
    "〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6,
    "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_SPACES = "\u00a0\u202f\u2009"
_DIGITS = regex.compile(
    rf"\p{{Nd}}{{1,3}}(?:[{_SPACES} ]\p{{Nd}}{{3}}(?!\p{{Nd}}))+(?:[.,]\p{{Nd}}+)?"
    r"|\p{Nd}+(?:[.,٫٬'’]\p{Nd}+)*"
)
_PLAIN = regex.compile(r"\p{Nd}+(?:[.,٫٬'’]\p{Nd}+)*")
_GROUPED = regex.compile(r"\d{1,3}(?:\D\d{3})+|\d{1,2}(?:\D\d{2})*\D\d{3}")
_HAN_PART = regex.compile(
    r"(?:(?P<digits>\p{Nd}+(?:[.,]\p{Nd}+)*)"
    rf"|(?P<han>[{''.join(HAN_DIGITS)}]+(?:点[{''.join(HAN_DIGITS)}]+)?))?"
    rf"(?P<magnitude>[{''.join(HAN_MAGNITUDES)}])?"
)
_TO_DIGITS = str.maketrans({**{han: str(digit) for han, digit in HAN_DIGITS.items()}, "点": "."})


class Literal(NamedTuple):
    """A numeral: its value, where it ends, whether it is an ordinal."""

    value: Decimal
    end: int
    ordinal: bool = False


class Spelled(NamedTuple):
    """A run of words that are one number."""

    first: int
    after: int
    value: Decimal
    ordinal: bool = False


def number_words(reading: Reading) -> dict[int, Literal]:
    """Numbers in words, by the index of their first word; magnitudes that follow are not read."""
    runs = _by_text2num(reading) if reading.language.text2num else _by_tables(reading)
    found: dict[int, Literal] = {}
    last = Spelled(0, 0, Decimal(0))
    for run in runs:
        if not _counts(reading, run):
            continue
        year = (
            reading.language.pairs_years
            and last.after == run.first
            and last.value in CENTURIES
            and run.value in YEARS
            and not (last.ordinal or run.ordinal)
            and _adjacent(reading, run.first)
        )
        first, value = (
            (last.first, last.value * 100 + run.value) if year else (run.first, run.value)
        )
        found[first] = Literal(value, reading.words[run.after - 1].end, ordinal=run.ordinal)
        last = run
    beginnings, endings = _beginnings(reading.language), tuple(reading.language.half_endings)
    for i, word in enumerate(reading.words):
        if word.text in beginnings or (endings and word.text.endswith(endings)):
            literal = _alone(reading, word)
            if literal is not None and not {i, i + 1} & found.keys():
                found[i] = literal
    return found


class _Token:
    """A word as text2num asks for it."""

    def __init__(self, word: str, separated: bool) -> None:  # noqa: FBT001 - one for each word
        self.text = lambda: word
        self.nt_separated = lambda _previous: separated
        self.not_a_number_part = lambda: False


def _by_text2num(reading: Reading) -> Iterator[Spelled]:
    """Asks for the number words and the words beside them alone: a call for all costs a tenth."""
    from text_to_num import find_numbers

    code, forms = reading.language.code, reading.language.word_forms
    words = [forms.get(word.text, word.text) for word in reading.words]
    said = [i for i, word in enumerate(words) if _is_number(word, code)]
    near = sorted({j for i in said for j in (i - 1, i, i + 1) if 0 <= j < len(words)})
    tokens = []
    for at, i in enumerate(near):
        separated = not at or near[at - 1] != i - 1 or not _adjacent(reading, i)
        tokens.append(_Token(words[i], separated))
    for one in find_numbers(tokens, code, threshold=0.0):
        first, last = near[one.start], near[one.end - 1]
        yield Spelled(first, last + 1, Decimal(str(one.value)), one.is_ordinal)


@short_cache(1 << 16)
def _is_number(word: str, code: str) -> bool:
    from text_to_num import find_numbers

    longest = len(word) <= LONGEST_WORD
    return longest and bool(find_numbers([_Token(word, separated=True)], code, threshold=0.0))


def _by_tables(reading: Reading) -> Iterator[Spelled]:
    """Sums of ever smaller numbers: ``двадцать пять тысяч триста``."""
    language = reading.language
    i = 0
    while i < len(reading.words):
        total, last, ordinal, j = 0, 0, False, i
        while j < len(reading.words) and not ordinal and (j == i or _adjacent(reading, j)):
            word = reading.words[j].text
            ordinal = word in language.ordinals
            value = language.ordinals.get(word) or language.cardinals.get(word, 0)
            power = language.magnitudes.get(word, 0)
            if value and (not last or value < _place(last)):
                total, last = total + value, value
            elif power == 2 and 0 < total % 1000 < 10:
                total, last = total + total % 1000 * 99, 100
            else:
                break
            j += 1
        if j > i:
            yield Spelled(i, j, Decimal(total), ordinal)
        i = max(j, i + 1)


def _place(value: int) -> int:
    """The power of ten that a number is a multiple of: numbers below it may follow."""
    place = 1
    while value % (place * 10) == 0:
        place *= 10
    return place


def _adjacent(reading: Reading, i: int) -> bool:
    """Whether only a blank or hyphen parts a word from the one before it."""
    if not i:
        return False
    between = reading.text[reading.words[i - 1].end : reading.words[i].start]
    return between in (" ", "-") or not between.strip(_GAP)


def _counts(reading: Reading, run: Spelled) -> bool:
    """Whether a number in words is meant as one."""
    language, words = reading.language, reading.words[run.first : run.after]
    first, end = words[0].text, words[-1].end
    homograph = first in language.homographs and not _counted(reading, run)
    if run.ordinal:
        return run.value > 2 and not homograph
    if all(word.text in language.magnitudes for word in words):
        before = reading.words[run.first - 1].text if _adjacent(reading, run.first) else ""
        return first in language.bare and before not in language.vague
    if run.value == 1:
        joined = reading.text[end : end + 1] in ("-", "\u2011")
        return joined or bool(and_half(reading, end)) or _is_multiplied(reading, end)
    named = words[0].flags & NAME and not language.capitalises_titles
    if named:  # unless it and the word before it are in capitals, as a headline may be
        shouted = reading.text[reading.words[run.first - 1].start : words[0].end]
        named = not shouted.isupper()
    return first not in language.vague and (len(words) > 1 or not (homograph or named))


def _is_multiplied(reading: Reading, end: int) -> bool:
    """Whether a magnitude or a group follows."""
    word, language = next_word(reading, end)[0], reading.language
    return len(word) > 1 and (word in language.magnitudes or word in language.groups)


def _counted(reading: Reading, run: Spelled) -> bool:
    """Whether a unit, magnitude, ``of`` or a noun in the plural follows (in German: any noun)."""
    language, end = reading.language, reading.words[run.after - 1].end
    partitive = next_word(reading, end)[0] in language.links
    if partitive or unit_at(reading, end)[0] or _is_multiplied(reading, end):
        return True
    noun = noun_after(reading, end)
    if language.capitalises_nouns:
        first = reading.index_at(noun.start)
        return bool(noun.unit) and any(
            word.flags & CAPITAL for word in reading.words[first:] if word.end <= noun.end
        )
    return noun.unit.endswith(tuple(language.plural_endings))


def _alone(reading: Reading, word: Word) -> Literal | None:
    """``a`` before a magnitude or group, a part of one, a number with a half in one word."""
    language = reading.language
    if word.text in language.articles:
        return Literal(Decimal(1), word.end) if _is_multiplied(reading, word.end) else None
    value = language.word_values.get(word.text) or _half(language, word.text)
    if value is not None:
        return Literal(value, word.end)
    match = pattern(_FRACTION, frozenset(language.fractions)).match(reading.text, word.start)
    if match is None or not _is_multiplied(reading, match.end()):
        return None
    part = language.fractions.get(" ".join(match.group().lower().split()))
    return Literal(part, match.end()) if part else None


def _half(language: Language, word: str) -> Decimal | None:
    """``zweieinhalb``, ``tweeënhalf``: a number and a half."""
    ending = next((e for e in language.half_endings if word.endswith(e) and word != e), None)
    if ending is None:
        return None
    from text_to_num import text2num

    try:
        return Decimal(text2num(word.removesuffix(ending), language.code)) + Decimal("0.5")
    except ValueError:
        return None


@cache
def _beginnings(language: Language) -> frozenset[str]:
    """Words that :func:`_alone` may read a number from."""
    first = (regex.split(r"[ -]", phrase)[0] for phrase in language.fractions)
    return language.articles.union(first, language.word_values)


def numeral_end(text: str, start: int) -> int:
    """Where the run of digits and signs that begins at ``start`` ends."""
    match = _PLAIN.match(text, start)
    return match.end() if match else start


def from_digits(text: str, start: int, *, comma: bool) -> Literal | None:
    """The numeral in digits that begins at ``start``; None for what is no quantity.

    ``comma``: the decimal sign is a comma, and blanks may part the thousands.
    """
    match = (_DIGITS if comma else _PLAIN).match(text, start)
    value = _decimal(match.group(), comma=comma) if match else None
    return None if match is None or value is None else Literal(value, match.end())


def _decimal(written: str, *, comma: bool) -> Decimal | None:
    """Reads thousands and decimal signs; None for dotted codes, addresses and long identifiers."""
    written = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in written)
    signs = [c for c in written if not c.isdigit()]
    if len(written) - len(signs) > LONGEST_DIGITS:
        return None
    if not signs:
        return Decimal(written)
    last = signs[-1]
    point = "," if comma else "."
    alone = signs.count(last) == 1
    head, _, tail = written.rpartition(last)
    if alone and (last in (point, "٫") or (len(signs) > 1 and last in ".,") or len(tail) != 3):
        whole = "".join(c for c in head if c.isdigit())
        if len(signs) > 1 and not _GROUPED.fullmatch(head):
            return None
        return Decimal(f"{whole}.{tail}") if last in ".,٫" else None
    return (
        Decimal("".join(c for c in written if c.isdigit())) if _GROUPED.fullmatch(written) else None
    )


def from_han(text: str, start: int) -> Literal | None:
    """A numeral of Han digits and magnitudes, or of digits with them: ``三百``, ``1亿2000万``."""
    total = section = Decimal(0)
    end, limit = start, start + LONGEST_HAN
    while (part := _HAN_PART.match(text, end, limit)) and part.end() > end:
        end, power = part.end(), HAN_MAGNITUDES.get(part["magnitude"], 0)
        number = Decimal((part["han"] or "0").translate(_TO_DIGITS))
        if part["digits"]:
            read = _decimal(part["digits"], comma=False)
            if read is None:
                return None
            number = read
        if power < 4:
            section += (number or (1 if power else 0)) * 10**power
        else:
            total, section = total + (section + number or 1) * 10**power, Decimal(0)
    value = total + section
    return Literal(value, end) if end > start and len(str(value)) <= LONGEST_DIGITS + 2 else None
