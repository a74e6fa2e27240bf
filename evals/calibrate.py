"""The shipped story model, fitted anew to all that it should serve.

Examples are pairs of articles, in five kinds; SHARES says what each kind weighs, and why. Each set
is also judged by a model fitted without it and without all that was made of it.
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
from dedupe.calibrate.examples import FOLDS
from dedupe.calibrate.fit import COMPANY_GRID, best_company, figures, grouped_f1, score_errors
from dedupe.evaluate.conditions import conditions
from dedupe.evaluate.labels import Labels
from dedupe.evaluate.measures import b_cubed_ratios, numbers_of
from dedupe.evidence import FEATURES, FITTED_COSINE
from dedupe.moments import DAY, UNDATED
from dedupe.pipeline import analyse
from dedupe.story import StoryModel, story_model
from evals.briefs import one_event
from evals.tables import with_means
from evals.templates import TEMPLATES, twins
from evals.twins import EVENTS, WHEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from dedupe.model import Article
    from evals.sets import Data, LabelledSet

EVIDENCE = [feature.name for feature in FEATURES]
SHORT = ("titles", "rss", "words50", "words100")
"""Conditions under which each set, and the haystack, is fitted to once more."""
SHARES = {
    "stories": 5.0,
    "short": 1.5,
    "twins": 15.0,
    "briefs": 2.5,
    "apart": 3.0,
    "short apart": 1.5,
}
"""What the examples of a kind weigh, shared out alike among the sets or templates that they come
from. Stories as they are tell most, as people labelled them for what they are."""
HELD = {
    "days": 1.0,
    "template": -12.0,
    "title_slots": -12.0,
    "number_alone": -4.0,
    "codes": 6.0,
}
"""Coefficients that are not fitted. The days are log-odds already. What a template makes alike must
be outweighed whatever it is, and so must titles alike but for names: the made-up ones are few, and
a fit to them gives two thirds of it.
Few of the examples have nothing but a number in common."""
UNSEEN = ("codes",)
"""Evidence that is left out of what is fitted to. Briefs have tickers and little else has, so that
the model would lean on them where it must do without."""
APART_DAYS, SAMPLED, SEED = 120, 5_000, 7
"""Days from which two articles are taken for two stories; how many of the haystack are paired."""
MOST = 20_000
"""Examples of one part that are fitted to: every k-th."""
MODEL = Path(dedupe.story.__file__).parent / "data" / "story_model.json"


@dataclass(frozen=True, slots=True)
class Examples:
    """Pairs to fit to, of one source under one condition."""

    kind: str
    """One of SHARES."""
    source: str
    """Name of the set, the template, or the haystack."""
    evidence: NDArray[np.float32]
    same: NDArray[np.bool_]

    @classmethod
    def of(
        cls, kind: str, source: str, evidence: NDArray[np.float32], same: NDArray[np.bool_]
    ) -> Examples:
        """At most MOST of these pairs: evidence float32 (m, features), same bool (m,)."""
        step = max(1, -(-len(same) // MOST))
        return cls(kind, source, evidence[::step], same[::step])


@dataclass(frozen=True, slots=True)
class Set:
    """One labelled set: alone, among other articles, and cut short."""

    name: str
    alone: Labelled
    mixed: Labelled | None
    short: tuple[Labelled, ...]

    def examples(self) -> Iterator[Examples]:
        """All pairs of it that are fitted to."""
        yield _labelled_examples("stories", self.name, self.alone)
        for cut in self.short:
            yield _labelled_examples("short", self.name, cut)


@dataclass(frozen=True, slots=True)
class Fold:
    """One fit, and how it does on the set that was left out of it; None where none was."""

    left_out: str | None
    model: StoryModel
    alone: dict[str, Figures]
    """Of the set that was left out, or of all."""
    mixed: dict[str, float]
    """B-cubed F1 among other articles."""


@dataclass(frozen=True, slots=True)
class Fits:
    """The shipped model, the fit to all sets, and those with one left out."""

    shipped: Fold
    pooled: Fold
    others: list[Fold]
    counts: dict[str, int]
    """Pairs of each kind that were fitted to; ``sets``; articles of the ``haystack``."""


def fits(data: Data, stories: Sequence[LabelledSet]) -> Fits:
    """The model fitted to ``stories`` and all else that the folder has.

    Raises ValueError for fewer than two sets of labelled stories.
    """
    if len(stories) < 2:
        raise ValueError("at least two sets of labelled stories are needed")
    sets = [_analysed(labelled_set, data.sample) for labelled_set in stories]
    made = [*_of_templates(data.sample), *map(_of_companies, data.briefs), *_apart(data.whole)]
    parts = [*(part for s in sets for part in s.examples()), *made]
    counts = {kind: sum(len(p.same) for p in parts if p.kind == kind) for kind in SHARES}
    folds = []
    for left_out in (None, *(s.name for s in sets)):
        _say(f"fit without {left_out}" if left_out else "fit to all")
        used = [s for s in sets if s.name != left_out]
        model = _fitted([part for part in parts if part.source != left_out], used)
        judged = sets if left_out is None else [s for s in sets if s.name == left_out]
        folds.append(judged_fold(left_out, model, judged))
    shipped = judged_fold(None, story_model(), sets)
    counts |= {"sets": len(sets), "haystack": min(SAMPLED, len(data.whole))}
    return Fits(shipped, folds[0], folds[1:], counts)


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
    mixed = None
    if others:
        mixed = labelled(analyse([*articles, *others], with_evidence=True), chosen.labels)
    cut = conditions(articles, SHORT)
    short = (labelled(analyse(changed, with_evidence=True), chosen.labels) for _, changed in cut)
    return Set(chosen.name, alone, mixed, tuple(short))


def _labelled_examples(kind: str, source: str, known: Labelled) -> Examples:
    rows = known.rows[known.examples]
    return Examples.of(kind, source, known.scored.evidence[rows], known.same[known.examples])


def _of_templates(others: list[Article]) -> Iterator[Examples]:
    """Events of one template, as the twins are measured, alone and among ``others``."""
    for template in TEMPLATES:
        _say(f"{template.kind}: evidence")
        for options in WHEN.values():
            articles, events = twins(template, EVENTS, **options)
            ids = [article.id for article in articles]
            labels = Labels(template.kind, dict(zip(ids, events, strict=True)))
            for among in ([], others) if others else ([],):
                known = labelled(analyse([*articles, *among], with_evidence=True), labels)
                yield _labelled_examples("twins", template.kind, known)


def _of_companies(briefs: LabelledSet) -> Examples:
    """Briefs that name one company each: untrue of two; true of one, if told to be of one event."""
    _say(f"{briefs.name}: evidence")
    articles, company = briefs.articles(), briefs.companies()
    analysis = analyse(articles, with_evidence=True)
    scored, ids = ScoredPairs.of(analysis), analysis.articles.ids
    number = dict(zip(company, numbers_of(list(company.values())), strict=True))
    named = np.array([number.get(name, -1) for name in ids])
    sides = named[scored.pairs]
    two = (sides >= 0).all(axis=1) & (sides[:, 0] != sides[:, 1])
    again = {frozenset(pair) for pair in one_event(articles, company)}
    same = np.array([frozenset((ids[a], ids[b])) in again for a, b in scored.pairs.tolist()])
    used = (two | same) & (scored.cosine >= FITTED_COSINE)
    return Examples.of("briefs", briefs.name, scored.evidence[used], same[used])


def _apart(whole: list[Article]) -> Iterator[Examples]:
    """Pairs of articles that lie too far apart to be of one story, whole and cut short; untrue."""
    heap = random.Random(SEED).sample(whole, min(SAMPLED, len(whole)))
    for name, changed in conditions(heap, ("full", *SHORT)) if heap else ():
        _say(f"{len(heap):,} articles of the haystack, {name}: evidence")
        analysis = analyse(changed, with_evidence=True)
        scored, dates = ScoredPairs.of(analysis), analysis.articles.dates
        sides = dates[scored.pairs]
        known = (sides != UNDATED).all(axis=1)
        far = np.abs(sides[:, 0] // DAY - sides[:, 1] // DAY) >= APART_DAYS
        evidence = scored.evidence[known & far & (scored.cosine >= FITTED_COSINE)]
        kind = "apart" if name == "full" else "short apart"
        yield Examples.of(kind, "haystack", evidence, np.zeros(len(evidence), np.bool_))


def _fitted(parts: Sequence[Examples], sets: Sequence[Set]) -> StoryModel:
    """The model of greatest likelihood, then the constant of the best groups."""
    kinds = [part.kind for part in parts if len(part.same)]
    weights = [
        np.full(len(part.same), SHARES[part.kind] / kinds.count(part.kind) / len(part.same))
        for part in parts
        if len(part.same)
    ]
    evidence = np.concatenate([part.evidence for part in parts])
    evidence[:, [EVIDENCE.index(name) for name in UNSEEN]] = 0.0
    same = np.concatenate([part.same for part in parts])
    start = StoryModel(tuple(HELD.get(name, 0.0) for name in EVIDENCE), 0.0, 0.0)
    model = fit(evidence, same, np.concatenate(weights), start, tuple(HELD), ridge=0.0)
    runs = [run for s in sets for run in (s.alone, s.mixed) if run is not None]
    models = [replace(model, company=company) for company in COMPANY_GRID]
    values, losses = np.zeros(len(models)), np.zeros(len(models))
    for run in runs:
        tried = [*map(run.scored.logits, models)]
        values += grouped_f1(run, tried, run.gold >= 0)
        losses += [score_errors(logits[run.rows], run.same)[1] for logits in tried]
    best = best_company((values / len(runs)).tolist(), losses.tolist())
    return replace(model, company=best)


def _mixed_f1(run: Labelled, model: StoryModel) -> float:
    """As the harness counts it: within the set's own articles."""
    ratios = b_cubed_ratios(run.gold, run.scored.stories(run.scored.logits(model)))
    precision, recall = ratios[run.gold >= 0].mean(axis=0)
    return float(2 * precision * recall / (precision + recall))


