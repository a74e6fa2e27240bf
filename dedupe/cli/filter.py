"""``dedupe filter``: a stream of articles, judged by an index line by line."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast

import click

from dedupe.cli.one_source import opened_stream
from dedupe.cli.outputs import must_be_apart, must_not_be_of
from dedupe.cli.rejected import rejects_line, say_rejected
from dedupe.cli.sources import (
    KEYS,
    LIMIT_OPTION,
    SAME_BY_OPTION,
    STDIN,
    STORED,
    assigned_limits,
    assigned_settings,
    file_option,
    stored_settings,
    with_keys,
    with_settings,
)
from dedupe.cli.streams import data, say, show_help, whole
from dedupe.model import COPY_RELATIONS, Rejection

if TYPE_CHECKING:
    from dedupe.config import Limits
    from dedupe.hooks.filter import Filter
    from dedupe.hooks.pipe import Mode, Pipe
    from dedupe.index import Index
    from dedupe.index.target import Target

TERMINATED = 128 + signal.SIGTERM
BATCH = 256
SHOWN_REJECTIONS, TOLD_AT = 5, frozenset(10**n for n in range(2, 12))
"""Lines without an article that are told of in full; their numbers that are told after that."""


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
@SAME_BY_OPTION
@click.option("--check-only", is_flag=True, help="Judge by the index as it is; admit nothing.")
@with_settings("Change a setting; of an index that is there, none that changes signatures.")
@file_option("--settings", help=STORED)
@LIMIT_OPTION
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
    limit: tuple[str, ...],
    **options: Any,
) -> int:
    """Pass on what is new: NDJSON in, NDJSON out, in order, each line as soon as it is decided.

    SOURCE is a file, an address, or - for standard input. Every article is judged against the index
    and admitted to it.
    """
    if source == STDIN and sys.stdin.isatty():
        show_help()
        return 2
    from dedupe.hooks.filter import Filter
    from dedupe.hooks.lines import ArrivingLines, Ending
    from dedupe.index.target import target_of
    from dedupe.read.address import shown_address

    limits = assigned_limits(limit)
    with ExitStack() as stack:
        target = target_of(index)
        lines = stack.enter_context(opened_stream(source, limits))
        told = stack.enter_context(_rejects(rejects, source, target))
        found = stack.enter_context(_index(target, check_only=check_only, **options))
        keep = Filter(found, drop, on_failure=fail, admit=not check_only)
        ending = stack.enter_context(Ending())
        pipe = _pipe(keep, mode, shown_address(source), told, limits, options)
        arriving = ArrivingLines(lines.fileno(), most=batch, wake=ending, limits=limits)
        pipe.run(arriving.groups())
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
        **{name: options[name] for name in ("window", "durability", "patience", "same_by")},
    )


def _pipe(
    keep: Filter,
    mode: Mode,
    source: str,
    on_reject: Callable[[Rejection], object],
    limits: Limits,
    options: dict[str, Any],
) -> Pipe:
    from dedupe.hooks.pipe import ANSWERS, Pipe
    from dedupe.read.fields import FieldFinder, FieldKeys

    def say_unjudged(first: int, last: int, why: str) -> None:
        where = f"{source}:{first}" + (f" to {last}" if last > first else "")
        say(f"{where}: passed on unjudged: {why}")

    return Pipe(
        keep=keep,
        finder=FieldFinder(FieldKeys(**{name: options[f"{name}_key"] for name in KEYS})),
        answer=ANSWERS[mode],
        out=data(),
        on_reject=on_reject,
        on_unjudged=say_unjudged,
        source=source,
        limits=limits,
    )


def _said() -> Iterator[Callable[[Rejection], object]]:
    """Says the first rejections in full, of the others now and then, and at the end, how many."""
    count = 0

    def reject(rejection: Rejection) -> None:
        nonlocal count
        count += 1
        if count <= SHOWN_REJECTIONS:
            say_rejected(rejection)
        elif count in TOLD_AT:
            say(f"{count:,} lines rejected so far; --rejects FILE keeps them all")

    try:
        yield reject
    finally:
        if count > SHOWN_REJECTIONS:
            say(f"{count:,} lines rejected; --rejects FILE keeps them all")


@contextmanager
def _rejects(
    file: Path | None, source: str, index: Target
) -> Iterator[Callable[[Rejection], object]]:
    """Where a line without an article is reported: on standard error, or in the rejects file.

    The file is added to, never overwritten: a filter that is started again must not lose what an
    earlier run left. Raises SourceError where it is the source or the index itself.
    """
    if file is None:
        yield from _said()
        return
    must_be_apart(file, [source], "--rejects")
    must_not_be_of(index, file, "--rejects")
    cut_off = _ends_within_a_line(file)
    with file.open("ab", buffering=0) as out:
        kept = whole(cast("BinaryIO", out))
        if cut_off:
            kept.write(b"\n")
        yield lambda rejection: kept.write(rejects_line(rejection))


def _ends_within_a_line(file: Path) -> bool:
    """Whether an earlier run was cut off as it wrote: no line must be glued on to that."""
    if not file.is_file() or not file.stat().st_size:
        return False
    try:
        with file.open("rb") as before:
            before.seek(-1, os.SEEK_END)
            return before.read() != b"\n"
    except OSError:  # it may be written, but not read
        return False
