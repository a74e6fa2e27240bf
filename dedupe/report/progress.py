"""How far a run has come, on standard error: a bar on a terminal, silence off it."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from dedupe.report.wording import byte_rate, duration, quantity

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Progress:
    """Context manager whose methods the pipeline calls as it goes.

    On a terminal a bar shows the stage, bytes read, their rate and the time left, and is wiped at
    the end. Off a terminal, or where ``TERM`` is ``dumb``, nothing is shown; with ``verbose`` one
    line tells bytes, time and rate once the run has ended well.
    """

    def __init__(self, file: IO[str] | None = None, *, verbose: bool = False) -> None:
        self._file = sys.stderr if file is None else file
        self._verbose = verbose
        self._bytes = 0
        self._started = time.monotonic()
        self._bars: Bars | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        self._bars = _bars(self._file)
        if self._bars is not None:
            self._bars.start()
            self._task = self._bars.add_task("reading", total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()
        if self._verbose and kind is None:
            self._file.write(f"{self._summary()}\n")
            self._file.flush()

    def on_progress(self, bytes_done: int, bytes_total: int | None) -> None:
        """Bytes of the sources taken in so far, of how many; None where that is unknown."""
        self._bytes = bytes_done
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=bytes_done, total=bytes_total)

    def stage(self, name: str) -> None:
        """What the run does from now on, such as ``grouping``."""
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, description=name)

    def _summary(self) -> str:
        seconds = max(time.monotonic() - self._started, 1e-6)
        size = f"{quantity(self._bytes / 1e6)} MB"
        return f"{size} in {duration(seconds)}, {byte_rate(self._bytes, seconds)}"


def _bars(file: IO[str]) -> Bars | None:
    """The bar, where the file is a terminal that can move its cursor."""
    if not file.isatty():
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

    from dedupe.report.page import make_console

    console = make_console(file)
    if console.is_dumb_terminal:
        return None
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
