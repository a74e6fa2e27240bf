"""Article text is made harmless before it reaches a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.report.clean import READ_AT_MOST, clean


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
