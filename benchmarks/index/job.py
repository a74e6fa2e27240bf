"""What the sections of the index benchmark work on, and the indexes that they share."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.child import Run, run
from benchmarks.index.runs.latency import WARM_UP
from benchmarks.index.stream import Stream, prepared
from benchmarks.rounds import Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RUNS = Path(__file__).parent / "runs"
TURNS = 3
"""Turns of a round that take articles of their own, at most."""
BESIDE = 20_000
"""Articles for a process that admits beside another that expires."""
TEXTS, NO_TEXTS = "texts", "no-texts"


@dataclass(frozen=True, slots=True)
class Built:
    """An index that was made in batches of 1,000."""

    path: Path
    articles: int
    seconds: Sequence[float]
    """Of each batch."""
    disk: int
    """Bytes of its files."""


@dataclass(slots=True)
class Job:
    """What was asked for on the command line, and what was made for it."""

    file: Path
    """JSON Lines, not compressed."""
    folder: Path
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
            self.say("making the stream of articles")
            size = max(self.sizes) + self.reserved + BESIDE + 1
            self._stream = prepared(self.file, size, self.folder)
        return self._stream

    def built(self, size: int, texts: str = TEXTS) -> Built:
        """The index of so many articles, made when it is first asked for."""
        if (size, texts) not in self._built:
            self.say(f"an index of {size:,} articles, {texts}")
            path = self.folder / f"{size}-{texts}.index"
            found = told("build", path, str(size), texts, *self.stream.rounds)[0]
            self._built[size, texts] = Built(path, size, found["seconds"], disk(path))
        return self._built[size, texts]

    def cut(self, first: int, count: int) -> Path:
        """A file of articles of the stream."""
        return self.stream.cut(first, count, self.folder / f"cut-{first}-{count}.jsonl")


def told(name: str, *arguments: str | Path) -> tuple[dict[str, Any], Run]:
    """Runs one of the scripts of ``runs`` and reads what it printed."""
    finished = run([sys.executable, RUNS / f"{name}.py", *arguments])
    return orjson.loads(finished.output), finished


def disk(path: Path) -> int:
    """Bytes of a file and of those that lie beside it under its name."""
    return sum(part.stat().st_size for part in path.parent.glob(f"{path.name}*"))


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
