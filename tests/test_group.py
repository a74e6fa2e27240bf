"""Pairs to groups: linkage against SciPy, partitions against exhaustive search."""

from __future__ import annotations

import random
import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import squareform

from dedupe.group import (
    LEAST_CHANCE,
    LEAST_MEAN,
    ROUNDS,
    components,
    excerpts,
    found_again,
    in_linkage_order,
    linked,
    merged,
    pairs_within,
    representatives,
    rooted,
    stars,
    story_groups,
)
from dedupe.kernels.moves import improve
from dedupe.kernels.postings import distinct
from dedupe.kernels.tree import adjacency, average_tree, best_partition

UNDATED, DAY = np.iinfo(np.int64).max, 86_400_000_000


def as_pairs(pairs) -> np.ndarray:
    return np.array(sorted(pairs), np.int32).reshape(-1, 2)


def all_pairs(n: int) -> np.ndarray:
    return as_pairs(combinations(range(n), 2))


def partition(labels) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


def lowest_of_each(labels) -> bool:
    return all(labels[label] == label <= i for i, label in enumerate(labels))


def random_graph(rng: random.Random, n: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs with chances that no sum of them repeats."""
    pairs = as_pairs(pair for pair in combinations(range(n), 2) if rng.random() < share)
    return pairs, np.array([rng.uniform(0.02, 1) for _ in pairs])


def dense(n: int, pairs: np.ndarray, values: np.ndarray) -> np.ndarray:
    found = np.zeros((n, n))
    found[pairs[:, 0], pairs[:, 1]] = values
    return found + found.T


def scipy_groups(similarity: np.ndarray, cut: float) -> set[frozenset[int]]:
    """Average linkage of a dense matrix, cut where the mean similarity falls below ``cut``."""
    distance = 2.0 - similarity
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance), "average")
    return partition(fcluster(tree, 2.0 - cut, "distance"))


@given(st.integers(1, 12), st.data())
def test_components_are_labelled_by_their_lowest_index(n, data) -> None:
    ends = st.integers(0, n - 1)
    pairs = as_pairs(data.draw(st.lists(st.tuples(ends, ends))))
    found = components(n, pairs)
    reach = np.eye(n, dtype=bool)
    for _ in range(n):
        for a, b in pairs:
            reach[a] |= reach[b]
            reach[b] = reach[a]
    wanted = [np.flatnonzero(reach[i] | reach[:, i]).min() for i in range(n)]
    assert found.tolist() == wanted


@pytest.mark.parametrize("seed", range(30))
def test_linkage_of_copies_is_scipys_average_linkage(seed: int) -> None:
    rng = random.Random(seed)
    n = rng.randint(2, 30)
    pairs, strength = random_graph(rng, n, rng.choice([0.1, 0.3, 1.0]))
    parts = components(n, pairs)
    inner = pairs_within(parts)
    matrix = dense(n, pairs, strength)
    found = linked(parts, inner, matrix[inner[:, 0], inner[:, 1]], 0.5)
    assert lowest_of_each(found)
    assert partition(found) == scipy_groups(matrix, 0.5)


def test_a_chain_of_copies_is_no_group_where_its_mean_falls_short() -> None:
    n = 8
    matrix = np.array([[0.9 if abs(i - j) == 1 else 0.0 for j in range(n)] for i in range(n)])
    pairs = all_pairs(n)
    found = linked(np.zeros(n, np.int32), pairs, matrix[pairs[:, 0], pairs[:, 1]], 0.5)
    assert max(map(len, partition(found))) == 2


@pytest.mark.parametrize("labels", [[], [0], [0, 1, 2], [0, 0, 0], [0, 1, 0, 1, 4, 0]])
def test_pairs_within_are_all_pairs_of_members(labels: list[int]) -> None:
    wanted = [(i, j) for i, j in combinations(range(len(labels)), 2) if labels[i] == labels[j]]
    found = pairs_within(np.array(labels, np.int32))
    assert [tuple(pair) for pair in found.tolist()] == wanted


def textbook_tree(matrix: np.ndarray, sizes: np.ndarray, floor: float) -> set[frozenset[int]]:
    """The clusters of average linkage, each pair of members counted by both sizes."""
    clusters = [frozenset([i]) for i in range(len(matrix))]
    found: set[frozenset[int]] = set()

    def mean(pair: tuple[frozenset[int], frozenset[int]]) -> float:
        a, b = map(sorted, pair)
        weight = np.outer(sizes[a], sizes[b])
        return float((matrix[np.ix_(a, b)] * weight).sum() / weight.sum())

    while len(clusters) > 1:
        a, b = max(combinations(clusters, 2), key=mean)
        if mean((a, b)) < floor:
            break
        clusters = [c for c in clusters if c not in (a, b)] + [a | b]
        found.add(a | b)
    return found


def members_of(merges: np.ndarray, n: int) -> list[frozenset[int]]:
    """Members of every node of a tree: articles first, then merges."""
    found = [frozenset([i]) for i in range(n)]
    for a, b in merges.tolist():
        assert not found[a] & found[b]
        found.append(found[a] | found[b])
    return found


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("weighted", [False, True])
def test_the_tree_is_the_textbooks_average_linkage(seed: int, weighted: bool) -> None:
    rng = random.Random(seed)
    n = rng.randint(1, 14)
    pairs, chances = random_graph(rng, n, rng.choice([0.15, 0.4, 1.0]))
    sizes = np.array([float(rng.randint(1, 5)) if weighted else 1.0 for _ in range(n)])
    merges = average_tree(*adjacency(pairs, chances, 0.01, n), sizes, 0.05)
    wanted = textbook_tree(dense(n, pairs, chances), sizes, 0.05)
    assert set(members_of(merges, n)[n:]) == wanted
    assert len(merges) == len(wanted)


@pytest.mark.parametrize("seed", range(5))
def test_the_tree_of_a_larger_graph_is_scipys(seed: int) -> None:
    rng = random.Random(seed)
    n = 80
    pairs, chances = random_graph(rng, n, 0.1)
    merges = average_tree(*adjacency(pairs, chances, 0.01, n), np.ones(n), 0.02)
    labels = np.arange(n)
    for part in members_of(merges, n):
        labels[sorted(part)] = min(part)
    assert partition(labels) == scipy_groups(dense(n, pairs, chances), 0.02)


def test_an_article_printed_often_weighs_as_often_in_the_tree() -> None:
    # 0 stands for nine articles: the mean of (0, 1) to 2 is near that of 0.
    pairs, chances = as_pairs([(0, 1), (0, 2), (1, 2)]), np.array([0.9, 0.6, 0.1])
    rows = adjacency(pairs, chances, 0.01, 3)
    assert len(average_tree(*rows, np.array([9.0, 1.0, 1.0]), 0.5)) == 2
    assert len(average_tree(*rows, np.array([1.0, 9.0, 1.0]), 0.5)) == 1


ROUNDING = [
    (0, 1, 0.9), (0, 2, 0.2), (0, 3, 0.1), (0, 4, 0.2), (0, 5, 0.3), (1, 2, 0.3), (1, 3, 0.1),
    (1, 4, 0.1), (1, 5, 0.1), (2, 3, 0.9), (2, 4, 0.3), (2, 5, 0.1), (3, 4, 0.2), (3, 5, 0.1),
    (4, 5, 0.9),
]  # fmt: skip


def test_means_that_differ_by_rounding_alone_do_not_lead_the_chain_in_a_circle() -> None:
    pairs = np.array([(a, b) for a, b, _ in ROUNDING], np.int32)
    rows = adjacency(pairs, np.array([chance for *_, chance in ROUNDING]), 0.01, 6)
    merges = average_tree(*rows, np.ones(6), 0.02)
    assert {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5})} < set(members_of(merges, 6))
    assert len(merges) == 5


@given(st.integers(1, 9), st.data())
def test_equal_chances_give_a_tree_all_the_same(n, data) -> None:
    every = list(combinations(range(n), 2))
    kept = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    pairs = as_pairs(kept)
    # Sums of these are exact in any order.
    steps = st.lists(st.sampled_from([0.25, 0.5, 0.75]), min_size=len(kept), max_size=len(kept))
    chances = np.array(data.draw(steps))
    merges = average_tree(*adjacency(pairs, chances, 0.01, n), np.ones(n), 0.02)
    found = members_of(merges, n)
    tops = [c for c in found if not any(c < other for other in found)]
    assert sum(map(len, tops)) == n
    if kept:
        likeliest = pairs[chances == chances.max()].tolist()
        assert any(set(pair) <= top for pair in likeliest for top in tops)


def expected_f1(groups, matrix: np.ndarray, sizes: np.ndarray) -> float:
    """Sum over articles of their expected B-cubed F1, 2 S / (|K| + T)."""
    whole, value = matrix + np.eye(len(matrix)), 0.0
    for group in map(sorted, groups):
        for i in group:
            shared = (whole[i, group] * sizes[group]).sum()
            value += sizes[i] * 2 * shared / (sizes[group].sum() + (whole[i] * sizes).sum())
    return value


def cuts(
    node: int, merges: np.ndarray, members: list[frozenset[int]]
) -> list[list[frozenset[int]]]:
    """Every way to cut a tree: a node whole, or any cuts of both of its children."""
    n = len(members) - len(merges)
    found = [[members[node]]]
    if node >= n:
        a, b = merges[node - n].tolist()
        found += [x + y for x in cuts(a, merges, members) for y in cuts(b, merges, members)]
    return found


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("weighted", [False, True])
def test_the_partition_is_the_best_of_all_cuts_of_the_tree(seed: int, weighted: bool) -> None:
    rng = random.Random(seed)
    n = rng.randint(1, 9)
    pairs, chances = random_graph(rng, n, rng.choice([0.3, 0.7, 1.0]))
    sizes = np.array([float(rng.randint(1, 4)) if weighted else 1.0 for _ in range(n)])
    rows = adjacency(pairs, chances, 0.01, n)
    merges = average_tree(*rows, sizes, 0.02)
    members = members_of(merges, n)
    matrix = dense(n, pairs, chances)
    inner = set(merges.ravel().tolist())
    best = 0.0
    for root in set(range(len(members))) - inner:
        best += max(expected_f1(cut, matrix, sizes) for cut in cuts(root, merges, members))
    found = best_partition(merges, *rows, sizes)
    assert lowest_of_each(found)
    assert partition(found) <= set(members)
    assert expected_f1(partition(found), matrix, sizes) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(5))
def test_adjacency_lists_each_pair_from_both_sides(seed: int) -> None:
    rng = random.Random(seed)
    pairs, chances = random_graph(rng, 20, 0.4)
    neighbours, values, bounds = adjacency(pairs, chances, 0.3, 20)
    matrix = dense(20, pairs, np.where(chances >= 0.3, chances, 0))
    for i in range(20):
        part = slice(bounds[i], bounds[i + 1])
        assert neighbours[part].tolist() == np.flatnonzero(matrix[i]).tolist()
        assert values[part].tolist() == matrix[i][matrix[i] > 0].tolist()


def test_sure_pairs_are_one_story_and_strangers_are_not() -> None:
    pairs = as_pairs([(0, 1), (0, 2), (1, 2), (2, 3)])
    groups = story_groups(pairs, np.array([0.95, 0.9, 0.92, 0.05]), np.ones(5))
    assert partition(groups) == {frozenset({0, 1, 2}), frozenset({3}), frozenset({4})}


def test_one_sure_pair_does_not_chain_two_stories() -> None:
    inside = [*combinations(range(4), 2), *combinations(range(4, 8), 2)]
    pairs = as_pairs([*inside, (3, 4)])
    chances = np.array([0.9 for _ in pairs])
    groups = story_groups(pairs, chances, np.ones(8))
    assert partition(groups) == {frozenset(range(4)), frozenset(range(4, 8))}


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("weighted", [False, True])
def test_stories_are_at_least_as_good_as_the_best_cut_of_the_tree(
    seed: int, weighted: bool
) -> None:
    rng = random.Random(seed)
    n = rng.randint(2, 25)
    pairs, chances = random_graph(rng, n, rng.choice([0.2, 0.5]))
    sizes = np.array([float(rng.randint(1, 4)) if weighted else 1.0 for _ in range(n)])
    rows = adjacency(pairs, chances, LEAST_CHANCE, n)
    tree = best_partition(average_tree(*rows, sizes, LEAST_MEAN), *rows, sizes)
    matrix = dense(n, pairs, np.where(chances >= LEAST_CHANCE, chances, 0))
    found = story_groups(pairs, chances, sizes)
    reached = expected_f1(partition(found), matrix, sizes)
    assert reached >= expected_f1(partition(tree), matrix, sizes) - 1e-9


def moved(groups, i: int, other: frozenset[int]) -> set[frozenset[int]]:
    """The partition once ``i`` has gone over to ``other``; to the empty set: stands alone."""
    home = next(group for group in groups if i in group)
    return (groups - {home, other}) | {other | {i}} | ({home - {i}} - {frozenset()})


def own_f1(i: int, group: frozenset[int], matrix: np.ndarray) -> float:
    """Expected B-cubed F1 of one article in a group that it joins."""
    return 2 * (1 + matrix[i, sorted(group)].sum()) / (len(group) + 2 + matrix[i].sum())


def better_moves(seed: int) -> tuple[bool, bool]:
    """Whether any move, and whether one to where an article is best off or alone, would gain."""
    rng = random.Random(seed)
    n = rng.randint(2, 12)
    pairs, chances = random_graph(rng, n, rng.choice([0.3, 0.6]))
    matrix = dense(n, pairs, np.where(chances >= LEAST_CHANCE, chances, 0))
    groups = partition(story_groups(pairs, chances, np.ones(n)))
    least = expected_f1(groups, matrix, np.ones(n)) + 1e-6
    anywhere = best_off = False
    for i in range(n):
        home = next(group for group in groups if i in group)
        others = [*(groups - {home}), frozenset()]
        likeliest = max(others, key=lambda other, i=i: own_f1(i, other, matrix))
        for other in others:
            if expected_f1(moved(groups, i, other), matrix, np.ones(n)) > least:
                anywhere = True
                best_off = best_off or other in (likeliest, frozenset())
    return anywhere, best_off


def test_no_article_would_gain_by_going_over_to_another_story() -> None:
    found = [better_moves(seed) for seed in range(300)]
    assert not any(best_off for _, best_off in found)
    # The move that gains most for all need not be to where the article itself is best off.
    assert sum(anywhere for anywhere, _ in found) <= 3


@pytest.mark.parametrize("seed", range(200))
def test_a_story_is_named_by_its_lowest_member_and_hangs_together(seed: int) -> None:
    rng = random.Random(seed)
    n = rng.randint(2, 30)
    pairs, chances = random_graph(rng, n, rng.choice([0.1, 0.2, 0.5]))
    found = story_groups(pairs, chances, np.ones(n))
    assert lowest_of_each(found)
    inside = (found[pairs[:, 0]] == found[pairs[:, 1]]) & (chances >= LEAST_CHANCE)
    assert partition(components(n, pairs[inside])) == partition(found)


PARTING = [
    (0, 4, 0.9), (0, 6, 0.6), (0, 7, 0.83), (1, 4, 0.94), (1, 5, 0.9), (2, 3, 0.9), (2, 4, 1.0),
    (3, 4, 0.45), (4, 5, 0.5), (4, 6, 0.36), (4, 7, 0.7), (6, 7, 0.9),
]  # fmt: skip
"""Article 4 first holds 1 and 5 together with 2 and 3; then it goes over to 0, 6 and 7."""


def test_a_story_falls_apart_when_the_article_that_linked_it_moves_away() -> None:
    pairs = np.array([(a, b) for a, b, _ in PARTING], np.int32)
    chances = np.array([chance for *_, chance in PARTING])
    sizes = np.array([4.0, 1, 1, 1, 3, 1, 2, 1])
    rows = adjacency(pairs, chances, LEAST_CHANCE, 8)
    labels = best_partition(average_tree(*rows, sizes, LEAST_MEAN), *rows, sizes)
    linked_by_4 = {frozenset({1, 2, 3, 4, 5}), frozenset({0, 6, 7})}
    assert partition(labels) == linked_by_4
    improve(labels, *rows, sizes, ROUNDS)
    without = {frozenset({1, 2, 3, 5}), frozenset({0, 4, 6, 7})}
    assert partition(labels) == without, "4 stays: this example no longer tests the parting"
    found = partition(story_groups(pairs, chances, sizes))
    assert found == {frozenset({1, 5}), frozenset({2, 3}), frozenset({0, 4, 6, 7})}


@given(st.integers(1, 10), st.integers(1, 4), st.data())
def test_moving_articles_never_lowers_the_sum_of_expected_f1(n, rounds, data) -> None:
    every = list(combinations(range(n), 2))
    kept = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    pairs = as_pairs(kept)
    chances = np.array(
        data.draw(st.lists(st.floats(0.06, 1), min_size=len(kept), max_size=len(kept)))
    )
    sizes = np.array(data.draw(st.lists(st.integers(1, 20).map(float), min_size=n, max_size=n)))
    start = np.array(data.draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n)), np.int32)
    labels = start.copy()
    improve(labels, *adjacency(pairs, chances, LEAST_CHANCE, n), sizes, rounds)
    assert ((labels >= 0) & (labels < n)).all()
    matrix = dense(n, pairs, chances)
    before, after = (expected_f1(partition(part), matrix, sizes) for part in (start, labels))
    assert after >= before - 1e-9
    assert after > before or partition(labels) == partition(start)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_without_pairs_every_article_is_its_own_story(n: int) -> None:
    assert story_groups(as_pairs([]), np.empty(0), np.ones(n)).tolist() == list(range(n))


def connected_groups(rng: random.Random, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Groups, pairs that connect each (and others across), and their strengths."""
    pairs, strength = random_graph(rng, n, 0.25)
    inside = np.array([rng.random() < 0.8 for _ in pairs], bool)
    return components(n, pairs[inside]), pairs, strength


@pytest.mark.parametrize("seed", range(30))
def test_members_hang_from_their_representative_by_a_maximum_spanning_tree(seed: int) -> None:
    rng = random.Random(seed)
    n = rng.randint(1, 40)
    labels, pairs, strength = connected_groups(rng, n)
    heads = representatives(
        labels, np.array([rng.choice([1, 2, UNDATED]) for _ in range(n)]), np.ones(n, np.int64)
    )
    tree = rooted(labels, heads, pairs, strength)
    total = 0.0
    for i in range(n):
        parent, link = tree.parents[i], tree.links[i]
        if heads[i] == i:
            assert parent == link == -1
            continue
        assert sorted((i, parent)) == pairs[link].tolist()
        assert labels[parent] == labels[i]
        total += strength[link]
        steps, at = 0, i
        while tree.parents[at] >= 0:
            at, steps = tree.parents[at], steps + 1
            assert steps <= n
        assert at == heads[i]
    inside = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    graph = coo_matrix((-strength[inside], tuple(pairs[inside].T)), shape=(n, n))
    assert total == pytest.approx(-minimum_spanning_tree(graph).sum())


@given_settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([1, 2, UNDATED]), st.integers(1, 3)),
                min_size=1, max_size=12))  # fmt: skip
