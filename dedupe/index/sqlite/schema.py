"""The tables of an index, the way from older versions, and how a file becomes one or is refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dedupe.errors import DamagedError, NotAnIndexError, ReadOnlyError, StoreError
from dedupe.index.sqlite.database import CONNECTIONS, MEMORY, OPENING, Database, identity
from dedupe.index.sqlite.version_1 import recorded
from dedupe.index.store import Durability

APPLICATION = 0x73744478
"""By which the file is known as ours; it stands in its header."""
PAGE = 8192
"""Bytes. Sketches of some 1.3 KB fill pages of 4,096 badly, and larger ones cost each commit."""
CACHE = 32 << 20
"""Bytes of pages that a process keeps."""
CHECKPOINT = 4096
"""Pages of log after which they are moved into the file."""
HEADER = 100
MAGIC = b"SQLite format 3\x00"

SEGMENT, BLOCK = 8192, 128
"""Numbers that are young together, and postings a block. Kept in the index that they shape."""

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
MIGRATIONS: tuple[tuple[str | Callable[[Database], None], ...], ...] = (FIRST, LOG_AND_RECORDS)
VERSION = len(MIGRATIONS)


def _tables(version: int) -> frozenset[str]:
    """The statements that made the tables and indexes of a version, as SQLite keeps them."""
    made: dict[str, str] = {}
    steps = MIGRATIONS[:version]
    for statement in (part for step in steps for part in step if isinstance(part, str)):
        act, *kind_and_name = statement.split(maxsplit=3)[:3]
        if act == "CREATE":
            made[" ".join(kind_and_name)] = statement
        elif act == "DROP":
            made.pop(" ".join(kind_and_name))
    return frozenset(made.values())


def refuse_other_tables(database: Database, version: int) -> None:
    """Raises DamagedError where tables are not those that this package makes, or have triggers.

    Statements that came with the file would be carried out by whoever reads or writes it.
    """
    rows = database.all("SELECT sql FROM sqlite_master WHERE sql NOT LIKE 'CREATE TABLE sqlite_%'")
    if {row[0] for row in rows} != _tables(version):
        raise DamagedError(
            f"{database.path}: the index is damaged: its tables are not those of version "
            f"{version}; take the last sound copy, or build it again"
        )


def open_database(
    path: str, *, create: bool, durability: Durability, patience: float, read_only: bool
) -> Database:
    """A connection to the index at ``path``, of this version's schema.

    Raises NotAnIndexError where it is missing and not to be created, is something else, or of a
    newer version; DamagedError, ReadOnlyError, BusyError, FullError or StoreError otherwise.
    """
    refuse_others(path, create=create and not read_only)
    if read_only:
        return opened_for_reading(path, patience)
    database = Database(path, file_uri(path, "rwc" if create else "rw"), patience)
    with _closed_on_failure(database):
        migrate(database, create=create)
        database.one(f"PRAGMA synchronous = {durability}")
        database.one(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
        prepare(database)
    return database


def open_memory() -> Database:
    """A connection to a new index in memory, of this version's schema."""
    database = Database(MEMORY, "file::memory:", 0)
    with _closed_on_failure(database):
        migrate(database, create=True)
    return database


@contextmanager
def _closed_on_failure(database: Database) -> Iterator[None]:
    try:
        yield
    except BaseException:
        database.close()
        raise


def file_uri(path: str, mode: str) -> str:
    """The URI by which SQLite opens a file."""
    return f"{Path(path).absolute().as_uri()}?mode={mode}"


def refuse_others(path: str, *, create: bool) -> None:
    """Looks at the file itself before SQLite does, which would mend or lock what isn't ours."""
    try:
        header = _header(path)
    except FileNotFoundError:
        if create:
            return
        raise NotAnIndexError(f"{path}: there is no index; create it, or give its path") from None
    except IsADirectoryError:
        raise NotAnIndexError(f"{path}: this is a folder; an index is a file") from None
    except PermissionError as error:
        raise ReadOnlyError(f"{path}: the file may not be read; check its permissions") from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path!r}: the file cannot be opened: {error}") from error
    if header is None or (create and _empty(header)):
        return
    if not header.startswith(MAGIC) or int.from_bytes(header[68:72], "big") != APPLICATION:
        raise NotAnIndexError(f"{path}: this is no index; it was left as it is, give another path")
    if len(header) < HEADER:
        raise DamagedError(f"{path}: the index was cut short; take the last sound copy")


