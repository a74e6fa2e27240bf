"""``python -m benchmarks.server``: how quickly an index answers over HTTP.

An index of made-up news is filled, and served by ``dedupe serve`` in a process of its own. Clients
are threads of this process, each with one connection that stays open. Every article is admitted,
and answered after its commit.
"""

from __future__ import annotations

import http.client
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import click
import numpy as np

from benchmarks.child import BenchmarkError
from benchmarks.engine import taken_by
from benchmarks.machine import Others, described
from benchmarks.results import Findings, Goal, Table, show
from dedupe.index import open_index
from dedupe.index.exchange import article_fields
from dedupe.json_form import encode
from soak.served import started
from soak.texts import News

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEED, WORDS = 1, 350
FILLED_BY = 512
BATCH = 100
MANY, BATCHING = 16, 4
"""Clients that send one article a request, and that send arrays."""


class Sent(NamedTuple):
    """What some clients measured."""

    articles: int
    seconds: float
    waits: np.ndarray
    """Seconds of each request."""
    cpu: float
    """Seconds of the server's processor time."""

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.seconds

    def wait(self, share: int) -> float:
        """Milliseconds that so many of a hundred requests took at most."""
        return float(np.percentile(self.waits, share)) * 1000


@click.command(name="server")
@click.option("--articles", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--requests", type=click.IntRange(MANY), default=4000, show_default=True)
def main(articles: int, requests: int) -> None:
    """Fill an index, serve it, and ask it as one client, as many, and in batches."""
    news = News(SEED, words=WORDS)
    stream = map(news.article, range(10**9))
    others = Others()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "news.index"
        text = 0
        with open_index(path) as index:
            filling = islice(stream, articles)
            while group := list(islice(filling, FILLED_BY)):
                index.admit_many(group)
                text += sum(len(one.text) for one in group)
        bodies = (encode(article_fields(article)) for article in stream)
        with started(path) as (process, address):
            _sent(address, process.pid, [list(islice(bodies, 200))])  # what it reads once is read
            alone = _sent(address, process.pid, [list(islice(bodies, requests // 4))])
            parts = [list(islice(bodies, requests // MANY)) for _ in range(MANY)]
            many = _sent(address, process.pid, parts)
            arrays = [_array(islice(bodies, BATCH)) for _ in range(requests // BATCH)]
            together = [arrays[n::BATCHING] for n in range(BATCHING)]
            batches = _sent(address, process.pid, together, each=BATCH)
            peak = taken_by(process.pid)[1]
    found = _findings(alone, many, batches, peak)
    share = others.share()
    busy = "" if share is None else f"Others took {share:.0%} of the processors."
    show(found.all_tables(), [*described(articles, text), busy], click.echo)


def _array(bodies: Iterator[bytes]) -> bytes:
    return b"[" + b",".join(bodies) + b"]"


def _sent(address: str, server: int, parts: Sequence[list[bytes]], each: int = 1) -> Sent:
    """Sends the bodies of each client, one after the other; all clients at once."""
    before, start = taken_by(server)[0], time.perf_counter()
    with ThreadPoolExecutor(len(parts)) as clients:
        waits = list(clients.map(lambda bodies: _one_client(address, bodies), parts))
    seconds = time.perf_counter() - start
    count = each * sum(map(len, parts))
    return Sent(count, seconds, np.concatenate(waits), taken_by(server)[0] - before)


def _one_client(address: str, bodies: list[bytes]) -> list[float]:
    """The seconds of each request."""
    waits = []
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    headers = {"Content-Type": "application/json"}
    for body in bodies:
        start = time.perf_counter()
        connection.request("POST", "/v1/admit", body, headers)
        answer = connection.getresponse()
        told = answer.read()
        waits.append(time.perf_counter() - start)
        if answer.status != http.HTTPStatus.OK:
            raise BenchmarkError(f"the server answered {answer.status}: {told[:200]!r}")
    connection.close()
    return waits


def _findings(alone: Sent, many: Sent, batches: Sent, peak: int) -> Findings:
    rows = [
        (
            name,
            f"{sent.rate:,.0f}",
            f"{sent.wait(50):,.1f}",
            f"{sent.wait(99):,.1f}",
            f"{sent.cpu / sent.articles * 1000:.2f}",
        )
        for name, sent in (
            ("one client, one article a request", alone),
            (f"{MANY} clients, one article a request", many),
            (f"{BATCHING} clients, {BATCH} articles a request", batches),
        )
    ]
    columns = ("clients", "articles/s", "p50 ms", "p99 ms", "server CPU ms an article")
    note = f"The server held {peak / 1e6:,.0f} MB at most."
    goals = [
        Goal(f"{MANY} clients: articles", many.rate, 450, "/s", digits=0),
        Goal(f"{MANY} clients: p99", many.wait(99), 120, " ms", at_least=False, digits=0),
        Goal("one client: p50", alone.wait(50), 5, " ms", at_least=False, digits=1),
        Goal(f"{BATCHING} clients with batches: articles", batches.rate, 800, "/s", digits=0),
    ]
    return Findings([Table("Admitting over HTTP", columns, rows, note)], goals)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.server")
