"""Sentences that report the same are found by one threshold, on pairs marked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dedupe.api import compare_articles as compare
from dedupe.comparison.align import THRESHOLD
from dedupe.model import Article

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "compare" / "sentences.jsonl")
    .read_text("utf-8")
    .splitlines()
]
"""Half of them (``check``) were written before, and kept out of, the choice of the threshold."""


def aligned(case: dict[str, Any]) -> bool:
    a, b = (Article(side, case[side], lang=case["lang"]) for side in ("a", "b"))
    return bool(compare(a, b).alignments)


@pytest.mark.parametrize("half", ["dev", "check"])
def test_alignment_agrees_with_the_marks(half: str) -> None:
    cases = [case for case in CASES if case["half"] == half]
    assert len(cases) == 30
    found = [(aligned(case), case["same"]) for case in cases]
    right = sum(is_aligned and same for is_aligned, same in found)
    f1 = 2 * right / (sum(x for x, _ in found) + sum(y for _, y in found))
    assert f1 >= 0.85


def test_one_sentence_aligns_with_all_that_its_facts_are_spread_over() -> None:
    long = (
        "Helios Motors will close its Dunbury plant in March, cutting 2,300 jobs, and move "
        "production of the Astra van to Slovenia."
    )
    short = (
        "Helios Motors is to shut its Dunbury plant in March. The closure costs 2,300 jobs, Helios "
        "Motors said. Production of the Astra van moves to Slovenia."
    )
    found = compare(Article("a", long, lang="en"), Article("b", short, lang="en"))
    assert {(pair.a, pair.b) for pair in found.alignments} == {(0, 0), (0, 1), (0, 2)}


def test_every_sentence_is_aligned_or_alone() -> None:
    a = Article("a", "The bridge fell on Monday. Nobody was hurt. Rain is expected.", lang="en")
    b = Article("b", "On Monday the bridge fell. Taxes rise in June.", lang="en")
    found = compare(a, b)
    assert {pair.a for pair in found.alignments} | set(found.only_a) == {0, 1, 2}
    assert {pair.b for pair in found.alignments} | set(found.only_b) == {0, 1}
    assert all(THRESHOLD <= pair.cosine <= 1 for pair in found.alignments)
    assert found.only_a == (1, 2)
    assert found.only_b == (1,)
