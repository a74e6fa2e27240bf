"""What is known of a language: its words for dates, numbers and names, from one file each.

``dedupe/data/languages/xx.toml`` is all that there is of the language xx, so that a new language
is a new file; ``und.toml`` (BCP 47: undetermined) is read with each of them. Words are folded as
tokens are. A list is a string with blanks between its words, or an array where one has blanks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import regex

FOLDER = Path(__file__).parent / "data" / "languages"
SHARED, DEFAULT = "und", "en"
"""What is read with every language, and what stands in for the words of an unknown one."""

Words = frozenset[str]
Numbers = Mapping[str, int]
Values = Mapping[str, Decimal]
Forms = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Language:
    """The words of one language; whatever its file lacks is empty. Compared by identity."""

    code: str
    """Its BCP 47 primary subtag; "" of a language without a file."""
    name: str
    """In English."""
    tags: Words
    """Other writings of its code: ISO 639-2, withdrawn ones."""
    stemmer: str
    """Snowball's name of it, or ''."""
    decimal_comma: bool
    """Writes ``3,4`` and ``1.000`` (CLDR); all others write ``3.4`` and ``1,000``."""
    ordinal_stop: bool
    """Writes ``9. Mai``: a number of one or two digits with a stop is an ordinal."""
    inflects_names: bool
    """Its names are compared by stem."""
    accents_tell: bool
    """Words that differ in their accents alone are other words."""
    capitalises_nouns: bool
    capitalises_days: bool
    """Months and weekdays without a capital are other words, as ``may`` and ``sat``."""
    capitalises_titles: bool
    """Its headlines may be in title case, where number words have capitals too."""
    counts_plurals: bool
    """What is counted is a plural that ends in ``s`` or is one of ``plurals``."""
    pairs_years: bool
    """Says years as two numbers: ``nineteen ninety-nine``."""
    text2num: bool
    """Its number words are read by the package text2num, else by ``cardinals``, ``ordinals``."""

    abbreviations: Words
    starters: Words
    """Open a sentence even after initials, if they have a capital."""
    openers: Words
    """Further words that open a sentence with a capital and are no names."""
    titles: Words
    particles: Words
    loose_particles: Words
    """Particles that no name begins with: ``The``."""
    genitives: Words
    """Particles between two names of their own: ``Bank of England`` is not ``England``."""
    directions: Words
    """Before a name they make another one of it: ``North Korea``."""
    adjective_endings: Words
    """Of adjectives that have the stem of their place: ``Минская`` beside ``Минск``."""
    place_endings: Words
    """Of such places, where no adjective ends so."""
    countries: Words
    """Names of countries and of unions of them (CLDR), where names have capitals."""
    cities: Words
    """Names of cities that time zones are named by (CLDR)."""
    name_endings: Words
    """A name ends with them: ``Inc``, ``Jr``."""
    demonyms: Words
    """What people are called by their country, party or faith, with a capital: ``French``."""
    locatives: Words
    """Stand before a place and hardly ever before a person: ``in``."""

    joiners: Words
    """Between the first and the last of a span of days or numbers. ``and`` is missing: two."""
    links: Words
    """``of``: between a day and its month, a magnitude and what is counted."""
    before_year: Words
    after_year: Words
    before_month: Words
    ambiguous_months: Words
    """Names of months that are other words too: alone they need a word of ``before_month``."""
    months: Numbers
    short_months: Numbers
    """Read beside a day or a year only."""
    weekdays: Numbers
    """ISO numbers, Monday 1."""
    short_weekdays: Numbers
    am: Words
    """Of times on a clock of twelve hours, without stops and blanks."""
    pm: Words
    clock: Words
    """Stand beside a time of day and say no more: ``at``, ``Uhr``."""
    day_first: bool
    """Begins a date of numbers alone with the day (CLDR)."""

    over: Words
    under: Words
    about: Words
    fillers: Words
    """Between a hedge and its number."""
    subsets: Words
    """Beside a number that is a part of another one: ``84 people, including 10 children``."""
    among: Words
    """Before a whole of which other numbers are parts: ``three of the 84 people killed``."""
    groups_of_people: Words
    """People of one kind, who may be a part of all who are counted: ``two women``."""
    further: Words
    """Beside a number that comes on top of another one: ``three other Americans``."""
    one: Words
    """One of something, beside the articles: ``killing one visitor``."""
    active_tolls: Words
    """Forms of ``tolls`` that stand before those who are counted: ``killing``."""
    years: Words
    """Say of which year a figure is: ``last year``, ``this year``."""
    changed: Words
    """Say that a figure is a newer state of another one: ``rose``, ``revised``."""
    starts: Words
    """Say that a day is the first one of something: ``begins``, ``premiere``."""
    ends: Words
    """The same of the last one: ``closes``."""
    prepositions: Words
    """End what a number counts, though they are rarer than its commonest nouns."""
    plurals: Words
    results: Words
    """Between the sides of a match and its result."""
    ordinal_suffixes: Words
    articles: Words
    """Indefinite ones: before a magnitude they are its number."""
    definite: Words
    bare: Words
    """Magnitudes that count without an article: ``mil`` but not ``million``."""
    vague: Words
    """After them a magnitude is no number of its own: ``several thousand``."""
    update_marks: Words
    """Open a title, before a colon or a dash or in brackets, of a version that says more."""
    correction_marks: Words
    """The same of one that corrects or withdraws another."""
    homographs: Words
    """Number words that are other words too: they need a unit, or a noun as the next field says."""
    plural_endings: Words
    and_half: Words
    """After a number, or what it counts: ``two years and a half``."""
    half_endings: Words
    """Of compounds such as ``zweieinhalb``."""
    word_forms: Forms
    """Number words in a form that text2num lacks, to one that it has."""
    word_values: Values
    """Number words with a fraction: ``anderthalb``."""
    fractions: Values
    """Parts of a magnitude or group that follows: ``half a million``."""
    groups: Numbers
    """Nouns that stand for a number: ``dozen``."""
    cardinals: Numbers
    """From 2 up; 1 is the article or a pronoun in most languages."""
    ordinals: Numbers
    """From the third up: first and second are mostly not counted but said."""
    magnitudes: Numbers
    """Powers of ten."""
    units: Forms
    """Canonical name of each unit: ``percent``, ``USD``, ``day``, ``person``."""
    measures: Forms
    """What sums and shares are of, by its English name: ``inflation``, ``profit``."""
    tolls: Forms
    """What happened to people who are counted, by its English name: ``killed``, ``injured``."""


