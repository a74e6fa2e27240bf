"""rensa (Rust), full-set R-MinHash: 126 permutations, as its bands must divide them evenly.

Its faster "rho" sketch, which answers with flags, is run beside it, see ``rensa_rho_copies``. What
the index returns is taken as it is, candidates without a check of their likeness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import rensa
from stopwatch import timed
from words import streamed, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PERMUTATIONS, BANDS, SEED = 126, 42, 1

Found = tuple[object, object, object, list[list[int]]]


def copies(
    file: Path, shingled: Callable[[Iterable[str]], Iterable[Iterable[str]]] = streamed
) -> Found:
    """For each article those that share a band with it, itself among them."""
    shingles = shingled(texts(file))
    sketches = rensa.RMinHash.from_token_sets(shingles, PERMUTATIONS, SEED)
    index = rensa.RMinHashLSH(0.5, PERMUTATIONS, BANDS)
    index.insert_many(sketches)
    return shingles, sketches, index, index.query_all(sketches)


def pairs(found: Found) -> int:
    """Each pair is found from both of its sides, and each article finds itself."""
    return sum(sum(other != row for other in near) for row, near in enumerate(found[-1])) // 2


if __name__ == "__main__":
    timed(copies, pairs)
