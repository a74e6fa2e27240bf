"""Which numbers are of entries that went, while their postings may still be in a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.index.tables.database import Database
from dedupe.index.tables.decode import packed

CHUNK, CHUNK_BYTES = 8192, 1024
"""Numbers of entries in a row of ``gone``: those that went, but whose postings may still be in a
run. Its bits are a kilobyte, the lowest number the lowest bit of the first byte."""


def mark_gone(database: Database, numbers: Sequence[int]) -> None:
    """Sets the bits of these numbers."""
    marked = np.asarray(numbers, np.int64)
    for chunk in set((marked // CHUNK).tolist()):
        rows = list(rows_between(database, chunk * CHUNK, chunk * CHUNK))
        bits = rows[0][1] if rows else np.zeros(CHUNK, np.uint8)
        bits[marked[marked // CHUNK == chunk] % CHUNK] = 1
        put(database, chunk, bits)


def gone_between(database: Database, first: int, last: int) -> bytes:
    """Bits of the numbers from ``first`` to ``last``, from that of the first's row on.

    Of whole rows, up to the last that has one.
    """
    start, found = first // CHUNK, bytearray()
    for chunk, bits in rows_between(database, first, last):
        number = chunk * CHUNK + np.arange(CHUNK)
        bits[(number < first) | (number > last)] = 0
        if bits.any():
            found.extend(bytes((chunk - start) * CHUNK_BYTES - len(found)))
            found += np.packbits(bits, bitorder="little").tobytes()
    return bytes(found)


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
        "SELECT chunk, bits FROM gone WHERE chunk BETWEEN ? AND ? ORDER BY chunk",
        first // CHUNK, last // CHUNK,
    )  # fmt: skip
    packed(database, "gone", "bits", rows, CHUNK_BYTES)
    for chunk, bits in rows:
        if len(bits) != CHUNK_BYTES:
            raise database.damage(f"table gone, row {chunk}: its bits are {len(bits):,} bytes")
        yield chunk, bits_of(bits)


def bits_of(packed: bytes) -> NDArray[np.uint8]:
    """A number's bit each, as 0 or 1."""
    return np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little")


def put(database: Database, chunk: int, bits: NDArray[np.uint8]) -> None:
    """Keeps a row's bits, or none where none is set."""
    if bits.any():
        packed = np.packbits(bits, bitorder="little").tobytes()
        database.later(
            "INSERT INTO gone VALUES (?, ?) ON CONFLICT (chunk) DO UPDATE SET bits = excluded.bits",
            [(chunk, packed)],
        )
    else:
        database.later("DELETE FROM gone WHERE chunk = ?", [(chunk,)])
