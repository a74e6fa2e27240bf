"""``dedupe compare``: two reports beside each other."""

from __future__ import annotations

import sys
from bisect import bisect_left
from dataclasses import replace
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedupe.cli.sources import Sources, printable, with_sources
from dedupe.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from dedupe.config import Settings
    from dedupe.model import Article
    from dedupe.pipeline import Analysis


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
    help="Take A and B as ids of articles in this source; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object instead.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the comparison as a page to this file instead.",
)
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the comparison as a picture to this file instead.",
)
def command(
    *,
    sources: Sources,
    settings: Settings,
    among: tuple[str, ...],
    as_json: bool,
    html: Path | None,
    svg: Path | None,
    quiet: bool,
) -> int:
    """Show where two reports agree and where they differ.

    A and B are files of one article each, or - for standard input; with --in they are ids. The
    story score is found from the two articles alone, with --in from all articles of SOURCE.
    """
    del quiet
    if len(sources.paths) != 2:
        raise click.UsageError("name two articles: A and B, as files or (with --in) as ids")
    a, b, story, company = _judged(sources, settings, among)
    from dedupe.compare import compare
    from dedupe.report.comparison import render_comparison
    from dedupe.report.comparison_json import write_comparison
    from dedupe.report.html import write_comparison_page
    from dedupe.report.page import make_console
    from dedupe.report.svg import picture

    found = compare(a, b, settings=settings, story=story)
    if as_json:
        write_comparison(found, a, b, sys.stdout.buffer, company=company)
        sys.stdout.buffer.flush()
    elif html is not None:
        write_comparison_page(found, a, b, html)
    elif svg is not None:
        drawn = picture(lambda c: render_comparison(found, a, b, c, company=company), WIDTH)
        svg.write_text(drawn, encoding="utf-8", newline="\n")
    else:
        render_comparison(found, a, b, make_console(sys.stdout), company=company)
    return 0


def _judged(
    sources: Sources, settings: Settings, among: tuple[str, ...]
) -> tuple[Article, Article, float | None, int]:
    """Both articles, their story score (None: not scored), and among how many it was found."""
    from dedupe.report.progress import Progress

    one, other = sources.paths
    with Progress(StringIO() if sources.quiet else sys.stderr) as progress:
        if among:
            a, b, analysis = _of_ids(replace(sources, paths=among), one, other, settings, progress)
            story = _score(analysis, one, other) if one != other else None
            if story is not None:
                return a, b, story, len(analysis.articles.ids)
        else:
            a, b = _of_files(sources, progress)
        return a, b, _alone(a, b, sources, settings), 2


def _of_files(sources: Sources, progress: object) -> tuple[Article, Article]:
    """The articles of two files. Raises SourceError for a file of none or of several."""
    from dedupe.read import FieldKeys, read

    one, other = sources.paths
    if one == other == "-":
        raise click.UsageError("standard input can be only one of the two articles")
    first = replace(sources, paths=(one,))
    with first.batches(progress) as batches:
        a = _single(batches, one, first)
        rest = read(
            (other,), keys=FieldKeys(**first.keys), format=first.form, on_reject=first.reject
        )
        b = _single(rest, other, first)
    first.say_rejected()
    # Two files of one name in two folders: told apart by their paths.
    return (a, b) if a.id != b.id or a == b else (replace(a, id=one), replace(b, id=other))


def _single(batches: Iterable[pa.RecordBatch], path: str, sources: Sources) -> Article:
    from dedupe.read import articles_of

    found = list(islice(chain.from_iterable(map(articles_of, batches)), 2))
    if len(found) == 1:
        return found[0]
    where = printable(path)
    if found:
        raise SourceError(
            f"{where}: holds several articles; name two by id, as in: "
            f"dedupe compare ID ID --in {where}"
        )
    reasons = [r.reason for r in sources.rejected if r.source == path]
    why = f": {printable(reasons[0])}" if reasons else ""
    raise SourceError(f"{where}: no article in it{why}")


def _of_ids(
    sources: Sources, one: str, other: str, settings: Settings, progress: object
) -> tuple[Article, Article, Analysis]:
    """Two articles of the sources by their ids, and the analysis of all. Raises SourceError."""
    from dedupe.pipeline import analyse

    kept: dict[str, Article] = {}
    with sources.batches(progress) as batches:
        noted = _noting(batches, {one, other}, kept)
        analysis = analyse(noted, settings, with_evidence=True, model=sources.model)
    sources.say_rejected()
    for name in (one, other):
        if name not in kept:
            raise SourceError(
                f"no article has the id {name!r} in {', '.join(map(printable, sources.paths))}; "
                "dedupe group lists all ids"
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


def _alone(a: Article, b: Article, sources: Sources, settings: Settings) -> float | None:
    """The story score of two articles that nothing else is known of."""
    from dedupe.pipeline import analyse

    pair = [replace(a, id="a"), replace(b, id="b")]
    analysis = analyse(pair, settings, with_evidence=True, model=sources.model)
    return _score(analysis, "a", "b")


def _score(analysis: Analysis, one: str, other: str) -> float | None:
    """The story score of a pair: 1 within a group of copies, None where it was not scored.

    Of each group of copies one text was scored, so a score between two groups is that of all
    pairs between them.
    """
    from dedupe.story import logistic

    row, column = (bisect_left(analysis.articles.ids, name) for name in (one, other))
    groups = analysis.links.copies
    if groups[row] == groups[column]:
        return 1.0
    if analysis.scores is None:
        return None
    sides = groups[analysis.links.pairs[analysis.links.copy_pairs :]]
    wanted = {(groups[row], groups[column]), (groups[column], groups[row])}
    found = [k for k, pair in enumerate(map(tuple, sides.tolist())) if pair in wanted]
    return float(logistic(analysis.scores.logits[found]).max()) if found else None
