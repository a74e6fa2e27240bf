"""Kernels of the index against plain references: sketches as words, tallies, counts of holders."""

from __future__ import annotations

import numpy as np
import pytest
from corpora import FLAGS, terms_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dedupe.gaps import GAP_EDGES, corpus_gaps
from dedupe.index.record import Edges, Marks, Sketches
from dedupe.index.tallies import Days
from dedupe.kernels.incoming import HEADER, met
from dedupe.kernels.linkage import connected
from dedupe.kernels.terms import CODE
from dedupe.kernels.text import NAME, NUMBER
from dedupe.kernels.weigh import MOST_COUNT
from dedupe.moments import UNDATED
from dedupe.sketch import TERM_BITS


def daily_gaps(days, counts):
    return Days.of(np.stack((days, counts), axis=1)).gaps()


DAY = 86_400_000_000
TERMS = st.dictionaries(
    st.integers(0, (1 << TERM_BITS) - 1), st.tuples(st.integers(1, 65535), FLAGS), max_size=12
)
FLOATS = st.floats(-30, 30, width=32)
EDGES = st.lists(
    st.tuples(st.integers(0, 2**32 - 1), FLOATS, st.floats(0, 1, width=32)), max_size=5
)
MARKS = st.tuples(
    st.sampled_from(["", "en", "zh", "gsw", "yue"]),
    st.integers(0, 2**32 - 1),
    st.integers(0, 1024),
    st.integers(0, 2**64 - 1),
    st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999) | st.just(int(UNDATED)),
)
"""Language, tokens, copy keys, content and date."""
PLAIN = ("en", 1, 1, 1, 0)


def packed(articles):
    """Sketches of articles: their terms, edges and marks."""
    languages, tokens, keys, contents, dates = zip(*(m for _, _, m in articles), strict=True)
    marks = Marks(
        languages,
        np.array(tokens, np.int64),
        np.array(keys, np.int64),
        np.array(contents, np.uint64),
        np.array(dates, np.int64),
    )
    own = Sketches.packed(terms_of([t for t, _, _ in articles]), marks)
    return [own.entered(row, edges_of(e).words(), row) for row, (_, e, _) in enumerate(articles)]


def edges_of(edges):
    numbers, logits, cosines = zip(*edges, strict=True) if edges else ((), (), ())
    return Edges(
        np.array(numbers, np.int64), np.array(logits, np.float32), np.array(cosines, np.float32)
    )


def as_stored(flags):
    """What is read of these: a name that is a number, too, is a ticker, and a ticker no number."""
    ticker = flags & CODE or not ~flags & (NAME | NUMBER)
    return flags & ~NUMBER | NAME | CODE if ticker else flags


# Sketches


@given(st.lists(st.tuples(TERMS, EDGES, MARKS), min_size=1, max_size=4))
def test_what_was_packed_is_what_is_read(articles) -> None:
    parts = packed(articles)
    found = Sketches.of(parts)
    assert len(found) == len(articles)
    columns = (found.tokens, found.copy_keys, found.contents, found.dates)
    read = zip(found.languages, *(column.tolist() for column in columns), strict=True)
    assert list(read) == [marks for _, _, marks in articles]
    assert found.telling.tolist() == list(range(len(articles)))
    assert [found.edges(row).tolist() for row in range(len(found))] == [
        edges_of(e).words().tolist() for _, e, _ in articles
    ]
    both = Sketches.of(parts[:1]).followed_by(Sketches.of(parts[1:]))
    assert (both.words.tolist(), both.first.tolist()) == (
        found.words.tolist(),
        found.first.tolist(),
    )
    terms = found.terms()
    assert terms.bounds.tolist() == np.cumsum([0, *(len(t) for t, _, _ in articles)]).tolist()
    expected = [
        (b, min(c, MOST_COUNT), as_stored(f))
        for t, _, _ in articles
        for b, (c, f) in sorted(t.items())
    ]
    read = (terms.buckets.tolist(), terms.counts.tolist(), terms.flags.tolist())
    assert list(zip(*read, strict=True)) == expected


