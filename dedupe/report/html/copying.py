"""Who copied whom, as a picture: arrows from outlets that had texts first to those that ran them.

Two columns, in the manner of a Sankey diagram: an outlet stands on the left where others ran its
texts, on the right where it ran those of others, and an arrow is as wide as the texts are many. So
all arrows lead one way, and each has a row of its own on the right, where its figures stand.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from rich.cells import cell_len

from dedupe.clean import clean
from dedupe.report.page import UNICODE_GLYPHS, letters_within
from dedupe.report.wording import after, after_in_full, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.outlets import CopiedFrom, OutletTable

DRAWN_PAIRS = 24
"""Arrows of one picture, those of most texts."""
WIDE, NARROW = 720, 328
"""Widths of a picture, in its units: a letter of it is 13 high. The second is for a phone."""
CELL = 7
"""Units that a cell of text takes at most, of usual letters; what is wider is cut off."""
LINE, ROW = 18, 17
"""Heights of a name and of what stands below it."""
GAP = 10
"""Between two outlets of a column."""
WIDEST, THINNEST = 20.0, 1.5
"""Arrows of the most texts, and of so few that they could not be seen."""
HEAD, BAR, EDGE, SWATCH = 9, 8, 14, 20
"""Lengths: of an arrow's head, from a column to its arrows, from it to its names, of a shade."""
LEFT, RIGHT = 0.35, 0.57
"""Where the columns end and begin, as a share of the width."""
TOP = 28
"""Where the columns begin, below their headings."""
SOON = ((3600, "within an hour"), (86400, "within a day"), (float("inf"), "later"))
"""Seconds up to which an arrow has a shade, the strongest first."""
UNTIMED = "not known"
HOW_DRAWN = (
    "An arrow is as wide as the texts are many, and the stronger in colour the sooner they came "
    "(their median)."
)
NOBODY_COPIED = "No outlet is known to have run a text that another one had first."


@dataclass(frozen=True, slots=True)
class OutletBox:
    """An outlet in its column."""

    name: str
    """As much of it as there is room for."""
    told: str
    """What stands below the name; '' on the right, where each arrow has its own line."""
    y: float
    """Where the name begins."""
    bar: float
    """Where the bar begins at which its arrows begin or end."""
    height: float
    """Of this bar."""


@dataclass(frozen=True, slots=True)
class CopyingArrow:
    """What one outlet ran of another's texts."""

    path: str
    head: str
    """Corners of its head."""
    width: float
    shade: int
    """Index into the key."""
    y: float
    """Middle of its line on the right."""
    label: str
    """What stands there."""
    told: str
    """All of it in words."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A shade of arrows, and what it says."""

    x: float
    y: float
    shade: int
    told: str


@dataclass(frozen=True, slots=True)
class CopyingPicture:
    """Who copied whom; all places and lengths are in units of the picture."""

    width: int
    height: float
    left: float
    """Right end of the left column."""
    right: float
    """Left end of the right column."""
    sources: Sequence[OutletBox]
    takers: Sequence[OutletBox]
    arrows: Sequence[CopyingArrow]
    key: Sequence[KeyEntry]
    drawn: int
    """Pairs of outlets."""
    left_out: str
    """In words; '' where all is drawn."""


def copying_picture(table: OutletTable, width: int) -> CopyingPicture | None:
    """The picture, so many units wide; None where nobody is known to have copied."""
    pairs = table.copied[:DRAWN_PAIRS]
    if not pairs:
        return None
    left, right = round(LEFT * width), round(RIGHT * width)
    widths = [max(THINNEST, WIDEST * pair.texts / pairs[0].texts) for pair in pairs]
    going, coming = _columns(pairs)
    heights = [max(LINE + ROW, sum(widths[n] for n in numbers)) for numbers in going]
    rows = [max(ROW, width + 6) for width in widths]
    lines = [LINE + sum(rows[n] for n in numbers) for numbers in coming]
    height = max(sum(column) + GAP * (len(column) - 1) for column in (heights, lines))
    begins, ends = [0.0] * len(pairs), [0.0] * len(pairs)
    sources, takers = [], []
    for numbers, y, tall in zip(going, _spread(heights, height), heights, strict=True):
        named, whole = pairs[numbers[0]].source, sum(widths[n] for n in numbers)
        bar = y + (tall - whole) / 2
        _stack(numbers, [widths[n] for n in numbers], bar, begins)
        texts = counted(sum(pairs[n].texts for n in numbers), "text")
        middle = y + (tall - LINE - ROW) / 2
        sources.append(OutletBox(_cut(named, left - EDGE), texts, middle, bar, whole))
    for numbers, y, tall in zip(coming, _spread(lines, height), lines, strict=True):
        _stack(numbers, [rows[n] for n in numbers], y + LINE, ends)
        named = _cut(pairs[numbers[0]].outlet, width - right - EDGE)
        takers.append(OutletBox(named, "", y, y + LINE, tall - LINE))
    arrows = [
        _arrow(pair, widths[n], (left + BAR, begins[n]), (right - BAR, ends[n]))
        for n, pair in enumerate(pairs)
    ]
    key, bottom = _key(arrows, width, TOP + height + LINE)
    drawn = len(pairs), _left_out(table.copied[DRAWN_PAIRS:])
    return CopyingPicture(width, bottom, left, right, sources, takers, arrows, key, *drawn)


