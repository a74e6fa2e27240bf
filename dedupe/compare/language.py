"""The language that an article is read in; the readable twin of :mod:`dedupe.language`.

One article needs no compiled kernel: the same table, the same vote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.language import ALIASES, FIRST_TOKENS, LEAST_SHARE, common_words
from dedupe.text import token_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.compare.words import Word


def language(stated: str, words: Sequence[Word]) -> str:
    """The stated language, else the one that the first words vote for, else ''."""
    if stated:
        return ALIASES.get(stated, stated)
    names, hashes, masks = common_words()
    first = [token_hash(word.text) for word in words[:FIRST_TOKENS]]
    if not first:
        return ""
    sought = np.array(first, np.uint64)
    at = np.minimum(np.searchsorted(hashes, sought), len(hashes) - 1)
    common = masks[at[hashes[at] == sought]]
    bits = np.arange(len(names), dtype=np.uint64)
    voted = ((common[:, np.newaxis] >> bits) & np.uint64(1)).astype(np.float64)
    votes = (voted / voted.sum(axis=1, keepdims=True)).sum(axis=0)
    best = int(np.argmax(votes))
    return names[best] if votes[best] > LEAST_SHARE * len(first) else ""
