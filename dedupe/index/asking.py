"""Requests to ``dedupe serve``: each is sent until there is an answer, which is kept to bounds."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from dedupe.clean import printable
from dedupe.errors import (
    BusyError,
    DamagedError,
    DedupeError,
    FingerprintError,
    FullError,
    NotAnIndexError,
    ReadOnlyError,
    RecordError,
    SettingError,
    StoreError,
)
from dedupe.read.connection import PacedResponse, TroubleError, told_in_words

TOKEN = "DEDUPE_TOKEN"  # noqa: S105 - the name of a variable
"""The variable of the environment that holds the token of a server."""
REQUEST_KEY, FIRST_ANSWER = "Idempotency-Key", "Idempotent-Replayed"
"""Headers: by what a request that is sent again is known; that its first answer was kept."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
"""Seconds before a request that got no answer is sent again; each wait is twice the one before."""
ANSWER_BYTES, ANSWER_SECONDS = 256 << 20, 300.0
"""Of one answer: more than any of a server has, and the time in which its last byte must come."""
_SAME = (DamagedError, FingerprintError, FullError, NotAnIndexError, ReadOnlyError, RecordError)
KINDS: dict[str, type[DedupeError]] = {kind.__name__: kind for kind in _SAME}
"""Errors of the server that are the same error here, by their name."""
_CUT = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)
"""How a connection that was kept open turns out to have been closed meanwhile."""
_BEFORE_IT = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
"""What a proxy answers while the server behind it is away."""


class ServerAnswer(NamedTuple):
    """What came back."""

    status: int
    value: Any
    """What the JSON of the answer says; None where it is none."""
    wait: float | None
    """Seconds after which the server wants to be asked again."""
    is_first: bool = False
    """Whether the server had kept it: it is what the request was answered the first time."""
    in_doubt: bool = False
    """Whether what was asked may have been done by a request that got no answer."""


@dataclass(slots=True)
class _Request:
    method: str
    path: str
    body: bytes | None
    key: str = field(default_factory=lambda: uuid4().hex)
    in_doubt: bool = False


