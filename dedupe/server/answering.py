"""Every request on its way: who asks, what is refused, what is told of it in headers and logs."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from dedupe.clean import printable
from dedupe.hooks.filter import decision_object
from dedupe.index.asking import REQUEST_KEY
from dedupe.json_form import encode
from dedupe.read.fields import FieldFinder
from dedupe.server.access import ANYBODY, Grant, Grants, is_loopback, password_in
from dedupe.server.failures import RefusedError, failure_of, raised_at
from dedupe.server.feed import EventFeed
from dedupe.server.kept import KeptAnswers
from dedupe.server.shared import Holding

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from dedupe.hooks.filter import Decision
    from dedupe.server.access import Scope as Right
    from dedupe.server.livepage import LivePage
    from dedupe.server.measures import Measures
    from dedupe.server.shared import SharedIndex

STRICT = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer, but for those that it gives itself."""
_STRICT = [(name.lower().encode(), value.encode()) for name, value in STRICT.items()]
BROWSED = frozenset({"/", "/v1/events"})
"""Routes that a browser asks, which sends the token as password, also where another site sends it:
none of them changes anything."""
BASIC = 'Basic realm="dedupe: the token is the password", charset="UTF-8"'
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LOGGED = ("id", "relation", "story", "to", "passed", "replayed", "error")
"""Fields of a decision that stand in its log line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What all requests share."""

    shared: SharedIndex
    measures: Measures
    log: Callable[[Mapping[str, Any]], object]
    """Called with each event, an object for a line of JSON. It contains no token."""
    tokens: Grants | None = None
    """Without them everybody may do everything."""
    own_host: bool = True
    """Without tokens: whether requests must name this machine as their host."""
    finder: FieldFinder = field(default_factory=FieldFinder)
    """Of bodies that are read in the thread of all requests: it knows the shapes of records."""
    kept: KeptAnswers = field(default_factory=KeptAnswers)
    """Answers to requests that may be sent again."""
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the server is to end: streams are answered up to there."""
    feed: EventFeed = field(default_factory=EventFeed)
    """Told to all who follow what happens."""
    page: LivePage | None = None
    """What a browser is shown; None for no page."""


@dataclass(slots=True)
class Inquiry:
    """One request, as its handler gets it."""

    request: Request
    id: str
    service: Service
    grant: Grant
    held: Holding

    def log(self, event: str, fields: Mapping[str, Any]) -> None:
        """Tells of an event: its kind, the request, and who asked."""
        about = {"event": event, "request_id": self.id, "token": self.grant.name}
        self.service.log(about | dict(fields))

    async def once(self, body: bytes, make: Callable[[], Awaitable[Response]]) -> Response:
        """What ``make`` returns; of a request that is sent again by its key its first answer."""
        key = self.request.headers.get(REQUEST_KEY, "")
        if not key:
            return await make()
        scope = self.request.scope
        asked = (self.grant.name, scope["method"], scope["path"], key)
        whole = (*(part.encode("utf-8", "replace") for part in asked), scope["query_string"], body)
        return await self.service.kept.answer(whole, make)

    def decided(self, asked: str, decisions: list[Decision]) -> None:
        """Counts decisions and logs each."""
        self.service.measures.decided(asked, decisions)
        for decision in decisions:
            told = decision_object(decision)
            fields = {name: told[name] for name in LOGGED}
            seconds = round(decision.seconds, 6)
            self.log("decision", {"asked": asked, **fields, "seconds": seconds})


Handler = Callable[[Inquiry], Awaitable["ASGIApp"]]


def json_answer(value: Mapping[str, Any] | list[Any], status: int = 200) -> Response:
    """An answer of one value of JSON, in which nothing acts on a terminal."""
    if isinstance(value, list):
        data = b"[" + b",".join(encode(one).rstrip(b"\n") for one in value) + b"]\n"
    else:
        data = encode(value)
    return Response(data, status, media_type="application/json")


def no_request(why: str) -> Response:
    """The answer to what could not be read as a request."""
    name = uuid.uuid4().hex
    told = RefusedError(HTTPStatus.BAD_REQUEST, why)
    response = json_answer(failure_of(told).object(name), int(told.status))
    response.headers.update(STRICT | {"X-Request-ID": name})
    return response


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route, as an ASGI application: a handler for each method, and the right that it takes."""

    service: Service
    route: str
    handlers: Mapping[str, tuple[Right | None, Handler]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        start, status = perf_counter(), 0
        request = Request(scope, receive)
        name = _request_id(request)

        async def noted(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message["headers"]
                named = {name for name, _ in given}
                strict = [header for header in _STRICT if header[0] not in named]
                headers = [*given, (b"x-request-id", name.encode()), *strict]
                message = {**message, "headers": headers}
            async with asyncio.timeout(self.service.shared.limits.seconds):  # to take it off
                await send(message)

        grant = Grant("", frozenset(), b"")
        try:
            right, handler = self._handler(request)
            grant = self._grant(request, right)
            _must_hold(grant, right)
            with self._held(right) as held:
                answer = await handler(Inquiry(request, name, self.service, grant, held))
                await answer(scope, receive, noted)
        except ClientDisconnect:  # nobody is there to be answered
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the request is answered
            refusal = self._refusal(error, request, name, grant)
            if not status:  # else what was begun is cut off, which tells that it is not whole
                await refusal(scope, receive, noted)
        finally:
            method = request.method if request.method in self.handlers else "other"
            self.service.measures.answered(self.route, method, status, perf_counter() - start)

    def _refusal(self, error: Exception, request: Request, name: str, grant: Grant) -> Response:
        """The answer to a request that failed, which is logged."""
        failure = failure_of(error)
        told = {"method": printable(request.method), "path": printable(request.scope["path"])}
        about = {"event": "refused", "token": grant.name, **told}
        if failure.status == HTTPStatus.INTERNAL_SERVER_ERROR:  # whoever reports it says where
            about["raised_at"] = raised_at(error)
        self.service.log(about | failure.object(name))
        response = json_answer(failure.object(name), int(failure.status))
        response.headers.update(failure.headers)
        return response

    def _held(self, right: Right | None) -> AbstractContextManager[Holding]:
        """Counts a request, but for one that takes no right: a server under load is no dead one."""
        shared = self.service.shared
        return nullcontext(Holding(shared)) if right is None else shared.held()

    def _handler(self, request: Request) -> tuple[Right | None, Handler]:
        method = "GET" if request.method == "HEAD" else request.method
        if method not in self.handlers:
            allowed = ", ".join(self.handlers)
            raise RefusedError(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"{self.route} takes {allowed}",
                {"Allow": allowed},
            )
        return self.handlers[method]

    def _grant(self, request: Request, right: Right | None) -> Grant:
        """Who asks. Raises RefusedError where that is not known, and must be."""
        service = self.service
        if right is None:
            return ANYBODY
        if service.tokens is None:
            if service.own_host and not is_loopback(request.headers.get("host", "")):
                raise RefusedError(
                    HTTPStatus.FORBIDDEN,
                    "without tokens the server answers to localhost alone; name it so",
                )
            return ANYBODY
        told = request.headers.get("authorization", "")
        if self.route in BROWSED and (password := password_in(told)):
            told = f"Bearer {password}"
        grant = service.tokens.grant_of(told)
        if grant is None:
            asks = BASIC if self.route in BROWSED else "Bearer"
            raise RefusedError(
                HTTPStatus.UNAUTHORIZED,
                "send Authorization: Bearer with a token that the server knows",
                {"WWW-Authenticate": asks},
            )
        return grant


def _request_id(request: Request) -> str:
    """The id that came with a request, or one that is made."""
    given: str = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _must_hold(grant: Grant, right: Right | None) -> None:
    """Raises RefusedError where who asks may not ask for this."""
    if right is not None and right not in grant.scopes:
        told = f"the token of {grant.name} has not the scope {right}"
        raise RefusedError(HTTPStatus.FORBIDDEN, told)
