r"""From text to tokens, shingles and terms: the readable reference of :mod:`dedupe.kernels`.

Both give equal results, held together by property tests; this one serves single articles, the
compiled one batches. What a code point is to the tokeniser stands in a frozen table
(``data/characters``), so that hashes are equal on every machine and Python.

A token is a maximal run of letters, marks, digits and ``_`` (as ``\w+``, but marks belong to
their word); in scripts written without spaces, and in Korean, where writers space as they like,
each character is a token. Invisible format characters, vowel points of Arabic and Hebrew, the nukta
and marks that compose with no letter are skipped over. Letters are lower-cased and full-width forms
folded, each to one code point, and decimal digits of all scripts to ASCII.

That is what a token reads. Copies are compared by its *spelling*, stories by its *stem*; see
:mod:`dedupe.spelling`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from dedupe.caches import short_cache
from dedupe.model import ARTICLE_COLUMNS, Article
from dedupe.spelling import (
    BREAK,
    CLASS_MASK,
    IDEOGRAM,
    IGNORE,
    SCRIPT_SHIFT,
    SENTENCE_END,
    UPPER,
    WORD,
    characters,
    folded_word,
    spelling_of,
    stem,
    unmixed,
)

# Token flags.
NAME, IDEOGRAPHIC, SYLLABIC, JOINED, NUMBER, TICKER = 1, 2, 4, 8, 16, 32
RUNS = IDEOGRAPHIC | SYLLABIC | NUMBER
"""Flags of tokens that a JOINED one may continue."""
MANY_CAPITALS, TO_ONE, LONG_WORD = 4, 3, 4
"""A line says nothing by its capitals that has them throughout, as headlines do: so many words at
least, so many to one in small letters, and none of these of so many letters."""
LONGEST_TICKER = 6
"""Bytes of a ticker that stands behind its exchange."""
LONGEST_EXCHANGE = 15
"""Characters of an exchange with what parts it from its ticker, at most."""
BEFORE_TICKER = re.compile(r"\([A-Za-z]{1,12}: ?\Z")
BEHIND_TICKER = re.compile(r"(?:\.[A-Z]{0,2})?>")
"""An exchange, and what ends a ticker in angle brackets: its market, if any."""
DIGITS = "0123456789"
KEPT_WORDS = 1 << 14
"""Words whose tokens are kept: texts repeat their words, and hashes are dear letter by letter."""

MASK = 2**64 - 1
FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
"""FNV-1a, 64 bits, over code points (Fowler, Noll, Vo; RFC 9923)."""
SHINGLE_BASE = 0x9E3779B97F4A7C15
"""Base of the rolling hash over tokens (Karp & Rabin 1987): odd, 2**64 over the golden ratio."""
GRAM_BASE = 0xC2B2AE3D27D4EB4F
"""Base of the term hash of joined characters; not SHINGLE_BASE, so that the two never meet."""
CONTENT_BASE = 0x165667B19E3779F9
"""Base of the hash of a whole sequence, another one again."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: what it reads, what copies are compared by, and what the story view counts."""

    text: str
    spelling: str
    hash: int
    """64-bit hash of its spelling."""
    flags: int
    stem: str


_MARKS = re.compile(r"[^\w\s\x00-\x7f]{64,}+")
"""What may be a run of combining marks longer than any language writes."""


def compose(text: str) -> str:
    """The text in Unicode's composed form (NFC); what the tokeniser expects."""
    if not text.isascii():
        text = _MARKS.sub(_with_marks_sorted, text)
    return unicodedata.normalize("NFC", text)


def _with_marks_sorted(run: re.Match[str]) -> str:
    """Combining marks in canonical order, as NFC itself takes n**2 steps to sort n of them."""
    apart = "".join(unicodedata.normalize("NFD", character) for character in run[0])
    parts = groupby(apart, lambda character: unicodedata.combining(character) > 0)
    return "".join(
        "".join(sorted(part, key=unicodedata.combining) if marks else part) for marks, part in parts
    )