class _AnswerBounds:
    """What one answer may take."""

    def __init__(self, silent: float) -> None:
        """``silent``: seconds until the next byte."""
        self._silent = silent
        self._end = time.monotonic() + max(silent, ANSWER_SECONDS)
        self._bytes_left = ANSWER_BYTES

    def seconds(self, _: float) -> float:
        """Seconds to wait now. Raises TimeoutError where none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, self._silent)

    def take(self, count: int) -> None:
        """Takes note of bytes that came. Raises TroubleError where they were too many."""
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise TroubleError("its answer is longer than any of dedupe serve", lasting=True)


class ServerConnection:
    """A server that is asked by one thread, over one connection that is made when it is needed."""

    def __init__(self, url: str, name: str, *, patience: float) -> None:
        """``url`` may contain a token, ``name`` stands in messages. Raises SettingError."""
        self._name, self._patience = name, patience
        self._silent = max(patience, 1)
        self._answered = False
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        if not host:
            raise SettingError(f"{name}: no address of a server, such as http://localhost:8370")
        token = unquote(parts.username or "") or os.environ.get(TOKEN, "").strip()
        if not (token.isascii() and token.isprintable()):
            raise SettingError(f"{name}: no token has such characters; look at {TOKEN}")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._prefix = parts.path.rstrip("/")
        if parts.scheme.lower() == "https":
            context = ssl.create_default_context()
            make: Any = partial(http.client.HTTPSConnection, context=context)
        else:
            make = http.client.HTTPConnection
        try:
            self._connection: http.client.HTTPConnection = make(host, port, timeout=self._silent)
        except http.client.InvalidURL:
            raise SettingError(f"{name}: no host has such a name; look at the address") from None

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def answer(self, method: str, path: str, body: bytes | None = None) -> ServerAnswer:
        """The answer to a request, 200 or 404; it is sent until there is one or patience ends.

        What no waiting mends is raised at once, unless the server has answered before: then it may
        be about to come back. Raises StoreError, RecordError.
        """
        request = _Request(method, path, body)
        end, wait = time.monotonic() + self._patience, FIRST_WAIT
        while True:
            try:
                found = self._sent(request)
                if not _is_busy(found):
                    self._accept(found)
                    self._answered = True
                    return found._replace(in_doubt=request.in_doubt and not found.is_first)
                trouble = self._failure(found)
                wait = max(wait, found.wait or 0.0)
            except TroubleError as error:
                if error.lasting and not self._answered:
                    raise StoreError(f"{self._name}: {error}") from None
                trouble = BusyError(f"{self._name}: {error}")
            if time.monotonic() + wait > end:
                raise trouble
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def no_server(self, told: str = "what answers there is no dedupe serve") -> StoreError:
        """The error for answers that no server gives."""
        return NotAnIndexError(f"{self._name}: {told}")

    def _sent(self, request: _Request) -> ServerAnswer:
        """What comes back on a request. Raises TroubleError."""
        connection = self._connection
        with told_in_words():
            was_open = self._is_open()
            if not was_open:
                connection.close()
                connection.connect()
        connection.response_class = partial(  # type: ignore[assignment] # called, never subclassed
            PacedResponse, allowance=_AnswerBounds(self._silent)
        )
        with told_in_words():
            try:
                self._send(request)
                with connection.getresponse() as answer:
                    data = answer.read()
            except BaseException as error:
                connection.close()
                request.in_doubt = True
                if was_open and isinstance(error, _CUT):
                    return self._sent(request)
                raise
        value = None
        with suppress(ValueError, RecursionError):
            value = json.loads(data)
        wait, kept = answer.headers.get("Retry-After", ""), FIRST_ANSWER in answer.headers
        return ServerAnswer(answer.status, value, float(wait) if wait.isdecimal() else None, kept)

    def _is_open(self) -> bool:
        """Whether there is a connection that the server has not ended since.

        So a request is rarely sent in vain, of which nobody can tell whether it was read.
        """
        connected = self._connection.sock
        if connected is None:
            return False
        try:
            connected.settimeout(0)
            # Of TLS, too, the bytes as they lie there: it may have said that it ends.
            socket.socket.recv(connected, 1, socket.MSG_PEEK)
        except BlockingIOError:
            connected.settimeout(self._silent)
            return True
        except OSError:
            return False
        return False

    def _send(self, request: _Request) -> None:
        """Sends a request, perhaps in part: one that is refused at once is not read to its end."""
        headers = self._headers | {REQUEST_KEY: request.key}
        if request.body:
            headers["Content-Type"] = "application/json"
        try:
            self._connection.request(
                request.method, self._prefix + request.path, request.body, headers
            )
        except (BrokenPipeError, ConnectionResetError):
            if self._connection.sock is None:
                raise

    def _accept(self, found: ServerAnswer) -> None:
        """Raises StoreError or RecordError for an answer that does not tell what was asked."""
        if found.status == HTTPStatus.OK or (_is_ours(found) and found.status == 404):
            return
        if HTTPStatus.MULTIPLE_CHOICES <= found.status < HTTPStatus.BAD_REQUEST:
            told = "what answers there is no dedupe serve: it leads elsewhere"
            raise self.no_server(f"{told}, give the address it leads to")
        raise self._failure(found) if _is_ours(found) else self.no_server()

    def _failure(self, found: ServerAnswer) -> DedupeError:
        """The error that an answer tells of."""
        if not _is_ours(found):
            return BusyError(
                f"{self._name}: what stands before the server answers in its place, with status "
                f"{found.status}; look whether the server runs"
            )
        told = found.value
        said = str(told.get("error") or f"status {found.status}")
        message = f"{self._name}: {printable(said)}"
        if found.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            message += f"; the token is taken from {TOKEN} or from the address, http://TOKEN@HOST"
        busy = found.status == HTTPStatus.SERVICE_UNAVAILABLE
        return KINDS.get(str(told.get("kind")), BusyError if busy else StoreError)(message)


def _is_ours(found: ServerAnswer) -> bool:
    """Whether a failure is told as a server tells it."""
    return isinstance(found.value, dict) and "request_id" in found.value


def _is_busy(found: ServerAnswer) -> bool:
    """Whether another answer may come if one waits."""
    if _is_ours(found):
        return found.status == HTTPStatus.SERVICE_UNAVAILABLE and found.wait is not None
    return found.status in _BEFORE_IT