def test_the_representative_is_the_earliest_then_the_longest_then_the_first(rows) -> None:
    group, dates, sizes = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    labels = np.array([np.flatnonzero(group == g).min() for g in group], np.int32)
    found = representatives(labels, dates, sizes)
    for i, label in enumerate(labels):
        members = np.flatnonzero(labels == label)
        assert found[i] == min(members, key=lambda m: (dates[m], -sizes[m], m))


def test_a_day_comes_behind_the_times_on_it() -> None:
    labels, sizes = np.zeros(4, np.int32), np.array([9, 1, 1, 1])
    dates = np.array([3 * DAY, 3 * DAY + 5, 4 * DAY, UNDATED])
    assert representatives(labels, dates, sizes)[0] == 1
    assert representatives(labels[:3], np.array([3 * DAY, 3 * DAY, 4 * DAY]), sizes[:3])[0] == 0


def test_an_excerpt_is_tied_to_the_one_text_that_holds_most_of_it() -> None:
    lengths = np.array([100, 100, 20, 18])
    pairs = as_pairs([(0, 2), (1, 2), (1, 3), (0, 1)])
    containment = {(0, 2): 0.85, (1, 2): 0.95, (1, 3): 0.7, (0, 1): 0.1}
    values = np.array([containment[tuple(pair)] for pair in pairs.tolist()])
    found = excerpts(lengths, pairs, values, 0.8)
    assert [tuple(pair) for pair in pairs[found].tolist()] == [(1, 2)]


