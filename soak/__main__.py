"""``python -m soak NAME...``: scenarios at full size, or at any other."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click

from benchmarks.machine import processor
from benchmarks.results import replace_block
from soak.findings import Findings

NAMES = (
    "processes", "kill", "served", "faults", "mutated", "flipped", "expire", "stream", "answered",
    "postgres",
)  # fmt: skip
NUMBERED = ("mutated", "flipped")
"""Whose cases have numbers, from which what is done to each is drawn."""
Say = Callable[[str], None]


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--size", type=click.IntRange(1), help="Instead of the full size; see docs/soak.md.")
@click.option(
    "--first", type=click.IntRange(0), help="Of mutated and flipped: the number of the first case."
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the temporary folder is made; the disk that is put to the test.",
)
@click.option(
    "--markdown",
    "page",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Put what was printed between the markers of this page, too.",
)
def main(
    *,
    names: tuple[str, ...],
    size: int | None,
    first: int | None,
    folder: Path | None,
    page: Path | None,
) -> None:
    """Hold an index to its promises: all scenarios, or those of these NAMES.

    Ends with 1 where a promise did not hold.
    """
    if first is not None and not (names and set(names) <= set(NUMBERED)):
        raise click.UsageError(f"only the cases of {' and '.join(NUMBERED)} have numbers")
    printed: list[str] = []

    def say(text: str) -> None:
        printed.append(text)
        click.echo(text)

    say(_where())
    numbered = {} if first is None else {"first": first}
    broken = [
        promise for name in names or NAMES for promise in _run(name, size, folder, say, numbered)
    ]
    say(f"promises broken: {len(broken)}" if broken else "every promise held")
    for promise in broken:
        say(f"  {promise}")
    if page is not None:
        lines = "\n".join(printed)
        replace_block(page, f"\n```\n{lines}\n```\n\n")
    sys.exit(1 if broken else 0)


def _where() -> str:
    today = datetime.now(UTC).date().isoformat()
    return f"{today}; {processor()}, {os.cpu_count()} processors; SQLite {sqlite3.sqlite_version}"


def _run(
    name: str, size: int | None, folder: Path | None, say: Say, numbered: dict[str, int]
) -> list[str]:
    """Carries one scenario out; the promises that it found broken."""
    scenario = import_module(f"soak.{name}")
    findings = Findings(say)
    say(f"== {name} ==")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"soak-{name}-", dir=folder) as made:
        scenario.run(size or scenario.SIZE, Path(made), findings, **numbered)
    say(f"  took: {time.monotonic() - began:,.0f} s")
    return [f"{name}: {promise}" for promise in findings.broken]


if __name__ == "__main__":
    main(prog_name="python -m soak")
