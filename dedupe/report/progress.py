"""How far a run has come, on standard error: a bar on a terminal, silence off it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Self

from dedupe.report.wording import TELLING, byte_rate, bytes_in_words, counted, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Progress as Bars

EVERY = 256
"""Steps between two updates of a line; drawing costs more than a step."""
TOLD_LEFT = 10.0
"""Seconds that must be left before it is told how many."""


class Stage:
    """What a run is at. Its text is what can be said of it for certain at that moment."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self.done = 0
        """Bytes taken in; 0 where the stage takes none, or none so far."""
        self.total: int | None = None

    def __str__(self) -> str:
        """Bytes, rate and time left of what is read; of all else how long it has taken so far.

        A rate, and what follows from it, needs some seconds to be one.
        """
        seconds = self._clock() - self._began
        if not self.done:
            return duration(seconds) if seconds >= 1 else ""
        parts = [bytes_in_words(self.done)]
        if self.total is not None:
            parts[0] += f" of {bytes_in_words(self.total)}"
        if seconds >= TELLING and self.done != self.total:
            parts.append(byte_rate(self.done, seconds))
            left = ((self.total or 0) - self.done) * seconds / self.done
            parts += [f"{duration(left)} left"] if left >= TOLD_LEFT else []
        return ", ".join(parts)


class Progress:
    """Context manager whose methods the pipeline calls as it goes.

    On a terminal a line shows the stage. While sources are read a bar grows, beside it bytes, and
    after some seconds their rate and the time left; how far any other stage has come is not known,
    so that the bar moves, and the time it has taken is told. All is wiped at the end. Off a
    terminal, or where ``TERM`` is ``dumb``, nothing is shown.
    """

    def __init__(self, file: IO[str], stage: str = "reading") -> None:
        self._bars = _bars(file)
        self._first, self._stage = stage, Stage()

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.add_task(self._first, total=None, stage=self._stage)
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def on_progress(self, bytes_done: int, bytes_total: int | None) -> None:
        """Bytes of the sources taken in so far, of how many; None where that is unknown."""
        self._stage.done, self._stage.total = bytes_done, bytes_total
        # A full bar stands still, and the last of what was read is still at work.
        self._draw(bytes_done, None if bytes_done == bytes_total else bytes_total)

    def stage(self, name: str) -> None:
        """What the run does from now on, such as ``grouping``."""
        self._stage = Stage()
        self._draw(0, None, description=name, stage=self._stage)

    def _draw(self, done: int, total: int | None, **changed: Any) -> None:
        if self._bars is not None:
            (task,) = self._bars.tasks
            task.total = total  # update() takes None for no change
            self._bars.update(task.id, completed=done, **changed)


def _console(file: IO[str]) -> Console | None:
    """The console, where the file is a terminal that can move its cursor."""
    if not file.isatty():
        return None
    from dedupe.report.page import make_console

    console = make_console(file)
    return None if console.is_dumb_terminal else console


def _bars(file: IO[str]) -> Bars | None:
    console = _console(file)
    if console is None:
        return None
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bars

    return Bars(
        SpinnerColumn("line"),  # drawn in ASCII, and alive while a stage reads nothing
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[stage]}", markup=False),  # made anew each time it is drawn
        console=console,
        transient=True,
        refresh_per_second=8,
        # What the run writes to these streams is data and must not pass through the bar.
        redirect_stdout=False,
        redirect_stderr=False,
    )


@contextmanager
def working(file: IO[str], what: str, unit: str = "problem") -> Iterator[Callable[[int], None]]:
    """Shows ``what`` and how many of ``unit`` were passed while the block runs, then wipes it.

    The block calls what it gets with the number so far. Nothing is shown where ``file`` is no
    terminal that can move its cursor.
    """
    console = _console(file)
    if console is None:
        yield lambda _number: None
        return
    with console.status(f"{what} ...", spinner="line") as status:

        def step(number: int) -> None:
            if number % EVERY == 1:
                status.update(f"{what}: {counted(number, unit)}")

        yield step
