"""Document frequencies of an index: what is counted follows from what it holds, and from nothing else."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from math import log

import numpy as np
import pytest
from corpora import background
from hypothesis import given, settings
from hypothesis import strategies as st
from index_corpus import Event, admitted, copy_of, counted, day, newsroom, nonzero

from dedupe.config import Settings
from dedupe.errors import DamagedError, StoreError
from dedupe.index import Index, open_index, tallies
from dedupe.index.arrivals import arrivals
from dedupe.index.sqlite.store import MemoryStore
from dedupe.index.store import Record
from dedupe.index.tables.writer import TableWriter
from dedupe.index.tallies import Tallies
from dedupe.kernels.weigh import blended
from dedupe.model import Article
from dedupe.usual import ARTICLE_TOKENS, LEAST_FREQUENCY
from dedupe.weigh import (
    LEAST_WEIGHT,
    Frequencies,
    Weigher,
)

SETTINGS = Settings()
COUNTED = np.arange(0, 1 << 22, 7)
"""Buckets that are looked at: of all terms every seventh."""
LANGUAGES = ("qaa", "qab")
"""Codes that no background list has: nothing is to be read for them."""


def index_over(store: MemoryStore) -> Index:
    return Index(store, "memory:", SETTINGS, keeps_texts=True, window=None, model=None)


def read_anew(store: MemoryStore) -> Tallies:
    found = Tallies(SETTINGS)
    with store.read() as reader:
        found.follow(reader)
    return found


def idf_in(of: Tallies, languages, buckets) -> np.ndarray:
    """Inverse document frequencies of buckets in each of the languages."""
    return blended(np.asarray(buckets, np.int64), of.terms.counted(languages))


def idfs(of: Tallies) -> np.ndarray:
    """Inverse document frequencies of some buckets, in each language."""
    return idf_in(of, LANGUAGES, COUNTED)


# What is counted


def text(number: int) -> str:
    return " ".join(Event(number % 3).report(f"t{number}").text.split()[:12])


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("admit"), st.integers(0, 5), st.integers(0, 5)),
        st.tuples(st.just("many"), st.lists(st.integers(0, 5), max_size=3), st.integers(0, 5)),
        st.tuples(st.just("remove"), st.integers(0, 5), st.none()),
        st.tuples(st.just("expire"), st.integers(0, 4), st.none()),
        st.tuples(st.just("fail"), st.integers(0, 5), st.integers(0, 5)),
    ),
    max_size=8,
)


def taken(index: Index, step: tuple) -> None:
    """One step of a life: an id stands for a language and a date, ``variant`` for a text."""
    kind, what, variant = step

    def made(number: int) -> Article:
        written = None if number == 5 else day(number)
        title = f"On Mara {variant}"
        return Article(f"a{number}", text(variant), title, written, lang=LANGUAGES[number % 2])

    if kind == "admit":
        index.admit(made(what))
    elif kind == "many":
        index.admit_many(made(number) for number in what)
    elif kind == "remove":
        index.remove(f"a{what}")
    elif kind == "expire":
        index.expire(day(what))
    else:
        with failing(), pytest.raises(StoreError):
            index.admit_many(
                [replace(made(n), text=f"{text(variant)} new") for n in (what, (what + 1) % 6)]
            )


@contextmanager
def failing():
    """While it lasts, sessions for writing end in an error at their last moment."""

    def fail(_: TableWriter) -> None:
        raise StoreError("no space is left")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TableWriter, "commit", fail)
        yield


@settings(max_examples=6)
@given(STEPS, st.sampled_from([1, 3, 4096]))
def test_whoever_counts_counts_alike_whatever_happened(steps, every) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallies, "SAVED_EVERY", every)
        store, followed = MemoryStore(), Tallies(SETTINGS)
        with index_over(store) as index:
            for step in steps:
                taken(index, step)
                with store.read() as reader:
                    followed.follow(reader)
            index.check(Event(9).report("z", lang=LANGUAGES[0]))  # its own tallies follow, too
            left = [held.article for held in index.articles()]
            anew, own = read_anew(store), index._finder.tallies
            survivors = MemoryStore()
            with index_over(survivors) as other:
                other.admit_many(left)
                expected = read_anew(survivors)
    for found in (followed, own, anew):
        assert counted(found) == counted(expected)
        assert np.abs(idfs(found) - idfs(expected)).max() < 1e-6


def test_tallies_are_those_of_the_articles_held() -> None:
    articles = newsroom(3, events=2)
    store = MemoryStore()
    with index_over(store) as index:
        admitted(index, articles)
        found = counted(read_anew(store))
    terms = arrivals(articles, SETTINGS).sketch.terms
    assert found["held"] == nonzero(np.bincount(terms.buckets, minlength=1 << 22))
    assert sum(found["days"].values()) == sum(article.date is not None for article in articles)
    assert found["named"]
    assert all(count <= found["held"][bucket] for bucket, count in found["named"].items())


def test_a_revision_counts_once_and_by_its_new_text() -> None:
    old, new = Event(1).report("a"), copy_of(Event(2).report("b", 3), "a")
    stores = MemoryStore(), MemoryStore()
    with index_over(stores[0]) as revised, index_over(stores[1]) as fresh:
        admitted(revised, [old, new])
        fresh.admit(new)
        assert counted(read_anew(stores[0])) == counted(read_anew(stores[1]))


def records_of(store: MemoryStore) -> list[Record]:
    with store.read() as reader:
        return list(reader.records(tallies.RECORD))


def test_records_add_up_to_what_is_counted_and_stay_few(monkeypatch) -> None:
    monkeypatch.setattr(tallies, "SAVED_EVERY", 4)
    store, most = MemoryStore(), 0
    with index_over(store) as index:
        for seed in range(12):
            admitted(index, newsroom(seed, events=2))
            index.remove(f"{seed}.0-0")
            records = records_of(store)
            assert [record.first for record in records[1:]] == [r.last for r in records[:-1]]
            most = max(most, len(records))
        assert 1 < most < 6
        sizes = [len(record.data) for record in records]
        assert sizes == sorted(sizes, reverse=True)
        found = counted(read_anew(store))
        index.check(Event(9).report("z"))  # so that its own follow the last removal
        assert found == counted(index._finder.tallies)
        left = [held.article for held in index.articles()]
    with index_over(MemoryStore()) as other:
        other.admit_many(left)
        assert found == counted(other._finder.tallies)


def test_who_was_left_behind_counts_from_the_changes_while_they_are_there(monkeypatch) -> None:
    monkeypatch.setattr(tallies, "SAVED_EVERY", 4)
    store = MemoryStore()
    with index_over(store) as index:
        admitted(index, newsroom(1, events=2))
        behind = read_anew(store)
        index.remove("1.0-0")
        admitted(index, newsroom(2, events=1))
        monkeypatch.setattr(Tallies, "_load", None)
        with store.read() as reader:
            behind.follow(reader)
        assert counted(behind) == counted(index._finder.tallies)
        monkeypatch.undo()
        monkeypatch.setattr(tallies, "SAVED_EVERY", 4)
        admitted(index, newsroom(3, events=4))
        with store.read() as reader:
            assert reader.changes(behind.position) is None
            behind.follow(reader)
        assert counted(behind) == counted(index._finder.tallies)


def test_lost_records_are_damage() -> None:
    store = MemoryStore()
    with index_over(store) as index, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallies, "SAVED_EVERY", 2)
        admitted(index, newsroom(1, events=4))
        index._store._database.do("DELETE FROM record WHERE name = ?", tallies.RECORD)
        with pytest.raises(DamagedError, match="document frequencies"):
            read_anew(store)


def test_days_ascend_in_whatever_order_articles_come() -> None:
    found = Tallies(SETTINGS)
    dated = [Event(1).report(f"a{n}", n) for n in (5, -3, 5, 900, 0, -3, 5)]
    incoming = arrivals(dated, SETTINGS)
    found.count(incoming, 1)
    days, counts = found.days.table().T
    start = int(day(0).timestamp()) // 86400
    assert (days - start).tolist() == [-3, 0, 5, 900]
    assert counts.tolist() == [2, 1, 3, 1]


def test_more_days_than_there_was_room_for_are_counted() -> None:
    found = Tallies(SETTINGS)
    incoming = arrivals([Event(1).report("a", n) for n in range(0, 400, 2)], SETTINGS)
    found.count(incoming, 1)
    assert found.days.table()[:, 1].tolist() == [1] * 200


# What that does to scores


def test_an_idf_is_that_of_the_stated_formula() -> None:
    articles = newsroom(5, events=2)
    store = MemoryStore()
    with index_over(store) as index:
        index.admit_many(articles)
        found = read_anew(store)
    incoming = arrivals(articles, SETTINGS)
    language = incoming.sketch.languages[0]
    assert set(incoming.sketch.languages) == {language}
    buckets = np.unique(incoming.sketch.terms.buckets).astype(np.int64)
    df = np.bincount(incoming.sketch.terms.buckets, minlength=1 << 22)[buckets]
    shares = np.maximum(background(language)[buckets], LEAST_FREQUENCY)
    chance, n0 = 1 - np.exp(-ARTICLE_TOKENS * shares), SETTINGS.prior_articles
    expected = -np.log((df + n0 * chance) / (len(articles) + n0))
    assert idf_in(found, [language], buckets)[0] == pytest.approx(np.maximum(0, expected), abs=1e-5)


@pytest.mark.parametrize("held", [0, 1, 30])
def test_one_article_changes_an_idf_by_no_more_than_is_stated(held) -> None:
    found = Tallies(SETTINGS)
    incoming = arrivals([Event(1).report("a")], SETTINGS)
    incoming = replace(incoming, sketch=replace(incoming.sketch, languages=("qaa",)))
    for _ in range(held):
        found.count(incoming, 1)
    before = idf_in(found, ["qaa"], np.arange(1 << 22))[0].astype(np.float64)
    other_before = idf_in(found, ["qab"], np.arange(1000))
    found.count(incoming, 1)
    change = idf_in(found, ["qaa"], np.arange(1 << 22))[0].astype(np.float64) - before
    n0 = SETTINGS.prior_articles
    prior = n0 * (1 - np.exp(-ARTICLE_TOKENS * LEAST_FREQUENCY))
    mine = np.zeros(1 << 22, bool)
    mine[incoming.sketch.terms.buckets] = True
    grown = log((held + 1 + n0) / (held + n0))
    assert np.abs(change[~mine] - grown).max() < 2e-6
    assert np.abs(change[mine] - grown + log((held + 1 + prior) / (held + prior))).max() < 2e-6
    assert (idf_in(found, ["qab"], np.arange(1000)) == other_before).all()


@pytest.mark.parametrize("target", ["memory:", "file"])
def test_an_article_that_comes_and_goes_changes_no_score_in_the_end(target, tmp_path) -> None:
    event, probe = Event(1), Event(1).report("probe", 2)
    with open_index(tmp_path / "index.db" if target == "file" else target) as index:
        admitted(index, [*newsroom(6, events=2), event.report("a"), event.report("b", 1)])
        before = index.check(probe)
        assert len(before.matches) == 2
        index.admit(event.report("passing", 1))
        assert index.check(probe) != before
        index.remove("passing")
        assert index.check(probe) == before


@pytest.mark.parametrize("failure", [StoreError("no space is left"), KeyboardInterrupt()])
def test_a_session_that_failed_changes_no_score(failure) -> None:
    probe, store = Event(1).report("probe", 2), MemoryStore()

    def interrupted():
        yield Event(1).report("b", 1)
        raise failure

    with index_over(store) as index:
        admitted(index, [*newsroom(6, events=1), Event(1).report("a")])
        before = index.check(probe)
        with pytest.raises(type(failure)):
            index.admit_many(interrupted())
        with failing(), pytest.raises(StoreError):
            index.admit_many([Event(1).report("b", 1), Event(1).report("c", 1)])
        assert index.check(probe) == before
        assert counted(index._finder.tallies) == counted(read_anew(store))


@pytest.mark.parametrize(
    ("call", "values"),
    [("remove", ["a"]), ("expire", [day(1)]), ("mark_different", ["a", "b"])],
)
def test_what_failed_to_go_counts_still(call, values) -> None:
    """Where the first of a group of copies goes another is entered anew, and that is undone, too."""
    text, store = Event(1).report("a"), MemoryStore()
    with index_over(store) as index:
        admitted(index, [text, copy_of(text, "b", date=day(3)), *newsroom(6, events=1)])
        with failing(), pytest.raises(StoreError):
            getattr(index, call)(*values)
        index.check(Event(9).report("z"))
        assert counted(index._finder.tallies) == counted(read_anew(store))


def test_two_who_hold_one_index_open_answer_alike(tmp_path) -> None:
    probe = Event(1).report("probe", 2)
    with open_index(tmp_path / "i.db") as one, open_index(tmp_path / "i.db") as other:
        one.admit(Event(1).report("a"))
        other.admit(Event(1).report("b", 1))
        one.admit_many(newsroom(7, events=2))
        assert one.check(probe) == other.check(probe)
        other.remove("b")
        one.expire(day(1))
        one.admit(copy_of(Event(3).report("x"), "c"))
        other.admit(Event(1).report("d", 1))
        with open_index(tmp_path / "i.db") as third:
            assert one.check(probe) == other.check(probe) == third.check(probe)
            assert one.check(probe).matches


# Weights


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_terms_weigh_what_the_batch_path_lets_them_weigh(seed, n) -> None:
    articles = newsroom(seed, events=2)[:n]
    incoming = arrivals(articles, SETTINGS)
    terms, languages = incoming.sketch.terms, incoming.sketch.languages
    counts = Tallies(SETTINGS)
    counts.count(incoming, 1)
    found = incoming.packed.weighed(Weigher(counts.terms))
    frequencies = Frequencies.of(terms, languages, SETTINGS.prior_articles)
    expected = Weigher(frequencies).weigh(terms, languages)
    for row in range(n):
        assert entries(found, row) == pytest.approx(entries(expected, row), abs=1e-4)
        assert masses(found, row) == {
            term: (pytest.approx(mass, abs=1e-4), flags)
            for term, (mass, flags) in masses(expected, row).items()
        }


def entries(weights, row: int) -> dict[int, float]:
    """Weights by term, but those that are so small that rounding decides whether they are kept."""
    part = slice(weights.bounds[row], weights.bounds[row + 1])
    values = zip(
        weights.buckets[weights.columns[part]].tolist(), weights.values[part].tolist(), strict=True
    )
    return {term: value for term, value in values if value > LEAST_WEIGHT + 1e-5}


def masses(weights, row: int) -> dict[int, tuple[float, int]]:
    marked = weights.marked
    part = slice(marked.bounds[row], marked.bounds[row + 1])
    values = zip(marked.masses[part].tolist(), marked.flags[part].tolist(), strict=True)
    return dict(zip(weights.buckets[marked.columns[part]].tolist(), values, strict=True))
