"""Words to the hashes of their spellings and stems: what :mod:`dedupe.spelling` says, compiled.

A word is a run of bytes of a text in UTF-8. The table of characters is ``kinds`` uint16, ``folds``
and ``spellings`` uint32 by code point, and ``twins`` uint16 (3, TWINS).
"""

from __future__ import annotations

import numpy as np

BREAK, WORD, IDEOGRAM, IGNORE, CLASS_MASK = 0, 1, 2, 4, 7
KEPT, UPPER, SENTENCE_END, RECOMPOSE = 8, 16, 32, 64
SCRIPT_SHIFT = 7
LATIN, CYRILLIC, GREEK, ARMENIAN, ARABIC, ETHIOPIC, GEORGIAN = range(1, 8)
SECOND_SHIFT, FIRST_LETTER = np.uint32(21), np.uint32((1 << 21) - 1)
TWINS = 0x590
RULED = 1 << ARABIC | 1 << ETHIOPIC | 1 << GEORGIAN
MIXED = 1 << CYRILLIC | 1 << GREEK | 1 << ARMENIAN
CYRILLIC_STEM, GEORGIAN_STEM, ETHIOPIC_STEM, LEAST_STEM, STEMMED = 5, 5, 3, 3, 24
FNV_OFFSET, FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


def decode(data, i):
    """Code point at byte ``i`` of valid UTF-8, not ASCII, and the length of its form."""
    first = np.uint32(data[i])
    if first < 0xE0:
        return ((first & 0x1F) << 6) | (np.uint32(data[i + 1]) & 0x3F), 2
    if first < 0xF0:
        point = ((first & 0x0F) << 12) | ((np.uint32(data[i + 1]) & 0x3F) << 6)
        return point | (np.uint32(data[i + 2]) & 0x3F), 3
    point = ((first & 0x07) << 18) | ((np.uint32(data[i + 1]) & 0x3F) << 12)
    return point | ((np.uint32(data[i + 2]) & 0x3F) << 6) | (np.uint32(data[i + 3]) & 0x3F), 4


def target_script(data, start, end, kinds, twins):
    """The script in which a word that mixes Latin letters with look-alikes is read; 0: as it is.

    As :func:`dedupe.spelling.unmixed` says. ``start`` and ``end`` are the word's bytes.
    """
    scripts = 0
    i = start
    while i < end:
        point, width = (np.uint32(data[i]), 1) if data[i] < 0x80 else decode(data, i)
        scripts |= 1 << (kinds[point] >> SCRIPT_SHIFT)
        i += width
    other = GREEK if scripts & (1 << GREEK) else ARMENIAN
    other = CYRILLIC if scripts & (1 << CYRILLIC) else other
    if scripts & (1 << LATIN) == 0 or scripts & (1 << other) == 0:
        return 0
    own_latin, own_other, balance = other == ARMENIAN, False, 0
    i = start
    while i < end:
        point, width = (np.uint32(data[i]), 1) if data[i] < 0x80 else decode(data, i)
        script = kinds[point] >> SCRIPT_SHIFT
        if script == LATIN:
            own_latin = own_latin or point >= TWINS or twins[other - 1, point] == 0
            balance += 1
        elif script == other:
            own_other = own_other or point >= TWINS or twins[0, point] == 0
            balance -= 1
        i += width
    if own_latin:
        return LATIN
    return other if own_other or balance < 0 else LATIN


def after(folded):
    """The letter that is not spelt after this one, 0 for none, as dedupe.spelling.DOUBLED says."""
    if folded == 97 or folded == 111 or folded == 117:
        return np.uint32(101)
    return np.uint32(115) if folded == 115 else np.uint32(0)


ALEF, BEH, FEH, KAF, LAM, WAW = 0x627, 0x628, 0x641, 0x643, 0x644, 0x648
PREPOSITIONS = tuple(map(ord, "የበለከ"))


def packed_endings(endings):
    """Endings of two letters, each packed into one number."""
    return tuple(ord(end[0]) << 16 | ord(end[1]) for end in endings)


ARABIC_PAIRS = packed_endings(("ها", "ان", "ات", "ون", "ين", "يه"))
ARABIC_LETTERS = tuple(map(ord, "هيا"))
GEORGIAN_PAIRS = packed_endings(("ებ", "ის", "ით", "ად", "მა", "ზე", "ში"))
GEORGIAN_LETTERS = tuple(map(ord, "სიაეოუმ"))


