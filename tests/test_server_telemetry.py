"""Spans of requests and batches, for whoever has OpenTelemetry; nothing for all others."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_harness import article

import dedupe.server.telemetry
from dedupe.index import open_index
from dedupe.server.answering import Service
from dedupe.server.measures import Measures
from dedupe.server.routes import application
from dedupe.server.shared import ServerLimits, SharedIndex
from dedupe.server.telemetry import in_spans, with_spans

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


@pytest.fixture(scope="module")
def spans() -> Any:
    """The spans that were made, held in memory by the SDK."""
    sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="opentelemetry-sdk: extra dev")
    from opentelemetry import trace
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    held, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(held))
    trace.set_tracer_provider(provider)
    return held


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    def opened() -> Any:
        return open_index(tmp_path / "i")

    shared = SharedIndex(opened, opened, (), ServerLimits())
    shared.start()
    yield Service(shared=shared, measures=Measures(shared), log=lambda _: None)
    shared.stop()


def ask(service: Service, method: str, path: str, body: bytes = b"", **headers: str) -> int:
    """The status of the answer."""
    app, sent = application(service), list[dict]()
    told = {"host": "localhost", "content-type": "application/json", **headers}
    scope = {"type": "http", "method": method, "path": path, "query_string": b"",
             "headers": [(name.encode(), value.encode()) for name, value in told.items()]}  # fmt: skip

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent[0]["status"]


def test_a_request_has_a_span_of_the_trace_that_it_came_with(spans: Any, service: Service) -> None:
    spans.clear()
    body = b'{"id": "a", "text": "The ferry sank."}'
    known = {"x-request-id": "req-1"}
    assert ask(service, "POST", "/v1/admit", body, **PARENT, **known) == 200
    batch, request = spans.get_finished_spans()
    assert (request.name, request.kind.name) == ("POST /v1/admit", "SERVER")
    assert f"{request.context.trace_id:032x}" == TRACE
    assert dict(request.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/admit",
        "http.response.status_code": 200,
        "dedupe.request_id": "req-1",
    }
    assert request.status.is_ok
    assert (batch.name, dict(batch.attributes)) == ("admit", {"dedupe.articles": 1})


def test_what_is_checked_together_has_one_span(spans: Any, service: Service) -> None:
    import json

    spans.clear()
    body = json.dumps([article(1), article(2)]).encode()
    assert ask(service, "POST", "/v1/check", body) == 200
    batch = spans.get_finished_spans()[0]
    assert (batch.name, dict(batch.attributes)) == ("check", {"dedupe.articles": 2})


def test_no_name_of_a_span_comes_from_a_request(spans: Any, service: Service) -> None:
    spans.clear()
    ask(service, "BREW", "/v1/stories")
    ask(service, "GET", "/secret/path", traceparent="00-no-trace\x1b-01")
    ask(service, "GET", "/v1/articles/secret")
    names = [span.name for span in spans.get_finished_spans()]
    assert names == ["HTTP /v1/stories", "GET other", "GET /v1/articles/{id}"]
    assert not [span for span in spans.get_finished_spans() if "secret" in str(span.attributes)]


def test_a_failure_of_the_server_is_marked(spans: Any, service: Service) -> None:
    spans.clear()
    service.ending.set()
    assert ask(service, "GET", "/readyz") == 503
    assert spans.get_finished_spans()[-1].status.status_code.name == "ERROR"


def test_without_it_nothing_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe.server.telemetry, "trace", None)
    assert with_spans(len, "/", ()) is len
    assert in_spans("check", len) is len


def test_the_server_works_where_it_is_not_installed() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "import dedupe.server.routes\n"
        "assert dedupe.server.telemetry.trace is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
