"""A server is killed at random moments while clients admit, and its index is opened again."""

from __future__ import annotations

import contextlib
import random
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from dedupe.errors import StoreError
from dedupe.index import open_index
from soak.texts import News

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dedupe.index import Index
    from dedupe.model import Article, Verdict
    from soak.findings import Findings

SIZE = 200
"""Times that the server is killed."""
CLIENTS = 4
"""Of which every other one sends arrays."""
TOGETHER = 10
"""Articles of an array."""
LATEST = 0.8
"""Seconds from the moment at which a server answers to the last at which it is killed."""
VERIFIED = 20
"""How often the index is verified as a whole, at least."""
SEED = 57


@dataclass
class Ledger:
    """What one client was told, over all servers."""

    articles: Iterator[Article]
    answered: dict[str, Verdict] = field(default_factory=dict)
    doubtful: list[Article] = field(default_factory=list)
    """Of the request that was under way; it is sent again first."""
    failures: list[str] = field(default_factory=list)
    """Errors that tell of something else than that the server has gone."""

    def admit_on(self, address: str, together: int) -> None:
        """Admits until the server has gone."""
        with open_index(address, patience=0) as index:
            while True:
                self.doubtful = self.doubtful or list(islice(self.articles, together))
                try:
                    verdicts = index.admit_many(self.doubtful)
                except StoreError as error:
                    gone = re.search("refuses the connection|was cut|in time", str(error))
                    self.failures += [] if gone else [str(error)]
                    return
                except Exception as error:  # noqa: BLE001 - it is told as what it is
                    self.failures.append(repr(error))
                    return
                self.answered.update((v.id, replace(v, replayed=False)) for v in verdicts)
                self.doubtful = []


def run(size: int, folder: Path, findings: Findings) -> None:
    """The server is killed ``size`` times."""
    findings.begin(f"a server is killed {size} times while {CLIENTS} clients admit")
    path = folder / "served.index"
    news = News(SEED)
    ledgers = [Ledger(map(news.article, range(first, 10**9, CLIENTS))) for first in range(CLIENTS)]
    lost: list[str] = []
    halves: list[str] = []
    problems: list[str] = []
    for turn in range(size):
        before = {name for ledger in ledgers for name in ledger.answered}
        _until_killed(path, ledgers, random.Random(f"{SEED} {turn}"))
        with open_index(path, create=False) as index:
            for ledger in ledgers:
                told = {n: v for n, v in ledger.answered.items() if n not in before}
                lost += [f"round {turn}: {name}" for name in _lost(index, told)]
                held = sum(index.get(one.id) is not None for one in ledger.doubtful)
                if held not in (0, len(ledger.doubtful)):
                    halves.append(f"round {turn}: {held} of {len(ledger.doubtful)}")
            if turn % max(1, size // VERIFIED) == 0 or turn == size - 1:
                problems += [f"round {turn}: {what}" for what in index.verify()]
    answered = {name: v for ledger in ledgers for name, v in ledger.answered.items()}
    with open_index(path, create=False) as index:
        lost += [f"in the end: {name}" for name in _lost(index, answered)]
    findings.measure("answered", len(answered), "articles")
    findings.hold("what was answered is there, with its answer", lost)
    findings.hold("an array was admitted, or nothing of it", halves)
    findings.hold("verify() is clean", problems)
    failures = [failure for ledger in ledgers for failure in ledger.failures]
    findings.hold("a client is told that the server has gone, and nothing else", failures)


def _lost(index: Index, told: dict[str, Verdict]) -> list[str]:
    """Of what was answered all that is not in the index, or was answered otherwise."""
    wrong = []
    for name, verdict in told.items():
        found = index.get(name)
        if found is None:
            wrong.append(f"{name} is gone")
        elif _alike(found.verdict) != _alike(verdict):
            wrong.append(f"{name} was told {verdict}, and is {found.verdict}")
    return wrong


def _alike(verdict: Verdict) -> Verdict:
    """Without the days, of which a server tells six digits."""
    matches = tuple(replace(match, days=None) for match in verdict.matches)
    return replace(verdict, matches=matches)


def _until_killed(path: Path, ledgers: list[Ledger], draw: random.Random) -> None:
    """Starts a server and clients, and kills the server."""
    with started(path) as (process, address):
        threads = [
            threading.Thread(target=ledger.admit_on, args=(address, TOGETHER if n % 2 else 1))
            for n, ledger in enumerate(ledgers)
        ]
        for thread in threads:
            thread.start()
        time.sleep(draw.uniform(0, LATEST))
        process.kill()
        for thread in threads:
            thread.join()


@contextlib.contextmanager
def started(path: Path | str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and its address; killed at the end."""
    command = [sys.executable, "-m", "dedupe", "serve", "--quiet", "--index", str(path)]
    with subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0", *options],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        try:
            said = process.stderr.readline() if process.stderr else ""
            found = re.search(r"answering on (http://\S+)", said)
            if found is None:
                raise RuntimeError(f"the server did not start: {said}")
            yield process, found[1]
        finally:
            process.kill()