def _header(path: str) -> bytes | None:
    """How a file begins; None of one that this process has open. Raises OSError."""
    with OPENING:
        kind = Path(path).stat().st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            raise NotAnIndexError(f"{path}: this is no file; give another path")
        if CONNECTIONS[identity(path)]:
            return None
        with Path(path).open("rb") as file:
            return file.read(HEADER)


def _empty(header: bytes) -> bool:
    """Whether nothing is in the file yet: no byte, or what SQLite puts into a new one."""
    return not header or (
        header.startswith(MAGIC)
        and header[68:72] == bytes(4)
        and (int.from_bytes(header[28:32], "big") <= 1)
    )


def opened_for_reading(path: str, patience: float) -> Database:
    """A connection that cannot write, on a medium that cannot be written too."""
    database = Database(path, file_uri(path, "ro"), patience)
    try:
        database.patiently("SELECT version FROM migration")
    except (ReadOnlyError, StoreError) as error:
        database.close()
        # A log beside the file cannot be read where its index in memory cannot be made.
        log = Path(f"{path}-wal")
        writable = os.access(log.absolute().parent, os.W_OK)
        if writable or isinstance(error, DamagedError | NotAnIndexError):
            raise
        if log.exists() and log.stat().st_size:
            raise ReadOnlyError(
                f"{path}: its log was left behind by another, and the folder may not be written; "
                "open the index once where it may be"
            ) from error
        database = Database(path, file_uri(path, "ro") + "&immutable=1", patience)
    with _closed_on_failure(database):
        check_version(database, migrated=True)
        prepare(database)
    return database


def prepare(database: Database) -> None:
    """Settings of a connection; refuses other tables, and a file that is shorter than it says."""
    refuse_other_tables(database, VERSION)
    database.one(f"PRAGMA cache_size = {-CACHE >> 10}")
    database.one("PRAGMA temp_store = MEMORY")
    pages = database.patiently("PRAGMA page_count")
    size = Path(database.path).stat().st_size
    log = Path(f"{database.path}-wal")
    if pages and size < pages[0] * PAGE and not (log.exists() and log.stat().st_size):
        raise DamagedError(
            f"{database.path}: the index was cut short, to {size:,} of {pages[0] * PAGE:,} bytes; "
            "take the last sound copy, or build it again"
        )


def check_version(database: Database, *, migrated: bool) -> int:
    """Version of the schema; raises NotAnIndexError where this package can't read it."""
    row = database.patiently("PRAGMA user_version")
    version = int(row[0]) if row else 0
    if version > VERSION or (migrated and version < VERSION):
        advice = "upgrade this package" if version > VERSION else "open it once for writing"
        raise NotAnIndexError(
            f"{database.path}: the index is of version {version}, this package reads {VERSION}; "
            f"it was left as it is, {advice}"
        )
    return version


def migrate(database: Database, *, create: bool) -> None:
    """Brings the tables to this version, each step and its record in one transaction."""
    version = check_version(database, migrated=False)
    if not version:
        _refuse_tables(database, create=create)
        for setting in (f"page_size = {PAGE}", "auto_vacuum = INCREMENTAL"):
            database.patiently(f"PRAGMA {setting}")  # before there is anything in the file
    if version < VERSION:
        database.patiently("BEGIN IMMEDIATE")
        try:
            version = check_version(database, migrated=False)  # another may have been quicker
            if version:
                refuse_other_tables(database, version)
            else:
                _refuse_tables(database, create=create)
            for step in range(version, VERSION):
                apply(database, step)
            database.one("COMMIT")
        except BaseException:
            database.roll_back()
            raise
    database.patiently("PRAGMA journal_mode = WAL")


def _refuse_tables(database: Database, *, create: bool) -> None:
    if not create or database.patiently("SELECT 1 FROM sqlite_master"):
        raise NotAnIndexError(f"{database.path}: this is no index; give another path")


def apply(database: Database, step: int) -> None:
    """Carries one migration out, in the transaction that is open, and records it."""
    for part in MIGRATIONS[step]:
        if isinstance(part, str):
            database.do(part)
        else:
            part(database)
    if not step:
        database.do(f"PRAGMA application_id = {APPLICATION}")
        database.do("INSERT INTO state VALUES (1, 0, 0, 0, 0, 0, 0, ?, ?)", SEGMENT, BLOCK)
    database.do(f"PRAGMA user_version = {step + 1}")
    database.do("INSERT INTO migration VALUES (?, datetime('now'))", step + 1)
