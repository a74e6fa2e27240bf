"""
Where lines begin and titles end: at line breaks, and at signs that part.
"""

import numpy
import numpy.typing

def title_cuts(
    data: numpy.typing.NDArray[numpy.uint8], offsets: numpy.typing.NDArray[numpy.int64]
) -> numpy.typing.NDArray[numpy.int64]:
    """
    Where the end of each title begins, after the last sign that parts: (n,).

    The end of the title itself where it has none.
    """

def line_bounds(
    data: numpy.typing.NDArray[numpy.uint8], offsets: numpy.typing.NDArray[numpy.int64]
) -> tuple[numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.bool]]:
    """
    Where lines begin in each text, and where the last ends: (l + 1,), ascending.

    A line ends behind a line break, and behind a bar, a dot or a bullet between spaces: the items of a
    menu are lines. Also (l,): which of them continue a line in this way.
    """

def menus(
    parted: numpy.typing.NDArray[numpy.bool],
    bounds: numpy.typing.NDArray[numpy.int64],
    firsts: numpy.typing.NDArray[numpy.int64],
    least: int,
    words: int,
    most: float,
    all_most: float,
) -> numpy.typing.NDArray[numpy.bool]:
    """
    Which lines are items of a menu: (l,).

    ``parted`` (l,) are those that continue a line, ``bounds`` (l + 1,) the tokens of each, ``firsts``
    (n + 1,) the first line of each text. A menu is a line of ``least`` items of at most so many
    ``words`` each, that is no more than the share ``most`` of its text. Where such lines are more than
    ``all_most`` of it, it is a table, and has none.
    """
