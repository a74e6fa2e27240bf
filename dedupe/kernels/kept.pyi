"""
Rows of bytes in a ring: the latest that were written are there, by their ids.
"""

import numpy
import numpy.typing

def spans_held(
    keys: numpy.typing.NDArray[numpy.uint64],
    places: numpy.typing.NDArray[numpy.int64],
    size: int,
    end: int,
    ids: numpy.typing.NDArray[numpy.int64],
    spans: numpy.typing.NDArray[numpy.int64],
) -> int:
    """
    Fills ``spans`` (k, 2) with where in the ring the rows of ``ids`` (k,) lie.

    The ring of ``size`` bytes has a hash table: ``keys`` are ids plus one, 0 where a place is free, and
    ``places`` (slots, 2) where their row begins, as a place that counts on and on to ``end``, and its
    length. Spans are begin and end of each row, -1 twice where one isn't there. Returns how much may be
    written before the first of them goes.
    """

def gathered(
    ring: numpy.typing.NDArray[numpy.uint8],
    spans: numpy.typing.NDArray[numpy.int64],
    fetched: numpy.typing.NDArray[numpy.uint8],
    fetched_bounds: numpy.typing.NDArray[numpy.int64],
) -> tuple[numpy.typing.NDArray[numpy.uint8], numpy.typing.NDArray[numpy.int64]]:
    """
    The rows at ``spans`` one after the other, and bounds (k + 1,).

    The next of those ``fetched`` for each that isn't in the ring.
    """

def written_rows(
    keys: numpy.typing.NDArray[numpy.uint64],
    places: numpy.typing.NDArray[numpy.int64],
    ring: numpy.typing.NDArray[numpy.uint8],
    end: int,
    ids: numpy.typing.NDArray[numpy.int64],
    data: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
) -> int:
    """
    Writes rows behind all others, the oldest of which go; returns the new end.

    The table must have room for them. A row that is longer than the ring is passed over.
    """

def swept(
    keys: numpy.typing.NDArray[numpy.uint64],
    places: numpy.typing.NDArray[numpy.int64],
    size: int,
    end: int,
) -> tuple[numpy.typing.NDArray[numpy.uint64], numpy.typing.NDArray[numpy.int64], int]:
    """
    The same table without what is no longer there: keys, places and how many there are.
    """
