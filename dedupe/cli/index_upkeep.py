"""An index over the years: ``dedupe index create``, ``remove``, ``expire``, ``compact``."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from dedupe.cli.index_contents import changed
from dedupe.cli.index_target import must_not_exist, opened, with_file, with_settings
from dedupe.cli.sources import chosen, printable, stored_settings
from dedupe.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedupe.index import Index

SHOWN_MISSING = 5
DAYS = {"d": 1, "w": 7}


@click.command("create", short_help="Make an empty index.")
@with_file
@with_settings
@click.option("--no-texts", is_flag=True, help="Keep no texts: smaller, but never to be rebuilt.")
@click.option(
    "--settings",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take the settings of this file, as dedupe calibrate writes.",
)
def create(*, file: str, assigned: tuple[str, ...], no_texts: bool, settings: Path | None) -> int:
    """Make an empty index FILE. A file that is there already is refused."""
    from dedupe.index import open_index

    target = must_not_exist(file, "name another, or remove it first")
    model, start = stored_settings(settings)
    with open_index(target, settings=chosen(assigned, start), texts=not no_texts) as index:
        differing = [f"{name}={value:g}" for name, value in changed(index.settings).items()]
    texts = "keeps no texts" if no_texts else "keeps texts"
    click.echo(f"{file}: an empty index that {texts}; settings {' '.join(differing) or 'as usual'}")
    if model is not None:
        click.echo(
            f"dedupe: the story model of {settings} is not kept in an index: "
            "give the file to those who fill it, too",
            err=True,
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
                click.echo(f"dedupe: {file}: no article has the id {printable(name)}", err=True)
        left = index.stats().articles
    if missing > SHOWN_MISSING:
        click.echo(f"dedupe: {file}: {missing:,} ids in all were not there", err=True)
    click.echo(f"{_articles(removed)} removed, {left:,} left")
    return 2 if missing else 0


def _ids(given: Iterable[str]) -> Iterator[str]:
    for name in given:
        if name != "-":
            yield name
            continue
        for line in sys.stdin.buffer:
            if read := line.rstrip(b"\r\n"):
                yield read.decode("utf-8", "surrogateescape")


def _articles(number: int) -> str:
    return f"{number:,} article{'' if number == 1 else 's'}"


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
            click.echo(f"{_articles(old)} of before {_told(moment)} would go")
            return 0
        earlier = index.stats().bytes
        gone = index.expire(moment)
        if not no_compact:
            index.compact()
        found = index.stats()
    click.echo(f"{_articles(gone)} of before {_told(moment)} removed, {found.articles:,} left")
    click.echo(_shrunk(earlier, found.bytes))
    return 0


def _limit(before: str | None, older_than: str | None) -> datetime:
    """The moment before which articles go. Raises click.UsageError."""
    if (before is None) == (older_than is None):
        raise click.UsageError("give either --before DATE or --older-than AGE")
    if before is not None:
        from dedupe.read.values import parse_date

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


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _shrunk(earlier: int, later: int) -> str:
    from dedupe.report.index import size_in_words

    return f"file: {size_in_words(earlier)} before, {size_in_words(later)} after"


@click.command("compact", short_help="Make the file as small as it can be.")
@with_file
def compact(*, file: str) -> int:
    """Finish what is left to tidy in the index FILE, and make the file as small as it can be."""
    with opened(file) as index:
        earlier = index.stats().bytes
        index.compact()
        later = index.stats().bytes
    click.echo(_shrunk(earlier, later))
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
            raise SourceError(f"{file}: {a!r} and {b!r} are one story; name two articles of it")
        for x in one.articles:
            for y in other.articles:
                index.mark_different(x, y)
    click.echo(f"{printable(a)} and {printable(b)} are kept apart from now on")
    return 0


class _Named(NamedTuple):
    """What an id stands for: an article, or of a story the first of each group of copies."""

    articles: list[str]
    groups: list[str]
    is_story: bool


def _named(index: Index, file: str, name: str) -> _Named:
    if (held := index.get(name)) is not None:
        return _Named([name], [held.copies], is_story=False)
    story = index.story(name)
    if story is None:
        raise SourceError(f"{file}: no article and no story has the id {name!r}")
    groups = [held.copies for one in story.articles if (held := index.get(one))]
    first = list(dict.fromkeys(groups))
    return _Named(first, first, is_story=True)
