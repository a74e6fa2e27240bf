"""``dedupe outlets``: who is first, who copies whom, whose reports are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dedupe.cli.sources import Sources, run, with_json, with_sources
from dedupe.cli.streams import console, write_json

if TYPE_CHECKING:
    from dedupe.config import Settings


@click.command("outlets")
@with_sources
@click.option(
    "--top", type=click.IntRange(0), default=20, help="List so many outlets; 0 lists all."
)
@with_json("one JSON object")
def command(*, sources: Sources, settings: Settings, top: int, as_json: bool) -> int:
    """Show what the outlets of SOURCE... do: who is first, who copies whom, who covers what.

    SOURCE is as for dedupe report: files, folders, globs, addresses, an index, or - for stdin.
    """
    from dedupe.outlets import outlets_of
    from dedupe.report.outlets import outlets_object, render_outlets

    _, found = run(sources, settings)
    table = outlets_of(found)
    if as_json:
        write_json(outlets_object(table))
    else:
        render_outlets(table, console(), top=top or None)
    return 0
