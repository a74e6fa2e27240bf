"""How well a grouping, or a pair score, agrees with labels.

`measures` are pure; `labels` reads what is true; `judge` holds an analysis against it, with
`scored`, `recall` and `mistakes` as its parts.
"""

from __future__ import annotations

from dedupe.evaluate.measures import (
    Agreement,
    BestCut,
    Bin,
    adjusted_rand,
    agreement,
    average_precision,
    b_cubed,
    best_f1,
    calibration_error,
    pair_agreement,
    pearson,
    reliability,
)

__all__ = [
    "Agreement",
    "BestCut",
    "Bin",
    "adjusted_rand",
    "agreement",
    "average_precision",
    "b_cubed",
    "best_f1",
    "calibration_error",
    "pair_agreement",
    "pearson",
    "reliability",
]
