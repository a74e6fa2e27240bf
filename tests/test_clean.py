"""Article text is made harmless before it reaches a terminal."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.clean import READ_AT_MOST, clean, escaped, printable, seen, untowered, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("two\r\nlines\tand  more\u2028", "two lines and more"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://example.org\x07link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended", "]0;never ended"),
        ("\x1bcreset", "creset"),
        ("\u009b31mone-byte introducer", "31mone-byte introducer"),
        ("wrongly decoded â€\x9d and the rest", "wrongly decoded â€ and the rest"),
        ("bell\x07 back\x08space", "bell backspace"),
        ("abc\u202edcba\u202c\u2066x\u2069", "abcdcbax"),
        ("soft\u00adhyphen\ufeff\u200b", "softhyphen"),
        ("क्\u200dष نمی\u200cخواهم", "क्\u200dष نمی\u200cخواهم"),
        ("lone \ud800 surrogate \uffff", "lone \ufffd surrogate \ufffd"),
        ("e" + "\u0301" * 50 + "nd", "e" + "\u0301" * 4 + "nd"),
        ("", ""),
    ],
)
def test_only_visible_characters_are_left(text: str, seen: str) -> None:
    assert clean(text) == seen


@given(st.text())
def test_the_result_is_one_printable_line_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert not {unicodedata.category(c) for c in once} & {"Cc", "Cs", "Zl", "Zp"}
    assert once.encode("utf-8").decode("utf-8") == once


@given(st.text(), st.sampled_from(["ascii", "latin-1", "cp1252", "gb18030"]))
def test_the_encoding_can_write_it(text: str, encoding: str) -> None:
    assert clean(text, encoding).encode(encoding).decode(encoding) == clean(text, encoding)


def test_what_cannot_be_written_becomes_its_base_letter_or_a_question_mark() -> None:
    assert clean("“Zoë” in 北京 – caf\u0065\u0301", "ascii") == '"Zoe" in ?? - cafe'


def test_an_endless_headline_is_looked_at_only_so_far() -> None:
    assert len(clean("x" * 10**6)) == READ_AT_MOST


ACTING = ("Cc", "Cf", "Cs", "Zl", "Zp")
JOINERS = {"\u200c", "\u200d"}


def acting(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in ACTING} - JOINERS


@given(st.text(st.characters()))
def test_a_message_is_one_line_in_which_nothing_acts(text: str) -> None:
    assert acting(printable(text)) == set()
    assert printable(printable(text)) == printable(text)


@given(st.text(st.characters(), max_size=30))
def test_a_printed_line_is_as_long_as_before(text: str) -> None:
    assert len(seen(text)) == len(text)
    assert acting(seen(text)) <= {"\u200e"}


def test_a_file_name_can_still_be_told_from_others() -> None:
    assert printable("a\x1b[31m\nb\u202e.txt \udcff") == "a?[31m?b?.txt ?"
    assert printable("naïve 北京.txt", "ascii") == "naive ??.txt"
    assert len(printable("x" * 10**6)) < READ_AT_MOST + 10


@given(st.dictionaries(st.text(), st.text()), st.booleans())
def test_json_means_the_same_and_nothing_in_it_acts(value: dict, ascii_only: bool) -> None:
    line = json.dumps(value, ensure_ascii=ascii_only) + "\n"
    shown = untowered(escaped(line.encode())).decode()
    assert json.loads(shown) == value
    assert acting(shown) <= {"\n"}


def test_what_passes_through_as_json_keeps_its_lines_and_loses_what_is_no_utf_8() -> None:
    line = b'{"a":\t"\xc2\x9b31m \xff",\r\n "b": "\x7f"}\n'
    assert (
        escaped(line)
        == '{"a": "\\u009b31m \N{REPLACEMENT CHARACTER}", \n "b": "\\u007f"}\n'.encode()
    )
    tower = json.dumps("e" + "\u0301" * 6, ensure_ascii=False).encode()
    assert untowered(tower).decode() == '"e' + "\u0301" * 4 + "\\u0301" * 2 + '"'


def test_on_a_page_line_separators_break_lines() -> None:
    assert visible("one\u2028two\u2029three\x85") == "one\ntwo\nthree"