def without_endings(letters, first, end, pairs, singles):
    """Where a word ends that begins at ``first``, without endings of two letters or of one."""
    while end - first > LEAST_STEM:
        last = letters[end - 1]
        if end - first > LEAST_STEM + 1 and (np.int64(letters[end - 2]) << 16 | last) in pairs:
            end -= 2
        elif last in singles:
            end -= 1
        else:
            break
    return end


def arabic_stem(letters, end):
    """Where the stem of a word of ``end`` letters begins and ends."""
    first = 1 if end >= 5 and letters[0] == WAW else 0
    size = end - first
    one, two = letters[first], letters[first + 1] if size > 1 else np.uint32(0)
    if (
        size >= 5
        and (one == BEH or one == KAF or one == FEH)
        and two == ALEF
        and letters[first + 2] == LAM
    ):
        first += 3
    elif size >= 4 and (one == ALEF or one == LAM) and two == LAM:
        first += 2
    return first, without_endings(letters, first, end, ARABIC_PAIRS, ARABIC_LETTERS)


def stem_of(letters, size, rule):
    """FNV value of the stem of a word in Arabic, Georgian or Ethiopic script."""
    first = 0
    if rule == ARABIC:
        first, size = arabic_stem(letters, size)
    elif rule == ETHIOPIC:
        first = 1 if size >= 4 and letters[0] in PREPOSITIONS else 0
        size = min(size, first + ETHIOPIC_STEM)
        for k in range(first, size):
            if 0x1200 <= letters[k] < 0x1380:
                letters[k] &= np.uint32(0xFFFFFFF8)
    else:
        size = min(
            without_endings(letters, 0, size, GEORGIAN_PAIRS, GEORGIAN_LETTERS), GEORGIAN_STEM
        )
    value = FNV_OFFSET
    for k in range(first, size):
        value = (value ^ np.uint64(letters[k])) * FNV_PRIME
    return value


def next_letter(value, left_out, folded, packed, kept, size):
    """One more letter of a word, after ``size`` letters of its stem.

    Returns the FNV value of the spelling, the letter that is not spelt next, and one or two letters
    of the stem, 0 for none.
    """
    first, second = packed & FIRST_LETTER, packed >> SECOND_SHIFT
    if first == 0 and size == 0:
        first = folded  # a word has a letter at least
    if folded == left_out:
        left_out = np.uint32(0)
    else:
        if first:
            value = (value ^ np.uint64(first)) * FNV_PRIME
        if second:
            value = (value ^ np.uint64(second)) * FNV_PRIME
        left_out = after(folded)
    if kept:
        first, second = folded, np.uint32(0)
    return value, left_out, first, second


def spell(data, start, end, kinds, folds, spellings, twins, letters):
    """FNV values of a word's spelling and of its stem; ``start`` and ``end`` are its bytes.

    As :func:`dedupe.spelling.spelling_of` and :func:`dedupe.spelling.stem` say. ``letters`` uint32
    (STEMMED + 1,) is scratch.
    """
    target = target_script(data, start, end, kinds, twins)
    value, stem, whole, left_out = FNV_OFFSET, FNV_OFFSET, FNV_OFFSET, np.uint32(0)
    size, rule = 0, -1
    i = start
    while i < end:
        point, width = (np.uint32(data[i]), 1) if data[i] < 0x80 else decode(data, i)
        i += width
        if kinds[point] & CLASS_MASK == IGNORE:
            continue
        if target != 0 and point < TWINS and kinds[point] >> SCRIPT_SHIFT != target:
            if twins[target - 1, point] != 0:
                point = np.uint32(twins[target - 1, point])
        script = kinds[point] >> SCRIPT_SHIFT
        if rule < 0:
            rule = script
        value, left_out, first, second = next_letter(
            value, left_out, folds[point], spellings[point], kinds[point] & KEPT != 0, size
        )
        for letter in (first, second):
            if letter:
                whole = (whole ^ np.uint64(letter)) * FNV_PRIME
                if size < STEMMED:
                    letters[size] = letter
                size += 1
        if size <= CYRILLIC_STEM or script != CYRILLIC:
            stem = whole
    if rule == ARABIC or rule == GEORGIAN or rule == ETHIOPIC:
        stem = stem_of(letters, min(size, STEMMED), rule)
    return value, stem
