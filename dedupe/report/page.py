"""Where a report is written: a console or a picture, its width, the signs of its encoding."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import unescape
from io import StringIO
from typing import IO, NoReturn

import regex
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from dedupe.clean import clean, seen
from dedupe.report.wording import when

PIPE_WIDTH = 80
HEIGHT = 25
"""Nothing here depends on it, but rich heeds a width on a dumb terminal only beside a height."""
NARROWEST, WIDEST = 40, 160
"""Bounds of a page: below, columns vanish; above, the eye loses the line."""
ARTICLE = 6
"""Cells of the label beside an article."""
_FONT_FACE = regex.compile(r"\s*@font-face \{\{.*?\}\}", regex.DOTALL)
_SPACED = regex.compile(
    r'(?<before><text [^<>]*)textLength="(?<width>[0-9.]+)"(?<after>[^<>]*>)(?<text>[^<\n]+)<'
)
_OTHER_WIDTH = regex.compile(r"[^\p{Latin}\p{Common}\p{Inherited}\p{Greek}\p{Cyrillic}]")
"""Letters that fonts of fixed width have not, or not all of them."""


class _Console(Console):
    """A console that leaves it to the caller what follows where nobody reads on."""

    def on_broken_pipe(self) -> NoReturn:
        """Raises the error that it is called for; rich would end the process, with 1."""
        raise  # noqa: PLE0704 - rich calls it while it handles the error


_console = partial(
    _Console, force_jupyter=False, legacy_windows=False, highlight=False, markup=False, emoji=False
)


def make_console(file: IO[str], *, width: int | None = None) -> Console:
    """A console that prints text as it is given: no markup, emoji codes or highlighting.

    Colours and animation only on a terminal; no escape sequence at all for ``NO_COLOR`` and
    ``TERM=dumb``. Off a terminal it is 80 columns wide, or as the variable ``COLUMNS`` says.
    """
    terminal = file.isatty()
    plain = (
        not terminal
        or bool(os.environ.get("NO_COLOR"))
        or os.environ.get("TERM", "").lower() in ("dumb", "unknown")
    )
    if width is None and not terminal:
        columns = os.environ.get("COLUMNS", "")
        width = int(columns) if columns.isdecimal() and int(columns) else PIPE_WIDTH
    return _console(
        file=file,
        width=width,
        height=None if width is None else HEIGHT,
        force_terminal=terminal,
        color_system=None if plain else "auto",
        no_color=plain,
    )


def picture(render: Callable[[Console], None], width: int) -> str:
    """What ``render`` prints on a console of ``width`` columns, as an SVG picture.

    The picture refers to nothing outside of itself, so that opening it sends no request; it is
    set in the viewer's own fixed-width font.
    """
    console = _console(
        file=StringIO(),
        width=width,
        height=HEIGHT,
        record=True,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
    )
    render(console)
    template = _FONT_FACE.sub("", CONSOLE_SVG_FORMAT)
    # Some viewers drop the spaces that a line begins with.
    template = template.replace("<svg ", '<svg xml:space="preserve" ', 1)
    drawn = console.export_svg(title="dedupe", code_format=template, unique_id="report")
    return _SPACED.sub(_to_its_cells, drawn)


def _to_its_cells(found: regex.Match[str]) -> str:
    """An element of text, as wide as its cells.

    rich makes it as wide as its code points are many, whereas a Chinese character takes two cells
    and an Indic vowel sign none: what follows would be painted over. Letters of fonts that are not
    of fixed width are stretched or pressed into their cells.
    """
    text = unescape(found["text"])
    cells = cell_len(text)
    if cells == len(text) and not _OTHER_WIDTH.search(text):
        return found.group()
    width = float(found["width"]) / len(text) * cells
    adjusted = f'textLength="{width:g}" lengthAdjust="spacingAndGlyphs"'
    return f"{found['before']}{adjusted}{found['after']}{found['text']}<"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs of the report, each one cell wide."""

    representative: str
    report: str
    branch: str
    last_branch: str
    stem: str
    blocks: str
    """Bar pieces, from the thinnest to a whole cell."""
    ellipsis: str
    dot: str
    arrow: str


UNICODE_GLYPHS = Glyphs("●", "○", "├─", "└─", "│ ", "▏▎▍▌▋▊▉█", "…", "·", "→")
ASCII_GLYPHS = Glyphs("*", "o", "|-", "`-", "| ", "#", "~", "-", "->")


LEFT_TO_RIGHT_MARK = "\N{LEFT-TO-RIGHT MARK}"
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
"""Classes of the Unicode bidirectional algorithm (UAX 9, table 4)."""

