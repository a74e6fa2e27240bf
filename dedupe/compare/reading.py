"""One article read once: its words, sentences, word frequencies and stems."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dedupe.compare.background import frequency
from dedupe.compare.language import language
from dedupe.compare.sentences import sentences
from dedupe.compare.stems import stems
from dedupe.compare.words import Word, words
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

    def text(self, part: Part) -> str:
        """The title or the text."""
        return self.article.title if part == "title" else self.article.text

    def sentence_at(self, part: Part, start: int) -> int:
        """Index of the sentence that holds an offset, or the last one before it."""
        key = (part == "text", start)
        i = bisect_right(self.sentences, key, key=lambda s: (s.span.part == "text", s.span.start))
        return max(i - 1, 0)

    def by_sentence(self, part: Part) -> list[tuple[int, int]]:
        """Offsets of the sentences of one part."""
        return [(s.span.start, s.span.end) for s in self.sentences if s.span.part == part]


def read(article: Article) -> Read:
    """Reads an article."""
    lang = language(article)
    found: dict[Part, list[Word]] = {"title": words(article.title), "text": words(article.text)}
    said = [word.text for part in PARTS for word in found[part]]
    return Read(
        article, lang, found, sentences(article, lang), frequency(said, lang), stems(said, lang)
    )
