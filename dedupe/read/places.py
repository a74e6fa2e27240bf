"""Where articles stood in their sources, so that one finds back from an article to its record."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from dedupe.model import Place

ROWS = frozenset({"parquet"})
"""Formats of which the number of a record counts all rows."""


class Places(NamedTuple):
    """Where n articles stood, in input order."""

    files: list[str]
    forms: dict[str, str]
    """The format of each file."""
    packed: array[int]
    """Of each article the place of its file in ``files``, shifted by 40 bits, and its line (n,)."""
    others: dict[str, list[int]]
    """Of each file the lines of records that are no articles any more, as there are newer ones."""

    def lines(self) -> Iterator[tuple[str, list[int]]]:
        """Of each file that has articles, the lines of all, in order."""
        found: dict[str, list[int]] = {}
        for place in self.packed:
            found.setdefault(self.files[place >> 40], []).append(place & (1 << 40) - 1)
        yield from found.items()

    def each(self, rejected: Mapping[str, Iterable[int]]) -> Iterator[Place]:
        """The places, in order; ``rejected`` are the lines of the other records of each file."""
        for file, lines in self.lines():
            others = {*rejected.get(file, ()), *self.others.get(file, ())}.difference(lines)
            rows = _rows(lines, others, counts_all=self.forms.get(file) in ROWS)
            for line, row in zip(lines, rows, strict=True):
                yield Place(file, line, row)


def _rows(lines: list[int], others: Iterable[int], *, counts_all: bool) -> Iterable[int | None]:
    """The number of each record among all of its file."""
    if counts_all:
        return lines
    others = sorted(line for line in others if line)
    if not others:
        return range(1, len(lines) + 1)
    if any(line >= after for line, after in pairwise(lines)):
        return [None] * len(lines)  # several records of one number: none says which came first
    found, before = list[int](), 0
    for number, line in enumerate(lines, 1):
        while before < len(others) and others[before] < line:
            before += 1
        found.append(number + before)
    return found
