"""Candidate pairs: those of datasketch's LSH, and those of the textbook's inverted index."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from corpora import term_rows
from datasketch import MinHashLSH
from hypothesis import given
from hypothesis import strategies as st

from dedupe import candidates as candidates_module
from dedupe.candidates import (
    LEAST_DOT,
    MOST_TERMS,
    ROWS,
    SAMPLE_BITS,
    SAMPLE_FEW,
    SAMPLE_ROWS,
    SAMPLE_SHARE,
    candidates,
    excerpt_candidates,
    least_dot,
    story_candidates,
    telling_terms,
)
from dedupe.config import Settings
from dedupe.kernels.bands import CROWD, agreements, sharing_order
from dedupe.sketch import signatures_of, to_datasketch

if TYPE_CHECKING:
    from dedupe.score import Weights

EVERYTHING = 10**6


def as_set(pairs: np.ndarray) -> set[tuple[int, int]]:
    found = [tuple(pair) for pair in pairs.tolist()]
    assert len(set(found)) == len(found), "a pair came twice"
    assert found == sorted(found)
    assert all(a < b for a, b in found)
    return set(found)


def overlapping_sets(rng: random.Random, n: int) -> list[list[int]]:
    """Sets of 32-bit hashes, most drawn from a few families so that some are alike."""
    families = [[rng.getrandbits(32) for _ in range(60)] for _ in range(5)]
    found = []
    for _ in range(n):
        family = rng.choice(families)
        shared = rng.sample(family, rng.randint(1, 60))
        found.append(shared + [rng.getrandbits(32) for _ in range(rng.randint(0, 30))])
    return found


def signatures(sets: list[list[int]], settings: Settings) -> np.ndarray:
    bounds = np.concatenate(([0], np.cumsum([len(part) for part in sets]))).astype(np.int64)
    return signatures_of(np.array([v for part in sets for v in part], np.uint32), bounds, settings)


@pytest.mark.parametrize(
    ("count", "seed", "bands", "rows"),
    [(128, 1, 42, 3), (128, 5, 16, 8), (64, 1, 32, 2), (16, 99, 16, 1), (250, 2**31 - 1, 50, 5)],
)
def test_candidates_are_the_pairs_that_datasketch_finds(count, seed, bands, rows, executor) -> None:
    settings = Settings(permutations=count, seed=seed, copy_bands=bands, copy_rows=rows)
    rng = random.Random(seed)
    found = signatures(overlapping_sets(rng, 120), settings)
    index = MinHashLSH(num_perm=count, params=(bands, rows))
    hashes = [to_datasketch(row, seed) for row in found]
    for i, minhash in enumerate(hashes):
        index.insert(i, minhash)
    wanted = {(j, i) for i, minhash in enumerate(hashes) for j in index.query(minhash) if j < i}
    got = candidates(found, bands, rows, limit=EVERYTHING, executor=executor)
    assert as_set(got.pairs) == wanted
    assert got.left_out == 0
    assert 0 < len(wanted) < 120 * 119 // 2


SMALL = st.lists(
    st.lists(st.integers(0, 2), min_size=6, max_size=6), max_size=12
).map(lambda rows: np.array(rows, np.uint32).reshape(-1, 6))  # fmt: skip


@given(SMALL, st.sampled_from([(1, 1), (2, 3), (3, 2), (6, 1), (1, 6), (2, 2)]), st.integers(0, 6))
def test_candidates_agree_in_a_whole_band_and_in_enough_values(rows, shape, least) -> None:
    from concurrent.futures import ThreadPoolExecutor

    bands, width = shape
    wanted = {
        (i, j)
        for i, j in combinations(range(len(rows)), 2)
        if (rows[i] == rows[j]).sum() >= least
        and any(
            (rows[i, b * width : (b + 1) * width] == rows[j, b * width : (b + 1) * width]).all()
            for b in range(bands)
        )
    }
    with ThreadPoolExecutor(2) as threads:
        found = candidates(rows, bands, width, limit=EVERYTHING, executor=threads, least=least)
    assert as_set(found.pairs) == wanted


def test_in_a_large_bucket_each_is_paired_with_those_that_follow(executor) -> None:
    same = np.ones((10, 4), np.uint32)
    found = candidates(same, 2, 2, limit=3, executor=executor)
    assert as_set(found.pairs) == {(i, j) for i, j in combinations(range(10), 2) if j - i <= 3}
    left_out = sum(1 for i, j in combinations(range(10), 2) if j - i > 3)
    assert found.left_out == 2 * left_out  # once a band


def test_a_bucket_as_large_as_the_limit_allows_loses_nothing(executor) -> None:
    found = candidates(np.ones((5, 4), np.uint32), 2, 2, limit=4, executor=executor)
    assert len(found.pairs) == 10
    assert found.left_out == 0


@given(SMALL, st.sampled_from([(1, 1), (3, 2), (6, 1)]), st.integers(1, 4))
def test_in_a_crowd_fewer_are_kept_and_those_agree_most(rows, shape, limit) -> None:
    from concurrent.futures import ThreadPoolExecutor

    bands, width = shape
    wanted, left_out = set(), 0
    for i, row in enumerate(rows):
        met = set()
        for b in range(bands):
            part = slice(b * width, (b + 1) * width)
            bucket = [j for j in range(i + 1, len(rows)) if (rows[j, part] == row[part]).all()]
            met |= set(bucket[:limit])
            left_out += len(bucket[limit:])
        ranked = sorted(met, key=lambda j: (-(rows[j] == row).sum(), j))
        kept = len(met) if len(met) <= limit else max(limit**2 // len(met), -(-limit // CROWD))
        wanted |= {(i, j) for j in ranked[:kept]}
        left_out += len(ranked[kept:])
    with ThreadPoolExecutor(2) as threads:
        found = candidates(rows, bands, width, limit=limit, executor=threads)
    assert as_set(found.pairs) == wanted
    assert found.left_out == left_out


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_signatures_give_no_pairs(n, executor) -> None:
    found = candidates(np.ones((n, 128), np.uint32), 42, 3, limit=10, executor=executor)
    assert found.pairs.shape == (0, 2)
    assert found.pairs.dtype == np.int32


@given(SMALL)
def test_agreements_count_equal_values(rows) -> None:
    pairs = np.array(list(combinations(range(len(rows)), 2)), np.int32).reshape(-1, 2)
    wanted = [(rows[i] == rows[j]).sum() for i, j in pairs]
    assert agreements(rows, pairs).tolist() == wanted


def random_weights(rng: random.Random, n: int, width: int, most: int) -> Weights:
    """Rows with weights of a few steps, so that many are equal, and some of nothing."""
    columns, values, bounds = [], [], [0]
    for _ in range(n):
        chosen = sorted(rng.sample(range(width), rng.randint(0, most)))
        columns += chosen
        values += [rng.choice([0.0, 0.125, 0.25, 0.5, 0.75]) for _ in chosen]
        bounds.append(len(columns))
    return term_rows(columns, values, bounds, width)


def told_by(weights, chosen, *, least, work, executor):
    """The telling terms of some rows."""
    return telling_terms(
        lambda most: candidates_module.heaviest_terms(weights, chosen, most, executor),
        least=least, work=work,
    )  # fmt: skip


def heaviest_terms(weights: Weights, row: int, most: int) -> dict[int, float]:
    part = slice(weights.bounds[row], weights.bounds[row + 1])
    pairs = zip(weights.columns[part].tolist(), weights.values[part].tolist(), strict=True)
    ranked = sorted(((c, w) for c, w in pairs if w > 0), key=lambda t: (-t[1], t[0]))
    return dict(sorted(ranked[:most]))


def plain_dot(one: dict[int, float], other: dict[int, float]) -> float:
    return sum(one[c] * other[c] for c in one.keys() & other.keys())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("most", [1, 4, 32])
def test_telling_terms_are_the_heaviest_lower_columns_first(seed, most, executor) -> None:
    rng = random.Random(seed)
    weights = random_weights(rng, 40, 60, 30)
    chosen = np.array(sorted(rng.sample(range(40), 25)), np.int32)
    found = told_by(weights, chosen, least=most, work=0, executor=executor)
    for at, row in enumerate(chosen):
        size = found.sizes[at]
        kept = zip(found.kept[at, :size].tolist(), found.weights[at, :size].tolist(), strict=True)
        assert dict(kept) == heaviest_terms(weights, row, most)


@pytest.mark.parametrize("seed", range(5))
def test_the_inverted_index_lists_who_holds_each_term(seed, executor) -> None:
    weights = random_weights(random.Random(seed), 30, 20, 12)
    found = told_by(weights, np.arange(30, dtype=np.int32), least=8, work=0, executor=executor)
    for column in range(20):
        part = slice(found.starts[column], found.starts[column + 1])
        holders = {
            row: t[column] for row in range(30) if column in (t := heaviest_terms(weights, row, 8))
        }
        assert found.rows[part].tolist() == sorted(holders)
        assert (
            dict(zip(found.rows[part].tolist(), found.row_weights[part].tolist(), strict=True))
            == holders
        )


def test_work_counts_the_meetings_of_equal_terms(executor) -> None:
    weights = random_weights(random.Random(6), 30, 20, 12)
    terms = told_by(weights, np.arange(30, dtype=np.int32), least=8, work=0, executor=executor)
    rows = [heaviest_terms(weights, row, 8) for row in range(30)]
    assert terms.work == sum(len(a.keys() & b.keys()) for a, b in combinations(rows, 2))


@pytest.mark.parametrize("limit", [2, 5, 9])
def test_what_a_limit_passes_over_is_counted(limit: int, executor) -> None:
    weights = random_weights(random.Random(6), 30, 20, 12)
    terms = told_by(weights, np.arange(30, dtype=np.int32), least=8, work=0, executor=executor)
    held = Counter(c for row in range(30) for c in heaviest_terms(weights, row, 8))
    over = [count for count in held.values() if count > limit]
    assert terms.passed_over(limit) == (len(over), sum(n * (n - 1) // 2 for n in over))


def test_more_terms_are_taken_as_long_as_the_work_allows(executor) -> None:
    weights = random_weights(random.Random(7), 40, 400, 300)
    chosen, widths = np.arange(40, dtype=np.int32), []
    for work in (0, 10**3, 10**4, 3 * 10**4, EVERYTHING):
        found = told_by(weights, chosen, least=32, work=work, executor=executor)
        widths.append(found.kept.shape[1])
        assert found.work <= max(
            work, told_by(weights, chosen, least=32, work=0, executor=executor).work
        )
    assert widths == sorted(widths)
    assert widths[0] == 32
    assert widths[-1] == MOST_TERMS[-1]
    for row in range(40):
        kept = zip(found.kept[row].tolist(), found.weights[row].tolist(), strict=True)
        assert dict(list(kept)[: found.sizes[row]]) == heaviest_terms(weights, row, MOST_TERMS[-1])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("least", "limit"), [(0.0625, EVERYTHING), (0.5, EVERYTHING), (0.0625, 9)])
def test_story_candidates_are_those_of_brute_force(seed, least, limit, executor) -> None:
    n, most = 60, 6
    weights = random_weights(random.Random(seed), n, 40, 12)
    terms = told_by(weights, np.arange(n, dtype=np.int32), least=most, work=0, executor=executor)
    rows = [heaviest_terms(weights, row, most) for row in range(n)]
    # All weights are sums of powers of two: the dot products are exact in any order.
    held = {c: sum(c in row for row in rows) for c in range(40)}
    rows = [{c: w for c, w in row.items() if held[c] <= limit} for row in rows]
    wanted = {(i, j) for i, j in combinations(range(n), 2) if plain_dot(rows[i], rows[j]) >= least}
    found = story_candidates(terms, least=least, limit=limit, most=EVERYTHING, executor=executor)
    assert {(min(pair), max(pair)) for pair in found.tolist()} == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize("most", [1, 17, 100])
def test_of_too_many_companions_those_with_the_highest_products_stay(most, executor) -> None:
    n = 40
    weights = random_weights(random.Random(3), n, 30, 8)
    terms = told_by(weights, np.arange(n, dtype=np.int32), least=8, work=0, executor=executor)
    rows = [heaviest_terms(weights, row, 8) for row in range(n)]
    every = story_candidates(
        terms, least=0.0625, limit=EVERYTHING, most=EVERYTHING, executor=executor
    )
    pairs = list(map(tuple, every.tolist()))
    assert len(pairs) > 100
    # All dot products are exact, so that equals are equal; of those the first stay.
    likeliest = sorted(pairs, key=lambda pair: -plain_dot(rows[pair[0]], rows[pair[1]]))[:most]
    found = story_candidates(terms, least=0.0625, limit=EVERYTHING, most=most, executor=executor)
    assert list(map(tuple, found.tolist())) == [pair for pair in pairs if pair in likeliest]


def test_threads_take_articles_in_runs_and_lose_none_between(executor) -> None:
    n = ROWS + 40
    weights = random_weights(random.Random(1), n, 300, 8)
    terms = told_by(weights, np.arange(n, dtype=np.int32), least=8, work=0, executor=executor)
    found = story_candidates(terms, least=0.1, limit=99, most=EVERYTHING, executor=executor)
    rows = [heaviest_terms(weights, row, 8) for row in range(n)]
    wanted = {(i, j) for i, j in combinations(range(n), 2) if plain_dot(rows[i], rows[j]) >= 0.1}
    assert (np.diff(found[:, 0]) >= 0).all()
    assert found[:, 0].max() > ROWS
    assert (found[:, 0] < found[:, 1]).all()
    assert len(found) == len(wanted)
    assert {tuple(pair) for pair in found.tolist()} == wanted


def test_dots_are_those_of_one_article_with_all_others(executor) -> None:
    weights = random_weights(random.Random(3), 30, 25, 10)
    terms = told_by(weights, np.arange(30, dtype=np.int32), least=6, work=0, executor=executor)
    rows = [heaviest_terms(weights, row, 6) for row in range(30)]
    for i in range(30):
        wanted = [plain_dot(rows[i], rows[j]) for j in range(30) if j != i]
        found = terms.dots(i, 0.125).tolist()
        assert sorted(found) == sorted(value for value in wanted if value >= 0.125)


def test_a_small_corpus_keeps_every_pair_with_terms_in_common(executor) -> None:
    weights = random_weights(random.Random(2), 20, 20, 8)
    terms = told_by(weights, np.arange(20, dtype=np.int32), least=8, work=0, executor=executor)
    assert least_dot(terms, executor, per_article=64) == LEAST_DOT


def test_the_bound_leaves_as_many_pairs_as_are_allowed(executor) -> None:
    rng = np.random.default_rng(4)
    n, per_article = 300, 5
    columns = np.concatenate([np.sort(rng.choice(40, 12, replace=False)) for _ in range(n)])
    values = rng.random(n * 12, np.float32)
    weights = term_rows(columns, values, range(0, n * 12 + 1, 12), 40)
    terms = told_by(weights, np.arange(n, dtype=np.int32), least=12, work=0, executor=executor)
    least = least_dot(terms, executor, per_article=per_article)
    pairs = story_candidates(
        terms, least=least, limit=EVERYTHING, most=EVERYTHING, executor=executor
    )
    assert len(pairs) == pytest.approx(n * per_article, rel=0.01)


@pytest.mark.parametrize(
    ("terms", "wanted"), [(60, 40), (24, 40), (16, 60), (8, 120), (3, 120), (0, 120)]
)
def test_of_few_terms_more_pairs_are_scored(terms: int, wanted: int, executor) -> None:
    n = 3
    columns = np.tile(np.arange(terms), n)
    weights = term_rows(columns, np.full(n * terms, 0.1), range(0, n * terms + 1, terms or 1), 60)
    if not terms:
        weights = term_rows([], [], [0] * (n + 1), 60)
    found = told_by(weights, np.arange(n, dtype=np.int32), least=64, work=0, executor=executor)
    assert found.companions(40) == wanted


def test_no_article_has_no_telling_terms(executor) -> None:
    terms = told_by(
        term_rows([], [], [0], 0), np.empty(0, np.int32), least=8, work=0, executor=executor
    )
    assert least_dot(terms, executor, per_article=3) == LEAST_DOT
    assert story_candidates(
        terms, least=0.1, limit=9, most=EVERYTHING, executor=executor
    ).shape == (0, 2)


def ragged(sets: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    bounds = np.concatenate(([0], np.cumsum([len(part) for part in sets]))).astype(np.int64)
    return np.array([value for part in sets for value in part], np.uint32), bounds


def sampled_of(values: list[int], *, beside: bool) -> set[int]:
    """The sampled ones of a text's values, of which each may end as the one after it."""
    last, after = 2**SAMPLE_BITS, [*values[1:], 0]
    pairs = zip(values, after, strict=True)
    return {v + beside * (other % last) for v, other in pairs if v % last == 0}


