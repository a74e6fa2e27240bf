# ruff: noqa: RUF001, SIM905 - words and signs of all scripts stand as text
"""Which names are one: spellings, short forms, initials. Over both articles at once."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

import regex

from dedupe.compare.facts.name_words import (
    DIRECTIONS,
    LOOSE_PARTICLES,
    NUMERALS,
    ROMAN,
)
from dedupe.compare.stems import stems
from dedupe.weigh import word_frequencies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dedupe.compare.facts.names import Name

INFLECTING = frozenset(
    "ru uk bg pl cs sk sl hr sr sh fi et hu tr lt lv el ro de sv da nb no".split()
)
"""Languages that inflect names: their words are compared by stem."""
COMMON_SHORT = 2e-4
"""Frequency from which a word alone is no short form of a name that ends with it."""
COMMON_REST = 1e-5
"""Frequency from which the rest of a name shows that its first word is a name of its own:
``China Mobile`` is not ``China``, ``Xi Jinping`` is ``Xi``."""
LONG_ENOUGH = 7
"""Letters of an unlisted word from which one letter's difference is a spelling."""

LONGEST_ACRONYM = 5

Key = tuple[str, ...]

_ROMANISED = tuple(
    (regex.compile(pattern), to)
    for pattern, to in (
        (r"[’'ʹʼь]", ""),
        (r"shch|schtsch", "sh"),
        (r"tsch|tch", "ch"),
        (r"sch", "sh"),
        (r"kh", "h"),
        (r"ck|q", "k"),
        (r"ph", "f"),
        (r"tz", "ts"),
        (r"w", "v"),
        (r"ou", "u"),
        (r"[iyj]+", "i"),
        (r"(\p{L})\1+", r"\1"),
    )
)
"""Letters that romanisations of one name choose between, folded to one choice, in this order."""


def spelling(word: str) -> str:
    """What the spellings of one name have in common: ``Zelenskiy``, ``Zelensky``: ``zelenski``."""
    if not regex.search(r"\p{Latin}", word):
        return word
    folded = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    for pattern, to in _ROMANISED:
        folded = pattern.sub(to, folded)
    return folded


def keys(found: Sequence[Name], lang: str) -> list[Key]:
    """The comparable form of each name: words by spelling (and stem), numerals as digits."""
    words = {word for name in found for word in name.words}
    stem: Mapping[str, str] = stems(words, lang) if lang in INFLECTING else {}
    spelt = {word: spelling(stem.get(word, word)) for word in words}
    return [_key(name, spelt) for name in found]


def _key(name: Name, spelt: Mapping[str, str]) -> Key:
    if len(name.words) > 1 and all(len(word) == 1 for word in name.words):
        return ("".join(name.words),)
    *first, last = name.words
    if first and last in NUMERALS:
        return (*(spelt[word] for word in first), NUMERALS[last])
    if name.capitals and len(last) <= LONGEST_ACRONYM:
        return name.words
    return tuple(spelt[word] for word in name.words)


class Joins:
    """Sets of keys that name the same (union-find)."""

    def __init__(self) -> None:
        self._parent: dict[Key, Key] = {}

    def find(self, key: Key) -> Key:
        """The key that stands for all that are joined with this one."""
        while (up := self._parent.get(key, key)) != key:
            key = up
        return key

    def join(self, short: Key, long: Key) -> None:
        """Makes two keys one; the second stands for both."""
        one, other = self.find(short), self.find(long)
        if one != other:
            self._parent[one] = other


