"""One thing in an index changed behind its back: a bit, a byte, a cell, a row, a table."""

from __future__ import annotations

import json
import random
import sqlite3
import zlib
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Any

from soak.behind import connected, summed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HUGE = (0, 1, -1, 2, 127, 2**16, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1, 2**32, 2**40, 10**15,
        10**18, 2**62, 2**63 - 1, -(2**31), -(2**62), -(2**63))  # fmt: skip
ODD = (None, "", "s1", "7", b"", b"\0", 0.5, -1.5, 1e300, float("inf"), "x" * 99, "\0")
TABLES = (
    "article", "sketch", "cold", "story", "different", "log", "record", "tail", "gone", "run",
    "fence", "block", "job", "state", "migration",
)  # fmt: skip
STATEMENTS = (
    "CREATE TRIGGER theirs AFTER INSERT ON article BEGIN DELETE FROM sketch; END",
    "CREATE VIEW theirs AS SELECT 1",
    "CREATE TABLE theirs (a)",
    "CREATE INDEX theirs ON article (language)",
    "DROP INDEX article_copies",
    "DROP TABLE job",
    "ALTER TABLE article RENAME COLUMN moment TO other",
    "ALTER TABLE sketch ADD COLUMN more",
    "PRAGMA user_version = 1",
    "PRAGMA user_version = 99",
    "PRAGMA application_id = 7",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA auto_vacuum = NONE",
    "DELETE FROM state",
    "DELETE FROM record",
    "DELETE FROM migration",
)
WORDS = (
    "", "TEXT", "BLOB", "REAL", "UNIQUE", "DESC", "COLLATE NOCASE", "CHECK (0)", "NOT NULL", ",",
    "DEFAULT (randomblob(1 << 40))", "AS (abs(-9223372036854775807 - 1))", "REFERENCES article",
    "WITHOUT ROWID", "PRIMARY KEY", "number", "theirs", "\0", "--", ")",
)  # fmt: skip
"""What may stand anywhere in the statement by which a table was made."""
WITH_SUM = ", with its sum"


def mutate(path: Path, draw: random.Random) -> str:
    """Changes an index, which nobody has open; what was done, in words."""
    act = draw.random()
    if act < 0.25:
        return _bytes(path, draw)
    with closing(connected(path, isolation_level=None)) as database:
        try:
            if act < 0.28:
                statement = draw.choice(STATEMENTS)
                database.execute(statement)
                return statement
            if act < 0.33:
                return _schema(database, draw)
            if act < 0.42:
                return _within(database, draw)
            return _cell(database, draw)
        finally:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def flip(path: Path, draw: random.Random) -> str:
    """Flips one bit of the file."""
    content = bytearray(path.read_bytes())
    bit = draw.randrange(8 * len(content))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    return f"bit {bit % 8} of byte {bit // 8:,}"


def _bytes(path: Path, draw: random.Random) -> str:
    """Bits or bytes of the file itself."""
    content = bytearray(path.read_bytes())
    told = []
    for _ in range(draw.choice((1, 1, 2))):
        at = draw.randrange(100 if draw.random() < 0.1 else len(content))
        if draw.random() < 0.7:
            content[at] ^= 1 << draw.randrange(8)
        else:
            size = draw.choice((1, 4, 8, 50))
            content[at : at + size] = draw.randbytes(len(content[at : at + size]))
        told.append(f"byte {at:,}")
    # By chance, or by one who knows of the sums.
    crafted = draw.random() < 0.5
    path.write_bytes(summed(content) if crafted else content)
    return f"{' and '.join(told)}{WITH_SUM * crafted}"


def is_crafted(done: str) -> bool:
    """Whether what was done can only be by somebody who knows of the sums, and is no accident."""
    return not done.startswith("byte ") or done.endswith(WITH_SUM)


def _schema(database: sqlite3.Connection, draw: random.Random) -> str:
    """What SQLite itself knows of a table or an index: where it begins, its name, its columns."""
    database.execute("PRAGMA writable_schema = ON")
    question = "SELECT rowid, type, name, tbl_name, rootpage, sql FROM sqlite_master"
    rows = database.execute(question).fetchall()
    number, *row = draw.choice([row for row in rows if row[2] != "sqlite_sequence"])
    at = draw.choice((0, 1, 2, 3, 3, 4, 4, 4))
    column, value = ("type", "name", "tbl_name", "rootpage", "sql")[at], row[at]
    if column == "sql" and value and draw.random() < 0.8:
        places = [place for place, word in enumerate(value.split(" ")) if word]
        words, place = value.split(" "), draw.choice(places)
        words[place : place + draw.choice((0, 1, 1))] = [draw.choice(WORDS)]
        other = " ".join(words)
    else:
        other = _other(value, [one[at + 1] for one in rows if one[at + 1] != value], draw)
    try:
        database.execute(f"UPDATE sqlite_master SET {column} = ? WHERE rowid = ?", (other, number))
    except (sqlite3.Error, OverflowError) as error:
        return f"nothing, as {error}"
    return f"sqlite_master.{column} of {row[1]!r}: {_shown(value)} to {_shown(other)}"


