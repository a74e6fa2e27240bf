"""Exact comparison of pairs: overlaps of sets, pairs that meet."""

import numpy
import numpy.typing

def distinct_values(
    values: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
    chosen: numpy.typing.NDArray[numpy.bool],
) -> tuple[numpy.typing.NDArray[numpy.uint32], numpy.typing.NDArray[numpy.int64]]:
    """
    The distinct values of the ``chosen`` (n,) rows, ascending in each: values, bounds (n + 1,).

    ``values`` are ragged by ``bounds`` (n + 1,); the rows that are not chosen are empty.
    """

def texts_at_hand(
    shingles: numpy.typing.NDArray[numpy.uint32],
    starts: numpy.typing.NDArray[numpy.int64],
    sets: numpy.typing.NDArray[numpy.uint32],
    set_bounds: numpy.typing.NDArray[numpy.int64],
    stored: numpy.typing.NDArray[numpy.uint8],
    stored_bounds: numpy.typing.NDArray[numpy.int64],
    wanted: numpy.typing.NDArray[numpy.int32],
    rows: int,
) -> tuple[
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    The shingles of incoming and of stored texts: values, starts, sets, their bounds; (rows + 1,) each.

    Incoming ones are ragged by ``starts`` (n + 1,), their sets by ``set_bounds``. The ``stored`` ones
    are bytes, four a shingle, bounded by ``stored_bounds`` (k + 1,): those of the rows ``wanted`` (k,),
    which ascend. All other rows after the first n are empty.
    """

def overlaps(
    sets: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
    pairs: numpy.typing.NDArray[numpy.int32],
) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]:
    """
    Jaccard, and containment in the smaller, of the sets of each of ``pairs`` (m, 2): (m,) each.

    Values ascend in each set. Two empty sets have nothing in common.
    """

def sampled_values(
    values: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
    rows: numpy.typing.NDArray[numpy.int32],
    keep: int,
    beside: int,
) -> tuple[numpy.typing.NDArray[numpy.uint64], numpy.typing.NDArray[numpy.int64]]:
    """
    ``value << 32 | row`` of the values that end in ``keep`` zero bits.

    The last ``beside`` of those are taken from the value after it, ``keep`` at most; the last value of
    a row has none after it. Of the given ``rows``; and how many each row of n gave: (n,).
    """

def entries_by_row(
    found: numpy.typing.NDArray[numpy.uint64], counts: numpy.typing.NDArray[numpy.int64]
) -> tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.int64]]:
    """
    Places of the entries of each row, one row after the other, and where each row's begin (n + 1,).

    ``found`` as from sampled_values, sorted; ``counts`` (n,).
    """

def meetings(
    found: numpy.typing.NDArray[numpy.uint64],
    places: numpy.typing.NDArray[numpy.int32],
    starts: numpy.typing.NDArray[numpy.int64],
    counts: numpy.typing.NDArray[numpy.int64],
    limit: int,
    share: float,
    few: int,
    first: int,
    stop: int,
) -> numpy.typing.NDArray[numpy.int32]:
    """
    Pairs of a row in ``first`` to ``stop`` and a later one that share sampled values: (m, 2).

    They must share at least ``share`` of the fewer of the two, or half of that and ``few``; a value of
    more than ``limit`` rows is passed over.
    """