def sampled_pairs(sets: list[set[int]], rows: list[int], *, beside: bool) -> set[tuple[int, int]]:
    """Pairs that share enough of the sampled values, found the long way."""
    sampled = {row: sampled_of([*sets[row]], beside=beside) for row in rows}
    common = {
        value
        for value in set().union(*sampled.values())
        if sum(value in held for held in sampled.values()) > SAMPLE_ROWS
    }
    found = set()
    for i, j in combinations(rows, 2):
        met = len(sampled[i] & sampled[j] - common)
        wanted = SAMPLE_SHARE * min(len(sampled[i]), len(sampled[j]))
        if met and (met >= wanted or (met >= SAMPLE_FEW and met >= wanted / 2)):
            found.add((i, j))
    return found


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_candidates_for_excerpts_share_enough_of_the_shorter_ones_sample(
    seed, beside, executor, monkeypatch
) -> None:
    monkeypatch.setattr(candidates_module, "CHANCE", 0.0 if beside else 1.0)
    rng = random.Random(seed)
    pool = [rng.getrandbits(32) for _ in range(200)] + [16 * rng.getrandbits(28) for _ in range(60)]
    # Some values stand everywhere: those are passed over.
    phrases = [16 * rng.getrandbits(28) for _ in range(2)]
    sets = []
    for _ in range(SAMPLE_ROWS + 8):
        whole = rng.choice([*sets, pool]) if sets and rng.random() < 0.5 else pool
        drawn = rng.sample(sorted(whole), rng.randint(0, min(len(whole), 80)))
        sets.append({*drawn, *phrases[: rng.randint(1, 2)]})
    rows = sorted(rng.sample(range(len(sets)), SAMPLE_ROWS + rng.randint(-2, 8)))
    wanted = sampled_pairs(sets, rows, beside=beside)
    found = excerpt_candidates(*ragged(sets), np.array(rows, np.int32), executor)
    assert {tuple(pair) for pair in found.tolist()} == wanted
    assert len(found) == len(wanted)
    assert found.dtype == np.int32
    assert wanted


