"""Which language a text is in, by the commonest words of each."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def vote(hashes, bounds, words, masks, languages, most, least, found):
    """Fills ``found`` int16 (n,) with each text's language; -1 where too few words vote.

    ``words`` uint64 (w,), ascending, are hashes of common words, ``masks`` uint64 (w,) the
    languages in which each is common: its vote is shared among them. The first ``most`` tokens
    vote, and a language needs ``least`` of them, as a share.
    """
    for row in range(bounds.size - 1):
        first, end = bounds[row], min(bounds[row + 1], bounds[row] + most)
        votes = np.zeros(languages)
        for i in range(first, end):
            at = np.searchsorted(words, hashes[i])
            if at < words.size and words[at] == hashes[i]:
                shared = 0
                for bit in range(languages):
                    shared += (masks[at] >> np.uint64(bit)) & np.uint64(1) != 0
                for bit in range(languages):
                    if (masks[at] >> np.uint64(bit)) & np.uint64(1) != 0:
                        votes[bit] += 1.0 / shared
        best = np.argmax(votes)
        found[row] = best if votes[best] > least * (end - first) else -1
