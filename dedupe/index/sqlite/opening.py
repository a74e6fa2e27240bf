"""A connection to an index: to a file, for writing or for reading, and in memory."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from dedupe.errors import (
    REMEDY,
    BusyError,
    DamagedError,
    NotAnIndexError,
    ReadOnlyError,
    StoreError,
)
from dedupe.index.sqlite.anew import give_sums
from dedupe.index.sqlite.database import MEMORY, PAUSE_LONGEST, SqliteDatabase, log_of
from dedupe.index.sqlite.failures import KINDS
from dedupe.index.sqlite.file import PAGE, file_uri, has_sums
from dedupe.index.sqlite.schema import (
    check_version,
    closed_on_failure,
    migrate,
    newest,
    refuse_other_tables,
)
from dedupe.index.sqlite.sums import available
from dedupe.index.store import Durability

CACHE = 32 << 20
"""Bytes of pages that a process keeps."""
CHECKPOINT = 2048
"""Pages by which the log grows before they are moved into the file; it is cut to as many where it
begins anew."""
LONGEST_LOG = 8 * CHECKPOINT
"""Pages of log from which on SQLite moves them itself, after each commit: after a large batch, and
where others read for so long that the log can't begin anew."""


READ = "SELECT count(*) FROM sqlite_master"
"""Reads the first page, and the log."""


def open_database(
    path: str, *, create: bool, durability: Durability, patience: float, read_only: bool
) -> SqliteDatabase:
    """A connection to the index at ``path``, of this version's schema.

    Raises NotAnIndexError where it is missing and not to be created, is something else, or of a
    newer version; DamagedError, ReadOnlyError, BusyError, FullError or StoreError otherwise.
    """
    if read_only:
        return opened_for_reading(path, patience)
    opened = partial(_opened, path, create=create, durability=durability, patience=patience)
    for _ in range(ATTEMPTS):
        if has_sums(path, create=create):
            database = opened(sums=True)
        else:
            with folder_held(path, patience) as held:
                # Another may have given it sums since it was asked.
                given = has_sums(path, create=create)
                database = None if given else _given_sums_or_opened(path, opened, held=held)
        if database is not None:
            return database
    raise BusyError(f"{path}: others put another file in its place; try again")


def _given_sums_or_opened(
    path: str, opened: Callable[..., SqliteDatabase | None], *, held: bool
) -> SqliteDatabase | None:
    """A connection to a file without sums; None where it could be given some.

    ``held`` says whether others are kept from opening it meanwhile.
    """
    database = opened(sums=False)
    if database is None or not held or not available():
        return database
    database.close()
    return None if give_sums(path) else opened(sums=False)


def _opened(
    path: str, *, create: bool, durability: Durability, patience: float, sums: bool
) -> SqliteDatabase | None:
    """A connection to a file with sums or without; None where another was put in its place."""
    if sums and not available():
        raise ReadOnlyError(
            f"{path}: its pages have sums, which this Python's SQLite can't be given; open it "
            "for reading only, or with a Python whose SQLite is a library of its own"
        )
    address = file_uri(path, "rwc" if create else "rw", sums=sums)
    database = SqliteDatabase(path, address, patience, sums=sums)
    with closed_on_failure(database):
        if _made_ready(database, create=create, durability=durability):
            return database
    database.close()
    return None


@contextmanager
def folder_held(path: str, patience: float) -> Iterator[bool]:
    """Keeps others from opening a file without sums in this folder, or giving it sums, meanwhile.

    SQLite finds a log by the name of its file. Who has opened a file and asked nothing of it yet
    would take the log of one that was put in its place for its own, and put it into the wrong file.
    False where the folder can't be held: then no file may be replaced. Raises BusyError after
    ``patience`` seconds.
    """
    if sys.platform == "win32":  # there a file that somebody has opened is not replaced
        yield True
        return
    try:
        folder = os.open(os.path.dirname(os.path.realpath(path)), os.O_RDONLY)  # noqa: PTH120
    except OSError:
        yield False
        return
    try:
        yield _locked(folder, path, patience)
    finally:
        os.close(folder)


def _locked(folder: int, path: str, patience: float) -> bool:
    """Takes the lock of an open folder; False where there are none here. Raises BusyError."""
    import fcntl

    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise BusyError(f"{path}: {KINDS[sqlite3.SQLITE_BUSY][1]}") from None
            time.sleep(PAUSE_LONGEST)
        except OSError:
            return False
        else:
            return True


def _made_ready(database: SqliteDatabase, *, create: bool, durability: Durability) -> bool:
    """Whether a connection is to the file that is at its path; it can be used then.

    Another may have put one there before this connection held its file by the log.
    """
    try:
        migrate(database, create=create)
    except StoreError:
        if not database.moved():
            raise
    if database.moved():
        return False
    # Another may be taking in what is in the log; once it was read that is over.
    database.patiently(READ)
    database.one(f"PRAGMA synchronous = {durability}")
    database.one(f"PRAGMA wal_autocheckpoint = {LONGEST_LOG}")
    database.one(f"PRAGMA journal_size_limit = {CHECKPOINT * PAGE}")
    prepare(database)
    return True


ATTEMPTS = 9
"""Times that a file is opened anew where another takes its place meanwhile."""


def open_memory() -> SqliteDatabase:
    """A connection to a new index in memory, of this version's schema."""
    database = SqliteDatabase(MEMORY, "file::memory:", 0)
    with closed_on_failure(database):
        migrate(database, create=True)
    return database


def opened_for_reading(path: str, patience: float) -> SqliteDatabase:
    """A connection that cannot write, on a medium that cannot be written too."""
    if has_sums(path, create=False):
        return _reading(path, patience)
    with folder_held(path, patience):
        return _reading(path, patience)


def _reading(path: str, patience: float) -> SqliteDatabase:
    sums = has_sums(path, create=False)
    database = SqliteDatabase(path, file_uri(path, "ro", sums=sums), patience, sums=sums)
    try:
        database.patiently(READ)
    except (ReadOnlyError, StoreError) as error:
        database.close()
        # A log beside the file cannot be read where its index in memory cannot be made.
        log = log_of(path)
        writable = os.access(log.absolute().parent, os.W_OK)
        if writable or isinstance(error, DamagedError | NotAnIndexError):
            raise
        if log.exists() and log.stat().st_size:
            raise ReadOnlyError(
                f"{path}: its log was left behind by another, and the folder may not be written; "
                "open the index once where it may be"
            ) from error
        address = file_uri(path, "ro", sums=sums) + "&immutable=1"
        database = SqliteDatabase(path, address, patience, sums=sums)
    with closed_on_failure(database):
        check_version(database, migrated=True)
        prepare(database)
    return database


def prepare(database: SqliteDatabase) -> None:
    """Settings of a connection; refuses other tables, and a file that is shorter than it says."""
    refuse_other_tables(database, newest(database))
    database.one(f"PRAGMA cache_size = {-CACHE >> 10}")
    database.one("PRAGMA temp_store = MEMORY")
    pages = database.patiently("PRAGMA page_count")
    size = Path(database.path).stat().st_size
    log = log_of(database.path)
    if pages and size < pages[0] * PAGE and not (log.exists() and log.stat().st_size):
        raise DamagedError(
            f"{database.path}: the index was cut short, to {size:,} of {pages[0] * PAGE:,} bytes; "
            f"{REMEDY}"
        )
