"""One connection to an index's file. Nothing of SQLite's errors gets past it."""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from dedupe.errors import REMEDY, BusyError, StoreError
from dedupe.index.sqlite.check import file_problems
from dedupe.index.sqlite.failures import FAILURES, translated
from dedupe.index.tables.database import Database, SqlRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPENING = RLock()
"""Taken while a file is looked at, or a connection to one is opened or closed."""
CONNECTIONS: Counter[tuple[int, int]] = Counter()
"""How many this process has to each file, by its identity.

POSIX drops all locks that a process has on a file as soon as it closes any descriptor of it, also
one that a library opened for a look. A file that is open as an index must thus be opened by SQLite
alone, which knows of this."""
WITH_SUMS: set[tuple[int, int]] = set()
"""Those of them whose pages have sums."""
MEMORY = "memory:"
"""The path of an index that is in no file."""
AT_ONCE = 256
"""Texts in one statement. JSON, as for numbers, would cut them at a NUL."""
PAUSE_FIRST, PAUSE_LONGEST = 0.0005, 0.004
"""Seconds between two attempts at a lock that another has. SQLite's own pauses grow to .1 s,
so that of many writers the one that has waited longest waits on."""

SqlAnswer = TypeVar("SqlAnswer")

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1 << 29,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
}
"""Bytes of a value and of a statement, and what else a file could ask for."""
SETTINGS = ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0")
"""Of each connection: no function is called by what is in a file, and no page is read unchecked."""
DEFENCES = {"DEFENSIVE": True, "ENABLE_TRIGGER": False, "ENABLE_VIEW": False}
"""Further settings, where Python has a call for them (from 3.12 on)."""


def identity(path: str) -> tuple[int, int]:
    """By which a file is known under all of its names. Raises OSError."""
    status = os.stat(path)  # noqa: PTH116 - once a session
    return status.st_dev, status.st_ino


SUFFIXES = ("", "-wal", "-shm")
"""What the names of an index's files add to its path: itself, its log, the log's table."""


def log_of(path: str) -> Path:
    """The log of an index: beside the file itself, whatever links lead to it."""
    return Path(f"{os.path.realpath(path)}{SUFFIXES[1]}")


def files_of(path: str) -> list[Path]:
    """The files of an index that are there."""
    real = os.path.realpath(path)  # as SQLite names the log of a file behind a symbolic link
    files = (Path(f"{real}{suffix}") for suffix in SUFFIXES)
    return [file for file in files if file.exists()]


def _restrain(connection: sqlite3.Connection) -> None:
    """Nothing that came with a file is carried out, and no value takes all memory."""
    for limit, value in LIMITS.items():
        connection.setlimit(limit, value)
    for setting in SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    if sys.version_info >= (3, 12):
        for defence, value in DEFENCES.items():
            connection.setconfig(getattr(sqlite3, f"SQLITE_DBCONFIG_{defence}"), value)


