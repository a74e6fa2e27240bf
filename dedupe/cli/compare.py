"""``dedupe compare``: two reports beside each other."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedupe.cli.completion import files
from dedupe.cli.outputs import one_of
from dedupe.cli.sources import (
    Sources,
    file_option,
    with_json,
    with_sources,
)
from dedupe.cli.streams import console, write_json
from dedupe.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from dedupe.analysis import Analysis
    from dedupe.config import Settings
    from dedupe.model import Article
    from dedupe.model_compare import Comparison


WIDTH = 120
"""Columns of a picture: wide enough for two columns of text."""


class _OfTwo(click.Command):
    """A command whose sources are two."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """What stands after the name in the usage line."""
        return ["[OPTIONS]", "A", "B"]


@click.command("compare", cls=_OfTwo)
@with_sources
@click.option(
    "--in",
    "among",
    multiple=True,
    metavar="SOURCE",
    shell_complete=files,
    help="Take A and B as ids of articles in this source; may be given several times.",
)
@with_json("one JSON object")
@file_option("--html", help="Write the comparison as a page to this file instead.")
@file_option("--svg", help="Write the comparison as a picture to this file instead.")
def command(
    *,
    sources: Sources,
    settings: Settings,
    among: tuple[str, ...],
    as_json: bool,
    html: Path | None,
    svg: Path | None,
) -> int:
    """Show where two reports agree and where they differ.

    A and B are files or addresses of one article each, or - for standard input; with --in they are
    ids. The two are weighed and judged alone, with --in among all articles of SOURCE.
    """
    if len(sources.paths) != 2:
        raise click.UsageError("name two articles: A and B, as files or (with --in) as ids")
    one_of({"--json": as_json or None, "--svg": svg, "--html": html})
    sources.must_not_be(html, "--html", *among)
    sources.must_not_be(svg, "--svg", *among)
    a, b, found = _compared(sources, settings, among)
    if as_json:
        from dedupe.report.jsonl import comparison_object

        write_json(comparison_object(found, a, b))
    elif html is not None:
        from dedupe.report.html import write_comparison_page

        write_comparison_page(found, a, b, html)
    else:
        _shown(found, a, b, svg)
    return 0


def _shown(found: Comparison, a: Article, b: Article, svg: Path | None) -> None:
    """On the terminal, or as a picture in a file."""
    from dedupe.report.comparison import render_comparison
    from dedupe.report.page import picture

    if svg is None:
        render_comparison(found, a, b, console())
    else:
        drawn = picture(lambda c: render_comparison(found, a, b, c), WIDTH)
        svg.write_text(drawn, encoding="utf-8", newline="\n")


def _compared(
    sources: Sources, settings: Settings, among: tuple[str, ...]
) -> tuple[Article, Article, Comparison]:
    """Both articles, and their comparison: alone, or among all articles of the sources."""
    from dedupe.api import compare_articles
    from dedupe.comparison import compare

    one, other = sources.paths
    if not among:
        a, b = _of_files(sources)
        with sources.at_work("comparing"):
            return a, b, compare_articles(a, b, None, settings, model=sources.model)
    a, b, analysis = _of_ids(replace(sources, paths=among), one, other, settings)
    with sources.at_work("comparing"):
        return a, b, compare(a, b, analysis.likeness(one, other), settings)


def _of_files(sources: Sources) -> tuple[Article, Article]:
    """The articles of two files. Raises SourceError for a file of none or of several."""
    from dedupe.read.address import shown_address

    one, other = sources.paths
    if one == other == "-":
        raise click.UsageError("standard input can be only one of the two articles")
    first = replace(sources, paths=(one,))
    with first.at_work() as progress, first.batches(progress) as batches:
        a = _single(batches, one, first)
        first.paths = (other,)
        b = _single(first.read(), other, first)
    first.say_rejected()
    # Two files of one name in two folders: their paths become their ids.
    return (
        (a, b)
        if a.id != b.id or a == b
        else (replace(a, id=shown_address(one)), replace(b, id=shown_address(other)))
    )


def _single(batches: Iterable[pa.RecordBatch], path: str, sources: Sources) -> Article:
    from dedupe.read import articles_of
    from dedupe.read.address import shown_address

    path = shown_address(path)
    found = list(islice(chain.from_iterable(map(articles_of, batches)), 2))
    if len(found) == 1:
        return found[0]
    if found:
        raise SourceError(
            f"{path}: holds several articles; name two by id, as in: "
            f"dedupe compare ID ID --in {path}"
        )
    reasons = [r.reason for r in sources.rejected if r.source == path]
    why = f": {reasons[0]}" if reasons else ""
    raise SourceError(f"{path}: no article in it{why}")


def _of_ids(
    sources: Sources, one: str, other: str, settings: Settings
) -> tuple[Article, Article, Analysis]:
    """Two articles of the sources by their ids, and the analysis of all. Raises SourceError."""
    from dedupe.pipeline import analyse
    from dedupe.read.address import shown_address

    kept: dict[str, Article] = {}
    with sources.at_work() as progress, sources.batches(progress) as batches:
        noted = _noting(batches, {one, other}, kept)
        analysis = analyse(
            noted, settings, with_evidence=True, model=sources.model, on_stage=progress.stage
        )
    sources.say_rejected()
    for name in (one, other):
        if name not in kept:
            where = ", ".join(map(shown_address, sources.paths))
            raise SourceError(
                f"no article has the id {name!r} in {where}; dedupe group lists all ids"
            )
    return kept[one], kept[other], analysis


def _noting(
    batches: Iterable[pa.RecordBatch], wanted: set[str], kept: dict[str, Article]
) -> Iterator[pa.RecordBatch]:
    """The batches as they are; the wanted articles are put aside on the way."""
    from dedupe.read import articles_of

    for batch in batches:
        for row, name in enumerate(batch.column("id").to_pylist()):
            if name in wanted:
                kept[name] = next(articles_of(batch.slice(row, 1)))
        yield batch
