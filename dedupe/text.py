r"""From text to tokens, shingles and terms: the readable reference of :mod:`dedupe.kernels`.

Both give equal results, held together by property tests; this one serves single articles, the
compiled one batches. What a code point is to the tokeniser stands in a frozen table
(``data/characters.npz``), so that hashes are equal on every machine and Python.

A token is a maximal run of letters, marks, digits and ``_`` (as ``\w+``, but marks belong to
their word); in scripts written without spaces, and in Korean, where writers space as they like,
each character is a token. Invisible format characters, vowel points of Arabic and Hebrew, the nukta
and marks that compose with no letter are skipped over. Letters are lower-cased and full-width forms
folded, each to one code point, and decimal digits of all scripts to ASCII.

That is what a token reads. What it is compared by, in the copy view, is its *spelling*: without
marks, in one form of each letter, see :func:`spelling`. What the story view counts is its *stem*,
see :func:`stem`; it keeps the marks of Latin and Cyrillic letters, which part words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Low bits of a table entry: the class of the code point.
BREAK, WORD, IDEOGRAM, SYLLABLE, IGNORE, CLASS_MASK = 0, 1, 2, 3, 4, 7
# High bits: what else it tells. KEPT: the story view reads it as folded, not as it is spelt.
KEPT, UPPER, SENTENCE_END, RECOMPOSE = 8, 16, 32, 64
SCRIPT_SHIFT = 7
"""Bits above it are the script, 0 for all that no rule below asks for."""
LATIN, CYRILLIC, GREEK, ARMENIAN, ARABIC, ETHIOPIC, GEORGIAN, HANGUL = range(1, 9)
SECOND_SHIFT = 21
"""Bits above it of a spelling are its second letter, 0 for none."""
TWINS = 0x590
"""Code points below it may have a twin in another script."""
STEMS = {CYRILLIC: 5, GEORGIAN: 4, ETHIOPIC: 3}
"""Letters of a word that the story view counts: its endings say little of what it is."""
STEMMED = 24
"""Letters beyond which a word of Arabic, Ethiopic or Georgian script is not read for its stem."""

# Token flags.
NAME, IDEOGRAPHIC, SYLLABIC, JOINED, NUMBER = 1, 2, 4, 8, 16
RUNS = IDEOGRAPHIC | SYLLABIC | NUMBER
"""Flags of tokens that a JOINED one may continue."""
DIGITS = "0123456789"

MASK = 2**64 - 1
FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
"""FNV-1a, 64 bits, over code points (Fowler, Noll, Vo; RFC 9923)."""
SHINGLE_BASE = 0x9E3779B97F4A7C15
"""Base of the rolling hash over tokens (Karp & Rabin 1987): odd, 2**64 over the golden ratio."""
GRAM_BASE = 0xC2B2AE3D27D4EB4F
"""Base of the term hash of joined characters; not SHINGLE_BASE, so that the two never meet."""


CONTENT_BASE = 0x165667B19E3779F9
"""Base of the hash of a whole sequence, another one again."""


class Characters(NamedTuple):
    """What each code point is: ``kinds`` uint16 (1,114,112,), the others by code point too."""

    kinds: NDArray[np.uint16]
    folds: NDArray[np.uint32]
    """What it reads, uint32."""
    spellings: NDArray[np.uint32]
    """What it is compared as, uint32; see SECOND_SHIFT."""
    twins: NDArray[np.uint16]
    """(3, TWINS): the letter of Latin, Cyrillic, Greek that looks like it; 0 for none."""

    def script(self, character: str) -> int:
        """Number of a character's script."""
        return int(self.kinds[ord(character)]) >> SCRIPT_SHIFT

    def spelt(self, character: str) -> str:
        """What a character is compared as: one or two letters."""
        packed = int(self.spellings[ord(character)])
        first, second = packed & ((1 << SECOND_SHIFT) - 1), packed >> SECOND_SHIFT
        return chr(first) + (chr(second) if second else "")

    def twin(self, character: str, script: int) -> str:
        """The letter of a script (Latin, Cyrillic or Greek) that looks like it; "" for none."""
        known = ord(character) < TWINS and script <= GREEK
        found = int(self.twins[script - 1, ord(character)]) if known else 0
        return chr(found) if found else ""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: what it reads, what copies are compared by, and what the story view counts."""

    text: str
    spelling: str
    hash: int
    """64-bit hash of its spelling."""
    flags: int
    stem: str


@cache
def characters() -> Characters:
    """The frozen table, expanded once a process."""
    with np.load(Path(__file__).parent / "data" / "characters.npz") as stored:
        points = np.arange(len(stored["kinds"]), dtype=np.int32)
        folds, spellings = ((stored[name] + points).view(np.uint32) for name in ("delta", "spelt"))
        return Characters(stored["kinds"], folds, spellings, stored["twins"])


def compose(text: str) -> str:
    """The text in Unicode's composed form (NFC); what the tokeniser expects."""
    return unicodedata.normalize("NFC", text)


