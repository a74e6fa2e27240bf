"""The fuzzing of readers does what it says: its cases come again, and a find is told."""

from __future__ import annotations

import random

import pytest

from fuzz import readers


def test_cases_are_the_same_each_time_and_differ_from_their_seeds() -> None:
    seed = readers.seeds()["csv"][0]
    made = [readers.mutated(random.Random(n), seed) for n in range(200)]
    assert made == [readers.mutated(random.Random(n), seed) for n in range(200)]
    assert sum(data != seed for data in made) > 150


def test_a_run_of_cases_ends_without_a_find() -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("feedparser")
    outcomes, finds, _ = readers.run(0, 150, 60)
    assert finds == []
    assert sum(outcomes.values()) > 20
    assert outcomes["read"]
    assert outcomes["rejected"]


def test_a_find_is_told_with_the_number_of_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(form: str, path: object) -> str:
        raise KeyError(form)

    monkeypatch.setattr(readers, "read_case", failing)
    _, [find], _ = readers.run(41, 1, 60)
    assert find.startswith("case 41 (")
    assert "KeyError" in find
