"""Evidence and truth to the coefficients of the story model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.story import FEATURES, StoryModel, logistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FIXED = ("days", "template")
"""Evidence whose coefficients are set by construction: the days are log-odds already, and template
must outweigh what a template itself brings; labelled sets hold too few of either to learn from."""
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
    held = [k for k in range(len(FEATURES)) if k not in free]
    offset = values[:, held] @ np.array(start.coefficients)[held]
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
