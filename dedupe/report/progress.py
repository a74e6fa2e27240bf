"""How far a run has come, on standard error: a bar on a terminal, silence off it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Self

from dedupe.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Progress as Bars

EVERY = 256
"""Steps between two updates of a line; drawing costs more than a step."""


class Progress:
    """Context manager whose methods the pipeline calls as it goes.

    On a terminal a bar shows the stage, bytes read, their rate and the time left, and is wiped at
    the end. Off a terminal, or where ``TERM`` is ``dumb``, nothing is shown.
    """

    def __init__(self, file: IO[str]) -> None:
        self._bars = _bars(file)

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
            self._bars.add_task("reading", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def on_progress(self, bytes_done: int, bytes_total: int | None) -> None:
        """Bytes of the sources taken in so far, of how many; None where that is unknown."""
        if self._bars is not None:
            self._bars.update(self._bars.task_ids[0], completed=bytes_done, total=bytes_total)

    def stage(self, name: str) -> None:
        """What the run does from now on, such as ``grouping``."""
        if self._bars is not None:
            self._bars.update(self._bars.task_ids[0], description=name)


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
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bars

    return Bars(
        SpinnerColumn("line"),  # drawn in ASCII, and alive while a stage reads nothing
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
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
