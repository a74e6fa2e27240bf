"""Examples to a fitted story model, judged on labels that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dedupe.calibrate.examples import FOLDS, Labelled
from dedupe.errors import SourceError
from dedupe.evaluate.measures import (
    adjusted_rand,
    b_cubed_ratios,
    calibration_error,
    mean_agreement,
    reliability,
)
from dedupe.evidence import FEATURES, logistic
from dedupe.story import StoryModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

FIXED = ("days", "template", "subject", "each", "slots", "alone", "number_alone")
"""Evidence whose coefficients are set by construction: the days are log-odds already, and the
others must outweigh what a template itself brings; labelled sets have too few of them."""
RIDGE = 20.0
"""Examples that the prior weighs as much as; see fit."""
NEWTON_STEPS, HALVINGS, ENOUGH = 100, 30, 1e-9
"""Bounds of the search, and the share of the loss that is too small a gain to go on for."""


def fit(
    evidence: NDArray[np.float32],
    same: NDArray[np.bool_],
    weights: NDArray[np.float64],
    start: StoryModel,
    fixed: Sequence[str] = FIXED,
    ridge: float = RIDGE,
) -> StoryModel:
    """Logistic regression of ``same`` bool (m,) on evidence float32 (m, features).

    The greatest weighted likelihood (Cox 1958) less ``ridge`` / 2 times the squared change from
    ``start``, each coefficient in standard deviations of its evidence (le Cessie & van Houwelingen
    1992), by Newton steps. ``weights`` float64 (m,) count examples. The ``fixed`` evidence keeps
    its coefficients and enters as an offset. Raises ValueError where nothing is to be learned
    from: all pairs the same, or all not.
    """
    if not len(same) or same.all() or not same.any():
        raise ValueError("a fit needs pairs of one story and pairs of two")
    values, truth = evidence.astype(np.float64), same.astype(np.float64)
    free = [k for k, feature in enumerate(FEATURES) if feature.name not in fixed]
    kept = [k for k in range(len(FEATURES)) if k not in free]
    offset = values[:, kept] @ np.array(start.coefficients)[kept]
    design = np.column_stack((values[:, free], np.ones(len(values))))
    mean = np.average(design, axis=0, weights=weights)
    spread = np.average((design - mean) ** 2, axis=0, weights=weights)
    spread[-1] = 1.0
    prior = np.array([*np.array(start.coefficients)[free], start.intercept])
    penalty = ridge * spread + 1e-9 * weights.sum()
    found = _newton(design, truth, weights, offset, prior, penalty)
    coefficients = np.array(start.coefficients)
    coefficients[free] = found[:-1]
    return StoryModel(tuple(coefficients.tolist()), float(found[-1]), start.company)


def _newton(
    design: NDArray[np.float64],
    truth: NDArray[np.float64],
    weights: NDArray[np.float64],
    offset: NDArray[np.float64],
    prior: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The coefficients of least loss; a step that does not lower it is halved."""

    def loss(at: NDArray[np.float64]) -> float:
        logits = design @ at + offset
        errors = np.logaddexp(0.0, logits) - truth * logits
        return float(weights @ errors + 0.5 * penalty @ (at - prior) ** 2)

    found, least = prior.copy(), loss(prior)
    for _ in range(NEWTON_STEPS):
        chances = logistic(design @ found + offset)
        slope = design.T @ (weights * (chances - truth)) + penalty * (found - prior)
        bend = (design * (weights * chances * (1 - chances))[:, None]).T @ design
        step = np.linalg.solve(bend + np.diag(penalty), slope)
        for _ in range(HALVINGS):
            if loss(found - step) <= least:
                break
            step /= 2
        else:
            break
        found, before, least = found - step, least, loss(found - step)
        if before - least <= ENOUGH * max(abs(least), 1e-300):
            break
    return found


LEAST_PAIRS = 30
"""True pairs, and untrue ones, without which nothing is fitted."""
LEAST_STORIES = 2 * FOLDS
"""Stories without which a fold would have no two that could be told apart."""
COMPANY_GRID = tuple(k / 20 for k in range(81))
"""Constants that are tried, from 0 to 4."""
COMPANY_TIE = 5e-4
"""Values of the measure so near to the best one count as equal."""
GAIN, LOSS = 0.001, 0.02
"""By so much B-cubed F1, or the share of the log loss, must rise or fall to be called better; the
share by which the log loss may rise before it is called worse."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a model does; the first two None where pairs are labelled."""

    b_cubed_f1: float | None
    adjusted_rand: float | None
    calibration_error: float
    log_loss: float
    """Mean of -ln of the probability that the score gave to what is true."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted model, and what it is worth on labels that it has not seen."""

    model: StoryModel
    before: Figures
    """Of the model that the fit began with."""
    after: Figures
    """Of models fitted to the other folds."""
    pairs: int
    """Examples, and how many of them are true."""
    true: int

    @property
    def helps(self) -> bool:
        """Whether stories or scores became better on unseen labels, and neither became worse."""
        change = self.after.log_loss / self.before.log_loss - 1 if self.before.log_loss else 0.0
        gained = 0.0
        if self.before.b_cubed_f1 is not None and self.after.b_cubed_f1 is not None:
            gained = self.after.b_cubed_f1 - self.before.b_cubed_f1
        better, worse = gained >= GAIN or change <= -GAIN, gained <= -GAIN or change > LOSS
        return better and not worse


