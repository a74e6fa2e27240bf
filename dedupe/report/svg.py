"""The report as a picture for a page or a slide."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from dedupe.model import Grouping
from dedupe.report.page import HEIGHT
from dedupe.report.terminal import Sort, render_report

TITLE = "dedupe"
_FONT_FACE = re.compile(r"\s*@font-face \{\{.*?\}\}", re.DOTALL)


def save_svg(
    grouping: Grouping,
    path: Path,
    width: int = 100,
    *,
    min_size: int = 2,
    top: int | None = 20,
    sort: Sort = "size",
) -> None:
    """Write the report as an SVG picture, ``width`` columns wide. Raises OSError.

    The same grouping always gives the same bytes: time and speed are left out. The picture
    refers to nothing outside of itself, so that opening it sends no request; it is set in the
    viewer's own fixed-width font.
    """
    path.write_text(
        svg_report(grouping, width, min_size=min_size, top=top, sort=sort),
        encoding="utf-8",
        newline="\n",
    )


def svg_report(
    grouping: Grouping,
    width: int = 100,
    *,
    min_size: int = 2,
    top: int | None = 20,
    sort: Sort = "size",
) -> str:
    """The picture of :func:`save_svg` as text."""
    still = replace(grouping, seconds=0.0)
    return picture(
        lambda console: render_report(still, console, min_size=min_size, top=top, sort=sort), width
    )


def picture(render: Callable[[Console], None], width: int) -> str:
    """What ``render`` prints on a console of ``width`` columns, as an SVG picture."""
    console = Console(
        file=StringIO(),
        width=width,
        height=HEIGHT,
        record=True,
        force_terminal=True,
        force_jupyter=False,
        color_system="truecolor",
        no_color=False,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    render(console)
    template = _FONT_FACE.sub("", CONSOLE_SVG_FORMAT)
    # Some viewers drop the spaces that a line begins with.
    template = template.replace("<svg ", '<svg xml:space="preserve" ', 1)
    return console.export_svg(title=TITLE, code_format=template, unique_id="report")
