"""``python -m soak NAME...``: scenarios at full size, or at any other."""

from __future__ import annotations

import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import click

from soak.findings import Findings

NAMES = ("processes", "kill", "faults", "expire", "stream")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--size", type=click.IntRange(1), help="Instead of the full size; see docs/soak.md.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the temporary folder is made; the disk that is put to the test.",
)
def main(*, names: tuple[str, ...], size: int | None, folder: Path | None) -> None:
    """Hold an index to its promises: all scenarios, or those of these NAMES.

    Ends with 1 where a promise did not hold.
    """
    broken: list[str] = []
    for name in names or NAMES:
        scenario = import_module(f"soak.{name}")
        findings = Findings(lambda text: click.echo(text, err=False))
        began = time.monotonic()
        click.echo(f"== {name} ==")
        with tempfile.TemporaryDirectory(prefix=f"soak-{name}-", dir=folder) as made:
            scenario.run(size or scenario.SIZE, Path(made), findings)
        click.echo(f"  took: {time.monotonic() - began:,.0f} s")
        broken += [f"{name}: {promise}" for promise in findings.broken]
    click.echo(f"{len(broken)} promises broken" if broken else "every promise held")
    for promise in broken:
        click.echo(f"  {promise}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main(prog_name="python -m soak")
