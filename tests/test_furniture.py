"""What recurs in articles that have nothing else in common is found, and ties nothing together."""

from __future__ import annotations

import random

import numpy as np
import pytest
from corpora import article, prose
from hypothesis import given
from hypothesis import strategies as st
from index_corpus import Event

from dedupe.api import group_articles
from dedupe.furniture import (
    LEAST_ARTICLES,
    RATIO,
    SHARE,
    Corpus,
    furniture_of,
    least_holders,
    unusual,
)
from dedupe.kernels.furniture import common_terms, cosines_among, mark_terms

WIDTH = 12

ROWS = st.lists(st.sets(st.integers(0, WIDTH - 1)).map(sorted), min_size=1, max_size=9)
"""Rows of terms."""


def ragged(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    columns = np.array([term for row in rows for term in row], np.uint32)
    return columns, np.cumsum([0, *map(len, rows)], dtype=np.int64)


@given(ROWS, st.lists(st.floats(0, 1), min_size=WIDTH, max_size=WIDTH), st.data())
def test_common_terms_are_those_that_the_definition_says(
    rows: list[list[int]], usual: list[float], data: st.DataObject
) -> None:
    members = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, unique=True))
    held = np.zeros(WIDTH, np.int32)
    share = [sum(term in rows[row] for row in members) / len(members) for term in range(WIDTH)]
    wanted = [t for t in range(WIDTH) if share[t] >= SHARE and usual[t] <= RATIO * share[t]]
    chosen = np.array(members, np.int64)
    found, times = common_terms(chosen, *ragged(rows), held, least_holders(len(members)))
    assert times.tolist() == [round(share[term] * len(members)) for term in found.tolist()]
    found = found[unusual(times, len(members), np.array(usual)[found])]
    assert found.tolist() == wanted
    assert not held.any()
    marked = np.zeros(sum(map(len, rows)), np.bool_)
    mark_terms(chosen, *ragged(rows), held, found, marked)
    own = [row in members and term in wanted for row, terms in enumerate(rows) for term in terms]
    assert marked.tolist() == own


@given(ROWS, st.integers(0, 2**32))
def test_cosines_among_rows_are_those_of_the_definition(rows: list[list[int]], seed: int) -> None:
    idf = np.random.default_rng(seed).random((1, WIDTH)).astype(np.float32) + np.float32(0.1)
    common, spoken = np.array([1, 4], np.int64), np.zeros(len(rows), np.int64)
    at = np.arange(len(rows))
    without, whole, holds = cosines_among(at, *ragged(rows), spoken, idf, common)
    dense = np.zeros((len(rows), WIDTH))
    for row, terms in enumerate(rows):
        dense[row, terms] = idf[0, terms]
    for found, table in ((without, np.delete(dense, common, axis=1)), (whole, dense)):
        length = np.sqrt((table**2).sum(axis=1))
        wanted = table @ table.T / np.maximum(1e-9, np.outer(length, length))
        np.fill_diagonal(wanted, 0)
        assert np.allclose(found, wanted, atol=1e-5)
    assert (holds == (dense[:, common] > 0).T).all()


def marked(rows: list[list[int]], sources: list[str]) -> list[bool]:
    """Furniture among rows of terms that are rare in general."""
    columns, bounds = ragged(rows)
    width = int(columns.max()) + 1
    held = np.bincount(columns, minlength=width)
    idf = np.log((len(rows) + 1000) / (held + 0.1)).astype(np.float32)[None]
    usual, spoken = np.full((1, width), 1e-4), np.zeros(len(rows), np.int64)
    found = furniture_of(Corpus(columns, bounds, spoken, idf, usual, sources))
    return found.tolist() or [False] * len(columns)


def unrelated(n: int, seed: int = 3) -> list[list[int]]:
    """Rows of 30 of 600 terms, from 20 on."""
    rng = random.Random(seed)
    return [sorted(rng.sample(range(20, 620), 30)) for _ in range(n)]


def test_what_unrelated_articles_of_an_outlet_hold_is_furniture_and_the_rest_is_not() -> None:
    rows = [[0, *row] for row in unrelated(LEAST_ARTICLES)] + unrelated(60, 4)
    found = marked(rows, ["Echo"] * LEAST_ARTICLES + [f"s{n}" for n in range(60)])
    assert [at for at, is_furniture in enumerate(found) if is_furniture] == [
        31 * row for row in range(LEAST_ARTICLES)
    ]
    assert not any(marked(rows, [""] * len(rows)))


def test_what_many_articles_of_all_outlets_hold_is_furniture() -> None:
    rng = random.Random(1)
    rows = [sorted(rng.sample(range(8), 4)) + row for row in unrelated(40)]
    found = marked(rows, [""] * 40)
    assert found == [term < 8 for row in rows for term in row]
    assert not any(marked(rows[: LEAST_ARTICLES - 1], [""] * (LEAST_ARTICLES - 1)))


def test_what_part_of_a_corpus_shares_with_nothing_else_is_none() -> None:
    rows = [[*range(12), *row] for row in unrelated(30)] + unrelated(30, 4)
    assert not any(marked(rows, [""] * 60))


@pytest.mark.parametrize("others", [0, 10, 30])
def test_an_event_that_is_half_of_all_or_all_stays_whole(others: int) -> None:
    event = Event(1)
    reports = [event.report(f"own {n}", n / 10) for n in range(30)]
    unlike = [Event(100 + n).report(f"other {n}", n) for n in range(others)]
    sizes = [len(story.members) for story in group_articles([*reports, *unlike]).stories]
    assert sorted(sizes) == [1] * others + [30]


def test_a_masthead_makes_no_story_of_unrelated_articles() -> None:
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
