"""Statements on a connection, one sent behind the other: answers are read when they are wanted.

This is the pipeline mode of libpq, as psycopg hands it on. Its own cursors send each statement by
itself, wake the server for each, and take twice the processor time.
"""

from __future__ import annotations

import select
import struct
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.index.postgres.connection import kept_text

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.pq.abc import PGresult

    from dedupe.index.tables.database import SqlRow

BYTES, INTEGER, TEXT, INTEGERS, TEXTS = 17, 20, 25, 1016, 1009
"""PostgreSQL's numbers of the types that are sent."""
BINARY = 1
END = ""
ARRAY = struct.Struct(">iiiii")
"""How an array of one dimension begins: dimensions, nulls, type, length, first index."""
ELEMENT = np.dtype([("length", ">i4"), ("value", ">i8")])


class Prepared(NamedTuple):
    """A statement that the server keeps ready."""

    statement: str
    types: tuple[int, ...]


@lru_cache(maxsize=1024)
def numbered(statement: str) -> bytes:
    """A statement with ``$1``, ``$2`` ... for each ``?``."""
    parts = statement.split("?")
    marked = (f"{part}${place}" for place, part in enumerate(parts[:-1], start=1))
    return "".join((*marked, parts[-1])).encode()


def sent_as(value: Any) -> tuple[int, bytes]:
    """A value as it is sent, and the number of its type."""
    if type(value) is bytes:
        return BYTES, value
    if type(value) is str:
        return TEXT, kept_text(value).encode()
    if isinstance(value, np.ndarray):
        return INTEGERS, _integers(value)
    if isinstance(value, list):
        return TEXTS, _texts(value)
    return INTEGER, int(value).to_bytes(8, "big", signed=True)


def _integers(values: np.ndarray[Any, Any]) -> bytes:
    rows = np.empty(len(values), ELEMENT)
    rows["length"], rows["value"] = 8, values
    return ARRAY.pack(1, 0, INTEGER, len(values), 1) + rows.tobytes()


def _texts(values: Sequence[str]) -> bytes:
    kept = [kept_text(value).encode() for value in values]
    parts = (len(one).to_bytes(4, "big") + one for one in kept)
    return ARRAY.pack(1, 0, TEXT, len(kept), 1) + b"".join(parts)


class Wire:
    """Sends statements, and reads their answers in the order in which they were sent."""

    def __init__(self, connection: Connection[Any]) -> None:
        from psycopg.adapt import Transformer
        from psycopg.pq import ExecStatus

        self._server = connection.pgconn
        self._loading = Transformer(connection)
        self._failures = ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED
        self._prepared: dict[Prepared, bytes] = {}
        self._names = count()
        self._awaited: deque[Prepared | str] = deque()
        """What is to be answered: statements that are made ready, statements, ends of parts."""
        self._server.enter_pipeline_mode()
        self._until_told = _until_ready(self._server.socket, writable=False)
        self._until_moved = _until_ready(self._server.socket, writable=True)

    def send(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Sends a statement. Raises psycopg.Error, ValueError, OverflowError."""
        found = [sent_as(value) for value in values]
        wanted = Prepared(statement, tuple(kind for kind, _ in found))
        name = self._prepared.get(wanted)
        if name is None:
            name = self._prepared[wanted] = b"s%d" % next(self._names)
            self._server.send_prepare(name, numbered(statement), wanted.types)
            self._awaited.append(wanted)
        self._server.send_query_prepared(
            name, [value for _, value in found], [BINARY] * len(found), BINARY
        )
        self._awaited.append(statement)

    def send_for_each(self, statement: str, rows: Iterable[SqlRow]) -> int:
        """Sends it for each row; how many they are."""
        sent = 0
        for row in rows:
            self.send(statement, row)
            sent += 1
        return sent

    def part(self) -> None:
        """Ends what belongs together: where one of it fails, the rest is not done.

        Outside of a transaction that began with BEGIN it is one. The server carries it out at once.
        """
        self._server.pipeline_sync()
        self._awaited.append(END)
        self._flush()

    def answers(self) -> list[PGresult]:
        """The answers to all statements since the last that were read.

        Raises psycopg.Error for the first that failed.
        """
        from psycopg.errors import error_from_result

        self.part()
        found, failed = [], None
        while self._awaited:
            asked = self._awaited.popleft()
            answer = self._answer(is_end=asked == END)
            if answer.status in self._failures:
                failed = failed or answer
                if isinstance(asked, Prepared):  # or passed over, behind what failed
                    self._prepared.pop(asked, None)
            elif isinstance(asked, str) and asked != END:
                found.append(answer)
        if failed is not None:
            raise error_from_result(failed, encoding="utf-8")
        return found

    def rest(self, seconds: float) -> None:
        """Waits for what is yet to be answered, as the connection is to be ended.

        Raises TimeoutError where the server tells nothing for so long, and psycopg.Error.
        """
        self._until_told = _until_ready(self._server.socket, writable=False, seconds=seconds)
        self.answers()

    def rows(self, answer: PGresult) -> list[SqlRow]:
        """The rows of an answer."""
        self._loading.set_pgresult(answer, format=None)
        return self._loading.load_rows(0, answer.ntuples, tuple)

    def _answer(self, *, is_end: bool) -> PGresult:
        from psycopg import OperationalError

        answer = self._result()
        if answer is None:
            raise OperationalError("the connection is lost")
        if not is_end:
            self._result()  # none: that it was all of it
        return answer

    def _result(self) -> PGresult | None:
        while self._server.is_busy():
            if not self._until_told():
                raise TimeoutError
            self._server.consume_input()
        return self._server.get_result()

    def _flush(self) -> None:
        while self._server.flush():
            if self._until_moved():
                self._server.consume_input()  # the server waits until its answers are taken


def _until_ready(
    socket: int, *, writable: bool, seconds: float | None = None
) -> Callable[[], bool]:
    """What waits until something can be read, or written if that will do; whether the former.

    It waits for so many seconds at most.
    """
    if not hasattr(select, "poll"):  # Windows
        return lambda: bool(select.select([socket], [socket] if writable else [], [], seconds)[0])
    most = None if seconds is None else seconds * 1000
    waiting = select.poll()
    waiting.register(socket, select.POLLIN | (select.POLLOUT if writable else 0))
    return lambda: any(events & ~select.POLLOUT for _, events in waiting.poll(most))
