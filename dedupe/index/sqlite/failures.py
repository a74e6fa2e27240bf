"""What failures of SQLite are to those who use an index."""

from __future__ import annotations

import sqlite3
from typing import Any

from dedupe.errors import REMEDY, DamagedError, NotAnIndexError, ReadOnlyError, StoreError
from dedupe.index.tables.failures import (
    IN_USE,
    LONGEST_LINE,
    NO_SPACE,
    NOT_TO_BE_KEPT,
    NOT_TO_BE_USED,
    STORED_ALREADY,
    TOO_BIG,
    FailureKind,
)

KINDS: dict[int, FailureKind] = {
    sqlite3.SQLITE_BUSY: IN_USE,
    sqlite3.SQLITE_LOCKED: IN_USE,
    sqlite3.SQLITE_FULL: NO_SPACE,
    sqlite3.SQLITE_READONLY: (
        ReadOnlyError,
        "the file or its folder may not be written; grant that, or open it for reading only",
    ),
    sqlite3.SQLITE_PERM: (ReadOnlyError, "the file may not be opened; check its permissions"),
    sqlite3.SQLITE_NOTADB: (NotAnIndexError, "this is no index; give another path"),
    sqlite3.SQLITE_CORRUPT: (DamagedError, f"the index is damaged; {REMEDY}"),
    sqlite3.SQLITE_CANTOPEN: (
        StoreError,
        "the file cannot be opened; check that its folder exists and may be entered and written",
    ),
    sqlite3.SQLITE_CONSTRAINT: STORED_ALREADY,
    sqlite3.SQLITE_TOOBIG: TOO_BIG,
    sqlite3.SQLITE_NOMEM: (StoreError, "not enough memory"),
}
EXTENDED: dict[int, FailureKind] = {
    sqlite3.SQLITE_IOERR_WRITE: NO_SPACE,  # quotas and limits of size
    sqlite3.SQLITE_IOERR_SHMSIZE: NO_SPACE,
    sqlite3.SQLITE_IOERR_SHMMAP: NO_SPACE,
    sqlite3.SQLITE_IOERR_SHORT_READ: KINDS[sqlite3.SQLITE_CORRUPT],
    sqlite3.SQLITE_IOERR_DATA: (
        DamagedError,
        f"the index is damaged: a page is not as it was written; {REMEDY}",
    ),
}

UNDECODED = "Could not decode"
"""How the message of Python begins about a text that is no UTF-8; SQLite itself looks at none."""
FAILURES = (sqlite3.Error, ValueError, OverflowError)
"""The latter two are raised for values that SQLite has no form for."""


def translated(error: Exception, path: str) -> StoreError:
    """What a failure of SQLite is to those who use the index at ``path``."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    kind = EXTENDED.get(code) or KINDS.get(code & 0xFF)
    if kind is None and str(error).startswith(UNDECODED):  # what follows may be anything
        kind, error = KINDS[sqlite3.SQLITE_CORRUPT], sqlite3.DataError(UNDECODED)
    if kind is None and isinstance(error, sqlite3.ProgrammingError):
        kind = (StoreError, "the index is used from another thread; open one in each thread")
    if kind is None and isinstance(error, sqlite3.DatabaseError):
        kind = NOT_TO_BE_USED
    if kind is None:
        kind = NOT_TO_BE_KEPT
    # SQLite knows no words of its own for a sum that is wrong.
    told = "" if code == sqlite3.SQLITE_IOERR_DATA else f" (SQLite: {_said(error, code)})"
    return kind[0](f"{path}: {kind[1]}{told}")


def _said(error: Any, code: int) -> str:
    """What SQLite says of a failure: it quotes the names and statements of the file."""
    from dedupe.clean import printable

    # Its words are the same for thirty ways in which a disk can fail.
    name = f", {error.sqlite_errorname}" if code & 0xFF == sqlite3.SQLITE_IOERR else ""
    return printable(str(error)[:LONGEST_LINE]) + name
