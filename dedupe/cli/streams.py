"""Standard output and standard error: the one place where a command writes to them.

Names of files, ids, settings and reasons come from strangers too, if only by way of a shell's
``*``: every message passes :func:`dedupe.clean.printable` as a whole, so that no command has to
think of it. ``tests/test_shown.py`` holds that, and walks all commands.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import Console


def say(*lines: str) -> None:
    """Messages on standard error, one a line."""
    with _written_or_not():
        for line in lines:
            click.echo(f"dedupe: {_printable(line, sys.stderr)}", err=True)


@contextmanager
def _written_or_not() -> Iterator[None]:
    """Messages that can't be written go nowhere: what a command does goes on without.

    Nobody reads them any more, or the disk of the file they go to is full.
    """
    try:
        yield
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def tell(*lines: str) -> None:
    """Results for people on standard output, one a line."""
    for line in lines:
        click.echo(_printable(line, sys.stdout))


def _printable(line: str, stream: TextIO) -> str:
    if line.isascii() and line.isprintable() and len(line) < 1000:
        return line
    from dedupe.clean import printable

    return printable(line, stream.encoding or "utf-8")


def show_help() -> None:
    """The help of the command that runs, on standard error."""
    with _written_or_not():
        click.echo(click.get_current_context().get_help(), err=True)


def show_usage_error(error: click.ClickException) -> None:
    """What Click has to say, which quotes what was given."""
    with _written_or_not():
        if isinstance(error, click.exceptions.NoArgsIsHelpError):  # nothing was given
            error.show()
            return
        told = _printable(error.format_message(), sys.stderr)
        if isinstance(error, click.UsageError):
            click.UsageError(told, error.ctx).show()
        else:
            click.ClickException(told).show()


def console() -> Console:
    """The console of standard output."""
    from dedupe.report.page import make_console

    return make_console(sys.stdout)


def data() -> BinaryIO:
    """Standard output for bytes: JSON, one object a line.

    On a terminal also that which is passed on as it came is written so that nothing in it acts.
    """
    out = whole(cast("BinaryIO", sys.stdout.buffer))
    return cast("BinaryIO", _Shown(out)) if sys.stdout.isatty() else out


def whole(out: BinaryIO) -> BinaryIO:
    """A stream that writes all that it is given, or raises OSError.

    Python's own is unbuffered with PYTHONUNBUFFERED set, and may write a part and say no more of it
    than how much; one that another program made non-blocking gives up where its reader is slow.
    """
    try:
        number = out.fileno()
        usual = not isinstance(out, io.RawIOBase) and os.get_blocking(number)
    except (OSError, ValueError):  # none of the system's, as in tests
        return out
    return out if usual else cast("BinaryIO", _Whole(number))


class _Whole:
    """A descriptor that is written to until all is written."""

    closed = False
    """As of a file: writers of Parquet ask for it."""

    def __init__(self, number: int) -> None:
        self._number = number

    def write(self, lines: bytes) -> int:
        """Writes the lines, however long their reader takes; returns how many bytes they were."""
        left = memoryview(lines)
        while left:
            try:
                left = left[os.write(self._number, left) :]
            except BlockingIOError:
                _wait_for_room(self._number)
        return len(lines)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Writes them one by one."""
        for line in lines:
            self.write(line)

    def isatty(self) -> bool:
        """Whether a terminal shows them."""
        return os.isatty(self._number)

    def flush(self) -> None:
        """Nothing is held back."""


def _wait_for_room(number: int) -> None:
    import selectors

    with selectors.DefaultSelector() as waiting:
        waiting.register(number, selectors.EVENT_WRITE)
        waiting.select()


class _Shown:
    """Whole lines of JSON on their way to a terminal."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, lines: bytes) -> int:
        """Writes the lines so that none acts; returns how many bytes were taken in."""
        from dedupe.clean import escaped, untowered

        self._out.write(untowered(escaped(lines)))
        return len(lines)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Writes them one by one."""
        for line in lines:
            self.write(line)

    def isatty(self) -> bool:
        """It is."""
        return True

    def flush(self) -> None:
        """Has them shown."""
        self._out.flush()


def write_json(value: Mapping[str, Any]) -> None:
    """One line of JSON on standard output."""
    from dedupe.json_form import encode

    out = data()
    out.write(encode(value))
    out.flush()
