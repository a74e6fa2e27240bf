"""Evidence that stored articles keep, weighed again where the frequencies of terms moved on.

In a young index all terms count as rare, those of a template too, and what was judged by that ties
stories. An article keeps the evidence of its pairs as it was found; it is read again where stories
are grouped anew by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.evidence import KnownPairs, Window, evidence
from dedupe.group import LEAST_CHANCE
from dedupe.index.texts import TEMPLATE_COSINE, overlaps_of
from dedupe.score import cosines
from dedupe.story import StoryModel, alone

if TYPE_CHECKING:
    from collections.abc import Collection

    from dedupe.index.arrivals import Arrivals
    from dedupe.index.hand import Rows
    from dedupe.index.judge import Met
    from dedupe.index.store import Reader
    from dedupe.weigh import Frequencies, Weigher

DRIFT = 0.1
"""By how much the IDF of a term that a fixed share of articles hold has fallen since, at least."""
SHIFT = 0.05
"""Change of a pair's cosine from which its evidence is weighed again: the cosine of others tells
that there is nothing to be gained, and costs little."""
LEAST_LOGIT = float(np.log(LEAST_CHANCE / (1.0 - LEAST_CHANCE)))
"""Log-odds from which evidence may tie a story."""


def edges_of_today(
    reader: Reader,
    arrivals: Arrivals,
    rows: Rows,
    met: Met,
    stories: Collection[int],
    weigher: Weigher,
    model: StoryModel,
) -> KnownPairs:
    """The pairs of the rows whose evidence is stored; as it is today within the ``stories``.

    ``met`` are the first of the rows, and all that is known of them.
    """
    known = rows.known
    if not stories:
        return known
    young = rows.numbers[known.pairs[:, 0]] < _grown(weigher.frequencies, reader.position().change)
    within = np.isin(rows.stories, list(stories))[known.pairs].all(axis=1)
    at = np.flatnonzero(young & within & (known.logits >= LEAST_LOGIT))
    if not len(at):
        return known
    same, pairs = len(rows) == len(met.rows), known.pairs[at]
    weights = met.weights if same else rows.sketches.weighed(weigher)
    cosine = cosines(weights, pairs)
    moved = np.abs(cosine - known.cosines[at]) > SHIFT
    if not moved.any():
        return known
    at, pairs, cosine = at[moved], pairs[moved], cosine[moved]
    containment = np.zeros(len(at))
    near = cosine >= TEMPLATE_COSINE
    containment[near] = overlaps_of(reader, arrivals, rows, pairs[near]).containment
    window = Window(
        weights, rows.sketches.dates, pairs, cosine, lambda at: containment[at],
        rows.sketches.tokens, met.gaps,
    )  # fmt: skip
    found = known._replace(logits=known.logits.copy(), cosines=known.cosines.copy())
    found.logits[at], found.cosines[at] = alone(evidence(window), model), cosine
    return found


def _grown(frequencies: Frequencies, position: int) -> float:
    """The number before which the IDF of a widespread term was higher by DRIFT or more.

    Of a term that a fixed share of n articles hold it is ln((n + n0) / n), and a constant. How many
    there were at a number is not known: they are taken to have come evenly up to the ``position``.
    """
    prior, n = frequencies.prior, max(1, sum(frequencies.articles.values()))
    articles = prior / (np.exp(DRIFT) * (1.0 + prior / n) - 1.0)
    return float(articles * (1 + position) / n)
