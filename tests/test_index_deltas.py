"""Records of document frequencies: they add up, and bytes that are none are refused."""

from __future__ import annotations

import numpy as np
import pytest
from corpora import fixture_articles
from hypothesis import given
from hypothesis import strategies as st
from index_corpus import newsroom

from dedupe.config import Settings
from dedupe.errors import DamagedError
from dedupe.index.arrivals import arrivals
from dedupe.index.deltas import Count, Delta
from dedupe.sketch import TERM_BITS

SKETCHES = arrivals([*fixture_articles(), *newsroom(4, events=1)], Settings()).packed


def plain(delta: Delta) -> dict:
    """All that is counted, by language."""
    articles = zip(*map(np.ndarray.tolist, delta.articles), strict=True)
    return {
        "articles": {delta.languages[at]: times for at, times in articles},
        "terms": {
            (delta.languages[key >> TERM_BITS], key & ((1 << TERM_BITS) - 1)): times
            for key, times in zip(*map(np.ndarray.tolist, delta.terms), strict=True)
        },
        "named": dict(zip(*map(np.ndarray.tolist, delta.named), strict=True)),
        "days": dict(zip(*map(np.ndarray.tolist, delta.days), strict=True)),
    }


def whole(rows, sign: int = 1) -> Delta:
    """The delta of articles of the fixtures."""
    chosen = np.array(sorted(rows), np.int64)
    sketches = type(SKETCHES)(SKETCHES.words, SKETCHES.first[chosen])
    return Delta.of(sketches, np.full(len(chosen), sign, np.int64))


ROWS = st.sets(st.integers(0, len(SKETCHES) - 1))


@given(ROWS, ROWS)
def test_parts_add_up_to_the_whole(ours, theirs):
    parts = [whole(ours), whole(theirs - ours), whole(ours - theirs, -1)]
    assert plain(Delta.total(parts)) == plain(whole(theirs))


@given(ROWS)
def test_what_is_packed_comes_out_again(rows):
    delta = whole(rows)
    assert plain(Delta.unpacked(delta.packed())) == plain(delta)


def test_several_languages_are_kept_apart():
    found = plain(whole(range(len(SKETCHES))))
    assert len(found["articles"]) > 2
    assert sum(found["articles"].values()) == len(SKETCHES)
    assert all(times > 0 for times in found["terms"].values())
    terms = SKETCHES.terms()
    assert sum(found["terms"].values()) == len(terms.buckets)


def test_days_before_1970_are_counted():
    none = Count(np.empty(0, np.int64), np.empty(0, np.int64))
    days = Count(np.array([-700_000, 3]), np.array([2, 1]))
    delta = Delta([], none, none, none, days)
    assert plain(Delta.unpacked(delta.packed()))["days"] == {-700_000: 2, 3: 1}


@given(st.data())
def test_bytes_that_are_no_record_are_damage(data):
    packed = bytearray(whole({0, 1}).packed())
    if data.draw(st.booleans()):
        wrong = bytes(packed[: data.draw(st.integers(0, len(packed) - 1))])
    else:
        wrong = bytes(packed) + data.draw(st.binary(min_size=1))
    with pytest.raises(DamagedError, match="document frequencies"):
        Delta.unpacked(wrong)


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-2, 2))))
def test_a_count_sums_up_what_is_of_one_key(pairs):
    keys, times = np.array(pairs, np.int64).reshape(-1, 2).T
    expected = {key: sum(t for k, t in pairs if k == key) for key, _ in pairs}
    found = Count.of(keys, times)
    assert dict(zip(found.keys.tolist(), found.times.tolist(), strict=True)) == {
        key: total for key, total in expected.items() if total
    }
    assert (np.diff(found.keys) > 0).all()
