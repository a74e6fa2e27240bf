"""``dedupe report``: the stories on a terminal, as a picture, as a page, or as JSON."""

from __future__ import annotations

from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from dedupe.cli.index_source import index_stream, is_index
from dedupe.cli.outputs import one_of, top_of_page
from dedupe.cli.sources import KEYS, Sources, file_option, run, with_json, with_sources
from dedupe.cli.streams import console, data
from dedupe.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dedupe.analysis import Analysis
    from dedupe.comparison.story_facts import StoryFacts
    from dedupe.config import Settings
    from dedupe.model import Grouping, Member, Story

    Told = tuple[StoryFacts, Sequence[Member], Story]

SHOWN_STORIES = 10_000
"""Stories on one page, where no other number is asked for."""
DESCRIBED = 1000
"""Stories of a page whose terms are told: to find them takes a look into each text."""


def _take_newest(sources: Sources, newest: int) -> None:
    if not any(map(is_index, sources.paths)):
        raise click.UsageError("--newest is for an index: files are read whole")
    sources.through = partial(index_stream, newest=newest)


def _with_newest(command: Callable[..., int]) -> Callable[..., int]:
    """Adds ``--newest``, by which an index is read in part."""

    @wraps(command)
    def wrapped(*, sources: Sources, newest: int | None, **values: Any) -> int:
        if newest is not None:
            _take_newest(sources, newest)
        return command(sources=sources, **values)

    return click.option(
        "--newest",
        type=click.IntRange(1),
        help="Of an index, take the so many articles that came last.",
    )(wrapped)


@click.command("report")
@with_sources
@click.option(
    "--min-size",
    type=click.IntRange(1),
    default=2,
    help="List stories of at least so many articles.",
)
@click.option(
    "--top", type=click.IntRange(0), default=20, help="List so many stories; 0 lists all."
)
@click.option(
    "--sort",
    type=click.Choice(["size", "date", "score"]),
    default="size",
    help="Largest, latest or surest first.",
)
@click.option(
    "--explain", metavar="ID", help="Show why this article is where it is: every piece of evidence."
)
@click.option(
    "--facts", is_flag=True, help="Show what all reports of a story tell, what most, and what one."
)
@click.option("--copies-only", is_flag=True, help="Find copies and leave stories aside.")
@_with_newest
@with_json("one JSON object a story")
@file_option("--svg", help="Write the report as a picture to this file.")
@file_option(
    "--html",
    help="Write the report as a page to this file; without --top it lists up to 10,000 stories.",
)
@click.option("--exit-code", is_flag=True, help="End with 1 where copies were found.")
def command(
    *,
    sources: Sources,
    settings: Settings,
    min_size: int,
    top: int,
    sort: Literal["size", "date", "score"],
    explain: str | None,
    facts: bool,
    copies_only: bool,
    as_json: bool,
    svg: Path | None,
    html: Path | None,
    exit_code: bool,
) -> int:
    """Show the stories of SOURCE...: files, folders, globs, addresses, an index, or - for stdin."""
    from dedupe.report.terminal import render_report, svg_report

    others = {"--explain": explain, "--json": as_json or None, "--svg": svg, "--html": html}
    one_of(others)
    if facts and (copies_only or any(value is not None for value in others.values())):
        raise click.UsageError("--facts goes with the stories on a terminal only")
    sources.must_not_be(html, "--html")
    sources.must_not_be(svg, "--svg")
    analysis, found = run(sources, settings, copies_only=copies_only)
    if explain is not None:
        _explain(analysis, found, explain)
        return 0
    if html is not None:
        top = top_of_page(top, SHOWN_STORIES)
    most = DESCRIBED if html is not None else None
    with sources.at_work("describing stories"):
        found, listed = _described(
            analysis, found, most, min_size=min_size, top=top or None, sort=sort
        )
    if html is not None:
        with sources.at_work("comparing reports"):
            _page(analysis, found, listed, html, sort, sources.paths)
    elif as_json:
        _write_json(found)
    elif svg is not None:
        drawn = svg_report(found, min_size=min_size, top=top or None, sort=sort)
        svg.write_text(drawn, encoding="utf-8", newline="\n")
    else:
        told = _facts(sources, analysis, listed) if facts else []
        render_report(found, console(), min_size=min_size, top=top or None, sort=sort)
        _show_facts(told)
    return int(exit_code and any(story.copies for story in found.stories))


def _described(
    analysis: Analysis, found: Grouping, most: int | None, **listing: Any
) -> tuple[Grouping, list[Story]]:
    """The grouping with what tells of the first ``most`` of its listed stories, and all these."""
    from dedupe.explain import described
    from dedupe.report.terminal import chosen

    found = described(analysis, found, chosen(found, **listing)[0][:most])
    return found, chosen(found, **listing)[0]


def write_newest(index: str, newest: int, html: Path) -> None:
    """Writes the page of the articles that came last to an index, in the place of an earlier one.

    Stories are listed latest first. Raises SourceError, StoreError and OSError.
    """
    from dedupe.config import Settings
    from dedupe.placed import placed

    sources = Sources((index,), None, dict.fromkeys(KEYS), None, quiet=True)
    _take_newest(sources, newest)
    analysis, found = run(sources, Settings())
    found, listed = _described(
        analysis, found, DESCRIBED, min_size=1, top=SHOWN_STORIES, sort="date"
    )
    with placed(html) as beside:
        _page(analysis, found, listed, beside, "date", sources.paths)


def _write_json(found: Grouping) -> None:
    from dedupe.report.jsonl import write_stories

    out = data()
    write_stories(found, out)
    out.flush()


def _page(
    analysis: Analysis,
    found: Grouping,
    listed: list[Story],
    path: Path,
    sort: Literal["size", "date", "score"],
    read_from: Sequence[str],
) -> None:
    from dedupe.pages import shown_on_page
    from dedupe.read.address import shown_address
    from dedupe.report.html import write_report_page

    shown = shown_on_page(analysis, found, listed)
    write_report_page(
        found,
        path,
        stories=listed,
        readings=shown.readings,
        matches=shown.matches,
        maps=shown.maps,
        facts=shown.facts,
        addresses=shown.addresses,
        scores=shown.scores,
        remarks=shown.remarks,
        read_from=[shown_address(name) for name in read_from],
        sort=sort,
    )


def _facts(sources: Sources, analysis: Analysis, stories: list[Story]) -> list[Told]:
    """What the reports tell of each story that has several."""
    from dedupe.comparison.story_facts import MOST_REPORTS, story_facts

    with sources.at_work("comparing reports"):
        several = [(s.reports[:MOST_REPORTS], s) for s in stories if len(s.reports) > 1]
        return [
            (story_facts(analysis, [report.id for report in reports]), reports, story)
            for reports, story in several
        ]


def _show_facts(told: list[Told]) -> None:
    if not told:
        return
    from dedupe.report.facts import render_facts

    for facts, reports, story in told:
        render_facts(facts, reports, story, console())


def _explain(analysis: Analysis, found: Grouping, name: str) -> None:
    from dedupe.explain import matches_of
    from dedupe.report.explain import render_explain

    try:
        matches = matches_of(analysis, name)
    except KeyError:
        raise SourceError(f"no article has the id {name!r}; dedupe group lists all ids") from None
    story, member = next((s, m) for s in found.stories for m in s.members if m.id == name)
    render_explain(member, story, matches, console())
