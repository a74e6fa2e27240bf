"""The index as its users meet it: what it answers, what it keeps, and what it lets go."""

from __future__ import annotations

import gc
import json
import os
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from math import exp
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from corpora import FIXTURES, fixture_articles, prose
from hypothesis import given, settings
from hypothesis import strategies as st
from index_corpus import (
    EARLIER,
    LATER,
    START,
    Event,
    admitted,
    copies,
    copy_of,
    day,
    edited,
    grouped,
    newsroom,
    sound,
)

from dedupe.config import Settings
from dedupe.errors import FingerprintError, NotAnIndexError, RecordError, SettingError, StoreError
from dedupe.evidence import FEATURES
from dedupe.index import Index, open_index
from dedupe.model import Article, Verdict
from dedupe.story import COMPANY

FLOOD, ELECTION = Event(1), Event(2)


@pytest.fixture(params=["memory", "file"])
def opened(request, tmp_path):
    """Opens one index more: in memory, or in a file of its own."""
    made = []

    def one(**options) -> Index:
        path = "memory:" if request.param == "memory" else tmp_path / f"{len(made)}.db"
        made.append(open_index(path, **options))
        return made[-1]

    yield one
    for index in made:
        index.close()


@pytest.fixture
def index(opened) -> Index:
    return opened()


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "index.db"


def names(verdict: Verdict) -> list[str]:
    return [match.b for match in verdict.matches]


# What it answers


def test_the_first_article_is_new_and_begins_a_story(index) -> None:
    found = index.admit(FLOOD.report("a"))
    assert found == Verdict("a", "new", found.story, (), admitted=True)
    assert index.story(found.story).articles == ("a",)


def test_what_is_checked_first_has_no_story_yet(index) -> None:
    assert index.check(FLOOD.report("a")) == Verdict("a", "new", None)
    assert index.stats().articles == 0


def test_an_equal_text_is_identical_under_any_title(index) -> None:
    first = index.admit(FLOOD.report("a"))
    found = index.admit(copy_of(FLOOD.report("a"), "b", title="Another headline altogether"))
    assert (found.relation, found.story) == ("identical", first.story)
    assert found.matches[0].b == "a"
    assert found.matches[0].scores.jaccard == 1
    assert not found.extends


def test_case_and_punctuation_make_no_other_text(index) -> None:
    index.admit(FLOOD.report("a"))
    text = FLOOD.report("a").text.replace(".", " --").upper()
    assert index.admit(Article("b", text)).relation == "identical"


def test_an_edited_text_is_a_near_duplicate_with_its_exact_jaccard(index) -> None:
    original = FLOOD.report("a")
    index.admit(original)
    found = index.admit(edited(original, "b"))
    assert found.relation == "near_duplicate"
    one, other = five_grams(original.text), five_grams(edited(original, "b").text)
    assert found.matches[0].scores.jaccard == pytest.approx(
        len(one & other) / len(one | other), abs=1e-4
    )
    assert 0.5 < found.matches[0].scores.jaccard < 1


def five_grams(text: str) -> set[tuple[str, ...]]:
    words = text.lower().replace(".", "").split()
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def test_an_excerpt_is_contained_and_its_whole_extends_it(opened) -> None:
    whole = FLOOD.report("whole", own=120)
    excerpt = Article("excerpt", " ".join(whole.text.split()[10:70]), "Flood", day(0))
    for first, then, extends in ((whole, excerpt, False), (excerpt, whole, True)):
        index = opened()
        index.admit(first)
        found = index.admit(then)
        assert (found.relation, found.extends) == ("contained", extends)
        assert found.matches[0].scores.containment == 1
        assert found.matches[0].scores.jaccard < 0.5
        assert copies(index) == {frozenset({"whole", "excerpt"})}
        assert len(grouped(index)) == 1


def test_an_independent_report_is_of_the_same_story(index) -> None:
    first = index.admit(FLOOD.report("a"))
    index.admit(ELECTION.report("x"))
    found = index.admit(FLOOD.report("b", 1))
    assert (found.relation, found.story) == ("same_story", first.story)
    match = found.matches[0]
    assert (match.a, match.b, match.relation, match.days) == ("b", "a", "same_story", 1.0)
    assert match.scores.jaccard < 0.1
    assert match.scores.story > 0.5
    assert grouped(index) == {frozenset("ab"), frozenset("x")}
    assert copies(index) == {frozenset("a"), frozenset("b"), frozenset("x")}


def test_another_event_is_new(index) -> None:
    admitted(index, [FLOOD.report("a"), FLOOD.report("b")])
    found = index.admit(ELECTION.report("x"))
    assert (found.relation, found.matches) == ("new", ())
    assert found.story not in {story.id for story in index.stories() if "a" in story.articles}


def test_copies_are_named_before_companions(index) -> None:
    excerpt = Article(
        "excerpt", " ".join(FLOOD.report("a", own=120).text.split()[10:70]), "", day(0)
    )
    admitted(index, [excerpt, FLOOD.report("b", 1)])
    found = index.check(FLOOD.report("a", own=120))
    assert [match.relation for match in found.matches] == ["contained", "same_story"]
    assert names(found) == ["excerpt", "b"]


def test_an_equal_text_is_told_by_its_copies_alone(index) -> None:
    admitted(index, [FLOOD.report("a"), FLOOD.report("b", 1)])
    assert names(index.check(copy_of(FLOOD.report("a"), "c"))) == ["a"]


