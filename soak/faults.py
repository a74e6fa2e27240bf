"""An index that cannot be used, or not be written: what is told, and what becomes of the data."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from dedupe.errors import (
    BusyError,
    DamagedError,
    NotAnIndexError,
    ReadOnlyError,
    StoreError,
)
from dedupe.index import open_index
from soak import damage, full
from soak.attempts import Refused, Terms, admitted, command
from soak.behind import connected
from soak.texts import News
from soak.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from soak.findings import Findings

SIZE = 200
"""Damaged files that are opened. Of other faults there are so many as are listed here."""
PATIENCE = 0.3
"""Seconds, of those who meet a lock."""
SEED = 37
CUTS = (1, 50, 99, 100, 4096, 0.25, 0.5, 0.9, -8192, -1)
"""Lengths to which an index is cut: bytes, a share of the whole, or so many bytes less."""
LONGEST_MESSAGE = 400


@dataclass(frozen=True)
class Case:
    """An index, or what is taken for one, that can't be written, or not even be read."""

    name: str
    path: Path
    kinds: tuple[type[StoreError], ...]
    """What those who would write are told, one of these."""
    terms: Terms = field(default_factory=Terms)
    readable: bool = False
    """Whether it can be read all the same."""
    waits: bool = False
    """Whether a command without patience of its own would wait for long."""