def _words(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else list(value)


def _forms(convert: Callable[[str], Any]) -> Callable[[list[Any]], Mapping[str, Any]]:
    """Tables of value to forms, or lists of forms counted from 1, as form to value."""

    def read(tables: list[Any]) -> Mapping[str, Any]:
        rows: Iterable[tuple[Any, Any]] = (
            row
            for table in tables
            for row in (table.items() if isinstance(table, dict) else enumerate(table, 1))
        )
        return {form: convert(str(value)) for value, forms in rows for form in _words(forms)}

    return read


_READERS: Mapping[str, Callable[[list[Any]], Any]] = {
    "str": lambda values: values[-1] if values else "",
    "bool": any,
    "Words": lambda values: frozenset(word for value in values for word in _words(value)),
    "Numbers": _forms(int),
    "Values": _forms(Decimal),
    "Forms": _forms(str),
}
"""How a field is made of what the files give, by the name of its type."""


@cache
def _file(code: str) -> Mapping[str, Any]:
    found = tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8"))
    return {**found, **found.pop("calendar", {}), **found.pop("territories", {}), "code": code}


@cache
def known_codes() -> frozenset[str]:
    """The codes of all files; what is no code of a file is never opened."""
    return frozenset(path.stem for path in FOLDER.glob("*.toml"))


@cache
def _read(code: str) -> Language:
    files = [_file(SHARED), _file(code)]
    return Language(**{
        field.name: _READERS[str(field.type)]([
            file[key] for file in files for key in (field.name, f"more_{field.name}") if key in file
        ])
        for field in fields(Language)
    })  # fmt: skip


@cache
def _unknown() -> Language:
    return replace(_read(DEFAULT), stemmer="", text2num=False, code="")


def language_of(code: str) -> Language:
    """The words of a language; the English ones, but no stems and number words, for another."""
    return _read(code) if code in known_codes() and code != SHARED else _unknown()


@cache
def codes_by_tag() -> Mapping[str, str]:
    """The code of each language by its English name and its other codes. Reads all files."""
    found: dict[str, str] = {}
    for code in sorted(known_codes() - {SHARED}):
        language = _file(code)
        found |= dict.fromkeys((language["name"].lower(), *_words(language.get("tags", ""))), code)
    return found


@cache
def every_language() -> tuple[Language, ...]:
    """All languages that have a file, by code. Reads all files."""
    return tuple(_read(code) for code in sorted(known_codes() - {SHARED}))


def any_of(words: Iterable[str]) -> str:
    """A regular expression for the longest of some words or phrases; of none it matches nothing."""
    longest = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest) or r"(?!)"


@cache
def pattern(form: str, *words: Words) -> regex.Pattern[str]:
    """A regular expression in which each ``{}`` stands for :func:`any_of` some words."""
    import regex

    return regex.compile(form.format(*map(any_of, words)))


UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}"
"""Scripts without spaces between words, in a class of a regular expression."""


@cache
def phrases(words: Words) -> regex.Pattern[str]:
    """A regular expression for whole words or phrases; in scripts without spaces for parts too."""
    import regex

    return regex.compile(
        rf"(?:(?<![\p{{L}}\p{{M}}])|(?<=[{UNSPACED}]))(?:{any_of(words)})"
        rf"(?:(?![\p{{L}}\p{{M}}])|(?<=[{UNSPACED}]))",
        regex.IGNORECASE,
    )


def forms_in(forms: Forms, text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Where one of some forms stands between two offsets of a text, and which one.

    A regular expression takes more letters for one than lower case does, ``ſ`` for ``s`` and ``İ``
    for ``i``: what is no form in lower case is left out.
    """
    for match in phrases(frozenset(forms)).finditer(text, start, end):
        form = " ".join(match.group().lower().split())
        if form in forms:
            yield match.start(), match.end(), form