def test_of_texts_that_hold_it_whole_an_excerpt_is_tied_to_the_shortest() -> None:
    pairs = as_pairs([(0, 3), (1, 3), (2, 3)])
    found = excerpts(np.array([300, 100, 200, 20]), pairs, np.ones(3), 0.8)
    assert pairs[found].tolist() == [[1, 3]]


def test_a_text_takes_in_its_longest_excerpt_and_no_other() -> None:
    pairs = as_pairs([(0, 1), (0, 2), (0, 3)])
    found = excerpts(np.array([300, 60, 80, 70]), pairs, np.array([1.0, 0.9, 1.0]), 0.8)
    assert pairs[found].tolist() == [[0, 2]]


def test_an_excerpt_of_an_excerpt_is_tied_to_that() -> None:
    pairs = as_pairs([(0, 1), (0, 2), (1, 2)])
    found = excerpts(np.array([300, 80, 20]), pairs, np.ones(3), 0.8)
    assert pairs[found].tolist() == [[0, 1], [1, 2]]


def tied_excerpts(lengths, pairs, containment, least: float) -> set[tuple[int, int]]:
    """(text, excerpt), the long way: first each excerpt's one text, then each text's one excerpt."""
    holders: dict[int, list[tuple]] = {}
    for (a, b), share in zip(pairs.tolist(), containment.tolist(), strict=True):
        small, large = (b, a) if lengths[b] < lengths[a] else (a, b)
        if share >= least:
            holders.setdefault(small, []).append((-share, lengths[large], large))
    wanted: dict[int, list[tuple]] = {}
    for small, held in holders.items():
        wanted.setdefault(min(held)[2], []).append((-lengths[small], small))
    return {(large, min(held)[1]) for large, held in wanted.items()}


