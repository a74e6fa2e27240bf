# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""What a number counts: the hedge and currency before it, the magnitude, unit and noun after it."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import regex

from dedupe.comparison.facts.kind import Found
from dedupe.comparison.words import CAPITAL, Word
from dedupe.lexicon import Language, any_of, pattern
from dedupe.text import IDEOGRAPHIC, NAME, NUMBER, SYLLABIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.comparison.reading import Reading
    from dedupe.model_compare import Qualifier

COUNTED_WORDS = 3
"""Words after a number that may say what it counts."""
FIRST_YEAR, LAST_YEAR = 1000, 2199
COMMON = 1.5e-3
"""Frequency from which a word does not describe what is counted: ``of``, ``were``, ``have``."""
HEDGE_WINDOW = 32
"""Code points before a number that its hedge is sought in."""
CURRENCIES = frozenset(
    (
        "USD",
        "EUR",
        "GBP",
        "JPY",
        "CNY",
        "INR",
        "RUB",
        "KRW",
        "BRL",
        "PLN",
        "TRY",
        "CHF",
        "UAH",
        "SEK",
        "IDR",
    )
)
_SPACE = r"[\s\u00a0\u202f\u2011-]*+"
_LINK = rf"(?i){_SPACE}(?:(?:{{}})(?:(?<=['’])|\s+))?"
"""White space, and a preposition such as ``of``."""
_NEXT_WORD = regex.compile(rf"{_SPACE}([\p{{L}}\p{{M}}]++)")
_COUNTRY = regex.compile(r"(?<!\p{L})(?:US|A|C|NZ|HK|S)\Z")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}"


@cache
def _unit(language: Language) -> regex.Pattern[str]:
    """A unit, whole words of it where words are spaced."""
    return regex.compile(
        rf"{_LINK.format(any_of(language.links))}({any_of(language.units)})"
        rf"(?:(?<=[^\p{{L}}\p{{M}}]|[{_UNSPACED}])|(?![\p{{L}}\p{{M}}]))",
        regex.IGNORECASE,
    )


@cache
def _hedge(language: Language) -> regex.Pattern[str]:
    kinds = "|".join(
        f"(?P<{kind}>{any_of(words)})"
        for kind, words in (
            ("over", language.over), ("under", language.under), ("about", language.about),
        )
    )  # fmt: skip
    return regex.compile(
        rf"(?:\A|(?<!\p{{L}})|(?<=\p{{Han}}))(?:{kinds})(?:\s+(?:{any_of(language.fillers)}))*"
        r"\s*(?:US|A|C)?[$€£¥₹₽₩]?\Z",
        regex.IGNORECASE,
    )


def hedge(reading: Reading, start: int) -> Qualifier:
    """How the number that begins at ``start`` is hedged by the words before it."""
    before = reading.text[max(0, start - HEDGE_WINDOW) : start]
    match = _hedge(reading.language).search(before)
    if match is None:
        return ""
    return "over" if match["over"] else "under" if match["under"] else "about"


def currency_before(reading: Reading, start: int) -> tuple[int, str]:
    """Where the currency sign before ``start`` begins, and the currency; ``start``, '' for none."""
    window = reading.text[max(0, start - 8) : start]
    before = window.rstrip(" \u00a0\u202f")
    units = reading.language.units
    if before[-2:-1].isalpha() and units.get(before[-2:].lower()) in CURRENCIES:  # "R$"
        return start - (len(window) - len(before)) - 2, units[before[-2:].lower()]
    currency = "" if before[-1:].isalpha() else units.get(before[-1:], "")
    if currency not in CURRENCIES:
        return start, ""
    country = _COUNTRY.search(before[:-1])
    length = 1 + (len(country.group()) if country else 0)
    return start - (len(window) - len(before)) - length, currency


def next_word(reading: Reading, end: int) -> tuple[str, int]:
    """The folded word that follows on ``end`` and where it ends; '', ``end`` for none."""
    match = _NEXT_WORD.match(reading.text, end)
    return (match[1].lower(), match.end()) if match else ("", end)


def after_link(reading: Reading, end: int) -> int:
    """Where a preposition such as ``of`` ends that follows on ``end``; ``end`` for none."""
    match = pattern(_LINK, reading.language.links).match(reading.text, end)
    return match.end() if match else end


