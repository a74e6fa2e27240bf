"""Sentences end where readers of each script see them end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.comparison.reading import LONGEST, spans


def split(text: str, lang: str = "en") -> list[str]:
    return [text[start:end] for start, end in spans(text, lang)]


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("en", ["He met Gen. J. Smith of the U.S. Army on Jan. 5.", "“Stop!” he said.", "It rose 3.4 percent."]),
        ("en", ["It ended at 3 p.m.", "He left."]),
        ("de", ["Am 9. Mai kam er.", "Der 80. Jahrestag war z. B. groß.", "Ende."]),
        ("ru", ["В 2022 г. погибли 27 млн. человек.", "Война шла."]),
        ("fr", ["« Non ! » a dit M. Dupont.", "Il est parti."]),
        ("ar", ["هل ذهب؟", "نعم ذهب.", "انتهى"]),
        ("hi", ["यह पहला वाक्य है।", "यह दूसरा है॥", "तीसरा?"]),
    ],
)  # fmt: skip
def test_sentences_of_spaced_scripts(lang: str, sentences: list[str]) -> None:
    assert split(" ".join(sentences), lang) == sentences


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("zh", ["第一句话。", "第二句！", "3.5%的增长？", "第四句"]),
        ("ja", ["次の文。", "「はい。」", "終わり"]),
    ],
)
def test_sentences_of_unspaced_scripts(lang: str, sentences: list[str]) -> None:
    assert split("".join(sentences), lang) == sentences


def test_a_line_without_a_stop_is_a_sentence() -> None:
    assert split("Bridge falls\nA bridge fell. Nobody died.") == [
        "Bridge falls",
        "A bridge fell.",
        "Nobody died.",
    ]


def test_lines_wrapped_by_hand_are_read_on() -> None:
    text = (
        "The president of the republic met the king of\nSpain in the old palace of the city, and\n"
        "Queen Sofia was there too, with the three\nMinisters of the crown and their secretaries."
    )
    assert len(split(text)) == 1


def test_the_last_line_of_a_paragraph_does_not_tell_whether_lines_are_wrapped() -> None:
    short = (
        "The ferry ran aground on the reef off the northern town early on\n"
        "Tuesday with all people aboard. Boats took off the passengers in\n"
        "three hours, and two of them were treated for bones. The owner,\n"
        "Vestline, said that the ship had lost power in both engines first.\n"
        "Divers will look at the hull once the wind has dropped.\n"
    )
    assert len(split(short)) == 4
    told = [piece for piece in split(f"{short}\nThe town has\nno harbour.") if "Tuesday" in piece]
    assert told[0].startswith("The ferry")


def test_an_initial_may_be_all_that_a_line_ends_with() -> None:
    # A unit separator is white space to Python, and none to the rules of sentences.
    assert split("They met J. \x1f\nNobody spoke.") == ["They met J.", "Nobody spoke."]


def test_a_text_without_stops_is_cut() -> None:
    pieces = split("word " * 1000)
    assert len(pieces) > 5
    assert max(map(len, pieces)) <= LONGEST
    assert sum(piece.count("word") for piece in pieces) == 1000


@given(
    st.text(st.sampled_from('aA1 .!?।。\n"”)é\u0301') | st.characters()),
    st.sampled_from(["en", "de", ""]),
)
def test_spans_are_in_order_apart_and_told(text: str, lang: str) -> None:
    end = 0
    for start, stop in spans(text, lang):
        assert end <= start < stop <= len(text)
        assert text[start:stop] == text[start:stop].strip()
        end = stop


@given(st.text(st.sampled_from("aA1 .!?。\n")))
def test_no_letter_is_lost(text: str) -> None:
    joined = "".join(text[start:stop] for start, stop in spans(text))
    assert [c for c in joined if c.isalnum()] == [c for c in text if c.isalnum()]
