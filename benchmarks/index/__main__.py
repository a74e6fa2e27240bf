"""``python -m benchmarks.index FILE``: the durable index, and datasketch on Redis beside it."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from benchmarks.child import BenchmarkError
from benchmarks.files import unpacked
from benchmarks.index import agreement, redis_server, space, speed
from benchmarks.index.job import Job
from benchmarks.index.kept import alone
from benchmarks.machine import described, installed
from benchmarks.peers.stopwatch import weighed
from benchmarks.results import Findings, markdown, replace_block, show

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SECTIONS = {
    "admit": speed.admit,
    "together": speed.together,
    "bulk": speed.bulk,
    "open": speed.opening,
    "size": space.size,
    "expire": space.expire,
    "copies": agreement.copies,
    "stories": agreement.stories,
}


def section_names(value: str) -> list[str]:
    """Names of sections, with commas."""
    names = [name.strip() for name in value.split(",") if name.strip()]
    for name in names:
        if name not in SECTIONS:
            raise click.BadParameter(
                f"no section is called {name}; there are {', '.join(SECTIONS)}"
            )
    return names


def article_numbers(value: str) -> list[int]:
    """Numbers of articles, with commas; ascending."""
    try:
        sizes = sorted({int(part) for part in value.split(",")})
    except ValueError:
        raise click.BadParameter(f"{value} is no list of numbers with commas") from None
    if sizes[0] < 1:
        raise click.BadParameter("an index that is measured has at least one article")
    return sizes


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--only",
    type=section_names,
    metavar="NAMES",
    help=f"Sections with commas, of: {', '.join(SECTIONS)}.",
)
@click.option(
    "--sizes",
    type=article_numbers,
    metavar="NUMBERS",
    default="100000,1000000",
    show_default=True,
    help="Articles of the indexes that are measured.",
)
@click.option(
    "--articles",
    type=click.IntRange(1),
    default=2000,
    show_default=True,
    help="Articles that are taken one at a time in a turn.",
)
@click.option(
    "--rounds", type=click.IntRange(1), default=3, show_default=True, help="Turns of each."
)
@click.option(
    "--peer-most",
    type=click.IntRange(0),
    default=1_000_000,
    show_default=True,
    help="Articles up to which the peer is measured: it holds them in memory.",
)
@click.option("--labelled", type=FILE, multiple=True, help="A file with stories; repeatable.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the temporary folder is made; the disk that is measured.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    help="Where the stream and the indexes are kept from run to run, to be made only once.",
)
@click.option(
    "--markdown", "page", type=FILE, help="Put the result between the markers of this page, too."
)
def main(
    *,
    file: Path,
    only: list[str] | None,
    sizes: list[int],
    articles: int,
    rounds: int,
    peer_most: int,
    labelled: tuple[Path, ...],
    folder: Path | None,
    keep: Path | None,
    page: Path | None,
) -> None:
    """Measure the durable index on FILE (JSON Lines: id, title, text, date)."""
    findings = Findings()
    try:
        with ExitStack() as stack:
            if keep is not None:
                stack.enter_context(alone(keep))
            # On one disk with what is kept, unless another was asked for: copies are measured, too.
            temporary = tempfile.TemporaryDirectory(prefix="benchmarks-index-", dir=folder or keep)
            made = Path(stack.enter_context(temporary))
            plain = unpacked(file, made)
            job = Job(
                file=plain,
                folder=made,
                keep=keep,
                sizes=sizes,
                articles=articles,
                rounds=rounds,
                peer_most=peer_most,
                labelled=labelled,
                say=lambda text: click.echo(f"... {text}", err=True),
            )
            for section in only or SECTIONS:
                SECTIONS[section](job, findings)
            heading = [*described(*weighed(plain)), stores()]
    except BenchmarkError as error:
        raise click.ClickException(str(error)) from None
    show(findings.tables, heading, click.echo)
    if page is not None:
        replace_block(page, markdown(findings.tables, heading))


def stores() -> str:
    """Versions of what holds the articles."""
    said = f"SQLite {sqlite3.sqlite_version}"
    if not redis_server.missing():
        packages = " and ".join(f"{p} {v}" for p in ("redis", "hiredis") if (v := installed(p)))
        said += f"; Redis {redis_server.version()}, asked by {packages}"
    return f"{said}."


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.index")
