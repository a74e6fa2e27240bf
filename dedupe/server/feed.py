"""What happens to the index, read once for all who follow it, and only while somebody does."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from dedupe.errors import StoreError
from dedupe.json_form import encode
from dedupe.moments import written
from dedupe.server.failures import put_off

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from dedupe.index import Index
    from dedupe.index.changes import Changes, IndexChange
    from dedupe.server.shared import SharedIndex

FOLLOWERS = 64
"""Who may follow at once."""
LOOK_SECONDS = 0.5
"""Between two looks into the log of the index."""
TOGETHER = 500
"""Changes that are read at once."""
SENT_BYTES = 1 << 17
"""Of events from which on no further one is sent with them: ids may be long."""
RECENT_BYTES = 4 << 20
"""Of events that are held for all; who is further behind is told from the log."""


class SentEvents(NamedTuple):
    """Events as they are sent, up to a position."""

    position: int
    blocks: bytes


class EventFeed:
    """The last events, and a task that looks for further ones. For one event loop."""

    def __init__(self) -> None:
        self.position = 0
        """Up to which events are held."""
        self.news = asyncio.Event()
        """Set, and replaced by another, when there are further ones."""
        self._begins = 0
        """The position after which all events are held."""
        self._recent: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._followers = 0
        self._task: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def followed(self, shared: SharedIndex) -> AsyncIterator[asyncio.Task[None]]:
        """The task that looks, which ends only if it fails. Raises RefusedError past the bound."""
        if self._followers >= FOLLOWERS:
            raise put_off(f"{FOLLOWERS} follow the events already; come again")
        self._followers += 1
        try:
            async with self._opening:
                if self._task is None or self._task.done():
                    async with asyncio.timeout(shared.limits.seconds):
                        now = await shared.read(_since(None))
                    self._hold(now.position, None)
                    self._task = asyncio.create_task(self._look(shared))
            yield self._task
        finally:
            self._followers -= 1
            if not self._followers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def begun(self, shared: SharedIndex, after: int | None) -> SentEvents:
        """The first events after a position that somebody names; for None none, from now on."""
        if after is None:
            return SentEvents(self.position, b"")
        if after > self.position:
            return await self._logged(shared, after)
        return await self.following(shared, after)

    async def following(self, shared: SharedIndex, after: int) -> SentEvents:
        """The next events after a position that was told."""
        if after < self._begins:
            return await self._logged(shared, after)
        following = ((at, block) for at, block in self._recent if at > after)
        return _part(following, max(self.position, after))

    async def _logged(self, shared: SharedIndex, after: int) -> SentEvents:
        found = await shared.read(_since(after))
        if found.changes is None:
            return SentEvents(found.position, _reset(found.position))
        blocks = ((change.position, event_block(change)) for change in found.changes)
        return _part(blocks, found.position)

    async def _look(self, shared: SharedIndex) -> None:
        """Looks for further events until it is cancelled; an index that is busy is asked again."""
        more = False
        while True:
            await asyncio.sleep(0 if more else LOOK_SECONDS)
            try:
                found = await shared.read(_since(self.position))
            except StoreError:  # whoever is told nothing sees at /readyz what ails it
                more = False
                continue
            more = len(found.changes or ()) == TOGETHER
            if found.changes is None or found.position != self.position:
                self._hold(found.position, found.changes)

    def _hold(self, position: int, changes: Iterable[IndexChange] | None) -> None:
        """Holds further events up to a position; without them all before are no longer told."""
        if changes is None:
            self._recent.clear()
            self._begins = position
            self._bytes = 0
        for change in changes or ():
            block = event_block(change)
            self._recent.append((change.position, block))
            self._bytes += len(block)
        while self._bytes > RECENT_BYTES:
            self._begins, block = self._recent.popleft()
            self._bytes -= len(block)
        self.position = position
        self.news.set()
        self.news = asyncio.Event()


def _part(blocks: Iterable[tuple[int, bytes]], position: int) -> SentEvents:
    """The first of some events, the last of which leads to a position."""
    part: list[bytes] = []
    size, reached = 0, position
    for at, block in blocks:
        if size >= SENT_BYTES:
            return SentEvents(reached, b"".join(part))
        part.append(block)
        size += len(block)
        reached = at
    return SentEvents(position, b"".join(part))


def _since(after: int | None) -> Callable[[Index], Changes]:
    return lambda index: index.changes(after, TOGETHER)


def event_block(change: IndexChange) -> bytes:
    """A change as a server-sent event (WHATWG HTML, 9.2)."""
    return _block(change.position, change.happened, _event_object(change))


def _reset(position: int) -> bytes:
    return _block(position, "reset", {"position": position})


def _block(position: int, name: str, data: dict[str, Any]) -> bytes:
    line = encode(data)  # with its line feed: the only one in it
    return b"id: %d\nevent: %b\ndata: %b\n" % (position, name.encode(), line)


def _event_object(change: IndexChange) -> dict[str, Any]:
    """The data of an event: one line of JSON."""
    if change.merged is not None:
        return dict(zip(("story", "into"), change.merged, strict=True))
    articles = [article._asdict() for article in change.articles]
    if change.verdict is None:
        return {"articles": articles}
    matches = change.verdict.matches
    return {
        **articles[0],
        "relation": change.verdict.relation,
        "to": matches[0].b if matches else None,
        "arrived": written(change.arrived),
    }