@given(st.integers(1, 9), st.data())
def test_excerpts_are_those_found_the_long_way(n, data) -> None:
    every = list(combinations(range(n), 2))
    pairs = as_pairs(data.draw(st.lists(st.sampled_from(every), unique=True)) if every else [])
    lengths = np.array(data.draw(st.lists(st.integers(5, 9), min_size=n, max_size=n)))
    shares = st.lists(
        st.sampled_from([0.5, 0.8, 0.9, 1.0]), min_size=len(pairs), max_size=len(pairs)
    )
    containment = np.array(data.draw(shares))
    found = excerpts(lengths, pairs, containment, 0.8)
    assert (np.diff(found) > 0).all()
    tied = {(a, b) if lengths[b] < lengths[a] else (b, a) for a, b in pairs[found].tolist()}
    assert tied == tied_excerpts(lengths, pairs, containment, 0.8)


def test_merging_joins_whole_groups() -> None:
    labels = np.array([0, 0, 2, 2, 4], np.int32)
    assert merged(labels, as_pairs([(1, 3)])).tolist() == [0, 0, 0, 0, 4]
    assert merged(labels, as_pairs([])).tolist() == labels.tolist()


@given(st.lists(st.integers(-3, 9) | st.integers(-(2**31), 2**31 - 1)))
def test_distinct_values_are_those_of_numpy(values: list[int]) -> None:
    given_values = np.array(values, np.int32)
    found = distinct(given_values)
    assert found.tolist() == np.unique(given_values).tolist()
    assert found.dtype == np.int32


