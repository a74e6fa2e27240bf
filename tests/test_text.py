"""The readable reference: what is a word, a shingle, a term, in every script."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from corpora import SAMPLES, TEXTS
from hypothesis import assume, given
from hypothesis import strategies as st

from dedupe.config import ALGORITHM_VERSION
from dedupe.text import (
    IDEOGRAPHIC,
    MASK,
    NAME,
    NUMBER,
    SYLLABIC,
    compose,
    content_hash,
    mix,
    named_terms,
    shingles,
    token_hash,
    tokenize,
)

FROZEN = Path(__file__).parent / "data" / "frozen_hashes.jsonl"
LATIN = "".join(
    c
    for c in map(chr, [*range(32, 127), *range(0xC0, 0x180)])
    # Not one code point in lower case, or not its own compatibility form: folded further than re.
    if c not in "İŉĿŀſĲĳ"
)


def words(text: str) -> list[str]:
    return [token.text for token in tokenize(text)]


def names(text: str) -> list[str]:
    return [token.text for token in tokenize(text) if token.flags & NAME]


def grams(text: str) -> list[str]:
    return [text for text, _ in named_terms(tokenize(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t", []),
        ("...!?—", []),
        ("a", ["a"]),
        ("अंतरराष्ट्रीय समाचार", ["अंतरराष्ट्रीय", "समाचार"]),
        ("தமிழ்நாடு அரசு", ["தமிழ்நாடு", "அரசு"]),
        ("বাংলা সংবাদ", ["বাংলা", "সংবাদ"]),
        ("한국어 LG전자", ["한", "국", "어", "lg", "전", "자"]),
        ("z\u0336a\u0336l\u0336g\u0336o за\u0301мок", ["zalgo", "замок"]),
        ("北京大学", ["北", "京", "大", "学"]),
        ("ひらカナ", ["ひ", "ら", "カ", "ナ"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("2025年", ["2025", "年"]),
        ("won 3-1 on 12.5.2025", ["won", "3", "1", "on", "12", "5", "2025"]),
        ("co\u00adoperate zero\u200bwidth", ["cooperate", "zerowidth"]),
        ("snake_case well-known", ["snake_case", "well", "known"]),
        ("👩\u200d👩\u200d👧 yes", ["yes"]),
        ("one\x00two", ["one", "two"]),
    ],
)
def test_what_is_a_word(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("العَرَبِيَّةُ", "العربية"),
        ("العـــربية", "العربية"),
        ("שָׁלוֹם", "שלום"),
        ("cafe\u0301", "café"),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"),
        ("ＡＢＣ１２３", "abc123"),
        ("ｶﾀｶﾅ", "カタカナ"),
        ("१२३ ٤٥٦ ๗๘", "123 456 78"),
        ("ÉCOLE Übung", "école übung"),
        ("ПРАВДА ΑΘΗΝΑ", "правда αθηνα"),
    ],
)
def test_two_ways_of_writing_one_word_are_equal(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"), [("3-1", "3-2"), ("résumé", "resume"), ("कल", "काल"), ("ta", "tā")]
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert words(one) != words(other)
    assert grams(one) != grams(other)


@given(st.text(st.characters(max_codepoint=127)))
def test_in_ascii_a_word_is_what_the_standard_library_takes_for_one(text: str) -> None:
    assert words(text) == re.findall(r"\w+", text.lower())


@given(st.text(st.sampled_from(LATIN)))
def test_in_latin_letters_too(text: str) -> None:
    assert words(text) == re.findall(r"\w+", text.lower())


@given(TEXTS)
def test_composed_and_decomposed_texts_have_equal_tokens(text: str) -> None:
    assert tokenize(unicodedata.normalize("NFD", text)) == tokenize(text)


@given(TEXTS, TEXTS)
def test_tokens_of_a_text_are_those_of_its_lines(one: str, other: str) -> None:
    # Marks at the head of a line would compose with what stands before the line break.
    assume(compose(f"{one}\n{other}") == f"{compose(one)}\n{compose(other)}")
    assert words(f"{one}\n{other}") == words(one) + words(other)


@given(TEXTS)
def test_tokens_hash_their_spelling(text: str) -> None:
    for token in tokenize(text):
        assert token.text
        assert token.spelling
        assert token.hash == token_hash(token.spelling)


def test_a_name_has_a_capital_inside_a_sentence() -> None:
    assert names("Police met Anna in Łódź. Then Berta came: Carla, I and NATO") == [
        "anna", "łódź", "berta", "nato",
    ]  # fmt: skip


@pytest.mark.parametrize("opening", ["“", "\n", "! ", "? ", ": ", "… ", "(", "• "])
def test_a_capital_that_the_sentence_asks_for_makes_no_name(opening: str) -> None:
    assert names(f"they left{opening}Berta") == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("MILL BURNS DOWN IN BENNING, POLICE SAY", []),
        ("Mill Burns Down in Benning as Crews Look On", []),
        ("Ten Homes, Two Mills and One Church Burn", []),
        ("Bà Trần Thị Hoa bị bắt ở Hà Nội", ["trần", "thị", "hoa", "hà", "nội"]),
        ("Mill burns down in Benning, Anna Berg says", ["benning", "anna", "berg"]),
        ("In Benning Anna Berg spoke", ["benning", "anna", "berg"]),
        ("On Anna Berg", ["anna", "berg"]),
        ("ДОМА ГОРЯТ В ОМСКЕ НА РЕКЕ", []),
        ("MASON TOOLS INC <MST> SETS DIVIDEND", ["mst"]),
        ("Mason Tools <MST> rose, <fell> not", ["tools", "mst"]),
        ("<A> <> < MST > <MST.L> <MST.LON>", ["a", "mst"]),
        ("MILLS (NYSE: BRM) ROSE (THEY SAY: GOOD) AGAIN (LSE:SWG) (A1: NO)", ["brm", "swg"]),
    ],
)
def test_capitals_throughout_a_line_make_no_names_but_tickers_are(
    line: str, found: list[str]
) -> None:
    assert names(line) == found
    assert names(f"They met Carla.\n{line}\nHe saw Dora") == ["carla", *found, "dora"]


def test_numbers_are_marked() -> None:
    marked = [
        t.text for t in tokenize("In 2025 he ran 3.5 km, ٤٥ times, no b12") if t.flags & NUMBER
    ]
    assert marked == ["2025", "3", "5", "45"]


def test_unspaced_scripts_give_overlapping_grams() -> None:
    assert grams("北京大学 ok") == ["北京", "京大", "大学", "ok"]
    assert grams("ภาษา") == ["ภาษ", "าษา"]
    assert grams("字 ก") == ["字", "ก"]
    assert grams("中ก文") == ["中", "ก", "文"]
    assert grams("백조대교는 불") == ["백조", "조대", "대교", "교는", "불"]


def test_a_cyrillic_word_counts_by_its_first_letters() -> None:
    assert grams("министра министру мир") == ["минис", "минис", "мир"]
    assert words("министра министру") == ["министра", "министру"]


def test_digits_joined_by_points_or_commas_are_one_term() -> None:
    assert grams("3.5 1,000,000 4 5 3-1 v1.2 7.") == [
        "3.5", "1.000.000", "4", "5", "3", "1", "v1", "2", "7",
    ]  # fmt: skip
    assert dict(named_terms(tokenize("3.5")))["3.5"] != dict(named_terms(tokenize("5.3")))["5.3"]


@given(TEXTS)
def test_equal_terms_have_equal_hashes(text: str) -> None:
    named: dict[tuple[str, bool], int] = {}
    for token in tokenize(text):
        for term, value in named_terms([token]):
            kind = (term, bool(token.flags & (IDEOGRAPHIC | SYLLABIC)))
            assert named.setdefault(kind, value) == value


@given(st.lists(st.integers(0, MASK), max_size=30), st.integers(1, 16))
def test_shingles_are_runs_of_words(hashes: list[int], width: int) -> None:
    found = shingles(hashes, width)
    assert len(found) == (max(1, len(hashes) - width + 1) if hashes else 0)
    for i in range(len(found) if len(hashes) >= width else 0):
        assert found[i : i + 1] == shingles(hashes[i : i + width], width)


def test_a_text_shorter_than_a_shingle_is_not_the_beginning_of_one() -> None:
    four = [token_hash(word) for word in ("a", "b", "c", "d")]
    assert shingles(four, 5) != shingles([0, *four], 5)
    assert shingles(four, 5) != shingles(four, 4)


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_content_hashes_are_equal_for_equal_sequences_alone(a: list[int], b: list[int]) -> None:
    tokens = [token_hash(word) for word in ("to", "be", "or", "not")]
    one, two = content_hash(tokens[i] for i in a), content_hash(tokens[i] for i in b)
    assert (one == two) == (a == b)


@given(st.integers(0, MASK), st.integers(0, MASK))
def test_mixing_keeps_values_apart(a: int, b: int) -> None:
    assert (mix(a) == mix(b)) == (a == b)
    assert 0 <= mix(a) <= MASK


def frozen() -> list[dict[str, object]]:
    return [json.loads(line) for line in FROZEN.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", frozen(), ids=lambda row: str(row["text"])[:20])
def test_hashes_never_change_without_a_new_algorithm_version(row: dict[str, object]) -> None:
    tokens = tokenize(str(row["text"]))
    hashes = [token.hash for token in tokens]
    assert row["algorithm"] == ALGORITHM_VERSION
    assert [token.text for token in tokens] == row["tokens"]
    assert [token.spelling for token in tokens] == row["spellings"]
    assert [f"{value:016x}" for value in hashes] == row["hashes"]
    assert [token.flags for token in tokens] == row["flags"]
    assert [f"{value:08x}" for value in shingles(hashes, 5)] == row["shingles"]
    assert f"{content_hash(hashes):016x}" == row["content"]
    assert [f"{value:016x}" for _, value in named_terms(tokens)] == row["terms"]


def test_every_sample_script_is_frozen() -> None:
    assert {row["text"] for row in frozen()} == {*SAMPLES, "", "four words are few"}
