"""
Articles among whose neighbours three are told in different parts of it.
"""

import numpy
import numpy.typing

def suspected(
    neighbours: numpy.typing.NDArray[numpy.int32],
    chances: numpy.typing.NDArray[numpy.float64],
    bounds: numpy.typing.NDArray[numpy.int64],
    near: float,
    most: int,
    alike: int,
    new: int,
) -> numpy.typing.NDArray[numpy.bool]:
    """
    Rows that have three neighbours of ``near`` or more without a link: (n,).

    Neighbours are rows as of ``tree.adjacency``, ragged by ``bounds``. The ``most`` likeliest are looked
    at, but none that ``alike`` of those before it are neighbours of. Of rows from ``new`` on those alone
    of which one of the three is before it.
    """

def looked_at(
    neighbours: numpy.typing.NDArray[numpy.int32],
    chances: numpy.typing.NDArray[numpy.float64],
    bounds: numpy.typing.NDArray[numpy.int64],
    near: float,
    most: int,
    alike: int,
    rows: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.bool]:
    """Which of n rows ``confirmed`` looks at for these ``rows`` (s,): (n,)."""

def confirmed(
    neighbours: numpy.typing.NDArray[numpy.int32],
    chances: numpy.typing.NDArray[numpy.float64],
    bounds: numpy.typing.NDArray[numpy.int64],
    near: float,
    most: int,
    alike: int,
    suspects: numpy.typing.NDArray[numpy.int64],
    rows: tuple[
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.float32],
        numpy.typing.NDArray[numpy.int64],
    ],
    width: int,
    most_shared: float,
    likely: numpy.typing.NDArray[numpy.bool],
) -> numpy.typing.NDArray[numpy.bool]:
    """
    Which of the ``suspects`` (s,) tell three stories in different parts: (s,).

    ``rows`` are columns, values and bounds of TF-IDF rows over ``width`` columns. Three neighbours must
    be told apart, no two of them linked. Who has those may itself be a digest: where it is known which
    of all rows have, ``likely`` (n,) or empty, these tie none of the others, and three groups must be
    left.
    """