class SqliteDatabase(Database):
    """A connection that raises failures as StoreErrors.

    It belongs to one thread; one to MEMORY may go from thread to thread, and is used by one at a
    time.
    """

    remedy = REMEDY

    def __init__(self, path: str, address: str, patience: float, *, sums: bool = False) -> None:
        """Opens ``address``, an URI; ``path`` is the file, or MEMORY. Seconds of patience.

        ``sums`` says whether its pages have sums.
        """
        self.path = path
        self.sums = sums
        self.patience = patience
        self.failed = False
        """Whether something went wrong since a session began: it can't commit any more."""
        with OPENING:
            try:
                self._connection = sqlite3.connect(
                    address, timeout=0, isolation_level=None, uri=True, cached_statements=256,
                    check_same_thread=path != MEMORY,
                )  # fmt: skip
                _restrain(self._connection)
                self._file = None if path == MEMORY else identity(path)
            except sqlite3.Error as error:
                raise translated(error, path) from error
            except OSError as error:
                self._connection.close()
                raise StoreError(f"{path}: the file cannot be opened: {error}") from error
            if self._file is not None:
                CONNECTIONS[self._file] += 1
                WITH_SUMS.add(self._file) if sums else WITH_SUMS.discard(self._file)
        self._execute = self._connection.execute

    def moved(self) -> bool:
        """Whether another file has taken the place of this one since it was opened."""
        try:
            return self._file is not None and identity(self.path) != self._file
        except OSError:
            return True

    def each(self, statement: str) -> Iterator[SqlRow]:
        """The rows of the answer, one after the other."""
        rows = self._noting_failure(lambda: self._execute(statement))
        while (row := self._noting_failure(rows.fetchone)) is not None:
            yield row

    def all(self, statement: str, *values: Any) -> list[SqlRow]:
        """Every row of the answer."""
        return self._noting_failure(lambda: self._execute(statement, values).fetchall())

    def _noting_failure(self, act: Callable[[], SqlAnswer]) -> SqlAnswer:
        try:
            return act()
        except FAILURES as error:
            self.failed = True
            raise translated(error, self.path) from error

    def of(
        self,
        table: str,
        columns: str,
        numbers: Sequence[int] | NDArray[np.int64],
        key: str = "number",
    ) -> list[SqlRow]:
        """Columns of the rows of a table with these numbers, in their order."""
        # JSON is the one form in which SQLite takes any count of them in one statement; as a
        # cross join they are gone through in order, each looked up by the table's index.
        return self.all(
            f"SELECT {columns} FROM json_each(?) AS asked "  # noqa: S608 - names in our code
            f"CROSS JOIN {table} ON {table}.{key} = asked.value",
            str(np.asarray(numbers, np.int64).tolist()),
        )

    def of_texts(self, table: str, columns: str, values: Sequence[str], key: str) -> list[SqlRow]:
        """Columns of the rows of a table that have one of these texts, in any order."""
        found: list[SqlRow] = []
        # Few statements, whatever their count.
        for start in range(0, len(values), AT_ONCE):
            part = list(values[start : start + AT_ONCE])
            part += part[:1] * ((1 << (len(part) - 1).bit_length()) - len(part))
            marks = ", ".join("?" * len(part))
            found += self.all(f"SELECT {columns} FROM {table} WHERE {key} IN ({marks})", *part)  # noqa: S608 - names in our code
        return found

    def one(self, statement: str, *values: Any) -> SqlRow | None:
        """The first row of the answer, or None."""

        def first() -> SqlRow | None:
            cursor = self._execute(statement, values)
            try:
                row: SqlRow | None = cursor.fetchone()
            finally:
                cursor.close()
            return row

        return self._noting_failure(first)

    def do(self, statement: str, *values: Any) -> int:
        """Carries a statement out; how many rows it changed."""
        return self._noting_failure(lambda: self._execute(statement, values).rowcount)

    def many(self, statement: str, rows: Iterable[SqlRow]) -> int:
        """Carries a statement out for each row; how many rows it changed in all."""
        return self._noting_failure(lambda: self._connection.executemany(statement, rows).rowcount)

    def later(self, statement: str, rows: Iterable[SqlRow]) -> None:
        """Carries a statement out for each row, at once: there is nobody to wait for."""
        self.many(statement, rows)

    def settle(self) -> None:
        """Does nothing, as nothing was put off."""

    def begin_reading(self, question: str) -> SqlRow | None:
        """Begins a transaction that sees the index as it is now; the first row of an answer."""
        return self.patiently("BEGIN", question)

    def begin_writing(self, question: str) -> SqlRow | None:
        """Begins the one transaction that writes; the first row of an answer."""
        return self.patiently("BEGIN IMMEDIATE", question)

    def commit(self) -> None:
        """Ends the transaction; what it did counts."""
        self.one("COMMIT")

    def problems(self) -> Iterator[str]:
        """What SQLite finds wrong with the file."""
        return file_problems(self)

    def go_on(self) -> None:
        """Does nothing: a statement that failed is the only one."""

    def size(self) -> int:
        """Bytes on disk, all files together."""
        return sum(file.stat().st_size for file in files_of(self.path)) if self._file else 0

    def give_back(self, pages: int) -> None:
        """Cuts free pages off the file, as many at most, in a transaction of its own."""
        # A row of no columns is stepped over in a script only; all else would end at it.
        script = f"BEGIN IMMEDIATE; PRAGMA incremental_vacuum({pages}); COMMIT"

        def cut() -> None:
            try:
                self._connection.executescript(script)
            except sqlite3.Error as error:
                self.roll_back()
                raise translated(error, self.path) from error

        self._when_free(cut)

    def cut_log(self, patience: float = 0.0) -> bool:
        """Moves the log into the file and empties it; False where others are at it just now.

        Waits for up to so many seconds until they aren't; meanwhile nobody can write.
        """
        self.one(f"PRAGMA busy_timeout = {round(patience * 1000)}")
        row = self._checkpoint("TRUNCATE")
        self.one("PRAGMA busy_timeout = 0")
        return row is not None and not row[0]

    def move_log(self) -> int | None:
        """Moves the log into the file, but for what others may read in it only; waits for nobody.

        How many pages could not be moved; None where another is at it just now.
        """
        row = self._checkpoint("PASSIVE")
        return None if row is None or row[0] else int(row[1]) - int(row[2])

    def _checkpoint(self, mode: str) -> SqlRow | None:
        try:
            return self.one(f"PRAGMA wal_checkpoint({mode})")
        except StoreError:  # what was committed stays in the log, whatever keeps it from the file
            self.failed = False
            return None

    def patiently(self, *statements: str) -> SqlRow | None:
        """Carries out statements that may have to wait for a lock; the first row of the last.

        Raises BusyError where the lock is not got within the patience.
        """
        return self._when_free(lambda: [self.one(statement) for statement in statements][-1])

    def _when_free(self, act: Callable[[], SqlAnswer]) -> SqlAnswer:
        end = time.monotonic() + self.patience
        pause = PAUSE_FIRST
        while True:
            try:
                return act()
            except BusyError:
                self.failed = False
                self.roll_back()
                if time.monotonic() >= end:
                    raise
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            pause = min(2 * pause, PAUSE_LONGEST)

    def roll_back(self) -> None:
        """Ends a transaction, if there is one, as if it had not been."""
        try:
            if self._connection.in_transaction:
                self._connection.rollback()
        except sqlite3.Error as error:
            raise translated(error, self.path) from error

    def close(self) -> None:
        """Ends it; what it had open is rolled back."""
        with OPENING:
            try:
                self._connection.close()
            except sqlite3.Error as error:
                raise translated(error, self.path) from error
            if self._file is not None:
                CONNECTIONS[self._file] -= 1
                self._file = None
