"""Processes are killed at random moments while they admit, and the index is opened again."""

from __future__ import annotations

import random
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from dedupe.errors import NotAnIndexError
from dedupe.index import open_index
from soak.behind import connected
from soak.texts import News
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from dedupe.index import Index
    from dedupe.model import Verdict
    from soak.findings import Findings

SIZE = 200
"""Processes that are killed."""
LATEST = 0.35
"""Seconds from the moment at which a process opens the index to the last at which it is killed."""
TOGETHER = 20
"""Articles in a call of ``admit_many``."""
SAMPLE = 200
"""Articles of earlier rounds that are looked up after each; after the last one all are."""
SEGMENT, BLOCK = 256, 16
"""Keys are merged after so many articles, into blocks of so many: 32 and 8 times as often as
usual, so that kills fall into merges too."""
SEED = 23

Manner = Literal["one by one", "together", "with removals"]
MANNERS: tuple[Manner, ...] = ("one by one", "together", "with removals")


@dataclass
class Ledger:
    """What was acknowledged, and what may have been done without."""

    admitted: dict[str, Verdict] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    doubtful: list[str] = field(default_factory=list)
    """Articles of the call that was under way."""
    unasked: set[str] = field(default_factory=set)
    """Articles that turned out to be in, though nobody was told: they are given again."""
    next: int = 0
    """Number of the first article that was not acknowledged."""
    failures: list[str] = field(default_factory=list)

    def follow(self, messages: Iterable[object]) -> list[str]:
        """Takes in what one process told until it ended; ids that it told of."""
        seen: list[str] = []
        self.doubtful = []
        for message in messages:
            match message:
                case Failed():
                    self.failures.append(message.error)
                case ("begun", list(names)):
                    self.doubtful = names
                case ("admitted", list(verdicts)):
                    self.admitted.update((v.id, replace(v, replayed=False)) for v in verdicts)
                    self.next += len(verdicts)
                    seen += self._settled()
                case "removed":
                    self.removed.update(self.doubtful)
                    for name in self.doubtful:
                        del self.admitted[name]
                    seen += self._settled()
        return seen

    def _settled(self) -> list[str]:
        settled, self.doubtful = self.doubtful, []
        return settled

    def believe(self, index: Index) -> list[str]:
        """Settles what is doubtful by what the index holds; what was done by halves."""
        held = {name for name in self.doubtful if index.get(name) is not None}
        fresh = [name for name in self.doubtful if name not in self.unasked]
        done = held.intersection(fresh)
        if done and len(done) < len(fresh):
            return [f"{len(done)} of {len(fresh)} of one call"]
        self.unasked |= held - set(self.admitted)
        known = [name for name in self.doubtful if name in self.admitted]
        for name in known:
            if name not in held:  # its removal was under way
                del self.admitted[name]
                self.removed.add(name)
        return []

    def lost(self, index: Index, names: Iterable[str]) -> list[str]:
        """Of these articles those that are not in the index as they were acknowledged."""
        wrong = []
        for name in names:
            found = index.get(name)
            if name in self.removed:
                wrong += [f"{name} was removed, and is there"] if found else []
            elif found is None:
                wrong.append(f"{name} is gone")
            elif found.verdict != self.admitted[name]:
                wrong.append(f"{name} was told {self.admitted[name]}, and is {found.verdict}")
        return wrong


def run(size: int, folder: Path, findings: Findings) -> None:
    """``size`` processes are killed: most alone, some beside others, some on a new index."""
    alone, beside, new = size - size // 4 - size // 8, size // 4, size // 8
    path = folder / "killed.index"
    _made(path)
    ledger = Ledger()
    findings.begin(f"{alone} processes are killed while they admit, each alone")
    killed(str(path), ledger, range(alone), findings)
    findings.begin(f"{beside} processes are killed while another goes on")
    other = Worker(go_on, str(path))
    other.line.recv()
    killed(str(path), ledger, range(alone, alone + beside), findings)
    other.line.send("stop")
    told = list(other.messages())
    other.end()
    findings.hold("the other is not disturbed", [m for m in told if isinstance(m, Failed)])
    whole(str(path), ledger, told, findings)
    findings.begin(f"{new} processes are killed while they make an index")
    _killed_at_birth(folder, new, findings)


def _made(path: Path) -> None:
    """An empty index that merges its keys often."""
    open_index(path).close()
    with closing(connected(path)) as database, database:
        database.execute("UPDATE state SET segment = ?, block = ?", (SEGMENT, BLOCK))


