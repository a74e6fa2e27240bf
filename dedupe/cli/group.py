"""``dedupe group``: the machine form."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedupe.cli.sources import Sources, analysed, with_sources

if TYPE_CHECKING:
    from dedupe.config import Settings


@click.command("group")
@with_sources
@click.option(
    "--copies-only", is_flag=True, help="Find copies and leave stories aside: the quicker way."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here instead of to standard output.",
)
@click.option("--exit-code", is_flag=True, help="End with 1 where copies were found.")
def command(
    *,
    sources: Sources,
    settings: Settings,
    copies_only: bool,
    output: Path | None,
    exit_code: bool,
    quiet: bool,
) -> int:
    """Write one JSON object an article, in input order: its story, its group of copies, and why.

    SOURCE is a file, a folder, a glob, or - for standard input.
    """
    del quiet
    from dedupe.assemble import placements
    from dedupe.report.jsonl import write_placements

    analysis = analysed(sources, settings, copies_only=copies_only, with_evidence=False)
    if output is None:
        write_placements(placements(analysis, settings), sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        with output.open("wb") as out:
            write_placements(placements(analysis, settings), out)
    groups = len(set(analysis.links.copies.tolist()))
    return int(exit_code and groups < len(analysis.articles.ids))
