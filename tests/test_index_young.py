"""The newest postings in memory, against a plain list of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.index.tables.young import Young
from dedupe.kernels.postings import distinct

HIGHEST = 2**32 - 1
ENTRIES = st.lists(st.sets(st.integers(0, 5) | st.just(HIGHEST), max_size=4), max_size=30)
"""Keys of entries."""


def newest(found: Young, key: int, most: int, after: int = -1) -> list[int]:
    """The newest numbers of one key, newest first; of those up to ``after`` some may be left out."""
    left = np.array([most], np.int64)
    sources = list(found.newest(np.array([key], np.uint32), left, after))
    numbers = [number for _, part in sources for number in part.tolist()]
    assert left[0] == most - len(numbers)
    assert sum(int(counts[0]) for counts, _ in sources) == len(numbers)
    return numbers


def added(found: Young, entries, first: int) -> list[tuple[int, int]]:
    """Adds entries one by one; their postings."""
    for number, keys in enumerate(entries, first):
        found.add(np.array(sorted(keys), np.uint32), np.full(len(keys), number))
    return [(key, number) for number, keys in enumerate(entries, first) for key in keys]


@settings(max_examples=200)
@given(st.lists(st.tuples(ENTRIES, st.booleans()), max_size=6), st.integers(1, 9))
def test_the_newest_of_each_key_are_found_before_and_after_some_were_dropped(steps, most) -> None:
    found, held, number = Young(), [], 0
    for entries, drops in steps:
        held += added(found, entries, number)
        number += len(entries)
        if drops:
            sealed = number // 2
            found.drop(sealed)
            held = [(key, n) for key, n in held if n >= sealed]
        assert found.size == len(held)
        for key in (*range(6), HIGHEST):
            expected = sorted((n for k, n in held if k == key), reverse=True)[:most]
            assert newest(found, key, most) == expected
            later = [n for n in newest(found, key, most, number // 2) if n > number // 2]
            assert later == [n for n in expected if n > number // 2]
        for last in (number // 2, number):
            own = sorted((k << 32) | n for k, n in held if n <= last)
            assert found.between(last, 0, 2**32).tolist() == own
            low, high = 1 << 32, 3 << 32
            assert found.between(last, 1, 3).tolist() == [p for p in own if low <= p < high]


@given(ENTRIES)
def test_what_is_read_at_once_is_as_if_it_had_come_one_by_one(entries) -> None:
    one, other = Young(), Young()
    added(one, entries, 0)
    other.load(
        [(n, np.array(sorted(keys), "<u4").tobytes()) for n, keys in enumerate(entries) if keys]
    )
    for key in range(6):
        assert newest(one, key, 99) == newest(other, key, 99)


@given(st.lists(st.integers(0, 9)))
def test_distinct_values_are_those_of_numpy(values) -> None:
    drawn = np.array(values, np.int64)
    assert distinct(drawn).tolist() == np.unique(drawn).tolist()
