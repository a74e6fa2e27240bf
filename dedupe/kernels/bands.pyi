"""Signatures to candidate pairs: locality-sensitive hashing by sorting."""

import numpy
import numpy.typing

def band_keys(
    signatures: numpy.typing.NDArray[numpy.uint32],
    start: int,
    rows: int,
    keys: numpy.typing.NDArray[numpy.uint64],
) -> None:
    """
    Fills ``keys`` (n,) with the bucket of each article in the band at ``start``.
    """

def bucket_pairs(
    signatures: numpy.typing.NDArray[numpy.uint32],
    order: numpy.typing.NDArray[numpy.int64],
    keys: numpy.typing.NDArray[numpy.uint64],
    band: int,
    bands: int,
    rows: int,
    limit: int,
    least: int,
) -> tuple[numpy.typing.NDArray[numpy.int32], int]:
    """
    Pairs that first meet in ``band`` and agree in at least ``least`` values.

    ``order`` (n,) sorts ``keys``; within one bucket it must keep ascending indices. In a bucket of more
    than ``limit`` articles each is paired with the ``limit`` that follow it only. Returns (m, 2) with
    the smaller index first, and the number of pairs left out so.
    """

def agreements(
    signatures: numpy.typing.NDArray[numpy.uint32], pairs: numpy.typing.NDArray[numpy.int32]
) -> numpy.typing.NDArray[numpy.int64]:
    """In how many values the signatures of each pair agree: (m,)."""
