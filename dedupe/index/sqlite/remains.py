"""What is left of an index in a file that is damaged: rows that are known by their shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedupe.errors import NotAnIndexError, StoreError
from dedupe.index.remains import HeldArticle
from dedupe.index.sqlite.file import APPLICATION, MAGIC, first_bytes
from dedupe.index.sqlite.pages import INDEX_INNER, INDEX_LEAF, TABLE_LEAF, Cell, Pages
from dedupe.index.tables.decode import LAST_NUMBER, LAST_STORY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ARTICLE, COLD, STORY, STATE, RECORD = "ntbiitiiii", "nbbb", "ni", "niiiiiiii", "tiib"
"""The rows of these tables, each unlike those of all others; see ``Pages.shape``."""
ID, DIFFERENT = "ti", "tt"
"""The rows of indexes: ids with their numbers; articles that were marked different."""
NOTES = "notes"


class FileRemains:
    """What is left of a file. See :class:`dedupe.index.remains.Remains`."""

    def __init__(self, path: str) -> None:
        """Raises NotAnIndexError for a file that is none, StoreError for one that can't be read."""
        begun = first_bytes(path)
        if begun is None:
            raise NotAnIndexError(f"{path}: there is no index; give its path")
        if isinstance(begun, bool):
            # Whoever closes a file drops the locks that this process has on it.
            raise StoreError(f"{path}: this process has the index open; close it first")
        try:
            self._pages = Pages(path)
        except OSError as error:
            raise StoreError(f"{path}: the file cannot be read: {error.strerror}") from error
        header = self._pages.header()
        named = int.from_bytes(header[68:72], "big") == APPLICATION
        if not self._pages.sums and not (named and header.startswith(MAGIC)):
            self.close()
            raise NotAnIndexError(f"{path}: this is no index; give another path")
        self._cold: dict[int, Cell] = {}
        self._held: dict[int, HeldArticle] = {}
        self._merged: dict[int, int] = {}
        self._names: dict[int, str] = {}
        self.notes: bytes | None = None
        self.stories = 0
        for cell in self._pages.cells([TABLE_LEAF]):
            self._take(cell)
        self.different: Sequence[tuple[str, str]] = sorted(self._of_indexes())
        self._names |= {number: one.id for number, one in self._held.items()}
        self.articles: Mapping[int, HeldArticle] = dict(sorted(self._held.items()))
        self.names: Mapping[int, str] = self._names
        self.merged: Mapping[int, int] = self._merged
        self.numbers: Sequence[int] = sorted({*self._names, *self._cold})
        self.pages: int = self._pages.damaged
        self.removed: bool = not self._pages.knows_free

    def _take(self, cell: Cell) -> None:
        """Takes a row of a table, if its table is one of those that are asked for."""
        shape = self._pages.shape(cell)
        if shape == COLD:
            self._cold[cell.number] = cell
        if shape not in (ARTICLE, STORY, STATE, RECORD):
            return
        try:
            row: list[Any] = self._pages.values(cell)
        except ValueError:
            return
        if shape == ARTICLE:
            _, name, digest, _, arrived, _, story, copies, *_ = row
            if 0 < cell.number <= LAST_NUMBER and 0 < story <= LAST_STORY:
                self._held[cell.number] = HeldArticle(name, digest, arrived, story, copies)
                self.stories = max(self.stories, story)
        elif shape == STORY and 0 < cell.number <= LAST_STORY and 0 < row[1] <= LAST_STORY:
            self._merged[cell.number] = row[1]
            self.stories = max(self.stories, cell.number)
        elif shape == STATE and 0 <= row[2] <= LAST_STORY:
            self.stories = max(self.stories, row[2])
        elif shape == RECORD and row[0] == NOTES:
            self.notes = row[3]

    def _of_indexes(self) -> set[tuple[str, str]]:
        """Takes ids and their numbers; the pairs that were marked different."""
        pairs = set()
        for cell in self._pages.cells([INDEX_LEAF, INDEX_INNER]):
            shape = self._pages.shape(cell)
            if shape not in (ID, DIFFERENT):
                continue
            try:
                one, other, *_ = row = self._pages.values(cell)
            except ValueError:
                continue
            if isinstance(one, str) and isinstance(other, int):
                self._names[other] = one
            elif isinstance(one, str) and isinstance(other, str) and len(row) == len(DIFFERENT):
                pairs.add((min(one, other), max(one, other)))
        return {(one, other) for one, other in pairs if one != other}  # no article is another one

    def answer_and_text(self, number: int) -> tuple[bytes, bytes] | None:
        """See :meth:`dedupe.index.remains.Remains.answer_and_text`."""
        if number not in self._cold:
            return None
        try:
            _, verdict, _, text = self._pages.values(self._cold[number])
        except ValueError:
            return None
        return (verdict, text) if isinstance(verdict, bytes) and isinstance(text, bytes) else None

    def close(self) -> None:
        """Ends it."""
        self._pages.close()
