"""One table of document frequencies for all languages, against plain counts."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.background import chances, listed
from dedupe.index.frequencies import LEAST_PLACES, Frequencies
from dedupe.kernels.tables import blended
from dedupe.kernels.text import NAME

PRIOR = 1000.0
ARTICLES = st.lists(
    st.tuples(
        st.sampled_from(["", "en", "fi"]), st.dictionaries(st.integers(0, 400), st.booleans())
    ),
    max_size=12,
)
ALL = np.arange(401)


def counted(articles) -> Frequencies:
    found = Frequencies(PRIOR)
    for language, terms in articles:
        tally(found, language, terms, 1)
    return found


def tally(found, language, terms, sign):
    buckets = np.array(list(terms), np.uint32)
    found.tally(language, buckets, np.array(list(terms.values()), np.uint8) * np.uint8(NAME), sign)


def idf_of(found, language, buckets):
    """Inverse document frequencies of buckets in one language."""
    return blended(buckets, found.counted([language]))[0]


@settings(max_examples=50)
@given(ARTICLES)
def test_what_is_held_is_what_was_counted_in_each_language(articles) -> None:
    found = counted(articles)
    for language in {language for language, _ in articles}:
        own = [terms for spoken, terms in articles if spoken == language]
        buckets, held = found.held(language)
        expected = {b: sum(b in terms for terms in own) for terms in own for b in terms}
        assert dict(zip(buckets.tolist(), held.tolist(), strict=True)) == expected
        assert found.articles[language] == len(own)
    names = [sum(terms.get(b, False) for _, terms in articles) for b in range(401)]
    assert found.named[:401].tolist() == names
    assert found.anywhere[:401].tolist() == [sum(b in t for _, t in articles) for b in range(401)]


@settings(max_examples=50)
@given(ARTICLES, st.sampled_from(["en", "fi", ""]))
def test_the_idf_blends_the_counts_with_the_background(articles, language) -> None:
    found = counted([*articles, (language, {})])
    own = [terms for spoken, terms in articles if spoken == language]
    df = np.array([sum(b in terms for terms in own) for b in range(401)])
    n = len(own) + 1
    expected = -np.log((df + PRIOR * chances(language, ALL)) / (n + PRIOR))
    assert idf_of(found, language, ALL) == pytest.approx(np.maximum(0, expected), abs=1e-4)


@settings(max_examples=30)
@given(ARTICLES)
def test_what_is_counted_in_and_out_again_leaves_no_trace(articles) -> None:
    found = counted(articles)
    before = {language: idf_of(found, language, ALL) for language in found.articles}
    for sign in (1, -1):
        for language, terms in articles:
            tally(found, language, terms, sign)
    for language, idf in before.items():
        assert (idf_of(found, language, ALL) == idf).all()


@settings(max_examples=30)
@given(ARTICLES)
def test_what_is_restored_weighs_as_what_was_counted(articles) -> None:
    found = counted(articles)
    restored = Frequencies(PRIOR)
    for language, count in found.articles.items():
        restored.restore(language, count, *found.held(language))
    for language in found.articles:
        assert (idf_of(restored, language, ALL) == idf_of(found, language, ALL)).all()
    assert (restored.anywhere == found.anywhere).all()


def test_the_table_grows_and_forgets_nothing() -> None:
    found = Frequencies(PRIOR)
    buckets = np.arange(3 * LEAST_PLACES, dtype=np.uint32)
    found.tally("", buckets, np.zeros(len(buckets), np.uint8), 1)
    found.tally("en", buckets[:10], np.zeros(10, np.uint8), 1)
    held, counts = found.held("")
    assert held.tolist() == buckets.tolist()
    assert set(counts.tolist()) == {1}
    assert found.held("en")[0].tolist() == list(range(10))


def test_words_of_a_list_are_common_and_others_rare() -> None:
    found = Frequencies(PRIOR)
    terms = listed("en")
    commonest = terms.buckets[np.argmax(terms.shares)]
    rare = np.setdiff1d(ALL, terms.buckets)[0]
    common_idf, rare_idf = idf_of(found, "en", np.array([commonest, rare]))
    assert common_idf < 0.01
    assert rare_idf == pytest.approx(-log(chances("en", np.array([rare]))[0]), abs=1e-4)
