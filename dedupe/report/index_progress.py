"""That a command over a whole index is at work, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

EVERY = 256
"""Steps between two looks at the line; drawing costs more than a step."""


@contextmanager
def working(file: IO[str], what: str, unit: str = "problem") -> Iterator[Callable[[int], None]]:
    """Shows ``what`` and how many of ``unit`` were passed while the block runs, then wipes it.

    The block calls what it gets with the number so far. Nothing is shown where ``file`` is no
    terminal that can move its cursor.
    """
    if not file.isatty():
        yield _unseen
        return
    from dedupe.report.page import make_console
    from dedupe.report.wording import counted

    console = make_console(file)
    if console.is_dumb_terminal:
        yield _unseen
        return
    with console.status(f"{what} ...", spinner="line") as status:

        def step(number: int) -> None:
            if number % EVERY == 1:
                status.update(f"{what}: {counted(number, unit)}")

        yield step


def _unseen(_number: int) -> None:
    """Where nobody looks."""
