"""Pairs of characters across words are as common as the words that they end and begin."""

from __future__ import annotations

import pytest

from dedupe.background import LEAST_SHARE, pairs_across_words


def test_a_pair_is_as_common_as_both_of_its_sides() -> None:
    found = pairs_across_words({"中文": 0.1, "大文": 0.1, "的": 0.5, "the": 0.3})
    assert found["文的"] == pytest.approx(0.2 * 0.5)
    assert found["的中"] == pytest.approx(0.5 * 0.1)
    assert found["的的"] == pytest.approx(0.25)
    assert set("".join(found)) == set("中大文的")


def test_both_forms_of_a_character_are_one() -> None:
    assert pairs_across_words({"學": 0.1, "学": 0.2}) == {"学学": pytest.approx(0.09)}


def test_rare_pairs_are_left_out() -> None:
    assert pairs_across_words({"中": LEAST_SHARE / 2, "的": 0.5}) == {"的的": 0.25}


def test_words_of_letters_have_no_pairs() -> None:
    assert pairs_across_words({"the": 0.5, "и": 0.2}) == {}
