"""``dedupe keep``: the sources without their copies."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, Literal

import click

from dedupe.cli.outputs import form_asked, output_file, output_option
from dedupe.cli.sources import STDIN, Sources, analysed, file_option, with_sources
from dedupe.cli.streams import say
from dedupe.errors import SourceError
from dedupe.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from dedupe.analysis import Analysis
    from dedupe.config import Settings
    from dedupe.read.openable import Source

FORMS = ("csv", "tsv", "jsonl", "json", "parquet")


@click.command("keep")
@with_sources
@click.option(
    "--one-per",
    type=click.Choice(["text", "story"]),
    default="text",
    help="Keep one article of each group of copies, or one of each story: the earliest.",
)
@output_option("Write to this file, in the form that its name says, not to standard output.")
@file_option("--left-out", help="Write what was left out, and why, to this file.")
def command(
    *,
    sources: Sources,
    settings: Settings,
    one_per: Literal["text", "story"],
    output: Path | None,
    left_out: Path | None,
) -> int:
    """Write SOURCE... without its copies: of each text the earliest, as it stands there.

    The name of the output says the form: .csv, .tsv, .jsonl, .json or .parquet, also with .gz.
    Rows and lines stay in their order with all of their fields. Of CSV and JSON Lines written in
    their own form each byte stays as it is. Records that could not be read are not written:
    --rejects keeps them. Of pages, feeds and other documents the articles are written, with the
    fields id, title, text, date, source, url and lang.
    """
    from dedupe.assemble import stand_ins

    sources.must_not_be(output, "--output")
    sources.must_not_be(left_out, "--left-out")
    if output and left_out and output.resolve() == left_out.resolve():
        raise SourceError(f"{left_out} is for --output: give --left-out a file of its own")
    form = form_asked(output, "--output", FORMS)
    left_form = form_asked(left_out, "--left-out", FORMS) or "jsonl"
    with ExitStack() as files:
        out = files.enter_context(output_file(output))
        left = files.enter_context(output_file(left_out)) if left_out else None
        files.enter_context(_read_twice(sources))
        analysis = analysed(sources, settings, copies_only=one_per == "text", with_evidence=False)
        sources.say(analysis.notes)
        with sources.at_work("writing"):
            instead = stand_ins(analysis, of_stories=one_per == "story")
            stays = _write(sources, analysis, instead, form, out)
            if left:
                _write_left_out(sources, analysis, instead, left_form, left)
    _say(sources, stays, len(analysis.articles.ids), output, left_out)
    return 0


def _write(
    sources: Sources,
    analysis: Analysis,
    instead: NDArray[np.int32],
    form: str | None,
    out: BinaryIO,
) -> int:
    """Writes what stays; returns how many articles these are."""
    import numpy as np

    from dedupe.read import FieldKeys
    from dedupe.read.opening import content_of
    from dedupe.write.kept import Selection, form_like, write_kept

    if sources.places is None:
        raise ValueError("nothing was read")
    order = np.argsort(analysis.articles.arrival)
    kept = Selection(
        _files(sources),
        sources.places,
        [analysis.articles.ids[row] for row in order.tolist()],
        instead[order] == order,
        FieldKeys(**sources.keys),
        lambda source: content_of(source, sources.limits, sources.through),
    )
    form = form or form_like(kept)
    if form == "parquet" and out.isatty():
        raise SourceError("Parquet is no text for a terminal: give --output the name of a file")
    write_kept(kept, form, out)
    return int(kept.stays.sum())


def _write_left_out(
    sources: Sources,
    analysis: Analysis,
    instead: NDArray[np.int32],
    form: str,
    out: BinaryIO,
) -> None:
    from dedupe.assemble import placements
    from dedupe.report.rows import LEFT_OUT_COLUMNS, flat, left_out_objects
    from dedupe.write.rows import TREES, write_rows

    found = left_out_objects(
        placements(analysis), sources.places_of_all(), analysis.articles.ids, instead
    )
    rows = found if form in TREES else map(flat, found)
    write_rows(rows, LEFT_OUT_COLUMNS, form, out)


def _files(sources: Sources) -> list[Source]:
    from dedupe.read.source import expand

    return expand(sources.paths, any_ending=sources.form is not None)


@contextmanager
def _read_twice(sources: Sources) -> Iterator[None]:
    """Has all sources read the same a second time: what can be read once only is put aside.

    Raises SourceError, at the end, where a file was changed meanwhile.
    """
    from dedupe.read.again import changed_meanwhile
    from dedupe.read.openable import Known, OpenSource
    from dedupe.read.opening import source_opened

    before = {file.name: _state(file) for file in _files(sources)}
    first = sources.through
    with TemporaryDirectory(prefix="dedupe-") as folder:
        aside: dict[str, tuple[Path, Known]] = {}

        def through(file: Source) -> OpenSource | None:
            name = file.name
            if name in aside:
                path, told = aside[name]
                return OpenSource(path.open("rb"), told._replace(notes=()))
            found = first(file)
            if found is None and _state(file) is not None and Path(name).is_file():
                return None
            path = Path(folder, str(len(aside)))
            with (
                path.open("wb") as copy,
                source_opened(file, sources.limits, lambda _: found) as source,
            ):
                copyfileobj(source.stream, copy)
            aside[name] = path, source.told
            return OpenSource(path.open("rb"), source.told)

        sources.through = through
        yield
        for file in _files(sources):
            if file.name not in aside and _state(file) != before.get(file.name):
                raise changed_meanwhile(file.name)


def _state(file: Source) -> tuple[int, int] | None:
    """What is another where a file has been written to; None for what is no file."""
    if file.name == STDIN or file.opener is not None:
        return None
    status = Path(file.name).stat()
    return status.st_size, status.st_mtime_ns


def _say(sources: Sources, stays: int, of: int, output: Path | None, left_out: Path | None) -> None:
    if sources.quiet:
        return
    told = f"{output or 'standard output'}: {counted(stays, 'article')} of {of:,}"
    where = f", told of in {left_out}" if left_out else ""
    say(f"{told}; {of - stays:,} left out{where}")
