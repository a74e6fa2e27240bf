"""What the sections of the index benchmark work on, and the indexes that they share."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.child import Run, run
from benchmarks.index.files import copied, disk, removed, written_out
from benchmarks.index.kept import Kept, Record, clear, enter, kept, this_code
from benchmarks.index.runs.latency import WARM_UP
from benchmarks.index.stream import Stream, prepared
from benchmarks.rounds import Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

RUNS = Path(__file__).parent / "runs"
TURNS = 6
"""Turns of a round that take articles of their own, at most."""
BESIDE = 20_000
"""Articles for a process that admits beside another that expires."""
TEXTS, NO_TEXTS = "texts", "no-texts"


@dataclass(frozen=True, slots=True)
class Built:
    """An index that was made in batches of 1,000."""

    path: Path
    articles: int
    texts: str
    seconds: Sequence[float]
    """Of each batch."""
    disk: int
    """Bytes of its files."""
    origin: str = ""
    """Whether this run built it or an earlier one, in words; '' where none is kept."""
    earlier: bool = False
    """Whether an earlier run built it."""

    @property
    def name(self) -> str:
        """Such as ``Index of 100,000 without texts``."""
        return f"Index of {self.articles:,}{'' if self.texts == TEXTS else ' without texts'}"


@dataclass(slots=True)
class Job:
    """What was asked for on the command line, and what was made for it."""

    file: Path
    """JSON Lines, not compressed."""
    folder: Path
    """What ends with the run lies here."""
    keep: Path | None
    """What the next run may use again lies here; None where nothing is to outlast the run."""
    sizes: Sequence[int]
    """Articles of the indexes, ascending."""
    articles: int
    """Articles that are taken one at a time in each turn."""
    rounds: int
    peer_most: int
    """Articles up to which the peer is measured; 0 leaves it out."""
    labelled: Sequence[Path]
    say: Callable[[str], None]
    _built: dict[tuple[int, str], Built] = field(default_factory=dict)
    _stream: Stream | None = None
    _kept: Kept | None = None

    @property
    def step(self) -> int:
        """Articles of a turn: those of its warm-up, and those that are measured."""
        return WARM_UP + self.articles

    @property
    def reserved(self) -> int:
        """Articles after those of an index that turns may take."""
        return self.step * self.rounds * TURNS

    @property
    def stream(self) -> Stream:
        """Articles for the largest index and for all that comes after."""
        if self._stream is None:
            size = max(self.sizes) + self.reserved + BESIDE + 1
            if self.keep is None:
                self.say("making the stream of articles")
                self._stream = prepared(self.file, size, self.folder)
            else:
                self._kept = kept(self.file, size, self.keep, self.say)
                self._stream = self._kept.stream
        return self._stream

    def built(self, size: int, texts: str = TEXTS) -> Built:
        """The index of so many articles, made when it is first asked for.

        Whoever is about to change it asks for it by ``lent``, or makes a copy.
        """
        if (size, texts) not in self._built:
            path = self.stream.folder / f"{size}-{texts}.index"
            if self._kept is None:
                self._built[size, texts] = self._made(path, size, texts)
            else:
                self._built[size, texts] = self._found(self._kept, path, size, texts)
        return self._built[size, texts]

    def _made(self, path: Path, size: int, texts: str) -> Built:
        self.say(f"an index of {size:,} articles, {texts}")
        found = told("build", path, str(size), texts, *self.stream.rounds)[0]
        return Built(path, size, texts, found["seconds"], disk(path))

    def _found(self, shelf: Kept, path: Path, size: int, texts: str) -> Built:
        """An index that is kept, or else is made and kept from now on."""
        record = shelf.find(path, size, texts)
        if record is not None:
            self.say(f"an index of {size:,} articles, {texts}, {record.origin}")
            return Built(path, size, texts, record.seconds, record.disk, record.origin, True)
        clear(path)
        maker = this_code()  # before it is built: the code may change while that takes its time
        built = self._made(path, size, texts)
        enter(path, Record(shelf.input(size, texts), maker, built.seconds, built.disk))
        return replace(built, origin="built in this run")

    @contextmanager
    def lent(self, size: int) -> Iterator[Path]:
        """The index of so many articles, to be changed: a copy where it is kept as it was built.

        Articles that follow those of the index are new to it the first time only. Where nothing
        is kept that is once a run.
        """
        path = self.built(size).path
        if self.keep is None:
            yield path
            return
        copy = self.folder / f"lent-{path.name}"
        try:
            yield written_out(copied(path, copy))
        finally:
            removed(copy)

    def cut(self, first: int, count: int) -> Path:
        """A file of articles of the stream."""
        target = self.stream.folder / f"cut-{first}-{count}.jsonl"
        if not target.exists():
            # In one step: where it is kept, what was cut short would be taken for all of it.
            self.stream.cut(first, count, target.with_suffix(".new")).replace(target)
        return target


def origins(indexes: Iterable[Built]) -> str:
    """For each index whether this run built it or an earlier one; '' where none is kept."""
    return " ".join(f"{index.name}: {index.origin}." for index in indexes if index.origin)


def note(*sentences: str) -> str:
    """What there is to say beneath a table."""
    return " ".join(sentence for sentence in sentences if sentence)


def told(name: str, *arguments: str | Path) -> tuple[dict[str, Any], Run]:
    """Runs one of the scripts of ``runs`` and reads what it printed."""
    finished = run([sys.executable, RUNS / f"{name}.py", *arguments])
    return orjson.loads(finished.output), finished


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least this share of the values keeps to (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * round(share * 1000) // 1000) - 1)]


def milliseconds(values: Sequence[float]) -> str:
    """Figures in seconds of several rounds: their median in ms, with the least and the most."""
    return Spread.of([value * 1e3 for value in values]).shown(2)


@dataclass(frozen=True, slots=True)
class Turn:
    """Articles taken one at a time by one process."""

    seconds: Sequence[float]
    whole: float
    copies: int
    peak: int

    @property
    def rate(self) -> float:
        """Articles a second."""
        return len(self.seconds) / self.whole


def turn(name: str, *arguments: str | Path) -> Turn:
    """One turn of a script that takes articles one at a time."""
    found, finished = told(name, *arguments)
    return Turn(found["seconds"], found["whole"], found["copies"], finished.peak)


def cells(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Articles a second, p50, p99 and most ms, peak MB, copies in 100."""
    return (
        Spread.of([t.rate for t in turns]).shown(0),
        milliseconds([percentile(t.seconds, 0.5) for t in turns]),
        milliseconds([percentile(t.seconds, 0.99) for t in turns]),
        f"{max(max(t.seconds) for t in turns) * 1e3:,.1f}",
        f"{median(t.peak for t in turns) / 1e6:,.0f}",
        f"{sum(t.copies for t in turns) / sum(len(t.seconds) for t in turns):.1%}",
    )
