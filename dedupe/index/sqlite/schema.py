"""The tables of an index, the way from older versions, and how tables of others are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from dedupe.errors import REMEDY, BusyError, DamagedError, NotAnIndexError
from dedupe.index.sqlite.database import MEMORY, SqliteDatabase
from dedupe.index.sqlite.file import APPLICATION, PAGE, SUMMED
from dedupe.index.sqlite.version_1 import recorded
from dedupe.index.tables import postings
from dedupe.index.tables.database import SqlRow

FIRST = (
    "CREATE TABLE migration (version INTEGER PRIMARY KEY, applied TEXT NOT NULL)",
    "CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # Counters are a row, not AUTOINCREMENT: numbers and positions are of one sequence, so that an
    # addition needs no row of its own among the changes.
    """CREATE TABLE state (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        counter INTEGER NOT NULL, stories INTEGER NOT NULL, forgotten INTEGER NOT NULL,
        sealed INTEGER NOT NULL, epoch INTEGER NOT NULL, runs INTEGER NOT NULL,
        segment INTEGER NOT NULL, block INTEGER NOT NULL)""",
    """CREATE TABLE article (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest BLOB NOT NULL,
        moment INTEGER NOT NULL, arrived INTEGER NOT NULL, language TEXT NOT NULL,
        story INTEGER NOT NULL, copies INTEGER NOT NULL,
        keys INTEGER NOT NULL, key_sum INTEGER NOT NULL)""",
    "CREATE INDEX article_moment ON article (moment)",
    "CREATE INDEX article_story ON article (story, copies)",
    "CREATE INDEX article_copies ON article (copies) WHERE copies <> 0",
    # Apart from the article, which is read by the thousand where stories are.
    "CREATE TABLE sketch (number INTEGER PRIMARY KEY, sketch BLOB NOT NULL)",
    """CREATE TABLE cold (
        number INTEGER PRIMARY KEY, verdict BLOB NOT NULL, shingles BLOB NOT NULL,
        text BLOB NOT NULL)""",
    "CREATE TABLE story (story INTEGER PRIMARY KEY, root INTEGER NOT NULL)",
    "CREATE INDEX story_root ON story (root) WHERE root <> story",
    """CREATE TABLE different (
        one TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID""",
    "CREATE INDEX different_other ON different (other)",
    """CREATE TABLE removed (
        position INTEGER PRIMARY KEY, number INTEGER NOT NULL, sketch BLOB NOT NULL)""",
    """CREATE TABLE tallies (
        only INTEGER PRIMARY KEY CHECK (only = 1), position INTEGER NOT NULL,
        tallies BLOB NOT NULL)""",
    # Keys of the entries that are in no run yet.
    "CREATE TABLE tail (number INTEGER PRIMARY KEY, keys BLOB NOT NULL)",
    # A bit for each number whose postings may still lie in a run.
    "CREATE TABLE gone (chunk INTEGER PRIMARY KEY, bits BLOB NOT NULL)",
    # `key`: the lowest that is still to be merged into a growing run.
    """CREATE TABLE run (
        run INTEGER PRIMARY KEY, level INTEGER NOT NULL, state TEXT NOT NULL,
        first INTEGER NOT NULL, last INTEGER NOT NULL, postings INTEGER NOT NULL,
        blocks INTEGER NOT NULL, key INTEGER NOT NULL)""",
    "CREATE TABLE fence (id INTEGER PRIMARY KEY, keys BLOB NOT NULL)",
    "CREATE TABLE block (id INTEGER PRIMARY KEY, postings BLOB NOT NULL)",
    """CREATE TABLE job (
        output INTEGER PRIMARY KEY, older INTEGER NOT NULL, newer INTEGER NOT NULL,
        segment INTEGER NOT NULL, gone BLOB NOT NULL)""",
)
LOG_AND_RECORDS = (
    # All that happened but additions, which are the entries themselves.
    """CREATE TABLE log (
        position INTEGER NOT NULL, number INTEGER NOT NULL, event TEXT NOT NULL,
        story INTEGER NOT NULL, sketch BLOB NOT NULL DEFAULT x'',
        PRIMARY KEY (position, number)) WITHOUT ROWID""",
    "INSERT INTO log SELECT position, number, 'discarded', 0, sketch FROM removed",
    "DROP TABLE removed",
    """CREATE TABLE record (
        name TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (name, first))""",
    recorded,
    "DROP TABLE note",
    "DROP TABLE tallies",
    # A group of copies has its name in every row, so that one index finds all of it.
    "UPDATE article SET copies = number WHERE copies = 0",
    "DROP INDEX article_copies",
    "CREATE INDEX article_copies ON article (copies)",
    # A story is there from its number on: only what was merged needs a row.
    "DELETE FROM story WHERE root = story",
    "DROP INDEX story_root",
    "CREATE INDEX story_root ON story (root)",
)
SUMS: tuple[str, ...] = ()
"""The same tables. What changes are the pages, which a file is written anew for: see ``summed``."""
Step = tuple[str | Callable[[SqliteDatabase], None], ...]
MIGRATIONS: tuple[Step, ...] = (
    FIRST, LOG_AND_RECORDS, SUMS,
)  # fmt: skip
VERSION = len(MIGRATIONS)

TABLES = "SELECT type, name, tbl_name, sql FROM sqlite_master"
STATISTICS = frozenset({
    ("table", "sqlite_stat1", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
    ("table", "sqlite_stat4", "sqlite_stat4",
     "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
})  # fmt: skip
"""What SQLite itself adds where somebody has asked it to count."""


@cache
def _made(
    steps: tuple[tuple[str | Callable[[SqliteDatabase], None], ...], ...],
) -> frozenset[SqlRow]:
    """The tables and indexes that migrations make, as SQLite keeps them."""
    database = SqliteDatabase(MEMORY, "file::memory:", 0)
    with closed(database):
        for step in range(len(steps)):
            apply(database, step)
        return frozenset(database.all(TABLES))


def columns_of(database: SqliteDatabase) -> dict[str, int]:
    """The tables of a file of this version, but for that of its migrations: columns of each."""
    tables = sorted(name for kind, name, *_ in _made(MIGRATIONS) if kind == "table")
    return {
        table: len(database.all(f"PRAGMA table_info({table})"))
        for table in tables
        if table != "migration"
    }


def refuse_other_tables(database: SqliteDatabase, version: int) -> None:
    """Raises DamagedError where tables are not exactly those that this package makes.

    Statements that came with the file would be carried out by whoever reads or writes it.
    """
    rows = frozenset(database.all(TABLES)) - STATISTICS
    ((places, pages),) = database.all(
        "SELECT count(rootpage), count(DISTINCT rootpage) FROM sqlite_master"
    )
    if rows != _made(MIGRATIONS[:version]) or pages != places:
        raise DamagedError(
            f"{database.path}: the index is damaged: its tables are not those of version "
            f"{version}; {REMEDY}"
        )


@contextmanager
def closed_on_failure(database: SqliteDatabase) -> Iterator[None]:
    """Closes a connection where an error leaves the block."""
    try:
        yield
    except BaseException:
        database.close()
        raise


@contextmanager
def closed(database: SqliteDatabase) -> Iterator[None]:
    """Closes a connection at the end of the block."""
    try:
        yield
    finally:
        database.close()


def newest(database: SqliteDatabase) -> int:
    """The version that the tables of an index have once it is open."""
    return VERSION if database.sums or database.path == MEMORY else SUMMED - 1


def check_version(database: SqliteDatabase, *, migrated: bool) -> int:
    """Version of the schema; raises NotAnIndexError where this package can't read it."""
    last = newest(database)
    row = database.patiently("PRAGMA user_version")
    version = int(row[0]) if row else 0
    if version > VERSION or (migrated and version < last):
        advice = "upgrade this package" if version > VERSION else "open it once for writing"
        raise NotAnIndexError(
            f"{database.path}: the index is of version {version}, this package reads {VERSION}; "
            f"it was left as it is, {advice}"
        )
    if version > last:
        raise BusyError(f"{database.path}: another has just made the index; try again")
    return version


def migrate(database: SqliteDatabase, *, create: bool) -> None:
    """Brings the tables to this version, each step and its record in one transaction."""
    last = newest(database)
    version = check_version(database, migrated=False)
    if not version:
        try:
            _refuse_tables(database, create=create)
        except NotAnIndexError:
            version = check_version(database, migrated=False)  # made since it was asked
            if not version:
                raise
    if not version:
        for setting in (f"page_size = {PAGE}", "auto_vacuum = INCREMENTAL"):
            database.patiently(f"PRAGMA {setting}")  # before there is anything in the file
    if version < last:
        database.patiently("BEGIN EXCLUSIVE")  # without a log the end waits for all who read
        try:
            version = check_version(database, migrated=False)  # another may have been quicker
            if version:
                refuse_other_tables(database, version)
            else:
                _refuse_tables(database, create=create)
            for step in range(version, last):
                apply(database, step)
            database.one("COMMIT")
        except BaseException:
            database.roll_back()
            raise
    database.patiently("PRAGMA journal_mode = WAL")


def _refuse_tables(database: SqliteDatabase, *, create: bool) -> None:
    if not create or database.patiently("SELECT 1 FROM sqlite_master"):
        raise NotAnIndexError(f"{database.path}: this is no index; give another path")


def apply(database: SqliteDatabase, step: int) -> None:
    """Carries one migration out, in the transaction that is open, and records it."""
    for part in MIGRATIONS[step]:
        if isinstance(part, str):
            database.do(part)
        else:
            part(database)
    if not step:
        database.do(f"PRAGMA application_id = {APPLICATION}")
        database.do(
            "INSERT INTO state VALUES (1, 0, 0, 0, 0, 0, 0, ?, ?)", postings.SEGMENT, postings.BLOCK
        )
    database.do(f"PRAGMA user_version = {step + 1}")
    database.do("INSERT INTO migration VALUES (?, datetime('now'))", step + 1)
