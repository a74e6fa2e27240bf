# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""One article read once: its words, sentences, word frequencies and stems.

Sentences end by Unicode's rules (UAX 29, Sentence_Break as the ``regex`` package has it), so that
danda, ideographic and Arabic stops are served alike. On top of the standard: a line of its own is a
sentence (headlines carry no stop) unless the text is wrapped by hand, abbreviations, initials
and German-style ordinals do not end a sentence, and a text without stops is cut at a length.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import regex

from dedupe.comparison.words import Word, words
from dedupe.lexicon import Language, language_of
from dedupe.model_compare import Part, Sentence, Span
from dedupe.usual import LEAST_FREQUENCY, word_frequencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dedupe.model import Article

PARTS: tuple[Part, ...] = ("title", "text")
LONGEST = 600
"""Code points beyond which a run without a full stop is cut, best at a comma or a space."""

SHORTEST_STEM = 4
"""Letters of a stem that tells a word."""

_STOP = regex.compile(
    r"(?:\p{SB=ATerm}|\p{SB=STerm})++(?:(?!\p{Ps})\p{SB=Close}|\p{SB=Extend})*+(?:[\p{SB=Sp}\p{SB=Format}\r\n]*+)"
)
_SPACED_STOP = regex.compile(r"[\p{SB=ATerm}!?؟۔։]")
"""Stops after which a sentence ends only before white space or at the end, as ``3.4``, ``U.S.``."""
_LOWER_NEXT = regex.compile(
    r"[^\p{SB=OLetter}\p{SB=Upper}\p{SB=Lower}\p{SB=ATerm}\p{SB=STerm}\n]*+\p{SB=Lower}"
)
_CONTINUES = regex.compile(r"[\p{SB=SContinue}]")
_BEFORE = regex.compile(r"[\p{L}\p{M}\p{Nd}.]+\Z")
_INITIALS = regex.compile(r"(?:\p{L}\.)*\p{L}")
_ORDINAL = regex.compile(r"\p{Nd}{1,2}")
_FOLLOWING = regex.compile(r"\s*+(\S*+)")
"""The next word, alone: a line may be a whole article, with a stop behind each of its words."""
_LINE = regex.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_CUT = regex.compile(r"[,;:،؛、，；]\s*|\s+")
_TOLD = regex.compile(r"[\p{L}\p{M}\p{N}_]")


@dataclass(frozen=True, slots=True)
class Reading:
    """One part of an article, and what is known of its words."""

    text: str
    words: Sequence[Word]
    language: Language
    frequency: Mapping[str, float]
    """Of each folded word of the article in its language."""
    stems: Mapping[str, str]
    """Of each folded word of the article."""
    published: datetime | None
    first: int
    """Index of its first sentence among those of the article."""
    starts: Sequence[int]
    """Offset of each of its sentences."""

    def index_at(self, offset: int) -> int:
        """Index of the first word that begins at or after an offset."""
        return bisect_left(self.words, offset, key=lambda word: word.start)

    def words_at(self, place: Span) -> Sequence[Word]:
        """The words of a place, and the next one."""
        return self.words[self.index_at(place.start) : self.index_at(place.end) + 1]

    def sentence_at(self, offset: int) -> int:
        """Index of the article's sentence with an offset, or the last one before it."""
        return max(self.first + bisect_right(self.starts, offset) - 1, 0)


@dataclass(frozen=True, slots=True)
class Read:
    """What every part of a comparison takes from an article."""

    article: Article
    lang: str
    language: Language
    parts: Mapping[Part, Reading]
    sentences: tuple[Sentence, ...]

    def words_in(self, sentence: int) -> Sequence[Word]:
        """The words of one sentence."""
        span = self.sentences[sentence].span
        reading = self.parts[span.part]
        return reading.words[reading.index_at(span.start) : reading.index_at(span.end)]

    def stems_in(self, sentence: int) -> set[str]:
        """Stems of the words of one sentence."""
        return {self.parts["text"].stems[word.text] for word in self.words_in(sentence)}


def stems(words: Iterable[str], language: Language) -> dict[str, str]:
    """The stem of each folded word (Snowball; Porter 2001); the word itself without a stemmer.

    A stemmer keeps state, hence one for each call: comparisons may run on threads.
    """
    import Stemmer

    distinct = list(dict.fromkeys(words))
    if language.stemmer not in Stemmer.algorithms():  # an older Snowball has fewer
        return dict(zip(distinct, distinct, strict=True))
    return dict(zip(distinct, Stemmer.Stemmer(language.stemmer).stemWords(distinct), strict=True))


@cache
def by_stem(language: Language, field: Literal["tolls", "measures"]) -> Mapping[str, str]:
    """What the words of a field say, by their stems; not phrases, nor a stem of two of them."""
    forms: Mapping[str, str] = getattr(language, field)
    found: dict[str, set[str]] = defaultdict(set)
    for word, stem in stems((form for form in forms if " " not in form), language).items():
        found[stem].add(forms[word])
    return {
        stem: next(iter(said))
        for stem, said in found.items()
        if len(said) == 1 and len(stem) >= SHORTEST_STEM
    }


