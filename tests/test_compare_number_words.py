"""Numbers in words are read right: value, unit, what they count; in each of seven languages.

The sentences of the half "check" were written after the program.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.comparison.facts.kinds import gather
from dedupe.comparison.reading import read_article
from dedupe.model import Article

FILE = Path(__file__).parent / "data" / "compare" / "number_words.jsonl"
CASES = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl")


def numbers_of(text: str, lang: str) -> list[list[str]]:
    """Value and unit of each number, in order of place."""
    article = read_article(Article("a", text, lang=lang))
    return [[fact.value, fact.unit] for fact in gather(article, article)[0]["number"]]


def cases(half: str, lang: str) -> list[dict[str, Any]]:
    return [case for case in CASES if (case["half"], case["lang"]) == (half, lang)]


@pytest.mark.parametrize("half", ["dev", "check"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_is_read_right(half: str, lang: str) -> None:
    sought = cases(half, lang)
    assert len(sought) >= 20
    assert [c["text"] for c in sought if numbers_of(c["text"], lang) != c["numbers"]] == []


@pytest.mark.parametrize(
    ("lang", "text", "numbers"),
    [
        ("ru", "Погибли двадцать пять человек.", [["25", "person"]]),
        ("ru", "Погибли двадцать пять тысяч человек.", [["25000", "person"]]),
        ("hi", "आग में बारह लोग मारे गए।", [["12", "person"]]),
        ("da", "Treogtyve mennesker blev såret.", [["23", "person"]]),
        ("en", "They sold 2 and a half million tickets.", [["2500000", "tickets"]]),
        ("fr", "Il a attendu deux ans et demi.", [["2.5", "year"]]),
        ("es", "Esperó tres años y medio.", [["3.5", "year"]]),
        ("en", "Prices rose 3 m over a b.", [["3", "metre"]]),
        ("de", "Ein halbeſ Dutzend Boote sank.", []),  # a long s: alike for patterns, not in tables
    ],
)
def test_numbers_with_their_magnitudes_and_halves(
    lang: str, text: str, numbers: list[list[str]]
) -> None:
    assert numbers_of(text, lang) == numbers


PIECES = st.lists(
    st.sampled_from(
        [
            "one",
            "million",
            "and",
            "a",
            "half",
            "hundred",
            "dozen",
            "zwei",
            "tausend",
            "einhalb",
            "demi",
            "cent",
            "mille",
            "et",
            "vingt",
            "neuf",
            "medio",
            "mil",
            "y",
            "mezzo",
            "sei",
            "e",
            "twee",
            "enhalf",
            "half",
            "acht",
            "-",
            ",",
            ".",
            "\n",
            "12",
            "1e9",
            "½",
            "\x00",
            "\u202e",
            "́",
        ]
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(PIECES, st.sampled_from([*LANGUAGES, "da", "ru", "hi", ""]))
def test_no_run_of_number_words_breaks_the_reader(pieces: list[str], lang: str) -> None:
    for value, _ in numbers_of(" ".join(pieces), lang):
        assert value
