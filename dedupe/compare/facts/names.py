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

from dedupe.compare.background import frequencies
from dedupe.compare.lexicon import Language
from dedupe.compare.reading import PARTS, Read
from dedupe.compare.words import CAPITAL, Word
from dedupe.text import IDEOGRAPHIC, NUMBER, SYLLABIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dedupe.compare.facts.found import Found
    from dedupe.compare.facts.kind import Places
    from dedupe.model_compare import Part

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
    said: Mapping[str, int]
    """How often a word is said at all."""

    def is_name(self, word: Word, language: Language) -> bool:
        """Whether a word whose capital tells nothing is written as a name elsewhere, or unknown."""
        capital, lower = self.capital.get(word.text, 0), self.lower.get(word.text, 0)
        if lower >= max(capital, 1):
            return False
        return capital > 0 or (not language.capitalises_nouns and _unlisted(word.text, language))


def _unlisted(word: str, language: Language) -> bool:
    """Whether a language with a word list has neither the word in it nor a shorter form."""
    known = frequencies(language.code)
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


def find_names(a: Read, b: Read, taken: tuple[Places, Places]) -> list[list[tuple[Part, Name]]]:
    """The names of both articles, each part in order, outside of ``taken`` (dates and numbers)."""
    read = [{part: _passages(article, part) for part in PARTS} for article in (a, b)]
    usage = _usage(a, b, [p for side in read for part in PARTS for p in side[part]])
    found = [
        [
            (part, name)
            for part in PARTS
            for name in sorted(
                [
                    *_cased(article, part, side[part], usage, held[part]),
                    *_uncased(article, part, usage),
                ],
                key=lambda name: name.start,
            )
        ]
        for article, side, held in zip((a, b), read, taken, strict=True)
    ]
    sure = {
        word
        for side in found
        for _, name in side
        if len(name.words) > 1 or name.titled
        for word in name.words
    }  # words of names of several words, and of those with a title, are names alone too
    return [
        [(part, name) for part, name in side if not _is_noun(name, article.language, sure)]
        for article, side in zip((a, b), found, strict=True)
    ]


def _passages(article: Read, part: Part) -> list[Passage]:
    """The words of a text by sentence. What ends with a full stop is no headline."""
    found = []
    for i, sentence in enumerate(article.sentences):
        if sentence.span.part != part:
            continue
        words = article.words_in(i)
        longer = [w for w in words if len(w.text) >= LONGER and w.text.isalpha()]
        capitals = sum(bool(w.flags & CAPITAL) for w in longer)
        stopped = sentence.text.rstrip("”’\"'»)").endswith((".", "…", "?", "!"))
        headline = not stopped and len(longer) >= 2 and capitals >= HEADLINE * len(longer)
        found.append(Passage(words, headline))
    return found


def _usage(a: Read, b: Read, read: Iterable[Passage]) -> Usage:
    """Counts over all passages of both articles, of capitals without headlines and first words."""
    capital: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for passage in read:
        for i, word in enumerate(passage.words):
            if not word.flags & CAPITAL:
                lower[word.text] += 1
            elif i and not passage.headline and len(word.text) > 1:
                capital[word.text] += 1
    said = Counter(w.text for article in (a, b) for part in PARTS for w in article.words[part])
    return Usage(capital, lower, said)


def _cased(
    article: Read, part: Part, read: Iterable[Passage], usage: Usage, taken: Sequence[Found]
) -> list[Name]:
    held = {offset for found in taken for offset in range(found.start, found.end)}
    text, language = article.text(part), article.language
    found: list[Name] = []
    for passage in read:
        for run in _runs(text, passage, usage, language, held):
            found += _split_at_titles(text, run, language)
    return found


def _runs(
    text: str, passage: Passage, usage: Usage, language: Language, held: set[int]
) -> Iterable[list[Word]]:
    """Maximal runs of words written as names, with the particles and numerals inside them."""
    run: list[Word] = []
    waiting: list[Word] = []
    for i, word in enumerate(passage.words):
        previous = waiting[-1] if waiting else run[-1] if run else None
        adjacent = previous is not None and bool(_BETWEEN.fullmatch(text, previous.end, word.start))
        if run and not adjacent:
            yield run
            run, waiting = [], []
        may_be = word.start not in held and _may_be_name(passage, i, usage, language, bool(run))
        if may_be:
            run, waiting = [*run, *waiting, word], []
        elif run and word.flags & NUMBER and word.start not in held and not waiting:
            run.append(word)
        elif run and word.text in language.particles and _may_link(word, waiting):
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