def without_surrogates(text: str) -> str:
    """The text with U+FFFD for each lone surrogate, which no encoding can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
    neither opens the text nor follows something that may end a sentence; NUMBER where it begins
    with a digit, and JOINED too where only a point or a comma parts it from the digits before.
    """
    table = characters()
    tokens: list[Token] = []
    word: list[str] = []
    capital = number_joined = after_point = False
    opening, previous = True, BREAK
    for character in compose(text) + " ":
        entry, folded = int(table.kinds[ord(character)]), chr(table.folds[ord(character)])
        kind = entry & CLASS_MASK
        if kind == IGNORE:
            continue
        if kind == WORD:
            if not word:
                capital = bool(entry & UPPER)
                number_joined = after_point and folded in DIGITS
            word.append(character)
            previous = kind
            continue
        after_point = False
        if word:
            found = _word("".join(word), name=capital and not opening, joined=number_joined)
            tokens.append(found)
            after_point = bool(found.flags & NUMBER) and character in ".,"
            word.clear()
            opening = False
        if kind != BREAK:
            flags = IDEOGRAPHIC if kind == IDEOGRAM else SYLLABIC
            flags |= JOINED if kind == previous else 0
            spelt = table.spelt(character)
            tokens.append(Token(folded, spelt, token_hash(spelt), flags, spelt))
            opening = False
        elif entry & SENTENCE_END and not after_point:
            opening = True
        previous = kind
    return tokens


def _word(word: str, *, name: bool, joined: bool) -> Token:
    text = folded_word(word)
    flags = NAME if name and len(text) > 1 else 0
    if text[0] in DIGITS:
        flags |= NUMBER | JOINED if joined else NUMBER
    one = unmixed(word)
    spelt = spelling(one)
    return Token(text, spelt, token_hash(spelt), flags, stem(one))


def folded_word(word: str) -> str:
    """What a word reads: each letter folded."""
    folds = characters().folds
    return "".join(chr(folds[ord(letter)]) for letter in word)


def unmixed(word: str) -> str:
    """A word that mixes Latin letters with their look-alikes, in one script.

    Whoever hides a copy can only swap letters that have twins, so a letter without one tells the
    script: Latin if there is such a Latin letter, else the other script if it has one, else that of
    most letters. Words of one script stay what they are.
    """
    table = characters()
    scripts = {table.script(letter) for letter in word} & {LATIN, CYRILLIC, GREEK, ARMENIAN}
    if LATIN not in scripts or len(scripts) == 1:
        return word
    other = min(scripts - {LATIN})
    latin = [letter for letter in word if table.script(letter) == LATIN]
    foreign = [letter for letter in word if table.script(letter) == other]
    target = LATIN if len(latin) >= len(foreign) else other
    if not all(table.twin(letter, LATIN) for letter in foreign):
        target = other
    if not all(table.twin(letter, other) for letter in latin):
        target = LATIN
    return "".join(
        letter if table.script(letter) == target else table.twin(letter, target) or letter
        for letter in word
    )


DOUBLED = {"a": "e", "o": "e", "u": "e", "s": "s"}
"""After these letters the given one is not spelt: ``ae`` is another ``ä``, ``ss`` another ``ß``."""


def spelling(word: str) -> str:
    """What the copy view compares a word by: of all usual ways of writing it the same.

    Latin letters stand without marks, the second of ae, oe, ue and ss is left out, Serbian letters
    are Latin ones, and what the table tells of other scripts. Five such words in a row are hardly
    ever those of another text, even though ``resume`` and ``résumé`` are spelt alike.
    """
    table = characters()
    found, left_out = "", ""
    for letter, folded in zip(word, folded_word(word), strict=True):
        if folded == left_out:
            left_out = ""
            continue
        found += table.spelt(letter)
        left_out = DOUBLED.get(folded, "")
    return found


def stem(word: str) -> str:
    """What the story view counts of a word, in scripts whose words are inflected heavily.

    In Cyrillic and Georgian the first letters; in Arabic the word without article and endings; in
    Ethiopic the first consonants after a preposition; in all others the word. Letters as they are
    spelt, but Latin and Cyrillic ones as they read.
    """
    table = characters()
    letters = ""
    grown = 0
    for letter, folded in zip(word, folded_word(word), strict=True):
        kept = table.kinds[ord(letter)] & KEPT
        letters += folded if kept else table.spelt(letter)
        if len(letters) <= STEMS[CYRILLIC] or table.script(letter) != CYRILLIC:
            grown = len(letters)
    script = table.script(word[0])
    if script == ARABIC:
        return arabic_stem(letters[:STEMMED])
    if script == GEORGIAN:
        return letters[: STEMS[GEORGIAN]]
    if script == ETHIOPIC:
        return ethiopic_stem(letters[:STEMMED])
    return letters[:grown]


ARABIC_ENDINGS = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي", "ا")


def arabic_stem(letters: str) -> str:
    """A word without conjunction, article and endings (after light10: Larkey & others 2007)."""
    if letters[0] == "و" and len(letters) >= 5:
        letters = letters[1:]
    if letters[0] in "بكف" and letters[1:3] == "ال" and len(letters) >= 5:
        letters = letters[3:]
    elif letters[:2] in ("ال", "لل") and len(letters) >= 4:
        letters = letters[2:]
    ending = True
    while ending:
        ending = False
        for end in ARABIC_ENDINGS:
            if letters.endswith(end) and len(letters) - len(end) >= 3:
                letters, ending = letters[: -len(end)], True
                break
    return letters


PREPOSITIONS = "የበለከ"
"""Letters that Amharic writes in front of a word: of, in, for, from."""


def ethiopic_stem(letters: str) -> str:
    """The first consonants of a word, each as the first letter of its row, without preposition."""
    if letters[0] in PREPOSITIONS and len(letters) >= 4:
        letters = letters[1:]
    rows = "".join(chr(ord(c) & ~7) if 0x1200 <= ord(c) < 0x1380 else c for c in letters)
    return rows[: STEMS[ETHIOPIC]]


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
