# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Names in a text, found by their capitals; no model of a language is asked.

A capital inside a sentence marks a name (in German, where nouns have it too, a word that English
news writes as well). At the start of a sentence and in headlines a capital means nothing: there a
word is a name if the two articles write it so elsewhere, or if no word list has it. In scripts
without capitals stand-ins are taken: runs of katakana, names joined by a dot, titles in 《》, and
words that no list has and that are said more than once.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import regex

from dedupe.comparison.facts import surroundings
from dedupe.comparison.reading import PARTS, Read
from dedupe.comparison.words import CAPITAL, Word
from dedupe.lexicon import Language
from dedupe.model_compare import Span
from dedupe.text import IDEOGRAPHIC, NUMBER, SYLLABIC
from dedupe.usual import word_frequencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedupe.comparison.facts.kind import Found, Places
    from dedupe.model_compare import Part

HEADLINE = 0.6
"""Share of capitals among a sentence's longer words from which its capitals mean nothing."""
SHOUTED = 0.2
"""Share of small letters below which a sentence is in capitals throughout."""
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
LONGEST_ACRONYM = 5
"""Letters up to which a word in capitals may be an acronym."""

_BETWEEN = regex.compile(r"[ \u00a0]|[-‐‑'’·]|\.[ \u00a0]?")
_UNCASED_LETTER = regex.compile(r"\p{Lo}")
_UNCASED = regex.compile(
    r"[\p{Katakana}ー]{2,}(?:[・＝][\p{Katakana}ー]+)+|[\p{Katakana}ー]{3,}"
    r"|\p{Han}{1,6}(?:[·•・]\p{Han}{1,8})+|(?<=《)[^《》\n]{1,40}(?=》)"
)


class Name(NamedTuple):
    """One mention: its place, folded words, whether a title stands before it."""

    part: Part
    start: int
    end: int
    words: tuple[str, ...]
    titled: bool = False
    capitals: bool = False
    """Written in capitals throughout, as an acronym is."""
    hyphens: frozenset[int] = frozenset()
    """Before which of its words a hyphen stands."""
    located: bool = False
    """Whether it is said to be a place, as :func:`surroundings.is_located` tells."""
    country: bool = False
    """Whether it is that of a country."""


class Usage(NamedTuple):
    """How the words of both articles are written where a capital means something."""

    capital: Counter[str]
    lower: Counter[str]
    said: Counter[str]
    """How often a word is said at all."""


class NamePassage(NamedTuple):
    """One sentence: its words, and whether its capitals mean nothing."""

    words: Sequence[Word]
    headline: bool
    shouted: bool = False
    """In capitals throughout: a word in capitals is no acronym there."""


def find_names(read: Sequence[Read], taken: Sequence[Places]) -> tuple[list[list[Name]], Usage]:
    """The names of both articles, by place, outside of ``taken``; how their words are written."""
    passages = [{part: _passages(article, part) for part in PARTS} for article in read]
    usage = Usage(Counter(), Counter(), Counter())
    for article, parts in zip(read, passages, strict=True):
        for part in PARTS:
            usage.said.update(word.text for word in article.parts[part].words)
            _count_capitals(parts[part], usage)
    found = [
        [
            name
            for part in PARTS
            for name in _Reader(article, part, usage, held[part]).names(parts[part])
        ]
        for article, parts, held in zip(read, passages, taken, strict=True)
    ]
    several = (name for side in found for name in side if len(name.words) > 1 or name.titled)
    sure = {word for name in several for word in name.words}  # they are names alone too
    return [
        [name for name in side if not _is_noun(name, article.language, sure)]
        for article, side in zip(read, found, strict=True)
    ], usage


def _passages(article: Read, part: Part) -> list[NamePassage]:
    """The words of a text by sentence. What ends with a full stop is no headline."""
    found = []
    for i, sentence in enumerate(article.sentences):
        if sentence.span.part == part:
            words = article.words_in(i)
            longer = [w for w in words if len(w.text) >= LONGER and w.text.isalpha()]
            capitals = sum(bool(w.flags & CAPITAL) for w in longer)
            stopped = sentence.text.rstrip("”’\"'»)").endswith((".", "…", "?", "!"))
            in_capitals = len(longer) >= 2 and capitals >= HEADLINE * len(longer)
            shouted = in_capitals and _is_shouted(sentence.text)
            found.append(NamePassage(words, in_capitals and not stopped, shouted))
    return found


