"""Corpora in which all articles are alike: where a search for pairs may grow with the square.

A maker takes a draw of words, the number of articles and how many words one has, and gives the
words of each article.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import orjson

from benchmarks.vary import vocabulary

if TYPE_CHECKING:
    from pathlib import Path

EDITED = 0.03
"""Share of the words of a near-copy that are replaced."""
STEP = 8
"""Words by which each text of a chain begins after the one before it."""
WORDS = 400
"""Of an article in a file: about as many as in a report of an agency."""
TITLE = 8
BEGIN, APART = datetime(2025, 3, 1, tzinfo=UTC), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Draw:
    """Words by chance."""

    rng: random.Random
    prose: Callable[[random.Random, int], list[str]]
    """So many words, as they stand in texts."""
    subject: Callable[[random.Random, int], list[str]]
    """So many that tell texts apart."""

    def text(self, count: int) -> list[str]:
        """So many words of prose."""
        return self.prose(self.rng, count)

    def edited(self, text: list[str]) -> list[str]:
        """A text in which some words are replaced by others, each with the same chance."""
        return [self.text(1)[0] if self.rng.random() < EDITED else word for word in text]


Maker = Callable[[Draw, int, int], list[list[str]]]


def identical(draw: Draw, n: int, words: int) -> list[list[str]]:
    """One text."""
    return [draw.text(words)] * n


def near_copies(draw: Draw, n: int, words: int) -> list[list[str]]:
    """One text, in each of which a few words are replaced."""
    text = draw.text(words)
    return [draw.edited(text) for _ in range(n)]


def chain(draw: Draw, n: int, words: int) -> list[list[str]]:
    """Each a near-copy of the one before and the one after, and not of those further away."""
    text = draw.text(words + STEP * n)
    return [text[STEP * k : STEP * k + words] for k in range(n)]


def boilerplate(draw: Draw, n: int, words: int) -> list[list[str]]:
    """Short texts of their own, each before the same long one."""
    common = draw.text(words)
    return [[*draw.text(words * 2 // 5), *common] for _ in range(n)]


def one_story(draw: Draw, n: int, words: int) -> list[list[str]]:
    """Each with half of the words of one subject, among others."""
    common = draw.subject(draw.rng, words * 2 // 5)
    half = len(common) // 2
    return [[*draw.rng.sample(common, half), *draw.text(words - 2 * half)] for _ in range(n)]


KINDS: dict[str, Maker] = {
    "identical": identical,
    "near copies": near_copies,
    "chain": chain,
    "one boilerplate": boilerplate,
    "one story": one_story,
}


def write_alike(kind: str, count: int, source: Path, target: Path) -> None:
    """Writes so many articles of a kind, of words of a file of articles. The same give the same."""
    words = vocabulary(source)
    known = sorted(set(words))
    draw = Draw(
        random.Random(f"{kind} {count}"),
        lambda rng, wanted: rng.choices(words, k=wanted),
        lambda rng, wanted: rng.sample(known, min(wanted, len(known))),
    )
    with target.open("wb") as out:
        for number, text in enumerate(KINDS[kind](draw, count, WORDS)):
            record = {
                "id": f"{number:06}",
                "date": (BEGIN + number * APART).isoformat(),
                "title": " ".join(text[:TITLE]),
                "text": " ".join(text),
            }
            out.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
