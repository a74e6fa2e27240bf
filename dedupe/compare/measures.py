"""The scores of two articles, each with what it means."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from dedupe.model_compare import Measure

if TYPE_CHECKING:
    from dedupe.analysis import Likeness


def measures(found: Likeness, words: int) -> tuple[Measure, ...]:
    """The scores of a pair; ``words`` is the length of a shingle."""
    run = f"runs of {words} words"
    among = "the two alone" if found.articles == 2 else f"{found.articles:,} articles"
    scores = [
        Measure("jaccard", found.jaccard, f"share of all {run} that both texts have"),
        Measure("containment_a", found.a_in_b, f"share of the first text's {run} in the second"),
        Measure("containment_b", found.b_in_a, f"share of the second text's {run} in the first"),
    ]
    if not isnan(found.cosine):
        meaning = f"likeness of the words used, weighed among {among}; rare ones count most"
        scores.append(Measure("cosine", found.cosine, meaning))
    if found.story is not None:
        meaning = f"probability that both report the same event, judged among {among}"
        scores.append(Measure("story", found.story, meaning))
    return tuple(scores)
