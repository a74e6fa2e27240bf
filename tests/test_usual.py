"""How usual words and terms are stands in files of ours, which say what wordfreq's lists say."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import wordfreq

from dedupe.sketch import TERM_BITS
from dedupe.usual import FEW, TABLES, listed, word_frequencies, zeros_by_bucket

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def tool():
    spec = spec_from_file_location("make_usual", ROOT / "tools" / "make_usual.py")
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("language", ["en", "de", "ru", "ar", "zh", "ko", "vi"])
def test_a_table_is_what_the_words_of_its_language_say(tool, language: str) -> None:
    table, found = listed(language), tool.by_bucket(language)
    assert np.array_equal(table.buckets, found.buckets)
    assert np.array_equal(table.shares, found.shares), "to the last bit"
    assert table.buckets.dtype == np.int64
    assert table.shares.dtype == np.float64


@pytest.mark.parametrize("kind", ["npy", "words"])
def test_each_language_that_has_a_list_has_a_file(tool, kind: str) -> None:
    assert {path.stem for path in TABLES.glob(f"*.{kind}")} == set(tool.languages())


@pytest.mark.parametrize("language", sorted(wordfreq.available_languages("small")))
def test_words_have_the_shares_of_the_list_to_the_last_bit(language: str) -> None:
    found = word_frequencies.__wrapped__(language)
    assert found == wordfreq.get_frequency_dict(language, "small")
    assert len(found) > 10_000


def test_word_lists_stay_small() -> None:
    assert sum(path.stat().st_size for path in TABLES.glob("*.words")) < 9e6


@pytest.mark.parametrize(
    "lists",
    [
        [["the"]],
        [[], [], ["b", "a", "c'est"], ["ᾅ"], [], ["的"]],
        [[]] * 700 + [["z"], ["a", "\U0001f600"]],
    ],
)
def test_words_are_read_as_they_were_written(tool, lists, tmp_path, monkeypatch) -> None:
    tool.write_words(lists, tmp_path / "xxx.words")
    monkeypatch.setattr("dedupe.usual.TABLES", tmp_path)
    wanted = {word: 10 ** (-cb / 100) for cb, words in enumerate(lists) for word in words}
    assert word_frequencies.__wrapped__("xxx") == wanted


@pytest.mark.parametrize("lists", [[["a"], ["a"]], [["a\nb", "c"]], [["a\0"]]])
def test_words_that_would_not_be_read_back_are_refused(tool, lists, tmp_path) -> None:
    with pytest.raises(SystemExit, match=r"xx\.words"):
        tool.write_words(lists, tmp_path / "xx.words")


def test_a_table_is_read_as_it_was_written(tool, tmp_path, monkeypatch) -> None:
    table = listed("is")
    tool.write(table, tmp_path / "xxx.npy")
    monkeypatch.setattr("dedupe.usual.TABLES", tmp_path)
    found = listed("xxx")
    listed.cache_clear()
    assert np.array_equal(found.buckets, table.buckets)
    assert np.array_equal(found.shares, table.shares)


def test_a_table_too_large_for_its_form_is_refused(tool, tmp_path) -> None:
    wide = tool.Listed(np.array([1, 1 << 20]), np.array([0.1, 0.2]))
    with pytest.raises(SystemExit, match="more than 16 bits"):
        tool.write(wide, tmp_path / "xx.npy")


@pytest.mark.parametrize("language", ["", "xx", "en-US", "../usual/en", "en.npy", "en.words", "\0"])
def test_what_has_no_table_is_all_rare(language: str) -> None:
    assert [len(column) for column in listed(language)] == [0, 0]
    assert word_frequencies(language) == {}


def test_buckets_rise_and_shares_are_shares() -> None:
    for path in TABLES.glob("*.npy"):
        table = listed(path.stem)
        assert (np.diff(table.buckets) > 0).all()
        assert 0 <= table.buckets[0] <= table.buckets[-1] < 1 << TERM_BITS
        assert ((table.shares > 0) & (table.shares < 1)).all()


def test_the_tables_tell_where_they_come_from() -> None:
    told = (TABLES / "SOURCE.md").read_text("utf-8")
    for source in ("wordfreq 3", "Attribution-ShareAlike 4.0", "OpenSubtitles", "SUBTLEX"):
        assert source in told


@pytest.mark.parametrize("entries", [0, FEW, FEW + 1, 1 << 30])
@pytest.mark.parametrize("kind", [np.int32, np.uint32, np.int64, np.float32])
def test_a_table_of_all_buckets_is_zeros_that_can_be_written(kind: type, entries: int) -> None:
    table = zeros_by_bucket(kind, entries)
    assert (table.shape, table.dtype) == ((1 << TERM_BITS,), kind)
    assert not table.any()
    table[[0, 5, -1]] = 7
    assert table.sum() == 21


@pytest.mark.posix
@pytest.mark.skipif(sys.platform != "linux", reason="asks the system for its memory")
def test_a_table_of_few_terms_takes_little_memory() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    before = resident()
    table = zeros_by_bucket(np.int64, 1000)
    table[:: (1 << TERM_BITS) // 1000] = 1
    assert resident() - before < 8 << 20, "of 32 MB"


def test_a_pair_is_as_common_as_both_of_its_sides(tool) -> None:
    found = tool.pairs_across_words({"中文": 0.1, "大文": 0.1, "的": 0.5, "the": 0.3})
    assert found["文的"] == pytest.approx(0.2 * 0.5)
    assert found["的中"] == pytest.approx(0.5 * 0.1)
    assert found["的的"] == pytest.approx(0.25)
    assert set("".join(found)) == set("中大文的")


def test_both_forms_of_a_character_are_one(tool) -> None:
    assert tool.pairs_across_words({"學": 0.1, "学": 0.2}) == {"学学": pytest.approx(0.09)}


def test_rare_pairs_are_left_out(tool) -> None:
    assert tool.pairs_across_words({"中": tool.LEAST_SHARE / 2, "的": 0.5}) == {"的的": 0.25}


def test_words_of_letters_have_no_pairs(tool) -> None:
    assert tool.pairs_across_words({"the": 0.5, "и": 0.2}) == {}
