"""Signatures to candidate pairs: locality-sensitive hashing by sorting."""

import numpy
import numpy.typing

CROWD: int = 4

def band_keys(
    signatures: numpy.typing.NDArray[numpy.uint32],
    start: int,
    rows: int,
    keys: numpy.typing.NDArray[numpy.uint64],
) -> None:
    """
    Fills ``keys`` (n,) with the bucket of each article in the band at ``start``.
    """

def sharing_order(
    keys: numpy.typing.NDArray[numpy.uint64],
) -> tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.int32]]:
    """
    Places of the keys that stand there more than once, sorted by key and then by place: (m,).

    And how many of each one's key come after it: (m,). The rest of ``keys`` (n,) shares its bucket with
    none.
    """

def entries_of(
    order: numpy.typing.NDArray[numpy.int32], n: int
) -> tuple[numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.int64]]:
    """
    Where in ``order`` (m,) each article below n stands: (m,), one article after the other, ascending.

    And where each one's begin: (n + 1,).
    """

def bucket_pairs(
    signatures: numpy.typing.NDArray[numpy.uint32],
    order: numpy.typing.NDArray[numpy.int32],
    later: numpy.typing.NDArray[numpy.int32],
    entries: numpy.typing.NDArray[numpy.int64],
    starts: numpy.typing.NDArray[numpy.int64],
    limit: int,
    least: int,
    first: int,
    stop: int,
) -> tuple[numpy.typing.NDArray[numpy.int32], int]:
    """
    Pairs of an article in ``first`` to ``stop`` and a later one that share a bucket: (k, 2), sorted.

    ``order`` (m,) holds the buckets of all bands, ascending in each, ``later`` (m,) how many come after
    each in its bucket; ``entries`` and ``starts`` are of entries_of. The two must agree in at least ``least``
    values. In each bucket an article meets the ``limit`` that follow it. Of more than that many in all,
    limit * limit / met are kept, a CROWD-th part of ``limit`` at least, which agree with it most, of
    equals the first. Returns how many meetings were left out, too.
    """

def agreements(
    signatures: numpy.typing.NDArray[numpy.uint32], pairs: numpy.typing.NDArray[numpy.int32]
) -> numpy.typing.NDArray[numpy.int64]:
    """In how many values the signatures of each pair agree: (m,)."""
