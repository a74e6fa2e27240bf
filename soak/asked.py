"""Every call of an index that may be damaged, and what became of each: an answer, or an error."""

from __future__ import annotations

import hashlib
import shutil
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from dedupe.config import Settings
from dedupe.errors import StoreError
from dedupe.index import open_index
from dedupe.index.exchange import export_lines
from dedupe.index.rebuild import rebuilt
from dedupe.index.salvage import salvaged
from soak.texts import START
from soak.varied import stocked

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from dedupe.index import Index
    from soak.varied import Stock

SLOW = 5
"""Seconds of the processor for one call."""
LONGEST_MESSAGE = 600
TOLD = "told"
"""In place of an answer: a StoreError."""
CHANGING = ("admit", "revise", "remove", "expire", "compact")
"""Calls that change the index, in this order."""
MADE_AGAIN = ("rebuild", "salvage")
"""Ways to make an index of another. They cost nearly as much as all else."""

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
    slowest: float = 0.0
    """Seconds of the processor that the slowest call took."""
    longest: float = 0.0
    """Seconds by the clock that a call took at most: what it waited for counts, too."""
    memory: int = 0
    """Bytes that its process had taken at most by then."""

    @property
    def told(self) -> bool:
        """Whether a call was refused."""
        return any(TOLD in found for found in self.answers.values())


@dataclass(frozen=True)
class Sound:
    """An index that is sound, copies of which are changed."""

    path: Path
    ids: Sequence[str]
    stock: Stock


def made(path: Path, stock: Stock) -> Sound:
    """Makes a sound index at ``path``."""
    return Sound(path, stocked(path, stock), stock)


def expected(sound: Sound, path: Path) -> Outcome:
    """What the sound one answers, of which a copy is made at ``path``."""
    outcome = Outcome()
    shutil.copyfile(sound.path, path)
    ask(path, sound, outcome, MADE_AGAIN)
    return outcome


def ask(path: Path, sound: Sound, outcome: Outcome, made_again: Collection[str]) -> None:
    """Every call there is, of a changed copy at ``path``; those that only look first.

    ``made_again`` says how an index is made of it in the end, see MADE_AGAIN.
    """
    opened = _called("open", path, lambda: open_index(path, create=False), outcome)
    if opened is None:
        outcome.noticed = True
        _salvaged(path, outcome)
        return
    with opened as index:
        problems = _called("verify", path, lambda: list(index.verify()), outcome)
        outcome.noticed = problems is None or bool(problems)
        outcome.wrong += [f"verify: {one}" for one in problems or () if not _is_a_line(one)]
        for name, calls in {**_looking(index, sound), **_changing(index, sound.stock)}.items():
            outcome.answers[name] = [
                TOLD if (found := _called(name, path, call, outcome)) is None else _digest(found)
                for call in calls
            ]
        _called("verify", path, lambda: list(index.verify()), outcome)
    if "rebuild" in made_again:
        again = path.with_name("mutated.again")
        new = _called("rebuild", path, lambda: _rebuilt(path, again), outcome)
        outcome.answers["rebuild"] = [TOLD if new is None else _digest(new)]
    if "salvage" in made_again:
        _salvaged(path, outcome)


def others(found: Answers, wanted: Answers) -> list[str]:
    """The calls that answered something else, and were not kept from it by an error before."""
    other = []
    for name, answers in found.items():
        if name in CHANGING and TOLD in answers:  # what was to come after it follows from it
            answers = answers[: answers.index(TOLD) + 1]  # noqa: PLW2901 - the same, cut
        wrong = [a for a, b in zip(answers, wanted[name], strict=False) if a not in (TOLD, b)]
        if wrong or (len(answers) != len(wanted[name]) and TOLD not in answers):
            other.append(name)
        if name in CHANGING and (wrong or TOLD in answers):
            break  # what comes after it follows from it
    return other


def _salvaged(path: Path, outcome: Outcome) -> None:
    """What is sound of it becomes an index that is sound, or it is told why not."""
    new = path.with_name("mutated.salvaged")

    def taken_over() -> list[str]:
        salvaged(path, new, lambda _: None)
        with open_index(new) as index:
            return list(index.verify())

    problems = _called("salvage", path, taken_over, outcome) or ()
    outcome.wrong += [f"salvage: {one}" for one in problems if one != "nothing"]


def _called(name: str, path: Path, call: Callable[[], Any], outcome: Outcome) -> Any:
    """What a call returns; None where it is refused as it should be, or fails."""
    began, before = time.monotonic(), time.process_time()
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
    finally:
        took = time.process_time() - before
        outcome.slowest = max(outcome.slowest, took)
        outcome.longest = max(outcome.longest, time.monotonic() - began)
        outcome.wrong += [f"{name}: took {took:.0f} s of the processor"] * (took > SLOW)
    return "nothing" if found is None else found


def _is_a_line(message: str) -> bool:
    return len(message) <= LONGEST_MESSAGE and message.isprintable()


def _told(error: BaseException) -> str:
    frames = extract_tb(error.__traceback__)[-3:]
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__}: {str(error)[:200]} at {where}"


def _digest(found: object) -> str:
    return hashlib.blake2b(repr(found).encode(), digest_size=8).hexdigest()


def _looking(index: Index, sound: Sound) -> dict[str, list[Callable[[], Any]]]:
    """Calls that change nothing."""
    coming, alone = sound.stock.articles(sound.stock.coming), sound.stock.alone
    stories = range(1, len(sound.ids) // 2)
    return {
        "stats": [lambda: replace(index.stats(), bytes=0)],
        "get": [lambda name=name: index.get(name) or "" for name in sound.ids],
        "story": [lambda name=name: index.story(f"s{name}") for name in stories],
        "check": [lambda one=one: index.check(one) for one in coming[:alone]],
        "check together": [lambda: index.check_many(coming)],
        "stories": [lambda: list(index.stories())],
        "articles": [lambda: list(index.articles())],
        "export": [lambda: list(export_lines(index))],
        "last story": [index.last_story],
        "differences": [index.differences],
    }


def _changing(index: Index, stock: Stock) -> dict[str, list[Callable[[], Any]]]:
    """Calls that change the index."""
    held, coming = stock.articles(stock.held), stock.articles(stock.coming)
    revised = [replace(one, text=f"{one.text} So it was.") for one in held[20:22]]
    before = START + timedelta(minutes=stock.held[len(held) // 3])
    return {
        "admit": [lambda one=one: index.admit(one) for one in coming[: stock.alone]]
        + [lambda: index.admit_many(coming[stock.alone :])],
        "revise": [lambda one=one: index.admit(one) for one in revised],
        "remove": [lambda one=one: index.remove(one.id) for one in held[10:12]],
        "expire": [lambda: index.expire(before)],
        "compact": [index.compact],
        "stories after": [lambda: [story.articles for story in index.stories()]],
    }


def _rebuilt(path: Path, again: Path) -> object:
    count = rebuilt(path, Settings(), again, lambda _: None)
    with open_index(again) as index:
        return count, list(index.verify())
