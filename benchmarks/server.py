"""``python -m benchmarks.server``: how quickly an index answers over HTTP.

An index of made-up news is filled, and served by ``dedupe serve`` in a process of its own. Clients
are threads of this process, each with one connection that stays open. Every article is admitted,
and answered after its commit. With ``--peer`` the same clients ask datasketch on Redis, which is
filled with the same articles and stands behind a server of the same make; it finds copies alone.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from urllib.parse import urlsplit

import click
import numpy as np

from benchmarks.admitting import Admitted
from benchmarks.child import BenchmarkError, run
from benchmarks.engine import taken_by
from benchmarks.index import redis_server
from benchmarks.machine import Others, described
from benchmarks.results import Findings, Goal, Table, show
from dedupe.index import open_index
from dedupe.index.exchange import article_fields
from dedupe.json_form import encode
from soak.served import started
from soak.texts import News

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedupe.model import Article

SEED, WORDS = 1, 350
FILLED_BY = 512
BATCH = 100
MANY, BATCHING = 16, 4
"""Clients that send one article a request, and that send arrays."""
COLUMNS = ("clients", "articles/s", "p50 ms", "p99 ms", "server CPU ms an article")


class Asked(NamedTuple):
    """What one server was asked: by one client, by many, and in batches."""

    alone: Admitted
    many: Admitted
    batches: Admitted


@click.command(name="server")
@click.option("--articles", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--requests", type=click.IntRange(BATCH), default=4000, show_default=True)
@click.option("--peer", is_flag=True, help="Ask datasketch on Redis the same.")
def main(articles: int, requests: int, peer: bool) -> None:  # noqa: FBT001 - click's way
    """Fill an index, serve it, and ask it as one client, as many, and in batches."""
    if peer and (lacking := redis_server.missing()):
        raise click.ClickException(f"the peer needs {lacking}")
    others = Others()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = _filled(folder / "news.index", articles)
        with started(folder / "news.index") as (process, address):
            own = _asked(address, process.pid, _bodies(articles), requests)
            peak = taken_by(process.pid)[1]
        findings = _findings(own, peak)
        if peer:
            findings.tables += _of_peer(folder, articles, requests).tables
    share = others.share()
    busy = "" if share is None else f"Others took {share:.0%} of the processors."
    show(findings.all_tables(), [*described(articles, text), busy], click.echo)


def _stream() -> Iterator[Article]:
    return map(News(SEED, words=WORDS).article, range(10**9))


def _bodies(articles: int) -> Iterator[bytes]:
    """What is sent: the articles after those that fill an index."""
    return (encode(article_fields(article)) for article in islice(_stream(), articles, None))


def _filled(path: Path, articles: int) -> int:
    """Fills an index; characters of its texts."""
    text = 0
    with open_index(path) as index:
        filling = islice(_stream(), articles)
        while group := list(islice(filling, FILLED_BY)):
            index.admit_many(group)
            text += sum(len(one.text) for one in group)
    return text


def _asked(address: str, server: int, bodies: Iterator[bytes], requests: int) -> Asked:
    _sent(address, server, [list(islice(bodies, 200))])  # what it reads once is read
    alone = _sent(address, server, [list(islice(bodies, requests // 4))])
    parts = [list(islice(bodies, requests // MANY)) for _ in range(MANY)]
    many = _sent(address, server, parts)
    arrays = [_array(islice(bodies, BATCH)) for _ in range(requests // BATCH)]
    together = [arrays[n::BATCHING] for n in range(BATCHING)]
    return Asked(alone, many, _sent(address, server, together, each=BATCH))


def _of_peer(folder: Path, articles: int, requests: int) -> Findings:
    """What datasketch on Redis takes."""
    file = folder / "stream.jsonl"
    with file.open("wb") as lines:
        lines.writelines(
            encode({**article_fields(article), "date": None})
            for article in islice(_stream(), articles)
        )
    runs = Path(__file__).parent / "index" / "runs"
    with redis_server.running(folder / "redis") as redis:
        run([sys.executable, runs / "redis_load.py", redis.socket, str(articles), file])
        redis.settle()
        command = [sys.executable, runs / "redis_served.py", redis.socket]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                said = process.stdout.readline() if process.stdout else ""
                address = said.rpartition(" ")[2].strip()
                found = _asked(address, process.pid, _bodies(articles), requests)
            finally:
                process.kill()
        held = redis.memory()
    note = f"Redis held {held / 1e6:,.0f} MB; its processor time is not in the last column."
    return Findings([Table("The same by datasketch on Redis", COLUMNS, _rows(found), note)])


def _array(bodies: Iterator[bytes]) -> bytes:
    return b"[" + b",".join(bodies) + b"]"


def _sent(address: str, server: int, parts: Sequence[list[bytes]], each: int = 1) -> Admitted:
    """Sends the bodies of each client, one after the other; all clients at once."""
    before, start = taken_by(server)[0], time.perf_counter()
    with ThreadPoolExecutor(len(parts)) as clients:
        waits = list(clients.map(lambda bodies: _one_client(address, bodies), parts))
    seconds = time.perf_counter() - start
    count = each * sum(map(len, parts))
    return Admitted(count, seconds, np.concatenate(waits), taken_by(server)[0] - before)


def _one_client(address: str, bodies: list[bytes]) -> list[float]:
    """The seconds of each request.

    Clients are on the machine that is measured, so they do no more than is needed.
    """
    place = urlsplit(address)
    head = f"POST /v1/admit HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
    waits = []
    with (
        socket.create_connection((place.hostname, place.port), timeout=120) as connected,
        connected.makefile("rb") as coming,
    ):
        for body in bodies:
            request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
            start = time.perf_counter()
            connected.sendall(request)
            status, told = _answer(coming)
            waits.append(time.perf_counter() - start)
            if status != HTTPStatus.OK:
                raise BenchmarkError(f"the server answered {status}: {told[:200]!r}")
    return waits


def _answer(coming: BinaryIO) -> tuple[int, bytes]:
    """Status and body of an answer that tells its length, as these servers' do."""
    status, length = int(coming.readline().split()[1]), 0
    while (line := coming.readline().lower()).strip():
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return status, coming.read(length)


def _rows(asked: Asked) -> list[tuple[str, ...]]:
    return [
        asked.alone.cells("one client, one article a request"),
        asked.many.cells(f"{MANY} clients, one article a request"),
        asked.batches.cells(f"{BATCHING} clients, {BATCH} articles a request"),
    ]


def _findings(asked: Asked, peak: int) -> Findings:
    alone, many, batches = asked
    note = f"The server held {peak / 1e6:,.0f} MB at most."
    goals = [
        Goal(f"{MANY} clients: articles", many.rate, 450, "/s", digits=0),
        Goal(f"{MANY} clients: p99", many.wait(99), 120, " ms", at_least=False, digits=0),
        Goal("one client: p50", alone.wait(50), 5, " ms", at_least=False, digits=1),
        Goal(f"{BATCHING} clients with batches: articles", batches.rate, 800, "/s", digits=0),
    ]
    return Findings([Table("Admitting over HTTP", COLUMNS, _rows(asked), note)], goals)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.server")
