"""
Terms that a group of articles has in common, and how alike their holders are.
"""

import numpy
import numpy.typing

def common_terms(
    members: numpy.typing.NDArray[numpy.int64],
    columns: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
    held: numpy.typing.NDArray[numpy.int32],
    least: int,
) -> tuple[numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.int32]]:
    """
    Columns that at least ``least`` of the rows ``members`` hold, ascending, and how many do: (k,), (k,).

    ``held`` (width,) is zeros and is left so.
    """

def mark_terms(
    members: numpy.typing.NDArray[numpy.int64],
    columns: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
    held: numpy.typing.NDArray[numpy.int32],
    chosen: numpy.typing.NDArray[numpy.int64],
    found: numpy.typing.NDArray[numpy.bool],
) -> None:
    """
    Marks the entries of the ``chosen`` columns in the rows ``members``: ``found`` (m,).

    ``held`` (width,) is zeros and is left so.
    """

def cosines_among(
    rows: numpy.typing.NDArray[numpy.int64],
    columns: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
    spoken: numpy.typing.NDArray[numpy.int64],
    idf: numpy.typing.NDArray[numpy.float32],
    common: numpy.typing.NDArray[numpy.int64],
) -> tuple[
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    Cosines of all pairs of k rows without the ``common`` columns and with them, and who holds.

    Each term weighs its ``idf`` (languages, width) in the row's language. Two (k, k), 0 of a row with
    itself, and (common, k), 1 where a row holds the column.
    """
