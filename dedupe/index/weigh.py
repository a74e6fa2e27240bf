"""Stored and incoming terms weighed alike, by the document frequencies of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.score import LEAD_COUNT, LEAST_WEIGHT, NAME_COUNT, NAME_SHARE, Marked, Weights

if TYPE_CHECKING:
    from dedupe.index.record import Sketches
    from dedupe.index.tallies import Tallies


def weighed(sketches: Sketches, tallies: Tallies) -> Weights:
    """TF-IDF rows of n articles, by the formula of ``score.term_weights``."""
    from dedupe.kernels.evidence import marked_rows
    from dedupe.kernels.incoming import name_kinds, numbered_terms, unit_rows

    buckets, kinds, columns, counts, flags, bounds = numbered_terms(
        sketches.words, sketches.first, NAME_COUNT, LEAD_COUNT
    )
    name_kinds(buckets, kinds, tallies.terms.anywhere, tallies.terms.named, NAME_SHARE)
    languages = sketches.languages
    places = {language: at for at, language in enumerate(dict.fromkeys(languages))}
    spoken = np.array([places[language] for language in languages], np.int64)
    idf = tallies.idf(places, buckets)
    marked = Marked(*marked_rows(columns, flags, bounds, kinds, spoken, idf))
    columns, values, ends = unit_rows(columns, counts, bounds, spoken, idf, LEAST_WEIGHT)
    return Weights(columns, values, ends, buckets, marked)
