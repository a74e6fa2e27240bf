"""Outlets as a person reads them: who is first, whose texts are its own, who copies whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedupe.report.page import Page
from dedupe.report.wording import after_in_full, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from dedupe.outlets import CopiedFrom, OutletFigures, OutletTable

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes."""
INDENT = 2
HEADS = ("articles", "own", "copied", "stories", "covers", "first")
MEANINGS = {
    "own": "of its articles, those whose text it had first, or alone",
    "copied": "its articles whose text another outlet had before",
    "stories": "those of several outlets that it tells",
    "covers": "their share of all such stories",
    "first": "how many of them it told first, where the dates say who did",
}
COLUMN = 10
LEAST_NAME = 20
"""Cells for the name of an outlet; columns for which there is no room beside it are left out."""


def render_outlets(table: OutletTable, console: Console, *, top: int | None = None) -> None:
    """Print what outlets did, the ``top`` with most articles, and whom they copy."""
    page = Page(console)
    _sums(table, page)
    if not table.outlets:
        return
    page.blank()
    shown = min(len(HEADS), (page.width - LEAST_NAME) // COLUMN)
    names = page.width - COLUMN * shown
    page.line((page.fit("", names) + _cells(HEADS[:shown]), "dim"))
    for outlet in table.outlets[:top]:
        cells = figures_of(outlet, table.stories)[:shown]
        page.line(page.fit(page.clean(outlet.name), names) + _cells(cells))
    _more(len(table.outlets) - len(table.outlets[:top]), "outlet", page)
    if table.copied:
        page.blank()
        page.line(("texts that another outlet had first", "bold"))
        for copied in table.copied[:top]:
            page.pieces(_copied(copied, page), indent=INDENT)
        _more(len(table.copied) - len(table.copied[:top]), "pair", page)
    page.blank()
    for name, meaning in MEANINGS.items():
        page.paragraph(f"{name}: {meaning}")


def _sums(table: OutletTable, page: Page) -> None:
    pieces = [f"{counted(table.articles, 'article')} of {counted(len(table.outlets), 'outlet')}"]
    told = f"{counted(table.stories, 'story', 'stories')} told by several"
    if table.unclear:
        told += f", of {table.unclear:,} it is not known by whom first"
    page.pieces([*pieces, told], indent=0, style="bold")
    if table.unknown:
        page.paragraph(
            f"{counted(table.unknown, 'article')} left out: the source is not known; name its "
            "field with --source-key"
        )


def figures_of(outlet: OutletFigures, stories: int) -> tuple[str, ...]:
    """What is told of an outlet, in the order of HEADS."""
    covers = f"{outlet.stories / stories:.0%}" if stories else "-"
    own = f"{outlet.own / outlet.articles:.0%}"
    told = f"{outlet.stories:,}", covers, f"{outlet.first:,}"
    return f"{outlet.articles:,}", own, f"{outlet.copied:,}", *told


def _cells(values: Sequence[str]) -> str:
    return "".join(f"{value:>{COLUMN}}" for value in values)


def _copied(copied: CopiedFrom, page: Page) -> list[str]:
    """Who copied whom, how often, and after how long."""
    pair = f"{page.clean(copied.outlet)} from {page.clean(copied.source)}"
    return [pair, counted(copied.texts, "text"), f"after {after_in_full(copied)}"]


def _more(left: int, what: str, page: Page) -> None:
    if left > 0:
        page.line(f"{'':{INDENT}}and {counted(left, f'more {what}')}: --top 0 lists all")


def outlets_object(table: OutletTable) -> dict[str, Any]:
    """The object that docs/outlets.md documents."""
    return {
        "schema_version": SCHEMA_VERSION,
        "articles": table.articles,
        "unknown": table.unknown,
        "stories": table.stories,
        "unclear": table.unclear,
        "outlets": [
            {
                "name": one.name,
                "articles": one.articles,
                "own": one.own,
                "copied": one.copied,
                "stories": one.stories,
                "coverage": round(one.stories / table.stories, 4) if table.stories else None,
                "first": one.first,
            }
            for one in table.outlets
        ],
        "copied": [
            {
                "outlet": one.outlet,
                "source": one.source,
                "texts": one.texts,
                "timed": one.timed,
                "median_delay_seconds": one.delay,
            }
            for one in table.copied
        ],
    }
