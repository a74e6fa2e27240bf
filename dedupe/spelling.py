# ruff: noqa: RUF001 - letters of all scripts stand as text
"""What each code point is, how a word is spelt, and what its stem is: the readable reference.

Both are for comparing only: nobody is shown a spelling. The *spelling* is what copies are compared
by; it is the same for all usual ways of writing a word. The *stem* is what the story view counts;
it keeps what parts words, and leaves out how they are inflected. What a code point is to both
stands in frozen tables (``data/characters``, made by ``tools/make_characters.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
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
HIRAGANA, KATAKANA = 9, 10
SECOND_SHIFT = 21
"""Bits above it of a spelling are its second letter; 0 stands for no letter."""
TWINS = 0x590
"""Code points below it may have a twin in another script."""
STEMS = {CYRILLIC: 5, GEORGIAN: 5, ETHIOPIC: 3}
"""Letters of a word that the story view counts: its endings say little of what it is."""
STEMMED = 24
"""Letters beyond which a word of Arabic, Ethiopic or Georgian script is not read for its stem."""


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
        """What a character is compared as: at most two letters."""
        packed = int(self.spellings[ord(character)])
        first, second = packed & ((1 << SECOND_SHIFT) - 1), packed >> SECOND_SHIFT
        return "".join(chr(letter) for letter in (first, second) if letter)

    def twin(self, character: str, script: int) -> str:
        """The letter of a script (Latin, Cyrillic or Greek) that looks like it; "" for none."""
        known = ord(character) < TWINS and script <= GREEK
        found = int(self.twins[script - 1, ord(character)]) if known else 0
        return chr(found) if found else ""


@cache
def characters() -> Characters:
    """The frozen tables; of ``kinds`` only the parts that are read come into memory."""
    folder = Path(__file__).parent / "data" / "characters"
    kinds, folds, spellings, twins = (
        np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in Characters._fields
    )
    size = len(kinds)
    return Characters(kinds, _by_point(folds, size), _by_point(spellings, size), twins)


def _by_point(differences: NDArray[np.int32], size: int) -> NDArray[np.uint32]:
    """Code points, with the ``differences`` (d,) added to the first of them: (size,)."""
    found = np.arange(size, dtype=np.uint32)
    found[: len(differences)] += differences.view(np.uint32)
    return found


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


def spelling_of(word: str) -> str:
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
        found += table.spelt(letter) or ("" if found else folded)
        left_out = DOUBLED.get(folded, "")
    return found


def stem(word: str) -> str:
    """What the story view counts of a word, in scripts whose words are inflected heavily.

    In Cyrillic the first letters; in Georgian the first letters of what its endings leave; in
    Arabic the word without article and endings; in Ethiopic the first consonants after a
    preposition; in all others the word. Letters as they are spelt, but Latin and Cyrillic ones as
    they read.
    """
    table = characters()
    letters = ""
    grown = 0
    for letter, folded in zip(word, folded_word(word), strict=True):
        if table.kinds[ord(letter)] & KEPT:
            letters += folded
        else:
            letters += table.spelt(letter) or ("" if letters else folded)
        if len(letters) <= STEMS[CYRILLIC] or table.script(letter) != CYRILLIC:
            grown = len(letters)
    script = table.script(word[0])
    if script == ARABIC:
        return arabic_stem(letters[:STEMMED])
    if script == GEORGIAN:
        return without_endings(letters[:STEMMED], GEORGIAN_ENDINGS)[: STEMS[GEORGIAN]]
    if script == ETHIOPIC:
        return ethiopic_stem(letters[:STEMMED])
    return letters[:grown]


ARABIC_ENDINGS = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي", "ا")
"""Of number, gender, possession and case (light10: Larkey & others 2007)."""
GEORGIAN_ENDINGS = ("ებ", "ის", "ით", "ად", "მა", "ზე", "ში", "ს", "ი", "ა", "ე", "ო", "უ", "მ")
"""Of number and case, and the postpositions *on* and *in*."""
LEAST_STEM = 3
"""Letters that a word keeps when its endings go."""


def without_endings(letters: str, endings: Sequence[str]) -> str:
    """A word without its endings, the last one first."""
    for end in endings:
        if letters.endswith(end) and len(letters) - len(end) >= LEAST_STEM:
            return without_endings(letters[: -len(end)], endings)
    return letters


def arabic_stem(letters: str) -> str:
    """A word without conjunction, article and endings."""
    if letters[0] == "و" and len(letters) >= 5:
        letters = letters[1:]
    if letters[0] in "بكف" and letters[1:3] == "ال" and len(letters) >= 5:
        letters = letters[3:]
    elif letters[:2] in ("ال", "لل") and len(letters) >= 4:
        letters = letters[2:]
    return without_endings(letters, ARABIC_ENDINGS)


PREPOSITIONS = "የበለከ"
"""Letters that Amharic writes in front of a word: of, in, for, from."""


def ethiopic_stem(letters: str) -> str:
    """The first consonants of a word, each as the first letter of its row, without preposition."""
    if letters[0] in PREPOSITIONS and len(letters) >= 4:
        letters = letters[1:]
    rows = "".join(chr(ord(c) & ~7) if 0x1200 <= ord(c) < 0x1380 else c for c in letters)
    return rows[: STEMS[ETHIOPIC]]
