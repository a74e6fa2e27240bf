"""What is left of an index that is damaged, as a store can read it without trusting any of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class HeldArticle(NamedTuple):
    """An article, as it stands in a store."""

    id: str
    digest: bytes
    arrived: int
    """Microseconds since 1970."""
    story: int
    copies: int
    """Name of its group of copies."""


class Remains(Protocol):
    """Rows that are as they were written, each by itself: what belongs together may be lost."""

    articles: Mapping[int, HeldArticle]
    """By number, ascending."""
    names: Mapping[int, str]
    """Ids by number, of all articles of which that is known, whatever else is lost."""
    numbers: Sequence[int]
    """Those of all articles of which anything is known, ascending."""
    notes: bytes | None
    """What was noted of the index as a whole; None where that is lost."""
    stories: int
    """The highest number of a story that was given, as far as that is known."""
    merged: Mapping[int, int]
    """Stories that are part of others."""
    different: Sequence[tuple[str, str]]
    """Ids of articles that were marked different, in order."""
    pages: int
    """Parts of the file that are not as they were written."""
    removed: bool
    """Whether it can't be told which parts were in use: what was removed may be there again."""

    def answer_and_text(self, number: int) -> tuple[bytes, bytes] | None:
        """The answer that an article was given and the article itself; None where they are lost."""

    def close(self) -> None:
        """Ends it."""
