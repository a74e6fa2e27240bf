"""``--engine``: the same run with sketches that the workers of an engine make."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from dedupe.cli.completion import files
from dedupe.cli.sources import without_gc
from dedupe.errors import SettingError
from dedupe.report.wording import bytes_in_words, counted

if TYPE_CHECKING:
    from dedupe.analysis import Analysis
    from dedupe.cli.sources import Sources
    from dedupe.config import Settings
    from dedupe.spark import EnginePlan

Command = TypeVar("Command", bound=Callable[..., Any])
RESULT, STAGES = "groups.jsonl", "stages"
"""What a folder holds that is named for the output."""
_OPTIONS = (
    click.option(
        "--engine",
        metavar="ENGINE",
        help="Sketch and compare on an engine: sail (in this process), spark, or connect:ADDRESS.",
    ),
    click.option(
        "--stages",
        metavar="FOLDER",
        shell_complete=files,
        help="Keep what the engine made in this folder or address, and go on from it.",
    ),
    click.option(
        "--explain-plan",
        is_flag=True,
        help="Say, before the engine begins, how much it is and what this process will hold.",
    ),
)


def with_engine(command: Command) -> Command:
    """Adds ``--engine`` and what belongs to it; the command gets an EngineAsked as ``engine``."""

    @wraps(command)
    def wrapped(**values: Any) -> Any:
        name, stages = values.pop("engine"), values.pop("stages")
        explain = values.pop("explain_plan")
        if name is None:
            if stages or explain:
                given = "--stages" if stages else "--explain-plan"
                raise click.UsageError(f"{given} belongs to --engine")
            output: Path | None = values["output"]
            if output is not None and output.is_dir():
                raise click.BadParameter(
                    f"{output} is a folder; name a file in it", param_hint="-o"
                )
            return command(engine=None, **values)
        return command(engine=EngineAsked(name, stages, explain), **values)

    made: Any = wrapped
    for option in reversed(_OPTIONS):
        made = option(made)
    return made  # type: ignore[no-any-return]


class EngineAsked(NamedTuple):
    """An engine by its name, and how it is to be used."""

    name: str
    stages: str | None
    explain: bool

    def folders(self, output: Path | None) -> tuple[Path | None, str | None]:
        """The file to write to, and the folder of stages; None for a temporary one.

        An output that is a folder, or has no ending and is no file, is a folder for both.
        """
        from dedupe.spark.engine import CONNECT, engine_kind
        from dedupe.write.names import ending_of_output

        if engine_kind(self.name)[0] == CONNECT and not self.stages:
            raise SettingError(
                f"{self.name} may be another machine: name with --stages a folder or address that"
                " all of its workers can write to"
            )
        if output is None or (output.exists() and not output.is_dir()):  # a file, or a device
            return output, self.stages
        if not output.is_dir():
            if ending_of_output(output.name):
                return output, self.stages
            output.mkdir(parents=True)
        return output / RESULT, self.stages or str((output / STAGES).absolute())

    def analysed(
        self, sources: Sources, settings: Settings, stages: str | None, *, copies_only: bool
    ) -> Analysis:
        """Reads, sketches on the engine and analyses, with progress on standard error."""
        from dedupe.room import release
        from dedupe.spark import Stages, engine_session, groups_on_engine

        def on_plan(plan: EnginePlan) -> None:
            if self.explain:
                sources.say(_told(plan))

        with without_gc(), sources.at_work(f"starting {self.name}") as progress:
            with (
                self._folder(stages) as folder,
                engine_session(self.name) as session,
                sources.batches(progress) as batches,
            ):
                progress.stage("reading")
                found = groups_on_engine(
                    batches,
                    Stages(session, folder),
                    settings,
                    copies_only=copies_only,
                    model=sources.model,
                    on_stage=progress.stage,
                    on_plan=on_plan,
                )
            release()
        sources.say_rejected()
        return found

    @contextmanager
    def _folder(self, stages: str | None) -> Iterator[str]:
        if stages is not None:
            yield stages
            return
        with _removed_when_told_to_end(), TemporaryDirectory(prefix="dedupe-") as folder:
            yield folder


@contextmanager
def _removed_when_told_to_end() -> Iterator[None]:
    """SIGTERM and SIGHUP leave the block as Ctrl-C does: all texts would be left on the disk."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in told}
    # Who said nohup is to be left alone.
    caught = [number for number in told if before[number] is not signal.SIG_IGN]
    for number in caught:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in caught:
            signal.signal(number, before[number])


def _told(plan: EnginePlan) -> Iterator[str]:
    """A plan in words."""
    text, sketches = bytes_in_words(plan.text_bytes), bytes_in_words(plan.sketch_bytes)
    yield f"plan: {counted(plan.articles, 'article')}, {text} of text, go to the engine's workers"
    back = f"about {sketches} of sketches come back"
    if plan.in_place:
        back = (
            f"about {sketches} of sketches stay there; about"
            f" {bytes_in_words(plan.collected_bytes)} of what is told of them come back"
        )
    yield (
        f"plan: {back} to this process, which will hold about"
        f" {bytes_in_words(plan.driver_bytes)}, an engine in it aside"
    )