@pytest.mark.parametrize(("chance", "expected"), [(1.0, 0), (0.0, 20)])
def test_excerpts_are_found_where_each_value_is_met_by_chance_in_too_many(
    chance, expected, executor, monkeypatch
) -> None:
    """Hashes of ten bits and 400 texts stand for those of 32 bits and a thousand million."""
    monkeypatch.setattr(candidates_module, "CHANCE", chance)
    draw = np.random.default_rng(3)
    texts = [draw.integers(0, 1 << 10, 100, dtype=np.uint32) for _ in range(400)]
    texts += [text[20:90] for text in texts[:20]]
    bounds = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    rows = np.arange(len(texts), dtype=np.int32)
    found = excerpt_candidates(np.concatenate(texts), bounds, rows, executor)
    true = {(k, 400 + k) for k in range(20)}
    assert len(true & {(i, j) for i, j in found.tolist()}) == expected


@pytest.mark.parametrize("sets", [[], [set()], [{16}], [{1, 2}, {1, 2}], [{16}, {32}]])
def test_without_a_sampled_value_in_common_there_is_no_excerpt(sets, executor) -> None:
    found = excerpt_candidates(*ragged(sets), np.arange(len(sets), dtype=np.int32), executor)
    assert found.shape == (0, 2)


@given(st.lists(st.integers(0, 20) | st.integers(0, 2**64 - 1)))
def test_the_keys_that_share_a_bucket_are_those_that_come_twice(values: list[int]) -> None:
    keys = np.array(values, np.uint64)
    order = np.argsort(keys, kind="stable")
    expected = [at for at in order.tolist() if values.count(values[at]) > 1]
    found, later = sharing_order(keys)
    assert found.tolist() == expected
    lasts = {values[at]: place for place, at in enumerate(expected)}
    assert later.tolist() == [lasts[values[at]] - k for k, at in enumerate(expected)]
