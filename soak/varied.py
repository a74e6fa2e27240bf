"""A small index with something in every table: of several scripts, with copies, updates, furniture.

All words are made up from a seed.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

from dedupe.index import open_index, tallies
from dedupe.index.sqlite import SqliteStore, merge, session
from dedupe.model import Article
from soak.texts import START, News, prose, renamed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NEWS = News(61, words=70)
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
SEGMENT, BLOCK, SAVED_EVERY = 32, 16, 48
"""Numbers of an index that merges its keys, and records its frequencies, far oftener than usual."""
STEPS = 120
"""Postings that are merged in a session."""


def articles(count: int, first: int = 0) -> list[Article]:
    """So many articles from this number on: reports, copies, updates and other scripts."""
    return [_article(number) for number in range(first, first + count)]


def _article(number: int) -> Article:
    draw = random.Random(f"varied {number}")
    article = NEWS.article(number)
    match number % 10:
        case 3:
            article = _foreign(number, draw)
        case 5:
            article = replace(article, text=f"{FURNITURE[0]}{article.text}{FURNITURE[1]}")
        case 7:
            article = replace(article, date=None, title="", lang="")
        case 8:
            told = [NEWS.article(number - at).text for at in (3, 13, 23) if at <= number]
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


def stocked(path: Path, count: int) -> Sequence[str]:
    """Makes an index of so many articles, some of which went again; the ids that it was given.

    Two runs are there, and a third is under way.
    """
    SqliteStore(path).close()
    _merging_often(path)
    held = articles(count)
    with (
        patch.object(tallies, "SAVED_EVERY", SAVED_EVERY), patch.object(session, "WORK", 0),
        open_index(path) as index,
    ):  # fmt: skip
        index.admit_many(held[: count // 3])
        for article in held[count // 3 :]:
            index.admit(article)
        for article in held[1 : count // 2 : 9]:
            index.admit(replace(article, text=f"{article.text} {NEWS.article(9999).text}"))
        for article in held[4::11]:
            index.remove(article.id)
        index.mark_different(held[0].id, held[10].id)
        index.mark_different(held[5].id, "nobody")
    store, runs = SqliteStore(path), list[str]()
    with patch.object(merge, "KEYS", 1):
        while runs.count("live") < 2 or "growing" not in runs:
            with store.write() as writer:
                writer.merging().work(STEPS)
            with closing(sqlite3.connect(path)) as database:
                runs = [state for (state,) in database.execute("SELECT state FROM run")]
    store.close()
    return [article.id for article in held]


def _merging_often(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE state SET segment = ?, block = ?", (SEGMENT, BLOCK))
