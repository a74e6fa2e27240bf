"""The shipped story model, fitted anew to all labelled stories of a folder.

Every set weighs the same. Untrue pairs that no labelled set holds enough of come from a haystack:
articles that lie too far apart in time to be of one story, with the evidence of the days left out.
Each set is also judged by a model fitted to the others.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import dedupe.story
from benchmarks.results import Table
from dedupe.calibrate import Figures, Labelled, ScoredPairs, fit, labelled
from dedupe.calibrate.examples import FOLDS, TRAINED_COSINE
from dedupe.calibrate.fit import (
    COMPANY_GRID,
    best_company,
    company_values,
    figures,
)
from dedupe.evaluate.measures import b_cubed_ratios
from dedupe.evidence import FEATURES
from dedupe.moments import DAY
from dedupe.pipeline import analyse
from dedupe.story import StoryModel, story_model
from evals.sets import MIXED_IN, LabelledSet, marked
from evals.tables import with_means

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dedupe.model import Article
    from evals.sets import Data

EVIDENCE = [feature.name for feature in FEATURES]
APART_DAYS, SAMPLED, SEED, HAYSTACK_WEIGHT = 120, 6_000, 7, 3.0
"""Days from which two articles are taken for two stories; how many articles of the haystack are
paired; how much they weigh, where each labelled set weighs 1."""
HEADS = {"lead_names": "l. names", "lead_numbers": "l. num.", "intercept": "constant"}
MODEL = Path(dedupe.story.__file__).parent / "data" / "story_model.json"


@dataclass(frozen=True, slots=True)
class Examples:
    """Pairs to fit to, each part weighing what it should as a whole."""

    evidence: NDArray[np.float32]
    same: NDArray[np.bool_]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Set:
    """One labelled set: alone, and among other articles."""

    name: str
    alone: Labelled
    mixed: Labelled | None

    def examples(self) -> Examples:
        """All pairs that are fitted to."""
        used = self.alone.examples
        rows = self.alone.rows[used]
        weights = np.full(len(rows), 1.0 / max(len(rows), 1))
        return Examples(self.alone.scored.evidence[rows], self.alone.same[used], weights)


@dataclass(frozen=True, slots=True)
class Fold:
    """One fit, and how it does on the set that was left out of it; None where none was."""

    left_out: str | None
    model: StoryModel
    alone: dict[str, Figures]
    """Of the set that was left out, or of all."""
    mixed: dict[str, float]
    """B-cubed F1 among other articles."""


def fitted_folds(sets: Sequence[LabelledSet]) -> tuple[Fold, list[Fold], dict[str, int]]:
    """The shipped model; the fit to all sets and those with one left out; counts of the examples.

    Raises ValueError for fewer than two sets of labelled stories.
    """
    stories = [s for s in sets if s.labels is not None and s.labels.stories]
    if len(stories) < 2:
        raise ValueError("at least two sets of labelled stories are needed")
    haystacks = [s for s in sets if s.labels is None]
    whole = [article for s in haystacks for article in s.articles()]
    others = marked(whole[:: max(1, len(whole) // MIXED_IN)][:MIXED_IN], "haystack")
    analysed = [_analysed(labelled_set, others) for labelled_set in stories]
    heap = random.Random(SEED).sample(whole, min(SAMPLED, len(whole)))
    apart = [_apart(heap)] if heap else []
    parts = {s.name: s.examples() for s in analysed}
    counts = {
        "sets": len(analysed),
        "pairs": sum(len(p.same) for p in parts.values()),
        "haystack": len(heap),
        "haystack_pairs": sum(len(p.same) for p in apart),
    }
    folds = []
    for left_out in (None, *parts):
        _say(f"fit without {left_out}" if left_out else "fit to all")
        used = [s for s in analysed if s.name != left_out]
        model = _fitted([parts[s.name] for s in used] + apart, used)
        judged = analysed if left_out is None else [s for s in analysed if s.name == left_out]
        folds.append(judged_fold(left_out, model, judged))
    return judged_fold(None, story_model(), analysed), folds, counts


def judged_fold(left_out: str | None, model: StoryModel, judged: Sequence[Set]) -> Fold:
    """How a model does on some sets."""
    alone = {s.name: figures(s.alone, [model] * FOLDS) for s in judged}
    mixed = {s.name: _mixed_f1(s.mixed, model) for s in judged if s.mixed is not None}
    return Fold(left_out, model, alone, mixed)


def _analysed(chosen: LabelledSet, others: list[Article]) -> Set:
    _say(f"{chosen.name}: evidence")
    if chosen.labels is None:
        raise ValueError(f"{chosen.name} has no labels")
    articles = chosen.articles()
    alone = labelled(analyse(articles, with_evidence=True), chosen.labels)
    if not others:
        return Set(chosen.name, alone, None)
    mixed = labelled(analyse([*articles, *others], with_evidence=True), chosen.labels)
    return Set(chosen.name, alone, mixed)


def _apart(heap: list[Article]) -> Examples:
    """Pairs of articles that lie too far apart to be of one story; all untrue."""
    _say(f"{len(heap):,} articles of the haystack: evidence")
    analysis = analyse(heap, with_evidence=True)
    scored, dates = ScoredPairs.of(analysis), analysis.articles.dates
    sides = dates[scored.pairs]
    known = (sides != np.iinfo(np.int64).max).all(axis=1)
    far = np.abs(sides[:, 0] // DAY - sides[:, 1] // DAY) >= APART_DAYS
    evidence = scored.evidence[known & far & (scored.cosine >= TRAINED_COSINE)].copy()
    evidence[:, EVIDENCE.index("days")] = 0.0
    weights = np.full(len(evidence), HAYSTACK_WEIGHT / max(len(evidence), 1))
    return Examples(evidence, np.zeros(len(evidence), np.bool_), weights)


def _fitted(parts: Sequence[Examples], sets: Sequence[Set]) -> StoryModel:
    start = story_model()
    evidence = np.concatenate([part.evidence for part in parts])
    same = np.concatenate([part.same for part in parts])
    weights = np.concatenate([part.weights for part in parts])
    model = fit(evidence, same, weights, start, ridge=0.0)
    runs = [run for s in sets for run in (s.alone, s.mixed) if run is not None]
    values = np.array([_values(run, model) for run in runs])
    # Of constants that group equally well the nearest to the one that is shipped.
    changes = [abs(company - start.company) for company in COMPANY_GRID]
    return replace(model, company=best_company(values.mean(axis=0).tolist(), changes))


def _values(run: Labelled, model: StoryModel) -> list[float]:
    logits = run.scored.logits(replace(model, company=0.0))
    return company_values(run, logits, run.gold >= 0)


def _mixed_f1(run: Labelled, model: StoryModel) -> float:
    """As the harness counts it: within the set's own articles."""
    ratios = b_cubed_ratios(run.gold, run.scored.stories(run.scored.logits(model)))
    precision, recall = ratios[run.gold >= 0].mean(axis=0)
    return float(2 * precision * recall / (precision + recall))


