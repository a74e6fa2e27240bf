"""Connections to servers of the web: each byte and second of them counts against an allowance."""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from urllib.error import URLError
from urllib.request import (
    AbstractHTTPHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from dedupe.config import Limits
from dedupe.read.budget import past_fetched, past_patience
from dedupe.read.packed import system_reason

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CONNECT_SECONDS = 15.0
"""Seconds to wait for a connection."""
SILENT_SECONDS = 30.0
"""Seconds to wait for the next byte."""


class TroubleError(Exception):
    """Why a try failed, in words; and whether another one may help.

    ``again``: soon, as the server was busy or the connection cut. ``lasting``: none will, until
    somebody changes the address or the server; neither where a server may be about to start.
    """

    def __init__(
        self, reason: str, *, again: bool = False, wait: int | None = None, lasting: bool = False
    ) -> None:
        super().__init__(reason)
        self.again, self.wait, self.lasting = again, wait, lasting


class Bounds(Protocol):
    """What may come from a connection, and until when."""

    def seconds(self, most: float, /) -> float:
        """Seconds to wait now, at most so many. Raises TroubleError or TimeoutError for none."""

    def take(self, count: int, /) -> None:
        """Takes note of bytes that came. Raises TroubleError where they were too many."""


class Allowance:
    """The bytes and the time that are left for one source."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._end = time.monotonic() + limits.fetched_seconds
        self.begin()

    def begin(self) -> None:
        """Says that a new try begins, of which no byte came so far."""
        self.bytes_left = self._limits.fetched_bytes

    def seconds(self, most: float) -> float:
        """Seconds to wait now, at most so many. Raises TroubleError where none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TroubleError(past_patience(self._limits))
        return min(left, most)

    def take(self, count: int) -> None:
        """Takes note of bytes that came. Raises TroubleError where they were too many."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise TroubleError(past_fetched(self._limits))


class _Paced(io.RawIOBase):
    """What comes from a connection: each reading waits as long as is allowed by then."""

    def __init__(self, connected: socket.socket, allowance: Bounds) -> None:
        self._socket, self._allowance = connected, allowance
        self._raw = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """The next bytes that come; none at the end."""
        self._socket.settimeout(self._allowance.seconds(SILENT_SECONDS))
        count: int | None = self._raw.readinto(buffer)
        self._allowance.take(count or 0)
        return count

    def close(self) -> None:
        """Closes the connection, too."""
        self._raw.close()
        super().close()


class PacedResponse(http.client.HTTPResponse):
    """An answer that is read through an allowance, its head too."""

    def __init__(
        self, connected: socket.socket, *more: Any, allowance: Bounds, **named: Any
    ) -> None:
        super().__init__(connected, *more, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_Paced(connected, allowance))


class Way(AbstractHTTPHandler):
    """Opens the connections of one source."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__()
        self._allowance = allowance
        self.from_outside = False
        """Whether the last answer that was not a proxy's came from a host of the open net."""

    http_request = https_request = AbstractHTTPHandler.do_request_

    def http_open(self, request: Request) -> http.client.HTTPResponse:
        """The answer to a request."""
        return self.do_open(self._connection(http.client.HTTPConnection, request), request)

    def https_open(self, request: Request) -> http.client.HTTPResponse:
        """The same over TLS, with certificates that are looked at."""
        kind = self._connection(http.client.HTTPSConnection, request)
        return self.do_open(kind, request, context=ssl.create_default_context())

    def _connection(self, kind: type[http.client.HTTPConnection], request: Request) -> Any:
        way = self
        proxied = request.has_proxy() or bool(getattr(request, "_tunnel_host", None))

        class Connection(kind):  # type: ignore[misc, valid-type]
            response_class = staticmethod(partial(PacedResponse, allowance=self._allowance))

            def connect(self) -> None:
                super().connect()
                if not proxied:
                    way.must_not_lead_inside(self.host, self.sock.getpeername()[0])

        return Connection

    def must_not_lead_inside(self, host: str, number: str) -> None:
        """Raises TroubleError where a server of the open net has sent us to a host of our own."""
        outside = is_outside(number)
        if self.from_outside and not outside:
            raise TroubleError(
                f"it leads to {host}, in a network that is not open to all; not followed: give that"
                " address itself, if it is meant"
            )
        self.from_outside = outside


def is_outside(number: str) -> bool:
    """Whether the number of a host is one of the open net."""
    return ipaddress.ip_address(number.partition("%")[0]).is_global


def opener_of(allowance: Allowance) -> OpenerDirector:
    """What opens addresses of the web, by the proxies of the environment, and no others.

    It follows no redirect, and leaves every status to whoever asks.
    """
    opener = OpenerDirector()
    for handler in (ProxyHandler(), Way(allowance), UnknownHandler()):
        opener.add_handler(handler)
    opener.addheaders = []
    return opener


CUT = "the connection was cut before all was there; try again"


def cut_off() -> TroubleError:
    """The error that says that not all came."""
    return TroubleError(CUT, again=True)


@contextmanager
def told_in_words() -> Iterator[None]:
    """Says what went wrong on the way. Raises TroubleError."""
    try:
        yield
    except URLError as error:
        reason = error.reason
        raise _trouble(reason if isinstance(reason, Exception) else ValueError(reason)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _trouble(error) from None


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, "its host cannot be found; look at the address and the connection"),
    (TimeoutError, "the server did not answer in time; try again later"),
    (
        ConnectionRefusedError,
        "the host refuses the connection; look at the address and its port",
    ),
    (http.client.IncompleteRead, CUT),
    (ConnectionError, CUT),
    (http.client.InvalidURL, "it cannot be asked for; look at how the address is spelled"),
    (
        http.client.HTTPException,
        "what answers does not speak HTTP; look at the address and its port",
    ),
    (ValueError, "it cannot be asked for; look at how the address is spelled"),
)
"""By the kind of an error, the first that fits."""
_AGAIN = (TimeoutError, http.client.IncompleteRead, ConnectionAbortedError, ConnectionResetError)
_LASTING = (http.client.HTTPException, ValueError)
_PASSING = (http.client.IncompleteRead, ConnectionError)
_NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
"""Of a name that is none; another error is one of the service of names, which may come back."""


def _is_lasting(error: Exception) -> bool:
    if isinstance(error, socket.gaierror):
        return error.errno in _NO_NAME
    return isinstance(error, _LASTING) and not isinstance(error, _PASSING)


def _trouble(error: Exception) -> TroubleError:
    """An error of the standard library as one of ours, without any address that it may quote."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"its certificate cannot be trusted: {error.verify_message}"
        why += "; SSL_CERT_FILE may name a file of further authorities"
        return TroubleError(why, lasting=True)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return cut_off()
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "unknown").lower().replace("_", " ")
        told = f"no encrypted connection: {reason}; look at the address"
        return TroubleError(told, lasting=True)
    if isinstance(error, OSError) and str(error).startswith("Tunnel connection failed"):
        return TroubleError("the proxy refuses the connection; look at https_proxy and no_proxy")
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return TroubleError(reason, again=isinstance(error, _AGAIN), lasting=_is_lasting(error))
    reason = system_reason(error) if isinstance(error, OSError) else type(error).__name__
    return TroubleError(f"no connection: {reason}")
