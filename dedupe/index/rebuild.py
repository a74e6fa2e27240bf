"""An index made again: from the lines of an export, or from itself with other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from dedupe.errors import SourceError, StoreError
from dedupe.index.exchange import read_export
from dedupe.index.target import IndexPlace, Target, target_of

if TYPE_CHECKING:
    from dedupe.config import Settings
    from dedupe.model import IndexedArticle

OnCount = Callable[[int], None]


def restored_index(
    lines: Iterable[bytes], name: str, target: IndexPlace, on_progress: OnCount
) -> int:
    """Makes an index at ``target`` from the lines of an export; how many articles it has.

    ``name`` is that of the export, for messages. ``on_progress`` is called with how many articles
    were taken in. Raises SourceError where the export cannot be read to its end or has no texts;
    there is no index then. Raises StoreError where the index can't be written.
    """
    from dedupe.index import open_index

    export = read_export(lines, name)
    if not export.texts:
        raise SourceError(
            f"{name}: contains no texts to make an index from; keep a copy of the index itself"
        )
    with target_of(target).fresh() as new, open_index(new, settings=export.settings) as index:
        count = index.restore(_counted(export.articles, on_progress))
        index.settle(export.last_story, export.merged, export.different)
    return count


def rebuilt(
    source: IndexPlace, settings: Settings, target: IndexPlace, on_progress: OnCount
) -> int:
    """Makes an index at ``target`` with these settings from the one at ``source``.

    Returns how many articles it has. Others may use ``source`` meanwhile. Raises StoreError; there
    is no index at ``target`` then.
    """
    with target_of(target).fresh() as new:
        return _made(source, settings, new, on_progress)


def replaced(target: IndexPlace, settings: Settings, old: str | None, on_progress: OnCount) -> int:
    """Makes the index at ``target`` again with these settings; how many articles it has.

    The new one takes its place once it is complete; the old one stays as ``old``, in place of what
    was there, or not at all. Raises BusyError where others have the index open or changed it
    meanwhile, and StoreError; it is as it was then.
    """
    with target_of(target).replacement(old) as new:
        return _made(target, settings, new, on_progress)


def _made(source: IndexPlace, settings: Settings, target: Target, on_progress: OnCount) -> int:
    from dedupe.index import open_index

    with open_index(source, create=False, read_only=True) as old:
        if not old.keeps_texts:
            raise StoreError(
                f"{old.path}: keeps no texts, from which it would be made again; "
                "admit the articles to a new index"
            )
        with open_index(target, settings=settings) as index:
            count = index.restore(_counted(old.articles(), on_progress))
            merged = {part: story.id for story in old.stories() for part in story.merged}
            index.settle(old.last_story(), merged, old.differences())
    return count


def _counted(articles: Iterable[IndexedArticle], on_progress: OnCount) -> Iterator[IndexedArticle]:
    for number, article in enumerate(articles, start=1):
        yield article
        on_progress(number)
