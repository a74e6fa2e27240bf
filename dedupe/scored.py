"""Grades of pairs of articles, each pair read alone."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from dedupe.collect import as_batches, collect
from dedupe.evidence import evidence
from dedupe.room import Room
from dedupe.score import cosines
from dedupe.stories import window_of
from dedupe.story import grades
from dedupe.term_corpus import TermsAtHand
from dedupe.text import without_surrogates
from dedupe.weigh import Frequencies, Weigher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.config import Settings
    from dedupe.tabular import Tabular


def scored_pairs(
    batches: Tabular,
    pairs: Sequence[tuple[str, str]],
    settings: Settings,
) -> list[float]:
    """Grade in [0, 1] of how much each pair of ids has in common, each pair read alone.

    Raises KeyError for an unknown id.
    """
    with ThreadPoolExecutor(settings.threads or os.cpu_count() or 1) as executor:
        articles, sketched, _ = collect(
            as_batches(batches),
            settings,
            executor,
            room=Room(),
            copies_only=False,
            keep_texts=False,
        )
        places = {name: at for at, name in enumerate(articles.ids)}
        ends = [places[without_surrogates(name)] for pair in pairs for name in pair]
        named = np.array(ends, np.int32).reshape(-1, 2)
        if not len(named) or sketched.terms is None:
            return []
        chosen, back = np.unique(np.sort(named, axis=1), axis=0, return_inverse=True)
        terms, languages = sketched.terms, sketched.languages
        weigher = Weigher(Frequencies.of(terms, languages, settings.prior_articles))
        weights = weigher.weigh(terms, languages)
        near = TermsAtHand(weights, sketched, executor).near(chosen, 0.0)
        found = evidence(window_of(articles.dates, sketched.lengths, near, executor))
        views = weigher.likeness(weights, terms, languages)
        whole, first = (cosines(view, chosen, executor) for view in views)
        return [float(grade) for grade in grades(found, whole, first)[back]]