def _cell(database: sqlite3.Connection, draw: random.Random) -> str:
    """Another value in one cell, or a row more or less."""
    table = draw.choice(TABLES)
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    rows = database.execute(f"SELECT * FROM {table}").fetchall()
    if not rows:
        return f"nothing, as {table} is empty"
    row, at = draw.choice(rows), draw.randrange(len(columns))
    where = " AND ".join(f"{column} IS ?" for column in columns)
    if draw.random() < 0.08:
        database.execute(f"DELETE FROM {table} WHERE {where}", row)
        return f"{table}: without the row {row[0]!r}"
    others = [other[at] for other in rows if other[at] != row[at]]
    value = _other(row[at], others, draw)
    try:
        database.execute(f"UPDATE {table} SET {columns[at]} = ? WHERE {where}", (value, *row))
    except (sqlite3.Error, OverflowError) as error:
        return f"nothing, as {error}"
    return f"{table}.{columns[at]} of {row[0]!r}: {_shown(row[at])} to {_shown(value)}"


def _other(value: object, others: list[Any], draw: random.Random) -> Any:
    """Another value in the place of one."""
    act = draw.randrange(8)
    if act == 0 and others:
        return draw.choice(others)
    if act == 1:
        return draw.choice(ODD)
    if act == 2:
        return draw.choice(HUGE)
    if isinstance(value, bytes):
        return _bytes_like(value, draw)
    if isinstance(value, int):
        return value + draw.choice((1, -1, 2, 7, 1000)) if act < 6 else -value
    return str(value)[: draw.randrange(len(str(value)) + 1)] if act < 5 else f"{value}é\u202e"


def _bytes_like(value: bytes, draw: random.Random) -> bytes:
    changed = bytearray(value)
    match draw.randrange(6):
        case 0:
            return value[: draw.randrange(len(value) + 1)]
        case 1:
            return value + draw.randbytes(draw.choice((1, 2, 4, 8, 5000)))
        case 2:
            return draw.randbytes(len(value))
        case 3 if value:  # a word of four bytes, so that lengths and counts are met
            at = draw.randrange(min(len(value), 44)) // 4 * 4
            changed[at : at + 4] = (draw.choice(HUGE) & 0xFFFFFFFF).to_bytes(4, "little")
            return bytes(changed[: len(value)])
        case 4 if value:
            return value * 2
        case _ if value:
            changed[draw.randrange(len(value))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _within(database: sqlite3.Connection, draw: random.Random) -> str:
    """Another value within what is kept as JSON, written as if it had been so."""
    table, column, key, pack = draw.choice((
        ("cold", "verdict", "number", zlib.compress), ("cold", "text", "number", zlib.compress),
        ("record", "data", "name", bytes),
    ))  # fmt: skip
    rows = database.execute(f"SELECT {key}, {column} FROM {table}").fetchall()
    name, data = (
        next(row for row in rows if row[0] == "notes") if key == "name" else draw.choice(rows)
    )
    if draw.random() < 0.1:
        packed = _swelling(draw.choice((b"0,", b"[],", b'"",', b"{},")), pack)
    else:
        told: Any = json.loads(zlib.decompress(data) if key == "number" else data)
        if isinstance(told, dict) and "settings" in told and draw.random() < 0.7:
            settings = json.loads(told["settings"])
            _leaf(settings, draw)
            told["settings"] = json.dumps(settings)
        else:
            _leaf(told, draw)
        packed = _packed(pack, told)
    database.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (packed, name))
    return f"{table}.{column} of {name!r}: within"


@cache
def _swelling(value: bytes, pack: Callable[[bytes], bytes]) -> bytes:
    """A list that is short as it is kept, and once it is read takes most of a gigabyte, or more."""
    if pack is not zlib.compress:
        return pack(b"[%b0]" % (value * 10_000))
    stream = zlib.compressobj(1)
    parts = [stream.compress(part) for part in (b"[", *[value * 1_000_000] * 40, b"0]")]
    return b"".join([*parts, stream.flush()])


def _packed(pack: Callable[[bytes], bytes], told: object) -> bytes:
    return pack(json.dumps(told).encode())


def _leaf(told: Any, draw: random.Random) -> None:
    """Changes one value somewhere within lists and objects."""
    while isinstance(told, dict | list) and told:
        at = draw.choice(list(told)) if isinstance(told, dict) else draw.randrange(len(told))
        if isinstance(told[at], dict | list) and told[at] and draw.random() < 0.9:
            told = told[at]
            continue
        odd = (*HUGE, *(value for value in ODD if not isinstance(value, bytes)), [], {}, [1], True)
        told[at] = draw.choice(odd)
        return


def _shown(value: object) -> str:
    told = repr(value)
    return told if len(told) < 50 else f"{told[:40]}… ({len(told)})"
