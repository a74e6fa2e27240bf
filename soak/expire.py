"""Half of an index goes while another process checks and admits."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from dedupe.index import open_index
from soak.texts import START, News
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from dedupe.index import Index
    from soak.findings import Findings

SIZE = 100_000
"""Articles, of which half go."""
BULK = 1000
WARM_UP = 50
"""Calls of the other process that are not counted."""
PROMISED_FROM = SIZE
"""Articles from which on the times and the size of the file are promised: a small index is mostly
what any index has."""
PROMISED_P99, PROMISED_SHARE = 0.050, 0.60
BESIDE = 100.0
"""Calls of the other process a second, at most."""
SEED = 53


@dataclass
class Calls:
    """When calls began, by the clock that all processes share, and the seconds that they took."""

    began: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def between(self, start: float, end: float) -> list[float]:
        """Seconds of the calls that began in this time."""
        pairs = zip(self.began, self.seconds, strict=True)
        return [seconds for began, seconds in pairs if start <= began < end]


def run(size: int, folder: Path, findings: Findings) -> None:
    """Half of ``size`` articles go."""
    path = folder / "expire.index"
    news = News(SEED)
    findings.begin(f"{size // 2:,} of {size:,} articles go while another process is at work")
    with open_index(path) as index:
        _filled(index, news, size)
        index.compact()
        before = index.stats().bytes
        other = Worker(check_and_admit, str(path), size)
        other.line.recv()
        limit = START + timedelta(minutes=size // 2)
        times = [time.time()]
        gone = index.expire(limit)
        times.append(time.time())
        index.compact()
        times.append(time.time())
        other.line.send("stop")
        told = list(other.messages())
        other.end()
        _told(told, times, size, findings)
        came = _came(told)
        index.compact()
        held = {found.article.id for found in index.articles()}
        after = index.stats().bytes
        findings.hold("no key of them is left: verify() is clean", list(index.verify()))
        findings.hold("what is left is found", _unfound(index, news, range(size // 2, size), came))
    wanted = {f"n{number}" for number in range(size // 2, size)} | set(came)
    findings.hold_true("half of them went", gone == size // 2, f"{gone:,}")
    findings.hold("what was to stay stays, what was to go is gone", sorted(held ^ wanted))
    share = after / before * (size / (size + 2 * len(came)))
    findings.measure("file, of what it was, less what came meanwhile", 100 * share, "%")
    if size >= PROMISED_FROM:
        findings.hold_true("the file shrinks to under 60 %", share < PROMISED_SHARE, f"{share:.1%}")


def _filled(index: Index, news: News, size: int) -> None:
    coming = news.articles(0, size)
    while group := list(islice(coming, BULK)):
        index.admit_many(group)


def check_and_admit(line: Connection, path: str, size: int) -> None:
    """Checks and admits in turn until it is told to stop; tells how long each took."""
    news = News(SEED)
    calls = {"check": Calls(), "admit": Calls()}
    came: list[str] = []
    with open_index(path) as index:
        for number in range(WARM_UP):
            index.check(news.article(number))
        line.send("ready")
        while not line.poll():
            number = size + len(came)
            article = news.article(number)
            for name, call in (("check", index.check), ("admit", index.admit)):
                began, start = time.time(), time.perf_counter()
                call(article if name == "admit" else replace(article, id="asked"))
                took = time.perf_counter() - start
                calls[name].began.append(began)
                calls[name].seconds.append(took)
                time.sleep(max(0.0, 1 / BESIDE - took))
            came.append(article.id)
    line.send((calls, came))


def _told(told: list[object], times: list[float], size: int, findings: Findings) -> None:
    findings.hold("the other process gets no error", [m for m in told if isinstance(m, Failed)])
    for message in told:
        if not isinstance(message, tuple):
            continue
        calls, _ = message
        for part, start, end in zip(("expire", "compact"), times[:-1], times[1:], strict=True):
            findings.measure(f"{part} took", end - start, "s")
            for name, found in calls.items():
                _quick(f"{name} during {part}", found.between(start, end), size, findings)


def _quick(name: str, seconds: Sequence[float], size: int, findings: Findings) -> None:
    if not seconds:
        return
    findings.measure(f"{name}: calls", len(seconds))
    middle, high = np.percentile(seconds, (50, 99))
    findings.measure(f"{name}: median", 1000 * float(middle), "ms")
    findings.measure(f"{name}: p99", 1000 * float(high), "ms")
    findings.measure(f"{name}: slowest", 1000 * max(seconds), "ms")
    if size >= PROMISED_FROM:
        findings.hold_true(
            f"{name}: p99 under {1000 * PROMISED_P99:.0f} ms", high < PROMISED_P99, f"{high:.3f} s"
        )


def _came(told: list[object]) -> list[str]:
    return [name for message in told if isinstance(message, tuple) for name in message[1]]


def _unfound(index: Index, news: News, stayed: range, came: list[str]) -> list[str]:
    """Of what is held, some that a copy of it is not told to be identical with."""
    numbers = [*stayed[:: max(1, len(stayed) // 200)], *(int(name[1:]) for name in came[:50])]
    wrong = []
    for number in numbers:
        verdict = index.check(replace(news.article(number), id="copy"))
        if verdict.relation != "identical":
            wrong.append(f"a copy of n{number} is {verdict.relation}")
    return wrong
