"""Options that every command with sources shares, and the run behind them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import wraps
from io import StringIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from dedupe.cli.completion import files
from dedupe.cli.index_source import INDEX, index_stream
from dedupe.cli.outputs import FilePath, must_be_apart
from dedupe.cli.rejected import rejects_line, say_rejected
from dedupe.cli.streams import say, show_help
from dedupe.config import Limits, Settings
from dedupe.errors import SettingError, SourceError
from dedupe.identity import SAME_BY, SameBy
from dedupe.report.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from dedupe.analysis import Analysis
    from dedupe.model import Grouping, Place, Rejection
    from dedupe.read.articles import OnProgress
    from dedupe.read.opening import Through
    from dedupe.read.places import Places
    from dedupe.report.progress import Progress
    from dedupe.story import StoryModel

STDIN = "-"
FORMATS = tuple(
    "csv feed html index iptc7901 json jsonl mail parquet sgml text tsv wacz warc xml".split()  # noqa: SIM905 - a line
)
KEYS = ("id", "title", "text", "date", "source", "url", "lang")
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
SHOWN = 100
"""Rejections that are kept in memory; the rejects file takes all of them."""

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Sources:
    """What is to be read, and how; collects what could not be."""

    paths: tuple[str, ...]
    form: str | None
    keys: dict[str, str | None]
    rejects: Path | None
    quiet: bool
    limits: Limits = field(default_factory=Limits)
    model: StoryModel | None = None
    """By which stories are scored; None for the one that the package ships."""
    same_by: SameBy = "address"
    threads: int = 0  # as in Settings

    def __post_init__(self) -> None:
        self.paths = tuple(path.removeprefix(INDEX) for path in self.paths)
        must_be_apart(self.rejects, self.paths, "--rejects")
        self.rejected: list[Rejection] = []
        self.rejected_count = 0
        self.notes: list[str] = []
        self._file: IO[bytes] | None = None
        self.kept: list[pa.RecordBatch] | None = None
        """Where it is a list, every batch that was read."""
        self.places: Places | None = None
        """Where each article stood, once all were read."""
        self.rejected_lines: dict[str, list[int]] = {}
        """Of each file the lines of the records that could not be taken in."""
        self.through: Through = index_stream
        """What is read in the place of a file."""

    def must_not_be(self, output: Path | None, option: str, *others: str) -> None:
        """Raises SourceError where ``output`` is a source, one of ``others``, or the rejects."""
        must_be_apart(output, (*self.paths, *others), option)
        if output and self.rejects and output.resolve() == self.rejects.resolve():
            raise SourceError(f"{output} is for --rejects: give {option} a file of its own")

    def reject(self, rejection: Rejection) -> None:
        """Takes note of a record that was not taken in, and keeps the first that were wrong."""
        self.rejected_lines.setdefault(rejection.source, []).append(rejection.line)
        if not rejection.older:
            self.rejected_count += 1
            if len(self.rejected) < SHOWN:
                self.rejected.append(rejection)
        if self._file is not None:
            self._file.write(rejects_line(rejection))

    @contextmanager
    def batches(self, progress: Progress) -> Iterator[Iterator[pa.RecordBatch]]:
        """The articles as batches; the rejects file is open meanwhile."""
        self._file = self.rejects.open("wb") if self.rejects else None
        try:
            batches = self.read(on_progress=progress.on_progress)
            yield batches if self.kept is None else _keeping(batches, self.kept)
        finally:
            if self._file is not None:
                self._file.close()

    def read(self, on_progress: OnProgress | None = None) -> Iterator[pa.RecordBatch]:
        """Reads the sources as the options say; takes note of what there is to tell."""
        from dedupe.read import FieldKeys, read

        return read(
            self.paths,
            keys=FieldKeys(**self.keys),
            format=self.form,
            limits=self.limits,
            same_by=self.same_by,
            on_reject=self.reject,
            on_note=self.notes.append,
            on_progress=on_progress,
            on_places=self._placed,
            through=self.through,
            threads=self.threads,
        )

    def places_of_all(self) -> Iterator[Place]:
        """Where each article stood, in input order; nothing before all were read."""
        return iter(()) if self.places is None else self.places.each(self.rejected_lines)

    def _placed(self, places: Places) -> None:
        self.places = places

    @contextmanager
    def at_work(self, stage: str = "reading") -> Iterator[Progress]:
        """Shows on standard error what the block is at."""
        from dedupe.report.progress import Progress

        with Progress(StringIO() if self.quiet else sys.stderr, stage) as progress:
            yield progress

    def say(self, notes: Iterable[str]) -> None:
        """Says on standard error what a user should know, unless quiet."""
        for note in () if self.quiet else notes:
            say(note)

    def say_rejected(self) -> None:
        """Says on standard error how many records were rejected, the first of them in full."""
        self.say(self.notes)
        if self.quiet or not self.rejected_count:
            return
        for rejection in self.rejected[:5]:
            say_rejected(rejection)
        kept = f"; all are in {self.rejects}" if self.rejects else ""
        say(f"{counted(self.rejected_count, 'record')} rejected{kept}")


def _keeping(
    batches: Iterator[pa.RecordBatch], kept: list[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        kept.append(batch)
        yield batch


def file_option(*names: str, help: str) -> Callable[[Command], Command]:  # noqa: A002 - Click's
    """An option that takes the path of a file."""
    return click.option(*names, type=FilePath(dir_okay=False, path_type=Path), help=help)


def with_json(what: str) -> Callable[[Command], Command]:
    """Adds ``--json``, which writes ``what``; the command gets it as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help=f"Write {what} instead.")


