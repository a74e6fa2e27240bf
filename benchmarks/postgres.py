"""``python -m benchmarks.postgres``: how quickly processes admit to one index in PostgreSQL.

A server of PostgreSQL is started, an index in it and one in a file are filled with the same made-up
news, and processes on the same machine admit more: each answer is there after its commit, on a disk
that is waited for.
"""

from __future__ import annotations

import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from benchmarks.admitting import Admitted
from benchmarks.child import BenchmarkError
from benchmarks.machine import Others, described
from benchmarks.results import Findings, Goal, Table, show
from dedupe.index import open_index
from soak.postgres_server import PostgresServer, binaries
from soak.texts import News
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

SEED, WORDS = 1, 350
FILLED_BY = 512
PROCESSES, BATCH = 4, 256
WARM = 100
"""Articles that each process admits before it is measured."""
SERVER = {
    "fsync": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "60s",
}
"""Settings of the server that are not the usual ones."""


@click.command(name="postgres")
@click.option("--articles", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--requests", type=click.IntRange(PROCESSES), default=4000, show_default=True)
def main(articles: int, requests: int) -> None:
    """Fill an index in PostgreSQL, and admit to it from one process and from four."""
    if binaries() is None:
        raise click.ClickException("PostgreSQL is missing, or psycopg: see CONTRIBUTING.md")
    others, server = Others(), PostgresServer(**SERVER)
    try:
        with tempfile.TemporaryDirectory() as folder:
            text, of_file = _filled(str(Path(folder) / "news.index"), articles)
        _, of_server = _filled(server.url(), articles)
        alone = _admitted(server.url(), articles, [requests // 4], 1)
        start = articles + requests // 4 + WARM
        each = [requests // PROCESSES] * PROCESSES
        many = _admitted(server.url(), start, each, 1)
        start += requests + PROCESSES * WARM
        batches = _admitted(server.url(), start, each, BATCH)
    finally:
        server.stop()
    found = _findings(alone, many, batches, of_server / articles, of_file / articles)
    share = others.share()
    busy = "" if share is None else f"Others took {share:.0%} of the processors."
    show(found.all_tables(), [*described(articles, text), busy], click.echo)


def _filled(place: str, articles: int) -> tuple[int, int]:
    """Makes an index of so many articles; bytes of their texts, and of the index."""
    coming = islice(map(News(SEED, words=WORDS).article, range(articles)), articles)
    text = 0
    with open_index(place) as index:
        while group := list(islice(coming, FILLED_BY)):
            index.admit_many(group)
            text += sum(len(one.text) for one in group)
        index.compact()
        return text, index.stats().bytes


def _admitted(place: str, first: int, each: list[int], together: int) -> Admitted:
    """So many articles are admitted by each process, all at once."""
    workers, start = [], first
    for count in each:
        workers.append(Worker(admit_some, place, start, count, together))
        start += count + WARM
    told = [worker.line.recv() for worker in workers]
    began = time.perf_counter()
    for worker in workers:
        worker.line.send("go")
    told += [message for worker in workers for message in worker.messages()]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.end()
    failed = [message for message in told if isinstance(message, Failed)]
    if failed:
        raise BenchmarkError(str(failed[0]))
    measured = [message for message in told if isinstance(message, tuple)]
    waits = np.concatenate([waits for waits, _ in measured])
    return Admitted(sum(each), seconds, waits, sum(cpu for _, cpu in measured))


def admit_some(line: Connection, place: str, first: int, count: int, together: int) -> None:
    """Admits articles once it is told to; the seconds of each call, and of the processor."""
    coming = map(News(SEED, words=WORDS).article, range(first, first + count + WARM))
    with open_index(place) as index:
        index.admit_many(list(islice(coming, WARM)))
        articles = list(coming)
        line.send("ready")
        line.recv()
        waits, busy = [], time.process_time()
        for at in range(0, count, together):
            start = time.perf_counter()
            index.admit_many(articles[at : at + together])
            waits.append(time.perf_counter() - start)
        line.send((waits, time.process_time() - busy))


def _findings(
    alone: Admitted, many: Admitted, batches: Admitted, of_server: float, of_file: float
) -> Findings:
    rows = [
        alone.cells("one process, one article a call"),
        many.cells(f"{PROCESSES} processes, one article a call"),
        batches.cells(f"{PROCESSES} processes, {BATCH} articles a call"),
    ]
    columns = ("processes", "articles/s", "p50 ms", "p99 ms", "their CPU ms an article")
    note = f"An article takes {of_server:,.0f} bytes, in a file {of_file:,.0f}, both compacted."
    goals = [
        Goal(f"{PROCESSES} processes: articles", many.rate, 200, "/s", digits=0),
        Goal(f"{PROCESSES} processes with batches: articles", batches.rate, 600, "/s", digits=0),
        Goal("bytes an article, against a file", of_server / of_file, 1.3, " x", at_least=False),
    ]
    return Findings([Table("Admitting to PostgreSQL", columns, rows, note)], goals)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.postgres")
