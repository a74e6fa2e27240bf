"""What happened to an index since a position, as it is told to whoever follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from index_corpus import Event, copy_of

import dedupe.index.tallies
from dedupe import Article, Index, open_index
from dedupe.index.changes import ChangedArticle, IndexChange


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with open_index(tmp_path / "i") as index:
        yield index


def happened(index: Index, after: int = 0) -> list[tuple[str, list[str | None]]]:
    changes = index.changes(after).changes
    assert changes is not None
    return [(one.happened, [article.id for article in one.articles]) for one in changes]


def test_from_now_on_nothing_has_happened(index: Index) -> None:
    assert index.changes(None) == (0, ())
    index.admit(Article("a", "text"))
    assert index.changes(None) == (1, ())
    assert index.changes(1) == (1, ())


def test_an_admission_is_told_with_its_answer(index: Index) -> None:
    text = Event(1).report("first")
    index.admit(text)
    verdict = index.admit(copy_of(text, "second"))
    (change,) = index.changes(1).changes
    assert change.position == 2
    assert change.articles == (ChangedArticle(2, "second", "s1"),)
    assert (change.verdict.relation, change.verdict.matches) == (verdict.relation, verdict.matches)
    assert change.arrived == index.get("second").arrived


def test_a_replay_and_a_check_are_no_changes(index: Index) -> None:
    index.admit(Article("a", "text"))
    index.admit(Article("a", "text"))
    index.check(Article("b", "other"))
    assert happened(index) == [("admitted", ["a"])]


def test_a_removal_names_the_number_that_the_admission_had(index: Index) -> None:
    index.admit_many([Article("a", "one text"), Article("b", "another")])
    index.remove("a")
    assert index.changes(2).changes == (
        IndexChange(3, "removed", (ChangedArticle(1, None, "s1"),)),
    )
    assert happened(index) == [("admitted", ["b"])], "what came and went is left out"


def test_one_that_stands_for_its_copies_from_now_on_is_entered_with_its_old_arrival(index) -> None:
    text = Event(2).report("first")
    index.admit_many([text, copy_of(text, "second")])
    arrived = index.get("second").arrived
    index.remove("first")
    again = [one for one in index.changes(2).changes if one.happened == "admitted"]
    assert [(one.articles[0].id, one.arrived) for one in again] in ([("second", arrived)], [])


def test_two_marked_different_part(index: Index) -> None:
    text = Event(3).report("first")
    index.admit_many([text, copy_of(text, "second")])
    index.mark_different("second", "first")
    index.mark_different("first", "none")
    first, *parted, last = index.changes(2).changes
    assert [article.number for article in first.articles] == [1, 2]
    assert [article.id for article in last.articles] == ["first"]
    assert {one.happened for one in (first, last)} == {"different"}
    assert {one.happened for one in parted} == {"removed", "admitted", "moved"}
    moved = next(one for one in index.changes(2).changes if one.happened == "moved")
    assert moved.articles[-1].story == index.get("second").story == "s2"


def test_a_merger_names_both_stories(index: Index) -> None:
    index.admit_many([Article("a", "one text"), Article("b", "another")])
    index.settle("s2", {"s2": "s1"}, ())
    assert [one.merged for one in index.changes(2).changes] == [("s2", "s1")]


def test_changes_come_in_parts(index: Index) -> None:
    index.admit_many([Article(f"a{n}", f"Number {n} of some.") for n in range(5)])
    index.remove("a1")
    position, ids = 0, []
    while position < 6:
        found = index.changes(position, 2)
        assert 0 < len(found.changes) <= 2
        position = found.position
        ids += [article.number for one in found.changes for article in one.articles]
    assert ids == [1, 3, 4, 5, 2]


@pytest.mark.parametrize("after", [3, 10**14])
def test_a_position_that_never_was_is_told_as_one_that_is_forgotten(index, after: int) -> None:
    index.admit_many([Article("a", "one text"), Article("b", "another")])
    assert index.changes(after) == (2, None)


def test_what_the_log_forgot_is_said(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe.index.tallies, "SAVED_EVERY", 3)
    for number in range(12):
        index.admit(Article(f"a{number}", f"Number {number} of some."))
    position, changes = index.changes(0)
    assert changes is None
    assert len(index.changes(position - 1).changes) == 1
