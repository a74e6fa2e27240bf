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
    codes: numpy.typing.NDArray[numpy.uint32],
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
    numpy.typing.NDArray[numpy.int64],
]:
    """
    Sketches as TF-IDF rows, in one call: several would cost one article more than their work.

    Returns weighed_rows of their terms with their IDF, buckets and kinds (w,) of the columns, and the
    language of each row (n,), as a place among the ``codes`` of languages. ``places`` as in numbered,
    which is not used for a few articles.
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

def copy_keys(
    values: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
    lowest: int,
    mask: int,
    most: int,
) -> tuple[numpy.typing.NDArray[numpy.uint32], numpy.typing.NDArray[numpy.int64]]:
    """
    The values by which copies are found, of n sets ascending: keys, bounds (n + 1,).

    Of each set, ragged by ``bounds`` (n + 1,), the ``lowest`` and those without a bit of ``mask``;
    ``most`` at most.
    """

def asked(
    copies: numpy.typing.NDArray[numpy.uint32],
    copy_bounds: numpy.typing.NDArray[numpy.int64],
    telling: numpy.typing.NDArray[numpy.uint32],
    weights: numpy.typing.NDArray[numpy.float32],
    bounds: numpy.typing.NDArray[numpy.int64],
) -> tuple[
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    The keys by which others are sought near n articles: slots, distinct keys, strengths, bounds.

    Of each article its keys of the copy view, ``copies`` by ``copy_bounds`` (n + 1,), of strength 0,
    then the ``telling`` ones by ``bounds``, of the square of their weight: what a key adds to a dot
    product if it weighs as much on the other side. Slots are places among the distinct keys, which
    ascend; of one article they are as they come, each for itself.
    """

def met_among(
    slots: numpy.typing.NDArray[numpy.int64],
    weights: numpy.typing.NDArray[numpy.float32],
    bounds: numpy.typing.NDArray[numpy.int64],
    keys: int,
    most: numpy.typing.NDArray[numpy.int64],
    most_copies: int,
    holders: int,
) -> tuple[numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.int64]]:
    """
    The same among n rows, each of which holds the keys that it asks for: pairs (m, 2), times.

    Pairs are a row and, of an earlier one, -1 - row: those that either of the two found, in order.
    Times are those of the pair that was found first. ``keys`` is how many keys are asked.
    """

def placed(
    pairs: numpy.typing.NDArray[numpy.int64],
    shared: numpy.typing.NDArray[numpy.int64],
    numbers: numpy.typing.NDArray[numpy.int64],
    n: int,
    moments: numpy.typing.NDArray[numpy.int64],
    window: int,
) -> tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.int64]]:
    """
    Pairs of n incoming rows and numbers, as met gives them, by rows: (k, 2), in order, and ``shared``.

    ``numbers`` are those of the rows after these, ascending; pairs with one that is not among them are
    left out. A negative one, -1 - row, is an incoming row. So are those of a stored row that is more
    than ``window`` older by ``moments`` (rows,), where that is not negative.
    """

def worth_comparing(
    pairs: numpy.typing.NDArray[numpy.int32],
    shared: numpy.typing.NDArray[numpy.int64],
    cosines: numpy.typing.NDArray[numpy.float32],
    keys: numpy.typing.NDArray[numpy.int64],
    share: float,
    least: float,
    template_cosine: float,
) -> numpy.typing.NDArray[numpy.int64]:
    """
    Places of the ``pairs`` (m, 2) of rows that are compared shingle by shingle.

    Those that have keys of the copy view in common, ``shared`` (m,), and of these at least a ``share``
    of the fewer of both, ``keys`` (rows,), or a cosine of at least ``least``; and those of at least
    ``template_cosine``.
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
