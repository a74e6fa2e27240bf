"""Scores of pairs: exact overlaps, TF-IDF cosines, and what a story score may never do."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
from corpora import TEXTS, article, background, fixture_articles, in_batches, prose, term_rows
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity

from dedupe.config import Settings
from dedupe.model import Article
from dedupe.score import cosines, overlaps
from dedupe.sketch import TERM_BITS, Sketch, sketch
from dedupe.text import shingles, token_hash, tokenize
from dedupe.weigh import Frequencies, Weigher, Weights


def sketched(*articles: Article) -> Sketch:
    return sketch(in_batches(articles, [])[0], Settings())


def all_pairs(n: int) -> np.ndarray:
    return np.array(list(combinations(range(n), 2)), np.int32).reshape(-1, 2)


def plain_overlaps(one: str, other: str) -> tuple[float, float]:
    """Jaccard and containment by Python's sets."""
    a, b = (set(shingles([t.hash for t in tokenize(text)], 5)) for text in (one, other))
    if not a or not b:
        return 0.0, 0.0
    return len(a & b) / len(a | b), len(a & b) / min(len(a), len(b))


def sketch_of_shingles(sets: list[list[int]]) -> Sketch:
    n = len(sets)
    starts = np.concatenate(([0], np.cumsum([len(part) for part in sets]))).astype(np.int64)
    values = np.array([v for part in sets for v in part], np.uint32)
    return Sketch(
        np.zeros((n, 16), np.uint32), np.zeros(n, np.uint64), values, starts, np.diff(starts)
    )


@given(st.lists(st.lists(st.integers(0, 9) | st.integers(2**32 - 3, 2**32 - 1)), max_size=6))
def test_overlaps_are_those_of_sets(sets: list[list[int]]) -> None:
    pairs = all_pairs(len(sets))
    found = overlaps(sketch_of_shingles(sets), pairs)
    for (i, j), jaccard, containment in zip(pairs, found.jaccard, found.containment, strict=True):
        a, b = set(sets[i]), set(sets[j])
        assert jaccard == len(a & b) / max(1, len(a | b))
        assert containment == len(a & b) / max(1, min(len(a), len(b)))


@given(TEXTS, TEXTS)
def test_overlaps_of_two_texts_can_be_recomputed_from_them(one: str, other: str) -> None:
    found = overlaps(sketched(Article("a", one), Article("b", other)), all_pairs(2))
    assert (found.jaccard[0], found.containment[0]) == plain_overlaps(one, other)


def test_overlaps_ask_for_no_order_of_pairs() -> None:
    sketch_ = sketch_of_shingles([[1, 2, 3], [2, 3, 4], [3, 4, 5]])
    pairs = np.array([[2, 0], [1, 1], [0, 1], [0, 2]], np.int32)
    assert overlaps(sketch_, pairs).jaccard.tolist() == [0.2, 1.0, 0.5, 0.2]


def test_an_excerpt_is_contained_whichever_side_it_stands_on() -> None:
    whole = list(range(50))
    pairs = np.array([[0, 1], [1, 0]], np.int32)
    found = overlaps(sketch_of_shingles([whole, whole[10:18]]), pairs)
    assert found.containment.tolist() == [1.0, 1.0]
    assert found.jaccard.tolist() == [8 / 50] * 2


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("chunk", [1, 7, 1 << 16])
def test_cosines_are_scikit_learns(seed: int, chunk: int, executor) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.random((25, 40), np.float32) * (rng.random((25, 40)) < 0.3)
    dense[3] = 0
    norms = np.linalg.norm(dense, axis=1, keepdims=True)
    dense = np.divide(dense, norms, out=np.zeros_like(dense), where=norms > 0)
    pairs = all_pairs(25)
    rng.shuffle(pairs)
    found = cosines(as_rows(dense), pairs, executor, chunk=chunk)
    wanted = cosine_similarity(dense)[pairs[:, 0], pairs[:, 1]]
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert found.max() <= 1


def as_rows(dense: np.ndarray) -> Weights:
    rows, columns = np.nonzero(dense)
    bounds = np.searchsorted(rows, np.arange(len(dense) + 1))
    return term_rows(columns, dense[rows, columns], bounds, dense.shape[1])


def weights_of(*articles: Article) -> tuple[Weights, Sketch]:
    found = sketched(*articles)
    return weigher_of(found).weigh(found.terms, found.languages), found


def weigher_of(found: Sketch) -> Weigher:
    return Weigher(Frequencies.of(found.terms, found.languages, Settings().prior_articles))


def row(weights: Weights, i: int) -> slice:
    return slice(weights.bounds[i], weights.bounds[i + 1])


def test_weights_are_of_unit_length_but_for_the_lightest_or_none_at_all() -> None:
    weights, found = weights_of(*fixture_articles(), Article("empty", ""))
    assert len(weights.bounds) == len(found) + 1
    lengths = [np.linalg.norm(weights.values[row(weights, i)]) for i in range(len(found))]
    assert lengths[:-1] == pytest.approx([1.0] * (len(found) - 1), abs=0.02)
    assert lengths[-1] == 0
    assert (weights.values >= 0).all()
    for i in range(len(found)):
        assert (np.diff(weights.buckets[weights.columns[row(weights, i)]]) > 0).all()
    assert weights.columns.max() < weights.width


