"""What an index holds, as values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from dedupe.errors import DamagedError
from dedupe.index.answers import restored, story_id, story_number
from dedupe.index.text import article_of
from dedupe.model import Article, IndexedArticle, IndexedStory, IndexStats
from dedupe.moments import moment

if TYPE_CHECKING:
    from dedupe.index.store import Reader, StoryRow


def _stored(microseconds: int) -> datetime:
    """A moment that the store keeps. Raises DamagedError for one that no calendar has."""
    found = moment(microseconds)
    if found is None:
        raise DamagedError(
            "the index keeps a date that no calendar has: run dedupe index verify, and take the "
            "last sound copy"
        )
    return found


def article_named(reader: Reader, name: str) -> IndexedArticle | None:
    """The article of an id; None where it is not held."""
    held = reader.find([name])
    if name not in held:
        return None
    return next(articles_of(reader, [held[name][0]]), None)


def articles_of(reader: Reader, numbers: Sequence[int]) -> Iterator[IndexedArticle]:
    """The articles of these numbers, in order; those that are gone are left out."""
    known, texts = reader.known(numbers), reader.texts(numbers)
    verdicts, arrivals = reader.verdicts(numbers), reader.arrivals(numbers)
    groups = {entry.copies for entry in known.values()}
    members = {copies: reader.group(copies) for copies in groups}
    came = reader.arrivals([number for group in members.values() for number in group])
    first = {
        copies: min(group, key=lambda number: (came.get(number, 0), number), default=0)
        for copies, group in members.items()
    }
    names = {number: entry.id for number, entry in reader.known(list(first.values())).items()}
    for number in numbers:
        entry = known.get(number)
        if entry is None:
            continue
        article = article_of(entry.id, texts[number]) if number in texts else Article(entry.id, "")
        yield IndexedArticle(
            article,
            story_id(entry.story),
            names.get(first[entry.copies], entry.id),
            _stored(arrivals[number]),
            replace(restored(entry.id, verdicts[number]), replayed=False),
        )


def story_named(reader: Reader, name: str) -> IndexedStory | None:
    """The story of an id, or the one that it is part of by now; None where there is none."""
    number = story_number(name)
    story = None if number is None else reader.resolve(number)
    if story is None:
        return None
    rows = reader.stories(story - 1, 1)
    return _story(reader, rows[0]) if rows and rows[0].story == story else None


def stories_after(reader: Reader, after: int, limit: int) -> list[tuple[int, IndexedStory]]:
    """The next stories by number, each with its number."""
    return [(row.story, _story(reader, row)) for row in reader.stories(after, limit)]


def _story(reader: Reader, row: StoryRow) -> IndexedStory:
    known, arrivals = reader.known(row.numbers), reader.arrivals(row.numbers)
    numbers = sorted(known, key=lambda number: (arrivals[number], number))
    return IndexedStory(
        story_id(row.story),
        tuple(known[number].id for number in numbers),
        _stored(row.first),
        _stored(row.last),
        tuple(story_id(old) for old in row.merged),
    )


def stats_of(reader: Reader, *, keeps_texts: bool) -> IndexStats:
    """How much an index holds."""
    counts = reader.counts()
    return IndexStats(
        articles=counts.articles,
        stories=counts.stories,
        texts=counts.copies,
        bytes=counts.size,
        keeps_texts=keeps_texts,
        oldest=None if counts.oldest is None else _stored(counts.oldest),
        newest=None if counts.newest is None else _stored(counts.newest),
        languages=counts.languages,
    )
