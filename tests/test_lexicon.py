"""Each language is one file, and each file says what the program reads."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import fields
from datetime import date

import pytest

from dedupe.comparison.words import words
from dedupe.language import ALIASES, common_words
from dedupe.lexicon import FOLDER, SHARED, Language, known_codes, language_of

CODES = sorted(known_codes() - {SHARED})
NUMBERED = {"ja", "ko", "vi", "zh"}
"""Their months are numbers."""


@pytest.mark.parametrize("code", [*CODES, SHARED])
def test_every_key_of_a_file_is_a_field(code: str) -> None:
    found = tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8"))
    written = {**found, **found.pop("calendar", {}), **found.pop("territories", {})}
    keys = {key.removeprefix("more_") for key in written} - {"calendar", "territories"}
    assert keys <= {field.name for field in fields(Language)}


@pytest.mark.parametrize("code", CODES)
def test_a_file_can_be_read_and_names_its_language(code: str) -> None:
    language = language_of(code)
    assert language.code == code
    assert language.name
    assert set(language.weekdays.values()) == set(range(1, 8))
    assert set(language.months.values()) == (set() if code in NUMBERED else set(range(1, 13)))


@pytest.mark.parametrize("code", CODES)
def test_words_are_folded_as_tokens_are(code: str) -> None:
    language = language_of(code)
    said = [*language.cardinals, *language.magnitudes, *language.groups, *language.titles]
    for word in said:
        assert " ".join(token.text for token in words(word)) == word


def test_every_language_with_a_background_has_a_file() -> None:
    assert set(common_words().names) | set(ALIASES.values()) <= set(CODES)


def test_signs_are_read_in_every_language() -> None:
    assert all(language_of(code).units["%"] == "percent" for code in CODES)
    assert all("van" in language_of(code).particles for code in CODES)


@pytest.mark.parametrize("code", ["", "xx", "und", "../en", "EN", "en\x00"])
def test_an_unknown_language_has_english_words_but_neither_stems_nor_number_words(
    code: str,
) -> None:
    language = language_of(code)
    assert language.months["january"] == 1
    assert (language.stemmer, language.text2num) == ("", False)


@pytest.mark.parametrize(
    ("code", "form", "month"),
    [
        ("cs", "května", 5),
        ("pl", "października", 10),
        ("de", "jänner", 1),
        ("ru", "январе", 1),
        ("sh", "listopada", 10),
        ("fi", "tammikuuta", 1),
    ],
)
def test_months_have_the_forms_that_dates_and_sentences_take(
    code: str, form: str, month: int
) -> None:
    assert language_of(code).months[form] == month


def test_weekdays_begin_with_monday() -> None:
    day = date(2025, 5, 5)
    assert language_of("en").weekdays["monday"] == day.isoweekday()


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = (
        "import sys; from dedupe.comparison.facts.kinds import KINDS; from dedupe import lexicon;"
        "print('text_to_num' in sys.modules, lexicon._read.cache_info().currsize);"
        "lexicon.language_of('nl'); print(lexicon._read.cache_info().currsize)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "0", "1"]


@pytest.mark.parametrize("code", ["de", "en", "sh"])
def test_what_unicode_names_for_tests_is_no_country(code: str) -> None:
    countries = language_of(code).countries
    assert len(countries) > 200
    assert not any(name.startswith(("pseudo", "unknown", "nepoznata")) for name in countries)
