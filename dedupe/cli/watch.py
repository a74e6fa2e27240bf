"""``dedupe watch``: feeds and folders, judged by an index as something new comes there."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from dedupe.cli.completion import files
from dedupe.cli.judging import INDEX_OPTION, judging_index, with_judging
from dedupe.cli.rejected import rejects_added
from dedupe.cli.sources import (
    KEYS,
    LIMIT_OPTION,
    assigned_limits,
    file_option,
    with_json,
    with_keys,
)
from dedupe.cli.streams import data, say, tell
from dedupe.errors import SourceError
from dedupe.model import COPY_RELATIONS
from dedupe.report.wording import RELATION_LABELS, counted, duration, when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dedupe.hooks.filter import Decision
    from dedupe.hooks.watch.pace import Paces
    from dedupe.hooks.watch.sources import Watched
    from dedupe.hooks.watch.taking import Summary
    from dedupe.index.target import Target
    from dedupe.model import Article, Rejection, Verdict

PAGE_ARTICLES = 2000
"""Articles that came last, which the page is made of."""
HEADLINE = 100
"""Characters of a headline that stand on a line."""
STATE_ENDING = ".watch"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[float]):
    """A time as a person writes it: 90s, 15m, 2h, 1d. The command gets seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The seconds."""
        found = re.fullmatch(r"(\d{1,6})([smhd])", str(value))
        if found is None or not int(found[1]):
            self.fail(f"{value}: no time; wanted one such as 90s, 15m, 2h or 1d", param, ctx)
        return float(int(found[1]) * _SECONDS[found[2]])


@click.command("watch")
@click.argument("source", nargs=-1, required=True, shell_complete=files)
@INDEX_OPTION
@click.option(
    "--every",
    type=Duration(),
    default="15m",
    metavar="TIME",
    help="Ask each feed so often: 90s, 15m, 2h. Folders are looked into every ten seconds.",
)
@click.option("--once", is_flag=True, help="Ask and look once, then end: for cron.")
@with_json("one JSON object a decision")
@file_option("--html", help="Keep this file the page of what came last; the index must keep texts.")
@file_option("--state", help="Note here what was seen; without it beside the index, as FILE.watch.")
@file_option("--rejects", help="Add records that hold no article to this file, as JSON Lines.")
@with_judging
@LIMIT_OPTION
@with_keys
def command(
    *,
    source: tuple[str, ...],
    index: str,
    every: float,
    once: bool,
    state: Path | None,
    limit: tuple[str, ...],
    **options: Any,
) -> int:
    """Watch feeds and folders: what is new there is judged, admitted to the index, and told.

    SOURCE is the address of a feed (RSS, Atom, JSON Feed), an OPML list of such, a folder, or a
    file. One line a decision is written: what an article is, its story, its headline. Ctrl-C and
    SIGTERM end it; started again it goes on where it was.
    """
    from dedupe.cli.index_contents import lasting
    from dedupe.hooks.lines import Ending
    from dedupe.hooks.watch.seen import Seen
    from dedupe.hooks.watch.sources import watched_of
    from dedupe.hooks.watch.watcher import Watcher
    from dedupe.index.target import SQLITE
    from dedupe.read.address import SERVERS, WEB, scheme_of
    from dedupe.read.fields import FieldKeys

    began, limits, target = monotonic(), assigned_limits(limit), lasting(index)
    html: Path | None = options["html"]
    watched = watched_of(source, limits)
    if scheme_of(target.name) in WEB and html is not None:
        raise click.UsageError("the page of an index behind a server is at its address: no --html")
    if scheme_of(target.name) in WEB | SERVERS and state is None:
        raise click.UsageError("with a server as index give --state FILE")
    state = state or Path(f"{target.name.removeprefix(SQLITE)}{STATE_ENDING}")
    _must_not_be_watched({**options, "state": state, "index": Path(index)}, watched)
    with ExitStack() as stack:
        told = stack.enter_context(_audience(target, _page_of(index, html), **options))
        judging = stack.enter_context(judging_index(target, **options))
        if html is not None and not judging.keeps_texts:
            raise SourceError(f"{target.name}: the index keeps no texts, of which --html is made")
        seen = stack.enter_context(Seen(state))
        keys = FieldKeys(**{name: options[f"{name}_key"] for name in KEYS})
        watcher = Watcher(
            judging, seen, told, watched, _paces(every, watched),
            keys=keys, limits=limits, same_by=options["same_by"], once=once,
        )  # fmt: skip
        stack.enter_context(Ending(watcher.stop))
        watcher.run()
    say(_in_words(watcher.summary, told.kinds, watched, monotonic() - began))
    return 2 if once and watcher.summary.failing else 0


@contextmanager
def _audience(
    target: Target, page: Callable[[], None], *, rejects: Path | None, as_json: bool, **_: Any
) -> Iterator[_Lines]:
    """Who is told what happens: people or machines, and the page."""
    with rejects_added(rejects, (), target, "record") as rejected:
        yield (_JsonLines if as_json else _Lines)(rejected, page)


def _paces(every: float, watched: Watched) -> Paces:
    """How often feeds are asked and folders looked into. Raises click.UsageError."""
    from dedupe.hooks.watch import pace

    if watched.feeds and every < pace.LEAST_SECONDS:
        raise click.UsageError(
            f"--every {every:.0f}s: no feed is asked more than once in {pace.LEAST_SECONDS:.0f} s"
        )
    look = min(every, pace.LOOK_SECONDS)
    return pace.Paces(pace.Pace(every, random.random), pace.Pace(look, random.random))


def _must_not_be_watched(options: Mapping[str, Any], watched: Watched) -> None:
    """Raises SourceError where a file that is written would be read as an article."""
    from dedupe.read.formats import formats_of_name

    for name in ("html", "state", "rejects", "index"):
        file: Path | None = options[name]
        if file is None or not formats_of_name(file.name):
            continue
        for folder in watched.folders:
            if file.resolve().is_relative_to(Path(folder).resolve()):
                raise SourceError(f"{file}: {folder} is watched; give --{name} a file elsewhere")


def _page_of(index: str, html: Path | None) -> Callable[[], None]:
    """What writes the page of what came last, if there is to be one."""

    def write() -> None:
        if html is not None:
            from dedupe.cli.report import write_newest

            write_newest(index, PAGE_ARTICLES, html)

    return write


class _Lines:
    """Tells people: one line a decision."""

    def __init__(
        self, rejected: Callable[[Rejection], object], changed: Callable[[], object]
    ) -> None:
        self.rejection, self.changed = rejected, changed
        self.kinds = Counter[str]()
        """How many articles were told of, by what they are."""

    def decision(self, source: str, article: Article, decision: Decision) -> None:
        if decision.verdict is not None:
            self.kinds[kind_in_words(decision.verdict)] += 1
            self.write(source, article, decision)

    def write(self, source: str, article: Article, decision: Decision) -> None:
        """Writes a decision."""
        del source
        if decision.verdict is not None:
            tell(decision_line(article, decision.verdict))

    def flush(self) -> None:
        sys.stdout.flush()

    def message(self, message: str) -> None:
        say(message)


class _JsonLines(_Lines):
    """Tells machines."""

    def write(self, source: str, article: Article, decision: Decision) -> None:
        """Writes a decision."""
        from dedupe.hooks.filter import decision_object
        from dedupe.json_form import encode
        from dedupe.moments import written

        about = {
            "from": source,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "date": written(article.date),
        }
        data().write(encode(decision_object(decision) | about))

    def flush(self) -> None:
        data().flush()


def decision_line(article: Article, verdict: Verdict) -> str:
    """What an article is, its story, its headline, and where it is from; of a copy, of what."""
    from dedupe.clean import clean

    headline = clean(article.title or article.text.lstrip().partition("\n")[0])
    if len(headline) > HEADLINE:
        headline = f"{headline[: HEADLINE - 3].rstrip()}..."
    about = [headline or f"id {clean(article.id)}"]
    about += [clean(article.source)] if article.source else []
    about += [when(article.date)] if article.date else []
    if verdict.relation in COPY_RELATIONS and verdict.matches:
        about.append(f"of id {clean(verdict.matches[0].b)}")
    return f"{kind_in_words(verdict):<16}{clean(verdict.story or ''):<8}{' · '.join(about)}"


def kind_in_words(verdict: Verdict) -> str:
    """What an article is, in words; a copy that says more is an update or a correction."""
    if verdict.relation in COPY_RELATIONS:
        if verdict.corrects:
            return "correction"
        if verdict.extends:
            return "update"
    return RELATION_LABELS[verdict.relation]


def _in_words(summary: Summary, kinds: Counter[str], watched: Watched, seconds: float) -> str:
    sources = []
    if watched.feeds:
        asked = counted(summary.asked, "question")
        feeds = counted(len(watched.feeds), "feed")
        sources.append(f"{feeds} ({asked}, {summary.unchanged:,} answered with nothing new)")
    if watched.folders:
        files = counted(summary.files, "file")
        folders = counted(len(watched.folders), "folder or file", "folders or files")
        sources.append(f"{folders} ({files} read)")
    told = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    if summary.recalled:
        told += f"; {summary.recalled:,} of them by an earlier run"
    number = summary.admitted + summary.recalled
    admitted = f"{counted(number, 'article')}{': ' if told else ''}{told}"
    failing = counted(len(summary.failing), "source")
    wrong = f"; {failing} not readable at last" if summary.failing else ""
    return f"watched {' and '.join(sources)} for {duration(seconds)}; admitted {admitted}{wrong}"
