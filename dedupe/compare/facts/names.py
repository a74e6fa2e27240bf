# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Names in a text, found by their capitals; no model of a language is asked.

A capital inside a sentence marks a name (in German, where nouns have it too, a word that English
news writes as well). At the start of a sentence and in headlines a capital tells nothing: there a
word is a name if the two articles write it so elsewhere, or if no word list has it. In scripts
without capitals stand-ins are taken: runs of katakana, names joined by a dot, titles in 《》, and
words that no list has and that are said more than once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from dedupe.compare.facts.calendar import months, weekdays
from dedupe.compare.facts.name_words import LOOSE_PARTICLES, OPENERS, PARTICLES, TITLES
from dedupe.compare.words import CAPITAL, Word
from dedupe.text import IDEOGRAPHIC, NUMBER, SYLLABIC
from dedupe.weigh import word_frequencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dedupe.compare.facts.found import Found

HEADLINE = 0.6
"""Share of capitals among a sentence's longer words from which its capitals tell nothing."""
LONGER = 4
"""Letters of a word that a headline in title case would capitalise."""
COMMON = 1.5e-3
"""Frequency from which a word does not open a name even inside a sentence: ``The``, ``And``."""
OPENING_COMMON = 1e-4
"""The same for the first word of a sentence, in languages other than English."""
RARE = 1e-6
"""Frequency under which a word may be a name on its own account."""
LIST_SHARE = 0.3
"""German nouns: how much of its German frequency a name has in English news."""
LONG_COMPOUND = 10
"""Letters from which a German word that no list has is a compound noun, not a name."""
SHORTEST_RARE = 4

_BETWEEN = regex.compile(r"[ \u00a0]|[-‐‑'’·]|\.[ \u00a0]?")
_UNCASED_LETTER = regex.compile(r"\p{Lo}")
_UNCASED = regex.compile(
    r"[\p{Katakana}ー]{2,}(?:[・＝][\p{Katakana}ー]+)+|[\p{Katakana}ー]{3,}"
    r"|\p{Han}{1,6}(?:[·•・]\p{Han}{1,8})+|(?<=《)[^《》\n]{1,40}(?=》)"
)


