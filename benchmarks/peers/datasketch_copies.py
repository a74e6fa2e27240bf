"""datasketch: bulk MinHash with the fast hash xxh32, then insert and query, article by article.

What the index returns is taken as it is, candidates without a check of their likeness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasketch import MinHash, MinHashLSH
from stopwatch import timed
from words import streamed, texts
from xxhash import xxh32_intdigest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PERMUTATIONS, BANDS, ROWS = 128, 42, 3

Found = tuple[object, object, object, list[list[int]]]


def hashed(shingle: str) -> int:
    """32-bit hash of a shingle."""
    return xxh32_intdigest(shingle.encode())


def copies(
    file: Path, shingled: Callable[[Iterable[str]], Iterable[Iterable[str]]] = streamed
) -> Found:
    """For each article those that share a band with it, itself among them."""
    shingles = shingled(texts(file))
    sketches = MinHash.bulk(shingles, num_perm=PERMUTATIONS, hashfunc=hashed)
    index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    for row, sketch in enumerate(sketches):
        index.insert(row, sketch, check_duplication=False)
    return shingles, sketches, index, [index.query(sketch) for sketch in sketches]


def pairs(found: Found) -> int:
    """Each pair is found from both of its sides, and each article finds itself."""
    return sum(sum(other != row for other in near) for row, near in enumerate(found[-1])) // 2


if __name__ == "__main__":
    timed(copies, pairs)
