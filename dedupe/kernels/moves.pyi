"""
Single articles moved between groups where that raises the expected B-cubed F1.
"""

import numpy
import numpy.typing

def improve(
    labels: numpy.typing.NDArray[numpy.int32],
    neighbours: numpy.typing.NDArray[numpy.int32],
    chances: numpy.typing.NDArray[numpy.float64],
    bounds: numpy.typing.NDArray[numpy.int64],
    sizes: numpy.typing.NDArray[numpy.float64],
    rounds: int,
) -> None:
    """
    Moves articles one by one, in order, to where the sum of expected F1 gains most.

    That is the group in which its own expected F1 is highest, or one of its own. ``labels`` (n,) name
    groups by a number below n and are changed in place; at most ``rounds`` times through. The graph is
    given as to average_tree. The tree can't take back an early merge; this can (Kernighan & Lin 1970, a
    vertex at a time).
    """

def partitioned(
    pairs: numpy.typing.NDArray[numpy.int32],
    chances: numpy.typing.NDArray[numpy.float64],
    sizes: numpy.typing.NDArray[numpy.float64],
    least: float,
    floor: float,
    rounds: int,
) -> numpy.typing.NDArray[numpy.int32]:
    """
    Labels (n,): the tree's best partition, improved article by article.

    ``pairs`` (m, 2) of less than the chance ``least`` don't count; ``floor`` as in average_tree,
    ``rounds`` as in improve.
    """
