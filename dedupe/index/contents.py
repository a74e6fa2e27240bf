"""What an index contains, as values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import DamagedError
from dedupe.index.answers import article_of_text, restored, story_id, story_number
from dedupe.model import IndexedArticle, IndexedStory, IndexStats
from dedupe.moments import moment

if TYPE_CHECKING:
    from dedupe.index.store import Columns, Reader, StoryRow


def stored_moment(microseconds: int) -> datetime:
    """A moment that the store keeps. Raises DamagedError for one that no calendar has."""
    found = moment(microseconds)
    if found is None:
        raise DamagedError("the index keeps a date that no calendar has")
    return found


def articles_named(reader: Reader, names: Sequence[str]) -> list[IndexedArticle]:
    """The articles of these ids that are there, in the order in which they came."""
    numbers = sorted({number for number, _ in reader.find(names).values()})
    return list(indexed_articles(reader, numbers))


def indexed_articles(reader: Reader, numbers: Sequence[int]) -> Iterator[IndexedArticle]:
    """The articles of these numbers, in order; those that are gone are left out."""
    known = reader.rows(numbers)
    texts, verdicts = (reader.blobs(kind, known.numbers) for kind in ("text", "verdict"))
    first = _firsts(reader, known)
    for row, name in enumerate(known.ids):
        yield IndexedArticle(
            article_of_text(name, texts.row(row)),
            story_id(int(known.stories[row])),
            first[int(known.copies[row])],
            stored_moment(int(known.arrived[row])),
            replace(restored(name, verdicts.row(row)), replayed=False),
        )


def before_newest(reader: Reader, count: int) -> int:
    """The number after which the ``count`` entries follow that came last, or all where few are."""
    last, span = reader.position().change, count
    while True:
        numbers = reader.walk(max(last - span, 0), span)
        if len(numbers) >= count or span >= last:
            return numbers[-count:][0] - 1 if numbers else 0
        span *= 2


def _firsts(reader: Reader, known: Columns) -> dict[int, str]:
    """Of each group of copies that these are in, the id of the one that came first."""
    groups = reader.members(list(dict.fromkeys(known.copies.tolist())))
    members = reader.rows([number for group in groups.values() for number in group])
    order = np.lexsort((members.numbers, members.arrived))[::-1].tolist()
    names = members.copies.tolist()
    return {names[at]: members.ids[at] for at in order}


def story_named(reader: Reader, name: str) -> IndexedStory | None:
    """The story of an id, or the one that it is part of by now; None where there is none."""
    number = story_number(name)
    found = reader.groups([number or 0], 1)
    if not number or number not in found:
        return None
    story = found[number].story
    rows = reader.stories(story - 1, 1)
    return _story(reader, rows[0]) if rows and rows[0].story == story else None


def stories_after(reader: Reader, after: int, limit: int) -> list[IndexedStory]:
    """The next stories by number."""
    return [_story(reader, row) for row in reader.stories(after, limit)]


def _story(reader: Reader, row: StoryRow) -> IndexedStory:
    known = reader.rows(row.numbers)
    order = np.lexsort((known.numbers, known.arrived)).tolist()
    return IndexedStory(
        story_id(row.story),
        tuple(known.ids[at] for at in order),
        stored_moment(row.first),
        stored_moment(row.last),
        tuple(story_id(old) for old in row.merged),
    )


def stats_of(reader: Reader, *, keeps_texts: bool) -> IndexStats:
    """How much an index contains."""
    counts = reader.counts()
    return IndexStats(
        articles=counts.articles,
        stories=counts.stories,
        texts=counts.copies,
        bytes=counts.size,
        keeps_texts=keeps_texts,
        oldest=None if counts.oldest is None else stored_moment(counts.oldest),
        newest=None if counts.newest is None else stored_moment(counts.newest),
        languages=counts.languages,
    )
