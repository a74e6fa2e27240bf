"""An index made of what is sound in one that is damaged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedupe.errors import DamagedError, SettingError, StoreError
from dedupe.index.answers import article_of_text, restored, story_id
from dedupe.index.arrivals import digest
from dedupe.index.target import IndexPlace, target_of
from dedupe.model import IndexedArticle
from dedupe.moments import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedupe.config import Settings
    from dedupe.index.rebuild import OnCount
    from dedupe.index.remains import HeldArticle, Remains
    from dedupe.model import Article, Verdict


@dataclass(frozen=True)
class Salvage:
    """What was taken over, and what was not."""

    articles: int
    """That are in the new index."""
    lost: Mapping[str, tuple[str, ...]]
    """What was lost of articles that are not, each with their ids, as they arrived."""
    unnamed: int
    """Articles that are not, and whose ids are lost, too."""
    pages: int
    """Parts of the file that are not as they were written."""
    settings: bool
    """Whether the settings are those of the index; else they are the usual ones."""
    removed: bool
    """Whether articles that were removed may be there again: it is lost which parts were free."""


LOST_PLACE = "their stories, or their dates of arrival"
LOST_TEXT = "their texts, or the answers that they were given"
NOT_ITS_TEXT = "the texts that were admitted: others are there"
TWICE = "what was there before they were revised"
"""What of articles is lost, by which they are told."""


def salvaged(source: IndexPlace, target: IndexPlace, on_progress: OnCount) -> Salvage:
    """Makes an index at ``target`` of all that is sound in the one at ``source``.

    Articles keep their stories, with the same ids, and the answers that they were given. ``source``
    is only read, and by nobody else meanwhile. ``on_progress`` is called with how many articles
    were taken in. Raises NotAnIndexError where ``source`` is none, StoreError where it can't be
    read, or keeps no texts to make an index from, or where the new one can't be written; there is
    none then.
    """
    from dedupe.index import open_index

    place = target_of(source)
    remains = place.remains()
    try:
        settings, texts = _noted(remains.notes)
        found = _Found(remains)
        if texts is False or (found.sound and not any(map(found.has_text, found.sound))):
            raise StoreError(
                f"{place.name}: keeps no texts, from which an index could be made; take the last "
                "sound copy"
            )
        with (
            target_of(target).fresh() as new,
            open_index(new, settings=settings) as index,
        ):
            count = index.restore(_counted(found, on_progress))
            merged = {story_id(one): story_id(root) for one, root in remains.merged.items()}
            last = story_id(remains.stories) if remains.stories else ""
            index.settle(last, merged, remains.different)
        named = {why: tuple(names) for why, names in found.lost.items()}
        return Salvage(
            count, named, found.unnamed, remains.pages, settings is not None, remains.removed
        )
    finally:
        remains.close()


def _counted(found: _Found, on_progress: OnCount) -> Iterator[IndexedArticle]:
    for count, number in enumerate(found.sound, start=1):
        yield found.article(number)
        on_progress(count)


def _noted(notes: bytes | None) -> tuple[Settings | None, bool | None]:
    """The settings, and whether texts are kept; None for what is lost."""
    from dedupe.config import Settings

    try:
        told = json.loads(notes or b"")
        return Settings().changed(json.loads(told["settings"])), told.get("texts") == "kept"
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError, SettingError):
        return None, None


class _Found:
    """The articles that are sound, and what is lost of the others."""

    def __init__(self, remains: Remains) -> None:
        self._remains = remains
        self.lost: dict[str, list[str]] = {}
        self.unnamed = 0
        latest = {held.id: number for number, held in remains.articles.items()}
        self.sound: list[int] = []
        """Numbers of the articles that are taken over, ascending."""
        for number in remains.numbers:
            why = self._lacks(number, latest)
            if why is None:
                self.sound.append(number)
            elif number in remains.names:
                self.lost.setdefault(why, []).append(remains.names[number])
            else:
                self.unnamed += 1
        self._first: dict[int, tuple[int, int]] = {}
        """Of each group of copies that one which arrived first: when, and its number."""
        for number in self.sound:
            held = remains.articles[number]
            first = self._first.setdefault(held.copies, (held.arrived, number))
            self._first[held.copies] = min(first, (held.arrived, number))

    def _lacks(self, number: int, latest: Mapping[str, int]) -> str | None:
        """What of an article is lost; None where it can be taken over."""
        held = self._remains.articles.get(number)
        if held is None or moment(held.arrived) is None:
            return LOST_PLACE
        if latest[held.id] != number:
            return TWICE
        try:
            read = self._read(number, held)
        except DamagedError:
            return LOST_TEXT
        if read is None:
            return LOST_TEXT
        return NOT_ITS_TEXT if read[0].text and digest(read[0]) != held.digest else None

    def _read(self, number: int, held: HeldArticle) -> tuple[Article, Verdict] | None:
        """An article and the answer about it. Raises DamagedError."""
        stored = self._remains.answer_and_text(number)
        if stored is None:
            return None
        verdict, text = stored
        return article_of_text(held.id, text), restored(held.id, verdict)

    def has_text(self, number: int) -> bool:
        """Whether an article is kept with its text, and that is not empty."""
        read = self._read(number, self._remains.articles[number])
        return read is not None and bool(read[0].text)

    def article(self, number: int) -> IndexedArticle:
        """One of those that are sound."""
        held = self._remains.articles[number]
        read, arrived = self._read(number, held), moment(held.arrived)
        if read is None or arrived is None:
            raise DamagedError(f"the article {held.id!r} was changed meanwhile")
        first = self._remains.articles[self._first[held.copies][1]]
        # Copies are of one story, whatever became of a row.
        return IndexedArticle(read[0], story_id(first.story), first.id, arrived, read[1])
