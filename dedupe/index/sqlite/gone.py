"""Numbers of entries that went, but whose postings may still lie in a run: a bit for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.index.sqlite.database import Database

CHUNK = 8192
"""Numbers a row: its bits are a kilobyte, the lowest number the lowest bit of the first byte."""


def mark_gone(database: Database, numbers: Sequence[int]) -> None:
    """Sets the bits of these numbers."""
    marked = np.asarray(numbers, np.int64)
    for chunk in set((marked // CHUNK).tolist()):
        row = database.one("SELECT bits FROM gone WHERE chunk = ?", chunk)
        bits = bits_of(row[0]) if row else np.zeros(CHUNK, np.uint8)
        bits[marked[marked // CHUNK == chunk] % CHUNK] = 1
        put(database, chunk, bits)


def gone_between(database: Database, first: int, last: int) -> bytes:
    """Bits of the numbers from ``first`` to ``last``, from that of the first's row on."""
    start = first // CHUNK
    bits = np.zeros((last // CHUNK - start + 1) * CHUNK, np.uint8)
    for chunk, row in rows_between(database, first, last):
        bits[(chunk - start) * CHUNK : (chunk - start + 1) * CHUNK] = row
    bits[: first - start * CHUNK] = 0
    bits[last + 1 - start * CHUNK :] = 0
    return np.packbits(bits, bitorder="little").tobytes() if bits.any() else b""


def clear_gone(database: Database, first: int, gone: bytes) -> None:
    """Clears the bits that ``gone_between`` gave, and no others."""
    if not gone:
        return
    bits = bits_of(gone)
    start = first // CHUNK
    last = start * CHUNK + bits.size - 1
    for chunk, row in list(rows_between(database, first, last)):
        place = (chunk - start) * CHUNK
        put(database, chunk, np.where(bits[place : place + CHUNK], np.uint8(0), row))


def rows_between(
    database: Database, first: int, last: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Rows of which a number lies in this range, each number's bit as 0 or 1."""
    rows = database.all(
        "SELECT chunk, bits FROM gone WHERE chunk BETWEEN ? AND ?", first // CHUNK, last // CHUNK
    )
    for chunk, bits in rows:
        yield chunk, bits_of(bits)


def bits_of(packed: bytes) -> NDArray[np.uint8]:
    """A number's bit each, as 0 or 1."""
    return np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little")


def put(database: Database, chunk: int, bits: NDArray[np.uint8]) -> None:
    """Keeps a row's bits, or none where none is set."""
    if bits.any():
        packed = np.packbits(bits, bitorder="little").tobytes()
        database.do("INSERT OR REPLACE INTO gone VALUES (?, ?)", chunk, packed)
    else:
        database.do("DELETE FROM gone WHERE chunk = ?", chunk)
