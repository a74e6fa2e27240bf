"""Two reports compared: what both have, what one has, and texts that nobody should write."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.analysis import SAME_STORY
from dedupe.api import compare_articles as compare
from dedupe.api import read_articles
from dedupe.comparison import compare as compared
from dedupe.config import Settings
from dedupe.model import Article
from dedupe.pipeline import analyse

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedupe.model_compare import Comparison

ARTICLES = Path(__file__).parent.parent / "fixtures" / "articles"


def seed(name: str) -> Article:
    title, _, text = (ARTICLES / f"{name}.txt").read_text("utf-8").partition("\n")
    return Article(name, text.strip(), title, lang="en")


@pytest.fixture(scope="module")
def visit() -> Comparison:
    return compare(seed("000_bb5fe9f4d5d8fbea"), seed("002_1f8b4ef79c703c32"))


def told(found: Comparison, side: str) -> str:
    """Everything that only one side has: its sentences, names, numbers, dates and quotations."""
    alone = found.only_a if side == "a" else found.only_b
    sentences = found.sentences_a if side == "a" else found.sentences_b
    facts = found.facts.only_a if side == "a" else found.facts.only_b
    return " | ".join([*(sentences[i].text for i in alone), *(fact.text for fact in facts)])


def facts_both(found: Comparison, kind: str) -> set[str]:
    return {pair.a.value for pair in found.facts.both if pair.a.kind == kind}


def aligned(found: Comparison, in_a: str, in_b: str) -> bool:
    return any(
        in_a in found.sentences_a[pair.a].text and in_b in found.sentences_b[pair.b].text
        for pair in found.alignments
    )


def test_both_report_the_visit_and_its_days(visit: Comparison) -> None:
    assert visit.relation == "same_story"
    assert aligned(visit, "official visit to Russia from May 7 to 10", "from May 7th to May 10th")
    assert "--05-07/--05-10" in facts_both(visit, "date")
    assert "--05-09" in facts_both(visit, "date")


def test_both_report_the_anniversary(visit: Comparison) -> None:
    assert aligned(
        visit, "80th anniversary of the Soviet victory", "80th anniversary of Victory Day"
    )
    assert "80" in facts_both(visit, "number")


def test_both_report_the_announcement_on_sunday(visit: Comparison) -> None:
    assert aligned(
        visit, "the Kremlin announced on Sunday", "The Kremlin confirmed Xi’s visit on Sunday"
    )
    assert "weekday-7" in facts_both(visit, "date")
    assert "kremlin" in facts_both(visit, "name")


def test_both_report_that_the_guests_are_not_safe(visit: Comparison) -> None:
    assert aligned(
        visit, "could not ensure the safety of foreign dignitaries", "security of foreign officials"
    )


def test_one_name_in_two_spellings_is_one(visit: Comparison) -> None:
    (name,) = [p for p in visit.facts.both if "zelensk" in p.a.value]
    assert {m.text for m in name.a.mentions} == {"Volodymyr Zelenskiy", "Zelenskiy"}
    assert {m.text for m in name.b.mentions} == {"Volodymyr Zelensky", "Zelensky"}


def test_short_and_full_names_are_one(visit: Comparison) -> None:
    assert {"xi jinping", "vladimir putin"} <= facts_both(visit, "name")
    assert not {"xi", "putin"} & facts_both(visit, "name")


@pytest.mark.parametrize(
    "fact",
    ["27 million people", "Brazil", "Serbia", "Slovakia", "three-day ceasefire", "30-day ceasefire",
     "weapons and gunpowder", "documentary", "RIA"],
)  # fmt: skip
def test_only_the_first_has(visit: Comparison, fact: str) -> None:
    assert fact in told(visit, "a")
    assert fact not in told(visit, "b")


@pytest.mark.parametrize(
    "fact",
    ["third trip", "February 2022", "Power of Siberia 2", "Mongolia", "Chinese troops", "Vietnamese",
     "North Korean", "20 foreign leaders"],
)  # fmt: skip
def test_only_the_second_has(visit: Comparison, fact: str) -> None:
    assert fact in told(visit, "b")
    assert fact not in told(visit, "a")


def test_two_true_reports_do_not_conflict(visit: Comparison) -> None:
    assert not visit.facts.conflicts


def test_shares_of_terms_add_up_to_the_cosine(visit: Comparison) -> None:
    (cosine,) = [m.value for m in visit.measures if m.name == "cosine"]
    assert math.isclose(sum(term.share for term in visit.shared_terms), cosine, abs_tol=1e-6)
    assert cosine > 0.3
    own = {term.text for term in visit.terms_a}
    assert {"serbia", "telegram"} <= own
    assert not own & {term.text for term in visit.shared_terms}


def test_every_term_stands_where_it_says(visit: Comparison) -> None:
    articles = seed("000_bb5fe9f4d5d8fbea"), seed("002_1f8b4ef79c703c32")
    for term in visit.shared_terms:
        for article, places in zip(articles, (term.a, term.b), strict=True):
            assert places
            assert {getattr(article, p.part)[p.start : p.end].lower() for p in places} == {
                term.text
            }


def test_the_story_score_decides_on_texts_that_are_no_copies() -> None:
    articles = list(read_articles(ARTICLES))
    unlike = analyse(articles, with_evidence=True).likeness(
        "000_bb5fe9f4d5d8fbea.txt", "parade-2024"
    )
    assert unlike.story is not None
    assert 0 < unlike.story < SAME_STORY
    assert unlike.relation is None
    a, b = seed("000_bb5fe9f4d5d8fbea"), seed("002_1f8b4ef79c703c32")
    scored = compare(a, b)
    assert scored.relation == "same_story"
    assert [m.name for m in scored.measures][-1] == "story"


TEXT = " ".join(
    f"Sentence number {i} tells of town {i * 7} and of river {i * 3}." for i in range(40)
)


def test_relations_of_copies() -> None:
    whole = Article("a", TEXT, lang="en")
    assert compare(whole, Article("b", TEXT.upper(), lang="en")).relation == "identical"
    changed = compare(whole, Article("b", TEXT.replace("town 77", "city 77"), lang="en"))
    assert changed.relation == "near_duplicate"
    assert [e.kind for e in changed.edits] == ["equal", "replace", "equal"]
    part = compare(whole, Article("b", TEXT[: len(TEXT) // 4], lang="en"))
    assert part.relation == "contained"
    values = {m.name: m.value for m in part.measures}
    assert values["containment_b"] > 0.9 > values["containment_a"]


@pytest.mark.parametrize(
    "text", ["", " ", "word", "\x00\x1b[31m\u202e\ud800", "...", "١٢", "。", "A." * 3]
)
def test_little_text_is_no_story(text: str) -> None:
    found = compare(
        Article("a", text), Article("b", "A bridge fell in Dunbury on Monday.", lang="en")
    )
    assert found.relation is None
    assert not found.alignments
    assert not found.edits


def test_empty_texts_have_nothing_in_common() -> None:
    found = compare(Article("a", ""), Article("b", ""))
    assert found.relation is None
    assert all(measure.value == 0 for measure in found.measures)


@pytest.mark.parametrize(
    "text",
    ["قتل 27 شخصا في موسكو يوم الأحد. قال بوتين إن الحرب مستمرة.", "נשיא סין יבקר ברוסיה ב-7 במאי.",
     "สงครามคร่าชีวิตผู้คน 27 ล้านคน", "no stops at all and no capitals either just words"],
)  # fmt: skip
def test_a_text_agrees_with_itself_in_any_script(text: str) -> None:
    found = compare(Article("a", text), Article("b", text))
    assert found.relation == "identical"
    assert {(pair.a, pair.b) for pair in found.alignments} >= {
        (i, i) for i in range(len(found.sentences_a))
    }
    assert not found.only_a
    assert not found.facts.only_a
    assert not found.facts.conflicts


WILD = st.text(
    st.sampled_from("aAzZ1279 .,-–:'’“”\"«»%$€\n\x00\u202e\u0301五万年月日億·ー中ア한।٣२")
    | st.characters(),
    max_size=120,
)


@settings(max_examples=150, deadline=None)
@given(
    WILD, WILD, st.sampled_from(["", "en", "de", "fr", "ru", "hi", "zh", "ja", "ar", "th", "xx"])
)
def test_no_text_breaks_a_comparison(a: str, b: str, lang: str) -> None:
    one, other = Article("a", a, a[:9], lang=lang), Article("b", b, lang=lang)
    found = compare(one, other)
    assert all(0 <= measure.value <= 1 + 1e-9 for measure in found.measures)
    for fact in (*found.facts.only_a, *(pair.a for pair in found.facts.both)):
        assert fact.value
        for mention in fact.mentions:
            assert (
                getattr(one, mention.span.part)[mention.span.start : mention.span.end]
                == mention.text
            )
    back = compare(other, one)
    assert len(back.facts.both) == len(found.facts.both)


def words_of(count: int, shift: int) -> str:
    """A long text of real words: the first seed over and over, sentences in another order."""
    text = seed("000_bb5fe9f4d5d8fbea").text + seed("002_1f8b4ef79c703c32").text
    sentences = text.replace("\n", " ").split(". ")
    turned = ". ".join(sentences[shift:] + sentences[:shift]) + ". "
    return " ".join((turned * (count // 300)).split()[:count])


def calls(work: Callable[[], object]) -> int:
    """Calls of Python functions that some work takes: the same number on every machine."""
    counted = 0

    def count(_frame: object, event: str, _of: object) -> None:
        nonlocal counted
        counted += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


def test_what_a_comparison_takes_grows_as_its_texts_do() -> None:
    def taken(words: int) -> int:
        a, b = (Article(i, words_of(words, 9 * (i == "b")), lang="en") for i in "ab")
        likeness = analyse([a, b], with_evidence=True).likeness("a", "b")
        compared(a, b, likeness, Settings())  # imports, and what is worked out once
        return calls(lambda: compared(a, b, likeness, Settings()))

    few, many = taken(2000), taken(8000)
    assert few < 100_000
    assert many < 5 * few


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("word " * 50_000, "word " * 49_999),
        (" ".join(f"w{i}" for i in range(50_000)), " ".join(f"w{i}" for i in range(50_000, 0, -1))),
        ("1,1," * 25_000, "五万" * 12_000),
        ("Name 5 “x y” " * 12_000, "May 5 to " * 12_000),
    ],
)
def test_very_long_texts_take_seconds_not_minutes(a: str, b: str) -> None:
    start = time.process_time()
    compare(Article("a", a), Article("b", b))
    assert time.process_time() - start < 15
