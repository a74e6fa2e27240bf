"""Pairs that were judged before, beside those that are to be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class KnownPairs(NamedTuple):
    """Pairs whose evidence was weighed before: int32 (k, 2), log-odds and cosines float32 (k,)."""

    pairs: NDArray[np.int32]
    logits: NDArray[np.float32]
    cosines: NDArray[np.float32]

    @classmethod
    def none(cls) -> KnownPairs:
        """No pairs."""
        return cls(np.empty((0, 2), np.int32), np.empty(0, np.float32), np.empty(0, np.float32))

    def kept(self, which: NDArray[np.bool_]) -> KnownPairs:
        """Some of them, by a mask (k,)."""
        return KnownPairs(self.pairs[which], self.logits[which], self.cosines[which])

    def behind(self, pairs: NDArray[np.int32], cosine: NDArray[np.float32]) -> tuple[Any, Any]:
        """Other pairs and cosines, and these behind them; without a copy where these are none."""
        if not len(self.pairs):
            return pairs, cosine
        return np.concatenate((pairs, self.pairs)), np.concatenate((cosine, self.cosines))
