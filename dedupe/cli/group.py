"""``dedupe group``: the machine form."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedupe.cli.sources import Sources, analysed, file_option, with_sources

if TYPE_CHECKING:
    from dedupe.config import Settings


@click.command("group")
@with_sources
@click.option(
    "--copies-only", is_flag=True, help="Find copies and leave stories aside: the quicker way."
)
@file_option("-o", "--output", help="Write here instead of to standard output.")
@click.option("--exit-code", is_flag=True, help="End with 1 where copies were found.")
def command(
    *,
    sources: Sources,
    settings: Settings,
    copies_only: bool,
    output: Path | None,
    exit_code: bool,
) -> int:
    """Write one JSON object an article, in input order: its story, its group of copies, and why.

    SOURCE is a file, a folder, a glob, or - for standard input.
    """
    from dedupe.assemble import placements
    from dedupe.report.jsonl import write_placements

    analysis = analysed(sources, settings, copies_only=copies_only, with_evidence=False)
    with output.open("wb") if output else nullcontext(sys.stdout.buffer) as out:
        write_placements(placements(analysis), out)
        out.flush()
    groups = len(set(analysis.links.copies.tolist()))
    return int(exit_code and groups < len(analysis.articles.ids))
