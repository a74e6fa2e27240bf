"""``dedupe filter``: a stream of articles, judged by an index line by line."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from dedupe.cli.sources import (
    KEYS,
    STDIN,
    STORED,
    assigned_settings,
    file_option,
    must_be_apart,
    must_not_be_of,
    opened_stream,
    printable,
    rejects_line,
    say_rejected,
    stored_settings,
    with_keys,
    with_settings,
)
from dedupe.model import COPY_RELATIONS, Rejection

if TYPE_CHECKING:
    from dedupe.hooks.filter import Filter
    from dedupe.hooks.pipe import Mode, Pipe
    from dedupe.index import Index
    from dedupe.index.target import Target

TERMINATED = 128 + signal.SIGTERM
BATCH = 256


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
    help="Leave duplicates out, pass all with the verdict added, or write the verdicts alone.",
)
@click.option(
    "--drop",
    default=",".join(COPY_RELATIONS),
    callback=_relations,
    metavar="RELATION,...",
    help="What counts as a duplicate: relations, or replayed.",
)
@file_option("--rejects", help="Add lines that hold no article to this file, as JSON Lines.")
@click.option(
    "--fail",
    type=click.Choice(["open", "closed"]),
    default="closed",
    help="If the index can't answer: pass articles on unjudged, or end with an error.",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    default=BATCH,
    help="Commit up to so many lines at once, of those that have arrived; 1 commits each alone.",
)
@click.option("--window", type=float, metavar="DAYS", help="Match only articles of the last days.")
@click.option(
    "--durability",
    type=click.Choice(["normal", "full"]),
    default="normal",
    help="What an answered article survives: the end of the process, or a power cut too.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=30.0,
    metavar="SECONDS",
    help="Wait so long for others who write to the index.",
)
@click.option("--check-only", is_flag=True, help="Judge by the index as it is; admit nothing.")
@with_settings("Change a setting; of an index that is there, none that changes signatures.")
@file_option("--settings", help=STORED)
@with_keys
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
    from dedupe.hooks.filter import Filter
    from dedupe.hooks.lines import ArrivingLines, Ending
    from dedupe.index.target import target_of

    with ExitStack() as stack:
        target = target_of(index)
        lines = stack.enter_context(opened_stream(source))
        told = stack.enter_context(_rejects(rejects, source, target))
        found = stack.enter_context(_index(target, check_only=check_only, **options))
        keep = Filter(found, drop, on_failure=fail, admit=not check_only)
        ending = stack.enter_context(Ending())
        pipe = _pipe(keep, mode, source, told, options)
        pipe.run(ArrivingLines(lines.fileno(), most=batch, wake=ending).groups())
    if ending.signal == signal.SIGINT:
        raise KeyboardInterrupt
    return TERMINATED if ending.signal else 0


def _index(
    target: Target,
    *,
    check_only: bool,
    assigned: tuple[str, ...],
    settings: Path | None,
    **options: Any,
) -> Index:
    """The index that was asked for. Raises SettingError, SourceError and StoreError."""
    from dedupe.index import open_index

    model, start = stored_settings(settings)
    if assigned and settings is None and target.exists():
        with open_index(target, create=False, read_only=True) as index:
            start = index.settings
    return open_index(
        target,
        settings=assigned_settings(assigned, start) if assigned or settings else None,
        create=not check_only,
        read_only=check_only,
        model=model,
        **{name: options[name] for name in ("window", "durability", "patience")},
    )


def _pipe(
    keep: Filter,
    mode: Mode,
    source: str,
    on_reject: Callable[[Rejection], object],
    options: dict[str, Any],
) -> Pipe:
    from dedupe.hooks.pipe import ANSWERS, Pipe
    from dedupe.read.fields import FieldFinder, FieldKeys

    def say_unjudged(first: int, last: int, why: str) -> None:
        where = f"{printable(source)}:{first}" + (f" to {last}" if last > first else "")
        click.echo(f"dedupe: {where}: passed on unjudged: {printable(why)}", err=True)

    return Pipe(
        keep=keep,
        finder=FieldFinder(FieldKeys(**{name: options[f"{name}_key"] for name in KEYS})),
        answer=ANSWERS[mode],
        out=sys.stdout.buffer,
        on_reject=on_reject,
        on_unjudged=say_unjudged,
        source=source,
    )


@contextmanager
def _rejects(
    file: Path | None, source: str, index: Target
) -> Iterator[Callable[[Rejection], object]]:
    """Where a line without an article is reported: on standard error, or in the rejects file.

    The file is added to, never overwritten: a filter that is started again must not lose what an
    earlier run left. Raises SourceError where it is the source or the index itself.
    """
    if file is None:
        yield say_rejected
        return
    must_be_apart(file, [source], "--rejects")
    must_not_be_of(index, file, "--rejects")
    with file.open("ab", buffering=0) as out:
        yield lambda rejection: out.write(rejects_line(rejection))