def killed(
    path: str, ledger: Ledger, rounds: range, findings: Findings, latest: float = LATEST
) -> None:
    """A process that admits is killed in each of these rounds, and what is left is looked at.

    ``latest`` is in seconds from the moment at which it opens the index.
    """
    lost: list[str] = []
    halves: list[str] = []
    problems: list[str] = []
    longest = 0.0
    before = len(ledger.admitted)
    for turn in rounds:
        draw = random.Random(f"{SEED} {turn}")
        manner = MANNERS[turn % len(MANNERS)]
        earlier = draw.sample(sorted(ledger.admitted), min(SAMPLE, len(ledger.admitted)))
        wait = draw.uniform(0, latest)
        seen = ledger.follow(_told_until_killed(path, ledger.next, manner, wait))
        began = time.perf_counter()
        with open_index(path, create=False) as index:
            longest = max(longest, time.perf_counter() - began)
            halves += [f"round {turn}: {what}" for what in ledger.believe(index)]
            lost += [f"round {turn}: {what}" for what in ledger.lost(index, [*seen, *earlier])]
            problems += [f"round {turn}: {what}" for what in index.verify()]
    findings.measure("acknowledged", len(ledger.admitted) - before, "articles")
    findings.measure("slowest to open again", longest, "s")
    findings.hold("what was acknowledged is there, with its answer", lost)
    findings.hold("a call was done, or not at all", halves)
    findings.hold("verify() is clean, every time", problems)
    findings.hold("no process failed before it was killed", ledger.failures)


def _told_until_killed(path: str, first: int, manner: Manner, wait: float) -> list[object]:
    worker = Worker(admit_on, path, first, manner)
    worker.line.recv()
    time.sleep(wait)
    worker.kill()
    told = list(worker.messages())
    worker.end()
    return told


def admit_on(line: Connection, path: str, first: int, manner: Manner) -> None:
    """Admits one article after another, and tells of each, before and after."""
    news = News(SEED)
    line.send("opening")
    with open_index(path) as index:
        while True:
            count = 1 if manner == "one by one" else TOGETHER
            articles = list(news.articles(first, count))
            line.send(("begun", [article.id for article in articles]))
            if count == 1:
                line.send(("admitted", [index.admit(articles[0])]))
            else:
                line.send(("admitted", index.admit_many(articles)))
            first += count
            if manner == "with removals":
                line.send(("begun", [articles[0].id]))
                index.remove(articles[0].id)
                line.send("removed")


def go_on(line: Connection, path: str) -> None:
    """Admits and checks until it is told to stop, then tells what it was answered."""
    news = News(SEED + 1)
    verdicts: list[Verdict] = []
    with open_index(path) as index:
        line.send("opened")
        while not line.poll():
            article = replace(news.article(len(verdicts)), id=f"other {len(verdicts)}")
            verdicts.append(index.admit(article))
            index.check(news.article(len(verdicts)))
    line.send(verdicts)


def whole(path: str, ledger: Ledger, told: list[object], findings: Findings) -> None:
    """Looks at all that was acknowledged, at last."""
    findings.begin("after all of them")
    others = [v for verdicts in told if isinstance(verdicts, list) for v in verdicts]
    expected = ledger.admitted | {verdict.id: verdict for verdict in others}
    # The last that were killed may have come to no call: what an earlier one put in is in doubt.
    doubtful = ledger.unasked.union(ledger.doubtful) - ledger.removed
    with open_index(path, create=False) as index:
        held = {found.article.id: found.verdict for found in index.articles()}
        stories = {name for story in index.stories() for name in story.articles}
        index.compact()
        problems = list(index.verify())
    findings.measure("articles in the index", len(held))
    findings.hold(
        "each that was acknowledged is there, with its answer",
        [name for name, verdict in expected.items() if held.get(name) != verdict],
    )
    strays = sorted(set(held) - set(expected) - doubtful)
    findings.hold("none is there that was not admitted", strays)
    findings.hold("each is in a story", sorted(set(held) - stories))
    findings.hold("verify() is clean once all is compact", problems)


def _killed_at_birth(folder: Path, count: int, findings: Findings) -> None:
    wrong: list[str] = []
    for turn in range(count):
        draw = random.Random(f"{SEED} birth {turn}")
        path = folder / f"new {turn}.index"
        worker = Worker(admit_on, str(path), 0, "one by one")
        worker.line.recv()
        time.sleep(draw.uniform(0, LATEST / 5))
        worker.kill()
        ledger = Ledger()
        seen = ledger.follow(worker.messages())
        worker.end()
        wrong += _after_birth(path, ledger, seen)
    findings.hold("the index is there, or can be made anew", wrong)


def _after_birth(path: Path, ledger: Ledger, seen: list[str]) -> list[str]:
    """What is wrong with an index whose maker was killed."""
    if seen:
        try:
            open_index(path, create=False).close()
        except NotAnIndexError as error:
            return [f"{len(seen)} articles were acknowledged: {error}"]
    with open_index(path) as index:
        wrong = ledger.lost(index, seen)
        index.admit(News(SEED).article(0))
        return [*wrong, *index.verify()]
