"""Average-linkage trees of a sparse graph, and their best partition."""

import numpy
import numpy.typing

def average_tree(
    neighbours: numpy.typing.NDArray[numpy.int32],
    chances: numpy.typing.NDArray[numpy.float64],
    bounds: numpy.typing.NDArray[numpy.int64],
    sizes: numpy.typing.NDArray[numpy.float64],
    floor: float,
) -> numpy.typing.NDArray[numpy.int32]:
    """
    Merges of average linkage down to a mean of ``floor``: (k, 2), children before parents.

    By chains of nearest neighbours (Murtagh 1983), which needs no sorting and no dense matrix. The
    graph is given by rows: ``neighbours`` and ``chances``, ragged by ``bounds`` (n + 1,), each pair
    from both sides; a pair that is absent has chance 0. ``sizes`` (n,) are the nodes' weights. Node
    i < n is article i; node n + j is merge j. Ties go to the cluster whose first article has the lowest
    index.
    """

def best_partition(
    merges: numpy.typing.NDArray[numpy.int32],
    neighbours: numpy.typing.NDArray[numpy.int32],
    chances: numpy.typing.NDArray[numpy.float64],
    bounds: numpy.typing.NDArray[numpy.int64],
    sizes: numpy.typing.NDArray[numpy.float64],
) -> numpy.typing.NDArray[numpy.int32]:
    """
    Labels (n,): the cut of the forest ``merges`` with the highest expected B-cubed F1.

    An article's expected F1 in a group K is 2 S / (|K| + T): S the chances summed over K, T over all
    articles, itself counted with chance 1. A node stays whole where its sum over articles is at least
    that of the best cuts of its two children (after Jansche 2007's expected F-measure).
    """

def adjacency(
    pairs: numpy.typing.NDArray[numpy.int32],
    values: numpy.typing.NDArray[numpy.float64],
    least: float,
    n: int,
) -> tuple[
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.float64],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    The pairs of at least ``least`` from both sides: neighbours, values, bounds (n + 1,).

    Rows keep the order of the pairs: partners before the article first, then those after it.
    """
