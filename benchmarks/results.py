"""What a benchmark found: tables, and how its figures stand to what is asked of the project."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
page_option = click.option(
    "--markdown",
    "page",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Put the result between the markers of this page, too.",
)
"""The option of a command that may put its tables into a page."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure beside the bound that it is held to."""

    what: str
    value: float
    bound: float
    unit: str = ""
    at_least: bool = True
    digits: int = 2

    @property
    def met(self) -> bool:
        """Whether the figure, unrounded, keeps the bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def cells(self) -> tuple[str, ...]:
        """What, asked, measured, met."""
        asked = f"{'at least' if self.at_least else 'at most'} {self.bound:g}{self.unit}"
        measured = f"{self.value:,.{self.digits}f}{self.unit}"
        return self.what, asked, measured, "yes" if self.met else "NO"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text; the first column holds names, the others figures."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


@dataclass(slots=True)
class Findings:
    """What the sections found, in their order."""

    tables: list[Table] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)

    def all_tables(self) -> list[Table]:
        """The tables, and the goals as the last of them."""
        if not self.goals:
            return self.tables
        columns = ("figure", "asked for", "measured", "met")
        return [*self.tables, Table("Asked for", columns, [goal.cells() for goal in self.goals])]


def show(tables: Iterable[Table], heading: Iterable[str], write: Callable[[str], None]) -> None:
    """Writes the tables as plain text."""
    for line in heading:
        write(line)
    for table in tables:
        write("")
        write(table.title)
        grid = [table.columns, *table.rows]
        widths = [max(len(row[i]) for row in grid) for i in range(len(table.columns))]
        for row in grid:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            write("  " + "  ".join(cells).rstrip())
        if table.note:
            write(f"  {table.note}")


def markdown(tables: Iterable[Table], heading: Iterable[str]) -> str:
    """The tables as Markdown."""
    lines = [*heading]
    for table in tables:
        lines += ["", f"**{table.title}**", ""]
        lines.append("| " + " | ".join(table.columns) + " |")
        lines.append("|---|" + "---:|" * (len(table.columns) - 1))
        lines += ["| " + " | ".join(row) + " |" for row in table.rows]
        if table.note:
            lines += ["", table.note]
    return "\n".join(lines) + "\n"


def replace_block(page: Path, block: str, markers: tuple[str, str] = (BEGIN, END)) -> None:
    """Puts the block between the markers of a page. Raises ValueError for a page without them."""
    first, last = markers
    before, begin, rest = page.read_text("utf-8").partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"{page} has no lines {first} and {last}")
    page.write_text(f"{before}{first}\n{block}{last}{after}", "utf-8")
