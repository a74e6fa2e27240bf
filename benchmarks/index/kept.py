"""What outlasts a run: the rounds and cuts of a stream, and indexes as they were just built.

The kept folder holds a folder for each stream, named after the content of its file and its number
of rounds, on which the texts of all rounds but the first depend. What is made there counts from
when its record lies beside it, which is written last and in one step: what a run that was cut
short left behind is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.child import BenchmarkError
from benchmarks.index.files import disk, removed
from benchmarks.index.stream import Stream, prepared, rounds_for
from benchmarks.machine import installed
from dedupe.config import ALGORITHM_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DIGITS = 12
"""Of a file's digest, in the name of a folder; its record holds all of them."""
STREAM = "stream.json"
PACKAGE = "story-dedupe"


@dataclass(frozen=True, slots=True)
class Record:
    """What is told of an index once it was built and closed."""

    input: dict[str, str | int]
    """Of what it was built: the file's SHA-256, the stream's rounds, articles, texts, algorithm."""
    maker: dict[str, str]
    """What built it, and when: the package's version, the commit where there is one, the day."""
    seconds: Sequence[float]
    """Of each batch."""
    disk: int
    """Bytes of its files."""

    @property
    def origin(self) -> str:
        """What built it, in words."""
        by = f"{PACKAGE} {self.maker['version']}"
        commit = f", commit {self.maker['commit']}" if self.maker["commit"] else ""
        return f"kept from an earlier run (built on {self.maker['day']} by {by}{commit})"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one stream."""

    stream: Stream
    digest: str
    """SHA-256 of the file that the stream was made of."""

    def input(self, articles: int, texts: str) -> dict[str, str | int]:
        """What an index is built of, as its record tells it."""
        rounds = len(self.stream.rounds)
        made = {"digest": self.digest, "rounds": rounds, "articles": articles, "texts": texts}
        return {**made, "algorithm": ALGORITHM_VERSION}

    def find(self, path: Path, articles: int, texts: str) -> Record | None:
        """The record of the index at ``path``, where it lies there whole and is of this input."""
        try:
            record = Record(**_read(path.with_suffix(".json")))
        except TypeError:
            return None
        sound = record.input == self.input(articles, texts) and record.disk == disk(path)
        return record if sound else None


def clear(path: Path) -> None:
    """Makes room for an index. An old record goes first, lest it should be told of the next."""
    path.with_suffix(".json").unlink(missing_ok=True)
    removed(path)


def enter(path: Path, record: Record) -> None:
    """Records an index that was built and closed."""
    _write(path.with_suffix(".json"), asdict(record))


def kept(file: Path, size: int, folder: Path, say: Callable[[str], None]) -> Kept:
    """The shortest stream of a file that is kept and has ``size`` articles, else one newly made."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    streams = [_stream(place, digest) for place in folder.glob(f"{digest[:DIGITS]}-*")]
    enough = [found for found in streams if found and found.length * len(found.rounds) >= size]
    if enough:
        say("the stream of articles is kept from an earlier run")
        return Kept(min(enough, key=lambda found: len(found.rounds)), digest)
    say("making the stream of articles")
    return Kept(_made(file, size, folder, digest), digest)


def _made(file: Path, size: int, folder: Path, digest: str) -> Stream:
    with file.open("rb") as lines:
        rounds = rounds_for(sum(1 for _ in lines), size)
    place = folder / f"{digest[:DIGITS]}-{rounds}"
    place.mkdir(exist_ok=True)
    (place / STREAM).unlink(missing_ok=True)
    stream = prepared(file, size, place)
    sizes = {path.name: path.stat().st_size for path in stream.rounds}
    _write(place / STREAM, {"digest": digest, "length": stream.length, "rounds": sizes})
    return stream


def _stream(place: Path, digest: str) -> Stream | None:
    """The stream of a folder, where it is whole and of this file."""
    record = _read(place / STREAM)
    if record.get("digest") != digest:
        return None
    sizes = {place / name: size for name, size in record["rounds"].items()}
    whole = all(path.exists() and path.stat().st_size == size for path, size in sizes.items())
    return Stream(tuple(sizes), record["length"]) if whole else None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds a kept folder, made where there is none, so that no other run builds in it meanwhile.

    Raises BenchmarkError where one does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        _lock(held, folder)
        yield
    finally:
        os.close(held)


def _lock(held: int, folder: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BenchmarkError(
            f"another run keeps its indexes in {folder}; wait for its end, or name another folder"
        ) from None


def this_code() -> dict[str, str]:
    """The maker of an index that is built now."""
    today = datetime.now(UTC).date().isoformat()
    return {"version": installed(PACKAGE), "commit": _commit(), "day": today}


def _commit() -> str:
    """The commit of this work tree, and whether it was changed since; '' where none is known."""
    # Another's work on the same tree isn't to meet a lock of ours, nor is a tag to be told for it.
    words = ["git", "--no-optional-locks", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        said = subprocess.run(
            words, cwd=Path(__file__).parent, capture_output=True, check=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.stdout.strip()


def _read(path: Path) -> dict[str, Any]:
    """A record; empty where there is none that can be read."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, record: dict[str, Any]) -> None:
    waiting = path.with_suffix(".new")
    waiting.write_bytes(orjson.dumps(record, option=orjson.OPT_INDENT_2))
    waiting.replace(path)
