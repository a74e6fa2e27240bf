"""An index carried elsewhere, or made anew: ``dedupe index export``, ``import``, ``rebuild``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from dedupe.cli.index_target import lasting, must_not_exist, opened, with_file, with_settings
from dedupe.cli.sources import chosen
from dedupe.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command("export", short_help="Write it as JSON Lines.")
@with_file
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of to standard output.",
)
def export(*, file: str, output: Path | None) -> int:
    """Write the index FILE as JSON Lines, for dedupe index import and for other programs.

    The first line holds schema_version, settings and texts; then comes one line an article, as
    they arrived: id, title, text, date, source, url, lang, story, copies, arrived, and verdict,
    the answer that it was given; the last line holds articles, last_story, merged and different.
    Others may go on using the index meanwhile.
    """
    from dedupe.index.exchange import export_lines

    with opened(file, read_only=True) as index, _written(output, file) as out:
        out.writelines(export_lines(index))
        out.flush()
    return 0


@contextmanager
def _written(output: Path | None, file: str) -> Iterator[IO[bytes]]:
    """Standard output, or a file that is there only once all of it was written."""
    if output is None:
        yield sys.stdout.buffer
        return
    if lasting(file).uses(output):
        raise SourceError(f"{file} is read: give --output a file of its own")
    if output.exists() and not output.is_file():  # a pipe with a name, or a device
        with output.open("wb") as out:
            yield out
        return
    from dedupe.index.placed import placed

    with placed(output) as beside, beside.open("wb") as out:
        yield out


@click.command("import", short_help="Make it from an export.")
@with_file
@click.argument("source")
def import_(*, file: str, source: str) -> int:
    """Make the index FILE from SOURCE, as dedupe index export wrote it; - is standard input.

    Articles keep their stories, with the same ids, and the answers that they were given. FILE
    must not be there; it is there once all of SOURCE was taken in, and not before.
    """
    from dedupe.index.exchange import restored
    from dedupe.report.index_progress import working

    target = must_not_exist(file, "name another, or remove it first")
    with _read(source) as lines, working(sys.stderr, "importing", "article") as step:
        count = restored(lines, source, target, step)
    click.echo(f"{file}: {count:,} article{'' if count == 1 else 's'}, each in the story it was in")
    return 0


@contextmanager
def _read(source: str) -> Iterator[IO[bytes]]:
    if source == "-":
        yield sys.stdin.buffer
        return
    try:
        lines = Path(source).open("rb")  # noqa: SIM115 - closed below, apart from opening errors
    except OSError as error:
        raise SourceError(f"{source}: {(error.strerror or str(error)).lower()}") from None
    with lines:
        yield lines


@click.command("rebuild", short_help="Make it anew with other settings.")
@with_file
@with_settings
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    help="Make the new index here, and leave FILE as it is.",
)
@click.option("--no-keep", is_flag=True, help="Don't keep the old index as FILE.old.")
def rebuild(*, file: str, assigned: tuple[str, ...], output: str | None, no_keep: bool) -> int:
    """Make the index FILE anew from the texts that it keeps, with other settings.

    Articles keep their stories, with the same ids, and the answers that they were given: the new
    settings are for what comes. The new index takes the place of FILE once it is complete, and
    the old one stays as FILE.old. Nobody else may have FILE open meanwhile; without --output the
    command looks whether they do, and ends with 2.
    """
    from dedupe.index.exchange import rebuilt, replaced
    from dedupe.report.index_progress import working

    target = lasting(file)
    if output is not None and no_keep:
        raise click.UsageError("--no-keep is for a new index in the place of the old one")
    new = must_not_exist(output, "name another, or remove it first") if output else None
    with opened(file, read_only=True) as index:
        settings = chosen(assigned, index.settings)
    old = None if output or no_keep else f"{file}.old"
    with working(sys.stderr, "rebuilding", "article") as step:
        if new is not None:
            count = rebuilt(target, settings, new, step)
        else:
            count = replaced(target, settings, old, step)
    kept = f"; the old index is {old}" if old else ""
    click.echo(f"{output or file}: {count:,} article{'' if count == 1 else 's'}{kept}")
    return 0
