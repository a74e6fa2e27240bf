"""What another index held, taken in with the stories and the answers that were given there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dedupe.errors import StoreError
from dedupe.index.answers import story_number
from dedupe.index.arrivals import arrivals, digest
from dedupe.index.judge import judge
from dedupe.moments import since_1970

if TYPE_CHECKING:
    from dedupe.config import Settings
    from dedupe.index.find import Finder
    from dedupe.index.store import Writer
    from dedupe.model import IndexedArticle
    from dedupe.story import StoryModel


class Restoration:
    """One session of it: articles are sketched and compared anew, but not judged."""

    def __init__(
        self,
        finder: Finder,
        model: StoryModel,
        settings: Settings,
        writer: Writer,
        *,
        keeps_texts: bool,
    ) -> None:
        self._finder = finder
        self._model = model
        self._settings = settings
        self._writer = writer
        self._keeps_texts = keeps_texts

    def add(self, group: Sequence[IndexedArticle]) -> None:
        """Takes articles in, in their order. Raises StoreError where one is held already."""
        writer = self._writer
        self._finder.tallies.follow(writer)
        articles = [found.article for found in group]
        if held := writer.find([article.id for article in articles]):
            raise StoreError(f"the index holds {next(iter(held))!r} already")
        incoming = arrivals(articles, self._settings, texts=self._keeps_texts)
        arrived = [since_1970(found.arrived) for found in group]
        moments = [incoming.moment(row, came) for row, came in enumerate(arrived)]
        with self._finder.tallies.counting(incoming, stay=False):
            hand = self._finder.find(writer, incoming, moments)
            judged = judge(hand, self._model)
        firsts = writer.find([found.copies for found in group])
        labels = {name: number for name, (number, _) in firsts.items()}
        first = writer.position().change + 1
        numbers = range(first, first + len(group))
        stories = self._stories(group)
        entries = []
        for row, found in enumerate(group):
            label = labels.get(found.copies, numbers[row])
            entries.append(
                judged.entry(
                    row,
                    found.verdict,
                    digest=digest(found.article),
                    arrived=arrived[row],
                    story=stories[row],
                    copies=label,
                    numbers=numbers,
                )
            )
            labels.setdefault(found.article.id, label)
        writer.add(entries)
        self._finder.tallies.save(writer)

    def _stories(self, group: Sequence[IndexedArticle]) -> list[int]:
        """The story of each article, which another may be part of by now."""
        wanted = [story_number(found.story) for found in group]
        numbers = [number for number in wanted if number is not None]
        if len(numbers) < len(group):
            name = group[wanted.index(None)].story
            raise StoreError(f"{name!r} is no id of a story")
        there = self._writer.groups(list(dict.fromkeys(numbers)), 1)
        return [there[number].story if number in there else number for number in numbers]