def _columns(pairs: Sequence[CopiedFrom]) -> tuple[list[list[int]], list[list[int]]]:
    """Of each outlet on the left, then on the right, the numbers of its pairs, from above.

    Who gave most stands highest. The others stand at the middle of where their texts come from, so
    that few arrows cross (the barycentre method of Sugiyama, Tagawa and Toda, 1981).
    """
    texts: Counter[str] = Counter()
    for pair in pairs:
        texts[pair.source] += pair.texts
    above = {name: at for at, name in enumerate(sorted(texts, key=lambda one: (-texts[one], one)))}
    coming: dict[str, list[int]] = {}
    for n, pair in enumerate(pairs):
        coming.setdefault(pair.outlet, []).append(n)

    def middle(name: str) -> tuple[float, str]:
        own = [pairs[n] for n in coming[name]]
        weighed = sum(above[pair.source] * pair.texts for pair in own)
        return weighed / sum(pair.texts for pair in own), name

    below = {name: at for at, name in enumerate(sorted(coming, key=middle))}
    going = [[n for n, pair in enumerate(pairs) if pair.source == name] for name in above]
    for numbers in going:
        numbers.sort(key=lambda n: below[pairs[n].outlet])
    return going, [sorted(coming[one], key=lambda n: above[pairs[n].source]) for one in below]


def _spread(heights: Sequence[float], height: float) -> list[float]:
    """Where each box of a column begins, so that the column fills the height."""
    gap = (height - sum(heights)) / (len(heights) - 1) if len(heights) > 1 else 0.0
    top = TOP if len(heights) > 1 else TOP + (height - sum(heights)) / 2
    above = accumulate(heights[:-1], initial=0.0)
    return [top + before + gap * at for at, before in enumerate(above)]


def _stack(
    numbers: Sequence[int], heights: Sequence[float], y: float, middles: list[float]
) -> None:
    """Puts into ``middles`` where each of the numbers has its middle, one below the other."""
    for number, tall in zip(numbers, heights, strict=True):
        middles[number] = y + tall / 2
        y += tall


def _arrow(
    pair: CopiedFrom, width: float, begin: tuple[float, float], end: tuple[float, float]
) -> CopyingArrow:
    (x, y), (to_x, to_y) = begin, (end[0] - HEAD, end[1])
    bend, half = (x + to_x) / 2, max(width / 2 + 3, 4.5)
    corners = (to_x, to_y - half), (end[0], to_y), (to_x, to_y + half)
    texts = counted(pair.texts, "text")
    time = after(pair)
    soon = next((n for n, (most, _) in enumerate(SOON) if (pair.delay or 0) < most), len(SOON))
    return CopyingArrow(
        f"M{x:.1f} {y:.1f}C{bend:.1f} {y:.1f} {bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}",
        " ".join(f"{a:.1f},{b:.1f}" for a, b in corners),
        round(width, 1),
        soon if time else len(SOON),
        to_y,
        f"{texts}, {time}" if time else texts,
        f"{clean(pair.outlet)} from {clean(pair.source)}: {texts}, after {after_in_full(pair)}",
    )


def _cut(name: str, room: float) -> str:
    """As much of a name as there is room for, as one harmless line."""
    name, cells = clean(name), int(room / CELL)
    if cell_len(name) <= cells:
        return name
    return letters_within(name, cells - 1).rstrip() + UNICODE_GLYPHS.ellipsis


def _key(arrows: Sequence[CopyingArrow], width: int, y: float) -> tuple[list[KeyEntry], float]:
    """What the shades that occur say, and where it ends."""
    found: list[KeyEntry] = []
    x = 0.0
    for shade, told in enumerate([*(told for _, told in SOON), UNTIMED]):
        if all(arrow.shade != shade for arrow in arrows):
            continue
        wide = SWATCH + CELL * len(told)
        if found and x + wide > width:
            x, y = 0.0, y + LINE
        found.append(KeyEntry(x, y, shade, told))
        x += wide + GAP
    return found, y + LINE


def _left_out(pairs: Sequence[CopiedFrom]) -> str:
    if not pairs:
        return ""
    texts = counted(sum(pair.texts for pair in pairs), "text")
    return f"Not drawn: {counted(len(pairs), 'more pair')} of outlets, with {texts}"
