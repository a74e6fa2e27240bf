"""One article read once: its words, sentences, word frequencies and stems."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedupe.compare.sentences import sentences
from dedupe.compare.stems import stems
from dedupe.compare.words import Word, words
from dedupe.weigh import LEAST_FREQUENCY, word_frequencies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedupe.model import Article
    from dedupe.model_compare import Part, Sentence

PARTS: tuple[Part, ...] = ("title", "text")


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

    def text(self, part: Part) -> str:
        """The title or the text."""
        return self.article.title if part == "title" else self.article.text

    def sentence_at(self, part: Part, start: int) -> int:
        """Index of the sentence that holds an offset, or the last one before it."""
        first, starts = self.starts[part]
        return max(first + bisect_right(starts, start) - 1, 0)

    def stems_in(self, sentence: int) -> set[str]:
        """Stems of the words of one sentence."""
        span = self.sentences[sentence].span
        words = self.words[span.part]
        first = bisect_left(words, span.start, key=lambda word: word.start)
        last = bisect_left(words, span.end, key=lambda word: word.start)
        return {self.stems[word.text] for word in words[first:last]}

    def by_sentence(self, part: Part) -> list[tuple[int, int]]:
        """Offsets of the sentences of one part."""
        return [(s.span.start, s.span.end) for s in self.sentences if s.span.part == part]


def read(article: Article, lang: str) -> Read:
    """Reads an article in its language, "" for one that is not known."""
    found: dict[Part, list[Word]] = {"title": words(article.title), "text": words(article.text)}
    said = [word.text for part in PARTS for word in found[part]]
    split = sentences(article, lang)
    titles = [s.span.start for s in split if s.span.part == "title"]
    texts = [s.span.start for s in split if s.span.part == "text"]
    starts: dict[Part, tuple[int, list[int]]] = {"title": (0, titles), "text": (len(titles), texts)}
    return Read(article, lang, found, split, _frequency(said, lang), stems(said, lang), starts)


def _frequency(words: Sequence[str], lang: str) -> dict[str, float]:
    """Of each word in its language; where that has no list, as counted in the words."""
    known, counts = word_frequencies(lang), Counter(words)
    if known:
        return {word: known.get(word, LEAST_FREQUENCY) for word in counts}
    total = counts.total()
    return {word: max((n - 2) / total, LEAST_FREQUENCY) for word, n in counts.items()}
