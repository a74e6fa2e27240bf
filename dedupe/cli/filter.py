"""``dedupe filter``: a stream of articles, judged by an index line by line."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import click

from dedupe.cli.sources import KEYS, chosen, printable, stored_settings
from dedupe.errors import SourceError
from dedupe.model import COPY_RELATIONS, Rejection

if TYPE_CHECKING:
    from dedupe.hooks.filter import Filter
    from dedupe.hooks.lines import Line
    from dedupe.hooks.pipe import Mode, Pipe
    from dedupe.index import Index

TERMINATED = 128 + signal.SIGTERM
BATCH = 256
STDIN = "-"


def _with_keys(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--id-key``, ``--text-key`` and so on."""
    for name in reversed(KEYS):
        told = f"Field that holds the {name}; dots lead inside."
        command = click.option(f"--{name}-key", metavar="FIELD", help=told)(command)
    return command


def _relations(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """The names in ``--drop``, looked at before an index is made."""
    from dedupe.hooks.filter import DROPPABLE

    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if unknown := [name for name in names if name not in DROPPABLE]:
        raise click.BadParameter(f"{', '.join(unknown)}; known: {', '.join(DROPPABLE)}")
    return names


@click.command("filter")
@click.argument("source", default=STDIN)
@click.option("--index", required=True, metavar="FILE", help="Index to ask; made if missing.")
@click.option(
    "--mode",
    type=click.Choice(["drop", "mark", "verdict"]),
    default="drop",
    show_default=True,
    help="Leave duplicates out, pass all with the verdict added, or write the verdicts alone.",
)
@click.option(
    "--drop",
    default=",".join(COPY_RELATIONS),
    show_default=True,
    callback=_relations,
    metavar="RELATION,...",
    help="What counts as a duplicate: relations, or replayed.",
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Add lines that hold no article to this file, as JSON Lines.",
)
@click.option(
    "--fail",
    type=click.Choice(["open", "closed"]),
    default="closed",
    show_default=True,
    help="If the index can't answer: pass articles on unjudged, or end with an error.",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    default=BATCH,
    show_default=True,
    help="Commit up to so many lines at once, of those that have arrived; 1 commits each alone.",
)
@click.option("--window", type=float, metavar="DAYS", help="Match only articles of the last days.")
@click.option(
    "--durability",
    type=click.Choice(["normal", "full"]),
    default="normal",
    show_default=True,
    help="What an answered article survives: the end of the process, or a power cut too.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Wait so long for others who write to the index.",
)
@click.option("--check-only", is_flag=True, help="Judge by the index as it is; admit nothing.")
@click.option(
    "--set",
    "assigned",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a setting; of an index that is there, none that changes signatures.",
)
@click.option(
    "--settings",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take the story model and the settings of this file, as dedupe calibrate writes.",
)
@_with_keys
def command(
    *,
    source: str,
    index: str,
    mode: Mode,
    drop: Any,
    rejects: Path | None,
    fail: Literal["open", "closed"],
    batch: int,
    check_only: bool,
    **options: Any,
) -> int:
    """Pass on what is new: NDJSON in, NDJSON out, in order, each line as soon as it is decided.

    SOURCE is a file, or - for standard input. Every article is judged against the index and
    admitted to it.
    """
    if source == STDIN and sys.stdin.isatty():
        context = click.get_current_context()
        click.echo(context.get_help(), err=True)
        return 2
    from dedupe.hooks.ending import Ending
    from dedupe.hooks.filter import Filter

    with ExitStack() as stack:
        lines = stack.enter_context(_opened(source))
        told = stack.enter_context(_rejects(rejects, source, index))
        found = stack.enter_context(_index(index, check_only=check_only, **options))
        keep = Filter(found, drop, on_failure=fail, admit=not check_only)
        ending = stack.enter_context(Ending())
        pipe = _pipe(keep, mode, source, told, options)
        pipe.run(_groups(lines, batch, ending))
    if ending.signal == signal.SIGINT:
        raise KeyboardInterrupt
    return TERMINATED if ending.signal else 0


def _index(
    file: str, *, check_only: bool, assigned: tuple[str, ...], settings: Path | None, **options: Any
) -> Index:
    """The index that was asked for. Raises SettingError, SourceError and StoreError."""
    from dedupe.index import open_index

    model, start = stored_settings(settings)
    if assigned and settings is None and Path(file).exists():
        with open_index(file, create=False, read_only=True) as index:
            start = index.settings
    return open_index(
        file,
        settings=chosen(assigned, start) if assigned or settings else None,
        create=not check_only,
        read_only=check_only,
        model=model,
        **{name: options[name] for name in ("window", "durability", "patience")},
    )


def _pipe(
    keep: Filter,
    mode: Mode,
    source: str,
    on_reject: Callable[[Rejection], None],
    options: dict[str, Any],
) -> Pipe:
    from dedupe.hooks.pipe import ANSWERS, Pipe
    from dedupe.read.fields import FieldKeys, Finder

    def say_unjudged(first: int, last: int, why: str) -> None:
        where = f"{printable(source)}:{first}" + (f" to {last}" if last > first else "")
        click.echo(f"dedupe: {where}: passed on unjudged: {printable(why)}", err=True)

    return Pipe(
        keep=keep,
        finder=Finder(FieldKeys(**{name: options[f"{name}_key"] for name in KEYS})),
        answer=ANSWERS[mode],
        out=sys.stdout.buffer,
        on_reject=on_reject,
        on_unjudged=say_unjudged,
        source=source,
    )


def _groups(lines: BinaryIO, batch: int, ending: Any) -> Iterator[list[Line]]:
    from dedupe.hooks.lines import Arrivals

    return Arrivals(lines.fileno(), most=batch, wake=ending).groups()


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    """The stream to read from. Raises SourceError."""
    if source == STDIN:
        yield sys.stdin.buffer
        return
    try:
        file = Path(source).open("rb", buffering=0)  # noqa: SIM115 - closed below
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SourceError(f"{printable(source)}: {reason}") from None
    with file:
        yield file


@contextmanager
def _rejects(file: Path | None, source: str, index: str) -> Iterator[Callable[[Rejection], None]]:
    """What is to be told of a line without an article: standard error, or the rejects file.

    The file is added to, never begun anew: a filter that is started again must not lose what an
    earlier run left. Raises SourceError where it is the source or the index itself.
    """
    if file is None:
        yield _say
        return
    from dedupe.report.jsonl import encode

    for other in (source, index):
        if other != STDIN and file.exists() and Path(other).exists() and file.samefile(other):
            raise SourceError(f"{other} is read: give --rejects a file of its own")
    with file.open("ab", buffering=0) as out:

        def keep(rejection: Rejection) -> None:
            raw = rejection.raw.decode("utf-8", "replace")
            row = {"source": rejection.source, "line": rejection.line}
            out.write(encode(row | {"reason": rejection.reason, "raw": raw}))

        yield keep


def _say(rejection: Rejection) -> None:
    where = f"{printable(rejection.source)}:{rejection.line}"
    click.echo(f"dedupe: {where}: {printable(rejection.reason)}", err=True)
