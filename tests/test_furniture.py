"""What recurs in all that an outlet publishes is found, and ties nothing together."""

from __future__ import annotations

import random

import numpy as np
import pytest
from corpora import article, prose
from hypothesis import given
from hypothesis import strategies as st

from dedupe.api import group_articles
from dedupe.outlets import (
    OUTLET_ARTICLES,
    OUTLET_RATIO,
    OUTLET_SHARE,
    Outlets,
    furniture_of,
    may_have_furniture,
)

WIDTH = 12


def reference(rows: list[list[int]], sources: list[str], counted: list[bool]) -> list[bool]:
    """The definition, written out for each entry."""
    found = []
    of_all = [row for row, counts in zip(rows, counted, strict=True) if counts]
    for row, name in zip(rows, sources, strict=True):
        own = [
            other
            for other, of, counts in zip(rows, sources, counted, strict=True)
            if of == name and counts
        ]
        fit = name and OUTLET_ARTICLES <= len(own) < OUTLET_RATIO * len(of_all)
        for term in row:
            within = sum(term in other for other in own) / max(1, len(own))
            at_large = sum(term in other for other in of_all) / max(1, len(of_all))
            found.append(bool(fit) and within >= OUTLET_SHARE and at_large < OUTLET_RATIO * within)
    return found


def marked(rows: list[list[int]], sources: list[str], counted: list[bool]) -> list[bool]:
    columns = np.array([term for row in rows for term in row], np.uint32)
    bounds = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return furniture_of(columns, bounds, WIDTH, Outlets(sources, np.array(counted))).tolist()


@given(
    st.integers(0, 2**32),
    st.lists(st.integers(15, 26), min_size=1, max_size=4),
    st.integers(0, 40),
)
def test_furniture_is_what_the_definition_says(seed: int, sizes: list[int], others: int) -> None:
    rng = random.Random(seed)
    sources = [f"outlet {n}" for n, size in enumerate(sizes) for _ in range(size)] + [""] * others
    rng.shuffle(sources)
    likely = {name: [rng.random() for _ in range(WIDTH)] for name in sorted(set(sources))}
    rows = [[t for t in range(WIDTH) if rng.random() < likely[name][t]] for name in sources]
    counted = [rng.random() < 0.95 for _ in sources]
    assert marked(rows, sources, counted) == reference(rows, sources, counted)


def outlet(own: int, others: int) -> list[bool]:
    """Furniture of articles that share term 0 in one outlet, among others that share nothing."""
    rows = [[0, 1 + n % 9] for n in range(own)] + [[10]] * others
    return marked(rows, ["Echo"] * own + [f"other {n}" for n in range(others)], [True] * len(rows))


def test_what_all_articles_of_an_outlet_hold_is_furniture_and_the_rest_is_not() -> None:
    assert outlet(20, 30) == [True, False] * 20 + [False] * 30


@pytest.mark.parametrize(("own", "others"), [(19, 30), (20, 20), (40, 30)])
def test_few_articles_or_half_of_a_corpus_have_none(own: int, others: int) -> None:
    assert not any(outlet(own, others))
    sources = ["Echo"] * own + [f"other {n}" for n in range(others)]
    assert not may_have_furniture(sources)


def test_a_corpus_is_looked_at_only_if_an_outlet_is_large_enough() -> None:
    assert may_have_furniture(["Echo"] * 20 + [""] * 21)
    assert not may_have_furniture([""] * 20 + ["Echo"] * 19 + ["x"] * 9)


def test_furniture_makes_no_story_of_unrelated_articles() -> None:
    rng = random.Random(3)
    masthead = prose(rng, 40)
    own = [article(f"own-{n}", [*prose(rng, 25), *masthead], source="Echo") for n in range(22)]
    others = [article(f"other-{n}", prose(rng, 60), source=f"s{n}") for n in range(30)]
    named = [*own, *others]
    unnamed = [article(a.id, a.text) for a in named]
    largest = [
        max(len(story.members) for story in group_articles(articles).stories)
        for articles in (named, unnamed)
    ]
    assert largest[0] == 1 < largest[1]
