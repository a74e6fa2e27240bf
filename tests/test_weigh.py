"""Document frequencies against plain counts, and weights against scikit-learn's."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from corpora import FLAGS, terms_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer

from dedupe.kernels.terms import LEAD, TITLE
from dedupe.kernels.text import NAME, NUMBER
from dedupe.kernels.weigh import MOST_COUNT, blended, name_kinds, numbered, unit_rows
from dedupe.sketch import TERM_BITS
from dedupe.usual import chance, idf_once, listed
from dedupe.weigh import LEAST_PLACES, MOST_LANGUAGES, Frequencies, Weigher

PRIOR = 1000.0
ARTICLES = st.lists(
    st.tuples(
        st.sampled_from(["", "en", "fi"]), st.dictionaries(st.integers(0, 400), st.booleans())
    ),
    max_size=12,
)
ALL = np.arange(401)


def chance_of(language: str) -> np.ndarray:
    """Chance that a background article has the term of each bucket."""
    shares, terms = np.zeros(1 << TERM_BITS), listed(language)
    shares[terms.buckets] = terms.shares
    return chance(shares)


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
    expected = -np.log((df + PRIOR * chance_of(language)[ALL]) / (n + PRIOR))
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
        restored.add(language, count, *found.held(language))
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
    assert rare_idf == pytest.approx(-log(chance_of("en")[rare]), abs=1e-4)


ROWS = st.lists(
    st.dictionaries(st.integers(0, 19), st.tuples(st.integers(1, 80), FLAGS), max_size=8),
    min_size=1,
    max_size=6,
)
PLACES = np.zeros(1 << TERM_BITS, np.uint32)


@given(ROWS, st.integers(0, 2**32 - 1))
def test_terms_are_numbered_as_they_are_met_whatever_was_in_the_scratch(rows, left) -> None:
    terms = terms_of(rows)
    PLACES[terms.buckets] = left
    buckets, kinds, columns = numbered(terms.buckets, terms.flags, PLACES)
    assert buckets.tolist() == list(dict.fromkeys(terms.buckets.tolist()))
    assert buckets[columns].tolist() == terms.buckets.tolist()
    numbers = set(terms.buckets[(terms.flags & NUMBER) > 0].tolist())
    assert kinds.tolist() == [NUMBER if b in numbers else 0 for b in buckets.tolist()]


@given(ROWS, st.sampled_from([0.3, 0.5, 1.0]))
def test_a_name_is_written_as_one_by_the_share_of_those_that_have_it(rows, share) -> None:
    held, named = np.zeros(20, np.int32), np.zeros(20, np.int32)
    for row in rows:
        for bucket, (_, flags) in row.items():
            held[bucket] += 1
            named[bucket] += (flags & NAME) > 0
    kinds = np.where(np.arange(20) % 5 == 0, NUMBER, 0).astype(np.uint8)
    before = kinds.copy()
    name_kinds(np.arange(20), kinds, held, named, share)
    for bucket in range(20):
        enough = named[bucket] >= 1 and named[bucket] >= share * held[bucket]
        assert kinds[bucket] == (NAME if enough and not before[bucket] else before[bucket])


@given(ROWS, st.sampled_from([0.0, 0.02, 0.3]), st.booleans())
def test_rows_are_scikit_learns_but_for_what_weighs_little(rows, least, left) -> None:
    terms = terms_of(rows)
    idf = np.linspace(0, 6, 20, dtype=np.float32)
    left_out = terms.buckets % 3 == 0 if left else np.empty(0, np.bool_)
    found, values, _, ends = unit_rows(
        terms.buckets, terms.counts, terms.flags, terms.bounds, left_out,
        np.zeros(len(rows), np.int64), idf[None], (np.float32(1.5), np.float32(2.0)),
        np.float32(least),
    )  # fmt: skip
    raised = np.minimum(terms.counts, MOST_COUNT) + 1.5 * ((terms.flags & NAME) > 0)
    raised += 2.0 * ((terms.flags & (TITLE | LEAD)) > 0)
    weighed = TfidfTransformer(sublinear_tf=True, norm=None)
    weighed.idf_ = np.where(np.arange(20) % 3 == 0, 0, idf) if left else idf
    table = csr_matrix((raised, terms.buckets.astype(np.int32), terms.bounds), (len(rows), 20))
    dense = weighed.transform(table).toarray()
    for row in range(len(rows)):
        unit = dense[row] / (np.linalg.norm(dense[row]) or 1)
        sure = (unit == 0) | (np.abs(unit - least) > 1e-5)  # rounding decides of the others
        unit[unit < least] = 0
        unit /= np.linalg.norm(unit) or 1
        mine = slice(ends[row], ends[row + 1])
        kept = np.zeros(20)
        kept[found[mine]] = values[mine]
        if sure.all():
            assert kept == pytest.approx(unit, abs=1e-5)


@settings(max_examples=20)
@given(ROWS, st.lists(st.sampled_from(["", "en", "fi"]), min_size=6, max_size=6))
def test_articles_that_are_counted_at_once_are_counted_as_one_by_one(rows, spoken) -> None:
    terms, languages = terms_of(rows), spoken[: len(rows)]
    one, other = Frequencies.of(terms, languages, PRIOR), Frequencies(PRIOR)
    for row, language in enumerate(languages):
        part = slice(terms.bounds[row], terms.bounds[row + 1])
        other.tally(language, terms.buckets[part], terms.flags[part], 1)
    assert one.articles == other.articles
    assert (one.named == other.named).all()
    assert (one.anywhere == other.anywhere).all()
    for language in set(languages):
        assert (idf_of(one, language, ALL) == idf_of(other, language, ALL)).all()


@given(st.lists(st.integers(0, 9), min_size=401, max_size=401), st.sampled_from(["", "en", "fi"]))
def test_an_idf_that_is_asked_for_once_is_that_of_the_table(held, language) -> None:
    counts = np.array(held, np.int32)
    found = Frequencies(PRIOR)
    found.add(language, 9, ALL, counts)
    (expected,) = blended(ALL, found.counted([language]))
    assert idf_once(language, ALL, counts, 9, PRIOR) == pytest.approx(expected, abs=1e-5)


def test_more_languages_than_keys_have_room_for_are_weighed_all_the_same() -> None:
    n = MOST_LANGUAGES + 40
    terms = terms_of([{7: (1, 0), 11 + k % 5: (2, 0)} for k in range(n)])
    languages = [f"q{k}" for k in range(n)]
    weigher = Weigher(Frequencies.of(terms, languages, PRIOR))
    lengths = [
        sum(w * w for w in weigher.weigh(terms, languages).row(k).values()) for k in range(n)
    ]
    assert lengths == pytest.approx([1.0] * n, abs=1e-5)
