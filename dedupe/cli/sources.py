"""Options that every command with sources shares, and the run behind them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import wraps
from io import StringIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from dedupe.config import Settings
from dedupe.errors import SettingError, SourceError
from dedupe.report.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from dedupe.analysis import Analysis
    from dedupe.index.target import Target
    from dedupe.model import Grouping, Rejection
    from dedupe.report.progress import Progress
    from dedupe.story import StoryModel

STDIN = "-"
FORMATS = ("csv", "feed", "html", "json", "jsonl", "parquet", "text", "tsv")
KEYS = ("id", "title", "text", "date", "source", "url", "lang")
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
    model: StoryModel | None = None
    """By which stories are scored; None for the one that the package ships."""

    def __post_init__(self) -> None:
        must_be_apart(self.rejects, self.paths, "--rejects")
        self.rejected: list[Rejection] = []
        self.rejected_count = 0
        self._file: IO[bytes] | None = None
        self.kept: list[pa.RecordBatch] | None = None
        """Where it is a list, every batch that was read."""

    def reject(self, rejection: Rejection) -> None:
        """Takes note of a record that could not be taken in, and keeps the first ones."""
        self.rejected_count += 1
        if len(self.rejected) < SHOWN:
            self.rejected.append(rejection)
        if self._file is not None:
            self._file.write(rejects_line(rejection))

    @contextmanager
    def batches(self, progress: Progress) -> Iterator[Iterator[pa.RecordBatch]]:
        """The articles as batches; the rejects file is open meanwhile."""
        from dedupe.read import FieldKeys, read

        self._file = self.rejects.open("wb") if self.rejects else None
        try:
            batches = read(
                self.paths,
                keys=FieldKeys(**self.keys),
                format=self.form,
                on_reject=self.reject,
                on_progress=progress.on_progress,
            )
            yield batches if self.kept is None else _keeping(batches, self.kept)
        finally:
            if self._file is not None:
                self._file.close()

    @contextmanager
    def at_work(self, stage: str = "reading") -> Iterator[Progress]:
        """Shows on standard error what the block is at."""
        from dedupe.report.progress import Progress

        with Progress(StringIO() if self.quiet else sys.stderr, stage) as progress:
            yield progress

    def say_rejected(self) -> None:
        """Says on standard error how many records were rejected, the first of them in full."""
        if self.quiet or not self.rejected_count:
            return
        for rejection in self.rejected[:5]:
            say_rejected(rejection)
        kept = f"; all are in {self.rejects}" if self.rejects else ""
        click.echo(f"dedupe: {counted(self.rejected_count, 'record')} rejected{kept}", err=True)


def _keeping(
    batches: Iterator[pa.RecordBatch], kept: list[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        kept.append(batch)
        yield batch


def must_be_apart(output: Path | None, sources: Iterable[str], option: str) -> None:
    """Raises SourceError where ``output`` is a source, which would be written over."""
    if output is None or not output.exists():
        return
    for path in sources:
        if path != STDIN and Path(path).exists() and output.samefile(path):
            raise SourceError(f"{path} is read: give {option} a file of its own")


def must_not_be_of(index: Target, output: Path, option: str) -> None:
    """Raises SourceError where ``output`` is a file of the index, which would be written over."""
    if index.uses(output):
        raise SourceError(f"{index.name} is read: give {option} a file of its own")


def rejects_line(rejection: Rejection) -> bytes:
    """One line of a rejects file."""
    from dedupe.report.jsonl import encode

    raw = rejection.raw.decode("utf-8", "replace")
    row = {"source": rejection.source, "line": rejection.line}
    return encode(row | {"reason": rejection.reason, "raw": raw})


def say_rejected(rejection: Rejection) -> None:
    """Says on standard error where a record stood, and why it was rejected."""
    where = f"{rejection.source}:{rejection.line}" if rejection.line else rejection.source
    click.echo(f"dedupe: {printable(where)}: {printable(rejection.reason)}", err=True)


@contextmanager
def opened_stream(source: str) -> Iterator[IO[bytes]]:
    """A file, or standard input, to read bytes from. Raises SourceError."""
    if source == STDIN:
        yield sys.stdin.buffer
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        from dedupe.read.content import system_reason

        raise SourceError(f"{printable(source)}: {system_reason(error)}") from None
    with file:
        yield file


def write_json(value: dict[str, Any]) -> None:
    """One line of JSON on standard output."""
    from dedupe.report.jsonl import encode

    sys.stdout.buffer.write(encode(value))
    sys.stdout.buffer.flush()


def console() -> Console:
    """The console of standard output."""
    from dedupe.report.page import make_console

    return make_console(sys.stdout)


def printable(text: str) -> str:
    """The text without anything that a terminal would act on."""
    return "".join(c if c.isprintable() else "?" for c in text)


def file_option(*names: str, help: str) -> Callable[[Command], Command]:  # noqa: A002 - Click's
    """An option that takes the path of a file."""
    return click.option(*names, type=click.Path(dir_okay=False, path_type=Path), help=help)


def with_json(what: str) -> Callable[[Command], Command]:
    """Adds ``--json``, which writes ``what``; the command gets it as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help=f"Write {what} instead.")


def with_settings(help: str) -> Callable[[Command], Command]:  # noqa: A002 - Click's
    """Adds ``--set``; the command gets it as ``assigned``."""
    return click.option("--set", "assigned", multiple=True, metavar="NAME=VALUE", help=help)


SET = "Change a setting; an unknown NAME lists them all."
STORED = "Take the story model and the settings of this file, as dedupe calibrate writes."
KEY_OPTIONS = [
    click.option(
        f"--{name}-key", metavar="FIELD", help=f"Field that holds the {name}; dots lead inside."
    )
    for name in KEYS
]
OPTIONS = (
    click.argument("source", nargs=-1),
    click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="Format of all sources; found out if not given.",
    ),
    *KEY_OPTIONS,
    file_option(
        "--rejects", help="Write records that could not be read to this file, as JSON Lines."
    ),
    file_option("--settings", help=STORED),
    with_settings(SET),
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
                context = click.get_current_context()
                click.echo(context.get_help(), err=True)
                context.exit(2)
            paths = ("-",)
        keys = {name: values.pop(f"{name}_key") for name in KEYS}
        model, stored = stored_settings(values.pop("settings"))
        form, rejects, quiet = values.pop("form"), values.pop("rejects"), values.pop("quiet")
        sources = Sources(paths, form, keys, rejects, quiet, model)
        settings = assigned_settings(values.pop("assigned"), stored)
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
    values: dict[str, int | float] = {}
    for word in assigned:
        name, _, value = word.partition("=")
        try:
            values[name] = int(value) if value.lstrip("-").isdigit() else float(value)
        except ValueError:
            raise SettingError(f"--set {word}: wanted NAME=NUMBER") from None
    return (start or Settings()).changed(values)


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
    with _without_gc(), sources.at_work("putting stories together"):
        found = grouping(analysis)
    rejected = tuple(sources.rejected)
    return analysis, replace(found, rejected=rejected, rejected_count=sources.rejected_count)


def analysed(
    sources: Sources, settings: Settings, *, copies_only: bool, with_evidence: bool
) -> Analysis:
    """Reads and analyses, with progress on standard error."""
    from dedupe.pipeline import analyse

    with _without_gc(), sources.at_work() as progress, sources.batches(progress) as batches:
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
def _without_gc() -> Iterator[None]:
    """Nothing here makes cycles, and to look for them among millions of values is slow."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
