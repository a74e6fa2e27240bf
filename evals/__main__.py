"""The commands: ``python -m evals quality``, ``facts`` and ``calibrate``; see ``--help``."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.results import Table, markdown, replace_block, show
from evals.quality import SECTIONS, Result, measure, times, wanted
from evals.sets import FITTED, Data, found_in

MARKERS = ("<!-- quality: begin -->", "<!-- quality: end -->")
BESIDE = Path(__file__).parent.parent.parent / "shared" / "eval"


def main(args: list[str] | None = None) -> int:
    """Runs a command; 0 also where there is no data."""
    parser = argparse.ArgumentParser(prog="evals", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _quality_options(commands.add_parser("quality", help="score the one default on all sets"))
    _calibrate_options(commands.add_parser("calibrate", help="fit the story model to all sets"))
    commands.add_parser("facts", help="what reports tell differently, of pairs in the project")
    chosen = parser.parse_args(args)
    if chosen.command == "facts":
        return facts()
    if not chosen.data.is_dir():
        print(f"{chosen.data}: no such folder, so there is nothing to measure; see --data")
        return 0
    if chosen.command == "calibrate":
        return calibrate(chosen)
    return quality(chosen)


def _quality_options(parser: argparse.ArgumentParser) -> None:
    sections = ", ".join(section.name for section in SECTIONS)
    parser.add_argument("--data", type=Path, default=BESIDE, help="folder of labelled sets")
    parser.add_argument(
        "--only", default="", help=f"names of sets and sections, parted by commas: {sections}"
    )
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--markdown", type=Path, help="put them between the markers of this page")
    parser.add_argument("--no-peers", action="store_true", help="leave the plain methods out")


def _calibrate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=BESIDE, help="folder of labelled sets")
    parser.add_argument(
        "--only", default="", help=f"sets to fit to; as without it, of {', '.join(FITTED)}, or all"
    )
    parser.add_argument(
        "--write", action="store_true", help="store the fit to all sets as the package's model"
    )


def facts() -> int:
    """Prints how many contradictions are told rightly, by language."""
    from evals.disagreements import labelled, table

    show([table(labelled())], (), print)
    return 0


def quality(chosen: argparse.Namespace) -> int:
    """Measures, prints tables as they come, and writes all figures where asked."""
    sets = found_in(chosen.data)
    try:
        sections, names = wanted(_names(chosen.only), [s.name for s in sets])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    results: list[Result] = []
    for result in measure(Data(sets, names, not chosen.no_peers), sections):
        results.append(result)
        show(result.tables(), (), print)
    show([times(results)], (), print)
    if chosen.json:
        figures = {result.section.name: result.rows for result in results}
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if chosen.markdown:
        replace_block(chosen.markdown, page(results), MARKERS)
    return 0


def page(results: list[Result]) -> str:
    """The tables as Markdown, with their date and version."""
    tables: list[Table] = [table for result in results for table in result.tables()]
    dated = f"{datetime.now(UTC).date()}; story-dedupe {version('story-dedupe')}."
    return markdown([*tables, times(results)], [dated])


def _names(given: str) -> set[str]:
    return {name for name in given.split(",") if name}


def calibrate(chosen: argparse.Namespace) -> int:
    """Fits, prints every fit and its worth, and stores the one to all sets if asked."""
    from evals.calibrate import fit_tables, fits, stored, write

    data = Data(found_in(chosen.data), frozenset(_names(chosen.only)))
    try:
        found = fits(data, data.stories if chosen.only else data.fitted)
    except ValueError as error:
        print(f"{chosen.data}: {error}", file=sys.stderr)
        return 2
    show(fit_tables(found), (), print)
    print("\n" + json.dumps(stored(found.pooled.model, found.counts)))
    if chosen.write:
        write(found.pooled.model, found.counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
