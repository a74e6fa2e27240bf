"""A full disk: nothing of the call that failed is kept, all that was before it is."""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from dedupe.errors import FullError, StoreError
from dedupe.index import open_index
from soak.attempts import Refused, Terms, admitted, command
from soak.texts import START, News
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from multiprocessing.connection import Connection

    from dedupe.index import Index
    from soak.findings import Findings

SEED = 41
STOCK = 100
"""Articles that are in the index before."""
MORE = 600
"""Articles that come, of which not all have room."""
TOGETHER = 50
DISK = 12 << 20
"""Bytes of the disk that is filled."""
ROOM = (1 << 10, 2 << 20)
"""Bytes that are left on it, from and to."""


@dataclass(frozen=True)
class Place:
    """Where an index lies that has little room to grow."""

    name: str
    path: Path
    terms: Terms
    make_room: Callable[[], None]


def run(size: int, folder: Path, findings: Findings) -> None:
    """``size`` disks without room, and as many files that may not grow."""
    findings.begin("files that may not grow beyond a limit")
    _shown([_limited(folder, turn) for turn in range(size)], findings)
    _on_with_the_same(folder, findings)
    _no_room_at_birth(folder, findings)
    findings.begin(f"a disk of {DISK >> 20} MiB")
    with _disk(folder / "disk") as why_not:
        if why_not:
            findings.leave_out("a disk that is full", why_not)
        else:
            _shown((_filled(folder / "disk", turn) for turn in range(size)), findings)


def _stocked(path: Path) -> None:
    with open_index(path) as index:
        index.admit_many(News(SEED).articles(0, STOCK))


def _limited(folder: Path, turn: int) -> Place:
    path = folder / f"limited {turn}.index"
    _stocked(path)
    room = random.Random(f"{SEED} {turn}").randint(*ROOM)
    # The log begins anew: it is what meets the limit, and the file where the log is moved into it.
    limit = room if turn % 2 else path.stat().st_size + room
    return Place(f"limit of {limit:,} bytes", path, Terms(file_bytes=limit), lambda: None)


def _filled(disk: Path, turn: int) -> Place:
    for old in disk.iterdir():
        old.unlink()
    path, filler = disk / "news.index", disk / "filler"
    _stocked(path)
    room = random.Random(f"{SEED} disk {turn}").randint(*ROOM)
    filler.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - room)))
    return Place(f"{room:,} bytes are left", path, Terms(), filler.unlink)