def test_a_text_is_its_own_twin(executor) -> None:
    weights, _ = weights_of(*fixture_articles())
    n = len(weights.bounds) - 1
    same = np.repeat(np.arange(n, dtype=np.int32), 2).reshape(-1, 2)
    assert cosines(weights, same, executor) == pytest.approx(1.0, abs=0.02)


def test_two_articles_alone_are_held_together_by_rare_words_not_by_common_ones(executor) -> None:
    common = "the minister said that it was one of the first things he would do this year"
    one = Article("a", f"{common} near Zorvalheim with Quillfeather", lang="en")
    near = Article("b", "Quillfeather walked on from there to Zorvalheim at once", lang="en")
    far = Article("c", f"{common} over in Drumlithie beside Ostrobar", lang="en")
    weights, _ = weights_of(one, near)
    rare = cosines(weights, all_pairs(2), executor)[0]
    weights, _ = weights_of(one, far)
    assert rare > 2 * cosines(weights, all_pairs(2), executor)[0] > 0


def test_each_language_has_its_own_weights(executor) -> None:
    rng = random.Random(5)
    german = [article(f"g{i}", ["die", "und", *prose(rng, 30)], lang="de") for i in range(4)]
    english = [article(f"e{i}", ["die", "and", *prose(rng, 30)], lang="en") for i in range(4)]
    weights, _ = weights_of(*german, *english)
    bucket = token_hash("die") >> (64 - TERM_BITS)
    values = []
    for i in range(8):
        at = row(weights, i)
        held = dict(zip(weights.buckets[weights.columns[at]], weights.values[at], strict=True))
        values.append(held.get(bucket, 0.0))
    assert max(values[:4]) < min(values[4:])  # "die" tells nothing in German, something in English


@given_settings(max_examples=10)
@given(st.randoms())
def test_weights_are_those_of_the_article_wherever_it_stands(rng) -> None:
    articles = fixture_articles()
    order = list(range(len(articles)))
    rng.shuffle(order)
    one, _ = weights_of(*articles)
    other, _ = weights_of(*(articles[i] for i in order))
    for place, i in enumerate(order):
        np.testing.assert_array_equal(one.values[row(one, i)], other.values[row(other, place)])


def likeness_of(*articles: Article) -> tuple[Weights, Weights]:
    weights, found = weights_of(*articles)
    return weigher_of(found).likeness(weights, found.terms, found.languages)


def test_rows_of_likeness_are_of_unit_length_or_none_at_all() -> None:
    for weights in likeness_of(*fixture_articles(), Article("empty", "")):
        n = len(weights.bounds) - 1
        lengths = [np.linalg.norm(weights.values[row(weights, i)]) for i in range(n)]
        assert lengths[:-1] == pytest.approx([1.0] * (n - 1), abs=1e-5)
        assert lengths[-1] == 0


def test_likeness_weighs_a_term_by_the_root_of_its_idf_and_raises_none() -> None:
    text = "Quillfeather and Zorvalheim saw a zorvalheim and a table"
    whole, _ = likeness_of(Article("a", text, lang="en"))
    held = dict(zip(whole.buckets[whole.columns], whole.values, strict=True))
    n0, masses = Settings().prior_articles, {}
    for word, count in (("quillfeather", 1), ("zorvalheim", 2), ("table", 1), ("saw", 1)):
        bucket = token_hash(word) >> (64 - TERM_BITS)
        chance = 1 - np.exp(-500 * max(background("en")[bucket], 2e-7))
        idf = -np.log((1 + n0 * chance) / (1 + n0))
        masses[bucket] = (1 + np.log(count)) * np.sqrt(idf)
    first = next(iter(masses))
    for bucket, mass in masses.items():
        assert held[bucket] / held[first] == pytest.approx(mass / masses[first], rel=1e-4)


def test_rows_of_title_and_lead_hold_no_other_term() -> None:
    opening = " ".join(f"opening{i}" for i in range(60))
    one = Article("a", f"{opening} afterthought", title="Headline", lang="en")
    whole, first = likeness_of(one)
    later, title = (token_hash(word) >> (64 - TERM_BITS) for word in ("afterthought", "headline"))
    of_whole, of_first = (
        dict(zip(view.buckets[view.columns], view.values, strict=True)) for view in (whole, first)
    )
    assert of_whole[later] > 0
    assert of_first[later] == 0
    assert of_first[title] > of_whole[title] > 0


@pytest.mark.parametrize("language", ["", "xx", "tlh"])
def test_an_unknown_language_has_no_background(language: str) -> None:
    assert background(language).sum() == 0


def test_the_background_holds_a_language_s_words_by_frequency() -> None:
    english = background("en")
    the, harbour = (english[token_hash(word) >> (64 - TERM_BITS)] for word in ("the", "harbour"))
    assert english.shape == (1 << TERM_BITS,)
    assert 0.01 < the < 0.1
    assert 0 < harbour < the / 100
