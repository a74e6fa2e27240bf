"""A story score as a waterfall: nothing is left out of it, and each bar begins where one ends."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_examples import FERRY_EVIDENCE, WEAKEST, scores

from dedupe.model import Evidence, Match
from dedupe.report.explain import LEAST_WEIGHT
from dedupe.report.html.waterfall import BEGINNING, waterfall
from dedupe.story import COMPANY


def of(*weights, score=0.5, name="terms"):
    evidence = tuple(Evidence(f"{name} {n}", "", weight) for n, weight in enumerate(weights))
    return waterfall(Match("a", "b", "same_story", scores(0, 0, score), evidence=evidence))


def test_without_evidence_there_is_no_waterfall():
    assert waterfall(Match("a", "b", "identical", scores(1, 1, 1))) is None


def test_the_constant_of_the_model_comes_first():
    assert BEGINNING in COMPANY
    evidence = (*FERRY_EVIDENCE, Evidence(BEGINNING, "", -1.0))
    fall = waterfall(Match("a", "b", "same_story", scores(0, 0, 0.5), evidence=evidence))
    assert [step.name for step in fall.steps] == [
        BEGINNING, *(one.name for one in FERRY_EVIDENCE),
    ]  # fmt: skip


def test_it_ends_at_the_score():
    fall = waterfall(WEAKEST)
    assert fall.total == pytest.approx(sum(one.weight for one in FERRY_EVIDENCE))
    assert fall.chance == pytest.approx(WEAKEST.scores.story, abs=0.01)
    assert [step.effect for step in fall.steps] == ["for"] * 4 + ["against"] * 2


@given(st.lists(st.floats(-40, 40), min_size=1, max_size=20))
def test_each_bar_begins_where_the_one_before_ends_and_none_leaves_the_picture(weights):
    fall = of(*weights)
    ends = [fall.even]
    for step in fall.steps:
        sides = (step.left, step.left + step.width)
        begin, end = sides if step.effect == "for" else sides[::-1]
        assert abs(begin - ends[-1]) < 0.35
        assert -0.1 <= step.left <= step.left + step.width <= 100.2
        ends.append(end)
    silent = [weight for weight in weights if abs(weight) < LEAST_WEIGHT]
    assert abs(ends[-1] - fall.end) < 0.35 + 100 * LEAST_WEIGHT * len(silent)
    assert len(fall.silent) == len(silent)
    assert len(fall.steps) + len(silent) == len(weights)


def test_wide_bars_are_of_great_weight():
    fall = of(-4.0, 1.0, 2.0)
    assert [step.width for step in fall.steps] == [100.0, 25.0, 50.0]
    assert [step.left for step in fall.steps] == [0.0, 0.0, 25.0]
    assert (fall.even, fall.end) == (100.0, 75.0)
    assert all(one.width > other.width for one, other in pairwise([fall.steps[0], fall.steps[2]]))


def test_what_was_found_and_weighs_nothing_is_told():
    evidence = (Evidence("left out as furniture", "menu", 0.0), Evidence("codes", "", 0.0))
    fall = waterfall(Match("a", "b", "same_story", scores(0, 0, 0.5), evidence=evidence))
    assert [(step.name, step.effect, step.width) for step in fall.steps] == [
        ("left out as furniture", "nothing", 0.0)
    ]
    assert fall.silent == ["codes"]
