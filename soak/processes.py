"""Many processes admit the same articles in orders of their own, and copies of one another's."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from dedupe.index import open_index
from soak.texts import News, renamed
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from dedupe.model import Article, Verdict
    from soak.findings import Findings

SIZE = 2000
"""Articles, and texts."""
PROCESSES = 8
TOGETHER = 16
"""Articles in a call of every other process; the rest admit one by one."""
SEED = 11


@dataclass(frozen=True)
class Answered:
    """What one process was told, and the seconds of its slowest call."""

    verdicts: list[Verdict]
    slowest: float


def run(size: int, folder: Path, findings: Findings) -> None:
    """The races over files, and what else may go wrong with a file."""
    raced(size, lambda name: str(folder / f"{name}.index"), findings)
    _opened_twice(folder / "twice.index", findings)


def raced(size: int, place: Callable[[str], str], findings: Findings) -> None:
    """``size`` articles by all processes; then ``size`` texts under an id of each process.

    ``place`` gives the place of an index by its name.
    """
    findings.begin(f"{PROCESSES} processes admit the same {size:,} articles, each in its own order")
    path = place("same")
    answers = _answers(path, size, same, findings)
    by_id: dict[str, list[Verdict]] = {}
    for verdict in answers:
        by_id.setdefault(verdict.id, []).append(verdict)
    first = {name: [v for v in told if not v.replayed] for name, told in by_id.items()}
    findings.hold(
        "each article is admitted without `replayed` exactly once",
        [f"{name}: {len(told)} times" for name, told in first.items() if len(told) != 1],
    )
    findings.hold(
        "who comes later gets the answer of the first time",
        [name for name, told in by_id.items() if len(set(map(_first_form, told))) > 1],
    )
    _sound(path, size, findings)

    findings.begin(f"{PROCESSES} processes admit {size:,} unrelated texts, each under own ids")
    path = place("copies")
    answers = _answers(path, size, copies, findings)
    _one_is_new(answers, size, findings)
    _sound(path, size * PROCESSES, findings)


def _first_form(verdict: Verdict) -> str:
    return str(replace(verdict, replayed=False))


def same(size: int, process: int) -> list[Article]:
    """The same articles for each, shuffled."""
    articles = list(News(SEED).articles(0, size))
    random.Random(process).shuffle(articles)
    return articles


def copies(size: int, process: int) -> list[Article]:
    """The same texts for each, under ids of its own, shuffled."""
    news = News(SEED)
    texts = [renamed(one := news.alone(n), f"{one.id} {process}") for n in range(size)]
    random.Random(process).shuffle(texts)
    return texts


def _answers(
    path: str,
    size: int,
    articles: Callable[[int, int], list[Article]],
    findings: Findings,
) -> list[Verdict]:
    """What all processes were told."""
    workers = [
        Worker(admit_all, path, articles, size, process, TOGETHER if process % 2 else 1)
        for process in range(PROCESSES)
    ]
    ready = [worker.line.recv() for worker in workers]
    began = time.monotonic()
    for worker in workers:
        with suppress(OSError):  # of one that has failed: what it told is told below
            worker.line.send("go")
    told = [list(worker.messages()) for worker in workers]
    seconds = time.monotonic() - began
    ends = [worker.end() for worker in workers]
    messages = [*ready, *chain.from_iterable(told)]
    failed = [message for message in messages if isinstance(message, Failed)]
    findings.hold("no error reaches a caller", failed)
    findings.hold("every process ends by itself", [f"exit code {end}" for end in ends if end])
    answered = [message for message in messages if isinstance(message, Answered)]
    verdicts = [verdict for one in answered for verdict in one.verdicts]
    findings.measure("admitted in all", len(verdicts) / seconds, "a second")
    findings.measure("slowest call", max((one.slowest for one in answered), default=0.0), "s")
    return verdicts


def admit_all(
    line: Connection,
    path: str,
    articles: Callable[[int, int], list[Article]],
    size: int,
    process: int,
    together: int,
) -> None:
    """Admits them, some at a time, once it is told to begin; tells what it was answered."""
    coming = iter(articles(size, process))
    verdicts: list[Verdict] = []
    slowest = 0.0
    with open_index(path) as index:
        line.send("ready")
        line.recv()
        while group := list(islice(coming, together)):
            began = time.perf_counter()
            verdicts += [index.admit(group[0])] if together == 1 else index.admit_many(group)
            slowest = max(slowest, time.perf_counter() - began)
    line.send(Answered(verdicts, slowest))


def _opened_twice(path: Path, findings: Findings) -> None:
    """A process that closes one index must not lose its hold of another on the same file.

    Closing any descriptor of a file drops all locks that a process has on it (fcntl(2)).
    """
    findings.begin("a process opens an index twice, others come and go meanwhile")
    articles = [News(SEED).alone(number) for number in range(4)]
    with open_index(path) as index:
        for article in articles:
            index.admit(article)
            open_index(path).close()
            other = Worker(look, str(path), article.id)
            seen = list(other.messages())
            other.end()
            findings.hold(f"{article.id} is seen by the others", [m for m in seen if m is not True])
    _sound(str(path), len(articles), findings)


def look(line: Connection, path: str, name: str) -> None:
    """Tells whether an index has an article, and closes it as the last one would."""
    with open_index(path) as index:
        line.send(index.get(name) is not None)


def _one_is_new(answers: list[Verdict], size: int, findings: Findings) -> None:
    relations: dict[str, Counter[str]] = {}
    for verdict in answers:
        text = verdict.id.split(" ")[0]
        relations.setdefault(text, Counter())[verdict.relation] += 1
    wanted = Counter(new=1, identical=PROCESSES - 1)
    findings.hold(
        f"of {PROCESSES} copies exactly one is `new`, and all others are `identical`",
        [f"{text}: {dict(seen)}" for text, seen in relations.items() if seen != wanted],
    )
    findings.hold_true("every text was answered", len(relations) == size, f"{len(relations):,}")


def _sound(path: str, articles: int, findings: Findings) -> None:
    with open_index(path, create=False) as index:
        held = index.stats().articles
        findings.hold_true("every article is in the index, once", held == articles, f"{held:,}")
        findings.hold("verify() is clean", list(index.verify()))
