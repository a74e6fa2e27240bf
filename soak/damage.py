"""Files that were damaged behind the index's back: whatever is asked, only StoreErrors come.

And logs that were cut, as by a loss of power: what was written last is gone, the rest is sound.
"""

from __future__ import annotations

import random
import shutil
from collections import deque
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

from dedupe.errors import StoreError
from dedupe.index import Index, open_index
from soak.texts import START, News
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from soak.findings import Findings

SEED = 43
PAGE = 8192
HELD = 300
"""Articles in the sound index."""
NEWS = News(37)
"""Of which it holds the first."""
LOGGED = 60
"""Articles that stand in the log that is cut."""


def run(size: int, sound: Path, folder: Path, findings: Findings) -> None:
    """``size`` copies of a sound index, each with damages of its own."""
    findings.begin(f"{size:,} copies of an index, damaged at random places")
    path = folder / "damaged.index"
    whole = sound.read_bytes()
    wrong: list[str] = []
    refused = noticed = 0
    for turn in range(size):
        shutil.copyfile(sound, path)
        path.write_bytes(damaged(whole, random.Random(f"{SEED} {turn}")))
        worker = Worker(ask_all, str(path))
        told = list(worker.messages())
        code = worker.end()
        wrong += [f"damage {turn}: {message}" for message in told if isinstance(message, Failed)]
        wrong += [f"damage {turn}: the process ended with {code}"] if code else []
        refused += any(message == "refused" for message in told)
        noticed += any(message in ("refused", "noticed") for message in told)
        for left in folder.glob("damaged.index-*"):
            left.unlink()
    findings.measure("refused by a call", refused)
    findings.measure("told by a call or by verify()", noticed)
    findings.hold("whatever is damaged, only StoreErrors are raised", wrong)
    _cut_logs(max(4, size // 4), folder, findings)


def _cut_logs(count: int, folder: Path, findings: Findings) -> None:
    findings.begin(f"{count} logs of killed processes, cut at random lengths")
    path, copy = folder / "logged.index", folder / "cut.index"
    worker = Worker(admit_and_wait, str(path))
    worker.line.recv()
    worker.kill()
    worker.end()
    log = path.with_name(f"{path.name}-wal").read_bytes()
    wrong: list[str] = []
    kept = []
    for turn in range(count):
        for left in folder.glob("cut.index*"):
            left.unlink()
        shutil.copyfile(path, copy)
        length = random.Random(f"{SEED} log {turn}").randrange(len(log))
        copy.with_name(f"{copy.name}-wal").write_bytes(log[:length])
        try:
            with open_index(copy) as index:
                held = [found.article.id for found in index.articles()]
                wrong += [f"cut to {length}: {problem}" for problem in index.verify()]
        except StoreError as error:  # cut before the tables were whole
            wrong += [f"cut to {length}: {type(error).__name__}: {error}"]
            continue
        kept.append(len(held))
        wrong += [] if held == [f"n{n}" for n in range(len(held))] else [f"cut to {length}: {held}"]
    findings.measure("articles that were left, on average", sum(kept) / max(1, len(kept)))
    findings.hold("what is left is what came first, and verify() is clean", wrong)


def admit_and_wait(line: Connection, path: str) -> None:
    """Admits some articles, and keeps the index open."""
    with open_index(path) as index:
        for article in NEWS.articles(0, LOGGED):
            index.admit(article)
        line.send("done")
        line.recv()


def damaged(whole: bytes, draw: random.Random) -> bytes:
    """A copy with some bytes changed, pages emptied, or pages in each other's place."""
    content = bytearray(whole)
    pages = len(content) // PAGE
    for _ in range(draw.choice((1, 1, 5, 40))):
        at = draw.randrange(100, len(content))
        page, other = (draw.randrange(1, pages) * PAGE for _ in range(2))
        match draw.randrange(4):
            case 0:
                content[at] ^= 1 << draw.randrange(8)
            case 1:
                some = min(draw.choice((4, 60, 900)), len(content) - at)
                content[at : at + some] = draw.randbytes(some)
            case 2:
                content[page : page + PAGE] = bytes(PAGE)
            case _:
                content[page : page + PAGE] = content[other : other + PAGE]
    return bytes(content)


def ask_all(line: Connection, path: str) -> None:
    """Every call there is; tells what is refused or noticed, and ends where another error comes."""
    try:
        index = open_index(path)
    except StoreError:
        line.send("refused")
        return
    for name, call in {"verify": _verified(line), **CALLS}.items():
        try:
            call(index)
        except StoreError:
            line.send("refused")
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            line.send(Failed(f"{name}: {_told(error)}"))
    try:
        index.close()
    except StoreError:
        line.send("refused")


CALLS: dict[str, Callable[[Index], object]] = {
    "stats": Index.stats,
    "get": lambda index: [index.get(f"n{number}") for number in range(HELD)],
    "check": lambda index: [index.check(one) for one in NEWS.articles(HELD // 2, HELD)],
    "admit": lambda index: [index.admit(one) for one in NEWS.articles(HELD, 40)],
    "stories": lambda index: deque(index.stories(), 0),
    "articles": lambda index: deque(index.articles(), 0),
    "expire": lambda index: index.expire(START.replace(hour=2)),
    "compact": Index.compact,
}


def _verified(line: Connection) -> Callable[[Index], None]:
    def verified(index: Index) -> None:
        if list(index.verify()):
            line.send("noticed")

    return verified


def _told(error: BaseException) -> str:
    frames = extract_tb(error.__traceback__)[-3:]
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__}: {error} at {where}"