def test_at_most_three_matches_are_named_and_the_likeliest_first(index) -> None:
    admitted(index, [FLOOD.report(name) for name in "abcdefg"])
    found = index.check(FLOOD.report("h"))
    scores = [match.scores.story for match in found.matches]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)


def test_the_evidence_of_a_match_adds_up_to_its_story_score(index) -> None:
    """The score is recomputed from what is told; rounding moves the sum by up to 0.005."""
    admitted(index, newsroom(1, events=3))
    matches = [
        m for held in index.articles() for m in held.verdict.matches if m.relation == "same_story"
    ]
    assert len(matches) > 4
    for match in matches:
        log_odds = sum(part.weight for part in match.evidence)
        assert 1 / (1 + exp(-log_odds)) == pytest.approx(match.scores.story, abs=2e-3)
        assert len(match.evidence) == len(FEATURES) + len(COMPANY)


def test_days_are_told_where_both_are_dated(index) -> None:
    admitted(index, [FLOOD.report("a", 0.25), FLOOD.report("b", None)])
    told = {match.b: match.days for match in index.check(FLOOD.report("c", 3.5)).matches}
    assert told == {"a": 3.25, "b": None}
    # A midnight stands for its day: hours from there would say what nobody knows.
    told = {match.b: match.days for match in index.check(FLOOD.report("d", 3)).matches}
    assert told == {"a": 3.0, "b": None}


# The same again, and another text


def test_the_same_again_is_answered_as_the_first_time(index) -> None:
    admitted(index, [FLOOD.report("a"), ELECTION.report("x")])
    first = index.admit(FLOOD.report("b", 1))
    admitted(index, [FLOOD.report("c", 1), copy_of(FLOOD.report("b", 1), "d")])
    before = index.stats()
    for again in (index.admit, index.check):
        assert again(FLOOD.report("b", 1)) == replace(first, replayed=True)
    assert index.stats() == before
    assert index.get("b").verdict == first


def test_another_date_or_outlet_is_no_other_article(index) -> None:
    first = index.admit(FLOOD.report("a"))
    again = index.admit(
        replace(FLOOD.report("a"), date=day(9), source="Other", url="https://x.example/")
    )
    assert again == replace(first, replayed=True)


@pytest.mark.parametrize("change", ["title", "text"])
def test_a_changed_article_is_a_revision_and_stays_in_its_story(index, change) -> None:
    admitted(index, [FLOOD.report("a"), FLOOD.report("b", 1)])
    story = index.get("b").story
    words = f"{getattr(FLOOD.report('b', 1), change)} and more"
    changed = replace(FLOOD.report("b", 1), **{change: words})
    found = index.admit(changed)
    assert (found.relation, found.story, found.replayed) == ("revision", story, False)
    assert (found.matches[0].a, found.matches[0].b) == ("b", "b")
    assert found.matches[0].relation == "near_duplicate"
    assert index.get("b").article == changed
    assert index.stats().articles == 2
    assert index.admit(changed) == replace(found, replayed=True)
    assert sound(index)


def test_a_revision_about_something_else_stays_in_its_story_still(index) -> None:
    admitted(index, [FLOOD.report("a"), FLOOD.report("b", 1), ELECTION.report("x")])
    found = index.admit(copy_of(ELECTION.report("y"), "b"))
    assert (found.relation, found.story) == ("revision", index.get("a").story)
    assert found.matches[0].scores.jaccard < 0.1
    assert "b" in names(index.check(ELECTION.report("z")))
    assert "b" not in names(index.check(FLOOD.report("z")))


def test_a_revision_that_is_only_checked_changes_nothing(index) -> None:
    index.admit(FLOOD.report("a"))
    changed = edited(FLOOD.report("a"), "a")
    found = index.check(changed)
    assert (found.relation, found.admitted) == ("revision", False)
    assert index.get("a").article == FLOOD.report("a")
    assert replace(found, admitted=True) == index.admit(changed)


def test_the_old_text_of_a_revision_is_found_no_more(index) -> None:
    index.admit(FLOOD.report("a"))
    index.admit(copy_of(ELECTION.report("x"), "a"))
    assert index.check(copy_of(FLOOD.report("a"), "b")).relation == "new"
    assert index.check(copy_of(ELECTION.report("x"), "b")).relation == "identical"


# What is checked


def test_checking_changes_no_byte_of_the_file(path) -> None:
    with open_index(path) as index:
        admitted(index, newsroom(2, events=2))
        index.compact()
    before = path.read_bytes()
    stamp = path.stat().st_mtime_ns
    with open_index(path) as index:
        for article in [*newsroom(3, events=1), *newsroom(2, events=2)]:
            index.check(article)
        index.check_many(newsroom(4, events=2))
        held = list(index.articles())
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == stamp
    assert len(held) == 6


def test_what_was_checked_is_what_is_admitted(index) -> None:
    incoming = [*newsroom(5, events=3), copy_of(FLOOD.report("a"), "c1")]
    for article in [FLOOD.report("a"), *incoming]:
        checked, found = index.check(article), index.admit(article)
        expected = replace(found, admitted=False)
        if checked.story is None:
            assert found.relation == "new"
            expected = replace(expected, story=None)
        assert checked == expected


