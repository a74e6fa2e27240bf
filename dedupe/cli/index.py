"""``dedupe index``: make an index, look into it, keep it small, carry it elsewhere."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import click

from dedupe.cli import InOrder
from dedupe.cli.completion import files
from dedupe.cli.index_contents import (
    export,
    index_name,
    lasting,
    opened,
    show,
    stats,
    stories,
    verify,
    with_file,
)
from dedupe.cli.one_source import opened_stream
from dedupe.cli.sources import (
    SET,
    assigned_settings,
    changed,
    file_option,
    stored_settings,
    with_settings,
)
from dedupe.cli.streams import say, tell
from dedupe.errors import SourceError, StoreError
from dedupe.report.wording import bytes_in_words, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dedupe.index import Index
    from dedupe.index.target import Target

SHOWN_MISSING = 5
DAYS = {"d": 1, "w": 7}


def _free(file: str) -> Target:
    """The target of an index that is to be made. Raises StoreError where there is one already."""
    target = lasting(file)
    if target.exists():
        raise StoreError(
            f"{target.name}: exists already, and is left as it is; name another, or remove it first"
        )
    return target


@click.command("create", short_help="Make an empty index.")
@with_file
@with_settings(SET)
@click.option("--no-texts", is_flag=True, help="Keep no texts: smaller, but never to be rebuilt.")
@file_option("--settings", help="Take the settings of this file, as dedupe calibrate writes.")
def create(*, file: str, assigned: tuple[str, ...], no_texts: bool, settings: Path | None) -> int:
    """Make an empty index FILE. A file that is there already is refused."""
    from dedupe.index import open_index

    target = _free(file)
    model, start = stored_settings(settings)
    with open_index(
        target, settings=assigned_settings(assigned, start), texts=not no_texts
    ) as index:
        differing = [f"{name}={value:g}" for name, value in changed(index.settings).items()]
    texts = "keeps no texts" if no_texts else "keeps texts"
    tell(
        f"{target.name}: an empty index that {texts}; settings {' '.join(differing) or 'as usual'}"
    )
    if model is not None:
        say(
            f"the story model of {settings} is not kept in an index: "
            "give the file to those who fill it, too"
        )
    return 0


@click.command("remove", short_help="Remove articles by id.")
@with_file
@click.argument("id", nargs=-1, required=True, metavar="ID...")
def remove(*, file: str, id: tuple[str, ...]) -> int:  # noqa: A002 - as in the usage
    """Remove articles by ID from the index FILE; - reads ids from standard input, one a line.

    What is removed is not known any more: the same article is new when it comes again. Ends with
    2 where one of the ids was not there; the others are removed all the same.
    """
    removed, missing = 0, 0
    with opened(file) as index:
        for name in _ids(id):
            if index.remove(name):
                removed += 1
                continue
            missing += 1
            if missing <= SHOWN_MISSING:
                say(f"{index_name(file)}: no article has the id {name}")
        left = index.stats().articles
    if missing > SHOWN_MISSING:
        say(f"{index_name(file)}: {missing:,} ids in all were not there")
    tell(f"{counted(removed, 'article')} removed, {left:,} left")
    return 2 if missing else 0


def _ids(given: Iterable[str]) -> Iterator[str]:
    for name in given:
        if name != "-":
            yield name
            continue
        for line in sys.stdin.buffer:
            if read := line.rstrip(b"\r\n"):
                yield read.decode("utf-8", "surrogateescape")


@click.command("expire", short_help="Let old articles go.")
@with_file
@click.option("--before", metavar="DATE", help="Articles of before this day or moment, in UTC.")
@click.option("--older-than", metavar="AGE", help="Articles of before so long ago: 90d, 12w.")
@click.option("--no-compact", is_flag=True, help="Leave the file as large as it is.")
@click.option("-n", "--dry-run", is_flag=True, help="Say how many would go, and let none go.")
def expire(
    *, file: str, before: str | None, older_than: str | None, no_compact: bool, dry_run: bool
) -> int:
    """Let old articles go from the index FILE, and give the room back.

    By the date of an article, or by that of its arrival where it has none. Others may go on
    using the index meanwhile.
    """
    moment = _limit(before, older_than)
    with opened(file, read_only=dry_run) as index:
        if dry_run:
            old = sum((a.article.date or a.arrived) < moment for a in index.articles())
            tell(f"{counted(old, 'article')} of before {_in_utc(moment)} would go")
            return 0
        earlier = index.stats().bytes
        gone = index.expire(moment)
        left = index.stats().articles
        tell(f"{counted(gone, 'article')} of before {_in_utc(moment)} removed, {left:,} left")
        if not no_compact:
            index.compact()
        later = index.stats().bytes
    tell(_shrunk(earlier, later))
    return 0


def _limit(before: str | None, older_than: str | None) -> datetime:
    """The moment before which articles go. Raises click.UsageError."""
    if (before is None) == (older_than is None):
        raise click.UsageError("give either --before DATE or --older-than AGE")
    if before is not None:
        from dedupe.read.dates import parse_date

        moment = parse_date(before)
        if moment is None:
            raise click.UsageError(f"--before {before}: no date; wanted one such as 2024-05-31")
        return moment
    found = re.fullmatch(r"(\d{1,6})([dw])", older_than or "")
    if found is None:
        raise click.UsageError(
            f"--older-than {older_than}: no age; wanted days or weeks, such as 90d or 12w"
        )
    try:
        return datetime.now(UTC) - timedelta(days=int(found[1]) * DAYS[found[2]])
    except OverflowError:
        raise click.UsageError(f"--older-than {older_than}: before the calendar") from None


def _in_utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _shrunk(earlier: int, later: int) -> str:
    return f"size: {bytes_in_words(earlier)} before, {bytes_in_words(later)} after"


@click.command("compact", short_help="Make the index as small as it can be.")
@with_file
def compact(*, file: str) -> int:
    """Finish what is left to tidy in the index FILE, and make the file as small as it can be."""
    with opened(file) as index:
        earlier = index.stats().bytes
        index.compact()
        later = index.stats().bytes
    tell(_shrunk(earlier, later))
    return 0


@click.command("different", short_help="Keep two articles or stories apart.")
@with_file
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
def different(*, file: str, a: str, b: str) -> int:
    """Mark two articles, or two stories, of the index FILE: they are different for good.

    A and B are ids of articles or of stories. Of two articles in one story the later one leaves
    it, with its copies. From now on neither joins the story of the other.
    """
    with opened(file) as index:
        one, other = _named(index, file, a), _named(index, file, b)
        if (one.is_story or other.is_story) and set(one.groups) & set(other.groups):
            raise SourceError(
                f"{index_name(file)}: {a!r} and {b!r} are one story; name two articles of it"
            )
        for x in one.articles:
            for y in other.articles:
                index.mark_different(x, y)
    tell(f"{a} and {b} are kept apart from now on")
    return 0


class _Named(NamedTuple):
    """What an id stands for: an article, or of a story the first of each group of copies."""

    articles: list[str]
    groups: list[str]
    is_story: bool


def _named(index: Index, file: str, name: str) -> _Named:
    if (found := index.get(name)) is not None:
        return _Named([name], [found.copies], is_story=False)
    story = index.story(name)
    if story is None:
        raise SourceError(f"{index_name(file)}: no article and no story has the id {name!r}")
    groups = [found.copies for one in story.articles if (found := index.get(one))]
    first = list(dict.fromkeys(groups))
    return _Named(first, first, is_story=True)


@click.command("import", short_help="Make it from an export.")
@with_file
@click.argument("source", shell_complete=files)
def import_(*, file: str, source: str) -> int:
    """Make the index FILE from SOURCE, as dedupe index export wrote it.

    SOURCE is a file, an address, or - for standard input.

    Articles keep their stories, with the same ids, and the answers that they were given. FILE
    must not be there; it is there once all of SOURCE was taken in, and not before.
    """
    from dedupe.index.rebuild import restored_index
    from dedupe.read.address import shown_address
    from dedupe.report.progress import working

    target = _free(file)
    with opened_stream(source) as lines, working(sys.stderr, "importing", "article") as step:
        count = restored_index(lines, shown_address(source), target, step)
    tell(f"{index_name(file)}: {counted(count, 'article')}, each in the story it was in")
    return 0


@click.command("rebuild", short_help="Make it anew with other settings.")
@with_file
@with_settings(SET)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    shell_complete=files,
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
    from dedupe.index.rebuild import rebuilt, replaced
    from dedupe.report.progress import working

    target = lasting(file)
    if output is not None and no_keep:
        raise click.UsageError("--no-keep is for a new index in the place of the old one")
    new = _free(output) if output else None
    with opened(file, read_only=True) as index:
        settings = assigned_settings(assigned, index.settings)
    old = None if output or no_keep else target.old_name()
    with working(sys.stderr, "rebuilding", "article") as step:
        if new is not None:
            count = rebuilt(target, settings, new, step)
        else:
            count = replaced(target, settings, old, step)
    kept = f"; the old index is {old}" if old else ""
    tell(f"{index_name(output or file)}: {counted(count, 'article')}{kept}")
    return 0


@click.command("salvage", short_help="Make a new one of what is sound in a damaged one.")
@with_file
@click.option(
    "--output",
    "-o",
    required=True,
    metavar="NEW",
    shell_complete=files,
    help="Make the new index here.",
)
def salvage(*, file: str, output: str) -> int:
    """Make the index NEW of all that is sound in the index FILE, which may be damaged.

    Articles keep their stories, with the same ids, and the answers that they were given. FILE is
    left as it is; nobody else may use it meanwhile. It must keep texts. What was lost is told: how
    many articles, and their ids, one a line, as far as they are known. Ends with 2 where an article
    was lost; NEW is there all the same.
    """
    from dedupe.index.salvage import salvaged
    from dedupe.report.progress import working

    source, target = lasting(file), _free(output)
    with working(sys.stderr, "salvaging", "article") as step:
        found = salvaged(source, target, step)
    say(f"{target.name}: {counted(found.articles, 'article')}, each in the story it was in")
    if found.pages:
        pages = counted(found.pages, "page is", "pages are")
        say(f"{source.name}: {pages} not as written")
    if not found.settings:
        say(f"{source.name}: its settings are lost; the new index has the usual ones")
    if found.removed:
        say(f"{source.name}: which pages were in use is lost; what was removed may be there again")
    for why, names in found.lost.items():
        say(f"{source.name}: {counted(len(names), 'article')} lost: {why}")
        tell(*names)
    if found.unnamed:
        say(f"{source.name}: {counted(found.unnamed, 'article')} lost, and their ids with them")
    return 2 if found.lost or found.unnamed else 0


@click.group("index", cls=InOrder)
def command() -> None:
    """Look after an index, as dedupe filter fills it.

    FILE is where the index lies: a file, or a database as postgresql://USER@HOST/DATABASE. All but
    create and import want one that is there.
    """


for subcommand in (
    create, stats, stories, show, verify, remove, expire, compact, different, export, import_,
    rebuild, salvage,
):  # fmt: skip
    command.add_command(subcommand)
