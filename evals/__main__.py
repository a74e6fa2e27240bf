"""The command: ``python -m evals quality [--data DIR] [--only NAME,...] [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evals.quality import measured
from evals.sets import found_in
from evals.table import lines

BESIDE = Path(__file__).parent.parent.parent / "shared" / "eval"


def main(args: list[str] | None = None) -> int:
    """Measures, prints a table, and writes all figures as JSON if asked; 0 also without data."""
    parser = argparse.ArgumentParser(prog="evals", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    quality = commands.add_parser("quality", help="score the one default on every labelled set")
    quality.add_argument("--data", type=Path, default=BESIDE, help="folder of labelled sets")
    quality.add_argument("--only", default="", help="names of sets or parts, parted by commas")
    quality.add_argument("--json", type=Path, help="write all figures to this file")
    quality.add_argument("--no-peers", action="store_true", help="leave the plain methods out")
    chosen = parser.parse_args(args)
    if not chosen.data.is_dir():
        print(f"{chosen.data}: no such folder, so there is nothing to measure; see --data")
        return 0
    only = {name for name in chosen.only.split(",") if name}
    figures = measured(found_in(chosen.data), only, peers=not chosen.no_peers)
    print("\n".join(lines(figures)))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
