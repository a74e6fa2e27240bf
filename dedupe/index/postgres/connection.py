"""A connection to a server of PostgreSQL, as the tables of an index need it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dedupe.errors import MissingExtraError, NotAnIndexError, StoreError
from dedupe.index.postgres.failures import refusal_of

if TYPE_CHECKING:
    from psycopg import Connection

    from dedupe.index.postgres.address import PostgresAddress

OLDEST = 14
"""The first version of PostgreSQL that will do: the oldest that its makers look after."""
TIMES = {
    "connect_timeout": 10,
    "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}  # fmt: skip
"""Seconds, and of the last milliseconds, after which a server that does not answer is given up."""
LEASE = 120
"""Seconds that a session may ask nothing in: whoever hangs in one holds up all who write."""
SETTINGS_OF_SESSION = {
    "row_security": "off",  # rather an error than rows that are missing
    "idle_in_transaction_session_timeout": f"{LEASE}s",
    # The same as of the client: a server that waits for a machine that is gone holds its locks.
    "tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
    # Rows are looked up by index, however few there were when a statement was planned.
    "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off",
}  # fmt: skip
LOOK = 5
"""Seconds in which a server that is at a long statement finds that who asked for it is gone."""
LOOKED_AFTER = (
    "CASE WHEN version() LIKE '%%linux%%' "
    "THEN set_config('client_connection_check_interval', %s, false) END"
)
"""Servers on other systems may refuse that setting."""
LOWEST, NUL = "\x01", "\0"
"""No text of PostgreSQL has a NUL. It is kept as two letters, so that all keep their order."""


def connected(address: PostgresAddress, patience: float) -> Connection[Any]:
    """A connection that sees the tables of the address's schema alone; each statement commits.

    A lock is awaited for ``patience`` seconds. Raises a StoreError, and MissingExtraError where
    psycopg is not installed.
    """
    try:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise MissingExtraError("psycopg", "postgres", "an index in PostgreSQL") from None
    try:
        asked = conninfo_to_dict(address.server)
    except psycopg.Error:  # which may quote a password
        raise NotAnIndexError(
            f"{address.name}: no address of a database, such as postgresql://user@host/database; "
            "its parameters are schema, and those of libpq, such as sslmode"
        ) from None
    given: dict[str, Any] = {"application_name": "dedupe", **TIMES, **asked}
    given["client_encoding"] = "utf8"
    try:
        connection = psycopg.connect(**given, autocommit=True)
    except (psycopg.Error, OSError, ValueError) as error:
        raise refusal_of(error, address.name) from error
    try:
        _be_fit(connection, address)
        _set(connection, address.schema, patience)
    except (psycopg.Error, OSError) as error:
        connection.close()
        raise refusal_of(error, address.name) from error
    except StoreError:
        connection.close()
        raise
    _adapt(connection)
    return connection


def _be_fit(connection: Connection[Any], address: PostgresAddress) -> None:
    """Raises NotAnIndexError where no index can be kept there."""
    info = connection.info
    if info.server_version < OLDEST * 10_000:
        raise NotAnIndexError(
            f"{address.name}: the server is of version {info.server_version // 10_000}; an index "
            f"needs PostgreSQL {OLDEST} or later"
        )
    encoding = info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise NotAnIndexError(
            f"{address.name}: the database keeps texts as {encoding}; an index needs one that was "
            "made with the encoding UTF8"
        )


def _set(connection: Connection[Any], schema: str, patience: float) -> None:
    milliseconds = max(1, min(math.ceil(patience * 1000), (1 << 31) - 1))
    settings = {
        **SETTINGS_OF_SESSION, "search_path": schema, "lock_timeout": str(milliseconds),
    }  # fmt: skip
    calls = ", ".join("set_config(%s, %s, false)" for _ in settings)
    values = [value for setting in settings.items() for value in setting]
    connection.execute(f"SELECT {calls}, {LOOKED_AFTER}", [*values, f"{LOOK}s"])


def _adapt(connection: Connection[Any]) -> None:
    """Texts come back with their NULs."""
    from psycopg.adapt import Buffer, Loader
    from psycopg.pq import Format

    class TextLoader(Loader):
        format = Format.BINARY

        def load(self, data: Buffer) -> str:
            return given_text(bytes(data).decode())

    connection.adapters.register_loader("text", TextLoader)


def kept_text(text: str) -> str:
    """A text as it is kept. Order stays: the two lowest letters begin with the lower."""
    if NUL not in text and LOWEST not in text:
        return text
    return text.replace(LOWEST, LOWEST + "\x02").replace(NUL, LOWEST + LOWEST)


def given_text(text: str) -> str:
    """A text that was kept, as it was."""
    if LOWEST not in text:
        return text
    parts = text.replace(LOWEST + LOWEST, NUL).split(LOWEST + "\x02")
    return LOWEST.join(parts)
