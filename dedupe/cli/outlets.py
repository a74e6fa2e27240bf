"""``dedupe outlets``: who is first, who copies whom, whose reports are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dedupe.cli.outputs import one_of, top_of_page
from dedupe.cli.sources import Sources, file_option, run, with_json, with_sources
from dedupe.cli.streams import console, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from dedupe.config import Settings

SHOWN_ON_PAGE = 500
"""Outlets, and pairs of them, on a page where no other number is asked for."""


@click.command("outlets")
@with_sources
@click.option(
    "--top", type=click.IntRange(0), default=20, help="List so many outlets; 0 lists all."
)
@with_json("one JSON object")
@file_option("--svg", help="Write who copied whom as a picture to this file instead.")
@file_option(
    "--html",
    help="Write all of it as a page to this file instead; without --top it lists up to 500.",
)
def command(
    *,
    sources: Sources,
    settings: Settings,
    top: int,
    as_json: bool,
    svg: Path | None,
    html: Path | None,
) -> int:
    """Show what the outlets of SOURCE... do: who is first, who copies whom, who covers what.

    SOURCE is as for dedupe report: files, folders, globs, addresses, an index, or - for stdin.
    """
    from dedupe.outlets import outlets_of
    from dedupe.report.outlets import outlets_object, render_outlets

    one_of({"--json": as_json or None, "--svg": svg, "--html": html})
    sources.must_not_be(html, "--html")
    sources.must_not_be(svg, "--svg")
    _, found = run(sources, settings)
    table = outlets_of(found)
    if as_json:
        write_json(outlets_object(table))
    elif html is not None:
        from dedupe.read.address import shown_address
        from dedupe.report.html import write_outlets_page

        named = [shown_address(name) for name in sources.paths]
        most = top_of_page(top, SHOWN_ON_PAGE) or None
        write_outlets_page(table, html, top=most, read_from=named)
    elif svg is not None:
        from dedupe.report.html import svg_copying

        svg.write_text(svg_copying(table), encoding="utf-8", newline="\n")
    else:
        render_outlets(table, console(), top=top or None)
    return 0
