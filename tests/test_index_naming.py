"""Ids in an index: an article from elsewhere that has the id of another one takes nothing away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dedupe import Article, Filter, Verdict, open_index
from dedupe.hooks.filter import Decision, decision_object
from dedupe.identity import is_same, origin, own_id
from dedupe.index import Index

CRANE = "The harbour crane fell into the water at noon on Sunday, and nobody was hurt by it."
BAKERS = "Bakery workers agreed on a pay deal with the company after nine days of strike."
WOLVES = "Rangers filmed four wolf pups in the reserve, the first born there since 1885."


def article(text: str, source: str = "", url: str = "", name: str = "1") -> Article:
    return Article(name, text, source=source, url=url)


@pytest.fixture(params=["memory", "file"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    place = "memory:" if request.param == "memory" else tmp_path / "a.index"
    with open_index(place) as opened:
        yield opened


def test_the_same_id_from_another_source_is_another_article(index: Index) -> None:
    first, second = index.admit_many([article(CRANE, "Post"), article(BAKERS, "Lamp")])
    assert (first.id, first.relation, second.relation) == ("1", "new", "new")
    assert second.id == own_id("1", origin("Lamp", ""), "address")
    third = index.admit(article(WOLVES, "Courier"))
    assert third.relation == "new"
    assert {one.article.text for one in index.articles()} == {CRANE, BAKERS, WOLVES}


def test_it_is_a_replay_when_it_comes_again_and_a_revision_when_it_changed(index: Index) -> None:
    index.admit(article(CRANE, "Post"))
    name = index.admit(article(BAKERS, "Lamp")).id
    assert index.admit(article(BAKERS, "Lamp")).replayed
    revised = index.admit(article(BAKERS + " The union votes on Monday.", "Lamp"))
    assert (revised.id, revised.relation) == (name, "revision")
    assert index.get("1").article.text == CRANE
    assert index.admit(article(CRANE + " Divers look at it.", "Post")).relation == "revision"
    assert index.stats().articles == 2


def test_a_copy_of_another_source_is_no_replay(index: Index) -> None:
    index.admit(article(CRANE, "Post"))
    copy = index.check(article(CRANE, "Lamp"))
    assert (copy.relation, copy.replayed) == ("identical", False)


def test_a_guid_under_another_address_is_another_article(index: Index) -> None:
    pages = [
        article(text, "Post", f"https://h.example/{n}") for n, text in enumerate((CRANE, BAKERS))
    ]
    assert [verdict.relation for verdict in index.admit_many(pages)] == ["new", "new"]
    moved = article(CRANE + " Divers look at it.", "Post", "http://www.h.example/0?utm_source=x")
    assert index.admit(moved).relation == "revision"


def test_an_article_keeps_its_id_when_the_other_one_is_gone(index: Index) -> None:
    index.admit(article(CRANE, "Post"))
    name = index.admit(article(BAKERS, "Lamp")).id
    assert index.remove("1")
    assert index.admit(article(BAKERS, "Lamp")).replayed
    assert index.admit(article(BAKERS + " More.", "Lamp")).id == name


@pytest.mark.parametrize(("same_by", "articles"), [("address", 3), ("source", 2), ("id", 1)])
def test_what_makes_one_article_can_be_set(same_by: str, articles: int) -> None:
    texts = [(CRANE, "Post", "a"), (BAKERS, "Post", "b"), (WOLVES, "Lamp", "c")]
    with open_index("memory:", same_by=same_by) as index:
        index.admit_many([article(t, of, f"https://h.example/{u}") for t, of, u in texts])
        assert index.stats().articles == articles


def test_an_article_that_does_not_say_where_it_is_from_is_the_one_that_is_there(
    index: Index,
) -> None:
    index.admit(article(CRANE, "Post"))
    assert index.admit(article(CRANE + " Divers look at it.")).relation == "revision"


def test_two_who_admit_at_once_take_nothing_from_each_other(tmp_path: Path) -> None:
    place = tmp_path / "a.index"
    open_index(place).close()

    def admit(source: str, text: str) -> None:
        with open_index(place) as index:
            for n in range(20):
                index.admit(article(f"{text} Number {n}.", source, name=str(n)))

    threads = [
        threading.Thread(target=admit, args=(source, text))
        for source, text in (("Post", CRANE), ("Lamp", BAKERS), ("Courier", WOLVES))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_index(place) as index:
        kept = [one.article for one in index.articles()]
    assert len(kept) == 60
    assert {(one.source, one.text[:10]) for one in kept} == {
        ("Post", CRANE[:10]), ("Lamp", BAKERS[:10]), ("Courier", WOLVES[:10])
    }  # fmt: skip


def test_a_decision_names_both_ids() -> None:
    with open_index("memory:") as index:
        keep = Filter(index)
        keep(article(CRANE, "Post"))
        told = decision_object(keep.decide(article(BAKERS, "Lamp")))
    assert told["id"] == "1"
    assert told["held_as"].startswith("1@")
    assert "held_as" not in decision_object(Decision("a", True, Verdict("a", "new", None)))


def test_where_one_does_not_say_where_it_is_from_nothing_parts_them() -> None:
    post, page = origin("Post", ""), origin("", "https://h.example/a")
    assert is_same(post, page, "address")
    assert is_same(origin("POST ", ""), post, "source")
    assert not is_same(origin("Lamp", ""), post, "source")
