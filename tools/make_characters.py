"""Writes the tables in dedupe/data/characters: what each code point is to the tokeniser.

The tables are frozen in the package because the tokeniser must give the same hashes on every
machine, whatever Unicode version its Python or its ``regex`` package carries. Run it only
together with a new ``ALGORITHM_VERSION``:  python tools/make_characters.py UNIHAN_VARIANTS

UNIHAN_VARIANTS is ``Unihan_Variants.txt`` of the Unihan database (UAX 38; Unicode License), plain
or compressed by bzip2, as Debian's package unicode-data has it.
"""

from __future__ import annotations

import bz2
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import regex

from dedupe.spelling import (
    ARABIC,
    ARMENIAN,
    BREAK,
    CLASS_MASK,
    CYRILLIC,
    ETHIOPIC,
    GEORGIAN,
    GREEK,
    HANGUL,
    HIRAGANA,
    IDEOGRAM,
    IGNORE,
    KATAKANA,
    KEPT,
    LATIN,
    RECOMPOSE,
    SCRIPT_SHIFT,
    SECOND_SHIFT,
    SENTENCE_END,
    SYLLABLE,
    TWINS,
    UPPER,
    WORD,
)

# Written without spaces, or with spaces that writers set as they like: Han, kana and Hangul carry
# meaning in two characters, the South-East Asian scripts in about three, so that the story view
# joins two of the former and three of the latter.
IDEOGRAMS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\u30FC]")
SYLLABLES = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
SCRIPTS = {
    LATIN: regex.compile(r"\p{Latin}"),
    CYRILLIC: regex.compile(r"\p{Cyrillic}"),
    GREEK: regex.compile(r"\p{Greek}"),
    ARMENIAN: regex.compile(r"\p{Armenian}"),
    ARABIC: regex.compile(r"\p{Arabic}"),
    ETHIOPIC: regex.compile(r"\p{Ethiopic}"),
    GEORGIAN: regex.compile(r"\p{Georgian}"),
    HANGUL: regex.compile(r"\p{Hangul}"),
    HIRAGANA: regex.compile(r"\p{Hiragana}"),
    KATAKANA: regex.compile(r"[\p{Katakana}\u30FC]"),
}
# Vowel points of Arabic and Hebrew are left out by most writers, the tatweel is a stretch.
POINTS = regex.compile(
    r"[\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7\u06E8\u06EA-\u06ED]"
)
# Marks of no script of their own that compose with nothing: stress, strikes, what hides a copy.
LOOSE = regex.compile(
    r"[\u0300-\u036F\u0483-\u0489\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]"
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

SPELT = {
    # Latin letters that are no letter with a mark. Of ae, oe, ue and ss the tokeniser leaves out
    # the second letter, so that ä, ö, ü and ß are spelt by the first.
    **dict(zip("ßæœøđðłħıŧŋɑɡəǝ", "saoodd" + "lhitnagee", strict=True)), "þ": "th",
    # Serbian and Macedonian in Latin letters, without their marks as č and ć of other languages.
    **dict(zip("абвгдђежзијклмнопрстћуфхцчшѓќѕ", "abvgddezzijklmnoprstcufhccsgkz", strict=True)),
    "љ": "lj", "њ": "nj", "џ": "dz", "ё": "e",
    # Arabic: carriers of hamza, alef maksura, teh marbuta; yeh, kaf, heh of Persian and Urdu.
    **dict(zip("أإآٱىئیےؤکةەہھۀۃۂ", "ااااييييوكههههههه", strict=True)),
    # Devanagari: the moon with a dot is written as the dot alone; the dot below a letter of a
    # foreign word is not spelt, nor is that of Gurmukhi.
    "ँ": "ं", "\u093c": "", "\u0a3c": "",
}  # fmt: skip
"""Letters to what they are compared as: none, one or two letters in lower case."""

# Letters of one sound in Amharic: rows of eight in the block, seven vowels in each.
HOMOPHONES = {0x1210: 0x1200, 0x1280: 0x1200, 0x12B8: 0x1200, 0x1220: 0x1230,
              0x12D0: 0x12A0, 0x1340: 0x1338}  # fmt: skip
# In these two rows the fourth vowel sounds as the first.
SAME_FOURTH = (0x1200, 0x12A0)

# Letters that look alike, capital with capital and small with small, as far as they do in print.
FROM_CYRILLIC = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХҮҺԚԜӀаеѕіјорсухһԛԝԁӏёї",
        "ABESIJKMHOPCTYXYhQWIaesijopcyxhqwdlei",
        strict=True,
    )
)  # fmt: skip
FROM_GREEK = dict(
    zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεηικνορτυχγωϲϳ", "ABEZHIKMNOPTYXabenikvoptuxywcj", strict=True)
)
FROM_ARMENIAN = dict(zip("ՕՏՍԼօոսհզցյ", "OSULonuhqgj", strict=True))
TO_CYRILLIC = dict(zip("ABCEHIJKMOPTXYaceopxyijk", "АВСЕНІЈКМОРТХУасеорхуіјк", strict=True))
TO_GREEK = dict(zip("ABEZHIKMNOPTYXaovpiuxk", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονριυχκ", strict=True))


def kind(character: str) -> int:
    category = unicodedata.category(character)
    if any(skipped.match(character) for skipped in (INVISIBLE, POINTS, LOOSE)):
        return IGNORE
    if category[0] in "LMN":
        if IDEOGRAMS.match(character):
            return IDEOGRAM
        if SYLLABLES.match(character) and not category.startswith("N"):
            return SYLLABLE
        return WORD
    return WORD if character == "_" else BREAK


def script(character: str) -> int:
    return next((number for number, of in SCRIPTS.items() if of.match(character)), 0)


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


def spelt(character: str, simplified: Mapping[str, str]) -> str:
    """What a letter is compared as: at most two letters."""
    low = folded(character)
    low = simplified.get(low, low)
    if low in SPELT:
        return SPELT[low]
    point = ord(low)
    if 0x1200 <= point < 0x1380:
        row, vowel = HOMOPHONES.get(point & ~7, point & ~7), point & 7
        return chr(row if row in SAME_FOURTH and vowel == 3 else row + vowel)
    if not regex.match(
        r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Devanagari}\p{Gurmukhi}]", low
    ):
        return low
    if low in "йїўѓќ":  # letters of their own, though Unicode takes them apart
        return low
    apart = unicodedata.normalize("NFKD", low)
    letters = [c for c in apart if not unicodedata.combining(c) and kind(c) == WORD]
    if not 1 <= len(letters) <= 2:
        return low
    found = "".join(SPELT.get(c.lower(), c.lower()) for c in letters)
    return found if len(found) <= 2 else low


