"""Two texts side by side: which of one's words stand in the other."""

import numpy
import numpy.typing

HEAD: int = 16

PASSAGE: int = 20

EDGE: int = 24

def in_passages(covered: numpy.typing.NDArray[numpy.bool], size: int) -> tuple[int, int, int]:
    """
    Words in runs of covered ones of at least PASSAGE; of these the words of the first and last.

    Of those two only where they begin or end the text: at most EDGE words stand before or after.
    """

def compared_words(
    shingles: numpy.typing.NDArray[numpy.uint32],
    starts: numpy.typing.NDArray[numpy.int64],
    sets: numpy.typing.NDArray[numpy.uint32],
    set_bounds: numpy.typing.NDArray[numpy.int64],
    tokens: numpy.typing.NDArray[numpy.int64],
    width: int,
    pairs: numpy.typing.NDArray[numpy.int32],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    (m, 13) of each pair (m, 2), by the words of either side that stand in the other.

    0, 1: those, as a share of its own. 2, 3: the same of its head. 4, 5: its longest run of others.
    6, 7: all its words. 8: whether words were replaced in place. 9, 10: how many of its own stand in
    place of others. 11, 12: how many stand in passages that both have, but for one that begins or ends
    both.

    ``shingles`` of ``width`` words are ragged by ``starts`` (n + 1,), the same ascending in ``sets`` by
    ``set_bounds``; ``tokens`` (n,).
    """

def compared_terms(
    buckets: numpy.typing.NDArray[numpy.uint32],
    counts: numpy.typing.NDArray[numpy.uint16],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    pairs: numpy.typing.NDArray[numpy.int32],
) -> numpy.typing.NDArray[numpy.int64]:
    """
    (m, 14) of each pair (m, 2), by the terms that are a name, a number, in title or lead.

    Names and numbers are these, and what stands in title and lead both.
    0: names and numbers in both. 1, 2: those of either side that the other has nowhere. 3, 4: terms of
    its title. 5, 6: those that the other has nowhere. 7, 8: of these names and numbers. 9, 10: names
    and numbers, not of the title alone, that it has more often. 11: how many sides have no name.
    12, 13: of 7 and 8 those that its text begins with, too.
    """

def more_often(
    buckets: numpy.typing.NDArray[numpy.uint32],
    counts: numpy.typing.NDArray[numpy.uint16],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    row: int,
    other: int,
) -> numpy.typing.NDArray[numpy.uint32]:
    """
    Buckets of names and numbers of one article's text that another has less often.
    """

def marked_terms(
    title: tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint8],
        numpy.typing.NDArray[numpy.int64],
    ],
    body: tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint8],
        numpy.typing.NDArray[numpy.int64],
    ],
    bits: int,
    lead: int,
) -> tuple[numpy.typing.NDArray[numpy.uint32], numpy.typing.NDArray[numpy.int64]]:
    """
    The terms of each article that are a name, a number, in title or lead, sorted by bucket.

    Those of ``count_terms``, with the same flags: ``bucket << 8 | flags`` (m,) and bounds (n + 1,).
    ``bits`` is 24 at most.
    """
