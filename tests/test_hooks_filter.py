"""The filter for Python pipelines: what passes, what subscribers are told, what failures do."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest
from exact_index import EQUAL, ExactIndex

from dedupe.errors import BusyError, SettingError, StoreError
from dedupe.hooks import Decision, Filter
from dedupe.model import Article, Match, Relation, Scores, Verdict

ONE, COPY, OTHER = (
    Article("a", "The bridge at Orrin opened on Monday."),
    Article("b", "The bridge at Orrin opened on Monday."),
    Article("c", "It rained all week in the hills."),
)


LIKE = Scores(jaccard=0.8, containment=0.9, cosine=0.9, story=1.0)


class Scripted:
    """An index that answers as it was told."""

    def __init__(self, **answer) -> None:
        self.answer = answer

    def admit_many(self, articles):
        return [
            Verdict(article.id, admitted=True, story="s1", **self.answer) for article in articles
        ]


def passed(keep: Filter, **answer) -> bool:
    return keep.passes(Verdict("a", story="s1", **answer))


def test_a_loop_sees_only_what_is_new() -> None:
    keep = Filter(ExactIndex())
    assert [article.id for article in (ONE, COPY, OTHER) if keep(article)] == ["a", "c"]


def test_it_fits_where_python_wants_a_predicate() -> None:
    assert list(filter(Filter(ExactIndex()), [ONE, COPY, OTHER])) == [ONE, OTHER]


@pytest.mark.parametrize("relation", get_args(Relation))
def test_copies_are_dropped_and_all_else_passes(relation: str) -> None:
    copies = {"identical", "near_duplicate", "contained", "edited_copy"}
    assert Filter(Scripted(relation=relation))(ONE) == (relation not in copies)


@pytest.mark.parametrize("relation", get_args(Relation))
def test_any_relation_can_be_dropped_instead(relation: str) -> None:
    keep = Filter(ExactIndex(), [relation])
    assert not passed(keep, relation=relation)
    assert all(passed(keep, relation=other) for other in set(get_args(Relation)) - {relation})


def test_nothing_is_dropped_where_nothing_is_named() -> None:
    keep = Filter(ExactIndex(), ())
    assert all(map(keep, (ONE, COPY, OTHER)))


def test_a_text_that_says_more_than_its_excerpt_passes() -> None:
    keep = Filter(ExactIndex())
    assert not passed(keep, relation="contained")
    assert passed(keep, relation="contained", extends=True)


@pytest.mark.parametrize("relation", ["near_duplicate", "contained"])
@pytest.mark.parametrize("more", ["extends", "corrects"])
def test_a_copy_that_says_more_or_corrects_passes(relation: str, more: str) -> None:
    keep = Filter(ExactIndex())
    assert not passed(keep, relation=relation)
    assert passed(keep, relation=relation, **{more: True})


@pytest.mark.parametrize(
    ("relation", "days", "passes"),
    [
        ("near_duplicate", [49.0], True),
        ("near_duplicate", [-49.0], True),
        ("edited_copy", [14.0, 49.0], True),
        ("contained", [13.9, 49.0], False),
        ("near_duplicate", [None], False),
        ("near_duplicate", [], False),
        ("identical", [49.0], False),
    ],
)
def test_a_copy_with_words_of_its_own_passes_two_weeks_later(relation, days, passes) -> None:
    matches = tuple(Match("a", f"b{k}", relation, LIKE, gap) for k, gap in enumerate(days))
    assert passed(Filter(ExactIndex()), relation=relation, matches=matches) == passes


def test_an_independent_report_of_today_makes_no_copy_of_long_ago_a_duplicate() -> None:
    matches = (Match("a", "b", "contained", LIKE, 49.0), Match("a", "c", "same_story", LIKE, 0.0))
    assert passed(Filter(ExactIndex()), relation="contained", matches=matches)


def test_who_asks_again_gets_the_same_answer() -> None:
    keep = Filter(ExactIndex())
    first = [keep(article) for article in (ONE, COPY, OTHER)]
    again = [keep.decide(article) for article in (ONE, COPY, OTHER)]
    assert [decision.passed for decision in again] == first == [True, False, True]
    assert all(decision.verdict and decision.verdict.replayed for decision in again)


def test_what_is_held_already_can_be_dropped_too() -> None:
    keep = Filter(ExactIndex(), ["identical", "replayed"])
    assert [keep(article) for article in (ONE, ONE, COPY, OTHER, OTHER)] == [
        True, False, False, True, False,
    ]  # fmt: skip


def test_a_changed_text_passes() -> None:
    keep = Filter(ExactIndex())
    assert keep(ONE)
    decision = keep.decide(Article("a", "The bridge at Orrin stays closed."))
    assert decision.passed
    assert decision.verdict is not None
    assert decision.verdict.relation == "revision"


def test_a_decision_tells_what_was_answered_and_how_long_it_took() -> None:
    keep = Filter(ExactIndex())
    keep(ONE)
    decision = keep.decide(COPY)
    assert (decision.id, decision.passed, decision.error) == ("b", False, "")
    assert decision.verdict == Verdict(
        "b", "identical", "s1", (Match("b", "a", "identical", EQUAL, days=0.5),), admitted=True
    )
    assert 0 < decision.seconds < 1
    with pytest.raises(FrozenInstanceError):
        decision.passed = True  # type: ignore[misc]


def test_several_are_decided_in_order_with_one_call() -> None:
    index = ExactIndex()
    decisions = Filter(index).decide_many([ONE, COPY, OTHER])
    assert [(d.id, d.passed) for d in decisions] == [("a", True), ("b", False), ("c", True)]
    assert index.calls == [3]


def test_none_are_decided_where_there_are_none() -> None:
    assert Filter(ExactIndex()).decide_many([]) == []


def test_the_index_can_be_asked_without_being_changed() -> None:
    index = ExactIndex()
    keep = Filter(index, admit=False)
    assert keep(ONE)
    assert keep(COPY)
    assert index.texts == {}


def test_every_subscriber_is_told_of_every_decision_in_order() -> None:
    told: list[Decision] = []
    counted: list[bool] = []
    subscribers = (told.append, lambda decision: counted.append(decision.passed))
    keep = Filter(ExactIndex(), subscribers=subscribers)
    keep(ONE)
    rest = keep.decide_many([COPY, OTHER])
    assert [decision.id for decision in told] == ["a", "b", "c"]
    assert told[1:] == rest
    assert counted == [True, False, True]


def test_a_subscriber_that_fails_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Decision] = []

    def broken(decision: Decision) -> None:
        raise ValueError(f"no metrics for {decision.id}")

    keep = Filter(ExactIndex(), subscribers=(broken, told.append))
    assert keep(ONE)
    assert [decision.id for decision in told] == ["a"]
    (record,) = caplog.records
    assert record.name == "dedupe.hooks.filter"
    assert "no metrics for a" in caplog.text


def test_an_index_that_cannot_answer_is_an_error_of_its_kind() -> None:
    told: list[Decision] = []
    keep = Filter(ExactIndex([BusyError("held by others")]), subscribers=[told.append])
    with pytest.raises(BusyError, match="held by others"):
        keep(ONE)
    assert told == []
    assert keep(ONE)


def test_a_filter_that_fails_open_passes_unjudged_and_says_so() -> None:
    told: list[Decision] = []
    index = ExactIndex([StoreError("no space"), None])
    keep = Filter(index, on_failure="open", subscribers=[told.append])
    decisions = keep.decide_many([ONE, COPY])
    assert [(d.passed, d.verdict, d.error) for d in decisions] == [(True, None, "no space")] * 2
    assert told == decisions
    assert [d.passed for d in keep.decide_many([ONE, COPY])] == [True, False]


def test_only_failures_of_the_index_are_passed_over() -> None:
    class Broken:
        def admit_many(self, articles):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Filter(Broken(), on_failure="open")(ONE)


def test_a_relation_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingError, match=r"cannot drop copy; known: identical, .*, replayed"):
        Filter(ExactIndex(), ["identical", "copy"])  # type: ignore[list-item]


def test_a_way_to_fail_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingError, match="open or closed, not 'ajar'"):
        Filter(ExactIndex(), on_failure="ajar")  # type: ignore[arg-type]
