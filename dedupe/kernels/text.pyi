"""Text to tokens, shingles and signatures, as dedupe.text says it."""

from typing import overload

import numpy
import numpy.typing

NAME: int = 1

NUMBER: int = 16

def uncomposed(
    data: numpy.typing.NDArray[numpy.uint8],
    offsets: numpy.typing.NDArray[numpy.int64],
    kinds: numpy.typing.NDArray[numpy.uint16],
) -> numpy.typing.NDArray[numpy.bool]:
    """Which texts may not be in composed form (NFC): (n,)."""

def tokenize(
    data: numpy.typing.NDArray[numpy.uint8],
    offsets: numpy.typing.NDArray[numpy.int64],
    kinds: numpy.typing.NDArray[numpy.uint16],
    folds: numpy.typing.NDArray[numpy.uint32],
    spellings: numpy.typing.NDArray[numpy.uint32],
    twins: numpy.typing.NDArray[numpy.uint16],
    hashes: numpy.typing.NDArray[numpy.uint64],
    stems: numpy.typing.NDArray[numpy.uint64],
    flags: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
) -> int:
    """
    Token hashes and flags of each text, one after the other.

    ``kinds``, ``folds`` and ``spellings`` are by code point, ``twins`` (3, t) by script and code point,
    see :class:`dedupe.spelling.Characters`. ``hashes`` and ``flags`` must hold ``data.size`` entries,
    ``stems`` as many or none: it is filled with what the story view counts. ``bounds`` (n + 1,) is
    filled with where each text's tokens begin. Returns the number of tokens.
    """

def shingle(
    hashes: numpy.typing.NDArray[numpy.uint64],
    bounds: numpy.typing.NDArray[numpy.int64],
    words: int,
    shingles: numpy.typing.NDArray[numpy.uint32],
    starts: numpy.typing.NDArray[numpy.int64],
    contents: numpy.typing.NDArray[numpy.uint64],
) -> int:
    """
    32-bit shingle hashes of each text, one after the other, and a hash of its whole sequence.

    ``shingles`` holds at least as many entries as there are tokens; ``starts`` (n + 1,) and
    ``contents`` (n,) are filled. Returns the number of shingles.
    """

def spread(value: int) -> int:
    """
    The finaliser of MurmurHash3, 32 bits: datasketch mixes each input with it (affine32).
    """

def minhash(
    values: numpy.typing.NDArray[numpy.uint32],
    starts: numpy.typing.NDArray[numpy.int64],
    multipliers: numpy.typing.NDArray[numpy.uint32],
    increments: numpy.typing.NDArray[numpy.uint32],
    signatures: numpy.typing.NDArray[numpy.uint32],
) -> None:
    """
    MinHash signatures, datasketch's ``affine32``: min over a * h + b modulo 2**32.

    ``starts`` (n + 1,), ``multipliers`` and ``increments`` (p,); fills ``signatures`` (n, p). An empty
    set keeps the largest value everywhere.
    """

@overload
def place_rows(
    values: numpy.typing.NDArray[numpy.bool],
    bounds: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.int64],
    target: numpy.typing.NDArray[numpy.bool],
) -> None: ...
@overload
def place_rows(
    values: numpy.typing.NDArray[numpy.uint8],
    bounds: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.int64],
    target: numpy.typing.NDArray[numpy.uint8],
) -> None: ...
@overload
def place_rows(
    values: numpy.typing.NDArray[numpy.uint16],
    bounds: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.int64],
    target: numpy.typing.NDArray[numpy.uint16],
) -> None: ...
@overload
def place_rows(
    values: numpy.typing.NDArray[numpy.uint32],
    bounds: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.int64],
    target: numpy.typing.NDArray[numpy.uint32],
) -> None: ...
@overload
def place_rows(
    values: numpy.typing.NDArray[numpy.uint64],
    bounds: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.int64],
    target: numpy.typing.NDArray[numpy.uint64],
) -> None: ...
@overload
def place_rows(
    values: numpy.typing.NDArray[numpy.int32],
    bounds: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.int64],
    target: numpy.typing.NDArray[numpy.int32],
) -> None: ...
@overload
def place_rows(
    values: numpy.typing.NDArray[numpy.int64],
    bounds: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.int64],
    target: numpy.typing.NDArray[numpy.int64],
) -> None: ...
@overload
def place_rows(
    values: numpy.typing.NDArray[numpy.float32],
    bounds: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.int64],
    target: numpy.typing.NDArray[numpy.float32],
) -> None: ...
@overload
def place_rows(
    values: numpy.typing.NDArray[numpy.float64],
    bounds: numpy.typing.NDArray[numpy.int64],
    places: numpy.typing.NDArray[numpy.int64],
    target: numpy.typing.NDArray[numpy.float64],
) -> None:
    """
    Copies the rows of ragged ``values`` to where ``places`` (n,) says, in ``target``.
    """
