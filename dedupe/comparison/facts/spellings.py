# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Which names are one: spellings, short forms, initials. Over both articles at once."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

from dedupe.comparison.facts.kind import Found, Joins
from dedupe.comparison.facts.names import LONGEST_ACRONYM, Name, find_names
from dedupe.comparison.facts.short_forms import (
    NUMERALS,
    Key,
    NameEvidence,
    is_acronym,
    join_short_forms,
    name_evidence,
)
from dedupe.comparison.reading import PARTS, Read, stems
from dedupe.usual import word_frequencies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dedupe.comparison.facts.kind import Places
    from dedupe.lexicon import Language
    from dedupe.model_compare import Part

LONG_ENOUGH = 7
"""Letters of an unlisted word from which one letter's difference is a spelling."""

KEPT_SPELLINGS = 1 << 13
SHORTEST_FOLDED = 4
"""Letters of a folded spelling from which it stands for a word: of shorter ones too many meet."""
BRACKETS = frozenset(("(", "[", "（"))
"""Between a name and its acronym."""

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


@lru_cache(maxsize=KEPT_SPELLINGS)
def spelling(word: str) -> str:
    """What the spellings of one name have in common: ``Zelenskiy``, ``Zelensky``: ``zelenski``."""
    if not regex.search(r"\p{Latin}", word):
        return word
    folded = _without_accents(word)
    for pattern, to in _ROMANISED:
        folded = pattern.sub(to, folded)
    return folded


def named(read: Sequence[Read], taken: Sequence[Places]) -> Sequence[Places]:
    """The names of two articles, each with the fullest form that either gives as its value.

    A single word is a name of its own, unless one longer name in either article begins or ends
    with it; spellings that differ are one name if each stands in one article alone.
    """
    found, usage = find_names(read, taken)
    spelt = _spelt(read, found)
    in_a, in_b = ([(name, _key(name, spelt)) for name in side] for side in found)
    defined = {
        pair for side, one in zip((in_a, in_b), read, strict=True) for pair in _defined(side, one)
    }
    language = read[0].language if read[0].lang else read[1].language
    joined = joins(in_a, in_b, name_evidence([*in_a, *in_b], usage, defined, language))
    best: dict[Key, tuple[int, int, str]] = {}
    for name, key in (*in_a, *in_b):
        form = (-len(name.words), -sum(map(len, name.words)), " ".join(name.words))
        best[joined.find(key)] = min(best.get(joined.find(key), form), form)
    places: list[dict[Part, list[Found]]] = [{part: [] for part in PARTS} for _ in read]
    for side, held in zip((in_a, in_b), places, strict=True):
        for name, key in side:
            held[name.part].append(Found(name.start, name.end, best[joined.find(key)][2]))
    return places


def _spelt(read: Sequence[Read], found: Sequence[Sequence[Name]]) -> dict[str, str]:
    """What stands for each word in keys: its stem, and for all spellings of one word one of them.

    ``God`` and ``Good`` are two words, each of which a list of usual words has; of ``Zelenskiy``
    and ``Zelensky`` at most one is usual, and they are one.
    """
    stem: dict[str, str] = {}
    usual: set[str] = set()
    accented: set[str] = set()
    for article, side in zip(read, found, strict=True):
        language = article.language
        words = {word for name in side for word in name.words}
        stem |= stems(words, language) if language.inflects_names else dict.fromkeys(words, "")
        own_usual = words & word_frequencies(language.code).keys()
        usual |= own_usual
        accented |= own_usual if language.accents_tell else set()
    stem |= _adjectives_apart(stem, read[0].language)
    own = {word: stem[word] or word for word in stem}
    plain = {w: form if w in accented else _without_accents(form) for w, form in own.items()}
    folded = {word: spelling(form) for word, form in own.items()}
    rivals: dict[str, set[str]] = defaultdict(set)
    for word in usual:
        rivals[folded[word]].add(plain[word])
    return {
        word: fold
        if len(rivals[fold]) < 2 and len(fold) >= SHORTEST_FOLDED and word not in accented
        else plain[word]
        for word, fold in folded.items()
    }