def run(size: int, folder: Path, findings: Findings) -> None:
    """Every fault there is; ``size`` is how many damaged files are opened."""
    sound = stocked(folder)
    foreign(folder, findings)
    cut(sound, folder, CUTS, findings)
    protected(sound, folder, findings)
    locked(sound, folder, findings)
    full.run(size // 20, folder, findings)
    damage.run(size, sound, folder, findings)


def stocked(folder: Path) -> Path:
    """A sound index with some articles."""
    path = folder / "sound.index"
    with open_index(path) as index:
        index.admit_many(damage.NEWS.articles(0, damage.HELD))
    return path


def foreign(folder: Path, findings: Findings) -> None:
    """Files that are no index."""
    findings.begin("a file that is no index")
    for case in _foreign(folder):
        _refused(case, findings)
    _emptied(folder, findings)


def cut(sound: Path, folder: Path, cuts: Sequence[float], findings: Findings) -> None:
    """The beginning of an index alone."""
    findings.begin("an index that was cut")
    for case in _cut(sound, folder, cuts):
        _refused(case, findings)


def protected(sound: Path, folder: Path, findings: Findings) -> None:
    """An index whose permissions are in the way."""
    findings.begin("an index that may not be written")
    for case in _protected(sound, folder):
        _refused(case, findings)


def own_folder(folder: Path, name: str) -> Path:
    """A folder for one case, so that all that it leaves behind is seen."""
    made = folder / name.replace(" ", "-")
    made.mkdir()
    return made


def _foreign(folder: Path) -> Iterator[Case]:
    draw = random.Random(SEED)
    for name, content in (
        ("a text", b"It rained all week, and the hills are green again.\n" * 100),
        ("random bytes", draw.randbytes(50_000)),
        ("a short text", b"news"),
        ("JSON Lines", b'{"id": "a", "text": "b c d"}\n' * 50),
    ):
        path = own_folder(folder, name) / "news.index"
        path.write_bytes(content)
        yield Case(name, path, (NotAnIndexError,))
    path = own_folder(folder, "another database") / "news.index"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE article (id TEXT, text TEXT)")
        database.execute("INSERT INTO article VALUES ('a', 'b c d')")
    yield Case("another database", path, (NotAnIndexError,))
    path = own_folder(folder, "a folder") / "news.index"
    path.mkdir()
    yield Case("a folder", path, (NotAnIndexError,))
    path = own_folder(folder, "a named pipe") / "news.index"
    os.mkfifo(path)
    yield Case("a named pipe", path, (NotAnIndexError,))
    yield Case("no such folder", folder / "missing" / "news.index", (StoreError, NotAnIndexError))


def _cut(sound: Path, folder: Path, cuts: Sequence[float]) -> Iterator[Case]:
    whole = sound.stat().st_size
    for place in cuts:
        length = int(whole * place) if isinstance(place, float) else place % whole
        path = own_folder(folder, f"cut to {length}") / "news.index"
        shutil.copyfile(sound, path)
        os.truncate(path, length)
        yield Case(f"cut to {length:,} of {whole:,} bytes", path, (DamagedError, NotAnIndexError))


def _protected(sound: Path, folder: Path) -> Iterator[Case]:
    for name, of_file, of_folder in (
        ("a file for reading only", 0o444, 0o755),
        ("a folder for reading only", 0o644, 0o555),
        ("both for reading only", 0o444, 0o555),
        ("a file that may not be read", 0o000, 0o755),
    ):
        path = own_folder(folder, name) / "news.index"
        shutil.copyfile(sound, path)
        path.chmod(of_file)
        path.parent.chmod(of_folder)
        terms = Terms(ordinary=True)
        yield Case(name, path, (ReadOnlyError,), terms, readable=bool(of_file))
        path.parent.chmod(0o755)


def locked(sound: Path, folder: Path, findings: Findings) -> None:
    """An index that another process is about to write, or has for itself."""
    findings.begin("an index that another has locked")
    for name, whole in (("another writes", False), ("another has it for itself", True)):
        path = own_folder(folder, name) / "news.index"
        shutil.copyfile(sound, path)
        with held(path, whole=whole):
            case = Case(name, path, (BusyError,), Terms(PATIENCE), not whole, waits=whole)
            _refused(case, findings)
        ids, end = admitted(str(path), [News(SEED).alone(2)], Terms(PATIENCE))
        findings.hold_true(f"{name}: afterwards all is as ever", len(ids) == 1 and not end, end)
        findings.hold(f"{name}: all articles are there", missing(path, damage.HELD))


@contextmanager
def held(path: Path, *, whole: bool) -> Iterator[None]:
    """Another process' lock, on writing or on the ``whole`` file."""
    other = Worker(hold, str(path), whole)
    other.line.recv()
    yield
    other.line.send("enough")
    other.end()


def hold(line: Connection, path: str, whole: bool) -> None:  # noqa: FBT001
    """Holds a lock until it is told that it was enough."""
    with closing(connected(path, isolation_level=None)) as database:
        if whole:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        line.send("locked")
        line.recv()
        database.execute("ROLLBACK")


def missing(path: Path, articles: int) -> list[str]:
    """What is wrong with an index of the first so many articles, and maybe others."""
    wanted = (f"n{number}" for number in range(articles))
    with open_index(path, create=False) as index:
        gone = [f"{name} is gone" for name in wanted if index.get(name) is None]
        return [*gone, *index.verify()]


def _refused(case: Case, findings: Findings) -> None:
    source = case.path.parent.with_suffix(".jsonl")
    source.write_bytes(orjson.dumps({"id": "one", "text": News(SEED).alone(1).text}) + b"\n")
    before = _contents(case.path.parent)
    ids, end = admitted(str(case.path), [News(SEED).alone(1)], case.terms)
    wrong = [f"{ids} was admitted"] if ids else []
    wrong += untold(end, case.kinds, str(case.path))
    patience = ("--patience", str(case.terms.patience))
    filtered = ("filter", "--index", str(case.path), *patience, str(source))
    wrong += unended(filtered, case.terms, fails=True)
    if not case.waits:
        stats = ("index", "stats", str(case.path))
        wrong += unended(stats, case.terms, fails=not case.readable)
    if (after := _contents(case.path.parent)) != before:
        wrong.append(f"the folder held {_sizes(before)}, and holds {_sizes(after)}")
    findings.hold(f"{case.name}: told, and left as it is", wrong)
    if isinstance(end, Refused):
        told = end.message.replace(str(case.path), case.path.name)
        findings.begin(f"    {end.kind.__name__}: {told}")


def untold(end: object, kinds: tuple[type[StoreError], ...], path: str) -> list[str]:
    """What is wrong with how the library told of a fault."""
    if not isinstance(end, Refused):
        return [f"ended with: {end}"]
    wrong = [] if issubclass(end.kind, kinds) else [f"a {end.kind.__name__}: {end.message}"]
    return wrong + implain(end.message, path)


def implain(message: str, path: str) -> list[str]:
    """What keeps a message from being one plain line that names the file and what to do."""
    plain = message.isprintable() and len(message.replace(path, "")) < LONGEST_MESSAGE
    advised = any(mark in message.replace(path, "")[2:] for mark in (";", ":", ","))
    return [] if plain and advised and path in message else [f"the message is {message!r}"]


def unended(arguments: tuple[str, ...], terms: Terms, *, fails: bool) -> list[str]:
    """What is wrong with how a command ended."""
    ended = command(arguments, terms)
    name = " ".join(arguments[:2])
    if not fails:
        good = ended.code == 0 and ended.out and not ended.errors
        return [] if good else [f"{name}: ended with {ended.code}: {ended.errors}"]
    lines = ended.errors.splitlines()
    good = ended.code == 2 and len(lines) == 1 and lines[0].startswith("dedupe: ")
    good = good and "mistake of its own" not in ended.errors
    return [] if good else [f"{name}: ended with {ended.code}, and said {ended.errors!r}"]


def _emptied(folder: Path, findings: Findings) -> None:
    """An empty file becomes an index for those who may make one, and is none for the others."""
    path = own_folder(folder, "empty") / "news.index"
    path.touch()
    _, end = admitted(str(path), [News(SEED).alone(1)], Terms(), create=False)
    wrong = untold(end, (NotAnIndexError,), str(path))
    wrong += unended(("index", "stats", str(path)), Terms(), fails=True)
    wrong += [f"it grew to {size}" for size in (path.stat().st_size,) if size]
    findings.hold("an empty file: told, and left as it is", wrong)
    ids, end = admitted(str(path), [News(SEED).alone(1)], Terms())
    findings.hold("an empty file: made an index where one may be made", [end] if not ids else [])


def _contents(folder: Path) -> dict[str, bytes]:
    """What lies in a folder; the files by which processes speak of locks are no content.

    To be asked of files that this process has not open: closing one drops its locks (fcntl(2)).
    """
    if not folder.exists():
        return {}
    files = (path for path in sorted(folder.iterdir()) if path.is_file())
    kept = (path for path in files if not path.name.endswith("-shm"))
    return {path.name: path.read_bytes() for path in kept if path.stat().st_size}


def _sizes(contents: dict[str, bytes]) -> str:
    told = [f"{name} of {len(data):,} bytes" for name, data in contents.items()]
    return ", ".join(told) or "nothing"
