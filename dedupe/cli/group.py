"""``dedupe group``: the machine form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from dedupe.cli.engine import EngineAsked, with_engine
from dedupe.cli.outputs import form_asked, output_file, output_option
from dedupe.cli.sources import Sources, analysed, bytes_of, with_sources
from dedupe.cli.streams import say
from dedupe.report.wording import counted

if TYPE_CHECKING:
    from dedupe.analysis import Analysis
    from dedupe.config import Settings

TABLES = ("csv", "tsv", "parquet")
FORMS = (*TABLES, "jsonl", "json", "graphml")


@click.command("group")
@with_sources
@click.option(
    "--copies-only", is_flag=True, help="Find copies and leave stories aside: the quicker way."
)
@click.option(
    "--memory",
    metavar="SIZE",
    help="Keep to so much memory, as 4G, with temporary files (TMPDIR) where it does not do.",
)
@output_option(
    "Write to this file instead of to standard output, in the form that its name says.",
    folders=True,
)
@with_engine
@click.option("--exit-code", is_flag=True, help="End with 1 where copies were found.")
def command(
    *,
    sources: Sources,
    settings: Settings,
    copies_only: bool,
    memory: str | None,
    output: Path | None,
    engine: EngineAsked | None,
    exit_code: bool,
) -> int:
    """Write one object an article, in input order: its story, its group of copies, and why.

    SOURCE is a file, a folder, a glob, an address (https://, s3://, gs://), or - for standard
    input. What is written are lines of JSON, or by the name of the output an array of them (.json),
    a table (.csv, .tsv, .parquet) or a graph (.graphml); with .gz it is compressed.

    With --engine articles are sketched by the workers of an engine, with the same result; the
    output may be a folder then, in which the result is groups.jsonl, beside the engine's stages.
    """
    if memory is not None:
        settings = settings.changed({"memory": bytes_of(memory, "--memory")})
    output, stages = (output, None) if engine is None else engine.folders(output)
    sources.must_not_be(output, "--output")
    form = form_asked(output, "--output", FORMS) or "jsonl"
    with output_file(output) as out:
        if engine is None:
            analysis = analysed(sources, settings, copies_only=copies_only, with_evidence=False)
        else:
            analysis = engine.analysed(sources, settings, stages, copies_only=copies_only)
        formulas = _write(analysis, sources, form, out)
    sources.say(analysis.notes)
    count = len(analysis.articles.ids)
    if output is not None and not sources.quiet:
        say(f"{output}: {counted(count, 'article')}")
        if formulas:
            say(
                f"{output}: {counted(formulas, 'cell')} would be a formula in a spreadsheet"
                " (=, +, -, @): import the columns as text"
            )
    groups = len(set(analysis.links.copies.tolist()))
    return int(exit_code and groups < count)


def _write(analysis: Analysis, sources: Sources, form: str, out: BinaryIO) -> int:
    """Writes in a form; how many cells of a text table a spreadsheet would take for formulas."""
    from dedupe.assemble import placements

    found, places = placements(analysis), sources.places_of_all()
    if form == "graphml":
        from dedupe.report.graphml import write_graph

        write_graph(found, places, _told(analysis), out)
        return 0
    from dedupe.json_form import encode
    from dedupe.report.jsonl import placed_objects
    from dedupe.write.rows import objects, write_rows

    rows = placed_objects(found, places)
    if form not in TABLES:
        objects(map(encode, rows), form, out)
        return 0
    from dedupe.report.rows import GROUP_COLUMNS, Formulas, flat

    formulas = Formulas()
    write_rows(map(formulas.seen, map(flat, rows)), GROUP_COLUMNS, form, out)
    return 0 if form == "parquet" else formulas.count


def _told(analysis: Analysis) -> dict[str, tuple[str, str, str | None]]:
    """Headline, source and date of each article by its id."""
    from dedupe.moments import moment, written

    articles = analysis.articles
    columns = (articles.ids, articles.headlines, articles.sources, articles.dates.tolist())
    return {
        name: (headline, source, written(moment(date)))
        for name, headline, source, date in zip(*columns, strict=True)
    }
