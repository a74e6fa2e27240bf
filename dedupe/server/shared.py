"""The index behind the server: two threads of its own, and a bound on what waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from dedupe.hooks.filter import Decision, Filter
from dedupe.hooks.worker import Worker
from dedupe.read.budget import USUAL
from dedupe.server.failures import RefusedError, put_off
from dedupe.server.telemetry import in_spans

if TYPE_CHECKING:
    from dedupe.hooks.filter import Droppable
    from dedupe.index import Index
    from dedupe.model import Article, Verdict
    from dedupe.server.telemetry import Judged

Value = TypeVar("Value")
SMALL = 1 << 16
"""Bytes of a body, or of lines, up to which they are read at once: a thread would cost more."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What may wait at once, and what one request may cost."""

    body_bytes: int = 16 << 20
    """Of one body; of a stream of lines, of one line."""
    articles: int = 1000
    """Of one array."""
    waiting_bytes: int = 128 << 20
    """Of all bodies that are held, until they are answered."""
    requests: int = 512
    """That are answered at once, of those that have come."""
    streams: int = 256
    """That are open at once."""
    seconds: float = 60.0
    """In which a body must come, and then be answered; of a stream, each line."""


class SharedIndex:
    """An index for many requests: one thread admits and removes, another one reads.

    For one event loop: what waits is counted there.
    """

    def __init__(
        self,
        writing: Callable[[], Index],
        reading: Callable[[], Index],
        drop: Sequence[Droppable],
        limits: ServerLimits,
    ) -> None:
        self._drop, self.limits = drop, limits
        self.of_records = replace(USUAL, record_bytes=limits.body_bytes)
        """What an article in a body may be."""
        self._writer = Worker(lambda: self._with_filter(writing()))
        self._reader = Worker(lambda: self._with_filter(reading()))
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="dedupe-beside")
        self.requests = self.streams = self.bytes = 0
        """How many requests and streams, and bytes of theirs, are held."""
        self.freed = asyncio.Event()
        """Set whenever fewer bytes are held."""

    def _with_filter(self, index: Index) -> tuple[Index, Filter]:
        return index, Filter(_Judging(index.admit_many, index.check, "admit"), self._drop)

    def start(self) -> None:
        """Opens the index. Raises StoreError, SettingError."""
        self._writer.start()
        try:
            self._reader.start()
        except BaseException:
            self._writer.stop()
            raise

    def stop(self) -> None:
        """Closes the index once all that came in is decided."""
        self._writer.stop()
        self._reader.stop()
        self._beside.shutdown(cancel_futures=True)

    async def admit(self, articles: Sequence[Article]) -> list[Decision]:
        """The decisions about articles that are in the index by then. Raises StoreError."""
        return await asyncio.wrap_future(self._writer.decide(articles))

    async def check(self, articles: Sequence[Article]) -> list[Decision]:
        """The same without taking them in; those of one call are judged together."""
        return await self.read(lambda index: _checked(index, articles, self._drop))

    async def check_each(self, articles: Sequence[Article]) -> list[Decision]:
        """The same, each judged by the index alone: how they came together counts for nothing."""
        return [(await self.check([article]))[0] for article in articles]

    async def read(self, call: Callable[[Index], Value]) -> Value:
        """What a call that changes nothing returns or raises."""
        return await asyncio.wrap_future(self._reader.ask(call))

    async def beside(self, call: Callable[[], Value]) -> Value:
        """What a call returns or raises that is long and asks no index: so none waits for it.

        One after the other, as each takes the processor from all others.
        """
        return await asyncio.get_running_loop().run_in_executor(self._beside, call)

    async def change(self, call: Callable[[Index], Value]) -> Value:
        """The same of one that may change something, in turn with what is admitted."""
        return await asyncio.wrap_future(self._writer.ask(call))

    @contextmanager
    def held(self) -> Iterator[Holding]:
        """Counts a request while it is answered. Raises RefusedError past the bound."""
        if self.requests >= self.limits.requests:
            raise _too_many("requests wait")
        self.requests += 1
        held = Holding(self)
        try:
            yield held
        finally:
            held.keep(0)
            self.requests -= 1

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """Counts a stream while it is open. Raises RefusedError past the bound."""
        if self.streams >= self.limits.streams:
            raise _too_many("streams are open")
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1


def _too_many(what: str) -> RefusedError:
    return put_off(f"more {what} than the server holds; come again")


class Holding:
    """The bytes of one request that the server holds."""

    def __init__(self, shared: SharedIndex) -> None:
        self._shared = shared
        self._bytes = 0

    @contextmanager
    def coming(self) -> Iterator[None]:
        """While some of it is still to come a request waits for nothing, and is not counted.

        So who sends slowly takes no place of others.
        """
        self._shared.requests -= 1
        try:
            yield
        finally:
            self._shared.requests += 1

    def come(self) -> None:
        """Raises RefusedError where by now more requests wait than the server holds."""
        if self._shared.requests > self._shared.limits.requests:
            raise _too_many("requests wait")

    def take(self, size: int) -> None:
        """Counts more bytes. Raises RefusedError where all requests would hold too many."""
        if self._lacks_room(size):
            raise _too_many("articles wait")
        self.keep(self._bytes + size)

    async def wait_for(self, size: int) -> None:
        """The same once there is room. Raises TimeoutError where there is none for too long.

        Those that wait hold bytes, too: without an end all might wait for each other.
        """
        shared = self._shared
        async with asyncio.timeout(shared.limits.seconds):
            while self._lacks_room(size):
                shared.freed.clear()
                await shared.freed.wait()
        self.take(size)

    def keep(self, size: int) -> None:
        """Counts so many of them from now on."""
        self._shared.bytes += size - self._bytes
        self._bytes = size
        self._shared.freed.set()

    def _lacks_room(self, size: int) -> bool:
        """Whether more bytes are too many; to a request that alone holds any, none are.

        The last quarter is for small bodies, so that large ones which come slowly keep none out.
        """
        others = self._shared.bytes - self._bytes
        most = self._shared.limits.waiting_bytes
        if self._bytes + size > SMALL:
            most -= most // 4
        return others > 0 and self._shared.bytes + size > most


class _Judging:
    """What a filter asks of an index; how it judges several together is chosen."""

    def __init__(self, several: Judged, check: Callable[[Article], Verdict], name: str) -> None:
        self.admit_many, self.check = in_spans(name, several), check


def _checked(
    index: Index, articles: Sequence[Article], drop: Sequence[Droppable]
) -> list[Decision]:
    return Filter(_Judging(index.check_many, index.check, "check"), drop).decide_many(articles)
