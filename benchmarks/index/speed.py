"""Speed: articles one at a time beside the peer, articles in batches, the first answer."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.child import BenchmarkError
from benchmarks.index import redis_server
from benchmarks.index.job import Job, Turn, cells, milliseconds, note, origins, told, turn
from benchmarks.index.runs.latency import WARM_UP
from benchmarks.machine import Others
from benchmarks.results import Findings, Table
from benchmarks.rounds import Spread, in_turn, ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.index.redis_server import RedisServer

NORMAL, FULL = "dedupe, durability normal", "dedupe, durability full"
INSERT, SESSION = "datasketch on Redis, insert", "datasketch on Redis, insertion session"
ALWAYS = "datasketch on Redis, insert, appendfsync always"
COLUMNS = (
    "one at a time",
    "articles/s",
    "p50 ms",
    "p99 ms",
    "most ms",
    "peak MB",
    "copies",
    "normal / it",
    "full / it",
)
PROCESSES = (1, 4)
"""Processes that admit at once."""
LAST = 10
"""Batches at the end of the building that tell the speed at that size."""
STARTS = 5
"""Processes that open an index, at least."""

Turns = dict[str, "Callable[[], Turn]"]


def admit(job: Job, findings: Findings) -> None:
    """Articles one at a time, each answered and committed, at every size."""
    lacking = redis_server.missing()
    for size in job.sizes:
        job.built(size)  # before the peer fills the memory
        if lacking or size > job.peer_most:
            job.say(f"no peer at {size:,}: {lacking or 'more articles than --peer-most'}")
            _take_turns(job, findings, size, {}, None)
            continue
        with redis_server.running(job.folder / f"redis-{size}") as server:
            job.say(f"datasketch on Redis, {size:,} articles")
            told("redis_load", server.socket, str(size), *job.stream.rounds)
            server.settle()
            _take_turns(job, findings, size, _peer_turns(job, size, server), server)


def _slices(job: Job, size: int) -> Iterator[Path]:
    """Files of the articles that follow those of an index, a file a turn."""
    first = size
    while True:
        yield job.cut(first, job.step)
        first += job.step


def _own_turns(job: Job, size: int, path: Path) -> Turns:
    slices = _slices(job, size)
    return {
        NORMAL: lambda: turn("admit", path, "normal", next(slices)),
        FULL: lambda: turn("admit", path, "full", next(slices)),
    }


def _peer_turns(job: Job, size: int, server: RedisServer) -> Turns:
    slices = _slices(job, size)

    def one(way: str, sync: str) -> Turn:
        server.sync(sync)
        server.settle()
        return turn("redis_admit", server.socket, way, next(slices))

    return {
        INSERT: partial(one, "insert", "everysec"),
        SESSION: partial(one, "session", "everysec"),
        ALWAYS: partial(one, "insert", "always"),
    }


def _take_turns(
    job: Job, findings: Findings, size: int, peers: Turns, server: RedisServer | None
) -> None:
    title = f"Articles one at a time, index of {size:,}"
    job.say(title)
    # Lent only now: what was loaded for the peer would drive a copy out of the page cache.
    with job.lent(size) as path:
        noise = Noise(server)
        found = in_turn(_own_turns(job, size, path) | peers, job.rounds)
    rates = {name: [t.rate for t in taken] for name, taken in found.items()}
    rows = []
    for name, taken in found.items():
        quicker = [ratios(rates[ours], rates[name]).shown(2) for ours in (NORMAL, FULL)]
        rows.append((name, *cells(taken), *(quicker if name not in (NORMAL, FULL) else ("", ""))))
    said = [f"{job.articles:,} articles a turn.", noise.told(job.rounds)]
    if server is not None:
        said.append(f"Redis holds {server.memory() / 1e6:,.0f} MB in memory.")
    said.append(origins([job.built(size)]))
    findings.tables.append(Table(title, COLUMNS, rows, note(*said)))


def together(job: Job, findings: Findings) -> None:
    """Different articles by several processes at once, against one, each answered and committed."""
    size = min(job.sizes)
    title = f"Articles one at a time by several processes, index of {size:,}"
    job.say(title)
    first = size + job.step * job.rounds * 2  # after those of the section admit
    with job.lent(size) as path:

        def rate(processes: int) -> float:
            nonlocal first
            step = WARM_UP + job.articles // processes
            files = [job.cut(first + at * step, step) for at in range(processes)]
            first += processes * step
            found, _ = told("together", path, *files)
            if found["failed"]:
                raise BenchmarkError(f"{found['failed']} processes failed")
            return processes * (step - WARM_UP) / found["seconds"]

        noise = Noise(None)
        found = in_turn({str(n): partial(rate, n) for n in PROCESSES}, job.rounds)
    rows = [
        (name, Spread.of(rates).shown(0), ratios(rates, found["1"]).shown(2))
        for name, rates in found.items()
    ]
    said = note(f"{job.articles:,} articles in all.", noise.told(job.rounds))
    findings.tables.append(Table(title, ("processes", "articles/s", "of one"), rows, said))


def bulk(job: Job, findings: Findings) -> None:
    """Articles in batches of 1,000, a commit each, into an index that grows from nothing."""
    title = "Articles in batches of 1,000"
    job.say(title)
    rows, indexes = [], [job.built(size) for size in job.sizes]
    for built in indexes:
        size = built.articles
        seconds, last = built.seconds, built.seconds[-LAST:]
        rows.append(
            (
                f"{size:,}",
                f"{size / sum(seconds):,.0f}",
                f"{size / len(seconds) * len(last) / sum(last):,.0f}",
                f"{max(seconds):,.2f}",
            )
        )
    columns = ("index of", "articles/s", f"the last {LAST} batches", "slowest batch, s")
    earlier = "Seconds of an index that was kept are those recorded when it was built."
    said = note(origins(indexes), earlier if any(built.earlier for built in indexes) else "")
    findings.tables.append(Table(title, columns, rows, said))


def opening(job: Job, findings: Findings) -> None:
    """A process from its start to its end that opens an index and asks once."""
    title = "Open an index and check one article, whole process"
    job.say(title)
    article = job.cut(max(job.sizes) + job.reserved + 1, 1)
    starts = {
        f"{size:,}": partial(told, "first_check", job.built(size).path, article)
        for size in job.sizes
    }
    in_turn(starts, 1)  # fills the page cache
    rounds = max(STARTS, job.rounds)
    noise = Noise(None)
    rows = []
    for name, runs in in_turn(starts, rounds).items():
        seconds = Spread.of([run.seconds for _, run in runs])
        inner = (milliseconds([said[step] for said, _ in runs]) for step in ("open", "check"))
        peak = Spread.of([run.peak / 1e6 for _, run in runs])
        rows.append((name, seconds.shown(3), *inner, peak.shown(0)))
    columns = ("index of", "seconds", "of these opening, ms", "the check, ms", "peak MB")
    said = note(noise.told(rounds), origins(job.built(size) for size in job.sizes))
    findings.tables.append(Table(title, columns, rows, said))


class Noise:
    """What other processes took; the peer's server is none of them."""

    def __init__(self, server: RedisServer | None) -> None:
        self._server, self._others = server, Others()
        self._began, self._served = time.perf_counter(), server.cpu() if server else 0.0

    def told(self, rounds: int) -> str:
        """How often was measured, and how much else was going on."""
        said = f"{rounds} rounds in turn" if rounds > 1 else "One round"
        share = self._others.share()
        if share is None:
            return f"{said}."
        if self._server is not None:
            span = (time.perf_counter() - self._began) * (os.cpu_count() or 1)
            share = max(0.0, share - (self._server.cpu() - self._served) / span)
        return f"{said}; other processes took {share:.0%} of the processors."
