"""What the server tells of itself to Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST as METRICS_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedupe.hooks.filter import Decision
    from dedupe.server.shared import SharedIndex

__all__ = ["METRICS_TYPE", "Measures"]

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Measures:
    """Counts of one server, and what its process takes. No name in them comes from a request."""

    def __init__(self, shared: SharedIndex) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)  # memory, files, processor; on Linux alone
        self._decisions = Counter(
            "dedupe_decisions",
            "Articles that were decided about.",
            ("asked", "relation", "passed"),
            registry=self._registry,
        )
        self._requests = Histogram(
            "dedupe_request_seconds",
            "Seconds from a request to the end of its answer.",
            ("route", "method", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        for name, told, of in (
            ("waiting_requests", "Requests that are being answered.", lambda: shared.requests),
            ("waiting_bytes", "Bytes of bodies that are held until they are answered.",
             lambda: shared.bytes),
            ("open_streams", "Streams of lines that are open.", lambda: shared.streams),
        ):  # fmt: skip
            gauge = Gauge(f"dedupe_{name}", told, registry=self._registry)
            gauge.set_function(of)

    def decided(self, asked: str, decisions: Iterable[Decision]) -> None:
        """Counts decisions; ``asked`` is check or admit."""
        for decision in decisions:
            relation = decision.verdict.relation if decision.verdict else "unjudged"
            self._decisions.labels(asked, relation, str(decision.passed).lower()).inc()

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts a request, by the route that it was meant for."""
        self._requests.labels(route, method, str(status)).observe(seconds)

    def text(self) -> bytes:
        """All of it in the text format of Prometheus."""
        return generate_latest(self._registry)