@pytest.mark.parametrize(("count", "kept"), [(1, 1), (62, 62), (63, 63), (64, 63), (65535, 63)])
def test_counts_are_cut_at_63(count, kept) -> None:
    sketches = packed([({7: (count, NAME)}, [], PLAIN)])
    assert Sketches.of(sketches).terms().counts.tolist() == [kept]


def test_a_sketch_takes_four_bytes_a_term_and_twelve_an_edge() -> None:
    (sketch,) = packed([({1: (1, 0), 2: (1, 0)}, [(5, 0.5, 0.25)], PLAIN)])
    assert len(sketch) == 4 * (HEADER + 2 + 3)


@given(st.lists(st.tuples(st.integers(1, 9), EDGES), min_size=1, max_size=5), st.randoms())
def test_edges_among_the_articles_at_hand_are_found_and_no_others(drawn, rng) -> None:
    numbers = rng.sample(range(1, 40), len(drawn))
    lists = [
        [
            (rng.choice(numbers), logit, cosine) if rng.random() < 0.7 else (n, logit, cosine)
            for n, logit, cosine in edges
        ]
        for _, edges in drawn
    ]
    sketches = Sketches.of(packed([({3: (1, 0)}, e, PLAIN) for e in lists]))
    rows, logits, cosines = sketches.edges_within(np.array(numbers, np.int64))
    expected = [
        (row, numbers.index(n), np.float32(logit), np.float32(cosine))
        for row, edges in enumerate(lists)
        for n, logit, cosine in edges
        if n in numbers
    ]
    assert list(zip(*rows.T.tolist(), logits, cosines, strict=True)) == expected


def test_edges_to_what_comes_in_with_it_get_the_numbers_given() -> None:
    edges = edges_of([(7, 1.0, 0.5)])._replace(numbers=np.array([-1, 7, -2]))
    assert edges.numbered([100, 101]).numbers.tolist() == [100, 7, 101]


# Who holds the same keys


def test_the_best_holder_is_kept_though_lesser_ones_were_met_before() -> None:
    slots, bounds = np.array([0, 1], np.int64), np.array([0, 2], np.int64)
    starts, numbers = np.array([0, 3, 4], np.int64), np.array([10, 11, 12, 12], np.uint32)
    pairs, shared, *_ = met(
        slots, np.zeros(2, np.float32), bounds, starts, numbers, np.array([1]), 2, 9
    )
    assert len(pairs) == 2
    assert (12, 2) in zip(pairs[:, 1].tolist(), shared.tolist(), strict=True)


@given(st.data())
@settings(max_examples=60)
def test_the_nearest_holders_are_counted_as_the_long_way_counts_them(data) -> None:
    keys, people, lowest = 6, 8, 100
    holders = [sorted(data.draw(st.sets(st.integers(0, people - 1)))) for _ in range(keys)]
    asked = data.draw(st.lists(st.sets(st.integers(0, keys - 1)), min_size=1, max_size=3))
    weights = data.draw(
        st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=keys, max_size=keys)
    )
    most, most_copies, newest = (
        data.draw(st.integers(1, 9)),
        data.draw(st.integers(1, 9)),
        data.draw(st.integers(1, 9)),
    )
    slots = np.array([k for row in asked for k in sorted(row)], np.int64)
    bounds = np.cumsum([0, *map(len, asked)]).astype(np.int64)
    starts = np.cumsum([0, *map(len, holders)]).astype(np.int64)
    numbers = np.array([lowest + p for held in holders for p in held], np.uint32)
    pairs, shared, dots, times = met(
        slots, np.array(weights, np.float32)[slots], bounds, starts, numbers,
        np.full(len(asked), most), most_copies, newest,
    )  # fmt: skip
    for row, wanted in enumerate(asked):
        dot = {
            p: sum(weights[k] for k in wanted if weights[k] and p in holders[k])
            for p in range(people)
        }
        met_in = {
            p: sum(p in holders[k][-newest:] for k in wanted if not weights[k])
            for p in range(people)
        }
        mine = pairs[:, 0] == row
        found = dict(zip((pairs[mine, 1] - lowest).tolist(), shared[mine].tolist(), strict=True))
        assert len(found) == mine.sum()
        assert all(met_in[p] == times for p, times in found.items())
        assert all(dot[p] or met_in[p] for p in found)
        near = sorted(filter(None, dot.values()), reverse=True)[:most]
        copied = sorted(filter(None, met_in.values()), reverse=True)[:most_copies]
        assert len(found) <= len(near) + len(copied)
        # Nobody is left out who has more in common than one that is needed to fill the number.
        assert all(p in found for p in dot if near and dot[p] > near[-1])
        assert all(p in found for p in met_in if copied and met_in[p] > copied[-1])
        assert sum(dot[p] >= near[-1] for p in found) >= len(near) if near else True
        # What another must have in common at least: 0 where there is room for any.
        seen = sum(1 for p in dot if dot[p] or met_in[p])
        assert dots[row] == (near[-1] if seen > most and len(near) == most else 0)
        full = seen > most_copies and len(copied) == most_copies
        assert times[row] == (copied[-1] if full else 0)


