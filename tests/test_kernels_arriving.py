"""Kernels that articles come in by: what is sought, placed and compared, against plain loops."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.index.deltas import Count
from dedupe.kernels.incoming import asked, copy_keys, met, met_among, placed, worth_comparing
from dedupe.kernels.lines import shared_ends
from dedupe.kernels.pairs import texts_at_hand
from dedupe.kernels.text import NUMBER
from dedupe.kernels.weigh import numbered, summed
from dedupe.kernels.weights import telling

KEYS = st.lists(st.lists(st.integers(0, 9), unique=True), min_size=1, max_size=5)
ROWS = st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=9), max_size=5)


def ragged(rows, kind=np.uint32):
    """Values one after the other, and their bounds."""
    bounds = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return np.array([value for row in rows for value in row], kind), bounds


def sought(copies, terms):
    """What articles ask for: keys of the copy view below 100, telling ones above, of weight .5."""
    telling_keys, bounds = ragged([[100 + key for key in row] for row in terms])
    weights = np.full(len(telling_keys), 0.5, np.float32)
    return asked(*ragged([sorted(row) for row in copies]), telling_keys, weights, bounds)


@given(KEYS, st.data())
def test_each_article_asks_for_its_own_keys(copies, data) -> None:
    terms = data.draw(st.lists(KEYS.map(lambda rows: rows[0]), min_size=len(copies),
                               max_size=len(copies)))  # fmt: skip
    slots, keys, strengths, bounds = sought(copies, terms)
    for row, (own, told) in enumerate(zip(copies, terms, strict=True)):
        part = slice(bounds[row], bounds[row + 1])
        assert keys[slots[part]].tolist() == [*sorted(own), *(100 + key for key in told)]
        assert strengths[part].tolist() == [0.0] * len(own) + [0.25] * len(told)
    if len(copies) > 1:
        assert (keys[1:] > keys[:-1]).all()


@given(KEYS)
def test_articles_that_come_together_meet_as_if_each_were_stored(copies) -> None:
    slots, keys, strengths, bounds = sought(copies, copies)
    most = (np.full(len(copies), 2), 2, 9)
    pairs, times = met_among(slots, strengths, bounds, len(keys), *most)
    holders = [
        [row for row, own in enumerate(copies) if key in [*own, *(100 + k for k in own)]]
        for key in keys.tolist()
    ]
    numbers, starts = ragged(holders)
    found, shared, *_ = met(slots, strengths, bounds, starts, numbers, *most)
    expected = {}
    for (row, other), often in zip(found.tolist(), shared.tolist(), strict=True):
        if row != other:
            expected.setdefault((max(row, other), -1 - min(row, other)), often)
    assert list(zip(map(tuple, pairs.tolist()), times.tolist(), strict=True)) == sorted(
        expected.items(), key=lambda item: (item[0][0], -1 - item[0][1])
    )


@given(st.data())
def test_pairs_are_placed_by_rows_without_what_is_gone_or_too_old(data) -> None:
    n, numbers = 3, sorted(data.draw(st.sets(st.integers(1, 30), max_size=6)))
    others = st.integers(-n, -1) | st.integers(1, 30)
    pairs = data.draw(st.lists(st.tuples(st.integers(0, n - 1), others), unique=True))
    moments = data.draw(st.lists(st.integers(0, 9), min_size=n + len(numbers),
                                 max_size=n + len(numbers)))  # fmt: skip
    window = data.draw(st.integers(-1, 5))
    shared = np.arange(len(pairs))
    rows, times = placed(
        np.array(pairs, np.int64).reshape(-1, 2), shared, np.array(numbers, np.int64), n,
        np.array(moments, np.int64), window,
    )  # fmt: skip
    expected = []
    for at, (row, number) in enumerate(pairs):
        if number < 0:
            expected.append((row, -1 - number, at))
        elif number in numbers:
            other = n + numbers.index(number)
            if window < 0 or moments[other] >= moments[row] - window:
                expected.append((row, other, at))
    assert np.column_stack((rows, times)).tolist() == [list(pair) for pair in sorted(expected)]


@pytest.mark.parametrize(
    ("shared", "cosine", "compared"),
    [(3, 0.0, True), (2, 0.0, False), (2, 0.1, True), (0, 0.1, False), (0, 0.2, True)],
)
def test_pairs_are_compared_that_share_keys_or_a_template(shared, cosine, compared) -> None:
    found = worth_comparing(
        np.array([[0, 1]], np.int32), np.array([shared]), np.array([cosine], np.float32),
        np.array([10, 20]), 0.3, 0.06, 0.2,
    )  # fmt: skip
    assert found.tolist() == [0] * compared


@given(ROWS, st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=9), max_size=3))
def test_texts_at_hand_are_those_that_came_and_those_that_were_read(own, stored) -> None:
    n, rows = len(own), len(own) + 2 * len(stored) + 1
    wanted = np.array([n + 1 + 2 * at for at in range(len(stored))], np.int32)
    values, ends = ragged(stored)
    shingles, starts, sets, bounds = texts_at_hand(
        *ragged(own), *ragged([sorted(set(row)) for row in own]), values.astype("<u4").view(np.uint8),
        4 * ends, wanted, rows,
    )  # fmt: skip
    expected = [*own, *([] for _ in range(rows - n))]
    for at, row in zip(wanted.tolist(), stored, strict=True):
        expected[at] = row
    for row, text in enumerate(expected):
        assert shingles[starts[row] : starts[row + 1]].tolist() == text
        assert sets[bounds[row] : bounds[row + 1]].tolist() == sorted(set(text))


def test_the_heaviest_terms_tell_an_article() -> None:
    columns, bounds = ragged([[0, 1, 2, 3], [1, 3]])
    weights = np.array([0.5, 0.1, 0.7, 0.5, 0.3, 0.9], np.float32)
    found = telling(columns, weights, bounds, np.array([40, 30, 20, 10]), 2, 2)
    assert [part.tolist() for part in found[::2]] == [[40, 20, 30, 10], [0, 2, 4]]
    assert found[1].tolist() == weights[[0, 2, 4, 5]].tolist()


def test_a_text_shares_an_end_with_one_that_has_its_first_or_its_last_shingle() -> None:
    shingles, starts = ragged([[5, 6, 7], [], [9]])
    others, bounds = ragged([[7, 1], [6], [2, 5], [9], [9]])
    rows = np.array([0, 0, 0, 1, 2], np.int32)
    found = shared_ends(shingles, starts, rows, others, bounds)
    assert found.tolist() == [True, False, True, False, True]


@given(st.lists(st.tuples(st.integers(-3, 3) | st.integers(0, 2**40), st.integers(-2, 2))))
def test_sums_by_key_are_those_of_sorting(counts) -> None:
    keys, times = np.array(counts, np.int64).reshape(-1, 2).T.copy()
    found, expected = summed(keys, times), Count.of(keys, times)
    assert [part.tolist() for part in found] == [part.tolist() for part in expected]


@given(st.lists(st.tuples(st.integers(0, 5) | st.integers(0, 2**22 - 1), st.booleans())))
def test_a_few_terms_are_numbered_without_a_table_of_all(terms) -> None:
    buckets = np.array([bucket for bucket, _ in terms], np.uint32)
    flags = np.array([NUMBER * marked for _, marked in terms], np.uint8)
    found = numbered(buckets, flags, np.empty(0, np.uint32))
    expected = numbered(buckets, flags, np.zeros(1 << 22, np.uint32))
    assert [part.tolist() for part in found] == [part.tolist() for part in expected]


def test_many_terms_are_numbered_alike() -> None:
    buckets = np.random.default_rng(3).integers(0, 1 << 22, 400_000).astype(np.uint32)
    flags = np.zeros(len(buckets), np.uint8)
    found = numbered(buckets, flags, np.empty(0, np.uint32))
    expected = numbered(buckets, flags, np.zeros(1 << 22, np.uint32))
    assert all((one == other).all() for one, other in zip(found, expected, strict=True))


SHORT, NONE = np.zeros(1, np.int64), np.empty(0, np.uint32)
ONE = np.array([0, 1], np.int64)
PAIR = np.array([[0, 1]], np.int32)


@pytest.mark.skipif(os.environ.get("DEDUPE_TWINS") == "1", reason="twins trust their callers")
@pytest.mark.parametrize(
    "call",
    [
        lambda: copy_keys(NONE, ONE, 8, 15, 9),
        lambda: asked(NONE, SHORT, NONE, np.empty(0, np.float32), ONE),
        lambda: asked(NONE, ONE - ONE, np.zeros(1, np.uint32), np.empty(0, np.float32), ONE),
        lambda: met_among(ONE[1:], np.zeros(1, np.float32), ONE, 1, ONE[:1], 2, 2),
        lambda: placed(PAIR.astype(np.int64), SHORT, SHORT, 1, SHORT, -1),
        lambda: placed(PAIR.astype(np.int64) + 1, SHORT, SHORT, 1, ONE, -1),
        lambda: worth_comparing(PAIR, SHORT, np.zeros(1, np.float32), SHORT, 0.3, 0.1, 0.2),
        lambda: texts_at_hand(
            NONE, SHORT, NONE, SHORT, np.zeros(3, np.uint8), 3 * ONE, np.zeros(1, np.int32), 1
        ),
        lambda: texts_at_hand(
            NONE, SHORT, NONE, SHORT, np.zeros(4, np.uint8), 4 * ONE, np.ones(1, np.int32), 1
        ),
        lambda: telling(NONE, np.empty(0, np.float32), SHORT, SHORT, 1, 2),
        lambda: telling(np.ones(1, np.uint32), np.ones(1, np.float32), ONE, SHORT, 1, 2),
        lambda: shared_ends(NONE, SHORT, np.zeros(1, np.int32), NONE, ONE - ONE),
        lambda: summed(ONE, SHORT),
    ],
)  # fmt: skip
def test_sizes_that_do_not_fit_are_refused(call) -> None:
    with pytest.raises(ValueError, match=r"."):
        call()
