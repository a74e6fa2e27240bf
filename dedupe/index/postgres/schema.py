"""The tables of an index in PostgreSQL, and how the schema of others is refused."""

from __future__ import annotations

import re
import time
import zlib
from typing import TYPE_CHECKING

from dedupe.errors import BusyError, DamagedError, NotAnIndexError
from dedupe.index.postgres.failures import REMEDY_OF_SERVER
from dedupe.index.tables import postings
from dedupe.index.tables.failures import IS_OPEN

if TYPE_CHECKING:
    from dedupe.index.postgres.database import PostgresDatabase

TABLES_OF_INDEX = {
    "migration": "version bigint PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now()",
    "state": '"only" bigint PRIMARY KEY CHECK ("only" = 1), counter bigint NOT NULL, '
    "stories bigint NOT NULL, forgotten bigint NOT NULL, sealed bigint NOT NULL, "
    "epoch bigint NOT NULL, runs bigint NOT NULL, segment bigint NOT NULL, block bigint NOT NULL",
    # A B-tree has no room for a long id; the hash of one has.
    "article": 'number bigint PRIMARY KEY, id text COLLATE "C" NOT NULL, digest bytea NOT NULL, '
    'moment bigint NOT NULL, arrived bigint NOT NULL, language text COLLATE "C" NOT NULL, '
    "story bigint NOT NULL, copies bigint NOT NULL, keys bigint NOT NULL, key_sum bigint NOT NULL, "
    "EXCLUDE USING hash (id WITH =)",
    "sketch": "number bigint PRIMARY KEY, sketch bytea NOT NULL",
    "cold": "number bigint PRIMARY KEY, verdict bytea NOT NULL, shingles bytea NOT NULL, "
    "text bytea NOT NULL",
    "story": "story bigint PRIMARY KEY, root bigint NOT NULL",
    "different": 'one text COLLATE "C" NOT NULL, other text COLLATE "C" NOT NULL',
    "log": 'position bigint NOT NULL, number bigint NOT NULL, event text COLLATE "C" NOT NULL, '
    "story bigint NOT NULL, sketch bytea NOT NULL DEFAULT '', PRIMARY KEY (position, number)",
    "record": 'name text COLLATE "C" NOT NULL, first bigint NOT NULL, last bigint NOT NULL, '
    "data bytea NOT NULL, PRIMARY KEY (name, first)",
    "tail": "number bigint PRIMARY KEY, keys bytea NOT NULL",
    "gone": "chunk bigint PRIMARY KEY, bits bytea NOT NULL",
    "run": 'run bigint PRIMARY KEY, level bigint NOT NULL, state text COLLATE "C" NOT NULL, '
    "first bigint NOT NULL, last bigint NOT NULL, postings bigint NOT NULL, "
    "blocks bigint NOT NULL, key bigint NOT NULL",
    "fence": "id bigint PRIMARY KEY, keys bytea NOT NULL",
    "block": "id bigint PRIMARY KEY, postings bytea NOT NULL",
    "job": "output bigint PRIMARY KEY, older bigint NOT NULL, newer bigint NOT NULL, "
    "segment bigint NOT NULL, gone bytea NOT NULL",
}
PACKED = {
    "sketch": ("sketch",), "cold": ("verdict", "shingles", "text"), "record": ("data",),
    "log": ("sketch",), "tail": ("keys",), "gone": ("bits",), "fence": ("keys",),
    "block": ("postings",), "job": ("gone",),
}  # fmt: skip
"""Columns of bytes that are packed already: the server does not try to."""
INDEXES = (
    "CREATE INDEX article_moment ON article (moment)",
    "CREATE INDEX article_story ON article (story, copies)",
    "CREATE INDEX article_copies ON article (copies)",
    "CREATE INDEX story_root ON story (root)",
    "CREATE INDEX different_one ON different USING hash (one)",
    "CREATE INDEX different_other ON different USING hash (other)",
)
FIRST_OF_SERVER = (
    *(f"CREATE TABLE {name} ({columns})" for name, columns in TABLES_OF_INDEX.items()),
    *(
        f"ALTER TABLE {name} ALTER COLUMN {column} SET STORAGE EXTERNAL"
        for name, columns in PACKED.items()
        for column in columns
    ),
    *INDEXES,
)
STEPS_OF_SERVER: tuple[tuple[str, ...], ...] = (FIRST_OF_SERVER,)
"""The way from each version to the next. What was released does not change."""
VERSION_OF_SERVER = len(STEPS_OF_SERVER)
COLUMN = re.compile(r'(?:^|, )"?(\w+)"? (bigint|text|bytea|timestamptz)\b')
LEAVING = 1.0
"""Seconds in which a server takes note that a process has ended."""
OPEN_LOCK, MAKE_LOCK = 0x73744478, 0x73744479
"""Of advisory locks: who has an index open shares the first; who makes its tables has the other."""
TABLES_THERE = (
    "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = ? AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
)
COLUMNS_THERE = (
    "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) "
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
    "WHERE c.relnamespace = ?::regnamespace AND c.relkind = 'r' AND a.attnum > 0 "
    "AND NOT a.attisdropped"
)