def hung(n: int, pairs: list[tuple[int, int]], strength: list[float]) -> list[int]:
    """The parents of all articles as one group below 0; -1 for 0, and for what is not reached."""
    held = np.array(strength, np.float64)
    heads = np.zeros(n, np.int32)
    return rooted(np.zeros(n, np.int32), heads, as_pairs(pairs), held).parents.tolist()


def textbook_hung(n: int, pairs: list[tuple[int, int]], strength: list[float]) -> list[int]:
    """Prim's rule as it is told: the strongest pair out of the tree, of equals the lowest end."""
    parents, best, joined = [-1] * n, [float("-inf")] * n, [0]
    while True:
        for (a, b), one in zip(pairs, strength, strict=True):
            for inner, outer in ((a, b), (b, a)):
                if inner == joined[-1] and outer not in joined and one > best[outer]:
                    best[outer], parents[outer] = one, inner
        waiting = [k for k in range(n) if parents[k] >= 0 and k not in joined]
        if not waiting:
            return parents
        joined.append(max(waiting, key=lambda k: (best[k], -k)))


@given(st.integers(2, 9), st.data())
def test_members_are_hung_by_the_textbooks_maximum_spanning_tree(n, data) -> None:
    pairs = data.draw(st.lists(st.sampled_from(list(combinations(range(n), 2))), unique=True))
    values = st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.5])  # few, so that many are equal
    strength = data.draw(st.lists(values, min_size=len(pairs), max_size=len(pairs)))
    assert hung(n, sorted(pairs), strength) == textbook_hung(n, sorted(pairs), strength)


