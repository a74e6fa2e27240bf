"""The facts of a story: what all reports give, what most, what one alone, and their overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from dedupe.compare.facts.kinds import KINDS, kind_of
from dedupe.report.comparison_facts import LONGEST, LONGEST_QUOTATION, fact_row
from dedupe.report.page import UNICODE_GLYPHS, Page
from dedupe.report.terminal import name_of
from dedupe.report.wording import counted, day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from dedupe.compare.story_facts import StoryFacts, Told
    from dedupe.model import Member, Story

INDENT = 2
SHOWN = 30
"""Facts of one row that are shown; the rest is counted."""
STEPS = (0.1, 0.2, 0.4, 0.7)
"""Cosines from which a shade is the next darker one; unrelated articles average 0.05, separate
reports of one event 0.3, versions of one text 0.9."""
UNICODE_SHADES, ASCII_SHADES = " ░▒▓█", " -=%#"
SHADE_STYLES = ("dim", "blue", "cyan", "green", "bold green")
CELL = 5


def render_facts(
    facts: StoryFacts, reports: Sequence[Member], story: Story, console: Console
) -> None:
    """Print what each of a story's reports gives, and how their words overlap.

    ``reports`` are the members behind ``facts.ids``, in that order.
    """
    page = Page(console)
    page.blank()
    page.line((page.crop(f"Facts: {page.clean(story.headline)}", page.width), "bold"))
    left = story.independent - len(reports)
    remark = counted(len(reports), "independent report")
    if left > 0:
        remark += f"; {left:,} more left out"
    page.line((f"{'':{INDENT}}{remark}", "dim"))
    for number, member in enumerate(reports, start=1):
        _report(number, member, page)
    page.blank()
    n = len(reports)
    _rows(f"all {n}", [(told, "") for told in facts.by_all], page)
    for label, group in (("most", facts.by_most), ("some", facts.by_some)):
        _rows(label, [(told, _who(told)) for told in group], page)
    for number in range(n):
        own = [(told, "") for told in facts.by_one if told.reports == (number,)]
        _rows(f"only {number + 1}", own, page)
    _overlap(facts.overlap, page)


def _report(number: int, member: Member, page: Page) -> None:
    tail = [page.clean(member.source)] if member.source else []
    tail += [day(member.date)] if member.date is not None else []
    end = page.crop(", ".join(tail), page.width // 2)
    label = f"{number:>{INDENT + 2}}  "
    room = page.width - len(label) - cell_len(end) - 2
    page.line(label, page.fit(name_of(member, page), room), (f"  {end}", "dim"))


def _who(told: Told) -> str:
    return f" ({', '.join(str(report + 1) for report in told.reports)})"


def _rows(label: str, facts: Sequence[tuple[Told, str]], page: Page) -> None:
    """The facts of one group by kind, each with the numbers of its reports."""
    for kind in KINDS:
        pieces = [f"{_spelled(told, page)}{who}" for told, who in facts if told.kind == kind.name]
        shown = pieces[:SHOWN]
        if len(pieces) > SHOWN:
            shown.append(f"and {len(pieces) - SHOWN:,} more")
        if shown:
            for line in fact_row(
                f"{'':{INDENT}}{label:<9}{kind.label:<9}", shown, page.width, page
            ):
                page.print(line)
            label = ""


def _spelled(told: Told, page: Page) -> str:
    """``World War Two = World War II``; a quotation once, in its marks."""
    quoted = kind_of(told.kind).quoted
    longest = LONGEST_QUOTATION if quoted else LONGEST
    forms: dict[str, str] = {}
    for text in told.texts:
        written = page.crop(page.clean(text).strip(" ,;:"), longest)
        forms.setdefault(written.casefold(), written)
    if quoted:
        return f'"{next(iter(forms.values()))}"'
    return " = ".join(forms.values())


def _overlap(overlap: Iterable[Sequence[float]], page: Page) -> None:
    """The matrix of cosines as shades and numbers: the higher, the more words in common."""
    rows = list(overlap)
    page.blank()
    page.line((f"{'':{INDENT}}likeness of the words (cosine), report by report", "dim"))
    head = "".join(f"{number:>{CELL}}" for number in range(1, len(rows) + 1))
    page.line((f"{'':{INDENT + 3}}{head}", "dim"))
    for number, row in enumerate(rows):
        line = Text.assemble((f"{'':{INDENT}}{number + 1:>3}", "dim"))
        for other, value in enumerate(row):
            text, style = ("-", "dim") if number == other else _cell(value, page)
            line.append(f"{text:>{CELL}}", style)
        page.print(line)


def _cell(value: float, page: Page) -> tuple[str, str]:
    """``▒.31`` and its style."""
    shades = UNICODE_SHADES if page.glyphs is UNICODE_GLYPHS else ASCII_SHADES
    step = sum(value >= least for least in STEPS)
    number = f"{value:.2f}"
    return f"{shades[step]}{number[1:] if number[0] == '0' else number[:3]}", SHADE_STYLES[step]
