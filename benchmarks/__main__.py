"""``python -m benchmarks FILE``: this project and its peers on one file, in one run."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path

import click

from benchmarks.child import BenchmarkError
from benchmarks.files import pairs_beside, unpacked
from benchmarks.machine import described
from benchmarks.peers.stopwatch import weighed
from benchmarks.results import Findings, markdown, page_option, replace_block, show
from benchmarks.sections import SECTIONS, Job

PEERS = ("gaoya", "rensa", "datasketch")
QUICK = ("copies", "stories", "start")


def chosen_sections(only: str | None, *, quick: bool) -> list[str]:
    """Names of the sections to run. Raises UsageError for one that there is not."""
    if only is None:
        return list(QUICK if quick else SECTIONS)
    names = [name.strip() for name in only.split(",") if name.strip()]
    for name in names:
        if name not in SECTIONS:
            raise click.UsageError(f"no section is called {name}; there are {', '.join(SECTIONS)}")
    return names


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rounds", type=click.IntRange(1), default=5, show_default=True, help="Runs of each, in turn."
)
@click.option("--only", metavar="NAMES", help=f"Sections with commas, of: {', '.join(SECTIONS)}.")
@click.option("--quick", is_flag=True, help=f"One round of {', '.join(QUICK)}.")
@click.option(
    "--pairs",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Near-duplicates of FILE, as JSON Lines of a, b, jaccard; if not given,"
    " NAME.neardup.jsonl.gz beside FILE.",
)
@click.option(
    "--versions",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="Versions of each article in the large file of the section process; 0 leaves it out.",
)
@page_option
def main(
    *,
    file: Path,
    rounds: int,
    only: str | None,
    quick: bool,
    pairs: Path | None,
    versions: int,
    page: Path | None,
) -> None:
    """Measure speed, memory, growth and recall on FILE (JSON Lines: id, title, text, date)."""
    names = chosen_sections(only, quick=quick)
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        plain = unpacked(file, folder)
        articles, size = weighed(plain)
        job = Job(
            file=plain,
            articles=articles,
            size=size,
            folder=folder,
            rounds=1 if quick else rounds,
            versions=0 if quick else versions,
            pairs=pairs or pairs_beside(file),
            peers=frozenset(peer for peer in PEERS if find_spec(peer)),
            say=lambda text: click.echo(f"... {text}", err=True),
        )
        for peer in PEERS:
            if peer not in job.peers:
                job.say(f"{peer} is not installed and is left out")
        try:
            for section in names:
                SECTIONS[section](job, findings)
        except BenchmarkError as error:
            raise click.ClickException(str(error)) from None
    heading = described(articles, size)
    show(findings.all_tables(), heading, click.echo)
    if page is not None:
        replace_block(page, markdown(findings.tables, heading))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
