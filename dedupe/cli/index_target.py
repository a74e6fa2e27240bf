"""The index that a subcommand is about: how it is named, opened and told of."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dedupe.errors import SourceError, StoreError

if TYPE_CHECKING:
    from rich.console import Console

    from dedupe.index import Index

Command = TypeVar("Command", bound=Callable[..., Any])
MEMORY = "memory:"


def with_file(command: Command) -> Command:
    """Adds the argument FILE."""
    return click.argument("file")(command)


def with_settings(command: Command) -> Command:
    """Adds ``--set``; the command gets it as ``assigned``."""
    return click.option(
        "--set",
        "assigned",
        multiple=True,
        metavar="NAME=VALUE",
        help="Change a setting; an unknown NAME lists them all.",
    )(command)


def with_json(what: str) -> Callable[[Command], Command]:
    """Adds ``--json``, which writes ``what``; the command gets it as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help=f"Write {what} instead.")


@contextmanager
def opened(file: str, *, read_only: bool = False) -> Iterator[Index]:
    """The index, with the settings that it has. Raises StoreError."""
    from dedupe.index import open_index

    no_memory(file)
    with open_index(file, create=False, read_only=read_only) as index:
        yield index


def no_memory(file: str) -> None:
    """Refuses an index in memory, which would end with the command. Raises SourceError."""
    if file == MEMORY:
        raise SourceError("memory: ends with the command that opens it; name a file")


def must_not_exist(file: str, what: str) -> None:
    """Raises StoreError where a file stands already that is to be made."""
    no_memory(file)
    if Path(file).exists():
        raise StoreError(f"{file}: exists already, and is left as it is; {what}")


def console() -> Console:
    """The console of standard output."""
    from dedupe.report.page import make_console

    return make_console(sys.stdout)


def write_json(value: dict[str, Any]) -> None:
    """One line of JSON on standard output."""
    from dedupe.report.jsonl import encode

    sys.stdout.buffer.write(encode(value))
    sys.stdout.buffer.flush()