def _is_shouted(text: str) -> bool:
    return sum(map(str.islower, text)) < SHOUTED * len(text)


def _count_capitals(passages: Iterable[NamePassage], usage: Usage) -> None:
    """Counts lower case, and capitals without those of headlines and first words."""
    for passage in passages:
        for i, word in enumerate(passage.words):
            if not word.flags & CAPITAL:
                usage.lower[word.text] += 1
            elif i and not passage.headline and len(word.text) > 1:
                usage.capital[word.text] += 1


class _Reader:
    """Finds the names of one text."""

    def __init__(self, article: Read, part: Part, usage: Usage, taken: Iterable[Found]) -> None:
        reading = article.parts[part]
        self._part, self._reading = part, reading
        self._text, self._words = reading.text, reading.words
        self._language, self._usage = article.language, usage
        self._known = word_frequencies(article.lang)
        self._taken = {offset for found in taken for offset in range(found.start, found.end)}

    def names(self, passages: Iterable[NamePassage]) -> list[Name]:
        """All names in order of place."""
        runs = ((*found, passage.shouted) for passage in passages for found in self._runs(passage))
        cased = [
            name._replace(capitals=name.capitals and not shouted)
            for run, titled, shouted in runs
            if (name := self._name(run, titled=titled))
        ]
        return sorted([*cased, *self._uncased()], key=lambda name: name.start)

    def _runs(self, passage: NamePassage) -> Iterator[tuple[list[Word], bool]]:
        """Maximal runs of words written as names, with the particles and numerals inside them.

        And of each whether a title stands before it.
        """
        run: list[Word] = []
        waiting: list[Word] = []
        titled, previous = False, None
        for i, word in enumerate(passage.words):
            if previous is None and not run and not word.flags & CAPITAL:
                continue
            free = word.start not in self._taken
            inside = previous is not None and bool(
                _BETWEEN.fullmatch(self._text, previous.end, word.start)
            )
            if not inside and run:
                yield run, titled
            if not inside:
                run, waiting, titled = [], [], False
            previous = word
            if inside and run and self._ends_name(run[-1], word):
                yield run, titled
                run, waiting, titled, inside = [], [], False, False
            if free and self._may_be_name(passage, i, inside=inside):
                if word.text in self._language.titles:
                    yield run, titled
                    run, waiting, titled = [], [], True
                else:
                    run, waiting = [*run, *waiting, word], []
            elif run and word.flags & NUMBER and free and not waiting:
                run.append(word)
            elif inside and self._may_link(word, waiting):
                waiting.append(word)
            else:
                previous = None
        yield run, titled

    def _ends_name(self, last: Word, word: Word) -> bool:
        """Whether a name ends there: ``Acme Inc. Shares``, or a headline that meets its text."""
        if last.text in self._language.name_endings and self._text[last.end] == ".":
            return True
        if len(word.text) > 1 and word.text in self._language.starters:
            return True
        one, other = self._text[last.start : last.end], self._text[word.start : word.end]
        if len(one) <= LONGEST_ACRONYM >= len(other) or one.isupper() == other.isupper():
            return False
        return len(one if one.isupper() else other) > LONGEST_ACRONYM

    def _may_be_name(self, passage: NamePassage, i: int, *, inside: bool) -> bool:
        word, language = passage.words[i], self._language
        if word.text in language.titles and word.flags & CAPITAL:
            return True
        if not word.flags & CAPITAL or self._is_of_calendar(word, inside=inside):
            return False
        opening = not i or passage.headline
        opener = opening and _opens_sentences(word, language)
        if not inside and (opener or self._known.get(word.text, 0.0) >= COMMON):
            acronym = self._text[word.start : word.end].isupper() and len(word.text) > 1
            if passage.headline or passage.shouted or not acronym:
                return False
        if not opening or self._is_name_elsewhere(word):
            return True
        if passage.headline:
            return inside and len(word.text) == 1
        return len(passage.words) > 1 and self._opens_name(word, passage.words[1])

    def _is_of_calendar(self, word: Word, *, inside: bool) -> bool:
        """Whether a word is a weekday or, unless inside a name, a month."""
        language, text = self._language, word.text
        return (
            text in language.weekdays
            or (language.capitalises_days and text in language.short_weekdays)
            or (not inside and (text in language.months or text in language.short_months))
        )

    def _is_name_elsewhere(self, word: Word) -> bool:
        """Whether a word whose capital means nothing is a name elsewhere, or on no list."""
        capital, lower = self._usage.capital[word.text], self._usage.lower[word.text]
        if lower >= max(capital, 1):
            return False
        if capital or self._language.capitalises_nouns:
            return capital > 0
        stems = (word.text, *(word.text[:-n] for n in range(1, 5)))
        listed = any(self._known.get(stem, 0) >= RARE for stem in stems if len(stem) >= 3)
        return bool(self._known) and len(word.text) >= SHORTEST_RARE and not listed

    def _opens_name(self, word: Word, following: Word) -> bool:
        """Whether the first word of a sentence begins a name that goes on: ``North Korean``."""
        language = self._language
        if not following.flags & CAPITAL:
            return False
        if self._usage.capital[word.text]:
            return True
        if _opens_sentences(following, language) or self._usage.lower[word.text]:
            return False
        english = language.code in ("en", "")
        common = OPENING_COMMON * (10 if english else 1)
        adverb = english and word.text.endswith("ly")
        return not adverb and self._known.get(word.text, 0.0) < common

    def _name(self, run: list[Word], *, titled: bool) -> Name | None:
        """A run without the particles at its ends; None for a single letter."""
        language = self._language
        first, last = 0, len(run)
        while first < last and (
            run[first].text in language.loose_particles
            or run[first].flags & NUMBER
            or self._is_genitive(run[first])
        ):
            first += 1
        while last > first and self._is_particle(run[last - 1]):
            last -= 1
        words = tuple(word.text for word in run[first:last])
        if sum(map(len, words)) < 2:
            return None
        start, end = run[first].start, run[last - 1].end
        capitals = self._text[start:end].isupper() and len(words) == 1
        reading = self._reading
        before = surroundings.word_before(start, reading)
        return Name(
            self._part,
            start,
            end,
            words,
            (titled and not first) or (before is not None and before.text in language.titles),
            capitals,
            surroundings.hyphens(run[first:last], reading),
            surroundings.is_located(Span(self._part, start, end), words, before, reading),
            surroundings.is_one_of(words, language.countries, reading),
        )

    def _is_particle(self, word: Word) -> bool:
        return word.text in self._language.particles and not word.flags & CAPITAL

    def _is_genitive(self, word: Word) -> bool:
        """Whether a particle begins no name: Spanish ``de Salud``, not English ``de Blasio``."""
        usual = self._known.get(word.text, 0.0) >= COMMON
        return usual and word.text in self._language.genitives and not word.flags & CAPITAL

    def _may_link(self, word: Word, waiting: Sequence[Word]) -> bool:
        """Up to two particles link two words of a name; ``the`` only after ``of``.

        An ending after an apostrophe is none: ``Ankara'da``.
        """
        if word.text not in self._language.particles or self._text[word.start - 1] in "'’":
            return False
        if word.text == "the":
            return len(waiting) == 1 and waiting[0].text == "of"
        return len(waiting) < 2

    def _uncased(self) -> Iterator[Name]:
        """Stand-ins for names in scripts without capitals: signs of them, and unlisted words."""
        if _UNCASED_LETTER.search(self._text) is None:
            return
        for m in _UNCASED.finditer(self._text):
            words = regex.findall(r"[\p{L}\p{M}\p{N}ー]+", m.group().lower())
            if words:
                yield Name(self._part, m.start(), m.end(), tuple(words))
        for word in self._words if self._known else ():
            if (
                self._usage.said[word.text] > 1
                and len(word.text) >= SHORTEST_RARE
                and not word.flags & (CAPITAL | NUMBER | IDEOGRAPHIC | SYLLABIC)
                and word.text.lower() == word.text.upper()
                and self._known.get(word.text, 0.0) < RARE
            ):
                yield Name(self._part, word.start, word.end, (word.text,))


def _opens_sentences(word: Word, language: Language) -> bool:
    return word.text in language.openers or word.text in language.starters


def _is_noun(name: Name, language: Language, sure: set[str]) -> bool:
    """Whether a single word is a German noun: one that English news does not have as a name."""
    word = name.words[0]
    if not language.capitalises_nouns or len(name.words) > 1 or word in sure:
        return False
    if (frequency := word_frequencies(language.code).get(word, 0.0)) < RARE:
        return len(word) >= LONG_COMPOUND
    return word_frequencies("en").get(word, 0.0) < LIST_SHARE * frequency
