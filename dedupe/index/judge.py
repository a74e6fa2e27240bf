"""From a Hand to decisions: pure, without reader, clock or lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.index.hand import Company, Hand, Rows, Scored, Versions
from dedupe.index.judgement import Judgement
from dedupe.index.placing import TOUCHED, Regrouping, place
from dedupe.story import (
    LEAST_COSINE,
    KnownPairs,
    StoryModel,
    Window,
    evidence,
    logistic,
    story_scores,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.weigh import Weights


def scored(
    rows: Rows,
    weights: Weights,
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    containment: NDArray[np.float64],
    copies: Versions,
    gaps: NDArray[np.float64],
) -> Scored:
    """The evidence of those pairs (m, 2) that may be two reports of one event.

    ``containment`` (m,) is 0 where few shingles are shared, ``gaps`` as in Window. What is usual
    between dates is learnt from these pairs and from those whose evidence was stored.
    """
    labels = copies.labels[pairs]
    kept = (cosine >= LEAST_COSINE) & (labels[:, 0] != labels[:, 1]) & copies.tied(pairs)
    if copies.folded:
        kept &= ~np.isin(pairs, list(copies.folded)).any(axis=1)
    pairs, cosine, containment = pairs[kept], cosine[kept], containment[kept]
    sketches = rows.sketches
    window = Window(
        weights, sketches.dates, pairs, cosine, lambda at: containment[at], sketches.tokens, gaps,
        rows.known,
    )  # fmt: skip
    return Scored(pairs, cosine, evidence(window))


def in_their_company(rows: Rows, pairs: Scored, copies: Versions, model: StoryModel) -> Company:
    """Chances of the pairs and of those that stored articles keep, each among all others.

    Left out are pairs that the ``copies`` keep apart.
    """
    known = rows.known
    if copies.apart:
        keep = copies.tied(known.pairs)
        known = KnownPairs(known.pairs[keep], known.logits[keep], known.cosines[keep])
    scores = story_scores(pairs.rows, pairs.cosine, pairs.found, len(rows), model, known)
    among = np.concatenate((pairs.rows, known.pairs))
    return Company(among, logistic(scores.logits), scores.rivals, scores.surroundings)


def judge(hand: Hand, model: StoryModel) -> Judgement:
    """What each of the articles that came in is, and what that changes for those around it."""
    n, company = len(hand.arrivals), hand.company
    among = (company.rows < n).all(axis=1) & (company.chances >= TOUCHED)
    if hand.groups or among.any():
        placement = place(hand)
    else:
        placement = Regrouping.of_new(hand.labels[:n].tolist())
    return Judgement(hand, placement, model)
