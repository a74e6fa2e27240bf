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
OTHER_BYTES = 1024
"""That keeping an answer takes besides its body."""


class _Kept(NamedTuple):
    answer: asyncio.Future[Response]
    since: float


class KeptAnswers:
    """The answers of one server. For one event loop."""

    def __init__(self, seconds: float = KEPT_SECONDS, most: int = KEPT_BYTES) -> None:
        self._seconds, self._most = seconds, most
        self._kept: dict[bytes, _Kept] = {}
        self._bytes = 0

    async def answer(
        self, request: tuple[bytes, ...], make: Callable[[], Awaitable[Response]]
    ) -> Response:
        """What this request was answered, or what ``make`` returns.

        ``request``: who asks for what, by which key. Where it is being answered still, that is
        waited for. What ``make`` raises is raised to all who wait, and not kept.
        """
        digest = hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in request))
        name = digest.digest()
        self._forget()
        known = self._kept.get(name)
        if known is not None:
            return _first(await asyncio.shield(known.answer))
        kept = _Kept(asyncio.get_running_loop().create_future(), monotonic())
        self._kept[name] = kept
        try:
            made = await make()
        except BaseException as error:
            del self._kept[name]
            told = error if isinstance(error, Exception) else put_off("the answer was given up")
            kept.answer.set_exception(told)
            kept.answer.exception()  # perhaps nobody waits for it
            raise
        kept.answer.set_result(made)
        self._bytes += _size(made)
        return made

    def _forget(self) -> None:
        """Lets go what is too old or too much, the oldest first."""
        while self._kept:
            name, kept = next(iter(self._kept.items()))
            young = monotonic() - kept.since < self._seconds
            if not kept.answer.done() or (young and self._bytes <= self._most):
                return
            del self._kept[name]
            self._bytes -= _size(kept.answer.result())


def _size(answer: Response) -> int:
    return len(answer.body) + OTHER_BYTES


def _first(answer: Response) -> Response:
    """An answer that was given before, which says so."""
    again = Response(answer.body, answer.status_code, media_type=answer.media_type)
    again.headers[FIRST_ANSWER] = "true"
    return again
