"""Signatures are datasketch's, bit for bit, and joining sketches only orders them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from corpora import SAMPLES, TEXTS, in_batches
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from dedupe.config import ALGORITHM_VERSION, Settings
from dedupe.joining import joined
from dedupe.model import Article
from dedupe.sketch import Sketch, permutations, signatures_of, sketch, to_datasketch
from dedupe.text import content_hash, shingles, tokenize

FROZEN = Path(__file__).parent / "data" / "frozen_hashes.jsonl"
HASHES = st.lists(st.integers(0, 2**32 - 1), max_size=40)


def datasketch_signature(values: list[int], count: int, seed: int) -> list[int]:
    whole = MinHash(num_perm=count, seed=seed, scheme="affine32", hashfunc=lambda value: value)
    for value in values:
        whole.update(value)
    return whole.hashvalues.tolist()


def signature(values: list[int], settings: Settings) -> np.ndarray:
    bounds = np.array([0, len(values)], np.int64)
    return signatures_of(np.array(values, np.uint32), bounds, settings)[0]


def settings_of(count: int, seed: int) -> Settings:
    return Settings(permutations=count, seed=seed, copy_bands=4, copy_rows=4)


def batch(*articles: Article):
    return in_batches(articles, [])[0]


def as_lists(found: Sketch) -> list[object]:
    terms = found.terms
    columns = [found.signatures, found.contents, found.shingles, found.starts, found.lengths]
    if terms is not None:
        columns += [terms.buckets, terms.counts, terms.flags, terms.bounds]
    return [*(column.tolist() for column in columns), found.languages]


@given(
    HASHES,
    st.sampled_from([16, 17, 64, 128, 200, 1024]),
    st.sampled_from([0, 1, 42, 2**31 - 1]) | st.integers(0, 2**31 - 1),
)
def test_a_signature_is_datasketchs(values: list[int], count: int, seed: int) -> None:
    found = signature(values, settings_of(count, seed))
    assert found.tolist() == datasketch_signature(values, count, seed)


@given(HASHES, HASHES)
def test_datasketch_takes_a_signature_over_and_goes_on_with_it(a: list[int], b: list[int]) -> None:
    settings = Settings(seed=7)
    taken = to_datasketch(signature(a, settings), settings.seed)
    taken.merge(to_datasketch(signature(b, settings), settings.seed))
    assert taken.hashvalues.tolist() == signature(a + b, settings).tolist()


def test_datasketch_estimates_the_jaccard_from_two_signatures() -> None:
    settings = Settings(permutations=1024)
    one, other = list(range(3000)), list(range(1000, 4000))
    found = [to_datasketch(signature(values, settings), settings.seed) for values in (one, other)]
    assert found[0].jaccard(found[1]) == pytest.approx(0.5, abs=0.06)


def test_multipliers_are_odd_and_of_the_stated_number() -> None:
    multipliers, increments = permutations(48, 3)
    assert (multipliers % 2 == 1).all()
    assert len(multipliers) == len(increments) == 48


def frozen() -> list[dict]:
    return [json.loads(line) for line in FROZEN.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", frozen(), ids=lambda row: row["text"][:20])
def test_signatures_never_change_without_a_new_algorithm_version(row: dict) -> None:
    assert row["algorithm"] == ALGORITHM_VERSION
    found = sketch(batch(Article("a", row["text"])), Settings())
    assert [f"{value:08x}" for value in found.signatures[0, :8].tolist()] == row["signature"]
    assert [f"{value:08x}" for value in found.shingles.tolist()] == row["shingles"]
    assert f"{found.contents[0]:016x}" == row["content"]


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_sketch_holds_what_the_reference_says_of_each_text(texts: list[str]) -> None:
    found = sketch(batch(*(Article(f"{i}", text) for i, text in enumerate(texts))), Settings())
    for i, text in enumerate(texts):
        hashes = [token.hash for token in tokenize(text)]
        assert found.lengths[i] == len(hashes)
        assert found.contents[i] == content_hash(hashes)
        assert found.shingles[found.starts[i] : found.starts[i + 1]].tolist() == shingles(hashes, 5)


def test_an_article_without_a_text_is_sketched_by_its_title() -> None:
    found = sketch(
        batch(Article("a", "", title="Storm hits the northern coast today"),
              Article("b", "Storm hits the northern coast today", title="Other")),
        Settings(),
    )  # fmt: skip
    assert found.contents[0] == found.contents[1]
    assert found.signatures[0].tolist() == found.signatures[1].tolist()


def test_an_article_of_nothing_has_the_signature_of_the_empty_set() -> None:
    found = sketch(batch(Article("a", "")), Settings())
    assert found.lengths.tolist() == [0]
    assert set(found.signatures[0].tolist()) == {2**32 - 1}


def test_the_title_of_a_text_leaves_the_copy_view_as_it_is() -> None:
    one = sketch(batch(Article("a", SAMPLES[0], title="One")), Settings(), copies_only=True)
    other = sketch(batch(Article("a", SAMPLES[0], title="Other")), Settings(), copies_only=True)
    assert as_lists(one) == as_lists(other)


@given(
    st.lists(TEXTS, min_size=1, max_size=8), st.lists(st.integers(1, 3), max_size=4), st.randoms()
)
def test_joined_sketches_are_the_sketch_of_all_in_the_order_asked_for(texts, sizes, rng) -> None:
    articles = [Article(f"{i}", text, title=text[:5]) for i, text in enumerate(texts)]
    order = list(range(len(texts)))
    rng.shuffle(order)
    parts = [sketch(part, Settings()) for part in in_batches(articles, sizes)]
    whole = sketch(batch(*(articles[i] for i in order)), Settings())
    with ThreadPoolExecutor(2) as executor:
        found = joined(parts, np.array(order, np.int64), executor)
    assert as_lists(found) == as_lists(whole)


@pytest.mark.parametrize("count", [16, 311, 312, 313, 1024])
@pytest.mark.parametrize("seed", [0, 1, 12345, 2**31 - 1])
def test_parameters_are_drawn_as_numpy_draws_them(count: int, seed: int) -> None:
    draw = np.random.RandomState(seed)
    multipliers = draw.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    increments = draw.randint(0, 1 << 32, count, dtype=np.uint32)
    found = permutations(count, seed)
    assert np.array_equal(found, [multipliers, increments])
    assert {part.dtype for part in found} == {np.dtype(np.uint32)}


def test_the_sketch_of_no_article_has_no_rows() -> None:
    found = Sketch.empty(Settings(permutations=130))
    assert len(found) == 0
    assert found.signatures.shape == (0, 130)
