"""Strings in Arrow's layout and their tokens: the compiled twin of ``text.tokenize``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.spelling import characters
from dedupe.text import compose, without_surrogates

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


class Texts(NamedTuple):
    """Strings in Arrow's layout: uint8 (bytes,) and int64 (n + 1,)."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]


class Tokens(NamedTuple):
    """Hashes of tokens and stems uint64 (t,), flags uint8 (t,), bounds of texts int64 (n + 1,)."""

    hashes: NDArray[np.uint64]
    stems: NDArray[np.uint64]
    flags: NDArray[np.uint8]
    bounds: NDArray[np.int64]


def texts_of(values: Sequence[str]) -> Texts:
    """Strings in Arrow's layout, in Unicode's composed form; lone surrogates become U+FFFD."""
    return encoded_texts([_encoded(value) for value in values])


def encoded_texts(parts: Sequence[bytes]) -> Texts:
    """Strings in UTF-8 in Arrow's layout."""
    offsets = np.array([0, *accumulate(map(len, parts))], np.int64)
    return Texts(np.frombuffer(b"".join(parts), np.uint8), offsets)


def _encoded(value: str) -> bytes:
    if value.isascii():
        return value.encode()
    try:
        return compose(value).encode()
    except UnicodeEncodeError:
        return compose(without_surrogates(value)).encode()


def filled(column: pa.Array, instead: pa.Array) -> pa.Array:
    """A large_string column with the strings of another one where its own are empty."""
    if np.diff(buffers(column).offsets).all():
        return column
    both = zip(column.to_pylist(), instead.to_pylist(), strict=True)
    return as_column(encoded_texts([(own or other).encode() for own, other in both]))


def composed(column: pa.Array) -> Texts:
    """The strings of a large_string column in Unicode's composed form."""
    from dedupe.kernels.text import uncomposed

    texts = buffers(column)
    suspects = uncomposed(texts.data, texts.offsets, characters().kinds)
    if not suspects.any():
        return texts
    both = zip(column.to_pylist(), suspects.tolist(), strict=True)
    return encoded_texts(
        [(compose(value) if suspect else value).encode() for value, suspect in both]
    )


def buffers(column: pa.Array) -> Texts:
    """The buffers behind a large_string column without nulls, as arrays and without copying."""
    _, offsets, data = column.buffers()
    held = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    return Texts(np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8), held)


def as_column(texts: Texts) -> pa.LargeStringArray:
    """The large_string column that they are the buffers of, without copying."""
    import pyarrow as pa

    data, offsets = (pa.py_buffer(part) for part in texts)
    return pa.LargeStringArray.from_buffers(len(texts.offsets) - 1, offsets, data)


def tokens_of(texts: Texts, *, stems: bool = True) -> Tokens:
    """Tokens of composed texts; without stems where only the copy view is wanted."""
    from dedupe.kernels.text import tokenize

    kinds, folds, spellings, twins = characters()
    most = int(texts.offsets[-1] - texts.offsets[0])
    hashes, flags = np.empty(most, np.uint64), np.empty(most, np.uint8)
    stemmed = np.empty(most if stems else 0, np.uint64)
    bounds = np.empty(len(texts.offsets), np.int64)
    count = tokenize(
        texts.data, texts.offsets, kinds, folds, spellings, twins, hashes, stemmed, flags, bounds
    )
    return Tokens(hashes[:count], stemmed[:count], flags[:count], bounds)
