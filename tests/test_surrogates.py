"""Lone surrogates become U+FFFD wherever articles that are made in Python enter."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from dedupe import (
    Article,
    Filter,
    article_signatures,
    compare_articles,
    explain_article,
    group_articles,
    open_index,
    score_pairs,
)
from dedupe.hooks.filter import decision_object
from dedupe.text import encodable

PLAIN = Article(
    "a", "The harbour of Oslo was closed on Monday after a ferry ran aground in thick fog.",
    title="Ferry runs aground", source="Fjord Post", url="https://fjord.example/1", lang="en",
)  # fmt: skip
OTHER = replace(
    PLAIN, id="b", url="https://fjord.example/2", title="Fog closes harbour",
    text="Thick fog closed the harbour of Oslo on Monday, and a ferry with ninety people ran "
    "aground.",
)  # fmt: skip
FIELDS = ("id", "title", "text", "source", "url", "lang")


@pytest.fixture(params=FIELDS)
def pair(request) -> tuple[Article, Article]:
    """An article with a lone surrogate in one of its fields, and the same with U+FFFD."""
    broken = getattr(PLAIN, request.param) + " \ud83d\udcff\udcff"
    whole = broken.replace("\ud83d\udcff\udcff", "\U0001f4ff\ufffd")
    return replace(PLAIN, **{request.param: broken}), replace(PLAIN, **{request.param: whole})


def test_they_are_replaced_in_every_field(pair) -> None:
    broken, whole = pair
    assert encodable(broken) == whole
    assert encodable(whole) is whole


def test_a_run_reads_them_as_a_file_does(pair) -> None:
    broken, whole = pair
    for call in (
        lambda one: group_articles([one, OTHER]).stories,
        lambda one: explain_article([one, OTHER], one.id),
        lambda one: compare_articles(one, OTHER),
        lambda one: compare_articles(one, OTHER, [one, OTHER]),
        lambda one: article_signatures([one, OTHER])[1].tolist(),
        lambda one: score_pairs([one, OTHER], [(one.id, "b"), ("b", one.id)]),
    ):
        assert call(broken) == call(whole)


def test_an_index_holds_them_as_a_file_has_them(pair) -> None:
    broken, whole = pair
    with open_index("memory:") as index:
        assert index.check(broken).id == whole.id
        assert index.admit_many([broken, OTHER])[0].id == whole.id
        assert index.admit(broken).replayed
        assert index.check_many([whole])[0].replayed
        assert index.get(broken.id) == index.get(whole.id)
        assert index.get(whole.id).article == whole
        index.mark_different(broken.id, "b")
        assert index.differences() == ((whole.id, "b"),)
        held = list(index.articles())
        assert index.remove(broken.id)
        assert index.get(whole.id) is None
    with open_index("memory:") as copy:
        copy.restore(
            [replace(one, article=broken if one.article == whole else OTHER) for one in held]
        )
        copy.settle("", {}, [(broken.id, "b")])
        assert copy.differences() == ((whole.id, "b"),)
        assert copy.get(broken.id).article == whole


def test_a_filter_answers_with_the_id_that_is_held(pair) -> None:
    broken, whole = pair
    with open_index("memory:") as index:
        decision = Filter(index).decide(broken)
        assert decision.id == whole.id
        assert orjson.dumps(decision_object(decision))
