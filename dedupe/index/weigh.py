"""Stored and incoming terms weighed alike, by the document frequencies of today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.index.frequencies import BUCKETS
from dedupe.score import LEAD_COUNT, LEAST_WEIGHT, NAME_COUNT, NAME_SHARE, Marked, Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.index.tallies import Tallies
    from dedupe.sketch import Terms


class Scale:
    """Weighs terms. Keeps the memory that it needs, so that one article is weighed quickly."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies
        self._places: NDArray[np.uint32] = np.zeros(BUCKETS, np.uint32)

    def weighed(self, terms: Terms, languages: Sequence[str]) -> Weights:
        """TF-IDF rows of n articles, by the formula of ``score.term_weights``."""
        from dedupe.kernels.counts import placed_counts
        from dedupe.kernels.evidence import marked_rows
        from dedupe.kernels.incoming import kinds_of, renumbered, weighed

        buckets = renumbered(terms.buckets, self._places)
        columns, values = placed_counts(
            terms.buckets, terms.counts, terms.flags, self._places, NAME_COUNT, LEAD_COUNT
        )
        known = sorted(set(languages))
        idf = self._tallies.idf(known, buckets)
        order = {language: at for at, language in enumerate(known)}
        spoken = np.array([order[language] for language in languages], np.int64)
        kinds = kinds_of(
            buckets,
            columns,
            terms.flags,
            self._tallies.terms.anywhere,
            self._tallies.terms.named,
            NAME_SHARE,
        )
        marked = Marked(*marked_rows(columns, terms.flags, terms.bounds, kinds, spoken, idf))
        columns, values, bounds = weighed(columns, values, terms.bounds, spoken, idf, LEAST_WEIGHT)
        return Weights(columns, values, bounds, buckets, marked)
