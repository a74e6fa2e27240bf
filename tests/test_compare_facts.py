"""Names, numbers, dates and quotations are found, matched and set against each other."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dedupe.api import compare_articles as compare
from dedupe.model import Article

if TYPE_CHECKING:
    from dedupe.model_compare import Fact, Facts

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "compare" / "facts.jsonl")
    .read_text("utf-8")
    .splitlines()
]


def facts(a: str, b: str, lang: str = "en", **options: Any) -> Facts:
    return compare(
        Article("a", a, lang=lang, **options), Article("b", b, lang=lang, **options)
    ).facts


def values(found: tuple[Fact, ...], kind: str) -> set[str]:
    return {fact.value for fact in found if fact.kind == kind}


def outcome(found: Facts, kind: str, value: str) -> str:
    if any(pair.a.kind == kind and pair.a.value == value for pair in found.both):
        return "both"
    if any(conflict.a.value == value for conflict in found.conflicts):
        return "conflict"
    return "apart" if value in values(found.only_a, kind) else "missing"


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['kind']}-{c['lang']}-{c['value']}")
def test_labelled_facts_are_found_and_matched(case: dict[str, Any]) -> None:
    found = facts(case["a"], case["b"], case["lang"])
    assert outcome(found, case["kind"], case["value"]) == case["expect"]
    assert bool(found.conflicts) == (case["expect"] == "conflict")


def test_a_headlines_number_is_that_of_the_text_which_says_of_what() -> None:
    title = "River bursts banks, 340 evacuated"
    text = "Some 340 people were taken to a school in Millford on Tuesday."
    wire = Article("a", text, title=title, lang="en")
    own = Article("b", "She is one of 340 people who slept on camp beds.", lang="en")
    for one, other in ((wire, own), (own, wire)):
        found = compare(one, other).facts
        shared = [(pair.a.text, pair.b.text) for pair in found.both if pair.a.value == "340"]
        assert shared == [("340 people", "340 people")]
        assert "340" not in values(found.only_a + found.only_b, "number")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("地铁定于六月八日投入试运营。", "2025-06-08"),
        ("会议将于十一月三日至五日举行。", "2025-11-03/2025-11-05"),
        ("五月天的演唱会开票。", None),
        ("三个月后开工。", None),
    ],
)
def test_chinese_dates_may_be_written_in_numerals(text: str, value: str | None) -> None:
    found = facts(text, "无关。", "zh", date=datetime(2025, 5, 13, tzinfo=UTC))
    assert values(found.only_a, "date") == ({value} if value else set())


def test_the_cases_are_as_many_and_as_varied_as_they_should_be() -> None:
    assert len(CASES) >= 40
    assert {case["kind"] for case in CASES} == {"name", "number", "date"}
    assert {"en", "de", "es", "fr", "ru", "zh", "hi"} <= {case["lang"] for case in CASES}


def test_a_missing_year_comes_from_the_date_of_publication() -> None:
    found = facts(
        "The trial starts on January 3.",
        "It starts on January 3, 2026.",
        date=datetime(2025, 12, 20, tzinfo=UTC),
    )
    assert [pair.a.value for pair in found.both] == ["2026-01-03"]


def test_a_weekday_meets_the_date_that_it_names() -> None:
    text = "The Kremlin announced the visit on {}."
    found = facts(
        text.format("Sunday"), text.format("May 4, 2025"), date=datetime(2025, 5, 5, tzinfo=UTC)
    )
    assert [(p.a.value, p.b.value) for p in found.both if p.a.kind == "date"] == [
        ("weekday-7", "2025-05-04")
    ]


def test_may_and_march_are_words_too() -> None:
    found = facts("He may go. March on, they said, 5 times.", "")
    assert not values(found.only_a, "date")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("“{}” he said.", "He said: «{}»"),
        ("„{}“ sagte er.", "»{}« sagte er."),
        ('"{}" he said.', "He said ‘{}’."),
        ("「{}」", "『{}』"),
    ],
)
def test_quotations_meet_under_all_marks(a: str, b: str) -> None:
    said = "we shall not be moved by threats"
    found = facts(a.format(said), b.format(said))
    assert [(p.a.text, p.b.text) for p in found.both if p.a.kind == "quotation"] == [(said, said)]


def test_a_shortened_quotation_is_the_same() -> None:
    found = facts(
        "“We can take our foot off the brake, but slowly,” she said.",
        "She will “take our foot off the brake”.",
    )
    assert [pair.a.kind for pair in found.both] == ["quotation"]


def test_numbers_inside_names_are_no_quantities() -> None:
    found = facts("They fly an F-16 and a Boeing 737, and pump gas through Power of Siberia 2.", "")
    assert not values(found.only_a, "number")
    assert "power of siberia 2" in values(found.only_a, "name")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Rebels killed about 100 soldiers in the Karsk valley.", "Rebels killed 96 soldiers in the Karsk valley."),
        ("Rebels killed over 90 soldiers in the Karsk valley.", "Rebels killed 110 soldiers in the Karsk valley."),
        ("Helios lost 26.6 million customers in Asia.", "Helios lost 27 million customers in Asia."),
        ("The quake hit Karsk at a depth of 11 kilometres.", "The quake hit Karsk, 40 kilometres from Beira."),
    ],
)  # fmt: skip
def test_hedging_rounding_and_other_quantities_are_no_conflict(a: str, b: str) -> None:
    assert not facts(a, b).conflicts


def test_a_conflict_leaves_the_lists_of_one_side() -> None:
    a = "The mine collapse in Karsk killed 12 miners on Monday."
    found = facts(a, a.replace("12", "15"))
    assert [(c.a.text, c.b.text, c.about) for c in found.conflicts] == [
        ("12 miners", "15 miners", "miner")
    ]
    assert not values(found.only_a, "number")
    assert not values(found.only_b, "number")


def test_a_number_confirmed_elsewhere_is_no_conflict() -> None:
    a = "The mine collapse in Karsk killed 12 miners on Monday."
    b = a.replace("12", "15") + " An earlier count stood at 12 miners."
    assert not facts(a, b).conflicts


def test_sentence_openers_are_names_only_where_other_sentences_say_so() -> None:
    found = facts("However, the bridge fell. Norlight paid. Engineers at Norlight left.", "")
    assert values(found.only_a, "name") == {"norlight"}


def test_a_headline_in_title_case_names_only_what_the_text_names() -> None:
    article = Article(
        "a",
        "The train reached Dunbury on time.",
        "Fast New Train Reaches Dunbury Station",
        lang="en",
    )
    found = compare(article, Article("b", "")).facts
    assert values(found.only_a, "name") == {"dunbury"}


def test_every_mention_stands_where_it_says() -> None:
    a = Article(
        "a", "On May 7 Xi’s jet, with 20 aides, landed. “Fine,” he said in Moscow.", "Xi in Moscow"
    )
    found = compare(a, Article("b", "Nothing.")).facts
    assert {fact.kind for fact in found.only_a} == {"name", "number", "date", "quotation"}
    for fact in found.only_a:
        for mention in fact.mentions:
            text = getattr(a, mention.span.part)
            assert text[mention.span.start : mention.span.end] == mention.text


@pytest.mark.parametrize("language", ["en", "de", "zh", "hi", "fr"])
@pytest.mark.parametrize(
    "text",
    [
        "12\U00010d40 people died", "on \U00010d40 May 2024", "\U0001e5f2 people", "5.\U00010d40 million",
        "on 1\U00010d40 May 202\U00010d40", "At \U00010d40:30 it", "三\U00010d40人", "\U00010d40% $\U00010d40",
    ],
)  # fmt: skip
def test_digits_newer_than_this_python_break_nothing(text: str, language: str) -> None:
    """Garay and Ol Onal have digits since Unicode 16."""
    compare(Article("a", "x"), Article("b", text, lang=language))
