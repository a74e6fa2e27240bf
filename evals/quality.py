"""All that is measured, section by section, with the time that each takes."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.results import Table
from evals import (
    briefs,
    calibrate,
    cases,
    conditions,
    edits,
    filtering,
    indexed,
    pairs,
    stories,
    twins,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from evals.sets import Data

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the measurement: rows of figures, and how they are shown."""

    name: str
    measured: Callable[[Data], Iterable[dict[str, Any]]]
    tables: Callable[[Rows], Iterable[Table]]
    of_sets: bool = True
    """Whether it measures the sets that are named; else it is left out where sets are."""


SECTIONS = (
    Section("stories", stories.measured, stories.tables),
    Section("together", stories.together, stories.tables, of_sets=False),
    Section("candidates", stories.candidates, stories.candidate_tables),
    Section("conditions", conditions.measured, conditions.tables),
    Section("calibration", calibrate.left_out, calibrate.tables, of_sets=False),
    Section("briefs", briefs.measured, briefs.tables),
    Section("twins", twins.measured, twins.tables, of_sets=False),
    Section("edits", edits.measured, edits.tables, of_sets=False),
    Section("index", indexed.measured, indexed.tables),
    Section("filter", filtering.measured, filtering.tables, of_sets=False),
    Section("pairs", pairs.measured, pairs.tables),
    Section("fixtures", cases.fixtures, cases.tables, of_sets=False),
    Section("haystack", cases.haystack, cases.tables, of_sets=False),
)
"""In the order of the page."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one section found."""

    section: Section
    rows: Rows
    seconds: float

    def tables(self) -> Iterable[Table]:
        """Its tables; none where there was nothing to measure."""
        return self.section.tables(self.rows) if self.rows else ()


def wanted(names: set[str], sets: Iterable[str]) -> tuple[list[Section], frozenset[str]]:
    """Sections and sets that are named; all where none is. Raises ValueError for another name.

    A name of both is that of the section.
    """
    known, sections = set(sets), {section.name for section in SECTIONS}
    if unknown := names - known - sections:
        raise ValueError(
            f"{', '.join(sorted(unknown))}: no such set or section; sections are "
            f"{', '.join(section.name for section in SECTIONS)}"
        )
    asked = names & sections
    chosen = [
        section
        for section in SECTIONS
        if section.name in asked or (not asked and (section.of_sets or not names))
    ]
    return chosen, frozenset((names & known) - sections)


def measure(data: Data, sections: Iterable[Section]) -> Iterator[Result]:
    """Measures one section after the other."""
    for section in sections:
        began = time.perf_counter()
        rows = []
        for row in section.measured(data):
            rows.append(row)
            spent = time.perf_counter() - began
            print(
                f"{section.name}: {_named(row)}, after {spent:.0f} s", file=sys.stderr, flush=True
            )
        yield Result(section, rows, time.perf_counter() - began)


def _named(row: dict[str, Any]) -> str:
    """The first words of a row, which say what it is of."""
    return ", ".join(str(v) for v in list(row.values())[:3] if isinstance(v, str))


def times(results: Iterable[Result]) -> Table:
    """What each section took."""
    cells = [(result.section.name, f"{result.seconds:.0f}") for result in results]
    whole = sum(result.seconds for result in results)
    return Table("Time", ("section", "seconds"), [*cells, ("all", f"{whole:.0f}")])
