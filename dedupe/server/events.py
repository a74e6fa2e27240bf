"""Server-sent events: what happens to the index, to all who follow it, as it happens."""

from __future__ import annotations

import asyncio
from asyncio import FIRST_COMPLETED
from typing import TYPE_CHECKING, Any

from dedupe.server.queries import number_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from dedupe.server.answering import Inquiry

EVENTS_TYPE = "text/event-stream"
BEAT_SECONDS = 15.0
"""After which a comment is sent, so that nobody on the way takes the line for dead."""
BEAT = b": nothing new\n\n"
LONGEST_SECONDS = 86_400
LAST_POSITION = 10**15 - 1


async def events(asked: Inquiry) -> ASGIApp:
    """Events after ``Last-Event-ID`` or ``?after=``, else from now on."""
    query = asked.request.query_params
    after = _position("after", query.get("after"))
    last = _position("Last-Event-ID", asked.request.headers.get("last-event-id") or None)
    seconds = number_in(query, "seconds", LONGEST_SECONDS, (0, LONGEST_SECONDS))
    return EventsAnswer(asked, after if last is None else last, seconds)


def _position(name: str, told: str | None) -> int | None:
    return None if told is None else number_in({name: told}, name, 0, (0, LAST_POSITION))


class EventsAnswer:
    """An ASGI application that sends events until its time is over, or the server is to end.

    One that takes none off is cut off as other answers are; who comes again is told what it missed.
    """

    def __init__(self, asked: Inquiry, after: int | None, seconds: float) -> None:
        self._asked, self._after, self._seconds = asked, after, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the events. Raises RefusedError where too many follow already."""
        feed, shared = self._asked.service.feed, self._asked.service.shared
        async with feed.followed(shared) as looking:
            async with asyncio.timeout(shared.limits.seconds):
                told = await feed.begun(shared, self._after)
            headers = [(b"content-type", EVENTS_TYPE.encode()), (b"x-accel-buffering", b"no")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            if scope["method"] != "HEAD":
                # A position alone is no event: who is cut off before the first comes again there.
                await _send_some(send, told.blocks or b"id: %d\n\n" % told.position)
                ends = [looking, asyncio.ensure_future(_left(receive)),
                        asyncio.ensure_future(self._asked.service.ending.wait())]  # fmt: skip
                try:
                    with self._asked.held.coming():  # it takes no place of those that are answered
                        await self._send_on(send, told.position, ends)
                    if looking.done():  # it ends only by what it raises
                        looking.result()
                finally:
                    for end in ends[1:]:
                        end.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_on(
        self, send: Send, position: int, ends: Sequence[asyncio.Future[None] | Any]
    ) -> None:
        """Sends what comes after a position until one of ``ends`` is done, or the time is over."""
        feed, now = self._asked.service.feed, asyncio.get_running_loop().time
        until = now() + self._seconds
        while not any(end.done() for end in ends):
            news = feed.news
            if position < feed.position:
                told = await feed.following(self._asked.service.shared, position)
                position = told.position
                await _send_some(send, told.blocks)
            elif (left := until - now()) > 0:
                waiting = asyncio.ensure_future(news.wait())
                done, _ = await asyncio.wait(
                    (*ends, waiting), timeout=min(left, BEAT_SECONDS), return_when=FIRST_COMPLETED
                )
                waiting.cancel()
                if not done:
                    await _send_some(send, BEAT)
            else:
                return


async def _send_some(send: Send, blocks: bytes) -> None:
    if blocks:
        await send({"type": "http.response.body", "body": blocks, "more_body": True})


async def _left(receive: Receive) -> None:
    """Returns once the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
