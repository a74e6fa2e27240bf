"""One article read once: its words, sentences, word frequencies and stems."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedupe.compare.sentences import sentences
from dedupe.compare.words import Word, words
from dedupe.lexicon import Language, language_of
from dedupe.weigh import LEAST_FREQUENCY, word_frequencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from dedupe.model import Article
    from dedupe.model_compare import Part, Sentence, Span

PARTS: tuple[Part, ...] = ("title", "text")


@dataclass(frozen=True, slots=True)
class Reading:
    """One part of an article, and what is known of its words."""

    text: str
    words: Sequence[Word]
    language: Language
    frequency: Mapping[str, float]
    """Of each folded word in its language."""
    stems: Mapping[str, str]
    """Of each folded word."""
    published: datetime | None = None

    def index_at(self, offset: int) -> int:
        """Index of the first word that begins at or after an offset."""
        return bisect_left(self.words, offset, key=lambda word: word.start)


@dataclass(frozen=True, slots=True)
class Read:
    """What every part of a comparison takes from an article."""

    article: Article
    lang: str
    words: Mapping[Part, Sequence[Word]]
    sentences: tuple[Sentence, ...]
    frequency: Mapping[str, float]
    """Of each folded word in its language."""
    stems: Mapping[str, str]
    """Of each folded word."""
    starts: Mapping[Part, tuple[int, Sequence[int]]]
    """Of each part: the index of its first sentence, and the offset of each of its sentences."""

    @property
    def language(self) -> Language:
        """The words of its language."""
        return language_of(self.lang)

    def text(self, part: Part) -> str:
        """The title or the text."""
        return self.article.title if part == "title" else self.article.text

    def reading(self, part: Part) -> Reading:
        """The title or the text with what is known of its words."""
        return Reading(
            self.text(part),
            self.words[part],
            self.language,
            self.frequency,
            self.stems,
            self.article.date,
        )

    def sentence_at(self, part: Part, start: int) -> int:
        """Index of the sentence with an offset, or the last one before it."""
        first, starts = self.starts[part]
        return max(first + bisect_right(starts, start) - 1, 0)

    def words_in(self, sentence: int) -> Sequence[Word]:
        """The words of one sentence."""
        span = self.sentences[sentence].span
        return self.words[span.part][slice(*self.indexes(span))]

    def indexes(self, span: Span) -> tuple[int, int]:
        """Indexes into the words of its part: the first inside a span, and the one after it."""
        words = self.words[span.part]
        first = bisect_left(words, span.start, key=lambda word: word.start)
        return first, bisect_left(words, span.end, key=lambda word: word.start)

    def stems_in(self, sentence: int) -> set[str]:
        """Stems of the words of one sentence."""
        return {self.stems[word.text] for word in self.words_in(sentence)}


def stems(words: Iterable[str], language: Language) -> dict[str, str]:
    """The stem of each folded word (Snowball; Porter 2001); the word itself without a stemmer.

    A stemmer keeps state, hence one for each call: comparisons may run on threads.
    """
    import Stemmer

    distinct = list(dict.fromkeys(words))
    if language.stemmer not in Stemmer.algorithms():  # an older Snowball has fewer
        return dict(zip(distinct, distinct, strict=True))
    return dict(zip(distinct, Stemmer.Stemmer(language.stemmer).stemWords(distinct), strict=True))


def read(article: Article, lang: str = "") -> Read:
    """Reads an article in a language; without one in that which it states."""
    lang = lang or article.lang
    found: dict[Part, list[Word]] = {"title": words(article.title), "text": words(article.text)}
    said = [word.text for part in PARTS for word in found[part]]
    split = sentences(article, lang)
    titles = [s.span.start for s in split if s.span.part == "title"]
    texts = [s.span.start for s in split if s.span.part == "text"]
    starts: dict[Part, tuple[int, list[int]]] = {"title": (0, titles), "text": (len(titles), texts)}
    stem = stems(said, language_of(lang))
    return Read(article, lang, found, split, _frequency(said, lang), stem, starts)


def _frequency(words: Sequence[str], lang: str) -> dict[str, float]:
    """Of each word in its language; where that has no list, as counted in the words."""
    known, counts = word_frequencies(lang), Counter(words)
    if known:
        return {word: known.get(word, LEAST_FREQUENCY) for word in counts}
    total = counts.total()
    return {word: max((n - 2) / total, LEAST_FREQUENCY) for word, n in counts.items()}