def with_settings(help: str) -> Callable[[Command], Command]:  # noqa: A002 - Click's
    """Adds ``--set``; the command gets it as ``assigned``."""
    return click.option("--set", "assigned", multiple=True, metavar="NAME=VALUE", help=help)


SET = "Change a setting; an unknown NAME lists them all."
STORED = "Take the story model and the settings of this file, as dedupe calibrate writes."
LIMIT_OPTION = click.option(
    "--limit",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change how much one record or file may cost; an unknown NAME lists all limits.",
)
KEY_OPTIONS = [
    click.option(
        f"--{name}-key", metavar="FIELD", help=f"Field that holds the {name}; dots lead inside."
    )
    for name in KEYS
]
SAME_BY_OPTION = click.option(
    "--same-by",
    type=click.Choice(SAME_BY),
    default="address",
    help="What makes two records of one id one article: their address, else their source; their"
    " source; or the id alone.",
)
OPTIONS = (
    click.argument("source", nargs=-1, shell_complete=files),
    click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="Format of all sources; found out if not given.",
    ),
    *KEY_OPTIONS,
    SAME_BY_OPTION,
    file_option(
        "--rejects", help="Write records that could not be read to this file, as JSON Lines."
    ),
    file_option("--settings", help=STORED),
    with_settings(SET),
    LIMIT_OPTION,
    click.option("-q", "--quiet", is_flag=True, help="No progress, and no messages but errors."),
)
"""What is read, and how; each command has them all."""


def _with_all(options: Sequence[Callable[[Any], Any]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def with_keys(command: Command) -> Command:
    """Adds ``--id-key``, ``--text-key`` and so on."""
    return _with_all(KEY_OPTIONS, command)


def with_sources(command: Command) -> Command:
    """Adds SOURCE... and the options about reading; the command gets them as ``sources``."""

    @wraps(command)
    def wrapped(**values: Any) -> Any:
        paths: tuple[str, ...] = values.pop("source")
        if not paths:
            if sys.stdin.isatty():
                show_help()
                click.get_current_context().exit(2)
            paths = ("-",)
        keys = {name: values.pop(f"{name}_key") for name in KEYS}
        model, stored = stored_settings(values.pop("settings"))
        form, rejects, quiet = values.pop("form"), values.pop("rejects"), values.pop("quiet")
        limits, same_by = assigned_limits(values.pop("limit")), values.pop("same_by")
        settings = assigned_settings(values.pop("assigned"), stored)
        sources = Sources(
            paths, form, keys, rejects, quiet, limits, model, same_by, settings.threads
        )
        return command(sources=sources, settings=settings, **values)

    return _with_all(OPTIONS, wrapped)  # type: ignore[return-value]


def stored_settings(path: Path | None) -> tuple[StoryModel | None, Settings]:
    """The story model and the settings of a settings file. Raises SettingError, SourceError."""
    if path is None:
        return None, Settings()
    from dedupe.calibrate.stored import read_settings

    model, values = read_settings(path)
    try:
        return model, Settings().changed(values)
    except SettingError as error:
        raise SettingError(f"{path}: {error}") from None


def assigned_settings(assigned: tuple[str, ...], start: Settings | None = None) -> Settings:
    """Settings from ``NAME=VALUE`` words, the rest as in ``start``. Raises SettingError."""
    return (start or Settings()).changed(_numbers(assigned, "--set"))


def assigned_limits(words: tuple[str, ...]) -> Limits:
    """Limits from ``NAME=VALUE`` words, the rest as usual. Raises SettingError."""
    return Limits().changed(_numbers(words, "--limit"))


def _numbers(words: tuple[str, ...], option: str) -> dict[str, int | float]:
    values: dict[str, int | float] = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            values[name] = int(value) if value.lstrip("-").isdigit() else float(value)
        except ValueError:
            raise SettingError(f"{option} {word}: wanted NAME=NUMBER") from None
    return values


def bytes_of(word: str, option: str) -> int:
    """Bytes as a person writes them: 4G, 512M. Raises SettingError."""
    unit = word[-1:].upper() if word[-1:].isalpha() else ""
    number = word[:-1] if unit else word
    if unit not in UNITS or not (number.isascii() and number.isdecimal()):
        raise SettingError(f"{option} {word}: wanted a number of bytes, as 512M or 4G")
    return int(number) * UNITS[unit]


def changed(settings: Settings) -> dict[str, float]:
    """The settings that are not the usual ones."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    usual = {field.name: field.default for field in fields(settings)}
    return {name: value for name, value in values.items() if value != usual[name]}


def run(
    sources: Sources, settings: Settings, *, copies_only: bool = False
) -> tuple[Analysis, Grouping]:
    """Reads, analyses with evidence and assembles, with progress on standard error."""
    from dedupe.assemble import grouping

    analysis = analysed(sources, settings, copies_only=copies_only, with_evidence=True)
    with without_gc(), sources.at_work("putting stories together"):
        found = grouping(analysis)
    rejected = tuple(sources.rejected)
    return analysis, replace(found, rejected=rejected, rejected_count=sources.rejected_count)


def analysed(
    sources: Sources, settings: Settings, *, copies_only: bool, with_evidence: bool
) -> Analysis:
    """Reads and analyses, with progress on standard error."""
    from dedupe.pipeline import analyse

    with without_gc(), sources.at_work() as progress, sources.batches(progress) as batches:
        analysis = analyse(
            batches,
            settings,
            copies_only=copies_only,
            with_evidence=with_evidence,
            model=sources.model,
            on_stage=progress.stage,
        )
    sources.say_rejected()
    return analysis


@contextmanager
def without_gc() -> Iterator[None]:
    """Nothing here makes cycles, and to look for them among millions of values is slow."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
