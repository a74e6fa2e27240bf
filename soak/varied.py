"""Small indexes with something in every table: of several scripts, with copies, updates, furniture.

All words are made up from a seed.
"""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING
from unittest.mock import patch

from dedupe.index import open_index, tallies
from dedupe.index.sqlite import SqliteStore
from dedupe.index.tables import merge
from dedupe.index.tables import writer as writing
from dedupe.model import Article
from soak.behind import connected
from soak.texts import START, News, prose, renamed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SCRIPTS = {
    "ru": "абвгдежзиклмнопрстуфхцчш",
    "el": "αβγδεζηθικλμνξοπρστυφχψω",
    "ar": "ابتثجحخدذرزسشصضطظعغ",
    "zh": "一二三四五六七八九十山水火木金土日月人口手足天地風雨",
    "hi": "कखगघचछजझटठडढतथदधनपफबभमयरलव",
}
FURNITURE = (
    "Home | News | Sport | Weather | Culture\n",
    "\nRead more of it in the evening letter of this paper. All rights are reserved.",
)


@dataclass(frozen=True)
class Stock:
    """What an index is made of. It merges its keys, and counts terms, far oftener than usual."""

    held: Sequence[int]
    """Numbers of the articles that it is given, ascending."""
    coming: Sequence[int]
    """Of those that it is asked about, and then given; some are there already, or were removed."""
    alone: int
    """So many of them are asked about, and come in, one by one, too."""
    words: int
    """Of an article."""
    segment: int
    """Numbers that are merged together."""
    block: int
    """Postings of a block."""
    saved_every: int
    """Changes after which frequencies are recorded."""
    steps: int
    """Postings that are merged in a session."""
    languages: Mapping[str, str]
    """What they are said to be in instead."""

    def articles(self, numbers: Sequence[int]) -> list[Article]:
        """Those of these numbers: reports, copies, updates and other scripts."""
        told = [_article(self.words, number) for number in numbers]
        return [replace(one, lang=self.languages.get(one.lang, one.lang)) for one in told]


LARGE = Stock(range(200), (*range(200, 208), *range(100, 106)), 8, 70, 32, 16, 48, 120, {})
SMALL = Stock(
    (3, 7, 8, 15, 20, 22, 23, 24, 25, 26, 35, 36, 37, 38, 39, 43, 46, 50, 51, 52, 55, 57, 58, 60,
     63, 65, 66, 67, 68, 73, 79, 83),
    (93, 98, 90, 38, 8, 95, 97), 2, 40, 8, 8, 24, 60,
    {"en": "ga", "ru": "be", "el": "eu", "ar": "yi", "zh": "th", "hi": "ne"},
)  # fmt: skip
"""Fewer articles, chosen so that each kind of row and of answer that is in the large one is here,
too: stories that are merged, an article that tells several. Its languages are such as have no list
of usual words: to load six of those anew for each index that is made would take long."""


@cache
def _article(words: int, number: int) -> Article:
    draw, news = random.Random(f"varied {number}"), News(61, words=words)
    article = news.article(number)
    match number % 10:
        case 3:
            article = _foreign(number, draw)
        case 5:
            article = replace(article, text=f"{FURNITURE[0]}{article.text}{FURNITURE[1]}")
        case 7:
            article = replace(article, date=None, title="", lang="")
        case 8:
            told = [news.article(number - at).text for at in (3, 13, 23) if at <= number]
            article = replace(article, text="\n\n".join(told) or article.text)
        case _:
            pass
    return renamed(article, f"v{number}")


def _foreign(number: int, draw: random.Random) -> Article:
    """One of five scripts; every other one tells the same as the one before it."""
    code, letters = list(SCRIPTS.items())[number // 20 % len(SCRIPTS)]
    told = random.Random(f"foreign {number // 20}")
    words = ["".join(told.choices(letters, k=told.randint(2, 7))) for _ in range(50)]
    words[draw.randrange(50)] = str(draw.randrange(9999))
    date = START + timedelta(minutes=number)
    return Article(f"v{number}", prose(words), title=" ".join(words[:5]), date=date, lang=code)


def stocked(path: Path, stock: Stock) -> Sequence[str]:
    """Makes an index of these articles, some of which went again; the ids that it was given.

    Two runs are there, and a third is under way.
    """
    SqliteStore(path).close()
    with closing(connected(path)) as database, database:
        database.execute("UPDATE state SET segment = ?, block = ?", (stock.segment, stock.block))
    held, more = stock.articles(stock.held), stock.articles([9999])[0].text
    with (
        patch.object(tallies, "SAVED_EVERY", stock.saved_every), patch.object(writing, "WORK", 0),
        open_index(path) as index,
    ):  # fmt: skip
        index.admit_many(held[: len(held) // 3])
        for article in held[len(held) // 3 :]:
            index.admit(article)
        for article in held[1 : len(held) // 2 : 9]:
            index.admit(replace(article, text=f"{article.text} {more}"))
        for article in held[4::11]:
            index.remove(article.id)
        index.mark_different(held[0].id, held[10].id)
        index.mark_different(held[5].id, "nobody")
    store, runs = SqliteStore(path), list[str]()
    with patch.object(merge, "KEYS", 1):
        while runs.count("live") < 2 or "growing" not in runs:
            with store.write() as writer:
                writer.merging().work(stock.steps)
            with closing(connected(path)) as database:
                runs = [state for (state,) in database.execute("SELECT state FROM run")]
    store.close()
    return [article.id for article in held]
