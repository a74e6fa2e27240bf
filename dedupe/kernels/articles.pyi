"""JSON Lines of articles, of the usual shape, straight into columns."""

import numpy
import numpy.typing

NO_DATE: int = -9223372036854775808

COLUMNS: str = ...

def rows(
    texts: list[tuple[numpy.typing.NDArray[numpy.uint8], numpy.typing.NDArray[numpy.int64]]],
    columns: numpy.typing.NDArray[numpy.int64],
    alone: numpy.typing.NDArray[numpy.bool],
    dates: numpy.typing.NDArray[numpy.int64],
) -> tuple[
    list[tuple[numpy.typing.NDArray[numpy.uint8], numpy.typing.NDArray[numpy.int64]]],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    The same of the rows of a table: ``texts`` are k columns of n strings in Arrow's layout, each read
    as ``columns`` and ``alone`` (k,) say, no column of them unused. ``dates`` (n,) are the dates that
    are known, NO_DATE where one of the texts may name it. Rows are numbered in the place of lines.
    """

def lines(
    data: numpy.typing.NDArray[numpy.uint8],
    names: list[str],
    columns: numpy.typing.NDArray[numpy.int64],
    alone: numpy.typing.NDArray[numpy.bool],
) -> tuple[
    list[tuple[numpy.typing.NDArray[numpy.uint8], numpy.typing.NDArray[numpy.int64]]],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    Reads lines of JSON that are objects of these ``names``, in their order, and no others.

    ``data`` are lines in UTF-8, the last one with a line break or without. ``columns`` (k,) says what
    each of the k names is read as, by its place in COLUMNS; ``alone`` (k,) whether it is the only one
    read so, and may be empty. Strings are resolved and without white space at their ends, the text
    excepted; null is empty. Returns of the n lines that are usual the texts of id, title, text, source,
    url and language, each in Arrow's layout (bytes, offsets (n + 1,)); the dates (n,) in microseconds
    since 1970, NO_DATE for none; the lines (n, 3): number from 0 on, begin and end in ``data``. Then of
    the others, blank ones excepted, the same and how many usual ones stand before each (m, 4).
    """