def simplified_forms(path: Path) -> dict[str, str]:
    """Each traditional Chinese character to its simplified form, where that is another."""
    content = path.read_bytes()
    if path.suffix == ".bz2":
        content = bz2.decompress(content)
    found: dict[str, str] = {}
    for line in content.decode("utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) == 3 and fields[1] == "kSimplifiedVariant":
            one, *forms = (
                chr(int(form.removeprefix("U+"), base=16))
                for form in (fields[0], *fields[2].split())
            )
            found[one] = next((form for form in forms if form != one), one)
    return {one: found.get(other, other) for one, other in found.items()}


def twins() -> np.ndarray:
    """Letters that look alike: to Latin, to Cyrillic, to Greek; 0 for none."""
    found = np.zeros((3, TWINS), np.uint16)
    for row, pairs in enumerate(
        (FROM_CYRILLIC | FROM_GREEK | FROM_ARMENIAN, TO_CYRILLIC, TO_GREEK)
    ):
        for one, other in pairs.items():
            found[row, ord(one)] = ord(other)
    return found


def main() -> None:
    size = 0x110000
    simplified = simplified_forms(Path(sys.argv[1]))
    kinds, folds = np.zeros(size, np.uint16), np.arange(size, dtype=np.uint32)
    spellings = np.arange(size, dtype=np.uint32)
    for point in range(size):
        if 0xD800 <= point <= 0xDFFF:
            continue
        character = chr(point)
        flags = kind(character)
        if unicodedata.category(character) in ("Lu", "Lt"):
            flags |= UPPER
        if character in ENDS:
            flags |= SENTENCE_END
        if flags & CLASS_MASK not in (BREAK, IGNORE):
            own = script(character)
            flags |= own << SCRIPT_SHIFT
            folds[point] = ord(folded(character))
            letters = [ord(letter) for letter in spelt(character, simplified)]
            first, second = (*letters, 0, 0)[:2]
            spellings[point] = first | second << SECOND_SHIFT
            if own in (LATIN, CYRILLIC) and folded(character) not in "ıɑɡ":
                flags |= KEPT
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
    target = Path(__file__).parent.parent / "dedupe" / "data" / "characters"
    np.save(target / "kinds.npy", kinds)
    np.save(target / "twins.npy", twins())
    # Most code points read and are compared as they are: kept is what differs, up to the last.
    for name, table in (("folds", folds), ("spellings", spellings)):
        differences = (table.astype(np.int64) - np.arange(size)).astype(np.int32)
        np.save(target / f"{name}.npy", differences[: np.flatnonzero(differences)[-1] + 1])
    print(f"{target.name}: Unicode {unicodedata.unidata_version}")


if __name__ == "__main__":
    main()
