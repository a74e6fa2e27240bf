"""The index that a stream or sources are judged by: its options, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dedupe.cli.completion import files
from dedupe.cli.sources import (
    SAME_BY_OPTION,
    STORED,
    assigned_settings,
    file_option,
    stored_settings,
    with_settings,
)

if TYPE_CHECKING:
    from dedupe.index import Index
    from dedupe.index.target import Target

Command = TypeVar("Command", bound=Callable[..., Any])

INDEX_OPTION = click.option(
    "--index",
    required=True,
    metavar="FILE",
    shell_complete=files,
    help="Index to ask; made if missing: a file, or postgresql://. Or the address of dedupe serve.",
)
_OPTIONS = (
    click.option(
        "--window", type=float, metavar="DAYS", help="Match only articles of the last days."
    ),
    click.option(
        "--durability",
        type=click.Choice(["normal", "full"]),
        default="normal",
        help="What an answered article survives: the end of the process, or a power cut too.",
    ),
    click.option(
        "--patience",
        type=click.FloatRange(0),
        default=30.0,
        metavar="SECONDS",
        help="Wait so long for others who write to the index.",
    ),
    SAME_BY_OPTION,
    with_settings("Change a setting; of an index that is there, none that changes signatures."),
    file_option("--settings", help=STORED),
)
"""How an index judges; what ``judging_index`` takes."""


def with_judging(command: Command) -> Command:
    """Adds the options of how an index judges, which the command hands to ``judging_index``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def judging_index(
    target: Target,
    *,
    check_only: bool = False,
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
