"""Articles without end, made up from a seed: stories, and what several outlets tell of them.

Words are drawn as in a language: the n-th of a vocabulary with a chance of 1 / (n + 2.7)
(Mandelbrot 1953). The same seed gives the same articles on every machine.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from dedupe.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

START = datetime(2025, 1, 6, tzinfo=UTC)
"""The day of the first article."""
VOCABULARY = 40_000
HEAD = 2.7
"""By which the most frequent words are rarer than Zipf's law alone would have them."""
ONSETS = ("b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "br", "sh")
NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
CODAS = ("", "n", "r", "s", "l", "t", "nd", "ck")
SENTENCE = 14
"""Words."""
TOLD = 0.6
"""Share of an independent report's words that are the story's own."""


@dataclass(frozen=True)
class Vocabulary:
    """Words, the most frequent first, and what their chances add up to."""

    words: tuple[str, ...]
    chances: tuple[float, ...]

    def drawn(self, draw: random.Random, count: int) -> list[str]:
        """As many words, frequent ones oftener."""
        return draw.choices(self.words, cum_weights=self.chances, k=count)


@cache
def vocabulary() -> Vocabulary:
    """The words of all articles: the frequent ones are short."""
    draw = random.Random("vocabulary")
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = draw.randint(1, 2) if len(words) < 300 else draw.randint(2, 4)
        words[_word(draw, syllables)] = None
    chances = accumulate(1 / (rank + HEAD) for rank in range(1, VOCABULARY + 1))
    return Vocabulary(tuple(words), tuple(chances))


def _word(draw: random.Random, syllables: int) -> str:
    return "".join(
        draw.choice(ONSETS) + draw.choice(NUCLEI) + draw.choice(CODAS) for _ in range(syllables)
    )


class News:
    """A stream of articles: number n is always the same one.

    Of each ``PER_STORY`` numbers in a row the first begins a story; the others repeat it, with
    changes or without, tell a part of it, or report the same event in words of their own.
    """

    PER_STORY = 5

    def __init__(self, seed: int, *, words: int = 160) -> None:
        """``words`` is how long an article is."""
        self.seed = seed
        self.words = words
        self._vocabulary = vocabulary()

    def article(self, number: int) -> Article:
        """The article of this number; it is dated a minute after the one before it."""
        story, turn = divmod(number, self.PER_STORY)
        first = self._first(story)
        kinds = (self._same, self._same, self._edited, self._excerpt, self._report)
        draw = self._draw("turn", number)
        told = first if turn == 0 else kinds[draw.randrange(len(kinds))](first, draw)
        return Article(
            f"n{number}",
            prose(told),
            title=" ".join(word.capitalize() for word in told[:6]),
            date=START + timedelta(minutes=number),
            source=f"outlet {draw.randrange(40)}",
            lang="en",
        )

    def articles(self, first: int, count: int) -> Iterator[Article]:
        """So many articles, from this number on."""
        return map(self.article, range(first, first + count))

    def alone(self, number: int) -> Article:
        """An article that has nothing to do with any other: any word is as likely."""
        draw = self._draw("alone", number)
        told = draw.choices(self._vocabulary.words, k=self.words)
        return Article(f"u{number}", prose(told), title=" ".join(told[:6]), lang="en")

    def _draw(self, what: str, number: int) -> random.Random:
        return random.Random(f"{self.seed} {what} {number}")

    def _first(self, story: int) -> list[str]:
        draw = self._draw("story", story)
        names = [word.capitalize() for word in draw.sample(self._vocabulary.words, 8)]
        told = self._vocabulary.drawn(draw, self.words)
        for place in range(3, self.words, 12):
            told[place] = draw.choice(names)
        return told

    def _same(self, told: list[str], _: random.Random) -> list[str]:
        return told

    def _edited(self, told: list[str], draw: random.Random) -> list[str]:
        changed = list(told)
        for place in draw.sample(range(len(told)), len(told) // 40):
            changed[place] = self._vocabulary.drawn(draw, 1)[0]
        return changed

    def _excerpt(self, told: list[str], draw: random.Random) -> list[str]:
        length = draw.randint(len(told) // 3, len(told) // 2)
        start = draw.randrange(len(told) - length)
        return told[start : start + length]

    def _report(self, told: list[str], draw: random.Random) -> list[str]:
        own = self._vocabulary.drawn(draw, len(told))
        mixed = [a if draw.random() < TOLD else b for a, b in zip(told, own, strict=True)]
        draw.shuffle(mixed)
        return mixed


def renamed(article: Article, name: str) -> Article:
    """The same text under another id."""
    return replace(article, id=name)


def prose(words: Sequence[str]) -> str:
    """Words as sentences."""
    told = [" ".join(words[at : at + SENTENCE]) for at in range(0, len(words), SENTENCE)]
    return " ".join(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in told)
