"""Why two articles belong together."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from report_examples import FERRY, FERRY_EVIDENCE, SINGLE, WEAKEST, member, scores
from rich.cells import cell_len

from dedupe.evidence import FEATURES
from dedupe.model import Evidence, Match, Relation, Scores, Story
from dedupe.report.explain import render_explain, render_match
from dedupe.report.page import make_console

MEMBERS = {m.id: m for m in FERRY.members}


def match_page(match: Match = WEAKEST, width: int = 80) -> str:
    out = io.StringIO()
    console = make_console(out, width=width)
    render_match(match, MEMBERS["nord-001"], MEMBERS["gazette-77"], console)
    return out.getvalue()


def explain_page(name: str, matches: Sequence[Match] = (), story: Story = FERRY) -> str:
    out = io.StringIO()
    one = next(m for m in story.members if m.id == name)
    render_explain(one, story, matches, make_console(out, width=100))
    return out.getvalue()


@pytest.mark.parametrize(
    ("relation", "verdict"),
    [
        ("identical", "identical once normalised"),
        ("near_duplicate", "they share 83% of"),
        ("contained", "holds 97% of the other's"),
        ("same_story", "report it is 95%"),
        ("revision", "same id"),
        ("new", "Nothing ties"),
    ],
)
def test_the_verdict_comes_first(relation: Relation, verdict: str) -> None:
    match = replace(WEAKEST, relation=relation, scores=Scores(0.83, 0.97, 0.9, 0.95), evidence=())
    assert verdict in " ".join(match_page(match, 160).splitlines()[0].split())


@pytest.mark.parametrize(
    ("share", "said"), [(0.999, "99%"), (1.0, "100%"), (0.004, "under 1%"), (0.0, " 0%")]
)
def test_a_percentage_is_never_rounded_to_all_or_nothing(share: float, said: str) -> None:
    match = replace(WEAKEST, relation="near_duplicate", scores=Scores(share, share, 0.9, 0.95))
    assert f"share {said.strip()} of" in match_page(match, 160)


def test_every_score_stands_with_its_meaning() -> None:
    page = match_page()
    for name, value in (("story", "0.62"), ("jaccard", "0.00"), ("cosine", "0.34")):
        assert f"  {name:<11}  {value}" in page
    assert "likeness of the words" in page


def test_the_evidence_adds_up_to_the_story_score() -> None:
    total = math.fsum(e.weight for e in FERRY_EVIDENCE)
    page = match_page()
    assert f"{total:+6.2f} → story {1 / (1 + math.exp(-total)):.2f}" in page
    assert "kept at" not in page


def test_a_story_score_that_the_sum_does_not_give_is_pointed_out() -> None:
    match = replace(WEAKEST, scores=replace(WEAKEST.scores, story=0.9))
    assert "story score kept at 0.90" in match_page(match)


def test_a_bar_points_to_the_side_that_its_evidence_speaks_for() -> None:
    lines = match_page(width=120).splitlines()
    assert next(line for line in lines if "cosine  " in line and "+" in line).endswith("|████")
    assert next(line for line in lines if "constant" in line).endswith("████████|")


@pytest.mark.parametrize("weight", [0.0, -900.0, 900.0, 1e308])
def test_extreme_evidence_is_shown(weight: float) -> None:
    match = replace(WEAKEST, evidence=(Evidence("odd", "x", weight),))
    assert "odd" in match_page(match)


def test_hostile_evidence_and_long_evidence_keep_to_the_page() -> None:
    match = replace(
        WEAKEST,
        evidence=(
            Evidence("n\x1b[31m" * 30, "[red]" * 100, 1.0),
            Evidence("北" * 90, "京" * 90, -2),
        ),
    )
    for width in (40, 80, 160):
        page = match_page(match, width)
        assert "\x1b" not in page
        assert all(cell_len(line) <= width for line in page.splitlines())


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_the_label_of_a_reason_is_never_cut(width: int) -> None:
    labels = [feature.label for feature in FEATURES]
    told = tuple(
        Evidence(label, "nordhavn, ylva, lindqvist, coast, guard", 1.5) for label in labels
    )
    page = " ".join(match_page(replace(WEAKEST, evidence=told), width).split())
    words = page.split()
    for label in labels:  # a value may stand between the lines of a label that is wrapped
        assert all(word in words for word in label.split())
    assert "story 1.00" in page


def test_what_weighs_nothing_is_named_and_has_no_line() -> None:
    told = (Evidence("names in common", "Nordhavn", 1.0), Evidence("one template", "", -0.001))
    page = match_page(replace(WEAKEST, evidence=told))
    assert "no part  one template" in page
    assert "-0.00" not in page


def test_the_time_between_is_told_or_said_to_be_unknown() -> None:
    assert "Published 38 hours apart." in match_page()
    assert "unknown" in match_page(replace(WEAKEST, days=None))


def test_a_member_is_explained_by_the_article_that_holds_it() -> None:
    page = explain_page("gazette-77", [WEAKEST])
    assert page.splitlines()[3].startswith("this  Captain Lindqvist")
    assert "to    Ferry with 214 aboard" in page
    assert "names in common" in page
    assert "other link" not in page


def test_a_copy_without_its_match_still_shows_its_scores() -> None:
    page = explain_page("post-brief", [WEAKEST])
    assert "other link" not in page
    assert "holds 97%" in page
    assert "  containment  0.97" in page


def test_a_representative_stands_for_its_story() -> None:
    page = explain_page("nord-001", [WEAKEST])
    assert page.startswith("This article represents its story: 7 articles, 3 independent reports")
    assert "1 other link" in page
    assert "0.62  same story" in page


def test_an_article_alone_is_said_to_be_alone() -> None:
    assert explain_page("one", (), SINGLE).startswith("This article stands alone")


def test_many_links_are_cut_and_counted() -> None:
    links = [Match("nord-001", f"x{i}", "same_story", scores(0, 0.1, i / 20)) for i in range(14)]
    page = explain_page("nord-001", links)
    assert "14 other links" in page
    assert "id x13" in page
    assert "id x0\n" not in page
    assert "and 4 more links" in page


def test_a_member_held_by_an_article_outside_of_the_story_is_explained() -> None:
    stray = member("b", "B", "", None, "d", "same_story", "gone", scores(0, 0.3, 0.7))
    story = Story("s", (member("a", "A", "", 0, "c"), stray))
    assert "report it is 70%" in explain_page("b", (), story)