def left_out(data: Data) -> Iterator[dict[str, Any]]:
    """One row a set: by the model that is shipped, and by one fitted to the others."""
    if len(data.fitted) < 2:
        return
    found = fits(data, data.fitted)
    for fold in found.others:
        name = fold.left_out or ""
        row: dict[str, Any] = {"set": name}
        for model, judged in (("shipped", found.shipped), ("left_out", fold)):
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


def fit_tables(found: Fits) -> Iterator[Table]:
    """The coefficients of every fit, and what each is worth."""
    folds = {"shipped": found.shipped, "all": found.pooled}
    folds |= {f"without {fold.left_out}": fold for fold in found.others}
    values = [(*f.model.coefficients, f.model.intercept, f.model.company) for f in folds.values()]
    names = (*EVIDENCE, "constant", "company")
    yield Table(
        "Coefficients",
        ("evidence", *folds),
        [
            (name, *(f"{value:.2f}" for value in row))
            for name, row in zip(names, zip(*values, strict=True), strict=True)
        ],
    )
    rows = []
    for fold in found.others:
        name = fold.left_out or ""
        three = (found.shipped, found.pooled, fold)
        alone = [each.alone[name].b_cubed_f1 or 0.0 for each in three]
        mixed = [each.mixed.get(name, float("nan")) for each in three]
        rows.append((name, [*alone, *mixed, *(e.alone[name].calibration_error for e in three)]))
    measures = ("F1 alone", "F1 mixed", "error")
    heads = (f"{told}, {fold}" for told in measures for fold in ("shipped", "all", "left out"))
    yield Table("What each fit is worth", ("set", *heads), with_means(rows))


def stored(model: StoryModel, counts: Mapping[str, int]) -> dict[str, Any]:
    """What is written to the package's data: of the examples their kinds and counts alone."""
    chosen = rounded(model)
    told = (
        f"{counts['sets']} sets of labelled stories, {counts['stories']} pairs; the same under "
        f"{', '.join(SHORT)}, {counts['short']}; items of {len(TEMPLATES)} made-up templates, "
        f"{counts['twins']}; briefs of a wire by company, {counts['briefs']}; "
        f"{counts['haystack']} dated articles of a haystack, pairs at least {APART_DAYS} days "
        f"apart, {counts['apart']}, and cut short, {counts['short apart']}"
    )
    return {
        "coefficients": dict(zip(EVIDENCE, chosen.coefficients, strict=True)),
        "intercept": chosen.intercept,
        "company": chosen.company,
        "provenance": told,
    }


def write(model: StoryModel, counts: Mapping[str, int], path: Path = MODEL) -> None:
    """Stores the model where the package finds it."""
    path.write_text(json.dumps(stored(model, counts), indent=2) + "\n", encoding="utf-8")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
