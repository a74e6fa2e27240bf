"""Space of an index in PostgreSQL: what its tables have free is given back to the system.

``VACUUM`` leaves free what is not at the end of a table, for rows to come. Rows of postings are
written anew with each merge, so that most of their table may be free. ``VACUUM FULL`` writes a
table anew: all others have to wait meanwhile, so only what is loose is.
"""

from __future__ import annotations

from dedupe.errors import BusyError, ReadOnlyError
from dedupe.index.postgres.database import PostgresDatabase
from dedupe.index.postgres.failures import is_of_lock
from dedupe.index.postgres.schema import PACKED, TABLES_OF_INDEX

LOOSE = 1.5
"""Times the bytes of its rows that a table may have."""
SLACK = 1 << 20
"""Bytes that it may have besides: for what is as small nobody waits."""
WAIT = "500ms"
"""For whoever reads a table that is to be written anew; it stays as it is where they go on."""
TIMEOUT = "lock_timeout"
MAY_VACUUM = (
    "SELECT pg_has_role(datdba, 'USAGE') OR CASE "
    "WHEN current_setting('server_version_num')::int < 170000 THEN pg_has_role(relowner, 'USAGE') "
    "ELSE has_table_privilege(c.oid, 'MAINTAIN') END "
    "FROM pg_class c, pg_database WHERE c.oid = 'state'::regclass AND datname = current_database()"
)
"""The server passes over what somebody else asks for, and says so only in a notice."""


def give_back(database: PostgresDatabase) -> None:
    """Frees what is no longer used, and gives it to the system where that is worth it.

    Raises a StoreError.
    """
    if database.one(MAY_VACUUM) == (False,):
        raise ReadOnlyError(
            f"{database.path}: only the owner of the tables can give their room back to the "
            "system; name that user"
        )
    for table in TABLES_OF_INDEX:
        database.do(f"VACUUM {table}")
    if not (loose := [table for table in TABLES_OF_INDEX if _is_loose(database, table)]):
        return
    ((patience,),) = database.all("SELECT current_setting(?)", TIMEOUT)
    _wait_for_locks(database, WAIT)
    try:
        for table in loose:
            _write_anew(database, table)
    finally:
        if not database.lost:  # another connection waits as it was told to
            _wait_for_locks(database, patience)


def _write_anew(database: PostgresDatabase, table: str) -> None:
    """Writes a table anew, but where somebody goes on reading it."""
    try:
        database.do(f"VACUUM FULL {table}")
    except BusyError as error:
        if not is_of_lock(error.__cause__):
            raise


def _wait_for_locks(database: PostgresDatabase, how_long: str) -> None:
    database.one("SELECT set_config(?, ?, false)", TIMEOUT, how_long)


def _is_loose(database: PostgresDatabase, table: str) -> bool:
    """Whether much more of a table is free than used."""
    packed = " + ".join(f"octet_length({name})" for name in PACKED.get(table, ()))
    row = packed or f"pg_column_size({table}.*)"
    ((used, taken),) = database.all(
        f"SELECT coalesce(sum({row}), 0)::bigint, pg_table_size('{table}') FROM {table}"  # noqa: S608 - names in our code
    )
    return bool(taken > LOOSE * used + SLACK)
