"""Spans for OpenTelemetry, where its API is installed: of each request, of each batch judged.

What becomes of them is set where the process is started, as by ``opentelemetry-instrument``; the
API alone does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from dedupe.model import Article, Verdict

    Judged = Callable[[Iterable[Article]], list[Verdict]]

NAME = "dedupe.server"
CARRIERS = ("traceparent", "tracestate")
"""Headers by which a trace is continued (W3C Trace Context)."""


def _api() -> tuple[Any, Any]:
    """How traces are continued and made; None without the extra telemetry."""
    try:
        from opentelemetry import propagate, trace
    except ModuleNotFoundError:
        return None, None
    return propagate, trace


propagate, trace = _api()


def with_spans(app: ASGIApp, route: str, methods: Collection[str]) -> ASGIApp:
    """The application with a span around each request, which continues the trace of who asks.

    A method that is none of ``methods`` is called HTTP: no name of a span comes from a request.
    """
    return app if trace is None else _Spanned(app, route, methods)


class _Spanned:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, route: str, methods: Collection[str]) -> None:
        self._app, self._route, self._methods = app, route, methods
        self._tracer = trace.get_tracer(NAME)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def noted(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                span.set_attribute("http.response.status_code", status)
                name = Headers(raw=message["headers"]).get("x-request-id", "")
                span.set_attribute("dedupe.request_id", name)
            await send(message)

        headers = Headers(scope=scope)
        carried = {name: headers[name] for name in CARRIERS if name in headers}
        method = scope["method"] if scope["method"] in self._methods else "HTTP"
        with self._tracer.start_as_current_span(
            f"{method} {self._route}",
            context=propagate.extract(carried),
            kind=trace.SpanKind.SERVER,
            attributes={"http.request.method": method, "http.route": self._route},
        ) as span:
            await self._app(scope, receive, noted)
            if not status or status >= 500:
                span.set_status(trace.StatusCode.ERROR)


def in_spans(name: str, judge: Judged) -> Judged:
    """What judges articles, with a span around each batch of them."""
    if trace is None:
        return judge

    tracer = trace.get_tracer(NAME)

    def judged(articles: Iterable[Article], /) -> list[Verdict]:
        batch = tuple(articles)
        about = {"dedupe.articles": len(batch)}
        with tracer.start_as_current_span(name, attributes=about):
            return judge(batch)

    return judged
