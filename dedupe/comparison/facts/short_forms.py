"""Which short form stands for which name: ``Putin``, ``Xi``, ``WHO``. Over both articles at once.

A word of a name is short for it only where the name is a person's or the word says which: places,
nations and common nouns in a name are names or words of their own.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import regex

from dedupe.usual import word_frequencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dedupe.comparison.facts.kind import Joins
    from dedupe.comparison.facts.names import Name, Usage
    from dedupe.lexicon import Language

Key = tuple[str, ...]
"""A name as it is compared: a word each, or an acronym in capitals."""

NUMERALS = {
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9",
    "two": "2", "three": "3", "four": "4", "five": "5",
}  # fmt: skip
"""Last words of names that are numerals: ``World War Two`` is ``World War II``."""
ROMAN = {"2": "ii", "3": "iii", "4": "iv", "5": "v", "6": "vi", "7": "vii", "8": "viii", "9": "ix"}
COMMON_SHORT = 2e-4
"""Frequency from which a word alone is no short form of a name that ends with it."""
MAYBE_COMMON = 2e-5
"""Frequency from which an English word may be a noun: ``Security``, as it may be a surname."""
BORROWED, BORROWING = 0.1, ("es", "de")
"""How much of its English frequency a surname has in each of these languages. A noun has less."""
LOCATED = 0.2
"""Share of the mentions of a name that follow a locative, from which it is that of a place."""
LONGEST_PERSON, TWO = 3, 2
"""Words of a person's name of which the first one may be short for it; and where names are
inflected, as a place may stand before the person there: ``of Kyiv Vitali Klitschko``."""
SHORTEST = 3
"""Letters of a last name that tells a name without a title."""
LONGEST_CODE = 4
"""Characters of a country's short name, before an institution of it: ``U.S.``."""
CERTAIN_ACRONYM = 3
"""Letters from which an acronym needs no definition."""
_ROMAN_NUMERAL = regex.compile("[ivx]{2,}|v|x")


class NameEvidence(NamedTuple):
    """What decides whether a short form stands for a long one."""

    written: Mapping[Key, Key]
    """The words of each key as they are written."""
    titled: set[Key]
    hyphens: Mapping[Key, set[int]]
    """Before which words of each key a hyphen stands."""
    places: set[Key]
    """Countries, and what follows a locative."""
    countries: set[Key]
    usage: Usage
    defined: set[tuple[Key, Key]]
    """Names that stand side by side, one of them in brackets."""
    frequency: Mapping[str, float]
    language: Language


def name_evidence(
    every: Sequence[tuple[Name, Key]],
    usage: Usage,
    defined: set[tuple[Key, Key]],
    language: Language,
) -> NameEvidence:
    """What the mentions of both articles say of their keys."""
    hyphens: dict[Key, set[int]] = defaultdict(set)
    said: dict[Key, list[bool]] = defaultdict(list)
    for name, key in every:
        hyphens[key] |= name.hyphens
        said[key].append(name.located)
    countries = {key for name, key in every if name.country}
    located = {key for key, places in said.items() if sum(places) >= LOCATED * len(places)}
    return NameEvidence(
        {key: name.words for name, key in every},
        {key for name, key in every if name.titled},
        hyphens,
        countries | located,
        countries,
        usage,
        defined,
        word_frequencies(language.code),
        language,
    )


def join_short_forms(found: Joins[Key], keys: set[Key], known: NameEvidence) -> None:
    """Joins each short form with the one name that it fits; one that fits two names joins none."""
    near, initials = (defaultdict[Key, set[Key]](set) for _ in range(2))
    for long in (key for key in keys if len(key) > 1):
        for short in keys.intersection(_parts_of(long)):
            near[short].add(long)
        for letters in _initials(known.written[long], known.language):
            initials[letters].add(long)
    for key in sorted(keys):
        if is_acronym(key):
            fitting = {long for long in initials.get(key, ()) if _abbreviates(key, long, known)}
        else:
            fitting = _fitting(key, near.get(key, set()), known)
        if len(roots := {found.find(long) for long in fitting}) == 1:
            found.join(key, roots.pop())


def _parts_of(long: Key) -> Iterator[Key]:
    """What may be short for a name: its first words, its last ones, and the ends of one of three.

    So that a short form is held against those names alone, were all of one family.
    """
    for cut in range(1, len(long)):
        yield long[:cut]
        yield long[cut:]
    if len(long) == LONGEST_PERSON:
        yield long[0], long[-1]


