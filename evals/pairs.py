"""Labelled pairs, ranked by the package's scores and by plain methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.results import Table
from dedupe.evaluate.measures import (
    average_precision,
    best_f1,
    calibration_error,
    pearson,
    reliability,
)
from evals.methods import PACKAGE, SCORERS
from evals.tables import figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evals.sets import Data, LabelledSet

Row = dict[str, Any]


def measured(data: Data) -> Iterator[Row]:
    """One row a set and method."""
    for labelled in data.pairs:
        for name in SCORERS:
            if data.peers or name.startswith(PACKAGE):
                yield {"set": labelled.name, "method": name, **_ranked(labelled, name)}


def _ranked(labelled: LabelledSet, name: str) -> Row:
    pairs = labelled.labels.pairs if labelled.labels else []
    same = [pair.same for pair in pairs]
    scores = SCORERS[name](labelled.articles(), [(pair.a, pair.b) for pair in pairs])
    graded = [at for at, pair in enumerate(pairs) if pair.grade is not None]
    grades = [-(pairs[at].grade or 0.0) for at in graded]
    best = best_f1(same, scores)
    by_label = {
        label: [float(s.min()), float(np.median(s)), float(s.max())]
        for label in dict.fromkeys(pair.label for pair in pairs)
        if len(s := scores[[pair.label == label for pair in pairs]])
    }
    return {
        "pairs": len(pairs),
        "true": sum(same),
        "ap": average_precision(same, scores),
        "best_f1": best.f1,
        "at": best.score,
        "pearson": pearson(scores[graded], grades) if len(graded) > 2 else None,
        "calibration_error": calibration_error(reliability(same, scores)),
        "by_label": by_label,
    }


def tables(rows: list[Row]) -> Iterator[Table]:
    """One line a set and method."""
    measures = ("ap", "best_f1", "pearson", "calibration_error")
    heads = ("set", "method", "average precision", "best F1", "Pearson", "calibration error")
    cells = [
        (row["set"], row["method"], *(figure(row[measure]) for measure in measures)) for row in rows
    ]
    yield Table("Labelled pairs, ranked by a score", heads, cells)