def lock_of(schema: str) -> int:
    """The number of an index among advisory locks: 32 bits, with a sign."""
    return zlib.crc32(schema.encode()) - (1 << 31)


def version_there(database: PostgresDatabase, schema: str) -> int:
    """The version of the index in a schema; 0 where nothing is in it, or there is none.

    Raises NotAnIndexError where tables of others are in it, or it is of a newer version.
    """
    there = {name for (name,) in database.all(TABLES_THERE, schema)}
    if not there:
        return 0
    if not there >= {"migration", "state", "article"}:
        raise NotAnIndexError(
            f"{database.path}: the schema {schema} holds tables of others, which were left as they "
            "are; name another by schema="
        )
    row = database.one(f'SELECT max(version) FROM "{schema}".migration')  # noqa: S608 - a checked name
    version = row[0] if row else None
    if not isinstance(version, int) or version < 1:
        raise NotAnIndexError(f"{database.path}: this is no index; name another schema by schema=")
    if version > VERSION_OF_SERVER:
        raise NotAnIndexError(
            f"{database.path}: the index is of version {version}, this package reads "
            f"{VERSION_OF_SERVER}; it was left as it is, upgrade this package"
        )
    return version


def refuse_changed_tables(database: PostgresDatabase, schema: str) -> None:
    """Raises DamagedError where columns are not those that this package makes."""
    there: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in database.all(COLUMNS_THERE, schema):
        there.setdefault(table, []).append((column, kind))
    for table, columns in TABLES_OF_INDEX.items():
        if sorted(there.get(table, [])) != sorted(_columns(columns)):
            raise DamagedError(
                f"{database.path}: the index is damaged: table {table} is not as it was made; "
                f"{REMEDY_OF_SERVER}"
            )


def _columns(made: str) -> list[tuple[str, str]]:
    """Names and types of the columns of a table."""
    kinds = {"timestamptz": "timestamp with time zone"}
    return [(name, kinds.get(kind, kind)) for name, kind in COLUMN.findall(made)]


def made_ready(database: PostgresDatabase, schema: str, *, create: bool) -> None:
    """Makes the tables, or brings them to this version, in one transaction with its record.

    Raises NotAnIndexError where there are none, and none are to be made.
    """
    version = version_there(database, schema)
    if version == VERSION_OF_SERVER:
        return
    if not version and not create:
        raise NotAnIndexError(f"{database.path}: there is no index; create it, or give its address")
    database.begin_making()
    try:
        # The same of two processes at once would meet in the catalogue.
        database.one("SELECT pg_advisory_xact_lock(?::int, ?::int)", MAKE_LOCK, lock_of(schema))
        _carry_on(database, schema, version_there(database, schema))
        database.commit()
    except BaseException:
        database.roll_back()
        raise


def _carry_on(database: PostgresDatabase, schema: str, version: int) -> None:
    """The steps from a version to this one; another may have been quicker."""
    make_schema(database, schema)
    for step in range(version, VERSION_OF_SERVER):
        for statement in STEPS_OF_SERVER[step]:
            database.do(statement)
        database.do("INSERT INTO migration VALUES (?)", step + 1)
    if not version:
        shape = postings.SEGMENT, postings.BLOCK
        database.do("INSERT INTO state VALUES (1, 0, 0, 0, 0, 0, 0, ?, ?)", *shape)


def hold_open(database: PostgresDatabase, schema: str) -> None:
    """Keeps others from putting another index in its place while the connection lasts.

    Raises BusyError where somebody is at that.
    """
    database.one("SELECT pg_advisory_lock_shared(?::int, ?::int)", OPEN_LOCK, lock_of(schema))


def be_alone(database: PostgresDatabase, schema: str) -> None:
    """Keeps others from opening an index. Raises BusyError where they have it open."""
    asked = "SELECT pg_try_advisory_lock(?::int, ?::int)"
    end = time.monotonic() + LEAVING
    while database.one(asked, OPEN_LOCK, lock_of(schema)) != (True,):
        if time.monotonic() > end:
            raise BusyError(f"{database.path}: {IS_OPEN}")
        time.sleep(LEAVING / 20)


def let_others(database: PostgresDatabase, schema: str) -> None:
    """Ends what ``be_alone`` began."""
    database.one("SELECT pg_advisory_unlock(?::int, ?::int)", OPEN_LOCK, lock_of(schema))


def make_schema(database: PostgresDatabase, schema: str) -> None:
    """Makes a schema where there is none."""
    if not database.one("SELECT 1 FROM pg_namespace WHERE nspname = ?", schema):
        database.do(f'CREATE SCHEMA "{schema}"')


def move_tables(database: PostgresDatabase, schema: str, to: str) -> None:
    """Moves the tables of an index from one schema to another."""
    for table in TABLES_OF_INDEX:
        database.do(f'ALTER TABLE "{schema}".{table} SET SCHEMA "{to}"')


def drop_tables(database: PostgresDatabase, schema: str) -> None:
    """Drops the tables of an index, and no others."""
    tables = ", ".join(f'"{schema}".{table}' for table in TABLES_OF_INDEX)
    database.do(f"DROP TABLE {tables}")
