"""The index: an article is told what it is before it is taken in, and for good."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from dedupe.errors import StoreError
from dedupe.index.admission import Admission
from dedupe.index.answers import story_number
from dedupe.index.arrivals import Arrivals, arrivals
from dedupe.index.find import Finder
from dedupe.index.reading import ReadableIndex, id_in_index, two_ids
from dedupe.index.upkeep import Restoration, let_go, part
from dedupe.moments import DAY, in_utc, since_1970
from dedupe.story import story_model
from dedupe.text import encodable, without_surrogates

if TYPE_CHECKING:
    from dedupe.config import Settings
    from dedupe.identity import SameBy
    from dedupe.index.store import Reader, Store, Writer
    from dedupe.model import Article, IndexedArticle, Verdict
    from dedupe.story import StoryModel
    from dedupe.tabular import Record, Tabular

TOGETHER = 512
"""Articles that are judged at once."""
LEAVING, PAUSE = 16, 0.006
"""Articles that are let go in one session, and seconds after it in which others get their turn: a
writer that waits tries again within them."""


class Index(ReadableIndex):
    """A durable index of articles. One for each thread or process; made by ``open_index``.

    A call that fails raises a StoreError and leaves the index as it was; of ``expire``,
    ``compact`` and ``restore``, which go in steps, the steps that were done stay.
    """

    def __init__(
        self,
        store: Store,
        path: str,
        settings: Settings,
        *,
        keeps_texts: bool,
        window: float | None,
        model: StoryModel | None,
        same_by: SameBy = "address",
    ) -> None:
        self.path = path
        self.settings = settings
        self.keeps_texts = keeps_texts
        self._same_by: SameBy = same_by
        self._store = store
        self._model = model or story_model()
        days = None if window is None else round(window * DAY)
        self._finder = Finder(settings, days, self._model)

    def check(self, article: Article | Record) -> Verdict:
        """What the article is, by what the index holds; nothing is changed."""
        return self.check_many((article,))[0]

    def check_many(self, articles: Tabular) -> list[Verdict]:
        """The same of several, judged together by 512: copies among those are seen.

        What is checked is not held, so that an id that comes twice is judged twice.
        """
        found: list[Verdict] = []
        for group in self._together(articles):
            prepared = arrivals(group, self.settings)
            with self._counted(), self._reading() as reader:
                found += self._admission(reader, None).answers(group, prepared)
        return found

    def admit(self, article: Article | Record) -> Verdict:
        """What the article is, and takes it in: one step, that none can come between.

        The same id and text again changes nothing and is answered as the first time, ``replayed``;
        the same id with another text is a ``revision`` and takes its place. An article from
        elsewhere that has the id of another one gets its own, which the verdict names. Raises
        RecordError for an article without an id.
        """
        return self.admit_many((article,))[0]

    def admit_many(self, articles: Tabular) -> list[Verdict]:
        """The same of several, in order: all of them are taken in, or none."""
        groups = list(self._together(articles))
        if not groups:
            return []
        first = self._prepared(groups[0])  # before others have to wait
        with self._told_of_damage(), self._counted():
            with self._reading() as reader:
                ahead = self._admission(reader, None).ahead(first)
            if isinstance(ahead, list) and len(groups) == 1:
                return ahead
            decided = None if isinstance(ahead, list) else ahead
            with self._store.write() as writer, self._sketched(groups[1:]) as others:
                found = self._admission(writer, writer).admit(first, decided)
                for sketched in others:
                    found += self._admission(writer, writer).admit(sketched, None)
        return found

    @contextmanager
    def _sketched(self, groups: Sequence[list[Article]]) -> Iterator[Iterable[Arrivals]]:
        """Sketches groups, each on a thread while the one before it is judged."""
        if not groups:  # an article alone pays for no thread
            yield ()
            return
        with ThreadPoolExecutor(1) as thread:
            yield thread.map(self._prepared, groups)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._finder.tallies.forget()  # they may count what was rolled back
            raise

    @contextmanager
    def _writing(self) -> Iterator[Writer]:
        with self._told_of_damage(), self._counted(), self._store.write() as writer:
            yield writer

    def _prepared(self, group: list[Article]) -> Arrivals:
        return arrivals(group, self.settings, texts=self.keeps_texts)

    def _together(self, articles: object) -> Iterator[list[Article]]:
        from dedupe.read import articles_from

        iterator = articles_from(articles)
        while group := list(islice(iterator, TOGETHER)):
            group = list(map(encodable, group))
            for article in group:
                id_in_index(article.id)
            yield group

    def _admission(self, reader: Reader, writer: Writer | None) -> Admission:
        return Admission(
            self._finder,
            self._model,
            self.settings,
            reader,
            writer,
            arrived=time.time_ns() // 1000,
            keeps_texts=self.keeps_texts,
            same_by=self._same_by,
        )

    def remove(self, id: str) -> bool:  # noqa: A002 - what it is
        """Lets an article go; whether it was there."""
        name = id_in_index(id)
        with self._writing() as writer:
            held = writer.find([name])
            let_go(writer, self._finder, [number for number, _ in held.values()])
        return bool(held)

    def expire(self, before: datetime) -> int:
        """Lets all articles go that are dated, or without a date came, earlier; how many.

        In steps, so that others go on working. The file shrinks with ``compact``.
        """
        date = in_utc(before)
        if date is None:
            raise StoreError(f"{before} is no date that can be told in UTC")
        gone, moment = 0, since_1970(date)
        while True:
            with self._writing() as writer:
                numbers = writer.older(moment, LEAVING)
                let_go(writer, self._finder, numbers)
            if not numbers:
                return gone
            gone += len(numbers)
            time.sleep(PAUSE)

    def mark_different(self, a: str, b: str) -> None:
        """Records that two articles are never of one story, now or later."""
        a, b = two_ids(a, b)
        with self._writing() as writer:
            writer.mark_different(a, b)
            numbers = sorted(number for number, _ in writer.find([a, b]).values())
            pair = writer.rows(numbers)
            if len(numbers) == 2 and pair.stories[0] == pair.stories[1]:
                part(writer, self._finder, pair)

    def compact(self) -> None:
        """Ends all maintenance, and gives space that is not used back to the system."""
        with self._told_of_damage():
            self._store.shrink()

    def restore(self, articles: Iterable[IndexedArticle]) -> int:
        """Takes in what another index held, with its stories and answers; how many articles.

        Raises StoreError where one of them is held already.
        """
        count = 0
        iterator = iter(articles)
        while group := list(islice(iterator, TOGETHER)):
            with self._writing() as writer:
                Restoration(
                    self._finder, self._model, self.settings, writer, keeps_texts=self.keeps_texts
                ).add(group)
            count += len(group)
        return count

    def settle(
        self, last_story: str, merged: Mapping[str, str], different: Iterable[tuple[str, str]]
    ) -> None:
        """Records what is told of another index as a whole.

        The last story id that was given, the ids that are part of others, and the articles that
        were marked different.
        """
        with self._writing() as writer:
            for old, new in ((last_story, last_story), *merged.items()):
                one, other = story_number(old), story_number(new)
                if one is not None and other is not None:
                    writer.merge(one, other)  # of one with itself: its number counts as given
            for pair in different:
                writer.mark_different(*map(without_surrogates, pair))