@dataclass(frozen=True, slots=True)
class Name:
    """One mention: offsets, folded words, whether a title stands before it."""

    start: int
    end: int
    words: tuple[str, ...]
    titled: bool = False
    capitals: bool = False
    """Written in capitals throughout, as an acronym is."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How the words of both articles are written where a capital tells something."""

    capital: Mapping[str, int]
    lower: Mapping[str, int]
    lang: str

    def is_name(self, word: Word) -> bool:
        """Whether a word whose capital tells nothing is written as a name elsewhere, or unknown."""
        if self.lower.get(word.text, 0) >= max(self.capital.get(word.text, 0), 1):
            return False
        return self.capital.get(word.text, 0) > 0 or (
            self.lang != "de" and self._unknown(word.text)
        )

    def _unknown(self, word: str) -> bool:
        known = word_frequencies(self.lang)
        stems = (word, *(word[:-n] for n in range(1, 5)))
        return (
            bool(known)
            and len(word) >= SHORTEST_RARE
            and not any(known.get(stem, 0) >= RARE for stem in stems if len(stem) >= 3)
        )


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence: its words, and whether its capitals tell nothing."""

    words: Sequence[Word]
    headline: bool


def passages(text: str, words: Sequence[Word], spans: Iterable[tuple[int, int]]) -> list[Passage]:
    """The words of a text by sentence. What ends with a full stop is no headline."""
    found = []
    i = 0
    for start, end in spans:
        while i < len(words) and words[i].start < start:
            i += 1
        first = i
        while i < len(words) and words[i].end <= end:
            i += 1
        inside = words[first:i]
        longer = [w for w in inside if len(w.text) >= LONGER and w.text.isalpha()]
        capitals = sum(bool(w.flags & CAPITAL) for w in longer)
        stopped = text[start:end].rstrip("”’\"'»)").endswith((".", "…", "?", "!"))
        headline = not stopped and len(longer) >= 2 and capitals >= HEADLINE * len(longer)
        found.append(Passage(inside, headline))
    return found


def usage(read: Iterable[Passage], lang: str) -> Usage:
    """Counts over all passages of both articles, headlines and first words left out."""
    capital: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for passage in read:
        for i, word in enumerate(passage.words):
            if not word.flags & CAPITAL:
                lower[word.text] += 1
            elif i and not passage.headline and len(word.text) > 1:
                capital[word.text] += 1
    return Usage(capital, lower, lang)


def names(text: str, read: Iterable[Passage], known: Usage, taken: Sequence[Found]) -> list[Name]:
    """All names of a text in order, outside of ``taken`` (its dates and numbers)."""
    held = {offset for found in taken for offset in range(found.start, found.end)}
    found: list[Name] = []
    for passage in read:
        for run in _runs(text, passage, known, held):
            found += _split_at_titles(text, run)
    return found


def _runs(text: str, passage: Passage, known: Usage, held: set[int]) -> Iterable[list[Word]]:
    """Maximal runs of words written as names, with the particles and numerals inside them."""
    run: list[Word] = []
    waiting: list[Word] = []
    for i, word in enumerate(passage.words):
        previous = waiting[-1] if waiting else run[-1] if run else None
        adjacent = previous is not None and bool(_BETWEEN.fullmatch(text, previous.end, word.start))
        if run and not adjacent:
            yield run
            run, waiting = [], []
        if word.start not in held and _may_be_name(passage, i, known, inside=bool(run)):
            run, waiting = [*run, *waiting, word], []
        elif run and word.flags & NUMBER and word.start not in held and not waiting:
            run.append(word)
        elif run and word.text in PARTICLES and _may_link(word, waiting):
            waiting.append(word)
        elif run:
            yield run
            run, waiting = [], []
    if run:
        yield run


def _may_link(word: Word, waiting: Sequence[Word]) -> bool:
    """Up to two particles link two words of a name; ``the`` only after ``of``."""
    if word.text == "the":
        return len(waiting) == 1 and waiting[0].text == "of"
    return len(waiting) < 2


def _may_be_name(passage: Passage, i: int, known: Usage, *, inside: bool) -> bool:
    word = passage.words[i]
    if not word.flags & CAPITAL or word.text in weekdays(known.lang):
        return False
    if word.text in TITLES or (word.text in months(known.lang) and not inside):
        return word.text in TITLES
    frequency = word_frequencies(known.lang).get(word.text, 0.0)
    opening = not i or passage.headline
    if not inside and (frequency >= COMMON or (opening and word.text in OPENERS)):
        return False
    if not opening:
        return True
    if passage.headline:
        return known.is_name(word) or (inside and len(word.text) == 1)
    goes_on = len(passage.words) > 1 and bool(passage.words[1].flags & CAPITAL)
    return (
        known.is_name(word)
        or (goes_on and known.capital.get(word.text, 0) > 0)
        or (goes_on and _opens_name(passage, frequency, known))
    )


def _opens_name(passage: Passage, frequency: float, known: Usage) -> bool:
    """Whether the first word of a sentence begins a name that goes on: ``North Korean``."""
    word = passage.words[0]
    if passage.words[1].text in OPENERS or known.lower.get(word.text, 0):
        return False
    if known.lang in ("en", ""):
        return not word.text.endswith("ly") and frequency < 10 * OPENING_COMMON
    return frequency < OPENING_COMMON


def _split_at_titles(text: str, run: list[Word]) -> list[Name]:
    pieces: list[tuple[list[Word], bool]] = [([], False)]
    for word in run:
        if word.text in TITLES:
            pieces.append(([], True))
        else:
            pieces[-1][0].append(word)
    found = []
    for piece, titled in pieces:
        first, last = 0, len(piece)
        while first < last and _is_loose(piece[first]):
            first += 1
        while last > first and _is_particle(piece[last - 1]):
            last -= 1
        kept = piece[first:last]
        if sum(len(word.text) for word in kept) > 1:
            start, end = kept[0].start, kept[-1].end
            parts = tuple(word.text for word in kept)
            capitals = text[start:end].isupper() and len(parts) == 1
            found.append(Name(start, end, parts, titled and not first, capitals))
    return found


def _is_loose(word: Word) -> bool:
    return word.text in LOOSE_PARTICLES or bool(word.flags & NUMBER)


def _is_particle(word: Word) -> bool:
    return word.text in PARTICLES and not word.flags & CAPITAL


def without_nouns(found: Sequence[Name], lang: str, known: set[str]) -> list[Name]:
    """The names, less single German words that neither English news nor ``known`` has as names."""
    if lang != "de":
        return list(found)
    return [name for name in found if len(name.words) > 1 or not _is_noun(name.words[0], known)]


def _is_noun(word: str, known: set[str]) -> bool:
    if word in known:
        return False
    german = word_frequencies("de").get(word, 0.0)
    if german < RARE:
        return len(word) >= LONG_COMPOUND
    return word_frequencies("en").get(word, 0.0) < LIST_SHARE * german


def parts_of_names(found: Iterable[Name]) -> set[str]:
    """Words of names of several words, and of those with a title: they are names alone too."""
    return {word for name in found if len(name.words) > 1 or name.titled for word in name.words}


def uncased(text: str, words: Sequence[Word], said: Counter[str], lang: str) -> list[Name]:
    """Stand-ins for names in scripts without capitals; ``said`` counts words of both articles."""
    if _UNCASED_LETTER.search(text) is None:
        return []
    found = [
        Name(m.start(), m.end(), tuple(regex.findall(r"[\p{L}\p{M}\p{N}ー]+", m.group().lower())))
        for m in _UNCASED.finditer(text)
    ]
    known = word_frequencies(lang)
    if known:
        found += [
            Name(w.start, w.end, (w.text,))
            for w in words
            if said[w.text] > 1
            and len(w.text) >= SHORTEST_RARE
            and not w.flags & (CAPITAL | NUMBER | IDEOGRAPHIC | SYLLABIC)
            and w.text.lower() == w.text.upper()
            and known.get(w.text, 0.0) < RARE
        ]
    return sorted((n for n in found if n.words), key=lambda name: name.start)
