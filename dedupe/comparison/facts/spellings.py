# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Which names are one: spellings, short forms, initials. Over both articles at once."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from dedupe.comparison.facts.kind import Found, Joins
from dedupe.comparison.facts.names import Name, find_names
from dedupe.comparison.reading import PARTS, Read, stems
from dedupe.lexicon import Language
from dedupe.usual import word_frequencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dedupe.comparison.facts.kind import Places
    from dedupe.model_compare import Part

NUMERALS = {
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9",
    "two": "2", "three": "3", "four": "4", "five": "5",
}  # fmt: skip
"""Last words of names that are numerals: ``World War Two`` is ``World War II``."""
ROMAN = {"2": "ii", "3": "iii", "4": "iv", "5": "v", "6": "vi", "7": "vii", "8": "viii", "9": "ix"}
COMMON_SHORT = 2e-4
"""Frequency from which a word alone is no short form of a name that ends with it."""
COMMON_REST = 1e-5
"""Frequency from which the rest of a name shows that its first word is a name of its own:
``China Mobile`` is not ``China``, ``Xi Jinping`` is ``Xi``."""
LONG_ENOUGH = 7
"""Letters of an unlisted word from which one letter's difference is a spelling."""

KEPT_SPELLINGS = 1 << 13
SHORTEST_FOLDED = 4
"""Letters of a folded spelling from which it stands for a word: of shorter ones too many meet."""
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
    found = find_names(read, taken)
    spelt = _spelt(read, found)
    in_a, in_b = ([(name, _key(name, spelt)) for name in side] for side in found)
    joined = joins(in_a, in_b, read[0].language if read[0].lang else read[1].language)
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
    for article, side in zip(read, found, strict=True):
        words = {word for name in side for word in name.words}
        inflects = article.language.inflects_names
        stem |= stems(words, article.language) if inflects else dict.fromkeys(words, "")
        known = word_frequencies(article.language.code)
        usual.update(word for word in words if word in known)
    own = {word: stem[word] or word for word in stem}
    folded = {word: spelling(form) for word, form in own.items()}
    rivals: dict[str, set[str]] = defaultdict(set)
    for word in usual & folded.keys():
        rivals[folded[word]].add(_without_accents(own[word]))
    return {
        word: fold
        if len(rivals[fold]) < 2 and len(fold) >= SHORTEST_FOLDED
        else _without_accents(own[word])
        for word, fold in folded.items()
    }


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


class _Known(NamedTuple):
    """What decides whether a short form stands for a long one."""

    written: Mapping[Key, Key]
    """The words of each key as they are written."""
    frequency: Mapping[str, float]
    titled: set[Key]
    language: Language


def joins(
    a: Sequence[tuple[Name, Key]], b: Sequence[tuple[Name, Key]], language: Language
) -> Joins[Key]:
    """Which keys of two articles name the same. A short form that fits two names joins none."""
    every = [*a, *b]
    known = _Known(
        {key: name.words for name, key in every},
        word_frequencies(language.code),
        {key for name, key in every if name.titled},
        language,
    )
    capitals = {key for _, key in every if _is_acronym(key)}
    keys_a, keys_b = ({key for _, key in side} for side in (a, b))
    both = keys_a | keys_b
    longer = sorted((key for key in both if len(key) > 1), key=lambda key: (-len(key), key))
    found: Joins[Key] = Joins()
    _join_beside_equal_words(found, keys_a - keys_b, keys_b - keys_a, known)
    for short, of, fits in (
        (both - capitals, lambda k: k[-1:], _ends),
        (both - capitals, lambda k: k[:1], _begins),
        (capitals, lambda k: _initials(known.written[k], language), None),
    ):
        index: dict[Key, list[Key]] = defaultdict(list)
        for key in longer:
            index[of(key)].append(key)
        for key in sorted(short):
            near = {
                long
                for probe in {key[-1:], key[:1]}
                for long in index.get(probe, ())
                if len(long) > len(key)
            }
            fitting = {long for long in near if fits is None or fits(key, long, known)}
            if fits is _begins and _several_begin(key, near, fitting):
                continue
            if len(roots := {found.find(long) for long in fitting}) == 1:
                found.join(key, roots.pop())
    _join_acronyms(found, capitals, both, longer)
    _join_spellings(found, keys_a - keys_b, keys_b - keys_a, known)
    return found


def _is_acronym(key: Key) -> bool:
    return len(key) == 1 < len(key[0]) and key[0].isupper()


def _several_begin(short: Key, near: Iterable[Key], fitting: set[Key]) -> bool:
    """Whether names begin with a short form that are no longer forms of those that fit it.

    Beside ``Kim Jong`` a ``Kim`` need not be ``Kim Kyung Hoon``, though that fits it better.
    """
    others = (long for long in near if long[: len(short)] == short)
    return not all(any(long[: len(fit)] == fit for fit in fitting) for long in others)


def _join_acronyms(
    found: Joins[Key], capitals: Iterable[Key], both: set[Key], longer: Iterable[Key]
) -> None:
    """``NATO`` is ``Nato``, unless that is a part of a longer name, as ``Un`` is."""
    parts = {word for key in longer for word in key}
    for key in sorted(capitals):
        word = key[0].lower()
        if (word,) in both and word not in parts:
            found.join((word,), key)


def _initials(words: Key, language: Language) -> Key:
    """``world war two``: ``WWII``."""
    letters = (ROMAN.get(NUMERALS.get(word, word), word[0]) for word in words)
    own = zip(letters, words, strict=True)
    letters_of = (x for x, word in own if word not in language.loose_particles)
    return ("".join(letters_of).upper(),)


def _ends(short: Key, long: Key, known: _Known) -> bool:
    """``Putin`` for ``Vladimir Putin``; and a middle name left out."""
    if len(short) > 1 and short[0] == long[0] and short[-1] == long[-1]:
        return len(long) == 3
    if (
        long[-len(short) :] != short
        or known.language.loose_particles & set(long)
        or known.written[long][0] in known.language.directions
        or short[-1].isdigit()
    ):
        return False
    frequency = known.frequency
    return long in known.titled or all(
        frequency.get(w, 0) < COMMON_SHORT for w in known.written[short]
    )


def _begins(short: Key, long: Key, known: _Known) -> bool:
    """``Xi`` for ``Xi Jinping``."""
    if (
        long[: len(short)] != short
        or known.language.loose_particles & set(long)
        or short[0] in known.language.directions
    ):
        return False
    if long in known.titled and len(long) <= 3:
        return True
    frequency = known.frequency
    return all(
        not w.isdigit() and max(frequency.get(w, 0), frequency.get(w[:-1], 0)) < COMMON_REST
        for w in known.written[long][len(short) :]
    )


def _join_beside_equal_words(
    found: Joins[Key], only_a: set[Key], only_b: set[Key], known: _Known
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
            if any(word not in known.frequency for word in equal):
                found.join(key, others[0])


def _join_spellings(found: Joins[Key], only_a: set[Key], only_b: set[Key], known: _Known) -> None:
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
