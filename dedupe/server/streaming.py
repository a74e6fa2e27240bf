"""Lines of articles streamed in, lines of decisions streamed out, each as soon as it is decided."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dedupe.errors import RecordError, StoreError
from dedupe.hooks.filter import Decision
from dedupe.hooks.lines import BLOCK, Line, LineBuffer
from dedupe.hooks.pipe import ANSWERS_TO_ALL, article_in
from dedupe.hooks.worker import MOST_TOGETHER
from dedupe.read.fields import FieldFinder
from dedupe.server.bodies import naming_no_option
from dedupe.server.shared import SMALL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.types import Message, Receive, Scope, Send

    from dedupe.config import Limits
    from dedupe.model import Article
    from dedupe.server.answering import Inquiry

LINES_TYPE = "application/x-ndjson"
_ANSWER, _REFUSAL = ANSWERS_TO_ALL["verdict"]


class LinesAnswer:
    """An ASGI application that answers each line of a body with one, in order.

    A line without an article, or that the index could not answer, is answered too, with the
    reason. It ends with the body, when the server is to end, and where no line comes whole for too
    long; all lines that were read whole are answered then.
    """

    def __init__(
        self,
        asked: Inquiry,
        name: str,
        decide: Callable[[Sequence[Article]], Awaitable[list[Decision]]],
        limits: Limits,
    ) -> None:
        """``name``: check or admit, for logs; ``decide`` raises StoreError."""
        self._asked, self._name, self._decide, self._limits = asked, name, decide, limits
        self._finder = FieldFinder()
        self._seconds = asked.service.shared.limits.seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads and answers in turn, so that no more is read than can be answered.

        Raises RefusedError where too many streams are open.
        """
        del scope
        with self._asked.service.shared.streaming():
            await self._answer_lines(receive, send)

    async def _answer_lines(self, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", LINES_TYPE.encode())]
        coming = asyncio.ensure_future(receive())
        try:
            await asyncio.sleep(0)  # it is begun: "100 Continue" can't be sent after the head
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        except BaseException:
            coming.cancel()
            raise
        buffer, held = LineBuffer(self._limits.record_bytes), self._asked.held
        clock = asyncio.get_running_loop().time
        end = clock() + self._seconds
        while (come := await self._part(coming, end - clock())) is not None:
            part, more = come
            await held.wait_for(len(part))
            for start in range(0, len(part), BLOCK):
                buffer.feed(part[start : start + BLOCK])
            if not more:
                buffer.feed(b"")
            while lines := buffer.take(MOST_TOGETHER):
                answers = await self._answers(lines)
                await send({"type": "http.response.body", "body": answers, "more_body": True})
                end = clock() + self._seconds
            held.keep(buffer.begun)
            if buffer.ended or self._asked.service.ending.is_set():
                break  # at the end also who never pauses, and would hold it up
            coming = asyncio.ensure_future(receive())
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _part(
        self, coming: asyncio.Future[Message], seconds: float
    ) -> tuple[bytes, bool] | None:
        """What came next, and whether more is to come; None where there is no more to wait for."""
        ending = asyncio.ensure_future(self._asked.service.ending.wait())
        try:
            with self._asked.held.coming():
                await asyncio.wait(
                    (coming, ending), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
                )
            if not coming.done() or coming.result()["type"] == "http.disconnect":
                return None
            return coming.result().get("body", b""), coming.result().get("more_body", False)
        finally:
            coming.cancel()
            ending.cancel()

    async def _answers(self, lines: list[Line]) -> bytes:
        small = sum(len(line.data) for line in lines) <= SMALL
        found = self._read(lines) if small else await asyncio.to_thread(self._read, lines)
        articles, read, answers = found
        try:
            decisions = await self._decide(articles) if articles else []
        except StoreError as error:
            decisions = [Decision(a.id, False, None, str(error)) for a in articles]
        self._asked.decided(self._name, decisions)
        answers |= {
            line.number: _ANSWER(line, decision)
            for line, decision in zip(read, decisions, strict=True)
        }
        return b"".join(answer for _, answer in sorted(answers.items()))

    def _read(self, lines: list[Line]) -> tuple[list[Article], list[Line], dict[int, bytes]]:
        """The articles, their lines, and the answers to the other lines by their numbers."""
        articles, read, answers = [], [], dict[int, bytes]()
        for line in lines:
            try:
                with naming_no_option():
                    articles.append(article_in(line, self._finder, self._limits))
                read.append(line)
            except RecordError as error:
                answers[line.number] = _REFUSAL(line.number, str(error))
        return articles, read, answers
