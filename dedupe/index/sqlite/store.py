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

from dedupe.errors import REMEDY, BusyError, StoreError
from dedupe.index.sqlite.database import MEMORY, SqliteDatabase, log_of
from dedupe.index.sqlite.file import PAGE
from dedupe.index.sqlite.opening import CHECKPOINT, open_database, open_memory
from dedupe.index.store import Durability
from dedupe.index.tables.reader import TableReader
from dedupe.index.tables.store import SHRINK_PAUSE, TableStore
from dedupe.index.tables.writer import TableWriter

SHRINK_PAGES = 64
"""Pages that are given back before others may write."""
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


class SqliteStore(TableStore[SqliteDatabase]):
    """An index in one file, and its log beside it. It belongs to the thread that opened it."""

    remedy = REMEDY

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

    def _begin(self, database: SqliteDatabase, *, read_only: bool) -> None:
        super()._begin(database, read_only=read_only)
        self._log = log_of(database.path)

    def _opened(self) -> SqliteDatabase:
        database = super()._opened()
        if database.moved():  # else what is admitted would be gone with the process
            raise StoreError(
                f"{self.path}: the file was removed, or another put in its place, since it was "
                "opened; put it back, or begin again"
            )
        return database

    @contextmanager
    def write(self) -> Iterator[TableWriter]:
        database = self._opened()
        with super().write() as writer:
            before = self._log_size()
            yield writer
        self._see_to_log(database, before)

    def _see_to_log(self, database: SqliteDatabase, before: int) -> None:
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
    def read(self) -> Iterator[TableReader]:
        with self._in_turn(), super().read() as reader:
            yield reader

    @contextmanager
    def write(self) -> Iterator[TableWriter]:
        with self._in_turn(), super().write() as writer:
            yield writer

    def _give_back(self) -> None:
        with self._in_turn():
            super()._give_back()

    def close(self) -> None:
        with self._in_turn():
            super().close()
