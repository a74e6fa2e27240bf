"""The story score fitted to labels: the fit, the folds, what it is worth, and what is stored."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from corpora import FIXTURES
from hypothesis import given
from hypothesis import strategies as st

from dedupe.calibrate import (
    Calibration,
    Figures,
    ScoredPairs,
    calibrate,
    fit,
    labelled,
    of_stories,
    read_settings,
)
from dedupe.calibrate.examples import FOLDS
from dedupe.calibrate.fit import COMPANY_GRID, FIXED, best_company, figures
from dedupe.calibrate.stored import settings_object
from dedupe.errors import SettingError, SourceError
from dedupe.evaluate.labels import LabelledPair, Labels, read_labels
from dedupe.evaluate.measures import agreement, b_cubed, b_cubed_ratios
from dedupe.evidence import COSINE_OFFSET, FEATURES, logistic
from dedupe.pipeline import analyse
from dedupe.read import read
from dedupe.story import story_model

EVIDENCE = [feature.name for feature in FEATURES]
FREE = [k for k, name in enumerate(EVIDENCE) if name not in FIXED]
HELD = [k for k in range(len(EVIDENCE)) if k not in FREE]
_SHIPPED = dict(zip(EVIDENCE, story_model().coefficients, strict=True))
_FITTED = {"terms": 2.0, "names": 4.0, "numbers": 1.0, "lead_names": 3.0, "lead_numbers": 0.5}
_LATER = dict.fromkeys(("titles", "plain", "short", "short_terms", "short_numbers"), 1.0)
OTHER = replace(
    story_model(),
    coefficients=tuple((_SHIPPED | _FITTED | _LATER).values()),
    intercept=2.5,
    company=1.0,
)
"""A model far from the one that is shipped."""


def made_up(m, model=OTHER, seed=1):
    """Evidence of m pairs, and which of them are one story, drawn as the model says."""
    rng = np.random.default_rng(seed)
    cosine = rng.uniform(0.12, 0.7, m)
    found = rng.normal(0, 0.4, (m, len(EVIDENCE))).astype(np.float32)
    found[:, HELD] = 0
    found[:, EVIDENCE.index("terms")] = np.log(cosine + COSINE_OFFSET)
    found[:, EVIDENCE.index("days")] = rng.normal(0, 1, m)
    chances = logistic(found @ np.array(model.coefficients) + model.intercept)
    return found, rng.random(m) < chances


def slope(model, evidence, same, weights):
    """How the likelihood changes with each free coefficient and the intercept."""
    chances = logistic(evidence.astype(float) @ np.array(model.coefficients) + model.intercept)
    design = np.column_stack((evidence[:, FREE], np.ones(len(evidence))))
    return design.T.astype(float) @ (weights * (same - chances))


def test_without_a_prior_the_likelihood_is_at_its_top():
    evidence, same = made_up(2_000)
    weights = np.random.default_rng(2).uniform(0.1, 2, len(same))
    found = fit(evidence, same, weights, story_model(), ridge=0.0)
    assert np.abs(slope(story_model(), evidence, same, weights)).max() > 10
    assert np.abs(slope(found, evidence, same, weights)).max() < 1e-2


def test_a_fit_finds_the_model_that_the_labels_were_drawn_by():
    evidence, same = made_up(60_000)
    found = fit(evidence, same, np.ones(len(same)), story_model())
    assert found.coefficients == pytest.approx(OTHER.coefficients, abs=0.2)
    assert found.intercept == pytest.approx(OTHER.intercept, abs=0.2)


def test_what_is_fixed_stays_as_it_was():
    evidence, same = made_up(500)
    start = story_model()
    found = fit(evidence, same, np.ones(len(same)), start)
    assert [found.coefficients[k] for k in HELD] == [start.coefficients[k] for k in HELD]
    assert found.company == start.company
    moved = fit(evidence, same, np.ones(len(same)), start, fixed=())
    assert moved.coefficients[EVIDENCE.index("days")] != start.coefficients[EVIDENCE.index("days")]


def test_the_stronger_the_prior_the_less_is_changed():
    evidence, same = made_up(300)
    start, weights = story_model(), np.ones(300)
    change = [
        np.abs(
            np.subtract(
                fit(evidence, same, weights, start, ridge=ridge).coefficients, start.coefficients
            )
        ).max()
        for ridge in (1.0, 20.0, 1e3, 1e9)
    ]
    assert change == sorted(change, reverse=True)
    assert change[-1] < 1e-4 < 0.5 < change[0]


def test_labels_that_evidence_parts_wholly_yield_a_finite_model():
    evidence, _ = made_up(200)
    same = evidence[:, 0] > np.median(evidence[:, 0])
    found = fit(evidence, same, np.ones(200), story_model(), ridge=0.0)
    assert np.isfinite([*found.coefficients, found.intercept]).all()
    logits = evidence @ np.array(found.coefficients) + found.intercept
    assert ((logits > 0) == same).mean() > 0.95


@pytest.mark.parametrize("same", [np.zeros(9, bool), np.ones(9, bool)])
def test_labels_of_one_kind_teach_nothing(same):
    evidence, _ = made_up(9)
    with pytest.raises(ValueError, match="pairs of one story and pairs of two"):
        fit(evidence, same, np.ones(9), story_model())


@pytest.fixture(scope="module")
def analysis():
    return analyse(read([FIXTURES]), with_evidence=True)


@pytest.fixture(scope="module")
def labels():
    return read_labels(str(FIXTURES.parent / "gold.jsonl"))


def test_stories_are_found_again_as_the_pipeline_found_them(analysis):
    scored = ScoredPairs.of(analysis)
    logits = scored.logits(story_model())
    assert np.allclose(logits, analysis.scores.logits, atol=1e-4)
    assert scored.stories(logits).tolist() == analysis.links.stories.tolist()


def test_an_analysis_without_evidence_is_refused():
    with pytest.raises(ValueError, match="without evidence"):
        ScoredPairs.of(analyse(read([FIXTURES])))


def test_a_few_labels_are_refused_with_their_number(analysis, labels):
    with pytest.raises(SourceError, match=r"15 are of one story and \d+ are not, and 30 of each"):
        calibrate(labelled(analysis, labels), story_model())


def test_a_label_without_an_article_is_named(analysis):
    with pytest.raises(SourceError, match="1 labelled id has no article among those read: lost;"):
        labelled(analysis, Labels("gold", stories={"lost": "s"}))


def corpus(seed=1, model=OTHER, stories=60, size=4, crossing=6):
    """Scored pairs of articles in stories of equal size, and between neighbouring stories."""
    n = stories * size
    rng = random.Random(seed)
    gold = np.repeat(np.arange(stories), size)
    pairs = {(a, b) for a in range(n) for b in range(a + 1, n) if gold[a] == gold[b]}
    for a in range(n):
        pairs |= {(a, b) for _ in range(crossing) if (b := rng.randrange(n)) > a}
    ordered = np.array(sorted(pairs), np.int32)
    evidence, drawn = made_up(20_000, model, seed)
    same = gold[ordered[:, 0]] == gold[ordered[:, 1]]
    # Each pair takes the next evidence that was drawn for its kind.
    found = np.empty((len(ordered), len(EVIDENCE)), np.float32)
    for kind in (True, False):
        found[same == kind] = evidence[drawn == kind][: int((same == kind).sum())]
    return ScoredPairs(ordered, found, np.arange(n, dtype=np.int32)), gold.astype(np.int64)


@pytest.fixture(scope="module")
def known():
    return of_stories(*corpus())


def test_every_story_lies_in_one_fold_and_no_pair_is_judged_by_a_model_that_saw_it(known):
    for story in range(60):
        assert len(set(known.folds[known.gold == story])) == 1
    assert np.bincount(known.folds).tolist() == [48] * FOLDS
    for fold in range(FOLDS):
        judged = known.sides[:, 0] == fold
        assert not (judged & (known.sides != fold).all(axis=1)).any()


def test_a_fit_to_labels_of_another_kind_helps_and_says_so(known):
    found = calibrate(known, story_model())
    assert found.helps
    assert found.after.log_loss < found.before.log_loss
    assert found.after.b_cubed_f1 > found.before.b_cubed_f1
    assert found.pairs == len(known.rows)
    assert found.true == 60 * 6


def test_a_model_that_fits_already_is_not_made_better(known):
    start = calibrate(known, story_model(), ridge=0.0).model
    again = calibrate(known, start, ridge=0.0)
    assert again.model.coefficients == pytest.approx(start.coefficients, abs=1e-2)
    assert again.model.company == start.company
    assert again.after.b_cubed_f1 <= again.before.b_cubed_f1


@pytest.mark.parametrize(
    ("f1", "loss", "helps"),
    [
        (0.95, 0.3, True),
        (0.95, 0.35, False),
        (0.9, 0.29, True),
        (0.9, 0.3, False),
        (0.89, 0.2, False),
        (None, 0.29, True),
        (None, 0.3, False),
    ],
)
def test_a_fit_helps_where_something_becomes_better_and_nothing_worse(f1, loss, helps):
    before = Figures(None if f1 is None else 0.9, None, 0.1, 0.3)
    after = Figures(f1, None, 0.1, loss)
    assert Calibration(OTHER, before, after, 100, 50).helps is helps


def test_calibration_is_the_same_each_time(known):
    assert calibrate(known, story_model()) == calibrate(of_stories(*corpus()), story_model())


def test_a_few_large_stories_are_refused(known):
    few = of_stories(known.scored, known.gold % 9)
    with pytest.raises(SourceError, match="9 stories, and 10 are needed"):
        calibrate(few, story_model())


def test_labelled_pairs_are_fitted_without_groups():
    scored, gold = corpus()
    ids = [f"a{k}" for k in range(len(gold))]
    pairs = [
        LabelledPair(ids[b], ids[a], "same" if gold[a] == gold[b] else "different", None)
        for a, b in scored.pairs.tolist()
    ]
    far = (0, next(b for b in range(9, 99) if [0, b] not in scored.pairs.tolist()))
    pairs.append(LabelledPair(ids[far[0]], ids[far[1]], "different", None))
    own = {tuple(pair): row for row, pair in enumerate(scored.pairs.tolist())}
    made = SimpleNamespace(
        articles=SimpleNamespace(ids=ids),
        places=lambda sides: np.array([own.get((min(s), max(s)), -1) for s in sides.tolist()]),
        links=SimpleNamespace(pairs=scored.pairs, copies=scored.copies),
        scores=SimpleNamespace(evidence=scored.evidence),
    )
    known = labelled(made, Labels("gold", pairs=pairs))
    assert len(known.rows) == len(pairs) - 1, "a pair that was never scored is no example"
    assert known.rows.tolist() == list(range(len(scored.pairs)))
    assert np.bincount(known.sides[known.same][:, 0]).min() == 60 * 6 // FOLDS
    found = calibrate(known, story_model())
    assert found.before.b_cubed_f1 is None
    assert found.after.adjusted_rand is None
    assert found.after.log_loss < found.before.log_loss
    assert found.helps


LABELS = st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 4)), min_size=1, max_size=30)


@given(LABELS)
def test_the_ratios_of_the_labelled_articles_make_b_cubed(rows):
    gold, found = (np.array(column) for column in zip(*rows, strict=True))
    ratios = b_cubed_ratios(gold, found.astype(np.int32))
    mine = gold >= 0
    assert not ratios[~mine].any()
    if mine.any():
        whole = b_cubed(gold[mine].tolist(), found[mine].tolist())
        mean = agreement(*map(float, ratios[mine].mean(axis=0)))
        assert (mean.precision, mean.recall) == pytest.approx((whole.precision, whole.recall))


def test_figures_of_one_model_are_those_of_the_whole_grouping(known):
    found = figures(known, [OTHER] * FOLDS)
    stories = known.scored.stories(known.scored.logits(OTHER))
    assert found.b_cubed_f1 == pytest.approx(b_cubed(known.gold.tolist(), stories.tolist()).f1)


def test_of_equally_good_constants_that_of_the_least_loss_is_taken():
    losses = [abs(company - 2.0) for company in COMPANY_GRID]
    assert best_company([0.9] * len(COMPANY_GRID), losses) == 2.0
    values = [0.9 if company < 1.0 else 0.8 for company in COMPANY_GRID]
    assert best_company(values, losses) == 0.95


def test_a_settings_file_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "own.json"
    stored = settings_object(OTHER, {"labels": "gold.jsonl"}, {"prior_articles": 500.0})
    path.write_text(json.dumps(stored))
    assert read_settings(path) == (OTHER, {"prior_articles": 500.0})
    path.write_text('{"schema_version": 1}')
    assert read_settings(path) == (None, {})


MODEL = settings_object(story_model(), {}, {})["story_model"]


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        (b"\xff\xfe\xff", "no JSON"),
        ([], "the whole must be an object"),
        ({}, "schema_version must be 1"),
        ({"schema_version": 2}, "schema_version must be 1"),
        ({"schema_version": 1, "model": {}}, "unknown key 'model'"),
        ({"schema_version": 1, "settings": []}, "settings must be an object"),
        ({"schema_version": 1, "story_model": 3}, "story_model must be an object"),
        ({"schema_version": 1, "story_model": MODEL | {"bias": 1}}, "unknown key 'bias'"),
        ({"schema_version": 1, "story_model": MODEL | {"intercept": "6"}}, "intercept must be a"),
        ({"schema_version": 1, "story_model": MODEL | {"intercept": True}}, "intercept must be a"),
        ({"schema_version": 1, "story_model": MODEL | {"company": 10**400}}, "company must be a"),
        (
            {"schema_version": 1, "story_model": MODEL | {"company": float("nan")}},
            "company must be a",
        ),
        (
            {"schema_version": 1, "story_model": MODEL | {"coefficients": {"terms": 1}}},
            "names must be a number",
        ),
    ],
)
def test_what_is_no_settings_file_is_refused_in_one_line(tmp_path, stored, message):
    path = tmp_path / "own.json"
    raw = stored if isinstance(stored, str | bytes) else json.dumps(stored)
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    with pytest.raises(SettingError) as raised:
        read_settings(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_settings_file_that_is_not_there_is_a_bad_source(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        read_settings(tmp_path / "none.json")
