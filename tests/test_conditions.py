"""The conditions of other sources: what each takes from articles, or adds, and that it is safe."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dedupe import Article
from dedupe.evaluate.conditions import (
    CONDITIONS,
    LEAD_WORDS,
    RELATED,
    RELATED_CHARACTERS,
    conditions,
    first_sentence,
    first_words,
)
from dedupe.evaluate.outlets import known_words, outlet, picked

DAY = datetime(2024, 3, 5, tzinfo=UTC)
ARTICLES = [
    Article(
        "ferry",
        "A ferry ran aground off Port Kessel on Monday. All 212 passengers were taken off.\n\n"
        "The captain blamed a chart that was out of date.",
        "Ferry runs aground",
        DAY,
        "Harbour Post",
        "https://example.org/ferry",
        "en",
    ),
    Article("untitled", "Der Rat von Estrand hat am Dienstag eine Abgabe beschlossen.", lang="de"),
    Article(
        "metro", "青岭市地铁三号线正式开通运营。首班列车从东湖站驶出。", "地铁开通", DAY, lang="zh"
    ),
    Article("empty", "", "Only a title"),
]


def under(name, articles=ARTICLES):
    ((found, changed),) = conditions(articles, [name])
    assert found == name
    return list(changed)


def test_every_condition_keeps_the_ids_and_their_order():
    found = {name: [a.id for a in changed] for name, changed in conditions(ARTICLES)}
    assert list(found) == list(CONDITIONS)
    assert all(ids == [a.id for a in ARTICLES] for ids in found.values())


def test_a_name_that_is_no_condition_is_refused():
    with pytest.raises(KeyError, match="sideways"):
        list(conditions(ARTICLES, ["sideways"]))


def test_the_full_set_is_left_as_it_is():
    assert under("full") == ARTICLES


def test_titles_stand_alone_and_are_made_of_the_first_sentence_where_there_is_none():
    assert [(a.title, a.text) for a in under("titles")] == [
        ("Ferry runs aground", ""),
        ("Der Rat von Estrand hat am Dienstag eine Abgabe beschlossen.", ""),
        ("地铁开通", ""),
        ("Only a title", ""),
    ]


def test_a_feed_has_title_and_first_sentence():
    texts = [a.text for a in under("rss")]
    assert texts[0] == "A ferry ran aground off Port Kessel on Monday."
    assert texts[2].endswith("。")
    assert texts[3] == ""


def test_a_first_sentence_that_says_little_is_taken_with_the_next():
    article = Article("a", "Look. A ferry ran aground off Port Kessel. It was Monday.", lang="en")
    assert first_sentence(article, LEAD_WORDS) == "Look. A ferry ran aground off Port Kessel."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("one two three four", "one two three"),
        ("one two", "one two"),
        ("  one\n\ntwo, three. four", "  one\n\ntwo, three"),
        ("", ""),
        ("कोहरे ने छीनीं आठ", "कोहरे ने छीनीं"),
        ("три слова здесь стоят", "три слова здесь"),
    ],
)
def test_first_words_are_counted_in_every_script(text, kept):
    assert first_words(text, 3) == kept


def test_unspaced_scripts_are_cut_too():
    text = "青岭市地铁三号线正式开通运营" * 40
    assert 40 < len(first_words(text, 50)) < 150


def test_dates_and_titles_are_taken_away():
    assert [a.date for a in under("undated")] == [None] * 4
    assert [a.title for a in under("untitled")] == [""] * 4
    assert [replace(a, date=b.date) for a, b in zip(under("undated"), ARTICLES, strict=True)] == (
        ARTICLES
    )


@pytest.mark.parametrize("name", ["furniture12", "furniture400", "related"])
def test_furniture_stands_around_the_text_in_its_language(name):
    for changed, own in zip(under(name), ARTICLES, strict=True):
        printed = outlet(picked(f"outlet of {own.id}", 400 if "400" in name else 12), own.lang)
        assert changed.text.startswith(printed.above)
        assert changed.text.endswith(printed.below)
        assert own.text in changed.text
        assert changed.source == printed.domain
        assert changed.title == (f"{own.title} - {printed.masthead}" if own.title else "")
        assert (changed.date, changed.lang) == (own.date, own.lang)
    assert "Nachdruck" in under(name)[1].text
    assert "隐私" in under(name)[2].text


def test_related_titles_are_those_of_the_set_and_cut():
    long = [Article(f"a{k}", "Words.", f"Title {k} " + "x" * 5_000) for k in range(3)]
    for article in under("related", long):
        below = article.text.partition(outlet(0).related)[2]
        titles = [line for line in below.split("\n") if line.startswith("Title ")]
        assert len(titles) == RELATED
        assert max(map(len, titles)) <= RELATED_CHARACTERS


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_variant_depends_on_neither_the_order_of_articles_nor_the_run(name):
    there, back = under(name), under(name, ARTICLES[::-1])
    assert there == back[::-1]
    assert there == under(name)


def test_draws_are_the_same_on_every_machine():
    assert [picked(key, 1000) for key in ("outlet of ferry", "", "\ud800")] == [995, 876, 464]


def test_variants_are_made_as_they_are_asked_for():
    endless = itertools.repeat(ARTICLES[0])
    for name in ("titles", "rss", "words50", "undated", "untitled", "furniture12", "tags"):
        assert next(CONDITIONS[name](endless)).id == "ferry"


def test_tags_say_what_the_text_says():
    html = under("tags")[0].text
    for sentence in ("A ferry ran aground off Port Kessel on Monday.", "The captain blamed"):
        assert sentence in html
    assert under("tags")[3].text == ""


HOSTILE = (
    "\x00\x1b[31m \ud800 </p><script>alert(1)</script> {0} {} %s \\1 &amp; \u202e",
    "x" * 200_000,
    "." * 100_000,
    "\n" * 100_000,
    "a\n" * 50_000,
    "<" * 50_000,
    "\u0301" * 50_000,
    "۔" * 20_000,
    "字" * 100_000,
    " ",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", CONDITIONS)
def test_hostile_articles_cost_no_more_than_their_size_and_raise_nothing(name, text):
    articles = [
        Article("a\ud800" + text[:100], text, text, DAY, text[:50], text[:50], text[:50]),
        Article("b", text, "", None),
    ]
    for changed, own in zip(under(name, articles), articles, strict=True):
        assert changed.id == own.id
        assert len(changed.text) <= 8 * len(own.text) + 100_000
        assert len(changed.title) <= len(own.title) + 1_000


def test_every_language_has_words_enough_for_outlets_that_differ():
    for code in known_words():
        found = [outlet(number, code) for number in range(400)]
        assert len({o.masthead for o in found}) == 400
        assert len({o.domain for o in found}) == 400
        assert len({(o.above, o.below) for o in found}) == 400
        assert len({o.above.partition("\n")[0] for o in found}) > 12


def test_a_language_without_words_gets_the_usual_ones():
    assert outlet(3, "xx") == outlet(3, "en")
    assert outlet(3, "de") != outlet(3, "en")


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_is_documented(name):
    page = (Path(__file__).parent.parent / "docs" / "quality.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert any(f"`{name}`" in cell for cell in rows)
