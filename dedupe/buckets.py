"""Signatures to candidate pairs, by locality-sensitive hashing.

The pairs are those that ``datasketch.MinHashLSH`` with the same bands and rows would return;
where an article has very many they are thinned by a stated rule, and what that left out is
counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor

    from numpy.typing import NDArray

Taken = TypeVar("Taken")
ROWS = 512
"""Articles whose meetings are in memory together, where they are counted alone."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of indices int32 (m, 2), each once, smaller index first, sorted."""

    pairs: NDArray[np.int32]
    left_out: int
    """Meetings of articles that met more than the limit, that were not looked at."""


class Buckets(NamedTuple):
    """The articles that share a bucket of a band with another one, bucket by bucket."""

    order: NDArray[np.int32]
    """Articles, ascending within each bucket (m,)."""
    later: NDArray[np.int32]
    """How many follow each in its bucket (m,)."""

    @classmethod
    def of_keys(
        cls, bands: NDArray[np.int32], keys: NDArray[np.int64], rows: NDArray[np.int32]
    ) -> Buckets:
        """Those of m entries in any order: the key of an article in a band, see ``band_table``."""
        order = np.lexsort((rows, keys, bands))
        bands, keys = bands[order], keys[order]
        new = np.ones(len(order), np.bool_)
        new[1:] = (bands[1:] != bands[:-1]) | (keys[1:] != keys[:-1])
        ends = np.append(np.flatnonzero(new)[1:], len(order))
        later = np.repeat(ends, np.diff(ends, prepend=0)) - np.arange(len(order)) - 1
        return cls(rows[order], later.astype(np.int32))

    def hot(self, n: int, limit: int, executor: Executor) -> NDArray[np.int32]:
        """Of n articles those whose signatures bucket_meetings looks at, ascending.

        The articles that meet more than ``limit`` others, and these.
        """
        nothing = np.empty((n, 0), np.uint32)
        every = self._replace(later=np.minimum(self.later, limit))

        def over(first: int, pairs: NDArray[np.int32], _: int) -> NDArray[np.int32]:
            rows = pairs[:, 0] - first
            return np.unique(pairs[(np.bincount(rows, minlength=1) > limit)[rows]])

        found = _by_parts(nothing, every, n, 0, executor, ROWS, over)
        return np.unique(np.concatenate([np.empty(0, np.int32), *found]))


def joined_buckets(parts: Iterable[Buckets]) -> Buckets:
    """Those of several bands."""
    order, later = zip(*parts, strict=True)
    return Buckets(np.concatenate(order), np.concatenate(later))


def bucket_meetings(
    signatures: NDArray[np.uint32],
    buckets: Buckets,
    limit: int,
    executor: Executor,
    *,
    least: int = 0,
) -> Candidates:
    """The pairs that meet in buckets, see ``candidates``.

    Where ``least`` is 0, signatures (n, p) are looked at of ``buckets.hot`` alone.
    """

    def as_they_are(_: int, pairs: NDArray[np.int32], left: int) -> tuple[NDArray[np.int32], int]:
        return pairs, left

    parts = _by_parts(signatures, buckets, limit, least, executor, 8 * ROWS, as_they_are)
    found = [(np.empty((0, 2), np.int32), 0), *parts]
    return Candidates(np.concatenate([p for p, _ in found]), sum(left for _, left in found))


def _by_parts(
    signatures: NDArray[np.uint32],
    buckets: Buckets,
    limit: int,
    least: int,
    executor: Executor,
    some: int,
    take: Callable[[int, NDArray[np.int32], int], Taken],
) -> Iterator[Taken]:
    """What is taken of the meetings of so many articles at a time.

    ``take`` gets the first of these articles, their pairs, and how many were left out.
    """
    from dedupe.kernels.bands import bucket_pairs, entries_of

    n = len(signatures)
    entries, starts = entries_of(buckets.order, n)

    def part(first: int) -> Taken:
        stop = min(n, first + some)
        met = bucket_pairs(signatures, *buckets, entries, starts, limit, least, first, stop)
        return take(first, *met)

    return executor.map(part, range(0, n, some))


def band_table(signatures: NDArray[np.uint32], bands: int, rows: int) -> NDArray[np.uint64]:
    """The bucket of each of n articles in each band: (n, bands)."""
    found = np.empty((len(signatures), bands), np.uint64)
    for band in range(bands):
        found[:, band] = _keys_of_band(signatures, rows, band)
    return found


def bucket_entries(
    signatures: NDArray[np.uint32], rows: int, among: NDArray[np.int32], band: int
) -> Buckets:
    """The entries of one band."""
    from dedupe.kernels.bands import sharing_order

    order, later = sharing_order(_keys_of_band(signatures, rows, band)[among])
    return Buckets(among[order], later)


def _keys_of_band(signatures: NDArray[np.uint32], rows: int, band: int) -> NDArray[np.uint64]:
    """The bucket of each of n articles in one band (n,)."""
    from dedupe.kernels.bands import band_keys

    keys = np.empty(len(signatures), np.uint64)
    band_keys(signatures, band * rows, rows, keys)
    return keys