def and_half(reading: Reading, end: int) -> int:
    """Where ``and a half`` ends that follows on ``end``; 0 for none."""
    match = pattern(r"(?i)\s+(?:{})(?!\p{{L}})", reading.language.and_half).match(reading.text, end)
    return match.end() if match else 0


def magnitude_at(reading: Reading, end: int, *, money: bool) -> tuple[int, int]:
    """Power of ten that the words at ``end`` multiply by, and where they end; 0, 0 for none."""
    power, at = 0, 0
    while True:
        word, after = next_word(reading, at or end)
        more = reading.language.magnitudes.get(word, 0)
        if not more or (len(word) == 1 and not money):
            return power, at
        power, at = power + more, after
        if reading.text.startswith(". ", at) and len(word) <= 4:
            at += 1


def unit_at(reading: Reading, end: int) -> tuple[str, int]:
    """The known unit that stands at ``end``, and where it ends; '' for none."""
    match = _unit(reading.language).match(reading.text, end)
    if match is None:
        return "", end
    phrase = " ".join(match[1].lower().split())
    return reading.language.units.get(phrase, ""), match.end()


def noun_after(reading: Reading, end: int) -> Found:
    """What is counted: the likeliest noun after ``end`` (its place, itself as unit) and stems."""
    chosen: list[Word] = []
    at = end
    first = reading.index_at(end)
    for word in reading.words[first : first + COUNTED_WORDS]:
        if reading.text[at : word.start].strip(" \u00a0\u202f-‑\n"):
            break
        if word.flags & (NUMBER | SYLLABIC) or _says_nothing(reading, word):
            break
        chosen.append(word)
        at = word.end
    if not chosen:
        return Found(0, 0, "")
    head = _head(chosen, reading.language)
    stems = tuple(reading.stems.get(w.text, w.text) for w in chosen)
    if head is None:
        return Found(0, 0, "", "", stems)
    return Found(chosen[0].start, head.end, "", head.text, stems)


def _says_nothing(reading: Reading, word: Word) -> bool:
    common = reading.frequency.get(word.text, 0) >= COMMON
    return common or word.text in reading.language.prepositions


def _head(chosen: Sequence[Word], language: Language) -> Word | None:
    """In English the first plural, in German the first noun by its capital, else the first."""
    if language.counts_plurals:
        return next((w for w in chosen if plural(w.text, language)), None)
    if language.capitalises_nouns:
        return next((w for w in chosen if w.flags & CAPITAL), None)
    return chosen[0]


def plural(word: str, language: Language) -> bool:
    """Whether a word looks like an English plural."""
    ends = word.endswith("s") and not word.endswith("ss") and len(word) > 3
    return word in language.plurals or ends


def after_first(reading: Reading, end: int) -> int:
    """Where the first word after ``end`` ends."""
    return reading.words[reading.index_at(end)].end


def noun_before(reading: Reading, i: int) -> Found | None:
    """``magnitude 6.8``, ``magnitude of 6.8``: the noun before a number that counts nothing."""
    for j in range(i - 1, max(i - 3, -1), -1):
        word = reading.words[j]
        if reading.text[word.end : reading.words[j + 1].start].strip():
            break
        if not word.flags & (NUMBER | IDEOGRAPHIC) and not _says_nothing(reading, word):
            return Found(0, 0, "", word.text, (reading.stems.get(word.text, word.text),))
    return None


def says_year(reading: Reading, i: int, value: Decimal) -> bool:
    """``in nineteen ninety-nine``: whether a number that counts nothing is a year."""
    before = reading.words[i - 1].text if i else ""
    return before in reading.language.before_year and FIRST_YEAR <= value <= LAST_YEAR


def belongs_to_name(reading: Reading, i: int) -> bool:
    """``Power of Siberia 2``, ``Boeing 737``: a numeral right after a word written as a name."""
    if i == 0 or not reading.words[i].flags & (NUMBER | NAME):
        return False
    before, word = reading.words[i - 1], reading.words[i]
    if reading.text[before.end : word.start].strip() or not before.flags & NAME:
        return False
    language = reading.language
    return before.text not in (language.weekdays.keys() | language.months.keys())
