"""Pairs that are to be compared, in blocks: what one task holds of a corpus."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedupe.copy_tables import BLOCK, OTHERS, ROW
from dedupe.group import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOKENS, PAIRS = 1 << 20, 1 << 15
"""Tokens of the articles in a block, and pairs of them: 6 MB of sketches, 3 MB of numbers. One pair
of longer articles is a block of its own."""
EACH = 128
"""Tokens that the rest of a sketch takes as much room as."""


class BlockSize(NamedTuple):
    """What a block has at most."""

    tokens: int
    pairs: int

    @classmethod
    def of_texts(cls) -> BlockSize:
        """Where whole sketches are compared."""
        return cls(TOKENS, PAIRS)


def pair_blocks(
    pairs: NDArray[np.int32], lengths: NDArray[np.int64], most: BlockSize | None = None
) -> NDArray[np.int64]:
    """The block of each of some pairs (m, 2), sorted: (m,), ascending.

    ``lengths`` (n,) are the tokens of all articles. An article that is in one with many others is
    in several blocks, with some of them in each.
    """
    weights, m = lengths + EACH, len(pairs)
    tokens, count_most = most or BlockSize.of_texts()
    found = np.empty(m, np.int64)
    if not m:
        return found
    summed = np.cumsum(weights[pairs[:, 1]])
    new = np.flatnonzero(np.diff(pairs[:, 0])) + 1
    before = np.repeat(np.append(0, summed[new - 1]), np.diff(np.concatenate(([0], new, [m]))))
    pieces = (summed - before) // tokens
    cuts = np.flatnonzero((np.diff(pairs[:, 0]) != 0) | (np.diff(pieces) != 0)) + 1
    inside = np.full(len(lengths), -1, np.int64)  # the block that an article was last put into
    block = used = count = 0
    for first, stop in pairwise([0, *cuts.tolist(), m]):
        for begin in range(first, stop, count_most):
            end = min(stop, begin + count_most)
            rows = np.append(pairs[begin:end, 1], pairs[begin, 0])
            cost = int(weights[rows[inside[rows] != block]].sum())
            if count and (used + cost > tokens or count + end - begin > count_most):
                block, used, count = block + 1, 0, 0
                cost = int(weights[rows].sum())
            inside[rows] = block
            used, count = used + cost, count + end - begin
            found[begin:end] = block
    return found


def near_order(
    n: int, pairs: NDArray[np.int32], strength: NDArray[np.float32]
) -> NDArray[np.int32]:
    """The place of each of n articles in an order in which those that are paired stand near: (n,).

    By the trees that Boruvka (1926) grows of pairs (m, 2), level by level: each tree is tied to the
    one that it is paired with most strongly. In blocks of such an order an article is in few.
    """
    label, levels = np.arange(n, dtype=np.int32), [np.arange(n, dtype=np.int32)]
    one, other = pairs[:, 0], pairs[:, 1]
    while True:
        a, b = label[one], label[other]
        apart = a != b
        if not apart.any():
            break
        one, other, strength, a, b = (v[apart] for v in (one, other, strength, a, b))
        best = np.zeros(n, np.float32)
        np.maximum.at(best, a, strength)
        np.maximum.at(best, b, strength)
        ties = (strength >= best[a]) | (strength >= best[b])
        label = components(n, np.stack((a[ties], b[ties]), axis=1))[label]
        levels.append(label)
    found = np.empty(n, np.int32)
    found[np.lexsort(levels)] = np.arange(n)
    return found


def asked_table(
    pairs: NDArray[np.int32], lengths: NDArray[np.int64], keys: pa.Array, name: str
) -> pa.Table:
    """What is needed to compare pairs (m, 2), see block_table.

    ``lengths`` (n,) are the tokens of all articles.
    """
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    return block_table(pair_blocks(pairs, lengths), pairs, keys, name)


def block_table(
    blocks: NDArray[np.int64], pairs: NDArray[np.int32], keys: pa.Array, name: str
) -> pa.Table:
    """What is needed to compare pairs (m, 2), a row for each article of each block (m,).

    Its key, in a column of this ``name``; its ROW, its BLOCK, and OTHERS that it is compared with.
    ``keys`` (n,) are of all articles. The pairs are in the order of their blocks, and in each of
    their articles.
    """
    n = len(keys)
    firsts, seconds = blocks * n + pairs[:, 0], blocks * n + pairs[:, 1]
    spots = np.unique(np.concatenate((firsts, seconds)))
    ends = np.searchsorted(firsts, spots, "right")
    offsets = np.concatenate(([0], ends)).astype(np.int64) * 8
    data = pairs[:, 1].astype("<i8")
    others = pa.Array.from_buffers(
        pa.large_binary(), len(spots), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
    columns = {name: keys.take(pa.array(spots % n)), ROW: spots % n, BLOCK: spots // n}
    return pa.table(columns | {OTHERS: others})
