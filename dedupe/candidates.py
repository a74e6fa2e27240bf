"""Signatures to candidate pairs, by locality-sensitive hashing.

The pairs are those that ``datasketch.MinHashLSH`` with the same bands and rows would return;
only the largest buckets are thinned by a stated rule, and what that left out is counted.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of indices int32 (m, 2), each once, smaller index first, sorted."""

    pairs: NDArray[np.int32]
    left_out: int
    """Meetings in oversized buckets that were not looked at."""


def candidates(
    signatures: NDArray[np.uint32],
    bands: int,
    rows: int,
    *,
    limit: int,
    executor: Executor,
    least: int = 0,
) -> Candidates:
    """All pairs of signatures (n, p) that agree in a whole band and in ``least`` values overall.

    In a bucket of more than ``limit`` signatures each is paired with the next ``limit`` only.
    """
    find = partial(_band_pairs, signatures, bands=bands, rows=rows, limit=limit, least=least)
    found = list(executor.map(find, range(bands)))
    pairs = np.concatenate([p for p, _ in found]) if found else np.empty((0, 2), np.int32)
    packed = np.sort((pairs[:, 0].astype(np.int64) << 32) | pairs[:, 1])
    pairs = np.stack((packed >> 32, packed & 0xFFFFFFFF), axis=1).astype(np.int32)
    return Candidates(pairs, sum(left for _, left in found))


def _band_pairs(
    signatures: NDArray[np.uint32], band: int, *, bands: int, rows: int, limit: int, least: int
) -> tuple[NDArray[np.int32], int]:
    from dedupe.kernels.bands import band_keys, bucket_pairs

    keys = np.empty(len(signatures), np.uint64)
    band_keys(signatures, band * rows, rows, keys)
    order = np.argsort(keys, kind="stable")
    pairs, left_out = bucket_pairs(signatures, order, keys, band, bands, rows, limit, least)
    return pairs, int(left_out)


@dataclass(frozen=True, slots=True)
class TellingTerms:
    """The heaviest terms of n articles, and the inverted index over them."""

    kept: NDArray[np.uint32]
    weights: NDArray[np.float32]
    sizes: NDArray[np.int64]
    rows: NDArray[np.int32]
    row_weights: NDArray[np.float32]
    starts: NDArray[np.int64]


def telling_terms(
    columns: NDArray[np.uint32],
    values: NDArray[np.float32],
    bounds: NDArray[np.int64],
    width: int,
    most: int,
    executor: Executor,
) -> TellingTerms:
    """Each article's ``most`` heaviest terms, out of TF-IDF rows (see score.Weights)."""
    from dedupe.kernels.weights import heaviest, postings

    n = len(bounds) - 1
    kept, weights = np.zeros((n, most), np.uint32), np.zeros((n, most), np.float32)
    sizes = np.zeros(n, np.int64)

    def part(first: int) -> None:
        stop = min(n, first + ROWS)
        heaviest(columns, values, bounds, most, first, stop, kept, weights, sizes)

    list(executor.map(part, range(0, n, ROWS)))
    return TellingTerms(kept, weights, sizes, *postings(kept, weights, sizes, width))


ROWS = 512
"""Articles that a thread takes at a time."""


def story_candidates(
    terms: TellingTerms, *, least: float, limit: int, executor: Executor
) -> NDArray[np.int32]:
    """Pairs whose telling terms alone reach a cosine of ``least``, sorted: int32 (m, 2).

    A term that tells more than ``limit`` articles apart from others tells none of them apart.
    """
    from dedupe.kernels.weights import sharing

    def part(first: int) -> NDArray[np.int32]:
        stop = min(len(terms.sizes), first + ROWS)
        return sharing(
            terms.kept, terms.weights, terms.sizes, terms.rows, terms.row_weights, terms.starts,
            np.float32(least), limit, first, stop,
        )  # fmt: skip

    found = list(executor.map(part, range(0, len(terms.sizes), ROWS)))
    return np.concatenate(found) if found else np.empty((0, 2), np.int32)
