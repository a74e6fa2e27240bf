"""The words of dates in all languages at once: months, weekdays, halves of the day.

A feed rarely says the language that its dates are written in. Most names mean one thing wherever
they are used, and what means two is left to the date around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from dedupe.lexicon import Language, every_language

Meanings = Mapping[int, frozenset[str]]
"""What a name may mean - the number of a month, of a weekday from Monday 1 on - and in which
languages."""

WORD = r"[^\s!-@\[-`{-~]+"
"""A run of letters and of marks on them, in `levelled` text."""
JOINT = "\N{WORD JOINER}"
_SHORTEST = 3
"""Letters that the beginning of a month's name must have: feeds cut names to three."""
_STEM, _ENDING = 4, 5
"""Letters of a month's name that may take an ending, and of the ending."""
_OF = re.compile(r"(?:de |d')")
"""Of months in Catalan."""
_WIDE = range(0xFF01, 0xFF5F)


def levelled(text: str) -> str:
    """The text with digits, signs and blanks of all scripts as those of ASCII.

    Marks of direction are gone, and so are the stops of ``p. m.`` and its like.
    """
    if not text.isascii():
        text = "".join(map(_plain, unicodedata.normalize("NFC", text)))
        text = _THAI_STOPS.sub("", text)
    return _STOPS.sub(r"\1\2", text)


_THAI_STOPS = re.compile(r"(?<=[\u0e01-\u0e4e])\.(?=[\u0e01-\u0e4e\s]|$)")
_STOPS = re.compile(
    r"(?<![^\s\d(,;])([^\s!-@\[-`{-~])\.\s?([^\s!-@\[-`{-~][\u0300-\u036f]?)(?:\.|(?=[\s,;)]|$))"
)
"""Two single letters with stops."""


def _plain(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if ord(character) in _WIDE:
        return chr(ord(character) - 0xFEE0)
    if character.isascii() or kind[0] in "LMN":
        return "'" if character == "\u02bc" else character
    return _SIGNS.get(kind, "'" if character in "\u2019\u05f3" else " ")


_SIGNS = {"Cf": "", "Pd": "-", "Sm": "-"}
"""Of other signs, by their kind; of mathematics only the minus is one of dates."""


def lowered(text: str) -> str:
    """`levelled` text in lower case, each character in its place; of sigma there is one."""
    if text.isascii():
        return text.lower()
    return "".join(c.lower()[:1] for c in text).replace("\u03c2", "\u03c3")


def _bare(word: str) -> str:
    """A word without accents, the dotless i with its dot."""
    letters = unicodedata.normalize("NFD", word).replace("\u0131", "i")
    return "".join(c for c in letters if not "\u0300" <= c <= "\u036f")


@dataclass(frozen=True)
class Names:
    """The words of dates, as they stand in `lowered` text."""

    months: Mapping[str, Meanings]
    bare_months: Mapping[str, Meanings]
    """The same without accents."""
    weekdays: Mapping[str, Meanings]
    halves: Mapping[str, Meanings]
    """0 before noon, 12 after."""
    beside_times: Mapping[str, frozenset[str]]
    """Words that say nothing more beside a time of day, and in which languages."""
    day_first: frozenset[str]
    """Languages that begin a date of numbers with the day."""
    two_words: re.Pattern[str]
    """Names that have a blank. In the other tables JOINT stands for it, so that they are words."""


@cache
def names() -> Names:
    """Of all languages that have a file. The first call reads the files, in some 60 ms."""
    known = every_language()
    months = _meanings(known, ("months", "short_months"))
    bare: dict[str, dict[int, set[str]]] = {}
    for name, meant in months.items():
        for month, codes in meant.items():
            bare.setdefault(_bare(name), {}).setdefault(month, set()).update(codes)
    halves: dict[str, dict[int, frozenset[str]]] = {}
    for hour, field in ((0, "am"), (12, "pm")):
        for name, codes in _codes(known, field).items():
            halves.setdefault(name, {})[hour] = codes
    beside: dict[str, frozenset[str]] = {}
    for field in ("clock", "links", "before_month"):
        for name, codes in _codes(known, field).items():
            beside[name] = codes | beside.get(name, frozenset())
    weekdays = _meanings(known, ("weekdays", "short_weekdays"))
    joined = sorted((n for n in (*months, *weekdays) if JOINT in n), key=len, reverse=True)
    return Names(
        months,
        _frozen(bare),
        weekdays,
        halves,
        beside,
        frozenset(language.code for language in known if language.day_first),
        re.compile("|".join(re.escape(name.replace(JOINT, " ")) for name in joined)),
    )


def _meanings(known: Iterable[Language], kinds: Iterable[str]) -> dict[str, Meanings]:
    found: dict[str, dict[int, set[str]]] = {}
    for language in known:
        for field in kinds:
            for name, number in getattr(language, field).items():
                word = _OF.sub("", lowered(levelled(name)), count=1).replace(" ", JOINT)
                found.setdefault(word, {}).setdefault(number, set()).add(language.code)
    return _frozen(found)


def _frozen(found: Mapping[str, Mapping[int, set[str]]]) -> dict[str, Meanings]:
    return {
        name: {number: frozenset(codes) for number, codes in meant.items()}
        for name, meant in found.items()
    }


def _codes(known: Iterable[Language], field: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for language in known:
        for name in getattr(language, field):
            found.setdefault(lowered(levelled(name)), set()).add(language.code)
    return {name: frozenset(codes) for name, codes in found.items()}


@lru_cache(maxsize=1024)
def months_of(word: str) -> Meanings:
    """The months that a word may name: whole, without its accents, cut short, or with an ending.

    Empty where it names none. A word that is cut short or has an ending names one month or none.
    """
    known = names()
    exact = known.months.get(word) or known.bare_months.get(_bare(word))
    if exact or len(word) < _SHORTEST or word in known.weekdays:
        return exact or {}
    found: dict[int, set[str]] = {}
    for name, meant in known.months.items():
        ending = len(word) - len(name)
        longer = len(name) >= _STEM and ending <= _ENDING and word.startswith(name)
        # Hebrew writes `in` and the name as one word.
        if longer or name.startswith(word) or (word[0] == "\u05d1" and word[1:] == name):
            for month, codes in meant.items():
                found.setdefault(month, set()).update(codes)
    return {m: frozenset(codes) for m, codes in found.items()} if len(found) == 1 else {}
