"""Records of what tables of version 1 held."""

from __future__ import annotations

import json
import math
import zlib
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from dedupe.errors import REMEDY, DamagedError

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

    from dedupe.index.sqlite.database import SqliteDatabase

UNREADABLE = (
    BadZipFile, EOFError, LookupError, OSError, RuntimeError, TypeError, ValueError, zlib.error,
)  # fmt: skip
"""What NumPy raises for an archive that is damaged."""
MOST_BYTES = 1 << 28
"""Of all arrays together."""


def recorded(database: SqliteDatabase) -> None:
    """Writes notes and document frequencies of version 1 into the table of records.

    Raises DamagedError where they can't be read.
    """
    insert = "INSERT INTO record VALUES (?, ?, ?, ?)"
    notes: dict[str, str] = dict(database.all("SELECT name, value FROM note"))
    if notes:
        database.do(insert, "notes", 0, 0, json.dumps(notes).encode())
    for position, stored in database.all("SELECT position, tallies FROM tallies"):
        try:
            packed = _repacked(stored)
        except UNREADABLE as error:
            raise DamagedError(
                f"{database.path}: its document frequencies can't be read ({error}); {REMEDY}"
            ) from error
        database.do(insert, "frequencies", 0, position, packed)


def _refuse_longer(archive: ZipFile, member: ZipInfo) -> None:
    """Raises ValueError where an array says that it is longer than what holds it."""
    with archive.open(member) as file:
        np.lib.format.read_magic(file)
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
        if math.prod(shape) * kind.itemsize > member.file_size:
            raise ValueError("an array is cut short")


def _repacked(stored: bytes) -> bytes:
    """Document frequencies from an archive of NumPy arrays to the form of a record."""
    from dedupe.index.deltas import Count, Delta
    from dedupe.sketch import TERM_BITS

    with np.load(BytesIO(stored), allow_pickle=False) as archive:
        if sum(member.file_size for member in archive.zip.infolist()) > MOST_BYTES:
            raise ValueError("they claim to be longer than they can be")
        for member in archive.zip.infolist():
            _refuse_longer(archive.zip, member)
        columns = {name: archive[name] for name in archive.files}
    codes = columns["codes"].tolist()
    places = range(len(codes))
    terms = [columns[f"buckets{at}"].astype(np.int64) + (at << TERM_BITS) for at in places]
    held = [columns[f"held{at}"].astype(np.int64) for at in places]
    days = columns["days"].astype(np.int64).reshape(-1, 2)
    none = np.empty(0, np.int64)
    return Delta(
        codes,
        Count.of(np.arange(len(codes)), columns["articles"].astype(np.int64)),
        Count.of(np.concatenate([none, *terms]), np.concatenate([none, *held])),
        Count.of(columns["named_buckets"].astype(np.int64), columns["named"].astype(np.int64)),
        Count.of(days[:, 0], days[:, 1]),
    ).packed()
