"""Stored and incoming terms weighed alike, by the document frequencies of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.index.frequencies import BUCKETS
from dedupe.score import LEAD_COUNT, LEAST_WEIGHT, NAME_COUNT, NAME_SHARE, Marked, Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.index.record import Sketches
    from dedupe.index.tallies import Tallies


class Scale:
    """Weighs terms. Keeps the memory that it needs, so that one article is weighed quickly."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies
        self._places: NDArray[np.uint32] = np.zeros(BUCKETS, np.uint32)

    def weighed(self, sketches: Sketches) -> Weights:
        """TF-IDF rows of n articles, by the formula of ``score.term_weights``."""
        from dedupe.kernels.incoming import weighed_rows

        frequencies = self._tallies.terms
        languages = sketches.languages
        order = {language: at for at, language in enumerate(dict.fromkeys(languages))}
        spoken = np.array([order[language] for language in languages], np.int64)
        (columns, values, bounds), buckets, marked = weighed_rows(
            sketches.words,
            sketches.first,
            spoken,
            self._places,
            (NAME_COUNT, LEAD_COUNT),
            frequencies.counted(order),
            (frequencies.anywhere, frequencies.named),
            NAME_SHARE,
            LEAST_WEIGHT,
        )
        return Weights(columns, values, bounds, buckets, Marked(*marked))