def _may_be_name(
    passage: Passage,
    i: int,
    usage: Usage,
    language: Language,
    inside: bool,  # noqa: FBT001 - inside a run
) -> bool:
    word = passage.words[i]
    if not word.flags & CAPITAL or word.text in language.weekdays:
        return False
    if language.capitalises_days and word.text in language.short_weekdays:
        return False
    month = word.text in language.months or word.text in language.short_months
    if word.text in language.titles or (month and not inside):
        return word.text in language.titles
    frequency = frequencies(language.code).get(word.text, 0.0)
    opening = not i or passage.headline
    opener = word.text in language.openers or word.text in language.starters
    if not inside and (frequency >= COMMON or (opening and opener)):
        return False
    if not opening:
        return True
    if passage.headline:
        return usage.is_name(word, language) or (inside and len(word.text) == 1)
    goes_on = len(passage.words) > 1 and bool(passage.words[1].flags & CAPITAL)
    return usage.is_name(word, language) or (
        goes_on
        and (
            usage.capital.get(word.text, 0) > 0 or _opens_name(passage, frequency, usage, language)
        )
    )


def _opens_name(passage: Passage, frequency: float, usage: Usage, language: Language) -> bool:
    """Whether the first word of a sentence begins a name that goes on: ``North Korean``."""
    word, following = passage.words[0], passage.words[1].text
    opener = following in language.openers or following in language.starters
    if opener or usage.lower.get(word.text, 0):
        return False
    if language.code in ("en", ""):
        return not word.text.endswith("ly") and frequency < 10 * OPENING_COMMON
    return frequency < OPENING_COMMON


def _split_at_titles(text: str, run: list[Word], language: Language) -> list[Name]:
    pieces: list[tuple[list[Word], bool]] = [([], False)]
    for word in run:
        if word.text in language.titles:
            pieces.append(([], True))
        else:
            pieces[-1][0].append(word)
    found = []
    for piece, titled in pieces:
        first, last = 0, len(piece)
        while first < last and _is_loose(piece[first], language):
            first += 1
        while last > first and _is_particle(piece[last - 1], language):
            last -= 1
        kept = piece[first:last]
        if sum(len(word.text) for word in kept) > 1:
            start, end = kept[0].start, kept[-1].end
            parts = tuple(word.text for word in kept)
            capitals = text[start:end].isupper() and len(parts) == 1
            found.append(Name(start, end, parts, titled and not first, capitals))
    return found


def _is_loose(word: Word, language: Language) -> bool:
    return word.text in language.loose_particles or bool(word.flags & NUMBER)


def _is_particle(word: Word, language: Language) -> bool:
    return word.text in language.particles and not word.flags & CAPITAL


def _is_noun(name: Name, language: Language, sure: set[str]) -> bool:
    """Whether a single word is a German noun: one that English news does not have as a name."""
    word = name.words[0]
    if not language.capitalises_nouns or len(name.words) > 1 or word in sure:
        return False
    frequency = frequencies(language.code).get(word, 0.0)
    if frequency < RARE:
        return len(word) >= LONG_COMPOUND
    return frequencies("en").get(word, 0.0) < LIST_SHARE * frequency


def _uncased(article: Read, part: Part, usage: Usage) -> list[Name]:
    """Stand-ins for names in scripts without capitals: signs of them, and unlisted words."""
    text, known = article.text(part), frequencies(article.lang)
    if _UNCASED_LETTER.search(text) is None:
        return []
    found = [
        Name(m.start(), m.end(), tuple(regex.findall(r"[\p{L}\p{M}\p{N}ー]+", m.group().lower())))
        for m in _UNCASED.finditer(text)
    ]
    found += [
        Name(w.start, w.end, (w.text,))
        for w in (article.words[part] if known else ())
        if usage.said[w.text] > 1
        and len(w.text) >= SHORTEST_RARE
        and not w.flags & (CAPITAL | NUMBER | IDEOGRAPHIC | SYLLABIC)
        and w.text.lower() == w.text.upper()
        and known.get(w.text, 0.0) < RARE
    ]
    return [name for name in found if name.words]
