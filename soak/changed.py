"""Copies of sound indexes in which one thing was changed, each asked in a process that may fail.

A process may have but so much memory and time. It works on one copy after the other; the next goes
on where one has failed.
"""

from __future__ import annotations

import random
import resource
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from soak.asked import MADE_AGAIN, Outcome, Sound, ask, expected, made, others
from soak.varied import LARGE, SMALL
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from soak.findings import Findings

    Change = Callable[[Path, random.Random], str]

SEED = 71
LARGE_EVERY = 19
"""One in so many copies is of the large index, whose tables have inner pages of every kind."""
MADE_AGAIN_EVERY = 8
"""Of one in so many copies an index is made, in turn by each way: it costs as much as half of all
else. One that cannot be opened is salvaged each time."""
AT_ONCE = 200
"""Indexes that one process asks, one after the other."""
MEMORY = 10**9
"""Bytes that it may take beyond what it has to begin with."""
TIME = 60
"""Seconds for one index, all of its calls together."""


class Changed(NamedTuple):
    """A changed copy."""

    where: str
    """Which one it is, by its number and by what was changed."""
    outcome: Outcome
    other: list[str]
    """The calls that answered something else than those of the sound index."""


class Changing:
    """Two sound indexes, a small one and a large one, and copies of them to be changed."""

    def __init__(self, folder: Path, findings: Findings) -> None:
        """``folder`` is empty. What the sound ones answer is found out."""
        self._path = folder / "mutated.index"
        stocks = {"small": SMALL, "large": LARGE}
        self._sounds = [made(folder / f"{name}.index", stock) for name, stock in stocks.items()]
        self._expected = [expected(sound, self._path) for sound in self._sounds]
        wrong = [wrong for outcome in self._expected for wrong in outcome.wrong]
        told = ["a call was refused, or verify() tells of something"]
        told *= any(outcome.told or outcome.noticed for outcome in self._expected)
        findings.hold("the sound ones answer all, and verify() is clean", wrong + told)

    def changed(self, change: Change, first: int, size: int) -> Iterator[Changed]:
        """So many copies from this number on, each changed and asked."""
        turn = first
        while turn < first + size:
            end = min(first + size, turn + AT_ONCE)
            worker = Worker(_ask_some, change, self._sounds, str(self._path), turn, end)
            done = failed = ""
            while True:
                message: Any = None
                try:
                    if worker.line.poll(TIME):
                        message = worker.line.recv()
                    else:
                        worker.kill()
                except (EOFError, OSError):
                    break
                if isinstance(message, str):
                    done = message
                elif isinstance(message, Outcome):
                    yield self._held_to_the_sound_one(turn, message)
                    turn, done = turn + 1, ""
                elif message is None or isinstance(message, Failed):
                    failed = str(message or "")
                    break
            code = worker.end()
            if code or done or failed:
                told = f"the process ended with {code}" if code != -9 else f"it took {TIME} s"
                yield self._held_to_the_sound_one(turn, Outcome(done, wrong=[failed or told]))
                turn += 1

    def _held_to_the_sound_one(self, turn: int, outcome: Outcome) -> Changed:
        other = others(outcome.answers, self._expected[_which(turn)].answers)
        return Changed(f"{turn} ({outcome.done})", outcome, other)


def _which(turn: int) -> int:
    """Of which index a copy is made: of the small one (0), or of the large one."""
    return int(turn % LARGE_EVERY == 0)


def _ask_some(
    line: Connection, change: Change, sounds: list[Sound], path: str, first: int, end: int
) -> None:
    """Changes and asks one after the other, and tells of each."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, resource.RLIM_INFINITY))
    for turn in range(first, end):
        for left in Path(path).parent.glob("mutated.*"):
            left.unlink()
        sound = sounds[_which(turn)]
        shutil.copyfile(sound.path, path)
        outcome = Outcome(change(Path(path), random.Random(f"{SEED} {turn}")))
        line.send(outcome.done)
        times, rest = divmod(turn, MADE_AGAIN_EVERY)
        ask(Path(path), sound, outcome, [] if rest else [MADE_AGAIN[times % len(MADE_AGAIN)]])
        outcome.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        line.send(outcome)
