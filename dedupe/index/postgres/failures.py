"""What failures of PostgreSQL are to those who use an index."""

from __future__ import annotations

import re

from dedupe.errors import BusyError, DamagedError, NotAnIndexError, ReadOnlyError, StoreError
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

REMEDY_OF_SERVER = "look into the server's log, and go back to the last sound backup"
"""What is to be done about an index that is damaged."""
_LOST: FailureKind = (
    BusyError,
    "the connection to the server was lost; nothing of the last call was kept: try again",
)
_GONE: FailureKind = (StoreError, "the index is no longer there, or was changed by another hand")
_DAMAGED: FailureKind = (DamagedError, f"the index is damaged; {REMEDY_OF_SERVER}")
_RIGHTS: FailureKind = (
    ReadOnlyError,
    "the user may not do this there; grant that, or name another user",
)
_WRITTEN: FailureKind = (
    ReadOnlyError,
    "the server may be read only; name the one that is written to, or open it for reading only",
)
KINDS_OF_STATE: dict[str, FailureKind] = {
    "55P03": IN_USE, "40001": IN_USE, "40P01": IN_USE, "55006": IN_USE,
    "53100": NO_SPACE,
    "53200": (StoreError, "the server has not enough memory"),
    "53300": (BusyError, "the server has no connection left; try again, or allow it more"),
    "57014": (BusyError, "the server ended the call for taking too long; try again"),
    "23505": STORED_ALREADY, "23P01": STORED_ALREADY,
    "54000": TOO_BIG,
    "42501": _RIGHTS, "25006": _WRITTEN,
    "42P01": _GONE, "42703": _GONE, "3F000": _GONE, "42883": _GONE,
    "3D000": (NotAnIndexError, "the server has no such database; create it, or name another"),
    "XX001": _DAMAGED, "XX002": _DAMAGED, "58P01": _DAMAGED, "58030": _DAMAGED,
}  # fmt: skip
"""By SQLSTATE, see PostgreSQL's appendix A."""
CLASSES: dict[str, FailureKind] = {
    "22": NOT_TO_BE_KEPT,
    "28": (StoreError, "the server lets nobody in so"),
}
"""By the first two letters."""
REFUSALS: dict[str, FailureKind] = {
    "password authentication failed": (
        StoreError, "the server refuses the password; look at the address, PGPASSWORD or ~/.pgpass",
    ),
    "no password supplied": (
        StoreError, "the server wants a password; give it by PGPASSWORD or ~/.pgpass",
    ),
    "authentication failed": (StoreError, "the server refuses the user; name another"),
    "no pg_hba.conf entry": (StoreError, "the server lets this user in from nowhere near here"),
    'database ".*" does not exist': KINDS_OF_STATE["3D000"],
    'role ".*" does not exist': (StoreError, "the server refuses the user; name another"),
    "too many": KINDS_OF_STATE["53300"],
    "remaining connection slots": KINDS_OF_STATE["53300"],
}  # fmt: skip
"""What a server says where it lets nobody in, or libpq itself: neither tells a SQLSTATE of it."""
_UNREACHED: FailureKind = (
    BusyError,
    "the server can't be reached; look at the address, and whether it runs",
)


def session_failure(error: Exception, path: str) -> StoreError:
    """What went wrong in a session with the index at ``path``."""
    state: str = getattr(error, "sqlstate", None) or ""
    kind = KINDS_OF_STATE.get(state) or CLASSES.get(state[:2])
    if is_loss(error):
        kind = _LOST
    if kind is None:
        odd = isinstance(error, ValueError | OverflowError)
        kind = NOT_TO_BE_KEPT if odd else NOT_TO_BE_USED
    return kind[0](f"{path}: {kind[1]}{_told(error)}")


def refusal_of(error: Exception, path: str) -> StoreError:
    """Why there is no connection to the server of ``path``."""
    said = str(error)
    fatal = said.partition("FATAL:")[2].strip()
    kind = next((kind for words, kind in REFUSALS.items() if re.search(words, said)), None)
    if kind is None and not fatal:
        kind = _UNREACHED
    kind = kind or (BusyError, "the server refuses the connection")
    return kind[0](f"{path}: {kind[1]}{_told(error)}")


def is_of_lock(error: BaseException | None) -> bool:
    """Whether it is a lock that was awaited for too long."""
    return getattr(error, "sqlstate", None) in ("55P03", "40P01")


def is_loss(error: Exception) -> bool:
    """Whether it is the connection that failed, or was ended."""
    import psycopg

    state = getattr(error, "sqlstate", None) or ""
    if state:
        return state.startswith(("08", "57P")) or state in ("25P03", "25P04")
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)


def _told(error: Exception) -> str:
    """What the server itself says, on one line: it quotes names."""
    from dedupe.clean import printable
    from dedupe.read.address import shown_within

    said = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    line = " ".join(shown_within(said).split())
    return f" (PostgreSQL: {printable(line)[:LONGEST_LINE]})"
