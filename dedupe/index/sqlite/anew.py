"""A file of an older version written anew, so that its pages have sums."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dedupe.errors import StoreError
from dedupe.index.sqlite.database import SqliteDatabase, files_of
from dedupe.index.sqlite.file import SUMMED, file_uri
from dedupe.index.sqlite.schema import VERSION, apply, closed, columns_of
from dedupe.placed import leaving_nothing, synced


def give_sums(path: str) -> bool:
    """Writes an index of the version before sums anew, in one step; whether that was done.

    It is not where others have the file open, where there is no room, or where something in it
    can't be read: the index is as it was then, and goes on without.
    """
    real = Path(os.path.realpath(path))
    try:
        size = sum(file.stat().st_size for file in files_of(path))
        if shutil.disk_usage(real.parent).free < 2 * size:
            return False
        database = SqliteDatabase(str(real), file_uri(str(real), "rw", sums=False), 0)
        with closed(database):
            return _in_its_place(database, real)
    except (OSError, StoreError):
        return False


def _in_its_place(database: SqliteDatabase, path: Path) -> bool:
    # SQLite puts the log into the file only where nobody else has it open; who opens it from now
    # on waits, and finds the new one.
    database.one("PRAGMA journal_mode = DELETE")
    database.one("BEGIN EXCLUSIVE")
    alone = database.one("PRAGMA journal_mode") == ("delete",) and not database.moved()
    if not alone or database.one("PRAGMA user_version") != (SUMMED - 1,):
        return False
    with leaving_nothing(path) as beside:
        _copied(database, beside)
        shutil.copymode(path, beside)
        synced(beside)
        beside.replace(path)
        synced(path.parent)
    return True


def _copied(database: SqliteDatabase, beside: Path) -> None:
    """Makes a file with the rows of all tables."""
    new = SqliteDatabase(str(beside), file_uri(str(beside), "rwc", sums=True), 0, sums=True)
    with closed(new):
        new.one("PRAGMA journal_mode = MEMORY")
        new.one("BEGIN IMMEDIATE")
        for step in range(VERSION):
            apply(new, step)
        new.do("DELETE FROM state")
        for table, columns in columns_of(new).items():
            marks = ", ".join("?" * columns)
            rows = database.each(f"SELECT * FROM {table}")  # noqa: S608 - a name of our own
            new.many(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - the same
        new.one("COMMIT")
