"""From a Hand to decisions: pure, without reader, clock or lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.digests import digests, mentions, with_sure
from dedupe.evidence import Window, days_of, evidence, logistic
from dedupe.index.hand import Company, Compared, Hand, Rows, Scored, Versions
from dedupe.index.judgement import Judgement
from dedupe.index.placing import TOUCHED, Regrouping, place
from dedupe.sharing import terms_in_common
from dedupe.story import LEAST_COSINE, StoryModel, in_part, less, story_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.weigh import TermRows, Weigher, Weights


NO_PAIRS = np.empty((0, 2), np.int32)


class Met(NamedTuple):
    """n articles that came in, what was found near them, and how alike m pairs of those are."""

    rows: Rows
    n: int
    weights: Weights
    pairs: NDArray[np.int32]
    """(m, 2), an incoming row first."""
    cosine: NDArray[np.float32]
    containment: NDArray[np.float64]
    """0 where few shingles are shared (m,)."""
    compared: Compared
    gaps: NDArray[np.float64]
    """As in Window."""


def scored(met: Met, copies: Versions, told: NDArray[np.bool_]) -> Scored:
    """The evidence of those pairs that may be two reports of one event.

    None are those of digests, which are ``told`` (rows,). What is usual between dates is learnt
    from these pairs and from those whose evidence was stored.
    """
    rows, one, other = met.rows, met.pairs[:, 0], met.pairs[:, 1]
    kept = (met.cosine >= LEAST_COSINE) & (copies.labels[one] != copies.labels[other])
    if copies.apart:
        kept &= copies.tied(met.pairs)
    if told.any():
        kept &= ~(told[one] | told[other])
    if copies.folded:
        kept &= ~np.isin(met.pairs, list(copies.folded)).any(axis=1)
    pairs, cosine, containment = met.pairs[kept], met.cosine[kept], met.containment[kept]
    window = Window(
        terms_in_common(met.weights, pairs), rows.sketches.dates, pairs, cosine,
        lambda at: containment[at], rows.sketches.tokens, met.gaps, rows.known,
    )  # fmt: skip
    return Scored(pairs, cosine, evidence(window))


def in_their_company(
    rows: Rows,
    pairs: Scored,
    copies: Versions,
    told: NDArray[np.bool_],
    gaps: NDArray[np.float64],
    model: StoryModel,
) -> Company:
    """Chances of the pairs, and of those that stored articles keep, each among all others.

    ``gaps`` as in Window. Left out are pairs that the ``copies`` keep apart, and those of digests,
    which are ``told`` (rows,).
    """
    known = rows.known
    if copies.apart or told.any():
        known = known.kept(copies.tied(known.pairs) & ~told[known.pairs].any(axis=1))
    among, cosine = known.behind(pairs.rows, pairs.cosine)
    days = days_of(among, cosine, rows.sketches.dates, gaps)[len(pairs.rows) :]
    scores = story_scores(pairs.rows, pairs.cosine, pairs.found, len(rows), model, known, days)
    return Company(
        among, logistic(scores.logits), scores.rivals, scores.surroundings, scores.common
    )


def told_apart(
    around: Rows,
    met: Met,
    found: Scored,
    company: Company,
    settings: Settings,
    model: StoryModel,
    weigher: Weigher,
) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Which rows are digests (rows,), and pairs of one and a row that it tells of (k, 2).

    ``around`` are those that met, and more. What a digest holds word by word it surely tells of,
    and what it quotes at length.
    """
    overlaps, rows = met.compared.overlaps, len(met.rows)
    held = overlaps.containment >= settings.contained
    held &= overlaps.jaccard < settings.near_duplicate
    held |= met.compared.texts.quotations(settings)
    # As in a batch companions in common have no say of digests.
    chances, m = less(company.chances, company.common), len(found.rows)
    chances[:m] = in_part(chances[:m], found.found, model)
    sure = met.compared.rows[held] if held.any() else NO_PAIRS
    pairs, chances = with_sure(company.rows, chances, sure, len(around))

    def term_rows(asked: NDArray[np.int32]) -> TermRows:
        whole = len(around) == rows
        return met.weights.term_rows if whole else around.sketches.term_rows(weigher, asked)

    told = digests(pairs, chances, around.sketches.tokens, term_rows, met.n)
    return told, mentions(pairs, chances, told)


def judge(hand: Hand, model: StoryModel) -> Judgement:
    """What each of the articles that came in is, and what that changes for those around it."""
    n, company = len(hand.arrivals), hand.company
    rows, chances = company.rows, company.chances
    if hand.groups or ((rows[:, 0] < n) & (rows[:, 1] < n) & (chances >= TOUCHED)).any():
        placement = place(hand)
    else:
        placement = Regrouping.of_new(hand.labels[:n].tolist())
    return Judgement(hand, placement, model)
