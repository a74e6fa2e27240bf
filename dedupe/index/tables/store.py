"""Sessions over an index in tables, and the maintenance that is done apart from them."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from dedupe.errors import ReadOnlyError, StoreError
from dedupe.index.store import Store
from dedupe.index.tables.database import Database, SqlRow
from dedupe.index.tables.postings import SELECT, State, TablePostings
from dedupe.index.tables.reader import TableReader
from dedupe.index.tables.writer import TableWriter

SHRINK_WORK = 1 << 15
"""Postings that are handled before others may write."""
SHRINK_PAUSE = 0.006
"""Seconds between two steps: in no less does each who waits for the lock try to get it."""

View = TypeVar("View", bound=TableReader)
SomeDatabase = TypeVar("SomeDatabase", bound=Database)


class TableStore(Store, Generic[SomeDatabase]):
    """An index in the tables of a database. It belongs to the thread that opened it.

    Readers see the index as it was when they began, and wait for nobody. Of writers there is one at
    a time.
    """

    def _begin(self, database: SomeDatabase, *, read_only: bool) -> None:
        self.path = database.path
        self._read_only = read_only
        self._database: SomeDatabase | None = database
        self._busy = False
        self._postings: TablePostings | None = None
        self._before: TableReader | None = None
        """The last view for reading."""

    def _opened(self) -> SomeDatabase:
        if self._database is None:
            raise StoreError(f"{self.path}: the index was closed")
        if self._busy:
            raise StoreError(f"{self.path}: a session is open; end it before the next")
        return self._database

    @contextmanager
    def read(self) -> Iterator[TableReader]:
        database = self._opened()
        reader = self._begun(database, self._begin_reading(database), TableReader)
        self._before = reader
        try:
            yield reader
        finally:
            self._busy = False
            reader.end()
            database.roll_back()

    @contextmanager
    def write(self) -> Iterator[TableWriter]:
        database = self._opened()
        if self._read_only:
            raise ReadOnlyError(f"{self.path}: the index was opened for reading only")
        writer = self._begun(database, self._begin_writing(database), TableWriter)
        before, self._before = self._before, None
        if before is not None and before.last_change == writer.last_change:
            writer.absent = before.absent  # nothing was added since
        try:
            yield writer
            writer.commit()
        except BaseException:
            self._busy = False
            writer.end()
            self._postings = None  # read again: numbers are given again
            database.roll_back()
            raise
        self._busy = False
        writer.end()

    def _begin_reading(self, database: SomeDatabase) -> SqlRow | None:
        """Begins a transaction; the row of counters that it sees."""
        database.failed = False
        return database.begin_reading(SELECT)

    def _begin_writing(self, database: SomeDatabase) -> SqlRow | None:
        database.failed = False
        return database.begin_writing(SELECT)

    def _begun(self, database: SomeDatabase, row: SqlRow | None, view: type[View]) -> View:
        """A view of what a transaction sees; brings the young postings up to that."""
        try:
            state = State.read(row, database)
            if self._postings is None:
                self._postings = TablePostings(state)
            self._postings.follow(database, state)
        except BaseException:
            self._postings = None
            database.roll_back()
            raise
        self._busy = True
        return view(database, state, self._postings)

    def shrink(self) -> None:
        self._merge_all()
        with self.write() as writer:
            while writer.merging().renew(0):
                pass
        self._merge_all()
        self._give_back()
        self._postings = None  # read again, without what is gone

    def _merge_all(self) -> None:
        more = True
        while more:
            with self.write() as writer:
                more = writer.merging().work(SHRINK_WORK)
            time.sleep(SHRINK_PAUSE)

    @abstractmethod
    def _give_back(self) -> None:
        """Gives space that is free to the system."""

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
            self._postings = None
