"""gaoya (Rust) with its own analyser: parallel insert, parallel query, similarities checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gaoya
from stopwatch import timed
from words import SHINGLE, texts

if TYPE_CHECKING:
    from pathlib import Path

Found = list[list[tuple[int, float]]]


def copies(file: Path) -> tuple[object, Found]:
    """For each article those of an estimated Jaccard of 0.5 or more, itself among them."""
    documents = texts(file)
    # "smallvec" was the fastest of its three kinds of bucket.
    index = gaoya.minhash.MinHashStringIndex(
        32, 0.5, 42, 3, None, "word", True, (SHINGLE, SHINGLE), "smallvec"
    )
    index.par_bulk_insert_docs(list(range(len(documents))), documents)
    return index, index.par_bulk_query(documents, return_similarity=True)


def pairs(found: tuple[object, Found]) -> int:
    """Each pair is found from both of its sides, and each article finds itself."""
    rows = found[1]
    return sum(sum(other != row for other, _ in near) for row, near in enumerate(rows)) // 2


if __name__ == "__main__":
    timed(copies, pairs)
