"""The commands: ``python -m evals quality`` and ``python -m evals calibrate``; see ``--help``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.results import replace_block
from evals.markdown import MARKERS, markdown
from evals.quality import measured
from evals.sets import found_in
from evals.table import lines

BESIDE = Path(__file__).parent.parent.parent / "shared" / "eval"


def main(args: list[str] | None = None) -> int:
    """Runs a command; 0 also where there is no data."""
    parser = argparse.ArgumentParser(prog="evals", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _quality_options(commands.add_parser("quality", help="score the one default on all sets"))
    _calibrate_options(commands.add_parser("calibrate", help="fit the story model to all sets"))
    chosen = parser.parse_args(args)
    if not chosen.data.is_dir():
        print(f"{chosen.data}: no such folder, so there is nothing to measure; see --data")
        return 0
    if chosen.command == "calibrate":
        return calibrate(chosen.data, write=chosen.write)
    return quality(chosen)


def _quality_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=BESIDE, help="folder of labelled sets")
    parser.add_argument("--only", default="", help="names of sets or parts, parted by commas")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--markdown", type=Path, help="put them between the markers of this page")
    parser.add_argument("--no-peers", action="store_true", help="leave the plain methods out")


def _calibrate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=BESIDE, help="folder of labelled sets")
    parser.add_argument(
        "--write", action="store_true", help="store the fit to all sets as the package's model"
    )


def quality(chosen: argparse.Namespace) -> int:
    """Measures, prints a table, and writes all figures where asked."""
    only = {name for name in chosen.only.split(",") if name}
    figures = measured(found_in(chosen.data), only, peers=not chosen.no_peers)
    print("\n".join(lines(figures)))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if chosen.markdown:
        replace_block(chosen.markdown, markdown(figures), MARKERS)
    return 0


def calibrate(data: Path, *, write: bool) -> int:
    """Fits, prints every fit and its worth, and stores the one to all sets if asked."""
    from evals import calibrate as fits

    try:
        shipped, folds, counts = fits.fitted_folds(found_in(data))
    except ValueError as error:
        print(f"{data}: {error}", file=sys.stderr)
        return 2
    print("\n".join(fits.lines(shipped, folds)))
    print("\n" + json.dumps(fits.stored(folds[0].model, counts)))
    if write:
        fits.write(folds[0].model, counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
