"""An index behind a server for programs of asyncio: the same calls, awaited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self, TypeVar

from dedupe.errors import SettingError
from dedupe.index.served import PAGE
from dedupe.index.target import IndexPlace, ServedTarget, target_of

if TYPE_CHECKING:
    from dedupe.index.index import Index
    from dedupe.model import Article, IndexedArticle, IndexedStory, Verdict
    from dedupe.tabular import Record, Tabular

Value = TypeVar("Value")


def open_index_async(
    address: IndexPlace, *, patience: float = 30.0, connections: int = 8
) -> AsyncIndex:
    """The index of ``dedupe serve`` at an address, for asyncio. Nothing is sent yet.

    ``connections`` calls are under way at once, each on a thread; further ones wait for these.
    Raises SettingError for what is no address of a server.
    """
    place = target_of(address)
    if not isinstance(place, ServedTarget):
        raise SettingError(f"{place.name}: name the http:// of a server; a file is opened as ever")
    if connections < 1:
        raise SettingError(f"connections is 1 at least, not {connections}")
    place.index(patience=patience).close()  # what can't be meant is said at once
    return AsyncIndex(lambda: place.index(patience=patience), connections)


class AsyncIndex:
    """The calls of an index behind a server, awaited; made by ``open_index_async``.

    They raise what those of the index raise. One that is cancelled may be done all the same, as
    its request may have been sent.
    """

    def __init__(self, opened: Callable[[], Index], connections: int) -> None:
        self._opened = opened
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="dedupe")
        self._own = threading.local()
        self._indexes: list[Index] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connections once what was asked is answered."""
        await asyncio.to_thread(self._threads.shutdown)
        while self._indexes:
            self._indexes.pop().close()

    async def check(self, article: Article | Record) -> Verdict:
        """What the article is, by what the server holds; nothing is changed."""
        return await self._of(lambda index: index.check(article))

    async def check_many(self, articles: Tabular) -> list[Verdict]:
        """The same of several; those of one request are judged together."""
        return await self._of(lambda index: index.check_many(articles))

    async def admit(self, article: Article | Record) -> Verdict:
        """What the article is, and takes it in."""
        return await self._of(lambda index: index.admit(article))

    async def admit_many(self, articles: Tabular) -> list[Verdict]:
        """The same of several, in order, by 500: each such part is taken in, or nothing of it."""
        return await self._of(lambda index: index.admit_many(articles))

    async def remove(self, id: str) -> bool:  # noqa: A002 - what it is
        """Lets an article go; whether it was there."""
        return await self._of(lambda index: index.remove(id))

    async def mark_different(self, a: str, b: str) -> None:
        """Records that two articles are never of one story, now or later."""
        await self._of(lambda index: index.mark_different(a, b))

    async def get(self, id: str) -> IndexedArticle | None:  # noqa: A002 - what it is
        """An article and the answer about it; None where the server does not hold it."""
        return await self._of(lambda index: index.get(id))

    async def story(self, id: str) -> IndexedStory | None:  # noqa: A002 - what it is
        """A story; of one that was merged, the one that it is part of by now."""
        return await self._of(lambda index: index.story(id))

    async def stories(self) -> AsyncIterator[IndexedStory]:
        """All stories, as they were begun. Others may work meanwhile."""
        after = ""
        while found := await self.stories_page(after, PAGE):
            for story in found:
                yield story
            after = found[-1].id

    async def stories_page(self, after: str, limit: int) -> list[IndexedStory]:
        """At most ``limit`` stories that were begun after the one of this id, or the first."""
        return await self._of(lambda index: index.stories_page(after, limit))

    async def differences(self, id: str | None = None) -> tuple[tuple[str, str], ...]:  # noqa: A002
        """All pairs that were marked different, in order, or those of the article of this id."""
        return await self._of(lambda index: index.differences(id))

    async def _of(self, call: Callable[[Index], Value]) -> Value:
        """What a call returns or raises, on a thread that has a connection of its own."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: call(self._mine()))

    def _mine(self) -> Index:
        if not hasattr(self._own, "index"):
            self._own.index = self._opened()
            self._indexes.append(self._own.index)
        found: Index = self._own.index
        return found
