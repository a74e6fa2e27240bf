"""How a table of text is laid out: its delimiter, its header, and how quotes are escaped.

Spreadsheets write a line ``sep=;`` first, and people a title and a date over the header. So the
header is the first line whose cells are names of fields that are known.
"""

from __future__ import annotations

import csv
import re
from typing import NamedTuple

from dedupe.read.names import NAMES, folded, rank_of_text

_USUAL = ",;\t|"
_RARE = "^~¦§\x1f\x01"
"""Delimiters that are taken only where they part names that are known."""
_SEPARATOR = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)
LINES_TRIED = 40
"""Lines among which the header must stand."""
_ESCAPED = re.compile(r'(?<!\\)(?:\\\\)*\\"(?=[^\r\n])')


class Dialect(NamedTuple):
    """What `csv.reader` is to be told, and where the header stands."""

    delimiter: str
    header: int
    """Lines before that of the header."""


def dialect_of(lines: list[str], delimiter: str | None) -> Dialect:
    """The dialect of a table that begins with these lines, none of them blank at first.

    ``delimiter`` is one that is known. Without a header of known names it is the first line,
    parted by what it has most of.
    """
    first = 0
    if lines and (stated := _SEPARATOR.fullmatch(lines[0].rstrip("\r\n"))):
        delimiter, first = stated[1], 1
    tried = delimiter or _USUAL + _RARE
    for at, line in enumerate(lines[first:], first):
        best = max(tried, key=lambda d: (_known_names(line, d), line.count(d)))
        if _known_names(line, best) > 1:
            return Dialect(best, at)
    while first < len(lines) and not lines[first].strip():
        first += 1
    return Dialect(delimiter or _most(lines[first] if first < len(lines) else ""), first)


def _most(line: str) -> str:
    return max(_USUAL, key=line.count)


def _known_names(line: str, delimiter: str) -> int:
    """How many names of fields are known among the cells; 0 where none is a text or a title."""
    if delimiter not in line:
        return 0
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return 0
    names = {folded(cell) for cell in cells if 0 < len(cell) <= _LONGEST_NAME}
    known = [column for column, ranks in NAMES.items() for name in names if name in ranks]
    said = {"title", "text"} & set(known) or any(rank_of_text(NAMES["text"], n) for n in names)
    return len(known) if said else 0


_LONGEST_NAME = 60


def escapes_by_backslash(sample: str, delimiter: str) -> bool:
    r"""Whether quotes inside of quoted cells are written ``\"``, rather than ``""``."""
    end = rf"(?=\s{{0,9}}(?:{re.escape(delimiter)}|[\r\n]|\Z))"
    closing, other = re.compile(rf'"{end}'), rf'[^{re.escape(delimiter)}\r\n"]'
    inside = any(not closing.match(sample, m.end() - 1) for m in _ESCAPED.finditer(sample))
    return inside and re.search(f'{other}""{other}', sample) is None