def read_article(article: Article, lang: str = "") -> Read:
    """Reads an article in a language; without one in that which it states."""
    lang = lang or article.lang
    language, texts = language_of(lang), (article.title, article.text)
    found = [words(text) for text in texts]
    said = [word.text for part in found for word in part]
    stem, frequency = stems(said, language), _frequency(said, lang)
    parts: dict[Part, Reading] = {}
    split: list[Sentence] = []
    for part, text, own in zip(PARTS, texts, found, strict=True):
        places = spans(text, lang)
        starts = [start for start, _ in places]
        parts[part] = Reading(
            text, own, language, frequency, stem, article.date, len(split), starts
        )
        split += [Sentence(text[start:end], Span(part, start, end)) for start, end in places]
    return Read(article, lang, language, parts, tuple(split))


def _frequency(words: Sequence[str], lang: str) -> dict[str, float]:
    """Of each word in its language; where that has no list, as counted in the words."""
    known, counts = word_frequencies(lang), Counter(words)
    if known:
        return {word: known.get(word, LEAST_FREQUENCY) for word in counts}
    total = counts.total()
    return {word: max((n - 2) / total, LEAST_FREQUENCY) for word, n in counts.items()}


def spans(text: str, lang: str = "") -> list[tuple[int, int]]:
    """Offsets of the sentences of a text: in order, apart, each with a letter or digit."""
    found: list[tuple[int, int]] = []
    language = language_of(lang)
    for start, end in _blocks(text):
        for s, e in _cut_at(text, start, end, _stops(text, start, end, language)):
            found += _cut_long(text, s, e)
    return found


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Lines, or paragraphs where lines are wrapped by hand."""
    lines = [m.span() for m in _LINE.finditer(text)]
    ends = [_blank(text[end:begin]) for (_, end), (begin, _) in pairwise(lines)]
    wrapped = _hand_wrapped(text, lines, ends)
    start = -1
    for i, (begin, end) in enumerate(lines):
        start = begin if start < 0 else start
        last = i + 1 == len(lines)
        if last or ends[i] or not (wrapped or text[lines[i + 1][0]].islower()):
            yield start, end
            start = -1


def _blank(between: str) -> bool:
    """Whether an empty line is between two others."""
    return "\n" in between.replace("\r\n", "\n").replace("\n", "", 1)


def _hand_wrapped(text: str, lines: list[tuple[int, int]], ends: list[bool]) -> bool:
    """True where most lines are of one modest length and break off inside a sentence.

    Those that end a paragraph do not tell; ``ends`` says of each line but the last whether it does.
    """
    longest = max((e - s for s, e in lines), default=0)
    if len(lines) < 4 or longest > 100:
        return False
    inner = [line for line, ends_there in zip(lines, ends, strict=False) if not ends_there]
    full = [(s, e) for s, e in inner if e - s > 0.7 * longest]
    broken = sum(not _SPACED_STOP.search(text, max(s, e - 2), e) for s, e in full)
    return len(full) > 0.5 * len(inner) and broken > 0.6 * len(full)


def _stops(text: str, start: int, end: int, language: Language) -> Iterator[int]:
    """Offsets right after the stops that end a sentence."""
    for match in _STOP.finditer(text, start, end):
        after = match.end()
        if after >= end:
            return
        if _CONTINUES.match(text, after) or _LOWER_NEXT.match(text, after, end):
            continue
        stop = match.group()
        if _SPACED_STOP.match(stop) and not stop[-1].isspace():
            continue
        if stop.strip() == "." and _abbreviated(text, start, match.start(), after, language):
            continue
        yield after


def _abbreviated(text: str, start: int, stop: int, after: int, language: Language) -> bool:
    before = _BEFORE.search(text, max(start, stop - 12), stop)
    if before is None:
        return False
    word = before.group()
    if _INITIALS.fullmatch(word):
        following = _FOLLOWING.match(text, after)
        return following is None or following[1].lower().rstrip(",") not in language.starters
    if _ORDINAL.fullmatch(word):
        return language.ordinal_stop
    return word.lower() in language.abbreviations


def _cut_at(
    text: str, start: int, end: int, stops: Iterable[int] = ()
) -> Iterator[tuple[int, int]]:
    for stop in (*stops, end):
        piece = text[start:stop]
        left = len(piece) - len(piece.lstrip())
        right = len(piece.rstrip())
        if left < right and _TOLD.search(piece):
            yield start + left, start + right
        start = stop


def _cut_long(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        cuts = [m.end() for m in _CUT.finditer(text, start + LONGEST // 2, start + LONGEST)]
        clauses = [
            c for c in cuts if not text[c - 1].isspace() or text[c - 2 : c].strip()[:1] in ",;"
        ]
        at = clauses[-1] if clauses else cuts[-1] if cuts else start + LONGEST
        yield from _cut_at(text, start, at)
        start = at
    yield from _cut_at(text, start, end)
