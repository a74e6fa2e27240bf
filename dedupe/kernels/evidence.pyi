"""
Names and numbers that two articles share, by the weight of what they tell.
"""

import numpy
import numpy.typing

TITLE_SMOOTHING: float = 3.0

def row_masses(
    masses: numpy.typing.NDArray[numpy.float32],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Mass of the names, numbers, leading names, leading numbers of each row: (n, 4).
    """

def shared_evidence(
    columns: numpy.typing.NDArray[numpy.uint32],
    masses: numpy.typing.NDArray[numpy.float32],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    totals: numpy.typing.NDArray[numpy.float32],
    width: int,
    pairs: numpy.typing.NDArray[numpy.int32],
    found: numpy.typing.NDArray[numpy.float32],
) -> None:
    """
    Fills ``found`` (m, 4): how far names, numbers, leading names, leading numbers agree.

    Names: shared mass over the smaller of the two, less what is usual. Numbers: shared mass over that
    of either. What leads: the larger share of one article's that stands anywhere in the other, less a
    half. 0 where one article has none (as of names, in scripts without capitals): no evidence.
    ``totals`` are the row_masses. Marked rows are ragged, bounded by (n + 1,); their columns ascend,
    their masses are IDF.
    """

def row_leads(
    columns: numpy.typing.NDArray[numpy.uint32],
    values: numpy.typing.NDArray[numpy.float32],
    marks: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    kinds: numpy.typing.NDArray[numpy.uint8],
    idf: numpy.typing.NDArray[numpy.float32],
    spoken: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.float32]:
    """
    What leads each row: (n, 6).

    The highest IDF of a term of the title, of one of title or lead; the sum of those of the title; the
    length of the row without its names and numbers; the sum of the names of the title; how
    many tickers. ``values`` and ``marks`` as of unit_rows.
    """

def leading_evidence(
    columns: numpy.typing.NDArray[numpy.uint32],
    values: numpy.typing.NDArray[numpy.float32],
    marks: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    kinds: numpy.typing.NDArray[numpy.uint8],
    idf: numpy.typing.NDArray[numpy.float32],
    spoken: numpy.typing.NDArray[numpy.int64],
    leads: numpy.typing.NDArray[numpy.float32],
    width: int,
    pairs: numpy.typing.NDArray[numpy.int32],
    found: numpy.typing.NDArray[numpy.float32],
) -> None:
    """
    Fills ``found`` (m, 7): what pairs of rows have in common of what leads them.

    Of the terms of both titles the IDF that stands in both, over the smaller sum; -1 where one has no
    title. Of each article the rarest term that leads it and that the other has, by its IDF over that of
    the rarest that leads it: the higher of the titles, where there are two, and of title and lead; and
    of the two articles the higher. The cosine of all that is neither name nor number. The share of the
    whole cosine that one term makes: 1 where they have one alone in common. Of what each article's
    rarest gave the lower. How far both titles are the same but for names: the share in common of all
    but the names that one alone has, times the share that these have of the names; 0 where one title
    has no name. Where tickers lead both: 1 if one leads both, -1 if none of either stands in the other,
    else 0. ``leads`` are the row_leads.
    """