_LETTER = regex.compile(r"\X")


def letters_within(text: str, cells: int) -> str:
    """The first letters that take at most so many cells, whole with their marks."""
    kept = ""
    for letter in _LETTER.findall(text):
        if cell_len(kept + letter) > cells:
            break
        kept += letter
    return kept


class Page:
    """Prints lines that never exceed the width. Every article text goes through :meth:`clean`."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = max(NARROWEST, min(console.width, WIDEST))
        self.encoding = console.encoding
        unicode = self.encoding.lower().replace("-", "").startswith("utf")
        self.glyphs = UNICODE_GLYPHS if unicode else ASCII_GLYPHS

    def clean(self, text: str) -> str:
        """The text as one harmless line that the console can encode."""
        return self._closed(clean(text, self.encoding))

    def _closed(self, text: str) -> str:
        """Right-to-left text, ended by a mark that keeps what follows it to its right.

        Without the mark a terminal that orders by direction moves the next column's digits to
        the left of the text. The mark takes no cell.
        """
        if text.isascii() or self.glyphs is ASCII_GLYPHS or text.endswith(LEFT_TO_RIGHT_MARK):
            return text
        mixed = any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in text)
        return text + LEFT_TO_RIGHT_MARK if mixed else text

    def crop(self, text: str, cells: int) -> str:
        """The text, cut with an ellipsis where it is wider than ``cells``."""
        if cell_len(text) <= cells:
            return text
        kept = letters_within(text, cells - 1)
        return self._closed(kept.rstrip() + self.glyphs.ellipsis) if cells > 0 else ""

    def fit(self, text: str, cells: int) -> str:
        """The text, cropped or padded to exactly ``cells``."""
        text = self.crop(text, cells)
        return text + " " * (cells - cell_len(text))

    def bar(self, share: float, cells: int) -> str:
        """A bar for a share in [0, 1], at most ``cells`` long; only zero is drawn empty."""
        pieces = self.glyphs.blocks
        steps = round(min(max(share, 0.0), 1.0) * cells * len(pieces))
        whole, rest = divmod(max(steps, 1) if share > 0 else 0, len(pieces))
        return pieces[-1] * whole + (pieces[rest - 1] if rest else "")

    def line(self, *parts: str | tuple[str, str]) -> None:
        """Print one line of plain or (text, style) parts, cut at the width."""
        # A style of its own, if only an empty one, places each part at its column in a picture.
        self.print(Text.assemble(*((p, "none") if isinstance(p, str) else p for p in parts)))

    def blank(self) -> None:
        """Print an empty line."""
        self.console.print()

    def paragraph(self, text: Text | str, *, indent: int = 0, label: str = "") -> None:
        """Print words wrapped to the width, hanging from ``label`` in the indent's margin."""
        words = Text(text) if isinstance(text, str) else text
        for wrapped in words.wrap(self.console, self.width - indent, overflow="fold"):
            self.print(Text.assemble((self.fit(label, indent), "dim"), wrapped))
            label = ""

    def print(self, *lines: Text) -> None:
        """Print lines without spaces at their ends; what was not cleaned does not act either."""
        for line in lines:
            line.rstrip()
            line.plain = seen(line.plain)
            self.console.print(line, no_wrap=True, overflow="crop")

    def pieces(
        self,
        pieces: Iterable[str],
        *,
        indent: int,
        label: str = "",
        style: str = "",
        separator: str = "",
    ) -> None:
        """Print pieces side by side, parted by dots; a line ends between two pieces."""
        separator = separator or f" {self.glyphs.dot} "
        trail = separator.rstrip() if not separator.startswith(" ") else ""
        lines: list[str] = []
        for piece in pieces:
            joined = f"{lines[-1]}{separator}{piece}" if lines else piece
            if lines and cell_len(joined) + len(trail) <= self.width - indent:
                lines[-1] = joined
                continue
            if lines:
                lines[-1] += trail
            lines.append(self.crop(piece, self.width - indent))
        for line in lines:
            self.line((self.fit(label, indent), "dim"), (line, style))
            label = ""

    def about(self, source: str, date: datetime | None, name: str) -> list[str]:
        """Source, date and id of an article, as pieces; without a source that is empty."""
        named = self.clean(source)
        return [*([named] if named else []), when(date), f"id {self.clean(name)}"]

    def article(self, label: tuple[str, str], headline: str, about: Iterable[str]) -> None:
        """Print the headline of an article beside a (text, style) label; what is about it below."""
        text, style = label
        self.line((text.ljust(ARTICLE), style), (self.crop(headline, self.width - ARTICLE), "bold"))
        self.pieces(about, indent=ARTICLE)
