"""Answers that are kept for a while, so that a request that is sent again gets its first answer.

A client whose answer was lost on the way can't tell whether its request was. It sends it again with
the same ``Idempotency-Key``, and nothing is done twice.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple

from starlette.responses import Response

from dedupe.index.asking import FIRST_ANSWER
from dedupe.server.failures import put_off

KEPT_SECONDS = 300.0
"""For which an answer is kept."""
KEPT_BYTES = 32 << 20
"""Of all that are kept; past that the oldest go."""
OTHER_BYTES = 512
"""That keeping an answer takes besides its body."""


class _Kept(NamedTuple):
    since: float
    body: bytes
    status: int
    media_type: str | None

    @property
    def size(self) -> int:
        return len(self.body) + OTHER_BYTES


class KeptAnswers:
    """The answers of one server. For one event loop."""

    def __init__(self, seconds: float = KEPT_SECONDS, most: int = KEPT_BYTES) -> None:
        self._seconds, self._most = seconds, most
        self._kept: dict[bytes, _Kept] = {}
        self._coming: dict[bytes, asyncio.Future[_Kept]] = {}
        self._bytes = 0

    async def answer(
        self, request: tuple[bytes, ...], make: Callable[[], Awaitable[Response]]
    ) -> Response:
        """What this request was answered, or what ``make`` returns.

        ``request``: who asks for what, by which key. Where it is being answered still, that is
        waited for. What ``make`` raises is raised to all who wait, and not kept.
        """
        name = hashlib.sha256(repr([len(part) for part in request]).encode())
        for part in request:
            name.update(part)
        return await self._answer(name.digest(), make)

    async def _answer(self, name: bytes, make: Callable[[], Awaitable[Response]]) -> Response:
        self._forget()
        if name in self._coming:
            return _first(await asyncio.shield(self._coming[name]))
        if name in self._kept:
            return _first(self._kept[name])
        coming = self._coming[name] = asyncio.get_running_loop().create_future()
        try:
            made = await make()
        except BaseException as error:
            told = error if isinstance(error, Exception) else put_off("the answer was given up")
            coming.set_exception(told)
            coming.exception()  # perhaps nobody waits for it
            raise
        else:
            body = bytes(memoryview(made.body))  # orjson's own bytes may lie in 8 KiB each
            kept = _Kept(monotonic(), body, made.status_code, made.media_type)
            coming.set_result(kept)
            self._kept[name] = kept
            self._bytes += kept.size
            return made
        finally:
            del self._coming[name]

    def _forget(self) -> None:
        """Lets go what is too old or too much, the oldest first."""
        while self._kept:
            name, kept = next(iter(self._kept.items()))
            if self._bytes <= self._most and monotonic() - kept.since < self._seconds:
                return
            del self._kept[name]
            self._bytes -= kept.size


def _first(kept: _Kept) -> Response:
    """An answer that was given before, which says so."""
    again = Response(kept.body, kept.status, media_type=kept.media_type)
    again.headers[FIRST_ANSWER] = "true"
    return again
