"""Small corpora for the index: events told by several outlets, in words made up on the spot."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from corpora import prose

from dedupe.index import Index
from dedupe.index.tallies import Tallies
from dedupe.model import Article

START = datetime(2024, 3, 4, tzinfo=UTC)
"""A midnight."""
FACTS = 40
EARLIER, LATER = slice(0, 22), slice(18, FACTS)
"""Parts of what can be told of an event: reports of them have little in common."""


def day(number: float) -> datetime:
    """So many days after the start."""
    return START + timedelta(days=number)


class Event:
    """Something that happened, and all that can be told of it."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"event {seed}")
        self.seed = seed
        self.names = [word.capitalize() for word in prose(rng, 8)]
        self.words = prose(rng, FACTS)
        self.numbers = [str(rng.randrange(20, 9000)) for _ in range(4)]

    def report(
        self,
        name: str,
        date: float | None = 0,
        *,
        own: int = 40,
        part: slice | None = None,
        **more: Any,
    ) -> Article:
        """An independent report: what happened, or a part of it, with ``own`` words of its own."""
        rng = random.Random(f"{self.seed} {name}")
        if part is None:
            facts = [*self.words, *self.names, *self.names, *self.numbers]
        else:
            facts = [*self.words[part], *self.names[part], *self.numbers[part]]
        words = [*facts, *prose(rng, own)]
        rng.shuffle(words)
        lines = [" ".join(["the", *words[at : at + 9]]) for at in range(0, len(words), 9)]
        names = self.names[part or slice(None)] or self.names
        title = ["The", *rng.sample(names, 2), *rng.sample(self.words[part or slice(None)], 2)]
        when = None if date is None else day(date)
        return Article(name, ". ".join(lines), more.pop("title", " ".join(title)), when, **more)


def copy_of(article: Article, name: str, **more: Any) -> Article:
    """The same text under another id."""
    return replace(article, id=name, **more)


def edited(article: Article, name: str) -> Article:
    """The text with a few words at its end changed: Jaccard of about 0.9."""
    words = article.text.split()
    return replace(article, id=name, text=" ".join([*words[:-3], "quite", "otherwise", "ended"]))


def newsroom(seed: int, events: int = 4, reports: int = 3) -> list[Article]:
    """Reports of some events without a copy among them, by date."""
    rng = random.Random(seed)
    found = [
        Event(1000 * seed + at).report(f"{seed}.{at}-{n}", rng.choice([at * 3 + n, at * 3, None]))
        for at in range(events)
        for n in range(reports)
    ]
    rng.shuffle(found)
    return found


def grouped(index: Index) -> set[frozenset[str]]:
    """The stories of an index, as sets of ids."""
    return {frozenset(story.articles) for story in index.stories()}


def copies(index: Index) -> set[frozenset[str]]:
    """Its groups of copies, likewise."""
    found = defaultdict(set)
    for held in index.articles():
        found[held.copies].add(held.article.id)
    return set(map(frozenset, found.values()))


def sound(index: Index) -> bool:
    """Whether all fits together, and every article is in the story that says so."""
    told = defaultdict(set)
    for held in index.articles():
        told[held.story].add(held.article.id)
    stories = {story.id: set(story.articles) for story in index.stories()}
    return not list(index.verify()) and told == stories


def admitted(index: Index, articles: Iterable[Article]) -> Index:
    """The index, with these taken in one by one."""
    for article in articles:
        index.admit(article)
    return index


def counted(of: Tallies) -> dict:
    """All that is counted, without zeros."""
    found = {
        "held": nonzero(of.terms.anywhere),
        "named": nonzero(of.terms.named),
        "days": {day: count for day, count in of.days.table().tolist() if count},
    }
    for code, articles in of.terms.articles.items():
        if articles:
            buckets, held = of.terms.held(code)
            found[code] = articles, dict(zip(buckets.tolist(), held.tolist(), strict=True))
    return found


def nonzero(counts: np.ndarray) -> dict[int, int]:
    places = np.flatnonzero(counts)
    return dict(zip(places.tolist(), counts[places].tolist(), strict=True))