def calibrate(known: Labelled, start: StoryModel, ridge: float = RIDGE) -> Calibration:
    """Fits a model to all labels, and judges it by cross-validation.

    Raises SourceError where fewer than LEAST_PAIRS pairs are true, or untrue, and where fewer than
    LEAST_STORIES stories are labelled.
    """
    stories = len(np.unique(known.gold[known.gold >= 0]))
    if 0 < stories < LEAST_STORIES:
        raise SourceError(
            f"too few labels: {stories} stories, and {LEAST_STORIES} are needed; label articles of "
            "more stories"
        )
    used = known.examples
    pairs, true = int(used.sum()), int(known.same[used].sum())
    if min(true, pairs - true) < LEAST_PAIRS:
        raise SourceError(
            f"too few labels: of the labelled pairs that can be compared {true:,} are of one story "
            f"and {pairs - true:,} are not, and {LEAST_PAIRS} of each are needed; label more "
            "articles, or give labels from more stories that lie close together"
        )
    judged = [fitted(known, start, ridge, without=fold) for fold in range(FOLDS)]
    before, after = figures(known, [start] * FOLDS), figures(known, judged)
    return Calibration(fitted(known, start, ridge), before, after, pairs, true)


def fitted(
    known: Labelled, start: StoryModel, ridge: float = RIDGE, *, without: int | None = None
) -> StoryModel:
    """The model fitted to all folds but one; ``start`` itself where they teach nothing."""
    seen = np.ones(len(known.rows), np.bool_)
    if without is not None:
        seen = (known.sides != without).all(axis=1)
    used = seen & known.examples
    if known.same[used].all() or not known.same[used].any():
        return start
    found = known.scored.evidence[known.rows[used]]
    weights = np.full(int(used.sum()), known.weight)
    model = fit(found, known.same[used], weights, start, ridge=ridge)
    rows, same = known.rows[seen], known.same[seen]
    tried = [known.scored.logits(replace(model, company=company)) for company in COMPANY_GRID]
    errors = [score_errors(logits[rows], same) for logits in tried]
    if (known.gold < 0).all():
        values = [-error for error, _ in errors]
    else:
        mine = (known.gold >= 0) & (known.folds != (-1 if without is None else without))
        values = grouped_f1(known, tried, mine)
    return replace(model, company=best_company(values, [loss for _, loss in errors]))


def grouped_f1(
    known: Labelled, tried: Iterable[NDArray[np.float64]], mine: NDArray[np.bool_]
) -> list[float]:
    """B-cubed F1 over the articles ``mine`` bool (n,), by each of some log-odds (m,) of pairs."""
    found = map(known.scored.stories, tried)
    ratios = (b_cubed_ratios(known.gold, stories) for stories in found)
    return [mean_agreement(each[mine]).f1 for each in ratios]


def best_company(values: Sequence[float], losses: Sequence[float]) -> float:
    """The constant of the highest value, of equally good ones that of the least loss."""
    best = max(values) - COMPANY_TIE
    rows = zip(COMPANY_GRID, values, losses, strict=True)
    return min((loss, company) for company, value, loss in rows if value >= best)[1]


def figures(known: Labelled, models: Sequence[StoryModel]) -> Figures:
    """How well the models do, each on its own fold.

    B-cubed: every article of the fold in its group among all labelled ones. The Rand index: the
    articles of the fold alone, the mean over the folds weighted by their articles.
    """
    n = len(known.gold)
    ratios, rands = np.zeros((n, 2)), []
    logits = np.zeros(len(known.rows))
    for fold, model in enumerate(models):
        every = known.scored.logits(model)
        own = known.sides[:, 0] == fold
        logits[own] = every[known.rows[own]]
        mine = known.folds == fold
        if mine.any():
            stories = known.scored.stories(every)
            ratios[mine] = b_cubed_ratios(known.gold, stories)[mine]
            rand = adjusted_rand(known.gold[mine].tolist(), stories[mine].tolist())
            rands.append(rand * int(mine.sum()))
    labels = known.gold >= 0
    error, loss = score_errors(logits, known.same)
    if not labels.any():
        return Figures(None, None, error, loss)
    return Figures(mean_agreement(ratios[labels]).f1, sum(rands) / int(labels.sum()), error, loss)


def score_errors(logits: NDArray[np.float64], same: NDArray[np.bool_]) -> tuple[float, float]:
    """Calibration error and log loss of log-odds (m,) that pairs are the ``same`` (m,)."""
    from sklearn.metrics import log_loss

    chances = logistic(logits)
    loss = log_loss(same, chances, labels=[False, True]) if len(same) else 0.0
    return calibration_error(reliability(same, chances)), float(loss)
