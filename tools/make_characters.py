"""Writes dedupe/data/characters.npz: what each code point is to the tokeniser.

The table is frozen in the package because the tokeniser must give the same hashes on every
machine, whatever Unicode version its Python or its ``regex`` package carries. Run it only
together with a new ``ALGORITHM_VERSION``:  python tools/make_characters.py
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import regex

BREAK, WORD, IDEOGRAM, SYLLABLE, IGNORE = 0, 1, 2, 3, 4
CYRILLIC, UPPER, SENTENCE_END, RECOMPOSE = 8, 16, 32, 64

# Written without spaces: Han and kana carry meaning in two characters, the South-East Asian
# scripts in about three, so that the story view joins two of the former and three of the latter.
IDEOGRAMS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\u30FC]")
SYLLABLES = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
CYRILLICS = regex.compile(r"\p{Cyrillic}")
# Vowel points of Arabic and Hebrew are left out by most writers, the tatweel is a stretch.
POINTS = regex.compile(
    r"[\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7\u06E8\u06EA-\u06ED]"
)
INVISIBLE = regex.compile(r"[\p{Cf}\p{Variation_Selector}]")
ENDS = set('.!?…:;\n\r\u2028\u2029"“”„«»‘‹›•|·*()[]{}<>/\\')
# After these a capital is the rule of the sentence and says nothing about a name.


# Second halves of canonical compositions: they too may compose with what precedes them.
SECONDS = {
    ord(unicodedata.normalize("NFD", chr(point))[-1])
    for point in range(0x110000)
    if not 0xD800 <= point <= 0xDFFF and len(unicodedata.normalize("NFD", chr(point))) > 1
}


def kind(character: str) -> int:
    category = unicodedata.category(character)
    if INVISIBLE.match(character) or POINTS.match(character):
        return IGNORE
    if category[0] in "LMN":
        if IDEOGRAMS.match(character):
            return IDEOGRAM
        if SYLLABLES.match(character) and not category.startswith("N"):
            return SYLLABLE
        return WORD
    return WORD if character == "_" else BREAK


def folded(character: str) -> str:
    """Lower case and compatibility form, where that is one code point; digits in ASCII."""
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    if character == "ς":  # a sigma at the end of a word is a sigma
        return "σ"
    one = unicodedata.normalize("NFKC", character)
    one = one if len(one) == 1 else character
    low = one.lower()
    return low if len(low) == 1 else one if len(low) == 0 else low[0]


def main() -> None:
    size = 0x110000
    kinds, folds = np.zeros(size, np.uint8), np.arange(size, dtype=np.uint32)
    for point in range(size):
        if 0xD800 <= point <= 0xDFFF:
            continue
        character = chr(point)
        flags = kind(character)
        if unicodedata.category(character) in ("Lu", "Lt"):
            flags |= UPPER
        if character in ENDS:
            flags |= SENTENCE_END
        if CYRILLICS.match(character):
            flags |= CYRILLIC
        # A text with one of these may not be in composed form (NFC) and is composed first.
        if (
            not unicodedata.is_normalized("NFC", "a" + character)
            or unicodedata.combining(character)
            or unicodedata.normalize("NFC", character) != character
            or point in SECONDS
            or 0x1161 <= point <= 0x11C2  # Hangul vowels and finals compose by rule
        ):
            flags |= RECOMPOSE
        kinds[point] = flags
        folds[point] = ord(folded(character)) if flags & 7 != BREAK else point
    target = Path(__file__).parent.parent / "dedupe" / "data" / "characters.npz"
    # The fold as a difference compresses a hundredfold: long runs of equal values.
    delta = (folds.astype(np.int64) - np.arange(size)).astype(np.int32)
    np.savez_compressed(
        target, kinds=kinds, delta=delta, unicode=np.array(unicodedata.unidata_version)
    )
    print(f"{target.name}: Unicode {unicodedata.unidata_version}, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
