"""Tokens to hashed term counts; the language of a text."""

import numpy
import numpy.typing

TITLE: int = 32

LEAD: int = 64

CODE: int = 128

def count_terms(
    title: tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint8],
        numpy.typing.NDArray[numpy.int64],
    ],
    body: tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint8],
        numpy.typing.NDArray[numpy.int64],
    ],
    bits: int,
    lead: int,
) -> tuple[
    numpy.typing.NDArray[numpy.uint32],
    numpy.typing.NDArray[numpy.uint16],
    numpy.typing.NDArray[numpy.uint8],
    numpy.typing.NDArray[numpy.int64],
]:
    """
    Term counts of each article, sorted by bucket, one article after the other.

    ``title`` and ``body`` are (hashes, stems, flags, bounds (n + 1,)); a body that begins with its
    title counts it once. Returns buckets (m,), counts (m,), flags (m,): the union over a term's
    occurrences, and bounds (n + 1,).
    """

def count_lines(
    title: tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint8],
        numpy.typing.NDArray[numpy.int64],
    ],
    cuts: numpy.typing.NDArray[numpy.int64],
    body: tuple[
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint64],
        numpy.typing.NDArray[numpy.uint8],
        numpy.typing.NDArray[numpy.int64],
    ],
    firsts: numpy.typing.NDArray[numpy.int64],
    bits: int,
    lead: int,
) -> tuple[
    tuple[
        numpy.typing.NDArray[numpy.uint32],
        numpy.typing.NDArray[numpy.uint16],
        numpy.typing.NDArray[numpy.uint8],
        numpy.typing.NDArray[numpy.int64],
    ],
    tuple[
        numpy.typing.NDArray[numpy.uint16],
        numpy.typing.NDArray[numpy.int64],
        numpy.typing.NDArray[numpy.int64],
    ],
]:
    """
    The same of articles whose ``body`` has bounds of lines, (l + 1,).

    ``firsts`` (n + 1,) are the first line of each, ``cuts`` (n,) where the end of each title begins.
    Returns the terms as count_terms does, and of all occurrences in order: place among the terms of the
    article, bounds (n + 1,), and where each line ends among those of its article: its title, the end of
    the title, and all lines of the body.
    """

def vote(
    stems: numpy.typing.NDArray[numpy.uint64],
    bounds: numpy.typing.NDArray[numpy.int64],
    words: numpy.typing.NDArray[numpy.uint64],
    masks: numpy.typing.NDArray[numpy.uint64],
    languages: int,
    most: int,
    least: float,
    found: numpy.typing.NDArray[numpy.int16],
) -> None:
    """
    Fills ``found`` (n,) with each text's language; -1 where too few words vote.

    ``words`` (w,), ascending, are hashes of common words' stems, ``masks`` (w,) the languages in which
    each is common: its vote is shared among them. The first ``most`` tokens vote, and a language needs
    ``least`` of them, as a share.
    """