@pytest.mark.timed
def test_copies_without_number_are_hung_from_one_head_in_a_moment() -> None:
    n = 1_000_000  # squared it would be minutes
    pairs = np.stack((np.zeros(n - 1, np.int32), np.arange(1, n, dtype=np.int32)), axis=1)
    began = time.process_time()
    tree = rooted(np.zeros(n, np.int32), np.zeros(n, np.int32), pairs, np.full(n - 1, 2.0))
    assert time.process_time() - began < 20
    assert (tree.parents[1:] == 0).all()


@given(st.permutations(range(8)), st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7))))
def test_stars_are_gathered_one_after_the_other(order, ends) -> None:
    pairs = as_pairs({(min(pair), max(pair)) for pair in ends if pair[0] != pair[1]})
    left, wanted, gone = order[:6], set(), set()
    for head in left:
        if head in gone:
            continue
        near = {b if a == head else a for a, b in pairs.tolist() if head in (a, b)}
        members = (near & set(left)) - gone
        wanted |= {(head, member) for member in members}
        gone |= members | {head}
    found = stars(np.array(left, np.int32), pairs, 8)
    assert set(map(tuple, found.tolist())) == wanted
    assert len(found) == len(wanted)


@given(
    st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] < p[1])),
    st.randoms(),
)
def test_pairs_are_found_again_in_whatever_order_they_stand(pairs, draw) -> None:
    among = draw.sample(sorted(pairs), len(pairs))
    wanted = [(i, j) for i in range(10) for j in range(i + 1, 10)]
    places, both = found_again(
        10, np.array(wanted, np.int32), np.array(among, np.int32).reshape(-1, 2)
    )
    assert both.tolist() == [pair in pairs for pair in wanted]
    assert [among[place] for place in places[both]] == [pair for pair in wanted if pair in pairs]


def test_what_is_joined_early_stands_side_by_side() -> None:
    strength = np.array([
        [1.0, 0.1, 0.9, 0.2],
        [0.1, 1.0, 0.1, 0.8],
        [0.9, 0.1, 1.0, 0.4],
        [0.2, 0.8, 0.4, 1.0],
    ])  # fmt: skip
    assert in_linkage_order(strength) == [0, 2, 3, 1]  # 2 and 3 are the nearest of the two pairs
    assert in_linkage_order(np.ones((1, 1))) == [0]
    assert in_linkage_order(np.ones((0, 0))) == []


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_an_order_by_linkage_is_one_of_all_and_cuts_no_group(n: int, seed: int) -> None:
    drawn = np.random.default_rng(seed).random((n, n))
    strength = (drawn + drawn.T) / 2
    order = in_linkage_order(strength)
    assert sorted(order) == list(range(n))
    if n > 2:  # the two that are nearest are joined first
        np.fill_diagonal(strength, -1)
        one, other = np.unravel_index(np.argmax(strength), strength.shape)
        assert abs(order.index(int(one)) - order.index(int(other))) == 1
