"""An index made from an export, or from another one: complete, or not there at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from dedupe.errors import SourceError, StoreError
from dedupe.index.exchange import read_export

if TYPE_CHECKING:
    from dedupe.config import Settings
    from dedupe.model import IndexedArticle

OnProgress = Callable[[int], None]


def restored(lines: Iterable[bytes], name: str, target: Path, on_progress: OnProgress) -> int:
    """Makes an index at ``target`` from the lines of an export; how many articles it holds.

    ``name`` is that of the export, for messages. ``on_progress`` is told how many articles were
    taken in. Raises SourceError where the export cannot be read to its end or holds no texts;
    there is no index then. Raises StoreError where the index can't be written.
    """
    from dedupe.index import open_index

    export = read_export(lines, name)
    if not export.texts:
        raise SourceError(
            f"{name}: holds no texts, from which an index is made; keep a copy of the index itself"
        )
    with placed(target) as beside, open_index(beside, settings=export.settings) as index:
        count = index.restore(_counted(export.articles, on_progress))
        index.settle(export.last_story, export.merged, export.different)
    return count


def rebuilt(path: Path, settings: Settings, target: Path, on_progress: OnProgress) -> int:
    """Makes an index at ``target`` with these settings from the one at ``path``.

    Returns how many articles it holds. Others may use ``path`` meanwhile. Raises StoreError; there
    is no index at ``target`` then.
    """
    with placed(target) as beside:
        return _made(path, settings, beside, on_progress)


def replaced(path: Path, settings: Settings, old: Path | None, on_progress: OnProgress) -> int:
    """Makes the index at ``path`` anew with these settings; how many articles it holds.

    The new one takes its place once it is complete; the old one stays as ``old``, in place of what
    was there, or not at all. Raises BusyError where others have the index open or changed it
    meanwhile, and StoreError; it is as it was then.
    """
    from dedupe.index.sqlite.replace import Takeover

    with Takeover(path) as takeover, _leaving_nothing(path) as beside:
        count = _made(path, settings, beside, on_progress)
        _synced(beside)
        takeover.replace(beside, old)
        _synced(path.absolute().parent)
    return count


def _made(path: Path, settings: Settings, target: Path, on_progress: OnProgress) -> int:
    from dedupe.index import open_index

    with open_index(path, create=False, read_only=True) as source:
        if not source.keeps_texts:
            raise StoreError(
                f"{path}: keeps no texts, from which it would be made anew; "
                "admit the articles to a new index"
            )
        with open_index(target, settings=settings) as index:
            count = index.restore(_counted(source.articles(), on_progress))
            merged = {old: story.id for story in source.stories() for old in story.merged}
            index.settle(source.last_story(), merged, source.differences())
    return count


@contextmanager
def placed(target: Path) -> Iterator[Path]:
    """A path for a file that becomes ``target`` once the block has ended well."""
    with _leaving_nothing(target) as beside:
        yield beside
        _synced(beside)
        beside.replace(target)
        _synced(target.absolute().parent)


@contextmanager
def _leaving_nothing(target: Path) -> Iterator[Path]:
    """A path beside ``target``; whatever is there at the end, under names that begin so, goes."""
    beside = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        yield beside
    finally:
        for left in beside.parent.glob(f"{escape(beside.name)}*"):
            left.unlink(missing_ok=True)


def _synced(path: Path) -> None:
    """Has the system write a file, or the names in a folder, to the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _counted(
    articles: Iterable[IndexedArticle], on_progress: OnProgress
) -> Iterator[IndexedArticle]:
    for number, article in enumerate(articles, start=1):
        yield article
        on_progress(number)
