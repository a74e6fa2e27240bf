"""``dedupe filter``: a stream of articles, judged by an index line by line."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from dedupe.cli.completion import files
from dedupe.cli.judging import INDEX_OPTION, judging_index, with_judging
from dedupe.cli.one_source import opened_stream
from dedupe.cli.rejected import rejects_added
from dedupe.cli.sources import (
    KEYS,
    LIMIT_OPTION,
    STDIN,
    assigned_limits,
    file_option,
    with_keys,
)
from dedupe.cli.streams import data, say, show_help
from dedupe.model import COPY_RELATIONS, Rejection

if TYPE_CHECKING:
    from dedupe.config import Limits
    from dedupe.hooks.filter import Filter
    from dedupe.hooks.pipe import Mode, Pipe

TERMINATED = 128 + signal.SIGTERM
BATCH = 256


def _relations(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """The names in ``--drop``, looked at before an index is made."""
    from dedupe.hooks.filter import DROPPABLE

    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if unknown := [name for name in names if name not in DROPPABLE]:
        raise click.BadParameter(f"{', '.join(unknown)}; known: {', '.join(DROPPABLE)}")
    return names


DROP_OPTION = click.option(
    "--drop",
    default=",".join(COPY_RELATIONS),
    callback=_relations,
    metavar="RELATION,...",
    help="What counts as a duplicate: relations, or replayed.",
)


@click.command("filter")
@click.argument("source", default=STDIN, shell_complete=files)
@INDEX_OPTION
@click.option(
    "--mode",
    type=click.Choice(["drop", "mark", "verdict"]),
    default="drop",
    help="Leave duplicates out, pass all with the verdict added, or write the verdicts alone.",
)
@DROP_OPTION
@click.option(
    "--answer-all",
    is_flag=True,
    help="Answer every line with exactly one: blank, broken and dropped ones too.",
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
@with_judging
@click.option("--check-only", is_flag=True, help="Judge by the index as it is; admit nothing.")
@LIMIT_OPTION
@with_keys
def command(
    *,
    source: str,
    index: str,
    mode: Mode,
    drop: Any,
    answer_all: bool,
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
        told = stack.enter_context(rejects_added(rejects, [source], target, "line"))
        found = stack.enter_context(judging_index(target, check_only=check_only, **options))
        keep = Filter(found, drop, on_failure=fail, admit=not check_only)
        ending = stack.enter_context(Ending())
        pipe = _pipe(keep, mode, shown_address(source), told, limits, options)
        if answer_all:
            pipe = _answering_all(pipe, mode, kept=rejects is not None)
        arriving = ArrivingLines(lines.fileno(), most=batch, wake=ending, limits=limits)
        pipe.run(arriving.groups())
    if ending.signal == signal.SIGINT:
        raise KeyboardInterrupt
    return TERMINATED if ending.signal else 0


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


def _answering_all(pipe: Pipe, mode: Mode, *, kept: bool) -> Pipe:
    """The pipe with one answer a line. Unless they are ``kept``, rejections are told by it alone.

    Who reads answers may take a line on standard error for one.
    """
    from dataclasses import replace

    from dedupe.hooks.pipe import ANSWERS_TO_ALL
    from dedupe.hooks.start import MOST_TRIED

    answer, refusal = ANSWERS_TO_ALL[mode]
    return replace(
        pipe,
        answer=answer,
        refusal=refusal,
        tried=MOST_TRIED,
        on_reject=pipe.on_reject if kept else _nothing,
        on_unjudged=_nothing,
    )


def _nothing(*_: object) -> None:
    """Tells nobody."""
