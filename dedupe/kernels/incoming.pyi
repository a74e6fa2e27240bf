"""
What comes in against what is stored: stored sketches read, candidates counted.
"""

import numpy
import numpy.typing

HEADER: int = 10

def packed_rows(
    headers: numpy.typing.NDArray[numpy.uint32],
    buckets: numpy.typing.NDArray[numpy.uint32],
    counts: numpy.typing.NDArray[numpy.uint16],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
) -> tuple[numpy.typing.NDArray[numpy.uint32], numpy.typing.NDArray[numpy.int64]]:
    """
    Sketches without edges: words, and where each begins (n,).

    ``headers`` are (n, HEADER), the others the terms of n articles. A term is a word: bucket, marks and
    count, the last cut at MOST_COUNT.
    """

def first_broken(
    data: numpy.typing.NDArray[numpy.uint8], bounds: numpy.typing.NDArray[numpy.int64]
) -> int:
    """
    The first of n stored sketches that is not as it is written; -1 where all are.

    They are bounded by ``bounds`` (n + 1,). Each must be as long as it says, its language ASCII, its
    date of the calendar, its terms ascending, and the log-odds and cosines of its edges possible.
    """

def unpacked_terms(
    words: numpy.typing.NDArray[numpy.uint32], first: numpy.typing.NDArray[numpy.int64]
) -> tuple[
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.uint16],
    numpy.typing.NDArray[numpy.uint8],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    Terms of sketches: buckets, counts, flags and bounds (n + 1,).

    ``words`` are n sketches, one after the other, that begin at ``first`` (n,). Raises ValueError where
    one is not within the words.
    """

def weighed_words(
    words: numpy.typing.NDArray[numpy.uint32],
    first: numpy.typing.NDArray[numpy.int64],
    spoken: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.uint32],
    counted: tuple[
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.float32],
        float,
        numpy.typing.NDArray[numpy.int64],
        numpy.typing.NDArray[numpy.float64],
    ],
    named: tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.int32]],
    share: float,
    raises: tuple[float, float],
    least: float,
) -> tuple[
    tuple[
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.float32],
        numpy.typing.NDArray[numpy.uint8],
        numpy.typing.NDArray[numpy.int64],
    ],
    tuple[
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.float32],
        numpy.typing.NDArray[numpy.uint8],
        numpy.typing.NDArray[numpy.int64],
    ],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.uint8],
]:
    """
    Sketches as TF-IDF rows, in one call: several would cost one article more than their work.

    Returns weighed_rows of their terms with their IDF, and buckets and kinds (w,) of the columns.
    ``places`` as in numbered, which is not used for a few articles; row i is in language ``spoken[i]``.
    Raises ValueError where a sketch is not within the words.
    """

def met(
    slots: numpy.typing.NDArray[numpy.int64],
    weights: numpy.typing.NDArray[numpy.float32],
    bounds: numpy.typing.NDArray[numpy.int64],
    starts: numpy.typing.NDArray[numpy.int64],
    numbers: numpy.typing.NDArray[numpy.uint32],
    most: numpy.typing.NDArray[numpy.int64],
    most_copies: int,
    holders: int,
) -> tuple[
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.int32],
]:
    """
    The articles that share most with each row: pairs (row, number) (m, 2), times.

    Row i asks for the keys ``slots`` within ``bounds`` (n + 1,); ``weights`` is what a key adds to the
    dot product, 0 for a key of the copy view. ``starts`` and ``numbers`` list who holds each key.
    ``most`` (n,) by dot product are kept and ``most_copies`` by keys of the copy view in common, of
    which the ``holders`` newest holders count; times (m,) is how many.
    Returns also what is asked of another at least: dot product (n,), keys (n,). Raises ValueError where
    what is listed of a key is not within ``numbers``.
    """

def in_common(
    keys: numpy.typing.NDArray[numpy.uint32],
    slots: numpy.typing.NDArray[numpy.int64],
    strengths: numpy.typing.NDArray[numpy.float32],
    bounds: numpy.typing.NDArray[numpy.int64],
    others: numpy.typing.NDArray[numpy.uint32],
    other_bounds: numpy.typing.NDArray[numpy.int64],
) -> tuple[numpy.typing.NDArray[numpy.float32], numpy.typing.NDArray[numpy.int32]]:
    """
    What each of n rows has in common with each of k others: (n, k), (n, k).

    Row i asks for ``keys`` at the ``slots`` within ``bounds`` (n + 1,), as in met. The keys of the
    others are ragged by ``other_bounds`` (k + 1,). Sums of ``strengths``, and how many keys of strength
    0.
    """

def edges_within(
    words: numpy.typing.NDArray[numpy.uint32],
    first: numpy.typing.NDArray[numpy.int64],
    numbers: numpy.typing.NDArray[numpy.int64],
) -> tuple[
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    Edges of sketches to others among them: places (m, 2), log-odds and cosines (m,).

    ``numbers`` (n,) are those of the sketches, each once; below 1 where it has none yet. Raises
    ValueError where a sketch is not within the words.
    """
