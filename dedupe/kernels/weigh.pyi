"""
Document frequencies in one hash table, and term counts to TF-IDF rows.
"""

import numpy
import numpy.typing

MOST_COUNT: int = 63

def put_counts(
    keys: numpy.typing.NDArray[numpy.uint32],
    held: numpy.typing.NDArray[numpy.int32],
    background: numpy.typing.NDArray[numpy.float32],
    logs: numpy.typing.NDArray[numpy.float32],
    added: numpy.typing.NDArray[numpy.uint32],
    counts: numpy.typing.NDArray[numpy.int32],
    values: numpy.typing.NDArray[numpy.float32],
) -> int:
    """
    Adds ``counts`` articles to the keys ``added``, with the background ``values`` of each: (k,).

    Returns how many of the keys are new. Keys are ``(language << TERM_BITS | bucket) + 1``, 0 where a
    place is free; the table's columns (places,) have a power of two of places.
    """

def tally(
    keys: numpy.typing.NDArray[numpy.uint32],
    held: numpy.typing.NDArray[numpy.int32],
    background: numpy.typing.NDArray[numpy.float32],
    logs: numpy.typing.NDArray[numpy.float32],
    first: int,
    least: float,
    buckets: numpy.typing.NDArray[numpy.uint32],
    flags: numpy.typing.NDArray[numpy.uint8],
    sign: int,
    anywhere: numpy.typing.NDArray[numpy.int32],
    named: numpy.typing.NDArray[numpy.int32],
) -> int:
    """
    Counts one article's terms in or out; returns how many keys are new.

    ``first`` is its language's part of the keys, ``least`` the background of an unlisted term;
    ``anywhere`` and ``named`` (all buckets,) count it whatever its language.
    """

def held_by(
    buckets: numpy.typing.NDArray[numpy.uint32],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    rows: numpy.typing.NDArray[numpy.int64],
    scratch: numpy.typing.NDArray[numpy.int32],
    named: numpy.typing.NDArray[numpy.int32],
) -> tuple[numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.int32]]:
    """
    How many of the ``rows`` hold each bucket: buckets (w,), counts (w,).

    ``scratch`` (all buckets,) is zeros and is left so; ``named`` counts those that write the term as a
    name.
    """

def blended(
    buckets: numpy.typing.NDArray[numpy.int64],
    counted: tuple[
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.float32],
        float,
        numpy.typing.NDArray[numpy.int64],
        numpy.typing.NDArray[numpy.float64],
    ],
) -> numpy.typing.NDArray[numpy.float32]:
    """
    IDF (languages, w) of ``buckets`` (w,): -ln((df + n0 P) / (n + n0)), at least 0.

    ``counted`` are keys, of each ln(df + n0 P), that of what the table does not hold, and of each
    language where its keys begin, and ln(n + n0).
    """

def numbered(
    buckets: numpy.typing.NDArray[numpy.uint32],
    flags: numpy.typing.NDArray[numpy.uint8],
    places: numpy.typing.NDArray[numpy.uint32],
) -> tuple[
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.uint8],
    numpy.typing.NDArray[numpy.uint32],
]:
    """
    Numbers each bucket as it is met: its column.

    Returns buckets (w,), their kinds (w,): NUMBER where one of the entries is written as one, and the
    columns (m,) of the entries. ``places`` (all buckets,) is scratch: what it contains does not
    matter. Where it is empty a table of the buckets that are met takes its place, which is quicker for
    up to some hundred thousand entries.
    """

def summed(
    keys: numpy.typing.NDArray[numpy.int64], times: numpy.typing.NDArray[numpy.int64]
) -> tuple[numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.int64]]:
    """
    Sums of ``times`` (m,) by ``keys`` (m,): distinct keys, ascending, and their sums other than 0.
    """

def name_kinds(
    buckets: numpy.typing.NDArray[numpy.int64],
    kinds: numpy.typing.NDArray[numpy.uint8],
    anywhere: numpy.typing.NDArray[numpy.int32],
    named: numpy.typing.NDArray[numpy.int32],
    share: float,
) -> None:
    """
    Fills NAME into ``kinds`` (w,) of what is no number.

    ``anywhere`` and ``named`` (all buckets,) are how many articles hold a bucket, and how many write it
    as a name: at least ``share`` of them must.
    """

def unit_rows(
    columns: numpy.typing.NDArray[numpy.uint32],
    counts: numpy.typing.NDArray[numpy.uint16],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    left_out: numpy.typing.NDArray[numpy.bool],
    spoken: numpy.typing.NDArray[numpy.int64],
    idf: numpy.typing.NDArray[numpy.float32],
    raises: tuple[float, float],
    least: float,
) -> tuple[
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.uint8],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    TF-IDF rows of unit length: columns, values, marks, bounds; no values under ``least``.

    Marks are TITLE and LEAD, where the term stands there.

    (1 + ln count) * idf, brought to unit length before and after. A count is raised by ``raises``:
    where the term is written as a name, and where it stands in the title or the lead. ``left_out``
    (m,), or empty for none, are entries without a weight. ``spoken`` (n,) is each row's language,
    ``idf`` (languages, width).
    """

def weighed_rows(
    columns: numpy.typing.NDArray[numpy.uint32],
    counts: numpy.typing.NDArray[numpy.uint16],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    left_out: numpy.typing.NDArray[numpy.bool],
    spoken: numpy.typing.NDArray[numpy.int64],
    buckets: numpy.typing.NDArray[numpy.int64],
    kinds: numpy.typing.NDArray[numpy.uint8],
    idf: numpy.typing.NDArray[numpy.float32],
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
]:
    """
    Numbered terms as TF-IDF rows: unit_rows, and the names and numbers among them.

    ``idf`` as blended gives it, ``named`` the two counts of name_kinds, which fills ``kinds``. Returns
    two tuples of columns, values, marks and bounds; the values of the second are IDF, its marks NAME or
    NUMBER, and TITLE and LEAD.
    """
