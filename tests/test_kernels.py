"""The compiled path and the readable path are one truth, in all scripts."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter, defaultdict

import numpy as np
import pytest
from corpora import SAMPLES, TEXTS, strings
from hypothesis import given
from hypothesis import strategies as st

from dedupe.kernels.terms import CODE, LEAD, TITLE, count_terms
from dedupe.kernels.text import minhash, shingle, spread, uncomposed
from dedupe.kernels.vectors import minhash_with, widths
from dedupe.sketch import permutations
from dedupe.spelling import characters
from dedupe.text import (
    JOINED,
    NAME,
    NUMBER,
    RUNS,
    TICKER,
    Token,
    content_hash,
    named_terms,
    shingles,
    token_hash,
)
from dedupe.text import tokenize as reference
from dedupe.tokens import Tokens, buffers, composed, tokens_of

BATCHES = st.lists(TEXTS, max_size=6)


def compiled(texts: list[str]) -> Tokens:
    return tokens_of(composed(strings(texts)))


def rows(values: np.ndarray, bounds: np.ndarray) -> list[list[int]]:
    return [part.tolist() for part in np.split(values, bounds[1:-1])] if len(bounds) > 1 else []


@given(BATCHES)
def test_tokens_are_those_of_the_reference(texts: list[str]) -> None:
    found, wanted = compiled(texts), [reference(text) for text in texts]
    assert rows(found.hashes, found.bounds) == [[t.hash for t in tokens] for tokens in wanted]
    assert rows(found.flags, found.bounds) == [[t.flags for t in tokens] for tokens in wanted]
    stems = [[token_hash(t.stem) for t in tokens] for tokens in wanted]
    assert rows(found.stems, found.bounds) == stems


def test_tokens_are_those_of_the_reference_for_every_code_point() -> None:
    points = [p for p in range(sys.maxunicode + 1) if not 0xD800 <= p <= 0xDFFF]
    step = 997
    texts = [" ".join(map(chr, points[i : i + step])) for i in range(0, len(points), step)]
    found = compiled(texts)
    wanted = [token for text in texts for token in reference(text)]
    assert found.hashes.tolist() == [token.hash for token in wanted]
    assert found.flags.tolist() == [token.flags for token in wanted]
    assert found.stems.tolist() == [token_hash(token.stem) for token in wanted]


@given(BATCHES, st.integers(0, 6), st.integers(0, 6))
def test_a_slice_of_a_batch_is_read_in_place(texts: list[str], start: int, size: int) -> None:
    part = strings(texts).slice(min(start, len(texts)), size)
    found = tokens_of(composed(part))
    whole = compiled(part.to_pylist())
    assert found.hashes.tolist() == whole.hashes.tolist()
    assert found.bounds.tolist() == whole.bounds.tolist()


@given(BATCHES, st.integers(1, 16))
def test_shingles_and_contents_are_those_of_the_reference(texts: list[str], words: int) -> None:
    tokens = compiled(texts)
    found, starts = np.empty(len(tokens.hashes), np.uint32), np.empty(len(texts) + 1, np.int64)
    contents = np.empty(len(texts), np.uint64)
    total = shingle(tokens.hashes, tokens.bounds, words, found, starts, contents)
    hashes = rows(tokens.hashes, tokens.bounds)
    assert rows(found[:total], starts) == [shingles(row, words) for row in hashes]
    assert contents.tolist() == [content_hash(row) for row in hashes]


@given(BATCHES)
def test_a_text_that_is_not_composed_is_found_out(texts: list[str]) -> None:
    column = buffers(strings(texts))
    found = uncomposed(column.data, column.offsets, characters().kinds)
    for text, suspect in zip(texts, found, strict=True):
        assert suspect or unicodedata.is_normalized("NFC", text)


def decompositions() -> list[str]:
    """Every character that canonical composition yields, taken apart."""
    apart = [unicodedata.normalize("NFD", chr(p)) for p in range(sys.maxunicode + 1)]
    return [text for text in apart if unicodedata.normalize("NFC", text) != text]


def test_every_decomposed_character_is_found_out() -> None:
    texts = decompositions()
    column = buffers(strings(texts))
    found = uncomposed(column.data, column.offsets, characters().kinds)
    assert [text for text, suspect in zip(texts, found, strict=True) if not suspect] == []


def test_composed_latin_chinese_and_korean_texts_are_not_composed_again() -> None:
    texts = ["Crème brûlée, Łódź", "北京大学，", "한국어 신문", "العربية", "カタカナ"]
    column = buffers(strings(texts))
    assert not uncomposed(column.data, column.offsets, characters().kinds).any()


def counted(title: str, body: str, bits: int, lead: int) -> dict[int, tuple[int, int]]:
    """Count and flags of each bucket, from the readable reference."""
    head, tokens = reference(title), reference(body)
    if [t.hash for t in tokens[: len(head)]] == [t.hash for t in head]:
        tokens = tokens[len(head) :]
    counts, flags = Counter[int](), defaultdict[int, int](int)
    for place, part, most in ((TITLE, head, 0), (0, tokens, lead)):
        for at, (value, mark) in enumerate(flagged_terms(part)):
            bucket = value >> (64 - bits)
            counts[bucket] += 1
            flags[bucket] |= place | (mark & (NAME | NUMBER)) | (LEAD if at < most else 0)
            flags[bucket] |= CODE if mark & TICKER else 0
    return {bucket: (counts[bucket], flags[bucket]) for bucket in counts}


def flagged_terms(tokens: list[Token]) -> list[tuple[int, int]]:
    """Terms in order, each with the flags of the token that it begins with."""
    found, i = [], 0
    while i < len(tokens):
        end = i + 1
        while end < len(tokens) and tokens[end].flags & JOINED and tokens[i].flags & RUNS:
            end += 1
        values = [value for _, value in named_terms(tokens[i:end])]
        found += [(value, tokens[i + k].flags) for k, value in enumerate(values)]
        i = end
    assert [value for value, _ in found] == [value for _, value in named_terms(tokens)]
    return found


@given(
    st.lists(st.tuples(TEXTS, TEXTS), max_size=4), st.sampled_from([4, 11, 22]), st.integers(0, 9)
)
def test_term_counts_are_those_of_the_reference(
    articles: list[tuple[str, str]], bits: int, lead: int
) -> None:
    titles, bodies = compiled([t for t, _ in articles]), compiled([b for _, b in articles])
    buckets, counts, flags, bounds = count_terms(titles, bodies, bits, lead)
    assert len(bounds) == len(articles) + 1
    for row, (title, body) in enumerate(articles):
        part = slice(bounds[row], bounds[row + 1])
        assert (np.diff(buckets[part].astype(np.int64)) > 0).all()
        found = zip(counts[part].tolist(), flags[part].tolist(), strict=True)
        wanted = counted(title, body, bits, lead)
        assert dict(zip(buckets[part].tolist(), found, strict=True)) == wanted


def test_a_title_repeated_at_the_head_of_the_text_counts_once() -> None:
    again = count_terms(compiled(["Storm hits"]), compiled(["Storm hits. Roofs fly"]), 22, 60)
    once = count_terms(compiled(["Storm hits"]), compiled(["Roofs fly"]), 22, 60)
    for one, other in zip(again, once, strict=True):
        assert one.tolist() == other.tolist()


def test_a_count_stops_at_what_16_bits_hold() -> None:
    _, counts, _, _ = count_terms(compiled([""]), compiled(["word " * 70_000]), 22, 60)
    assert counts.tolist() == [65535]


@given(st.lists(st.integers(0, 2**32 - 1), max_size=20), st.integers(0, 2**31 - 1))
def test_a_signature_holds_the_least_of_each_permutation(values: list[int], seed: int) -> None:
    multipliers, increments = permutations(16, seed)
    found = np.empty((1, 16), np.uint32)
    bounds = np.array([0, len(values)], np.int64)
    minhash(np.array(values, np.uint32), bounds, multipliers, increments, found)
    mixed = [int(spread(np.uint32(value))) for value in values]
    for a, b, least in zip(
        multipliers.tolist(), increments.tolist(), found[0].tolist(), strict=True
    ):
        assert least == min([(a * value + b) % 2**32 for value in mixed], default=2**32 - 1)


def test_the_samples_reach_every_class_of_character() -> None:
    classes = {int(characters().kinds[ord(c)]) & 7 for c in "".join(SAMPLES)}
    assert classes == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("name", widths())
@given(st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=9), max_size=5), st.integers(1, 70))
def test_signatures_are_the_same_by_every_set_of_instructions(name, sets, count: int) -> None:
    multipliers, increments = permutations(count, 1)
    values = np.array([value for each in sets for value in each], np.uint32)
    bounds = np.concatenate(([0], np.cumsum([len(each) for each in sets]))).astype(np.int64)
    usual, found = np.zeros((2, len(sets), count), np.uint32)
    minhash(values, bounds, multipliers, increments, usual)
    minhash_with(name, values, bounds, multipliers, increments, found)
    assert (found == usual).all()


def test_instructions_that_the_processor_lacks_are_refused() -> None:
    nothing = np.zeros(0, np.uint32)
    with pytest.raises(ValueError, match="no instruction set of this machine"):
        minhash_with(
            "none", nothing, np.zeros(1, np.int64), nothing, nothing, np.zeros((0, 0), np.uint32)
        )