def test_several_are_checked_as_if_each_were_admitted_after_those_before_it(opened) -> None:
    one, other = opened(), opened()
    old, new = newsroom(6, events=2), [FLOOD.report("a"), *newsroom(7, events=1), FLOOD.report("b")]
    admitted(one, old)
    admitted(other, old)
    checked = one.check_many(new)
    for found, expected in zip(checked, other.admit_many(new), strict=True):
        assert (found.relation, names(found)) == (expected.relation, names(expected))
        assert not found.admitted
    assert one.stats().articles == len(old)


# Many at once


def test_copies_in_one_call_are_told_as_if_they_came_one_by_one(opened) -> None:
    incoming = [
        FLOOD.report("a"),
        copy_of(FLOOD.report("a"), "a2"),
        ELECTION.report("x"),
        edited(FLOOD.report("a"), "a3"),
        copy_of(ELECTION.report("x"), "x2"),
    ]
    one, other = opened(), opened()
    together = one.admit_many(incoming)
    single = [other.admit(article) for article in incoming]
    told = ["new", "identical", "new", "near_duplicate", "identical"]
    assert [found.relation for found in together] == told
    assert [found.relation for found in single] == told
    assert [names(found)[:1] for found in together] == [names(found)[:1] for found in single]
    assert grouped(one) == grouped(other)
    assert copies(one) == copies(other) == {frozenset({"a", "a2", "a3"}), frozenset({"x", "x2"})}


def test_events_told_in_one_call_become_the_stories_that_they_become_one_by_one(opened) -> None:
    incoming = newsroom(8, events=4)
    one, other = opened(), admitted(opened(), incoming)
    one.admit_many(incoming)
    expected = defaultdict(set)
    for article in incoming:
        expected[article.id.split("-")[0]].add(article.id)
    assert grouped(one) == grouped(other) == set(map(frozenset, expected.values()))


def test_a_crowd_of_reports_in_one_call_is_one_story(index) -> None:
    index.admit_many(FLOOD.report(f"a{n}", n / 9) for n in range(40))
    assert len(grouped(index)) == 1


def test_an_id_twice_in_one_call_is_replayed_or_revised(index) -> None:
    first, second = FLOOD.report("a"), edited(FLOOD.report("a"), "a")
    found = index.admit_many([first, first, second, second, first])
    assert [(v.relation, v.replayed) for v in found] == [
        ("new", False),
        ("new", True),
        ("revision", False),
        ("revision", True),
        ("revision", False),
    ]
    assert {v.story for v in found} == {index.get("a").story}
    assert index.get("a").article == first


def test_what_follows_a_revision_in_one_call_is_judged_by_the_new_text(index) -> None:
    index.admit(FLOOD.report("a"))
    found = index.admit_many(
        [copy_of(ELECTION.report("x"), "a"), ELECTION.report("x"), copy_of(FLOOD.report("a"), "b")]
    )
    assert [v.relation for v in found] == ["revision", "identical", "new"]


