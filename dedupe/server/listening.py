"""The server on its socket: uvicorn, with times for those that send slowly, ended by signals."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import sys
from collections.abc import Generator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from dedupe.errors import SettingError
from dedupe.server.answering import no_request
from dedupe.server.lingering import LingeringTransport

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from dedupe.hooks.lines import Ending

HEAD_SECONDS = 10.0
"""In which a request must have begun, and its head have come."""
CONNECTIONS = 2000
"""Open at once, where the system lets a process have so many; past that one that asks nothing is
turned away, so that it takes no place of one that does."""
BACKLOG = 512
"""That wait to be accepted: asyncio may accept them all before one is turned away."""
TURN_SECONDS = 0.0005
"""After which a thread that judges lets one that answers go on: a tenth of what is usual."""
NEW_OBJECTS = 20_000
"""Objects after which garbage is looked for: a request makes thousands, of which none are."""
OTHER_FILES = 64
"""Open besides: the index, and what the process itself needs."""


_PHRASE = HTTPStatus.BAD_REQUEST.phrase.encode()


class _PatientProtocol(H11Protocol):
    """Closes connections on which no request comes, or only half of a head."""

    most = CONNECTIONS
    head_seconds = HEAD_SECONDS
    seconds = 60.0
    """In which the rest of an answer must be taken off a connection that is to be closed."""
    _resting: asyncio.TimerHandle | None = None
    _rested: object = None
    """The request after which nothing was under way at the last look."""

    def connection_made(self, transport: Any) -> None:
        self._own = LingeringTransport(transport, self.loop, self._is_unread)
        super().connection_made(cast("asyncio.Transport", self._own))
        if len(self.connections) > self.most:
            self._one_that_rests().transport.abort()
        self._look_later()

    def _one_that_rests(self) -> _PatientProtocol:
        """A connection that asks nothing; this one where all others ask."""
        for other in self.connections:
            if not isinstance(other, _PatientProtocol) or other is self:
                continue
            asks = other.cycle is not None and not other.cycle.response_complete
            if not asks and not other.transport.is_closing():
                return other
        return self

    def data_received(self, data: bytes) -> None:
        if self._is_unwanted():
            self._own.pass_over(len(data))
        if not self._own.lingers:
            super().data_received(data)

    def _is_unwanted(self) -> bool:
        """Whether what comes is of a request that was answered already."""
        answered = self.cycle is not None and self.cycle.response_complete
        return self._own.lingers or (answered and self.conn.their_state is h11.SEND_BODY)

    def shutdown(self) -> None:
        self._own.is_brief = True  # the server is to end, though a client never does
        super().shutdown()

    def eof_received(self) -> bool | None:  # type: ignore[override] # asyncio takes both
        """Whether the connection stays open, though nothing more comes.

        A client may end its side with its request; what it asked to be done is answered.
        """
        asked = self.cycle is not None and self.cycle.scope["method"] in ("POST", "DELETE")
        if not asked or self.cycle.response_complete or self.conn.their_state is not h11.DONE:
            return None
        self.cycle.keep_alive = False
        return True

    def _is_unread(self) -> bool:
        """Whether a request is still coming, or what came was none."""
        return self.conn.their_state in (h11.SEND_BODY, h11.ERROR)

    def send_400_response(self, msg: str) -> None:
        """Tells that this is no HTTP; an answer that has begun tells it by breaking off."""
        if self.cycle is not None:  # it waits for a body that can't be read
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            refusal = no_request(msg)
            headers = [*refusal.raw_headers, (b"connection", b"close")]
            for event in (
                h11.Response(status_code=refusal.status_code, headers=headers, reason=_PHRASE),
                h11.Data(data=bytes(refusal.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event))
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._resting is not None:
            self._resting.cancel()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        self._resting = self.loop.call_later(self.head_seconds, self._look)

    def _look(self) -> None:
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self.cycle is self._rested:  # no other one has come since
            self.transport.close()
        self._rested = self.cycle if idle else self
        if self.transport.is_closing():  # which waits for what is yet to be sent, without an end
            self._resting = self.loop.call_later(self.seconds, self.transport.abort)
        else:
            self._look_later()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leaves signals to the command."""
        yield


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket on which connections wait. Raises SettingError where it can't be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingError(f"can't listen on {host}:{port}: {error.strerror or error}") from None
    # Connections of a socket that names its protocol have TCP_NODELAY from asyncio. Without it the
    # body of an answer waits until its head is acknowledged, which may be put off for 40 ms.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=made.detach())


def _most_connections() -> int:
    """CONNECTIONS, or as many as the process may open files for: it asks for more if need be.

    Past that nothing is accepted, and asyncio tells of it without end.
    """
    try:
        import resource
    except ModuleNotFoundError:  # Windows, where no such limit is near
        return CONNECTIONS
    besides = BACKLOG + OTHER_FILES
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + besides
    if now == resource.RLIM_INFINITY or now >= wanted:
        return CONNECTIONS
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    with contextlib.suppress(OSError, ValueError):  # a system may allow less than it says
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
        now = wanted
    return min(CONNECTIONS, max(now // 4, now - besides))


@contextlib.contextmanager
def _quick_turns() -> Generator[None, None, None]:
    """Has the threads of the process wait less for each other, and for the garbage collector."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(TURN_SECONDS)
    gc.freeze()  # what was loaded by now stays, and need not be looked through
    gc.set_threshold(NEW_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def serve_until(
    app: ASGIApp, listening: socket.socket, stop: Ending, ending: asyncio.Event, seconds: float
) -> None:
    """Serves until ``stop`` is readable; then answers what came in, for so many seconds at most.

    ``ending`` is set as the end begins.
    """
    logging.getLogger("uvicorn.error").disabled = True  # each failure was told by the application
    bounds = {
        "most": _most_connections(),
        "head_seconds": min(HEAD_SECONDS, seconds),
        "seconds": seconds,
    }
    config = uvicorn.Config(
        app,
        http=type("Protocol", (_PatientProtocol,), bounds),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=max(1, round(seconds)),
    )
    server = _Server(config)

    def end() -> None:
        ending.set()
        server.should_exit = True
        asyncio.get_running_loop().remove_reader(stop.fileno())  # it stays readable

    async def run() -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError):  # on Windows a signal ends the process
            loop.add_reader(stop.fileno(), end)
        try:
            await server.serve(sockets=[listening])
        finally:
            with contextlib.suppress(NotImplementedError):
                loop.remove_reader(stop.fileno())

    with _quick_turns():
        asyncio.run(run())
