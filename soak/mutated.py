"""Indexes of which one thing was changed: the same answers as before, or an error that says what.

Each is asked and worked with in a process that may have but so much memory and time.
"""

from __future__ import annotations

import hashlib
import random
import resource
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from dedupe.config import Settings
from dedupe.errors import StoreError
from dedupe.index import open_index
from dedupe.index.rebuild import rebuilt
from soak.mutations import mutate
from soak.texts import START
from soak.varied import articles, stocked
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from dedupe.index import Index
    from soak.findings import Findings

SIZE = 3000
"""Indexes that are mutated."""
SEED = 71
HELD = 200
"""Articles of the sound index."""
AT_ONCE = 50
"""Indexes that one process asks, one after the other."""
MEMORY = 1 << 30
"""Bytes that it may take beyond what it has to begin with."""
TIME = 30
"""Seconds for one index."""
LONGEST_MESSAGE = 600
TOLD = "told"
"""In place of an answer: a StoreError."""
COMING = articles(8, HELD) + articles(6, HELD // 2)
"""Articles that are checked and admitted; the latter are replays, or were removed."""

Answers = dict[str, list[str]]


@dataclass
class Outcome:
    """What became of one index."""

    done: str = ""
    """How it was changed."""
    answers: Answers = field(default_factory=dict)
    """Of each call the answers, as digests, or TOLD."""
    wrong: list[str] = field(default_factory=list)
    """What was neither an answer nor an error as it should be."""
    noticed: bool = False
    """Whether ``verify`` told of anything, or the index was refused."""


def run(size: int, folder: Path, findings: Findings) -> None:
    """``size`` copies of a sound index, each mutated once."""
    findings.begin(f"{size:,} indexes of {HELD} articles, one thing changed in each")
    sound, path = folder / "sound.index", folder / "mutated.index"
    ids = stocked(sound, HELD)
    expected = Outcome()
    shutil.copyfile(sound, path)
    _asked(path, ids, expected)
    refused = [name for name, found in expected.answers.items() if TOLD in found]
    noticed = ["verify() tells of something"] * expected.noticed
    promise = "the sound one answers all, and verify() is clean"
    findings.hold(promise, [*expected.wrong, *noticed, *refused])
    broken: list[str] = []
    unnoticed: list[str] = []
    counts: Counter[str] = Counter()
    for turn, outcome in _outcomes(size, sound, path, ids):
        where = f"mutation {turn} ({outcome.done})"
        broken += [f"{where}: {wrong}" for wrong in outcome.wrong]
        told = any(TOLD in found for found in outcome.answers.values())
        other = _others(outcome.answers, expected.answers)
        counts["told by a call"] += told
        counts["told by verify(), or refused"] += outcome.noticed
        counts["answered otherwise, and verify() tells"] += bool(other) and outcome.noticed
        counts["answered otherwise, and verify() can't know"] += bool(other) and not outcome.noticed
        if told and not outcome.noticed:
            calls = [name for name, found in outcome.answers.items() if TOLD in found]
            unnoticed.append(f"{where}: told by {', '.join(calls)} alone")
        if other and not outcome.noticed:
            findings.say(f"  unnoticed: {where}: {', '.join(other)}")
    for name, count in sorted(counts.items()):
        findings.measure(name, count)
    findings.hold("no crash, hang, wish for memory, or error of another kind", broken)
    findings.hold("what a call stumbles over, verify() tells of", unnoticed)


def _others(found: Answers, expected: Answers) -> list[str]:
    """The calls that answered something else, and were not kept from it by an error before."""
    other = []
    for name, answers in found.items():
        wanted = expected[name]
        wrong = [a for a, b in zip(answers, wanted, strict=False) if a not in (TOLD, b)]
        if wrong or (len(answers) != len(wanted) and TOLD not in answers):
            other.append(name)
        if name in CHANGING and (wrong or TOLD in answers):
            break  # what comes after it follows from it
    return other


def _outcomes(
    size: int, sound: Path, path: Path, ids: Sequence[str]
) -> Iterator[tuple[int, Outcome]]:
    turn = 0
    while turn < size:
        worker = Worker(_ask_some, str(sound), str(path), ids, turn, min(size, turn + AT_ONCE))
        done = ""
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
                yield turn, message
                turn, done = turn + 1, ""
            elif message is None or isinstance(message, Failed):
                break
        code = worker.end()
        if code or done:
            told = f"the process ended with {code}" if code != -9 else f"it took {TIME} s"
            yield turn, Outcome(done, wrong=[told])
            turn += 1


def _ask_some(
    line: Connection, sound: str, path: str, ids: Sequence[str], first: int, end: int
) -> None:
    """Mutates and asks one after the other, and tells of each."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, resource.RLIM_INFINITY))
    for turn in range(first, end):
        for left in Path(path).parent.glob("mutated.*"):
            left.unlink()
        shutil.copyfile(sound, path)
        outcome = Outcome(mutate(Path(path), random.Random(f"{SEED} {turn}")))
        line.send(outcome.done)
        _asked(Path(path), ids, outcome)
        line.send(outcome)


def _asked(path: Path, ids: Sequence[str], outcome: Outcome) -> None:
    """Every call there is; those that only look first."""
    opened = _called("open", path, lambda: open_index(path, create=False), outcome)
    if opened is None:
        outcome.noticed = True
        return
    with opened as index:
        problems = _called("verify", path, lambda: list(index.verify()), outcome)
        outcome.noticed = problems is None or bool(problems)
        outcome.wrong += [f"verify: {one}" for one in problems or () if not _is_a_line(one)]
        for name, calls in {**_looking(index, ids), **_changing(index)}.items():
            outcome.answers[name] = [
                TOLD if (found := _called(name, path, call, outcome)) is None else _digest(found)
                for call in calls
            ]
        _called("verify", path, lambda: list(index.verify()), outcome)
    again = path.with_name("mutated.again")
    new = _called("rebuild", path, lambda: _rebuilt(path, again), outcome)
    outcome.answers["rebuild"] = [TOLD if new is None else _digest(new)]


def _called(name: str, path: Path, call: Callable[[], Any], outcome: Outcome) -> Any:
    """What a call returns; None where it is refused as it should be, or fails."""
    try:
        found = call()
    except StoreError as error:
        if isinstance(error.__cause__, MemoryError):
            outcome.wrong.append(f"{name}: {_told(error.__cause__)}")
        elif path.name not in str(error) or not _is_a_line(str(error)):
            outcome.wrong.append(f"{name}: says no more than {str(error)[:LONGEST_MESSAGE]!r}")
        return None
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        outcome.wrong.append(f"{name}: {_told(error)}")
        return None
    return "nothing" if found is None else found


def _is_a_line(message: str) -> bool:
    return len(message) <= LONGEST_MESSAGE and message.isprintable()


def _told(error: BaseException) -> str:
    frames = extract_tb(error.__traceback__)[-3:]
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__}: {str(error)[:200]} at {where}"


def _digest(found: object) -> str:
    return hashlib.blake2b(repr(found).encode(), digest_size=8).hexdigest()


def _looking(index: Index, ids: Sequence[str]) -> dict[str, list[Callable[[], Any]]]:
    """Calls that change nothing."""
    return {
        "stats": [lambda: replace(index.stats(), bytes=0)],
        "get": [lambda name=name: index.get(name) or "" for name in ids],
        "story": [lambda name=name: index.story(f"s{name}") for name in range(1, 60)],
        "check": [lambda one=one: index.check(one) for one in COMING],
        "check together": [lambda: index.check_many(COMING)],
        "stories": [lambda: list(index.stories())],
        "articles": [lambda: list(index.articles())],
        "last story": [index.last_story],
        "differences": [index.differences],
    }


CHANGING = ("admit", "revise", "remove", "expire", "compact")


def _changing(index: Index) -> dict[str, list[Callable[[], Any]]]:
    """Calls that change the index."""
    revised = [replace(one, text=f"{one.text} So it was.") for one in articles(4, 20)]
    before = START + timedelta(minutes=HELD // 3)
    return {
        "admit": [lambda one=one: index.admit(one) for one in COMING[:5]]
        + [lambda: index.admit_many(COMING[5:])],
        "revise": [lambda one=one: index.admit(one) for one in revised],
        "remove": [lambda name=name: index.remove(f"v{name}") for name in (50, 51, 52)],
        "expire": [lambda: index.expire(before)],
        "compact": [index.compact],
        "stories after": [lambda: [story.articles for story in index.stories()]],
    }


def _rebuilt(path: Path, again: Path) -> object:
    count = rebuilt(path, Settings(), again, lambda _: None)
    with open_index(again) as index:
        return count, list(index.verify())
