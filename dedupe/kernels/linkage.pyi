"""
Hierarchical clustering of one small component, from its similarity matrix.
"""

import numpy
import numpy.typing

def combined(
    ends: numpy.typing.NDArray[numpy.int64],
    values: numpy.typing.NDArray[numpy.float64],
    n: int,
    add: bool,
) -> tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.float64]]:
    """
    Each pair of ``ends`` (m, 2) below n once, the lower end first: (k, 2).

    In order, with the highest of its values, or with ``add`` their sum: (k,). A pair with a negative
    end, or with the same end twice, is left out.
    """

def member_pairs(
    order: numpy.typing.NDArray[numpy.int32], bounds: numpy.typing.NDArray[numpy.int64]
) -> numpy.typing.NDArray[numpy.int32]:
    """
    All pairs within each run of ``order`` (n,) ragged by ``bounds``: (m, 2).
    """

def link_components(
    order: numpy.typing.NDArray[numpy.int32],
    bounds: numpy.typing.NDArray[numpy.int64],
    pairs: numpy.typing.NDArray[numpy.int32],
    strength: numpy.typing.NDArray[numpy.float64],
    cut: float,
) -> numpy.typing.NDArray[numpy.int32]:
    """
    Average linkage inside each run of ``order``: labels (n,), the lowest index of a group.

    Sokal & Michener 1958, with the update of Lance & Williams 1967; groups merge while the best mean is
    ``cut`` or more. ``pairs`` (m, 2), sorted, hold all pairs of every run, ``strength`` (m,) how much
    alike they are.
    """

def hang(
    heads: numpy.typing.NDArray[numpy.int32],
    neighbours: numpy.typing.NDArray[numpy.int32],
    weights: numpy.typing.NDArray[numpy.float64],
    edges: numpy.typing.NDArray[numpy.int64],
    bounds: numpy.typing.NDArray[numpy.int64],
) -> tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.int64]]:
    """
    Maximum spanning tree of each group, rooted at its head (Prim 1957).

    ``heads`` (n,) names each article's head; ``neighbours``, ``weights`` and ``edges`` (the numbers of
    the pairs) are ragged by ``bounds``. Returns parents (n,) and the pair that holds each to its parent
    (n,), -1 for heads. Of equal weights the article that joined first wins, then the lowest index.
    """

def connected(
    n: int, pairs: numpy.typing.NDArray[numpy.int32]
) -> numpy.typing.NDArray[numpy.int32]:
    """
    Connected components: labels (n,), the lowest index of each (Tarjan 1975).
    """
