"""Labels to a story model of one's own: coefficients by logistic regression, then the constant.

The model that the package ships is the start and the prior, so that few labels change little. What
the fit is worth is measured by cross-validation: every pair and every article is judged by a model
that has not seen its story.
"""

from __future__ import annotations

from dedupe.calibrate.examples import Labelled, ScoredPairs, labelled, of_stories
from dedupe.calibrate.fit import FIXED, RIDGE, Calibration, Figures, calibrate, fit, fitted
from dedupe.calibrate.stored import read_settings, settings_object

__all__ = [
    "FIXED",
    "RIDGE",
    "Calibration",
    "Figures",
    "Labelled",
    "ScoredPairs",
    "calibrate",
    "fit",
    "fitted",
    "labelled",
    "of_stories",
    "read_settings",
    "settings_object",
]