def joins(a: Sequence[tuple[Name, Key]], b: Sequence[tuple[Name, Key]], lang: str) -> Joins:
    """Which keys of two articles name the same. A short form that fits two names joins none."""
    every = [*a, *b]
    titled = {key for name, key in every if name.titled}
    capitals = {
        key for name, key in every if name.capitals or len("".join(name.words)) == len(name.words)
    }
    keys_a, keys_b = ({key for _, key in side} for side in (a, b))
    both = keys_a | keys_b
    longer = sorted((key for key in both if len(key) > 1), key=lambda key: (-len(key), key))
    found = Joins()
    written = {key: name.words for name, key in every}
    frequency = word_frequencies(lang)
    _join_unique(
        found,
        both,
        _by(longer, lambda k: k[-1:]),
        lambda short, long: _ends(short, long, written, frequency, titled),
    )
    _join_unique(
        found,
        both,
        _by(longer, lambda k: k[:1]),
        lambda short, long: _begins(short, long, written, frequency, titled),
    )
    _join_unique(
        found,
        capitals,
        _by(longer, lambda k: _initials(written[k])),
        lambda s, _: len(s) == 1 and len(s[0]) > 1,
    )
    _join_spellings(found, keys_a - keys_b, keys_b - keys_a, written, frequency)
    return found


def _by(longer: Iterable[Key], of: Callable[[Key], Key]) -> dict[Key, list[Key]]:
    index: dict[Key, list[Key]] = defaultdict(list)
    for key in longer:
        index[of(key)].append(key)
    return index


def _join_unique(
    found: Joins,
    short: Iterable[Key],
    index: Mapping[Key, list[Key]],
    fits: Callable[[Key, Key], bool],
) -> None:
    for key in sorted(short):
        probes = {key[-1:], key[:1]} if len(key) > 1 else {key}
        fitting = {
            found.find(long)
            for probe in probes
            for long in index.get(probe, ())
            if len(long) > 1 and long != key and fits(key, long)
        }
        if len(fitting) == 1:
            found.join(key, fitting.pop())


def _initials(words: Key) -> Key:
    """``world war two``: ``wwii``."""
    letters = (ROMAN.get(NUMERALS.get(word, word), word[0]) for word in words)
    return (
        "".join(x for x, word in zip(letters, words, strict=True) if word not in LOOSE_PARTICLES),
    )


def _ends(
    short: Key,
    long: Key,
    written: Mapping[Key, Key],
    frequency: Mapping[str, float],
    titled: set[Key],
) -> bool:
    """``Putin`` for ``Vladimir Putin``; and a middle name left out."""
    if len(short) >= len(long):
        return False
    if len(short) > 1 and short[0] == long[0] and short[-1] == long[-1]:
        return len(long) == 3
    if (
        long[-len(short) :] != short
        or LOOSE_PARTICLES & set(long)
        or written[long][0] in DIRECTIONS
    ):
        return False
    if short[-1].isdigit():
        return False
    return long in titled or all(frequency.get(w, 0) < COMMON_SHORT for w in written[short])


def _begins(
    short: Key,
    long: Key,
    written: Mapping[Key, Key],
    frequency: Mapping[str, float],
    titled: set[Key],
) -> bool:
    """``Xi`` for ``Xi Jinping``."""
    if (
        len(short) >= len(long)
        or long[: len(short)] != short
        or LOOSE_PARTICLES & set(long)
        or short[0] in DIRECTIONS
    ):
        return False
    if long in titled and len(long) <= 3:
        return True
    rest = written[long][len(short) :]
    return all(
        not w.isdigit() and max(frequency.get(w, 0), frequency.get(w[:-1], 0)) < COMMON_REST
        for w in rest
    )


def _join_spellings(
    found: Joins,
    only_a: set[Key],
    only_b: set[Key],
    written: Mapping[Key, Key],
    frequency: Mapping[str, float],
) -> None:
    """Long words that no list has and that differ in one letter, each in one article alone."""
    from rapidfuzz.distance import DamerauLevenshtein

    index: dict[tuple[str, int], list[Key]] = defaultdict(list)
    for key in sorted(only_b):
        index[key[-1][0], len(key)].append(key)
    for key in sorted(only_a):
        if len(key[-1]) < LONG_ENOUGH or any(w in frequency for w in written[key]):
            continue
        near = [
            other
            for other in index[key[-1][0], len(key)]
            if other[:-1] == key[:-1]
            and len(other[-1]) >= LONG_ENOUGH
            and not any(w in frequency for w in written[other])
            and other[-1][-1] == key[-1][-1]
            and DamerauLevenshtein.distance(key[-1], other[-1], score_cutoff=1) == 1
        ]
        if len(near) == 1:
            found.join(key, near[0])
