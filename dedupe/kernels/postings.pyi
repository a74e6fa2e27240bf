"""Which entries hold a key: sorted postings."""

from typing import overload

import numpy
import numpy.typing

@overload
def distinct(values: numpy.typing.NDArray[numpy.uint32]) -> numpy.typing.NDArray[numpy.uint32]:
    """
    Each of ``values`` (n,) once, ascending: as np.unique, which is slow on a few.
    """

@overload
def distinct(values: numpy.typing.NDArray[numpy.int32]) -> numpy.typing.NDArray[numpy.int32]: ...
@overload
def distinct(values: numpy.typing.NDArray[numpy.int64]) -> numpy.typing.NDArray[numpy.int64]: ...
def posting_spans(
    fences: numpy.typing.NDArray[numpy.uint32],
    size: int,
    wanted: numpy.typing.NDArray[numpy.uint32],
    left: numpy.typing.NDArray[numpy.int64],
    first: numpy.typing.NDArray[numpy.int64],
    last: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.int64]:
    """
    In which blocks of a run the newest postings of each key in ``wanted`` (k,) lie.

    ``fences`` (b,) are the first keys of the blocks. A block between two of the same key is full, of
    ``size`` postings, so that a few before the one where a key ends hold the ``left`` (k,) that are
    wanted of it. Fills ``first`` and ``last`` (k,), the last before the first where there is nothing;
    returns all blocks, key by key.
    """

def newest_in_blocks(
    postings: numpy.typing.NDArray[numpy.uint64],
    spans: numpy.typing.NDArray[numpy.int64],
    wanted: numpy.typing.NDArray[numpy.uint32],
    first: numpy.typing.NDArray[numpy.int64],
    last: numpy.typing.NDArray[numpy.int64],
    left: numpy.typing.NDArray[numpy.int64],
    counts: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.uint32]:
    """
    Of each key in ``wanted`` (k,) the newest numbers, at most ``left`` (k,).

    Block b lies in ``postings`` from ``spans[b, 0]`` to before ``spans[b, 1]``, (b, 2); a key's are
    ``first`` to ``last`` (k,). Fills ``counts`` (k,); returns them key by key, newest first.
    """

def oldest_first(
    counts: numpy.typing.NDArray[numpy.int64],
    numbers: numpy.typing.NDArray[numpy.uint32],
    starts: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.uint32]:
    """
    Turns what each source found into one list a key, ascending.

    ``counts`` (sources, k), the newest source first; ``numbers`` source by source, key by key, newest
    first. Fills ``starts`` (k + 1,); returns the lists, key by key.
    """

def merged_postings(
    older: numpy.typing.NDArray[numpy.uint64],
    newer: numpy.typing.NDArray[numpy.uint64],
    gone: numpy.typing.NDArray[numpy.uint8],
    base: int,
) -> numpy.typing.NDArray[numpy.uint64]:
    """
    One sorted run of two, without the numbers that are gone.

    ``gone`` holds a bit a number from ``base`` on, the lowest bit first; it may be empty.
    """

def key_sum(keys: numpy.typing.NDArray[numpy.uint32]) -> int:
    """
    A sum over ``keys`` (k,) by which a lost or foreign key shows, in any order.
    """

def add_sums(
    postings: numpy.typing.NDArray[numpy.uint64],
    numbers: numpy.typing.NDArray[numpy.int64],
    counts: numpy.typing.NDArray[numpy.int64],
    sums: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.uint32]:
    """
    Counts the keys of each of ``numbers`` (n,), ascending, in ``counts`` (n,), and adds them up in
    ``sums`` (n,).

    Returns the numbers of the other ``postings``, one for each.
    """

def first_outside(
    rows: numpy.typing.NDArray[numpy.int64], bounds: numpy.typing.NDArray[numpy.int64]
) -> int:
    """
    The first of ``rows`` (n, k) of which a value lies outside of its column's ``bounds`` (2, k).

    The bounds are the lowest and the highest; -1 where all lie within them.
    """