def _fitting(short: Key, near: set[Key], known: NameEvidence) -> set[Key]:
    """The names that a short form stands for by their last words or by their first ones."""
    begun = {long for long in near if _begins(short, long, known)}
    if _several_begin(short, near, begun):
        begun = set()
    return begun | {long for long in near if _ends(short, long, known)}


def is_acronym(key: Key) -> bool:
    """Whether a name is one word in capitals."""
    return len(key) == 1 < len(key[0]) and key[0].isupper()


def _several_begin(short: Key, near: Iterable[Key], fitting: set[Key]) -> bool:
    """Whether names begin with a short form that are no longer forms of those that fit it.

    Beside ``Kim Jong`` a ``Kim`` need not be ``Kim Kyung Hoon``, though that fits it better.
    """
    others = (long for long in near if long[: len(short)] == short)
    return not all(
        any(long[:cut] in fitting for cut in range(len(short) + 1, len(long) + 1))
        for long in others
    )


def _initials(words: Key, language: Language) -> set[Key]:
    """``world war two``: ``WWII``; with the particles (``las vegas``) and without them."""
    letters = [ROMAN.get(NUMERALS.get(word, word), word[0]) for word in words]
    own = [x for x, word in zip(letters, words, strict=True) if word not in language.genitives]
    return {("".join(letters).upper(),), ("".join(own).upper(),)}


def _abbreviates(short: Key, long: Key, known: NameEvidence) -> bool:
    """Two letters are the initials of many a name: of a country, or of what they are said to be."""
    certain = len(short[0]) >= CERTAIN_ACRONYM or long in known.countries
    return certain or (short, long) in known.defined


def _ends(short: Key, long: Key, known: NameEvidence) -> bool:
    """``Putin`` for ``Vladimir Putin``; and a middle name left out."""
    if len(short) > 1 and short[0] == long[0] and short[-1] == long[-1]:
        middle = len(long) == LONGEST_PERSON and len(short[-1]) >= SHORTEST
        return middle and not _makes_another(long, 1, known)
    cut = len(long) - len(short)
    before, language = known.written[long][:cut], known.language
    if long[cut:] != short or known.written[short][0] in language.name_endings:
        return False
    parted = cut in known.hyphens[long] and not _articles(language).issuperset(before)
    if language.particles.issuperset(before) and not parted:  # "De Blasio" is "Blasio"
        return True
    if before[-1] in language.genitives or _makes_another(long, cut, known):
        return False
    titled = long in known.titled and not language.genitives & set(known.written[long])
    return titled or _is_told_by(short, before, long, known)


def _is_told_by(short: Key, before: Key, long: Key, known: NameEvidence) -> bool:
    """Whether the last words of a name tell it: no place in it, and no words that are usual."""
    if sum(map(len, short)) < SHORTEST or short[-1].isdigit() or long in known.countries:
        return False
    if short in known.places - known.titled:
        return False
    code = "".join(before)
    if len(code) <= LONGEST_CODE and code in known.language.countries:
        return not known.language.demonyms & set(known.written[short])  # "U.S. Senate"
    return any(_may_be_surname(word, known) for word in known.written[short])


def _begins(short: Key, long: Key, known: NameEvidence) -> bool:
    """``Xi`` for ``Xi Jinping``."""
    cut = len(short)
    if long[:cut] != short or short in known.places or _makes_another(long, cut, known):
        return False
    rest = known.written[long][cut:]
    if rest[0] in known.language.genitives:
        return False
    if long in known.titled:
        return len(long) <= (TWO if known.language.inflects_names else LONGEST_PERSON)
    return all(map(_ROMAN_NUMERAL.fullmatch, rest))


def _makes_another(long: Key, cut: int, known: NameEvidence) -> bool:
    """Whether a hyphen or the word before makes of what follows another name: ``North Korea``."""
    words, language = known.written[long], known.language
    hyphen = cut in known.hyphens[long] and words[cut - 1] not in _articles(language)
    return hyphen or bool({words[0], words[cut - 1]} & language.directions)


def _articles(language: Language) -> frozenset[str]:
    """Particles that a hyphen may tie to a name: ``al-Baghdadi``."""
    return language.particles - language.genitives


def _may_be_surname(word: str, known: NameEvidence) -> bool:
    """Whether a word is no common noun, by how often it is said and how it is written."""
    frequency, language = known.frequency.get(word, 0.0), known.language
    if frequency >= COMMON_SHORT or word in language.demonyms:
        return False
    if known.usage.lower[word] > known.usage.capital[word]:
        return False
    if frequency < MAYBE_COMMON or language.code not in ("en", ""):
        return True
    borrowed = (word_frequencies(other).get(word, 0.0) for other in BORROWING)
    return all(other >= BORROWED * frequency for other in borrowed)
