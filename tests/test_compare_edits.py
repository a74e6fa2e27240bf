"""Edits lead from the first text to the second, word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from dedupe.comparison.words import edits, words

if TYPE_CHECKING:
    from dedupe.model_compare import Edit

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "one", "two"]), max_size=40).map(
    " ".join
)


def of(a: str, b: str) -> list[Edit]:
    return edits("text", words(a), words(b))


@given(TEXTS, TEXTS)
def test_edits_rebuild_both_texts(a: str, b: str) -> None:
    found = of(a, b)
    for text, side in ((a, [e.a for e in found]), (b, [e.b for e in found])):
        told = [text[span.start : span.end] for span in side if span.start < span.end]
        assert " ".join(told) == text
    for edit in found:
        same = a[edit.a.start : edit.a.end] == b[edit.b.start : edit.b.end]
        assert same == (edit.kind == "equal")


@given(TEXTS)
def test_a_text_differs_from_itself_in_nothing(text: str) -> None:
    assert all(edit.kind == "equal" for edit in of(text, text))


def test_short_runs_between_changes_are_joined() -> None:
    a = "The old man of the sea sailed out at dawn with his dog and came home late"
    b = "The young boy of the hills sailed out at dawn with his dog and came home late"
    assert [
        (e.kind, a[e.a.start : e.a.end], b[e.b.start : e.b.end]) for e in of(a, b)
    ] == [
        ("equal", "The", "The"),
        ("replace", "old man of the sea", "young boy of the hills"),
        ("equal", "sailed out at dawn with his dog and came home late",
         "sailed out at dawn with his dog and came home late"),
    ]  # fmt: skip


def test_insertion_and_deletion_stand_at_a_point() -> None:
    a = "one two three four five six seven"
    inserted = of(a, "one two three new four five six seven")[1]
    assert (inserted.kind, inserted.a.start, inserted.a.end) == ("insert", 14, 14)
    deleted = of(a, "one two three five six seven")[1]
    assert (deleted.kind, a[deleted.a.start : deleted.a.end]) == ("delete", "four")
    assert deleted.b.start == deleted.b.end
