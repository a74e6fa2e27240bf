"""rensa's fastest sketch, "rho", which samples positions of the text; 5-grams by tuned Python.

It answers with one flag an article, whether another is like it, and with no pairs: not the same
task. What is counted as pairs are the articles that it flags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import rensa
from rensa_copies import BANDS, PERMUTATIONS, SEED
from stopwatch import timed
from words import texts, tuned

if TYPE_CHECKING:
    from pathlib import Path


def flagged(file: Path) -> tuple[object, object, list[bool]]:
    """Of each article whether another shares a band with it."""
    sketches = rensa.RMinHash.digest_matrix_from_token_sets_rho(
        tuned(texts(file)), PERMUTATIONS, SEED
    )
    index = rensa.RMinHashLSH(0.5, PERMUTATIONS, BANDS)
    return sketches, index, index.query_duplicate_flags_matrix_one_shot(sketches)


def count(found: tuple[object, object, list[bool]]) -> int:
    """How many articles are flagged."""
    return sum(found[-1])


if __name__ == "__main__":
    timed(flagged, count)
