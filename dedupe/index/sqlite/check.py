"""What SQLite finds wrong with a file, and values of other types than were written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dedupe.errors import DamagedError
from dedupe.index.tables.decode import NAMED, shown
from dedupe.index.tables.failures import LONGEST_LINE

if TYPE_CHECKING:
    from dedupe.index.tables.database import Database

TYPES = {
    "state": "counter integer, stories integer, forgotten integer, sealed integer, epoch integer, "
    "runs integer, segment integer, block integer",
    "article": "number integer, id text, digest blob, moment integer, arrived integer, "
    "language text, story integer, copies integer, keys integer, key_sum integer",
    "sketch": "number integer, sketch blob",
    "cold": "number integer, verdict blob, shingles blob, text blob",
    "story": "story integer, root integer",
    "different": "one text, other text",
    "log": "position integer, number integer, event text, story integer, sketch blob",
    "record": "name text, first integer, last integer, data blob",
    "tail": "number integer, keys blob",
    "gone": "chunk integer, bits blob",
    "run": "run integer, level integer, state text, first integer, last integer, "
    "postings integer, blocks integer, key integer",
    "fence": "id integer, keys blob",
    "block": "id integer, postings blob",
    "job": "output integer, older integer, newer integer, segment integer, gone blob",
}
"""The columns of each table, the first of which names a row, and what they hold."""


def file_problems(database: Database) -> Iterator[str]:
    """What is wrong with the pages of a file, and with the types of values in it."""
    for part in (_pages(database), _types(database)):
        try:
            yield from part
        except DamagedError as error:
            yield str(error)


def _pages(database: Database) -> Iterator[str]:
    """What SQLite itself finds, which reads all pages and holds each against its sum."""
    for (found,) in database.all("PRAGMA integrity_check(20)"):
        # One row may have a line for each of hundreds of pages.
        for line in str(found).splitlines() if found != "ok" else ():
            if not line.startswith("***"):
                yield f"the file is damaged: {' '.join(line.split())[:LONGEST_LINE]}"


def _types(database: Database) -> Iterator[str]:
    """Values of another type than is written."""
    for table, columns in TYPES.items():
        named = [column.split() for column in columns.split(", ")]
        wrong = " OR ".join(f"typeof({column}) <> '{kind}'" for column, kind in named)
        question = f"SELECT {named[0][0]} FROM {table} WHERE {wrong}"  # noqa: S608 - of the names above
        for (row,) in database.all(question)[:NAMED]:
            yield f"table {table}, row {shown(row)}: a value is of another type than was written"
