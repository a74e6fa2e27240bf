"""Where a command writes: a file that is there once it is complete, or standard output."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

import click

from dedupe.cli.streams import data
from dedupe.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dedupe.index.target import Target

STDOUT = "-"
Command = TypeVar("Command", bound=Callable[..., Any])
_FULL = (errno.ENOSPC, errno.EDQUOT) if sys.platform != "win32" else (errno.ENOSPC,)


class FilePath(click.Path):
    """The path of a file, as no address is one: nothing is written to the net."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        if "://" in str(value):
            self.fail("a file is wanted here, and no address; name one on this machine", param, ctx)
        return super().convert(value, param, ctx)


@contextmanager
def output_stream(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that is there only once all of it was written.

    The file is begun at once: what cannot be written is told before the work. Raises SourceError.
    """
    if output is None:
        out = data()
        yield out
        out.flush()
        return
    with _told(output):
        if output.exists() and not output.is_file():  # a pipe with a name, or a device
            with output.open("wb") as file:
                yield cast("BinaryIO", file)
            return
        from dedupe.placed import writing

        if output.exists() and not os.access(output, os.W_OK):
            raise SourceError(f"{output}: no permission to write to it")
        mode = stat.S_IMODE(output.stat().st_mode) if output.exists() else None
        with writing(output) as file:
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), mode)
            yield cast("BinaryIO", file)


@contextmanager
def output_file(output: Path | None) -> Iterator[BinaryIO]:
    """The same, compressed where the name says so."""
    with output_stream(output) as out:
        if output is None:
            yield out
            return
        from dedupe.write.names import compressed_by_name

        with compressed_by_name(out, output.name) as file:
            yield file


@contextmanager
def _told(output: Path) -> Iterator[None]:
    """Names the output in what the system says of it."""
    try:
        yield
    except OSError as error:
        part = f"{output.name}." in os.path.basename(str(error.filename or ""))  # noqa: PTH119
        if part or (error.filename is None and error.errno in _FULL):
            error.filename = str(output)
        raise


def output_option(
    help: str,  # noqa: A002 - Click's
    *,
    folders: bool = False,
) -> Callable[[Command], Command]:
    """Adds ``--output``; the command gets a path, None for standard output.

    With ``folders`` it may be one of a folder.
    """
    return click.option(
        "-o",
        "--output",
        type=FilePath(dir_okay=folders, allow_dash=True, path_type=Path),
        callback=lambda _, __, path: None if path == Path(STDOUT) else path,
        help=help,
    )


def form_asked(output: Path | None, option: str, forms: Sequence[str]) -> str | None:
    """The form that the ending of a name asks for; None without a name, or where it has none.

    Raises SourceError for an ending of another form.
    """
    from dedupe.write.names import FORMS, ending_of_output

    ending = ending_of_output(output.name) if output else ""
    if not ending:
        return None
    form = FORMS.get(ending)
    if form not in forms:
        endings = ", ".join(end for end, known in FORMS.items() if known in forms)
        raise SourceError(
            f"{output}: the name does not say in which form to write; {option} takes names that"
            f" end in {endings}"
        )
    return form


def must_be_apart(output: Path | None, sources: Iterable[str], option: str) -> None:
    """Raises SourceError where ``output`` is a source, or in one: it would be written over."""
    if output is None or not output.is_file():  # of a device nothing is lost
        return
    from dedupe.read.address import local_path, scheme_of
    from dedupe.read.source import expand

    for path in sources:
        if scheme_of(local_path(path)):  # it is not on this machine
            continue
        try:
            files = expand([path], any_ending=True)
        except SourceError:  # what reads it tells, or takes it for an id
            continue
        for file in files:
            if file.name != STDOUT and output.samefile(file.name):
                raise SourceError(f"{file.name} is read: give {option} a file of its own")


def must_not_be_of(index: Target, output: Path, option: str) -> None:
    """Raises SourceError where ``output`` is a file of the index, which would be written over."""
    if index.uses(output):
        raise SourceError(f"{index.name} is the index: give {option} a file of its own")


def one_of(given: Mapping[str, object]) -> None:
    """Raises UsageError where several ways to write one result are given, that is not None."""
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names[:2])} do not go together; give one a run")


def top_of_page(top: int, usual: int) -> int:
    """How much a page lists: more than a terminal, unless a number was asked for."""
    from click.core import ParameterSource

    source = click.get_current_context().get_parameter_source("top")
    return usual if source is ParameterSource.DEFAULT else top
