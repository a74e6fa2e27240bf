"""The kernel that tells digests, and its readable twin."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedupe.digests import LEAST_DIGEST, MENTIONED, MOST_ALIKE, MOST_SHARED, digests, mentions
from dedupe.group import LEAST_CHANCE
from dedupe.weigh import Marked, Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def told_by_reading(
    pairs: Sequence[tuple[int, int]], chances: Sequence[float], rows: Sequence[dict[int, float]]
) -> set[int]:
    """What ``digests`` finds, step by step; no row has more neighbours than are looked at."""
    linked = {p for p, c in zip(pairs, chances, strict=True) if c >= LEAST_CHANCE}
    likely_of: dict[int, list[tuple[float, int]]] = {row: [] for row in range(len(rows))}
    for (a, b), chance in zip(pairs, chances, strict=True):
        if chance >= MENTIONED:
            likely_of[a].append((-chance, b))
            likely_of[b].append((-chance, a))
    near: dict[int, list[int]] = {row: [] for row in range(len(rows))}
    for row, others in likely_of.items():
        for _, other in sorted(others):
            met = sum((min(other, one), max(other, one)) in linked for one in near[row])
            if met < MOST_ALIKE:
                near[row].append(other)

    def part(row: int, other: int) -> dict[int, np.float32]:
        shared = rows[row].keys() & rows[other].keys()
        return {k: np.float32(rows[row][k]) * np.float32(rows[other][k]) for k in shared}

    def together(row: int, a: int, b: int) -> bool:
        if (min(a, b), max(a, b)) in linked:
            return True
        one, other = part(row, a), part(row, b)
        both = sum(min(one[k], other[k]) for k in one.keys() & other.keys())
        return bool(both > MOST_SHARED * min(sum(one.values()), sum(other.values())))

    def apart(row: int, three: tuple[int, ...]) -> bool:
        return not any(together(row, a, b) for a, b in combinations(three, 2))

    likely = {r for r in near if any(apart(r, three) for three in combinations(near[r], 3))}

    def groups(row: int) -> int:
        left, count = set(near[row]) - likely, 0
        while left:
            waiting, count = [left.pop()], count + 1
            while waiting:
                one = waiting.pop()
                tied = {other for other in left if together(row, one, other)}
                left -= tied
                waiting += tied
        return count

    return {row for row in likely if groups(row) >= 3}


def weights_of(rows: Sequence[dict[int, float]], width: int) -> Weights:
    columns = np.array([c for row in rows for c in sorted(row)], np.uint32)
    values = np.array([row[c] for row in rows for c in sorted(row)], np.float32)
    bounds = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    none = Marked(columns[:0], values[:0], np.empty(0, np.uint8), np.zeros(len(rows) + 1, np.int64))
    return Weights(columns, values, bounds, np.arange(width, dtype=np.int64), none, None)


def long(n: int) -> NDArray[np.int64]:
    """Words of n articles that are long enough to be digests."""
    return np.full(n, 100)


GRAPHS = st.integers(3, 9).flatmap(
    lambda n: st.tuples(
        st.lists(
            st.sampled_from([*combinations(range(n), 2)]), unique=True, max_size=n * (n - 1) // 2
        ),
        st.lists(
            st.dictionaries(
                st.integers(0, 7), st.sampled_from([0.125, 0.25, 0.5, 1.0]), max_size=6
            ),
            min_size=n,
            max_size=n,
        ),
        st.lists(st.sampled_from([0.0, 0.04, 0.1, 0.5, 0.9]), min_size=36, max_size=36),
    )
)


@given(GRAPHS)
def test_the_kernel_finds_what_reading_finds(
    graph: tuple[list[tuple[int, int]], list[dict[int, float]], list[float]],
) -> None:
    edges, rows, drawn = graph
    edges.sort()
    chances = drawn[: len(edges)]
    pairs = np.array(edges, np.int32).reshape(-1, 2)
    found = digests(
        pairs, np.array(chances), long(len(rows)), lambda _: weights_of(rows, 8).term_rows
    )
    assert set(np.flatnonzero(found).tolist()) == told_by_reading(edges, chances, rows)


def test_rows_with_thousands_of_neighbours_are_looked_up_as_others_are_read() -> None:
    from twins import digests as reading

    from dedupe.kernels.digests import confirmed, looked_at
    from dedupe.kernels.tree import adjacency

    draw = np.random.default_rng(3)
    hubs, n = 40, 700
    met = np.stack(np.meshgrid(np.arange(hubs), np.arange(hubs, n)), axis=-1).reshape(-1, 2)
    among = draw.integers(0, n, (3000, 2))  # some of them twice, and some in the other order
    among = np.sort(np.concatenate((among, draw.integers(0, hubs, (60, 2)))), axis=1)
    pairs = np.concatenate((met[draw.random(len(met)) < 0.9], among[among[:, 0] < among[:, 1]]))
    chances = draw.choice([0.2, 0.35, 0.5, 0.9], len(pairs))
    graph = adjacency(pairs.astype(np.int32), chances, LEAST_CHANCE, n)
    assert np.diff(graph[2]).max() > 512
    asked, rows = (MENTIONED, 32, MOST_ALIKE), np.array([0, 7, 38, 40, 100, 350, 698])
    found = looked_at(*graph, *asked, rows)
    assert np.array_equal(found, reading.looked_at(*graph, *asked, rows))
    parts = [dict.fromkeys([0, *draw.choice(59, 4, replace=False) + 1], 1.0) for _ in range(n)]
    for row in rows[::2]:  # all others share its one term with it
        parts[row] = {0: 1.0}
    for row in rows[1::2]:
        del parts[row][0]
    columns, values, ends, width = weights_of(parts, 60).term_rows
    likely = np.empty(0, np.bool_)
    for _ in range(2):
        told = (rows, (columns, values, ends), width, MOST_SHARED, likely)
        found = confirmed(*graph, *asked, *told)
        assert np.array_equal(found, reading.confirmed(*graph, *asked, *told))
        assert 0 < found.sum() < len(rows)
        likely = np.zeros(n, np.bool_)
        likely[rows] = found


def test_weights_are_asked_for_only_where_pairs_leave_it_open() -> None:
    def never() -> Weights:
        raise AssertionError

    pairs = np.array([[0, 1], [0, 2], [1, 2]], np.int32)
    assert not digests(pairs, np.array([0.9, 0.9, 0.9]), long(4), never).any()
    assert not digests(pairs[:0], np.empty(0), long(0), never).any()


def test_two_digests_do_not_mention_each_other() -> None:
    pairs = np.array([[0, 1], [0, 2], [1, 2], [2, 3]], np.int32)
    told = np.array([True, True, False, False])
    found = mentions(pairs, np.array([0.9, 0.5, 0.7, 0.9]), told)
    assert found.tolist() == [[1, 2], [0, 2]]


def told(edges: Sequence[tuple[int, int]], rows: Sequence[dict[int, float]]) -> list[int]:
    """The digests among rows, some of which are likely of one story."""
    pairs = np.array(sorted(edges), np.int32)
    found = digests(
        pairs, np.full(len(pairs), 0.9), long(len(rows)), lambda _: weights_of(rows, 8).term_rows
    )
    assert set(np.flatnonzero(found).tolist()) == told_by_reading(
        sorted(edges), [0.9] * len(edges), rows
    )
    return np.flatnonzero(found).tolist()


PARTS = [{0: 0.5, 1: 0.5, 2: 0.5, 3: 0.5}, {0: 1.0}, {1: 1.0}, {2: 1.0}]
"""An article, and three that share another term with it each."""


def test_three_stories_told_in_three_parts_make_a_digest() -> None:
    assert told([(0, 1), (0, 2), (0, 3)], PARTS) == [0]


def test_a_headline_tells_no_three_stories() -> None:
    pairs, chances = np.array([[0, 1], [0, 2], [0, 3]], np.int32), np.full(3, 0.9)
    for words, expected in ((LEAST_DIGEST - 1, []), (LEAST_DIGEST, [0])):
        lengths = np.array([words, 9, 9, 9])
        found = digests(pairs, chances, lengths, lambda _: weights_of(PARTS, 8).term_rows)
        assert np.flatnonzero(found).tolist() == expected


def test_three_stories_told_in_one_part_make_none() -> None:
    assert told([(0, 1), (0, 2), (0, 3)], [PARTS[0], {0: 1.0}, {0: 1.0}, {0: 1.0}]) == []


def test_two_stories_make_none() -> None:
    assert told([(0, 1), (0, 2), (0, 3), (2, 3)], PARTS) == []


def test_what_links_the_three_in_turn_speaks_against_a_digest() -> None:
    chain = [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (1, 4), (2, 4), (2, 5), (3, 5)]
    assert told(chain, [*PARTS, {4: 1.0}, {5: 1.0}]) == []


def test_another_digest_links_nothing() -> None:
    both = [(one, story) for one in (0, 4) for story in (1, 2, 3)]
    assert told([(min(p), max(p)) for p in [*both, (0, 4)]], [*PARTS, PARTS[0]]) == [0, 4]