def _adjectives_apart(stem: Mapping[str, str], language: Language) -> dict[str, str]:
    """Other stems of adjectives that have the stem of a place, where that is named as well."""
    adjectives, places = (
        {word for word in stem if word.endswith(tuple(endings))}
        for endings in (language.adjective_endings, language.place_endings)
    )
    named = {stem[word] for word in places}
    return {word: stem[word] + "*" for word in adjectives if stem[word] in named}


def _defined(names: Sequence[tuple[Name, Key]], read: Read) -> Iterator[tuple[Key, Key]]:
    """Pairs of names of which the second stands in brackets, both ways round."""
    for (name, key), (following, other) in pairwise(names):
        between = read.parts[name.part].text[name.end : following.start]
        if name.part == following.part and between.strip() in BRACKETS:
            yield from ((key, other), (other, key))


def _without_accents(word: str) -> str:
    if not regex.search(r"\p{Latin}", word):
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _key(name: Name, spelt: Mapping[str, str]) -> Key:
    """The comparable form of a name: words by spelling, numerals as digits, acronyms in capitals.

    An acronym is no word: ``UN`` is not the last part of ``Kim Jong Un``.
    """
    if len(name.words) > 1 and all(len(word) == 1 for word in name.words):
        return ("".join(name.words).upper(),)
    *first, last = name.words
    if first and last in NUMERALS:
        return (*(spelt[word] for word in first), NUMERALS[last])
    if name.capitals and len(last) <= LONGEST_ACRONYM:
        return (last.upper(),)
    return tuple(spelt[word] for word in name.words)


def joins(
    a: Sequence[tuple[Name, Key]], b: Sequence[tuple[Name, Key]], known: NameEvidence
) -> Joins[Key]:
    """Which keys of two articles name the same. A short form that fits two names joins none."""
    keys_a, keys_b = ({key for _, key in side} for side in (a, b))
    found: Joins[Key] = Joins()
    _join_beside_equal_words(found, keys_a - keys_b, keys_b - keys_a, known)
    join_short_forms(found, keys_a | keys_b, known)
    _join_acronyms(found, keys_a | keys_b)
    _join_spellings(found, keys_a - keys_b, keys_b - keys_a, known)
    return found


def _join_acronyms(found: Joins[Key], keys: set[Key]) -> None:
    """``NATO`` is ``Nato``, unless that is a part of a longer name, as ``Un`` is."""
    parts = {word for key in keys if len(key) > 1 for word in key}
    for key in sorted(filter(is_acronym, keys)):
        word = key[0].lower()
        if (word,) in keys and word not in parts:
            found.join((word,), key)


def _join_beside_equal_words(
    found: Joins[Key], only_a: set[Key], only_b: set[Key], known: NameEvidence
) -> None:
    """``Sergei Lavrov`` is ``Sergey Lavrov``: beside a word that no list has, spellings are one."""

    def folded(key: Key) -> Key:
        return tuple(map(spelling, key))

    index: dict[Key, list[Key]] = defaultdict(list)
    for key in sorted(key for key in only_b if len(key) > 1):
        index[folded(key)].append(key)
    for key in sorted(key for key in only_a if len(key) > 1):
        others = index.get(folded(key), ())
        if len(others) == 1:
            equal = set(key) & set(others[0])
            accented = known.language.accents_tell and equal
            if accented or any(word not in known.frequency for word in equal):
                found.join(key, others[0])


def _join_spellings(
    found: Joins[Key], only_a: set[Key], only_b: set[Key], known: NameEvidence
) -> None:
    """Long words that no list has and that differ in one letter, each in one article alone."""

    def unlisted(key: Key) -> bool:
        listed = any(word in known.frequency for word in known.written[key])
        return len(key[-1]) >= LONG_ENOUGH and not listed

    index: dict[tuple[str, str, Key], list[str]] = defaultdict(list)
    for *first, last in filter(unlisted, sorted(only_b)):
        index[last[0], last[-1], tuple(first)].append(last)
    for key in filter(unlisted, sorted(only_a)):
        *first, last = key
        others = index.get((last[0], last[-1], tuple(first)), ())
        near = [other for other in others if _differ_in_one_letter(last, other)]
        if len(near) == 1:
            found.join(key, (*first, near[0]))


def _differ_in_one_letter(one: str, other: str) -> bool:
    from rapidfuzz.distance import DamerauLevenshtein

    return DamerauLevenshtein.distance(one, other, score_cutoff=1) == 1