# What the index and the batch path share


@given(st.integers(1, 30), st.data())
def test_components_are_those_of_scipy(n, data) -> None:
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))
    pairs = np.array(data.draw(st.lists(ends, max_size=40)), np.int32).reshape(-1, 2)
    labels = connected(n, pairs)
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (n, n))
    count, expected = connected_components(graph, directed=False)
    assert len(set(labels.tolist())) == count
    assert len(set(zip(labels.tolist(), expected.tolist(), strict=True))) == count
    assert all(labels[label] == label <= at for at, label in enumerate(labels.tolist()))


def test_a_long_chain_in_any_order_is_one_component() -> None:
    chain = np.stack((np.arange(4999), np.arange(1, 5000)), axis=1).astype(np.int32)
    for order in (slice(None), slice(None, None, -1)):
        assert not connected(5000, chain[order].copy()).any()
    assert not connected(5000, np.random.default_rng(1).permutation(chain)).any()


DAYS = st.lists(st.integers(0, 40) | st.integers(-700_000, 2_900_000), max_size=30)


@given(DAYS)
def test_gaps_counted_by_day_are_those_of_dates_at_midnight(days) -> None:
    dates = np.array([d * DAY for d in days] + [UNDATED], np.int64)
    distinct, counts = np.unique(np.array(days, np.int64), return_counts=True)
    assert daily_gaps(distinct, counts) == pytest.approx(corpus_gaps(dates), abs=1e-12)


@given(DAYS, st.lists(st.integers(-700_000, 2_900_000), max_size=5))
def test_days_without_articles_change_no_gap(days, empty) -> None:
    counts = {day: days.count(day) for day in {*days, *empty}}
    both = [
        np.array(sorted(counts), np.int64),
        np.array([counts[d] for d in sorted(counts)], np.int64),
    ]
    only = np.unique(np.array(days, np.int64), return_counts=True)
    assert daily_gaps(*both) == pytest.approx(daily_gaps(*only), abs=1e-12)


def test_gap_bins_without_dates_are_those_of_the_prior() -> None:
    none = daily_gaps(np.empty(0, np.int64), np.empty(0, np.int64))
    assert none.sum() == pytest.approx(1)
    assert len(none) == len(GAP_EDGES)
    assert (none == corpus_gaps(np.empty(0, np.int64))).all()


@settings(max_examples=60)
@given(
    st.lists(st.integers(-800, 800), max_size=40),
    st.lists(st.integers(-800, 800), max_size=10),
)
def test_days_that_come_and_go_leave_the_gaps_of_those_that_stay(stays, goes) -> None:
    found = Days()
    for day in [*stays, *goes]:
        found.count(day, 1)
    for day in goes:
        found.count(day, -1)
    distinct, counts = np.unique(np.array(stays, np.int64), return_counts=True)
    assert found.table().tolist() == [
        list(p) for p in zip(distinct.tolist(), counts.tolist(), strict=True)
    ]
    assert found.gaps() == pytest.approx(daily_gaps(distinct, counts), abs=1e-12)
