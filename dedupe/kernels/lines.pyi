"""Lines of articles: which of them recur, and term counts without those."""

import numpy
import numpy.typing

SAME_HOLDERS: int = 64

def line_keys(
    hashes: numpy.typing.NDArray[numpy.uint64],
    bounds: numpy.typing.NDArray[numpy.int64],
    keys: numpy.typing.NDArray[numpy.uint32],
) -> None:
    """
    Fills ``keys`` (l,) with a hash of each line's tokens, 0 where it has none.
    """

def numbered_lines(
    keys: numpy.typing.NDArray[numpy.uint32],
    ends: numpy.typing.NDArray[numpy.int64],
    bounds: numpy.typing.NDArray[numpy.int64],
    most: float,
) -> tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.int64]]:
    """
    A number for each distinct key: (l,), and how many articles hold each.

    -1 for a line without a key, and for one that is more than ``most`` of its article, as a share: that
    is no furniture of it, and says nothing of what is. ``ends`` (l,) are where lines end among the
    occurrences of terms of their articles, ``bounds`` (n + 1,) where each article's lines begin.
    """

def holders_of(
    numbers: numpy.typing.NDArray[numpy.int32],
    bounds: numpy.typing.NDArray[numpy.int64],
    held: numpy.typing.NDArray[numpy.int64],
    most: int,
) -> tuple[
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    Articles that hold each line that more than one holds, ragged, and the bounds (count + 1,).

    At most ``most``, spread over all that hold it. Also one line of each number.
    """

def unlike_lines(
    rows: numpy.typing.NDArray[numpy.int32],
    starts: numpy.typing.NDArray[numpy.int64],
    one: numpy.typing.NDArray[numpy.int64],
    line_bounds: numpy.typing.NDArray[numpy.int64],
    ends: numpy.typing.NDArray[numpy.int64],
    order: numpy.typing.NDArray[numpy.uint16],
    order_bounds: numpy.typing.NDArray[numpy.int64],
    buckets: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
    weights: numpy.typing.NDArray[numpy.float32],
    most: float,
) -> numpy.typing.NDArray[numpy.bool]:
    """
    Which lines stand in articles that are no more alike than ``most`` without them: (count,).

    ``rows``, ``starts`` and ``one`` as holders_of gives them. The terms of the line itself do not
    count: ``weights`` (all buckets,) is changed for that, and left as it was. Of more than 64 lines in
    the same articles the others are as the last one.
    """

def left_out_lines(
    numbers: numpy.typing.NDArray[numpy.int32],
    bounds: numpy.typing.NDArray[numpy.int64],
    known: numpy.typing.NDArray[numpy.bool],
    recurs: numpy.typing.NDArray[numpy.bool],
) -> numpy.typing.NDArray[numpy.bool]:
    """
    The lines that go: (l,). A title stays, and so does a line that repeats it.

    Those go that recur, ``recurs`` (l,), and two kinds even where no other article has them: those that
    are ``known`` (l,) by themselves, and what ends a title and is a line of the text as well, which is
    the name of the site. A line without a number stays.
    """

def without_lines(
    left_out: numpy.typing.NDArray[numpy.bool],
    line_bounds: numpy.typing.NDArray[numpy.int64],
    ends: numpy.typing.NDArray[numpy.int64],
    order: numpy.typing.NDArray[numpy.uint16],
    order_bounds: numpy.typing.NDArray[numpy.int64],
    counts: numpy.typing.NDArray[numpy.uint16],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    lead: int,
) -> None:
    """
    Takes the lines ``left_out`` (l,) from ``counts``, marks title and lead anew.

    A lead is the first ``lead`` occurrences in lines of the text that stay. Changes ``counts`` and
    ``flags`` of articles with such lines, no others.
    """

def kept_terms(
    buckets: numpy.typing.NDArray[numpy.uint32],
    counts: numpy.typing.NDArray[numpy.uint16],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
) -> tuple[
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.uint16],
    numpy.typing.NDArray[numpy.uint8],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    Terms without those that are counted no more: buckets, counts, flags, bounds.
    """

def own_shingles(
    left_out: numpy.typing.NDArray[numpy.bool],
    line_bounds: numpy.typing.NDArray[numpy.int64],
    token_ends: numpy.typing.NDArray[numpy.int64],
    shingles: numpy.typing.NDArray[numpy.uint32],
    starts: numpy.typing.NDArray[numpy.int64],
    words: int,
) -> tuple[numpy.typing.NDArray[numpy.uint32], numpy.typing.NDArray[numpy.int64]]:
    """
    Shingles that no token of a line ``left_out`` (l,) is in: values, and starts (n + 1,).

    ``token_ends`` (l,) are where lines end among the tokens of their texts, whose shingles are ragged
    by ``starts`` (n + 1,) and of so many ``words``. A text of which none would stay keeps all.
    """

def shared_ends(
    shingles: numpy.typing.NDArray[numpy.uint32],
    starts: numpy.typing.NDArray[numpy.int64],
    rows: numpy.typing.NDArray[numpy.int32],
    others: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.bool]:
    """
    Whether the first or the last shingle of a text is among those of another: (k,).

    Texts are ragged by ``starts`` (n + 1,), of which the ``rows`` (k,) are looked at, each against one
    of the ``others``, in any order and ragged by ``bounds`` (k + 1,).
    """

def outer_lines(
    shingles: numpy.typing.NDArray[numpy.uint32],
    others: numpy.typing.NDArray[numpy.uint32],
    token_ends: numpy.typing.NDArray[numpy.int64],
    known: numpy.typing.NDArray[numpy.bool],
    words: int,
) -> numpy.typing.NDArray[numpy.bool]:
    """
    Which lines of one text, from its head or its end on, stand in another text: (l,).

    Each of their tokens is in one of its ``shingles`` of so many ``words`` that is among the
    ``others``, ascending; or they are ``known`` (l,), which the other has no more. ``token_ends`` (l,)
    are where lines end among the tokens of the text.
    """
