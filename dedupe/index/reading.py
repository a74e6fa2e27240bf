"""What is read of an index: articles, stories, sums, and what is not as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dedupe.errors import DamagedError, RecordError, StoreError
from dedupe.index.answers import story_id, story_number
from dedupe.index.changes import Changes, changes_since
from dedupe.index.contents import (
    articles_named,
    before_newest,
    indexed_articles,
    stats_of,
    stories_after,
    story_named,
)
from dedupe.index.soundness import problems_of
from dedupe.text import without_surrogates

if TYPE_CHECKING:
    from dedupe.index.store import Reader, Store
    from dedupe.model import IndexedArticle, IndexedStory, IndexStats

FAILURES = (
    ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip
"""What may be raised on values that are not as they were written, and were not told as such."""
STEP = 256
"""Articles that are read in one view."""


class ReadableIndex:
    """What an index answers without changing anything. Made by ``open_index``, as ``Index``."""

    path: str
    keeps_texts: bool
    _store: Store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends it; what was admitted stays."""
        self._store.close()

    def get(self, id: str) -> IndexedArticle | None:  # noqa: A002 - what it is
        """An article and the answer about it; None where the index does not hold it."""
        return next(iter(self.get_many((id,))), None)

    def get_many(self, ids: Iterable[str]) -> list[IndexedArticle]:
        """Those of these articles that the index holds, in the order in which they came."""
        names = list(map(id_in_index, ids))
        with self._reading() as reader:
            return articles_named(reader, names)

    def story(self, id: str) -> IndexedStory | None:  # noqa: A002 - what it is
        """A story; of one that was merged, the one that it is part of by now."""
        with self._reading() as reader:
            return story_named(reader, id)

    def stories(self) -> Iterator[IndexedStory]:
        """All stories, as they were begun. Others may work meanwhile."""
        after = ""
        while found := self.stories_page(after, STEP):
            yield from found
            after = found[-1].id

    def stories_page(self, after: str, limit: int) -> list[IndexedStory]:
        """At most ``limit`` stories that were begun after the one of this id, or the first.

        Raises RecordError for what is no id of a story.
        """
        number = story_number(after) if after else 0
        if number is None:  # from the first again a caller might never come to an end
            raise RecordError(f"no story can have the id {after[:80]!r}")
        with self._reading() as reader:
            return stories_after(reader, number, limit)

    def articles(self, newest: int | None = None) -> Iterator[IndexedArticle]:
        """All articles, or the ``newest`` so many, as they were entered. Others may work meanwhile.

        That is as they came, but for one that had to stand for its copies when another went.
        """
        with self._reading() as reader:
            after = before_newest(reader, newest) if newest else 0
        while True:
            with self._reading() as reader:
                numbers = reader.walk(after, STEP)
                found = list(indexed_articles(reader, numbers))
            if not numbers:
                return
            after = numbers[-1]
            yield from found

    def stats(self) -> IndexStats:
        """How much it holds."""
        with self._reading() as reader:
            return stats_of(reader, keeps_texts=self.keeps_texts)

    def verify(self) -> Iterator[str]:
        """All that does not fit together, in words; nothing where the index is sound."""
        with self._reading() as reader:
            yield from problems_of(reader, keeps_texts=self.keeps_texts)

    def last_story(self) -> str:
        """The last story id that was ever given; empty where there was none."""
        with self._reading() as reader:
            number = reader.position().story
        return story_id(number) if number else ""

    def changes(self, after: int | None, most: int = 1000) -> Changes:
        """The first ``most`` changes after a position, also of other processes; of None only it."""
        with self._reading() as reader:
            return changes_since(reader, after, most)

    def differences(self, id: str | None = None) -> tuple[tuple[str, str], ...]:  # noqa: A002
        """All pairs that were marked different, in order, or those of the article of this id."""
        asked = None if id is None else [id_in_index(id)]
        with self._reading() as reader:
            return tuple(reader.differences(asked))

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        with self._told_of_damage(), self._store.read() as reader:
            yield reader

    @contextmanager
    def _told_of_damage(self) -> Iterator[None]:
        """What fails on what is stored is told as damage, if the store is found to be damaged."""
        try:
            yield
        except DamagedError as error:
            if str(error).startswith(self.path):
                raise
            raise DamagedError(f"{self.path}: {error}; {self._store.remedy}") from error
        except FAILURES as error:
            with self._store.read() as reader:
                problem = next(problems_of(reader, keeps_texts=self.keeps_texts), None)
            if problem is None:
                raise
            raise DamagedError(
                f"{self.path}: the index is damaged ({problem}); {self._store.remedy}"
            ) from error


def two_ids(a: str, b: str) -> tuple[str, str]:
    """The ids of two articles as the index holds them. Raises RecordError, StoreError for one."""
    a, b = id_in_index(a), id_in_index(b)
    if a == b:
        raise StoreError(f"{a!r} cannot be different from itself")
    return a, b


def id_in_index(name: str) -> str:
    """An id as the index holds it. Raises RecordError for one that no index can hold."""
    if not name:
        raise RecordError("an article has no id; give each article its own")
    return without_surrogates(name)