@contextmanager
def _disk(folder: Path) -> Iterator[str]:
    """A small disk in memory; gives why there can be none here, or nothing."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        yield "mounting one needs the rights of root"
        return
    try:
        yield ""
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _shown(places: list[Place] | Iterator[Place], findings: Findings) -> None:
    wrong: list[str] = []
    kept: list[int] = []
    message = ""
    for turn, place in enumerate(places):
        path = str(place.path)
        if turn % 3 == 2:
            found, count = _filtered(place)
        else:
            found, count, message = _admitted(place, message)
        kept.append(count)
        place.make_room()
        found += _goes_on(path)
        wrong += [f"{place.name}: {what}" for what in found]
    findings.measure("admitted while there was room", sum(kept), "articles")
    findings.hold("no room: told, all that was acknowledged is there, and it goes on", wrong)
    findings.begin(f"    FullError: {message}")


def _admitted(place: Place, message: str) -> tuple[list[str], int, str]:
    from soak.faults import untold

    ids, end = admitted(str(place.path), list(News(SEED).articles(STOCK, MORE)), place.terms)
    wrong = untold(end, (FullError,), str(place.path))
    if isinstance(end, Refused):
        message = end.message.replace(str(place.path), place.path.name)
    return wrong + _lost(place.path, STOCK + len(ids), at_once=1), len(ids), message


def _filtered(place: Place) -> tuple[list[str], int]:
    source = place.path.parent.parent / "coming.jsonl"
    with source.open("wb") as out:
        for article in News(SEED).articles(STOCK, MORE):
            line = {"id": article.id, "title": article.title, "text": article.text}
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    options = ("--index", str(place.path), "--mode", "verdict", "--batch", str(TOGETHER))
    ended = command(("filter", *options, str(source)), place.terms)
    lines = ended.errors.splitlines()
    told = ended.code == 2 and len(lines) == 1 and "no space is left" in ended.errors
    wrong = [] if told else [f"dedupe filter ended with {ended.code}: {ended.errors!r}"]
    answered = len(ended.out.splitlines())
    next_line = f"coming.jsonl:{answered + 1} is the first line without an answer"
    if told and next_line not in ended.errors:
        wrong.append(f"after {answered} answers it said {ended.errors!r}")
    return wrong + _lost(place.path, STOCK + answered, at_once=TOGETHER), answered


def _lost(path: Path, count: int, *, at_once: int) -> list[str]:
    """What is wrong while there is no room yet: it is read without writing."""
    with open_index(path, create=False, read_only=True) as index:
        held = {found.article.id for found in index.articles()}
        wrong = list(index.verify())
    gone = [f"n{number} is gone" for number in range(count) if f"n{number}" not in held]
    if len(held) - count not in (0, at_once):  # a commit that could not be told of
        wrong.append(f"{count:,} were acknowledged, {len(held):,} are there")
    return gone + wrong


def _goes_on(path: str) -> list[str]:
    """What is wrong once there is room again."""
    with open_index(path, create=False) as index:
        held = index.stats().articles
        told = index.admit_many(News(SEED).articles(0, held + 5))
        again = sum(verdict.replayed for verdict in told)
        wrong = list(index.verify())
    return wrong + ([f"{again:,} of {held:,} were replayed"] if again != held else [])


def _on_with_the_same(folder: Path, findings: Findings) -> None:
    path = folder / "same object.index"
    _stocked(path)
    worker = Worker(until_full, str(path), START.replace(year=START.year + 1))
    told = list(worker.messages())
    worker.end()
    findings.hold_true(
        "an index that met the limit goes on by the same object once it is lifted",
        told == ["sound"] * len(CALLS),
        "; ".join(map(str, told)),
    )


def _many(index: Index, first: int, _: datetime) -> None:
    index.admit_many(News(SEED).articles(first, MORE))


def _remove(index: Index, first: int, _: datetime) -> None:
    for number in range(first):
        index.remove(f"n{number}")


def _expire(index: Index, _: int, before: datetime) -> None:
    index.expire(before)


def _compact(index: Index, _: int, __: datetime) -> None:
    index.compact()


CALLS: tuple[Callable[[Index, int, datetime], None], ...] = (_many, _remove, _expire, _compact)


def until_full(line: Connection, path: str, before: datetime) -> None:
    """Tells of each call that met the limit, and was repeated, whether the index is sound."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_index(path) as index:
        for call in CALLS:
            resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, most))
            told = f"{call.__name__} met no limit"
            before_call = {found.article.id for found in index.articles()}
            try:
                call(index, STOCK, before)
            except FullError:
                after_call = {found.article.id for found in index.articles()}
                halves = call is _many and before_call != after_call
                told = "not all or nothing" if halves else "sound"
            except StoreError as error:
                told = f"{call.__name__}: {type(error).__name__}: {error}"
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            call(index, STOCK, before)
            problems = list(index.verify())
            line.send(f"{call.__name__}: {problems}" if problems else told)


def _no_room_at_birth(folder: Path, findings: Findings) -> None:
    wrong: list[str] = []
    for limit in (0, 1000, 8192, 9000, 30_000, 70_000):
        path = folder / f"born {limit}.index"
        article = News(SEED).article(0)
        ids, end = admitted(str(path), [article], Terms(file_bytes=limit))
        if ids or isinstance(end, Failed) or (end and end.kind is not FullError):
            wrong.append(f"limit of {limit}: {ids} {end}")
        ids, end = admitted(str(path), [article], Terms())
        wrong += [] if ids else [f"limit of {limit}, lifted: {end}"]
    findings.hold("an index that had no room to be made is made once there is", wrong)