def without_surrogates(text: str) -> str:
    """The text with U+FFFD for each lone surrogate, which no encoding can hold.

    So articles enter, those of files and those that are made in Python, with all their strings.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def encodable(article: Article) -> Article:
    """The article with all its strings without_surrogates; the same one where it has none."""
    changed: dict[str, Any] = {}
    for name in ARTICLE_COLUMNS:
        value = getattr(article, name)
        if isinstance(value, str) and (amended := without_surrogates(value)) is not value:
            changed[name] = amended
    return replace(article, **changed) if changed else article


def mix(value: int) -> int:
    """The finaliser of MurmurHash3, 64 bits (Appleby 2011): a bijection that spreads every bit."""
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return value ^ (value >> 33)


def token_hash(folded: str) -> int:
    """64-bit hash of a folded token."""
    value = FNV_OFFSET
    for character in folded:
        value = ((value ^ ord(character)) * FNV_PRIME) & MASK
    return mix(value)


def tokenize(text: str) -> list[Token]:
    """Tokens of a text, composed first.

    A token is marked NAME where it is written with a capital, is longer than one letter, and
    neither opens the text nor follows something that may end a sentence, unless its line has
    capitals throughout; TICKER, and NAME even so, where a wire marks it: <IBM>, <IBM.N> or
    (NYSE: IBM); NUMBER where it begins with a digit, and JOINED too where only a point or a comma
    parts it from the digits before.
    """
    return [token for line in compose(text).split("\n") for token in _line(line)]


def _line(text: str) -> list[Token]:
    """Tokens of one line of a composed text."""
    table = characters()
    tokens: list[Token] = []
    word: list[str] = []
    capital = number_joined = after_point = False
    opening, previous, script, begin = True, BREAK, 0, 0
    capitals, small, long = 0, 0, False
    for at, character in enumerate(text + "\n"):
        entry, folded = int(table.kinds[ord(character)]), chr(table.folds[ord(character)])
        kind = entry & CLASS_MASK
        if kind == IGNORE:
            continue
        if kind == WORD:
            if not word:
                capital = bool(entry & UPPER)
                number_joined, begin = after_point and folded in DIGITS, at
            word.append(character)
            previous = kind
            continue
        after_point = False
        if word:
            ticker = capital and _is_ticker(text, begin, at)
            named = capital and (ticker or not opening)
            found = _word("".join(word), name=named, ticker=ticker, joined=number_joined)
            tokens.append(found)
            capitals += capital
            if not capital and not found.flags & NUMBER:
                small += 1
                long |= len(word) >= LONG_WORD
            after_point = bool(found.flags & NUMBER) and character in ".,"
            word.clear()
            opening = False
        if kind != BREAK:
            flags = IDEOGRAPHIC if kind == IDEOGRAM else SYLLABIC
            # Where kana meet Han or one another, a word or its ending begins.
            joined = kind == previous and script == entry >> SCRIPT_SHIFT
            flags |= JOINED if joined else 0
            spelt = table.spelt(character)
            tokens.append(Token(folded, spelt, token_hash(spelt), flags, spelt))
            opening = False
        elif entry & SENTENCE_END and not after_point:
            opening = True
        previous, script = kind, entry >> SCRIPT_SHIFT
    if capitals >= max(MANY_CAPITALS, TO_ONE * small) and not long:
        return [t if t.flags & TICKER else replace(t, flags=t.flags & ~NAME) for t in tokens]
    return tokens


def _is_ticker(text: str, begin: int, end: int) -> bool:
    if text[begin - 1 : begin] == "<":
        return BEHIND_TICKER.match(text, end) is not None
    word = text[begin:end].encode()
    return (
        text[end : end + 1] == ")"
        and len(word) <= LONGEST_TICKER
        and word[-1:].isupper()
        and BEFORE_TICKER.search(text[max(0, begin - LONGEST_EXCHANGE) : begin]) is not None
    )


@short_cache(KEPT_WORDS)
def _word(word: str, *, name: bool, ticker: bool, joined: bool) -> Token:
    text = folded_word(word)
    flags = NAME | TICKER if ticker else NAME if name and len(text) > 1 else 0
    if text[0] in DIGITS:
        flags |= NUMBER | JOINED if joined else NUMBER
    one = unmixed(word)
    spelt = spelling_of(one)
    return Token(text, spelt, token_hash(spelt), flags, stem(one))


def shingles(hashes: Sequence[int], words: int) -> list[int]:
    """32-bit hashes of all runs of ``words`` tokens, in order, repeats included.

    A text of fewer tokens is one shingle; an empty one has none.
    """
    if not hashes:
        return []
    runs: Iterable[Sequence[int]] = (
        (hashes[i : i + words] for i in range(len(hashes) - words + 1))
        if len(hashes) >= words
        else (hashes,)
    )
    found = []
    for run in runs:
        value = 0 if len(run) == words else len(run)
        for token in run:
            value = (value * SHINGLE_BASE + token) & MASK
        found.append(mix(value) >> 32)
    return found


def content_hash(hashes: Iterable[int]) -> int:
    """64-bit hash of the token sequence: equal for texts that are equal after normalisation."""
    value = 0
    for token in hashes:
        value = (value * CONTENT_BASE + token) & MASK
    return mix(value)


def named_terms(tokens: Sequence[Token]) -> list[tuple[str, int]]:
    """What the story view counts, in order, each as its text and its 64-bit hash.

    A word is a term, by its stem; digits joined by points or commas are one. A run of one unspaced
    script gives overlapping pairs (Han, kana, Hangul) or threes (Thai, Lao, Khmer, Burmese); a run
    shorter than that gives itself.
    """
    found: list[tuple[str, int]] = []
    i = 0
    while i < len(tokens):
        flags, end = tokens[i].flags, i + 1
        while end < len(tokens) and tokens[end].flags & JOINED and flags & RUNS:
            end += 1
        size = end - i
        width = min(2 if flags & IDEOGRAPHIC else 3 if flags & SYLLABIC else size, size)
        found += [_gram(tokens[j : j + width]) for j in range(i, end - width + 1)]
        i = end
    return found


def _gram(tokens: Sequence[Token]) -> tuple[str, int]:
    flags = tokens[0].flags
    between = "." if flags & NUMBER else ""
    key = between.join(token.stem for token in tokens)
    if flags & (IDEOGRAPHIC | SYLLABIC):
        return "".join(token.text for token in tokens), term_hash(key, flags)
    return key, term_hash(key, flags)


@short_cache(KEPT_WORDS)
def term_hash(stem: str, flags: int) -> int:
    """64-bit hash of a term by its stem, or those of its parts, and the flags of its first token.

    Parts of a number are parted by points.
    """
    if flags & (IDEOGRAPHIC | SYLLABIC):
        parts = list(stem)
    elif flags & NUMBER and "." in stem:
        parts = stem.split(".")
    else:
        return token_hash(stem)
    value = 0
    for part in parts:
        value = (value * GRAM_BASE + token_hash(part)) & MASK
    return mix(value)