def left_out(data: Data) -> Iterator[dict[str, Any]]:
    """One row a set: by the model that is shipped, and by one fitted to the others."""
    if len(data.fitted) < 2:
        return
    shipped, folds, _ = fitted_folds([*data.fitted, *data.haystacks])
    for fold in folds[1:]:
        name = fold.left_out or ""
        row: dict[str, Any] = {"set": name}
        for model, judged in (("shipped", shipped), ("left_out", fold)):
            alone = judged.alone[name]
            row[model] = {
                "f1": alone.b_cubed_f1,
                "mixed_f1": judged.mixed.get(name),
                "calibration_error": alone.calibration_error,
                "log_loss": alone.log_loss,
            }
        yield row


def tables(rows: list[dict[str, Any]]) -> Iterator[Table]:
    """The shipped model beside one that has not seen the set."""
    measures = {"f1": "F1 alone", "mixed_f1": "F1 mixed", "calibration_error": "error"}
    heads = [f"{told}, {model}" for told in measures.values() for model in ("shipped", "left out")]
    cells = [
        (row["set"], [row[m][key] or 0.0 for key in measures for m in ("shipped", "left_out")])
        for row in rows
    ]
    title = "The story model as shipped, and fitted without the set that it judges"
    yield Table(title, ("set", *heads), with_means(cells))


def rounded(model: StoryModel) -> StoryModel:
    """The model as it is stored: two digits."""
    coefficients = tuple(round(value, 2) for value in model.coefficients)
    return StoryModel(coefficients, round(model.intercept, 2), round(model.company, 2))


def lines(shipped: Fold, folds: Sequence[Fold]) -> Iterator[str]:
    """The coefficients of every fit, and what each is worth."""
    heads = (*EVIDENCE, "intercept", "company")
    yield f"{'coefficients':24}" + "".join(f"{HEADS.get(head, head):>9}" for head in heads)
    for name, fold in (
        ("as shipped", shipped),
        ("all sets", folds[0]),
        *((f"without {fold.left_out}"[:22], fold) for fold in folds[1:]),
    ):
        values = (*fold.model.coefficients, fold.model.intercept, fold.model.company)
        yield f"{name:24}" + "".join(f"{value:9.2f}" for value in values)
    yield ""
    yield from _worth(shipped, folds)


def _worth(shipped: Fold, folds: Sequence[Fold]) -> Iterator[str]:
    pooled, others = folds[0], {fold.left_out: fold for fold in folds[1:]}
    yield (f"{'':22}{'B-cubed F1 alone':>30}{'with others mixed in':>30}{'calibration error':>30}")
    yield f"{'':22}" + f"{'shipped':>10}{'all':>10}{'left out':>10}" * 3
    rows = []
    for name in pooled.alone:
        three = (shipped, pooled, others[name])
        alone = [fold.alone[name].b_cubed_f1 or 0.0 for fold in three]
        mixed = [fold.mixed.get(name, float("nan")) for fold in three]
        errors = [fold.alone[name].calibration_error for fold in three]
        rows.append([*alone, *mixed, *errors])
        yield f"{name:22}" + "".join(f"{value:10.3f}" for value in rows[-1])
    means = np.array(rows).mean(axis=0)
    yield f"{'mean':22}" + "".join(f"{value:10.3f}" for value in means)


def stored(model: StoryModel, counts: dict[str, int]) -> dict[str, Any]:
    """What is written to the package's data: of the labels their kinds and counts alone."""
    chosen = rounded(model)
    told = (
        f"{counts['sets']} sets of labelled stories, {counts['pairs']} pairs; "
        f"1 haystack, {counts['haystack']} dated articles, {counts['haystack_pairs']} pairs "
        f"at least {APART_DAYS} days apart"
    )
    return {
        "coefficients": dict(zip(EVIDENCE, chosen.coefficients, strict=True)),
        "intercept": chosen.intercept,
        "company": chosen.company,
        "provenance": told,
    }


def write(model: StoryModel, counts: dict[str, int], path: Path = MODEL) -> None:
    """Stores the model where the package finds it."""
    path.write_text(json.dumps(stored(model, counts), indent=2) + "\n", encoding="utf-8")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