def test_all_of_a_call_are_taken_in_or_none(index) -> None:
    index.admit(FLOOD.report("a"))
    before = list(index.articles())
    with pytest.raises(RecordError, match="no id"):
        index.admit_many([ELECTION.report("x"), Article("", "Something happened.")])
    with pytest.raises(ZeroDivisionError):
        index.admit_many(ELECTION.report(str(1 // (2 - n))) for n in range(4))
    assert list(index.articles()) == before
    assert sound(index)


def test_no_article_is_no_answer(index) -> None:
    assert index.admit_many([]) == []
    assert index.check_many(iter(())) == []


def test_more_articles_than_are_judged_together_are_all_answered(index) -> None:
    many = [Article(f"n{n}", " ".join(prose(Random(n), 8))) for n in range(600)]
    many.append(copy_of(many[0], "copy"))
    found = index.admit_many(many)
    assert [v.id for v in found] == [article.id for article in many]
    assert found[-1].relation == "identical"
    assert [held.article.id for held in index.articles()] == [article.id for article in many]


# Texts of every kind

NOTHING = [
    Article("e1", ""),
    Article("e2", "", ""),
    Article("e3", " \n\t"),
    Article("e4", "?! ... --"),
]


def test_what_has_no_word_is_like_nothing(index) -> None:
    for article in NOTHING:
        assert index.admit(article).relation == "new"
    assert len(grouped(index)) == len(NOTHING)
    assert index.check(FLOOD.report("a")).relation == "new"


def test_a_title_alone_stands_for_the_text(index) -> None:
    index.admit(Article("a", "", "Ministers meet in Nordhavn over the ferry"))
    assert (
        index.admit(Article("b", "", "Ministers meet in Nordhavn over the ferry!")).relation
        == "identical"
    )
    assert (
        index.admit(Article("c", "Ministers meet in Nordhavn over the ferry")).relation
        == "identical"
    )


def test_under_five_words_only_equal_texts_are_copies(index) -> None:
    index.admit(Article("a", "Trains are late"))
    assert index.admit(Article("b", "trains are late.")).relation == "identical"
    assert index.check(Article("c", "Trains are late again")).relation not in {
        "near_duplicate",
        "contained",
    }


SCRIPTS = {
    "hi": "अंतरराष्ट्रीय समाचार में आज मंत्री ने कहा कि नदी का पानी बढ़ रहा है और लोग सुरक्षित हैं",
    "zh": "北京大学的研究人员周二在新闻发布会上表示，新的地铁线路将于明年春天正式开通运营。",
    "th": "นายกรัฐมนตรีกล่าวในการแถลงข่าวเมื่อวันอังคารว่าโครงการรถไฟใหม่จะเปิดให้บริการในปีหน้า",
    "ar": "قال الوزير في مؤتمر صحفي يوم الثلاثاء إن المشروع الجديد سوف يفتح في العام المقبل",
    "": "\x00 nul \x07 bell \x1b[31m and other hostile \u202e marks within a text of some words",
}


@pytest.mark.parametrize("lang", SCRIPTS)
def test_copies_are_found_in_every_script(index, lang) -> None:
    first = index.admit(Article("a", SCRIPTS[lang], "", day(0), lang=lang))
    found = index.admit(Article("b", SCRIPTS[lang] + " ", "", day(0), lang=lang))
    assert (found.relation, found.story) == ("identical", first.story)
    assert index.get("a").article.text == SCRIPTS[lang]
    for other in SCRIPTS.values():
        if other != SCRIPTS[lang]:
            assert index.check(Article("c", other)).relation == "new"


def test_lone_surrogates_are_kept_as_marks_of_their_absence(index) -> None:
    text = "Half \ud83d of a pair stands in this text of the \udc00 agency"
    index.admit(Article("a", text, "\ud800"))
    assert index.check(Article("b", text)).relation == "identical"
    assert index.admit(Article("a", text, "\ud800")).replayed
    assert "\ufffd" in index.get("a").article.text


@pytest.mark.parametrize(
    "name", ["a\0b", "\n", " ", "💥", "\u202e", "x" * 5000, "'; DROP TABLE article; --", "s1"]
)
def test_ids_are_any_text(index, name) -> None:
    index.admit_many([FLOOD.report("a"), copy_of(FLOOD.report("b"), name)])
    assert names(index.check(copy_of(FLOOD.report("b"), "c")))[0] == name
    assert index.get(name).article.id == name
    index.mark_different(name, "a")
    assert index.get(name).story != index.get("a").story
    assert index.remove(name)
    assert index.get(name) is None
    assert not index.remove(name)


def test_an_article_without_an_id_is_refused(index) -> None:
    for call in (index.admit, index.check):
        with pytest.raises(RecordError, match="id"):
            call(Article("", "Something happened."))
    with pytest.raises(RecordError, match="id"):
        index.mark_different("", "a")
    with pytest.raises(RecordError, match="id"):
        index.remove("")
    assert index.stats().articles == 0


@pytest.mark.parametrize("lang", ["english", "EN", "zh-Hant", "ü", "\ud800", "en\0", "xx"])
def test_an_odd_language_code_does_no_harm(index, lang) -> None:
    admitted(index, [FLOOD.report("a", lang=lang), FLOOD.report("b", 1, lang=lang)])
    found = index.check(copy_of(FLOOD.report("a", lang=lang), "c"))
    assert (found.relation, names(found)) == ("identical", ["a"])
    assert sum(count for _, count in index.stats().languages) == 2


def test_a_long_text_is_compared_whole(index) -> None:
    words = prose(Random(3), 15_000)
    index.admit(Article("book", " ".join(words)))
    found = index.check(Article("page", " ".join(words[9_000:9_300])))
    assert (found.relation, names(found)) == ("contained", ["book"])
    assert index.check(Article("again", " ".join(words[:-5]))).relation == "near_duplicate"


def test_a_megabyte_of_text_is_taken(index) -> None:
    words = prose(Random(4), 150_000)
    assert index.admit(Article("book", " ".join(words))).relation == "new"
    assert index.admit(Article("book 2", " ".join(words[:-5]))).relation == "near_duplicate"


# Dates


@pytest.mark.parametrize(
    "date",
    [
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
    ],
)
def test_dates_at_the_ends_of_the_calendar_are_taken(index, date) -> None:
    first = index.admit(replace(FLOOD.report("a"), date=date))
    assert index.admit(copy_of(FLOOD.report("a"), "b")).story == first.story
    index.admit(ELECTION.report("x", 1))
    assert len(list(index.stories())) == 2
    assert index.get("a").article.date == date
    assert index.stats().articles == 3
    assert sound(index)


def test_a_date_is_kept_to_the_microsecond(index) -> None:
    date = datetime(9999, 12, 30, 1, 2, 3, 456_789, UTC)
    index.admit(replace(FLOOD.report("a"), date=date))
    assert index.stats().newest == date
    assert index.story(index.get("a").story).last == date


def test_a_naive_date_is_taken_for_utc(index) -> None:
    index.admit(replace(FLOOD.report("a"), date=datetime(2024, 3, 5)))  # noqa: DTZ001
    assert index.stats().oldest == day(1)
    assert index.check(FLOOD.report("b", 2)).matches[0].days == 1.0


def test_an_article_without_a_date_counts_by_its_arrival(index) -> None:
    before = datetime.now(UTC)
    index.admit(FLOOD.report("a", None))
    after = datetime.now(UTC)
    held = index.get("a")
    assert before - timedelta(milliseconds=1) <= held.arrived <= after
    story = index.story(held.story)
    assert story.first == story.last == held.arrived
    assert held.article.date is None


def test_a_window_limits_matches_to_so_many_days_before(opened) -> None:
    index = opened(window=3)
    index.admit(FLOOD.report("a", 0))
    assert index.check(copy_of(FLOOD.report("a", 3), "b")).relation == "identical"
    assert index.check(copy_of(FLOOD.report("a", 3.1), "b")).relation == "new"
    assert index.check(FLOOD.report("b", 2.9)).relation == "same_story"
    assert index.check(FLOOD.report("b", 3.1)).relation == "new"
    assert index.check(FLOOD.report("b", None)).relation == "new"  # it comes now


@pytest.mark.parametrize("window", [-1, float("nan"), float("inf")])
def test_a_window_that_is_none_is_refused(window) -> None:
    with pytest.raises(SettingError, match="window"):
        open_index("memory:", window=window)


# Stories

TIE = [FLOOD.report("a", part=EARLIER), FLOOD.report("b", 100, part=LATER)]
"""Two reports of parts of one event, of which nothing shows that they belong together."""
TYING = [FLOOD.report("c", own=5), FLOOD.report("d", own=5)]


def test_a_report_that_ties_two_stories_together_merges_them(index) -> None:
    one, other = (index.admit(article).story for article in TIE)
    assert one != other
    found = admitted(index, TYING).get("d").verdict
    assert found.story == one
    assert grouped(index) == {frozenset("abcd")}
    story = index.story(other)
    assert story == index.story(one)
    assert (story.id, story.merged) == (one, (other,))
    assert index.get("b").story == one
    assert index.get("b").verdict.story == other  # what was answered then
    assert sound(index)


def test_ids_of_stories_are_given_once(opened) -> None:
    index = opened()
    given = [index.admit(FLOOD.report("a")).story, index.admit(ELECTION.report("x")).story]
    index.remove("x")
    given.append(index.admit(ELECTION.report("y")).story)
    index.expire(day(1))
    assert index.stats().articles == 0
    given.append(index.admit(FLOOD.report("b")).story)
    with pytest.raises(ZeroDivisionError):
        index.admit_many(ELECTION.report(str(1 // (1 - n))) for n in range(2))
    given.append(index.admit(ELECTION.report("z")).story)
    given += [index.admit(article).story for article in newsroom(9, events=1)[:1]]
    assert len(set(given)) == len(given)


def test_ids_of_stories_are_not_given_again_after_it_was_closed(path) -> None:
    with open_index(path) as index:
        first = index.admit(FLOOD.report("a")).story
        index.remove("a")
        index.compact()
    with open_index(path) as index:
        assert index.admit(FLOOD.report("a")).story != first
        assert index.story(first) is None


@pytest.mark.parametrize(
    "name",
    ["", "s", "s0", "s01", "s2", "S1", "1", "x", "s-1", "s1 ", "s" + 40 * "9", "s\u0661", "\ud800"],
)
def test_a_story_that_never_was_is_none(index, name) -> None:
    index.admit(FLOOD.report("a"))
    assert index.story("s1") is not None
    assert index.story(name) is None


def test_stories_and_articles_come_in_the_order_in_which_they_began(index) -> None:
    admitted(index, [ELECTION.report("x", 5), FLOOD.report("a"), ELECTION.report("y", 1)])
    assert [story.articles for story in index.stories()] == [("x", "y"), ("a",)]
    assert [held.article.id for held in index.articles()] == ["x", "a", "y"]
    story = index.story(index.get("x").story)
    assert (story.first, story.last) == (day(1), day(5))


def test_an_article_comes_back_as_it_was_given(index) -> None:
    article = FLOOD.report("a", 0.3, source="Nordic Wire", url="https://x.example/a?b=1", lang="en")
    found = index.admit(article)
    held = index.get("a")
    assert held.article == article
    assert held.verdict == found
    assert (held.story, held.copies) == (found.story, "a")
    assert index.get("b") is None


def test_an_index_without_texts_answers_the_same(opened) -> None:
    with_texts, without = opened(), opened(texts=False)
    assert (with_texts.keeps_texts, without.keeps_texts) == (True, False)
    for article in [*newsroom(2, events=2), copy_of(newsroom(2, events=2)[0], "copy")]:
        assert without.admit(article) == with_texts.admit(article)
    article = newsroom(2, events=2)[0]
    assert without.get(article.id).article == replace(article, text="")
    assert not without.stats().keeps_texts


def test_stats_count_what_is_held(index) -> None:
    admitted(index, [
        FLOOD.report("a", 1, lang="en"),
        copy_of(FLOOD.report("a", 2, lang="en"), "a2"),
        FLOOD.report("b", 3, lang="en"),
        ELECTION.report("x", 4, lang="de"),
    ])  # fmt: skip
    stats = index.stats()
    assert (stats.articles, stats.stories, stats.texts) == (4, 2, 3)
    assert (stats.oldest, stats.newest) == (day(1), day(4))
    assert stats.languages == (("en", 3), ("de", 1))
    assert (stats.bytes > 0) == (index.path != "memory:")


# Kept apart


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_two_marked_different_part_with_their_copies(index, order) -> None:
    admitted(
        index,
        [
            FLOOD.report("a"),
            FLOOD.report("b"),
            copy_of(FLOOD.report("b"), "b2"),
            copy_of(FLOOD.report("a"), "a2"),
        ],
    )
    assert grouped(index) == {frozenset({"a", "b", "a2", "b2"})}
    index.mark_different(*order)
    assert grouped(index) == {frozenset({"a", "a2"}), frozenset({"b", "b2"})}
    assert index.differences() == (("a", "b"),)
    assert sound(index)


def test_two_marked_before_they_came_never_come_together(index) -> None:
    index.mark_different("b", "a")
    admitted(index, [FLOOD.report("a"), FLOOD.report("b")])
    assert grouped(index) == {frozenset("a"), frozenset("b")}
    assert index.get("b").verdict.relation == "new"


def test_two_marked_different_in_one_call_part_too(index) -> None:
    index.mark_different("a", "b")
    index.admit_many([FLOOD.report("a"), FLOOD.report("b"), FLOOD.report("c")])
    assert index.get("a").story != index.get("b").story


@pytest.mark.parametrize("between", ["admit", "admit_many"])
def test_a_third_report_ties_no_two_that_were_marked_different(index, between) -> None:
    admitted(index, [FLOOD.report("a"), FLOOD.report("b")])
    index.mark_different("a", "b")
    later = [FLOOD.report(name, 1) for name in "cdefg"]
    if between == "admit":
        admitted(index, later)
    else:
        index.admit_many(later)
    assert index.get("a").story != index.get("b").story
    assert sound(index)


def test_copies_follow_the_text_that_was_marked(index) -> None:
    admitted(index, [FLOOD.report("a"), FLOOD.report("b")])
    index.mark_different("a", "b")
    admitted(
        index,
        [
            copy_of(FLOOD.report("b"), "b2"),
            copy_of(FLOOD.report("a"), "a2"),
            edited(FLOOD.report("b"), "b3"),
        ],
    )
    assert grouped(index) == {frozenset({"a", "a2"}), frozenset({"b", "b2", "b3"})}


def test_two_copies_of_one_text_marked_different_are_texts_of_their_own(index) -> None:
    text = FLOOD.report("a")
    admitted(index, [text, copy_of(text, "a2"), copy_of(text, "a3")])
    index.mark_different("a", "a2")
    assert index.get("a").story == index.get("a3").story != index.get("a2").story
    assert index.get("a2").copies == "a2"
    for name in ("b", "c"):
        found = index.admit(FLOOD.report(name))
        assert found.relation == "same_story"
        assert found.story == index.get(found.matches[0].b).story
    assert index.get("a").story != index.get("a2").story
    assert sound(index)


def test_a_copy_marked_different_before_it_came_is_told_but_stays_apart(index) -> None:
    index.mark_different("a", "b")
    index.admit(FLOOD.report("a"))
    found = index.admit(copy_of(FLOOD.report("a"), "b"))
    assert found.story != index.get("a").story
    assert copies(index) == {frozenset("a"), frozenset("b")}


def test_a_copy_joins_no_story_that_holds_what_it_was_marked_different_from(index) -> None:
    admitted(index, [FLOOD.report("a"), FLOOD.report("b")])
    index.mark_different("a", "c")
    assert index.admit(copy_of(FLOOD.report("b"), "c")).relation == "identical"
    assert index.get("c").story != index.get("a").story


def test_the_first_of_a_group_of_copies_may_be_revised(index) -> None:
    admitted(
        index,
        [FLOOD.report("a"), copy_of(FLOOD.report("a"), "a2"), copy_of(FLOOD.report("a"), "a3")],
    )
    found = index.admit(edited(FLOOD.report("a"), "a"))
    assert (found.relation, found.story) == ("revision", index.get("a2").story)
    assert copies(index) == {frozenset({"a", "a2", "a3"})}
    assert index.check(FLOOD.report("b")).relation == "same_story"
    assert sound(index)


def test_a_text_and_its_copies_may_be_revised_in_one_call(index) -> None:
    text = FLOOD.report("a")
    admitted(index, [text, copy_of(text, "a2"), copy_of(text, "a3"), FLOOD.report("b")])
    changed = [edited(text, "a"), edited(text, "a2"), copy_of(ELECTION.report("x"), "a3")]
    assert {verdict.relation for verdict in index.admit_many(changed)} == {"revision"}
    assert [index.get(article.id).article for article in changed] == changed
    assert sound(index)


def test_a_mark_outlives_the_articles(index) -> None:
    admitted(index, [FLOOD.report("a"), FLOOD.report("b")])
    index.mark_different("a", "b")
    index.remove("b")
    index.admit(FLOOD.report("b"))
    assert index.get("a").story != index.get("b").story


def test_nothing_is_different_from_itself(index) -> None:
    with pytest.raises(StoreError, match="different from itself"):
        index.mark_different("a", "a")


# What goes


def test_what_is_removed_leaves_nothing(index) -> None:
    admitted(index, [FLOOD.report("a"), ELECTION.report("x")])
    story = index.get("x").story
    assert index.remove("x")
    assert index.get("x") is None
    assert index.story(story) is None
    assert index.check(copy_of(ELECTION.report("x"), "y")).relation == "new"
    assert index.check(ELECTION.report("z")).relation == "new"
    assert grouped(index) == {frozenset("a")}
    assert not index.remove("x")
    index.compact()
    assert sound(index)


def test_what_was_removed_may_come_again(index) -> None:
    index.admit(FLOOD.report("a"))
    index.remove("a")
    found = index.admit(FLOOD.report("a"))
    assert (found.relation, found.replayed) == ("new", False)


@pytest.mark.parametrize("how", ["remove", "expire", "revise"])
def test_a_copy_that_stays_is_found_when_the_first_of_its_kind_goes(index, how) -> None:
    text = FLOOD.report("a")
    admitted(index, [text, copy_of(text, "a2", date=day(2)), copy_of(text, "a3", date=day(2))])
    story = index.get("a").story
    if how == "remove":
        index.remove("a")
    elif how == "expire":
        assert index.expire(day(1)) == 1
    else:
        index.admit(copy_of(ELECTION.report("x"), "a"))
    found = index.check(FLOOD.report("b", 2))
    assert (found.relation, found.story) == ("same_story", story)
    assert found.matches[0].b in {"a2", "a3"}
    assert {frozenset({"a2", "a3"})} <= copies(index)
    assert index.check(copy_of(text, "c")).relation == "identical"
    assert index.get("a2").article == copy_of(text, "a2", date=day(2))
    assert index.get("a2").verdict.relation == "identical"
    assert index.admit(copy_of(text, "a3", date=day(2))).replayed
    index.compact()
    assert sound(index)


def test_expire_lets_go_what_is_older_and_says_how_many(index) -> None:
    admitted(index, [Event(n).report(f"n{n}", n) for n in range(6)])
    index.admit(Event(9).report("undated", None))
    assert index.expire(day(3)) == 3
    assert {held.article.id for held in index.articles()} == {"n3", "n4", "n5", "undated"}
    assert index.expire(day(3)) == 0
    assert index.stats().oldest == day(3)
    assert index.expire(datetime.now(UTC) + timedelta(minutes=1)) == 4
    assert list(index.articles()) == list(index.stories()) == []
    assert index.stats().articles == 0
    assert sound(index)


def test_expire_goes_on_over_many_steps(index) -> None:
    words = ["alpha", "beta", "gamma", "delta"]
    index.admit_many(
        Article(f"n{n}", f"{words[n % 4]} number {n}", "", day(n % 7)) for n in range(700)
    )
    assert index.expire(day(6)) == 600
    assert index.stats().articles == 100
    index.compact()
    assert sound(index)


def test_expire_takes_a_naive_date_for_utc_and_the_first_day_for_nothing(index) -> None:
    index.admit(FLOOD.report("a", 1))
    assert index.expire(datetime.min) == 0  # noqa: DTZ901
    assert index.expire(datetime(2024, 3, 5)) == 0  # noqa: DTZ001
    assert index.expire(datetime(2024, 3, 5, 0, 0, 1)) == 1  # noqa: DTZ001
    with pytest.raises(StoreError, match="UTC"):
        index.expire(datetime.min.replace(tzinfo=timezone(timedelta(hours=5))))


def test_a_story_outlives_the_article_that_began_it(index) -> None:
    admitted(index, [FLOOD.report("a"), FLOOD.report("b", 1)])
    story = index.get("a").story
    index.remove("a")
    assert index.story(story).articles == ("b",)
    assert index.admit(FLOOD.report("c", 1)).story == story


# Whatever happens

NAMES = st.sampled_from("abcdef")
TEXTS = st.tuples(
    st.integers(1, 2), st.sampled_from(["one", "two", "edited", "part"]), st.integers(0, 3)
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("admit"), NAMES, TEXTS),
        st.tuples(st.just("admit"), NAMES, TEXTS),
        st.tuples(st.just("many"), st.lists(st.tuples(NAMES, TEXTS), max_size=4), st.none()),
        st.tuples(st.just("remove"), NAMES, st.none()),
        st.tuples(st.just("expire"), st.integers(0, 3), st.none()),
        st.tuples(st.just("differ"), NAMES, NAMES),
        st.tuples(st.just("reopen"), st.none(), st.none()),
    ),
    max_size=12,
)


def told(name: str, text: tuple[int, str, int]) -> Article:
    """An article of this name: of two events, a report, another, its edited copy, or its part."""
    event, kind, date = text
    report = Event(event).report("one" if kind != "two" else kind, date)
    if kind == "edited":
        return edited(report, name)
    if kind == "part":
        return Article(name, " ".join(report.text.split()[:40]), "", report.date)
    return copy_of(report, name)


@settings(max_examples=10)
@given(STEPS)
def test_what_was_promised_holds_whatever_happens(steps) -> None:
    gc.collect()  # what a failed example held is large
    marked, given_ids = set(), set()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "index.db"
        indexes = [open_index("memory:"), open_index(file)]
        for kind, what, more in steps:
            stories = {name: (held := indexes[0].get(name)) and held.story for name in "abcdef"}
            if kind == "reopen":
                indexes[1].close()
                indexes[1] = open_index(file, create=False)
            answers = [done(index, kind, what, more) for index in indexes]
            assert answers[0] == answers[1]
            if kind == "differ" and what != more:
                marked.add(frozenset((what, more)))
            for verdict in answers[0]:
                new = verdict.relation == "new" and not verdict.replayed
                before = stories.get(verdict.id)
                assert not new or verdict.story not in given_ids or kind == "many"
                if verdict.relation == "revision" and not verdict.replayed and kind == "admit":
                    assert verdict.story == before
                given_ids.add(verdict.story)
            memory, index = indexes
            assert list(memory.stories()) == list(index.stories())
            assert [replace(a, arrived=START) for a in memory.articles()] == [
                replace(a, arrived=START) for a in index.articles()
            ]
            assert sound(memory)
            assert sound(index)
            for story in grouped(index):
                assert not any(pair <= story for pair in marked)
        for index in indexes:
            index.close()


def done(index: Index, kind: str, what: object, more: object) -> list[Verdict]:
    """One step; the answers that it gives."""
    if kind == "admit":
        return [index.admit(told(what, more))]
    if kind == "many":
        return index.admit_many(told(name, text) for name, text in what)
    if kind == "remove":
        index.remove(what)
    elif kind == "expire":
        index.expire(day(what))
    elif kind == "differ" and what != more:
        index.mark_different(what, more)
    return []


# The file


def test_what_was_admitted_is_there_when_it_is_opened_again(path) -> None:
    with open_index(path) as index:
        answers = [index.admit(article) for article in newsroom(2, events=2)]
        held, stories = list(index.articles()), list(index.stories())
        probe = index.check(FLOOD.report("a"))
    with open_index(path) as index:
        assert (list(index.articles()), list(index.stories())) == (held, stories)
        assert index.check(FLOOD.report("a")) == probe
        assert [index.admit(article) for article in newsroom(2, events=2)] == [
            replace(answer, replayed=True) for answer in answers
        ]


def test_memory_and_a_file_answer_alike(path) -> None:
    incoming = [
        FLOOD.report("a"),
        *newsroom(4, events=3),
        edited(FLOOD.report("a"), "a2"),
        *TIE[1:],
        *TYING,
    ]
    with open_index("memory:") as one, open_index(path) as other:
        for article in incoming:
            assert one.admit(article) == other.admit(article)
        for index in (one, other):
            index.mark_different("c", "d")
            index.remove("a")
            index.expire(day(1))
        told = [
            [(story.id, story.articles, story.merged) for story in each.stories()]
            for each in (one, other)
        ]
        assert told[0] == told[1]
        assert one.admit_many(newsroom(5, events=2)) == other.admit_many(newsroom(5, events=2))
        kept = [
            (stats.articles, stats.stories, stats.texts) for stats in (one.stats(), other.stats())
        ]
        assert kept[0] == kept[1]


def test_other_settings_are_refused_with_what_differs(path) -> None:
    open_index(path, settings=Settings(story_terms=40)).close()
    with pytest.raises(FingerprintError) as refused:
        open_index(path, settings=Settings(shingle_words=4, seed=2, story_terms=40))
    assert "shingle_words is 5 in it, not 4" in str(refused.value)
    assert "seed is 1 in it, not 2" in str(refused.value)
    assert "story_terms" not in str(refused.value)
    with open_index(path) as index:
        assert index.settings == Settings(story_terms=40)


def test_settings_that_change_no_signature_are_taken(path) -> None:
    open_index(path).close()
    with open_index(path, settings=Settings(near_duplicate=0.95)) as index:
        index.admit(FLOOD.report("a"))
        assert index.check(edited(FLOOD.report("a"), "b")).relation != "near_duplicate"
    with open_index(path) as index:
        assert index.check(edited(FLOOD.report("a"), "b")).relation == "near_duplicate"


def test_whether_texts_are_kept_is_said_once(path) -> None:
    open_index(path, texts=False).close()
    with open_index(path, texts=True) as index:
        assert not index.keeps_texts


def test_nothing_is_made_where_nothing_is_to_be_made(path) -> None:
    with pytest.raises(NotAnIndexError):
        open_index(path, create=False)
    assert not path.exists()


def test_a_path_may_be_text_or_a_path(path) -> None:
    open_index(os.fspath(path)).close()
    with open_index(path, create=False) as index:
        assert index.path == os.fspath(path)


def test_a_closed_index_says_so(index) -> None:
    index.close()
    with pytest.raises(StoreError):
        index.check(FLOOD.report("a"))


# The fixtures

GOLD = [
    json.loads(line) for line in (FIXTURES.parent / "gold.jsonl").read_text("utf-8").splitlines()
]
SEEDS = {"000_bb5fe9f4d5d8fbea.txt", "002_1f8b4ef79c703c32.txt"}


def gold(key: str) -> set[frozenset[str]]:
    groups = defaultdict(set)
    for line in GOLD:
        groups[line[key]].add(line["id"])
    return set(map(frozenset, groups.values()))


def told_by_date(index: Index, articles: list[Article], together: int) -> Index:
    """The index with these taken in by date, the undated last, so many at once."""
    last = datetime.max.replace(tzinfo=UTC)
    ordered = sorted(articles, key=lambda article: (article.date or last, article.id))
    for first in range(0, len(ordered), together):
        index.admit_many(ordered[first : first + together])
    return index


@pytest.mark.parametrize("together", [1, 7, 100])
def test_the_fixtures_become_the_stories_that_they_tell(opened, together) -> None:
    visit = datetime(2025, 5, 7, tzinfo=UTC)
    articles = [replace(a, date=visit) if a.id in SEEDS else a for a in fixture_articles()]
    index = told_by_date(opened(), articles, together)
    assert copies(index) == gold("copies")
    assert grouped(index) == gold("story")
    assert sound(index)


@pytest.mark.parametrize("together", [1, 7, 100])
def test_reports_without_a_date_take_in_no_other_visit_of_the_same_two(opened, together) -> None:
    """The two seeds come undated, and last."""
    index = told_by_date(opened(), fixture_articles(), together)
    assert grouped(index) == gold("story")
    assert copies(index) == gold("copies")


@pytest.mark.parametrize("company", [[], ["parade-2024"], ["visit-2025-wire", "ferry-wire"]])
def test_the_two_reports_of_the_visit_are_one_story(index, company) -> None:
    articles = {article.id: article for article in fixture_articles()}
    admitted(index, [articles[name] for name in (*company, *sorted(SEEDS))])
    assert any(story >= SEEDS for story in grouped(index))
