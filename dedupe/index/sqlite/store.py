"""Sessions over an index in one SQLite file, or in memory.

Readers see the index as it was when they began, and wait for nobody: the file is in write-ahead
mode. Of writers there is one at a time.
"""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import TypeVar

from dedupe.errors import BusyError, ReadOnlyError, StoreError
from dedupe.index.sqlite.database import MEMORY, PAUSE_LONGEST, Database, log_of
from dedupe.index.sqlite.file import PAGE
from dedupe.index.sqlite.opening import CHECKPOINT, open_database, open_memory
from dedupe.index.sqlite.postings import SELECT, SqlitePostings, State
from dedupe.index.sqlite.reader import SqliteReader
from dedupe.index.sqlite.session import SqliteWriter
from dedupe.index.store import Durability, Store

SHRINK_WORK = 1 << 15
"""Postings that are handled before others may write."""
SHRINK_PAGES = 64
"""Pages that are given back before others may write."""
SHRINK_PAUSE = 1.5 * PAUSE_LONGEST
"""Seconds between two steps: in no less does each who waits for the lock try to get it."""
LOG_PATIENCE = 5.0
"""Seconds in which a moment is awaited when nobody reads the log; else it is cut another time."""
LOG_STEP = CHECKPOINT * PAGE
"""Bytes by which the log grows before it is moved into the file: that costs two waits for the disk,
and after each commit where SQLite is to see to it and the log can't begin anew."""
LONG_LOG = 6 * LOG_STEP
"""Bytes of the log from which on a moment is made in which nobody reads it, so that it begins anew:
where many read and write there is none by itself."""
CUT_PATIENCE, CUT_LEFT = 0.2, CHECKPOINT // 2
"""Seconds that nobody else may write in order to make it, while others end what they read. It isn't
tried where more pages than so many can't be moved, as somebody reads for long."""

View = TypeVar("View", bound=SqliteReader)


class SqliteStore(Store):
    """An index in one file, and its log beside it. It belongs to the thread that opened it."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        create: bool = True,
        durability: Durability = "normal",
        patience: float = 30.0,
        read_only: bool = False,
    ) -> None:
        """Opens the index at ``path``, or makes one where there is no file, or an empty one.

        What a session wrote survives the end of the process; with ``durability`` "full" that of
        the machine too. ``patience`` is in seconds. Raises a StoreError.
        """
        self._begin(
            open_database(
                os.fspath(path),
                create=create,
                durability=durability,
                patience=patience,
                read_only=read_only,
            ),
            read_only=read_only,
        )

    def _begin(self, database: Database, *, read_only: bool) -> None:
        self.path = database.path
        self._log = log_of(database.path)
        self._read_only = read_only
        self._database: Database | None = database
        self._busy = False
        self._postings: SqlitePostings | None = None

    def _opened(self) -> Database:
        if self._database is None:
            raise StoreError(f"{self.path}: the index was closed")
        if self._busy:
            raise StoreError(f"{self.path}: a session is open; end it before the next")
        if self._database.moved():  # else what is admitted would be gone with the process
            raise StoreError(
                f"{self.path}: the file was removed, or another put in its place, since it was "
                "opened; put it back, or begin again"
            )
        return self._database

    @contextmanager
    def read(self) -> Iterator[SqliteReader]:
        database = self._opened()
        reader = self._begun(database, "BEGIN", SqliteReader)
        try:
            yield reader
        finally:
            self._busy = False
            reader.end()
            database.roll_back()

    @contextmanager
    def write(self) -> Iterator[SqliteWriter]:
        database = self._opened()
        if self._read_only:
            raise ReadOnlyError(f"{self.path}: the index was opened for reading only")
        writer = self._begun(database, "BEGIN IMMEDIATE", SqliteWriter)
        before = self._log_size()
        try:
            yield writer
            writer.commit()
        except BaseException:
            self._busy = False
            writer.end()
            self._postings = None  # read again, as numbers and blocks are given again
            database.roll_back()
            raise
        self._busy = False
        writer.end()
        self._see_to_log(database, before)

    def _see_to_log(self, database: Database, before: int) -> None:
        """Moves the log into the file where the session took it past a multiple of ``LOG_STEP``.

        ``before`` is its size when the session began: none but who writes lengthens it, so that of
        many processes one does this.
        """
        size = self._log_size()
        if size // LOG_STEP > before // LOG_STEP:
            left = database.move_log()
            if left is not None and left <= CUT_LEFT and size >= LONG_LOG:
                database.cut_log(CUT_PATIENCE)

    def _log_size(self) -> int:
        try:
            return os.stat(self._log).st_size  # noqa: PTH116 - twice a session
        except OSError:
            return 0

    def _begun(self, database: Database, begin: str, view: type[View]) -> View:
        """Begins a transaction and brings the young postings up to what it sees."""
        database.failed = False
        row = database.patiently(begin, SELECT)
        try:
            state = State.read(row, database)
            if self._postings is None:
                self._postings = SqlitePostings(state)
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

    def _give_back(self) -> None:
        database = self._opened()
        # What is free now, and no more: others free pages meanwhile, a broken count never falls.
        free, pages = (
            (database.one(f"PRAGMA {count}") or (0,))[0]
            for count in ("freelist_count", "page_count")
        )
        for _ in range(0, min(free, pages), SHRINK_PAGES):
            if not (database.one("PRAGMA freelist_count") or (0,))[0]:
                break
            database.give_back(SHRINK_PAGES)
            time.sleep(SHRINK_PAUSE)
        end = time.monotonic() + LOG_PATIENCE
        while not database.cut_log() and time.monotonic() < end:
            time.sleep(SHRINK_PAUSE)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
            self._postings = None


class MemoryStore(SqliteStore):
    """An index in memory. Sessions of several threads take turns, those for reading too."""

    def __init__(self, *, patience: float = 30.0) -> None:
        """Makes an empty one. ``patience`` is how many seconds a session waits for its turn."""
        self._begin(open_memory(), read_only=False)
        self._patience = patience
        self._turn, self._owner = Lock(), 0

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._owner == get_ident():
            self._opened()  # raises, as a session of this thread is open
        if not self._turn.acquire(timeout=self._patience):
            raise BusyError(f"{MEMORY}: another thread uses the index; be more patient")
        try:
            self._owner = get_ident()
            yield
        finally:
            self._owner = 0
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[SqliteReader]:
        with self._in_turn(), super().read() as reader:
            yield reader

    @contextmanager
    def write(self) -> Iterator[SqliteWriter]:
        with self._in_turn(), super().write() as writer:
            yield writer

    def _give_back(self) -> None:
        with self._in_turn():
            super()._give_back()

    def close(self) -> None:
        with self._in_turn():
            super().close()
