"""
Sparse weight rows: their heaviest terms, pairs that share some, cosines of pairs.
"""

from typing import overload

import numpy
import numpy.typing

def heaviest(
    columns: numpy.typing.NDArray[numpy.uint32],
    weights: numpy.typing.NDArray[numpy.float32],
    bounds: numpy.typing.NDArray[numpy.int64],
    chosen: numpy.typing.NDArray[numpy.int32],
    most: int,
    kept: numpy.typing.NDArray[numpy.uint32],
    kept_weights: numpy.typing.NDArray[numpy.float32],
    sizes: numpy.typing.NDArray[numpy.int64],
) -> None:
    """
    The ``most`` heaviest terms of the ``chosen`` rows (n,); of equal ones the first.

    Fills ``kept`` and ``kept_weights`` (n, most), in order, and ``sizes`` (n,). Terms of no weight are
    passed over.
    """

def telling(
    columns: numpy.typing.NDArray[numpy.uint32],
    weights: numpy.typing.NDArray[numpy.float32],
    bounds: numpy.typing.NDArray[numpy.int64],
    buckets: numpy.typing.NDArray[numpy.int64],
    n: int,
    most: int,
) -> tuple[
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    Buckets and weights of the ``most`` heaviest terms of the first n rows, ragged: (m,), (n + 1,).

    Rows are bounded by ``bounds``, ``buckets`` (w,) are those of the columns; terms as of heaviest.
    """

def postings(
    kept: numpy.typing.NDArray[numpy.uint32],
    kept_weights: numpy.typing.NDArray[numpy.float32],
    sizes: numpy.typing.NDArray[numpy.int64],
    width: int,
) -> tuple[
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    The inverted index over ``kept`` (n, most): rows and weights (m,), ragged by column.

    Rows ascend within a column; ``width`` is the number of columns. Returns rows, weights, and where
    each column's begin (width + 1,).
    """

def sharing(
    kept: numpy.typing.NDArray[numpy.uint32],
    kept_weights: numpy.typing.NDArray[numpy.float32],
    sizes: numpy.typing.NDArray[numpy.int64],
    rows: numpy.typing.NDArray[numpy.int32],
    weights: numpy.typing.NDArray[numpy.float32],
    starts: numpy.typing.NDArray[numpy.int64],
    least: float,
    limit: int,
    first: int,
    stop: int,
) -> tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.float32]]:
    """
    Pairs of a row in ``first`` to ``stop`` and a later one, and their dot products: (m, 2), (m,).

    Those whose heaviest terms alone have one of at least ``least``.

    A term that more than ``limit`` rows hold among their heaviest counts for none of them.
    """

def dots(
    kept: numpy.typing.NDArray[numpy.uint32],
    kept_weights: numpy.typing.NDArray[numpy.float32],
    size: int,
    rows: numpy.typing.NDArray[numpy.int32],
    weights: numpy.typing.NDArray[numpy.float32],
    starts: numpy.typing.NDArray[numpy.int64],
    n: int,
    row: int,
    least: float,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Dot products of at least ``least`` of one row's terms with those of all other rows.
    """

@overload
def cosines(
    columns: numpy.typing.NDArray[numpy.uint32],
    weights: numpy.typing.NDArray[numpy.float32],
    bounds: numpy.typing.NDArray[numpy.int64],
    width: int,
    pairs: numpy.typing.NDArray[numpy.int32],
    found: numpy.typing.NDArray[numpy.float32],
) -> None:
    """
    Fills ``found`` (m,) with the dot products of ``pairs`` (m, 2) of rows.

    Runs of pairs with the same first row are cheapest: that row is spread out once.
    """

@overload
def cosines(
    columns: numpy.typing.NDArray[numpy.uint32],
    weights: numpy.typing.NDArray[numpy.float32],
    bounds: numpy.typing.NDArray[numpy.int64],
    width: int,
    pairs: numpy.typing.NDArray[numpy.int64],
    found: numpy.typing.NDArray[numpy.float32],
) -> None: ...
