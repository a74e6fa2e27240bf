"""What an index contains: ``dedupe index stats``, ``stories``, ``show``, ``verify``, ``export``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dedupe.cli.completion import files
from dedupe.cli.outputs import must_not_be_of, output_option, output_stream
from dedupe.cli.sources import (
    changed,
    with_json,
)
from dedupe.cli.streams import console, tell, write_json
from dedupe.errors import DamagedError, SourceError
from dedupe.report.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from dedupe.index import Index
    from dedupe.index.target import Target
    from dedupe.model import IndexedArticle, IndexedStory

SHOWN_PROBLEMS = 1000
with_file = click.argument("file", shell_complete=files)


def opened(file: str, *, read_only: bool = False) -> Index:
    """The index, with the settings that it has. Raises StoreError."""
    from dedupe.index import open_index

    return open_index(lasting(file), create=False, read_only=read_only)


def index_name(file: str) -> str:
    """An index as it may be shown: an address without credentials."""
    from dedupe.read.address import shown_address

    return shown_address(file)


def lasting(file: str) -> Target:
    """The target of an index that outlives the command. Raises SourceError for another."""
    from dedupe.index.target import target_of

    target = target_of(file)
    if not target.lasting:
        raise SourceError(f"{index_name(file)} ends with the command that opens it; name a file")
    return target


@click.command("stats", short_help="Tell how much it holds, and its settings.")
@with_file
@with_json("one JSON object")
def stats(*, file: str, as_json: bool) -> int:
    """Tell how much the index FILE holds, how large it is, and its settings.

    --json writes one object: schema_version, path, articles, stories, independent_texts, bytes,
    bytes_per_article (null where there is none), keeps_texts, oldest, newest (ISO 8601, or null),
    languages (articles by language), settings (those that are not the usual ones), fingerprint.
    """
    from dedupe.report.index import render_stats
    from dedupe.report.jsonl import stats_object

    with opened(file, read_only=True) as index:
        found, settings = index.stats(), changed(index.settings)
        fingerprint = index.settings.fingerprint()
    if as_json:
        write_json(stats_object(index_name(file), found, settings, fingerprint))
    else:
        render_stats(index_name(file), found, settings, fingerprint, console())
    return 0


@click.command("stories", short_help="List its stories.")
@with_file
@click.option(
    "--min-size",
    type=click.IntRange(1),
    default=1,
    help="List stories of at least so many articles.",
)
@with_json("one JSON object a story")
def stories(*, file: str, min_size: int, as_json: bool) -> int:
    """List the stories of the index FILE, the one that began first at the top.

    Each with its id, how many articles it has, their dates, and the headline of the first.

    --json writes for each: schema_version, id, articles (their ids, as they arrived), first_date,
    last_date (of arrival where an article has none), merged (ids that lead here).
    """
    from dedupe.report.index import render_stories
    from dedupe.report.jsonl import story_object

    with opened(file, read_only=True) as index:
        listed = (story for story in index.stories() if len(story.articles) >= min_size)
        if as_json:
            for story in listed:
                write_json(story_object(story))
        else:
            render_stories(((story, index.get(story.articles[0])) for story in listed), console())
    return 0


@click.command("show", short_help="Show an article or a story.")
@with_file
@click.argument("id", metavar="ID")
@click.option("--story", is_flag=True, help="ID is a story's, even if an article's too.")
@with_json("one JSON object")
def show(*, file: str, id: str, story: bool, as_json: bool) -> int:  # noqa: A002 - as in the usage
    """Show the article, or the story, with this ID in the index FILE.

    Of an article: where it stands, the answer that it was given when it came, and the articles
    that it was matched with, each with its evidence. Of a story: its articles, oldest first,
    copies beneath what they copy; the id of a story that was merged leads to the one that it
    became part of.

    --json writes the article as dedupe index export does, or the story as dedupe index stories
    does, with schema_version.
    """
    with opened(file, read_only=True) as index:
        article = None if story else index.get(id)
        found = index.story(id) if article is None else None
        if article is not None:
            _show_article(index, article, as_json=as_json)
        elif found is not None:
            _show_story(index, found, as_json=as_json)
        else:
            what = "no story" if story else "no article and no story"
            raise SourceError(f"{index_name(file)}: {what} has the id {id!r}")
    return 0


def _show_article(index: Index, article: IndexedArticle, *, as_json: bool) -> None:
    from dedupe.index.exchange import SCHEMA_VERSION, article_object
    from dedupe.report.index import render_article

    if as_json:
        write_json({"schema_version": SCHEMA_VERSION, **article_object(article)})
        return
    found = ((match.b, index.get(match.b)) for match in article.verdict.matches)
    render_article(article, {name: other for name, other in found if other}, console())


def _show_story(index: Index, story: IndexedStory, *, as_json: bool) -> None:
    from dedupe.report.index import render_story
    from dedupe.report.jsonl import story_object

    if as_json:
        write_json(story_object(story))
        return
    # One that another process has just removed is left out.
    articles = [article for name in story.articles if (article := index.get(name))]
    render_story(story, articles, console())


@click.command("verify", short_help="Say what does not fit together in it.")
@with_file
def verify(*, file: str) -> int:
    """Read the whole index FILE and say what does not fit together in it.

    Prints one line that begins with "sound", or the problems, one a line, and ends with 2.
    Others may go on using the index meanwhile.
    """
    from dedupe.report.progress import working

    with opened(file, read_only=True) as index:
        with working(sys.stderr, "verifying") as step:
            count, shown = 0, []
            for problem in index.verify():
                count += 1
                step(count)
                shown += [problem] if count <= SHOWN_PROBLEMS else []
        if not count:
            found = index.stats()
            parts = (
                counted(found.articles, "article"),
                counted(found.stories, "story", "stories"),
                counted(found.texts, "independent text"),
            )
            tell(f"sound: {', '.join(parts)}")
            return 0
    tell(*shown)
    if count > len(shown):
        tell(f"and {count - len(shown):,} more")
    raise DamagedError(
        f"{index_name(file)}: {counted(count, 'problem')} found; take it back from an export "
        "or make it anew with dedupe index rebuild"
    )


@click.command("export", short_help="Write it as JSON Lines.")
@with_file
@output_option("Write to this file instead of to standard output.")
def export(*, file: str, output: Path | None) -> int:
    """Write the index FILE as JSON Lines, for dedupe index import and for other programs.

    The first line holds schema_version, settings and texts; then comes one line an article, as
    they arrived: id, title, text, date, source, url, lang, story, copies, arrived, and verdict,
    the answer that it was given; the last line holds articles, last_story, merged and different.
    Others may go on using the index meanwhile.
    """
    from dedupe.index.exchange import export_lines

    if output is not None:
        must_not_be_of(lasting(file), output, "--output")
    with opened(file, read_only=True) as index, output_stream(output) as out:
        out.writelines(export_lines(index))
    return 0
