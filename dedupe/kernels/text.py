"""Text to tokens, shingles and signatures: what :mod:`dedupe.text` says, compiled.

Texts come in Arrow's string layout: ``data`` uint8 (all texts joined, in UTF-8) and ``offsets``
int64 (n + 1,).
"""

from __future__ import annotations

import numpy as np
from numba import njit

BREAK, WORD, IDEOGRAM, IGNORE, CLASS_MASK = 0, 1, 2, 4, 7
KEPT, UPPER, SENTENCE_END, RECOMPOSE = 8, 16, 32, 64
SCRIPT_SHIFT = 7
LATIN, CYRILLIC, GREEK, ARMENIAN, ARABIC, ETHIOPIC, GEORGIAN = range(1, 8)
SECOND_SHIFT, FIRST_LETTER = np.uint32(21), np.uint32((1 << 21) - 1)
TWINS = 0x590
CYRILLIC_STEM, GEORGIAN_STEM, ETHIOPIC_STEM, STEMMED = 5, 4, 3, 24
NAME, IDEOGRAPHIC, SYLLABIC, JOINED, NUMBER = 1, 2, 4, 8, 16
ZERO, NINE, POINT, COMMA = np.uint32(48), np.uint32(57), np.uint32(46), np.uint32(44)
FNV_OFFSET, FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
SHINGLE_BASE = np.uint64(0x9E3779B97F4A7C15)
GRAM_BASE = np.uint64(0xC2B2AE3D27D4EB4F)
CONTENT_BASE = np.uint64(0x165667B19E3779F9)

S33, S32 = np.uint64(33), np.uint64(32)
M1, M2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)

ASCII_RUN = np.uint64(0x8080808080808080)


@njit(nogil=True, cache=True, inline="always")
def mix(value):
    value = (value ^ (value >> S33)) * M1
    value = (value ^ (value >> S33)) * M2
    return value ^ (value >> S33)


@njit(nogil=True, cache=True, inline="always")
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


@njit(nogil=True, cache=True)
def uncomposed(data, offsets, kinds):
    """Which texts may not be in composed form (NFC): bool (n,)."""
    n = offsets.size - 1
    found = np.zeros(n, np.bool_)
    for row in range(n):
        i, end = offsets[row], offsets[row + 1]
        seen = np.uint8(0)
        for k in range(i, end):  # without a branch, so that it runs on whole vectors
            seen |= data[k]
        while i < end and seen >= 0x80:
            if data[i] < 0x80:
                i += 1
                continue
            point, length = decode(data, i)
            i += length
            if kinds[point] & RECOMPOSE:
                found[row] = True
                break
    return found


@njit(nogil=True, cache=True)
def target_script(data, start, end, kinds, twins):
    """The script in which a word that mixes Latin letters with look-alikes is read; 0: as it is.

    As :func:`dedupe.text.unmixed` says. ``start`` and ``end`` are the word's bytes.
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
            own_latin |= point >= TWINS or twins[other - 1, point] == 0
            balance += 1
        elif script == other:
            own_other |= point >= TWINS or twins[0, point] == 0
            balance -= 1
        i += width
    if own_latin:
        return LATIN
    return other if own_other or balance < 0 else LATIN


@njit(nogil=True, cache=True, inline="always")
def after(folded):
    """The letter that is not spelt after this one, 0 for none; see :data:`dedupe.text.DOUBLED`."""
    if folded == 97 or folded == 111 or folded == 117:
        return np.uint32(101)
    return np.uint32(115) if folded == 115 else np.uint32(0)


@njit(nogil=True, cache=True)
def spell(data, start, end, kinds, folds, spellings, twins, letters):
    """FNV values of a word's spelling and of its stem; ``start`` and ``end`` are its bytes.

    As :func:`dedupe.text.spelling` and :func:`dedupe.text.stem` say. ``letters`` uint32
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
        folded, packed, script = folds[point], spellings[point], kinds[point] >> SCRIPT_SHIFT
        first, second = packed & FIRST_LETTER, packed >> SECOND_SHIFT
        if rule < 0:
            rule = script
        if folded == left_out:
            left_out = np.uint32(0)
        else:
            value = (value ^ np.uint64(first)) * FNV_PRIME
            if second:
                value = (value ^ np.uint64(second)) * FNV_PRIME
            left_out = after(folded)
        if kinds[point] & KEPT:
            first, second = folded, np.uint32(0)
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


@njit(nogil=True, cache=True)
def stem_of(letters, size, rule):
    """FNV value of the stem of a word in Arabic, Georgian or Ethiopic script."""
    first = 0
    if rule == ARABIC:
        first, size = arabic_stem(letters, size)
    elif rule == ETHIOPIC:
        if size >= 4 and (letters[0] == 0x12E8 or letters[0] == 0x1260 or letters[0] == 0x1208
                          or letters[0] == 0x12A8):  # fmt: skip
            first = 1
        size = min(size, first + ETHIOPIC_STEM)
        for k in range(first, size):
            if 0x1200 <= letters[k] < 0x1380:
                letters[k] &= np.uint32(0xFFFFFFF8)
    else:
        size = min(size, GEORGIAN_STEM)
    value = FNV_OFFSET
    for k in range(first, size):
        value = (value ^ np.uint64(letters[k])) * FNV_PRIME
    return value


ALEF, BEH, TEH, FEH, KAF, LAM = 0x627, 0x628, 0x62A, 0x641, 0x643, 0x644
NOON, HEH, WAW, YEH = 0x646, 0x647, 0x648, 0x64A


@njit(nogil=True, cache=True)
def arabic_stem(letters, end):
    """Where the stem of a word of ``end`` letters begins and ends, see dedupe.text.arabic_stem."""
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
    while end - first > 3:
        last, before = letters[end - 1], letters[end - 2]
        if end - first > 4 and (
            (last == ALEF and before == HEH)
            or (last == NOON and (before == ALEF or before == WAW or before == YEH))
            or (last == TEH and before == ALEF)
            or (last == HEH and before == YEH)
        ):
            end -= 2
        elif last == HEH or last == YEH or last == ALEF:
            end -= 1
        else:
            break
    return first, end


@njit(nogil=True, cache=True)
def tokenize(
    data, offsets, kinds, folds, spellings, twins, hashes, stems, flags, bounds
):  # fmt: skip
    """Token hashes (uint64) and flags (uint8) of each text, one after the other.

    ``hashes`` and ``flags`` must hold ``data.size`` entries, ``stems`` as many or none: it is
    filled with what the story view counts. ``bounds`` int64 (n + 1,) is filled with where each
    text's tokens begin. Returns the number of tokens.
    """
    count = 0
    bounds[0] = 0
    plain = np.zeros(256, np.uint32)  # what an ASCII letter or digit folds to, 0 for all else
    doubled = np.zeros(256, np.uint32)  # the letter that is not spelt after it
    for k in range(128):
        if kinds[k] & CLASS_MASK == WORD:
            plain[k] = folds[k]
            doubled[k] = after(folds[k])
    letters = np.zeros(STEMMED + 1, np.uint32)
    for row in range(offsets.size - 1):
        i, end = offsets[row], offsets[row + 1]
        value, stem, length, start, stop = FNV_OFFSET, FNV_OFFSET, 0, i, i
        left_out = np.uint32(0)
        ascii_only, capital, number, point_after, joined = True, False, False, False, False
        opening, previous = True, BREAK
        while i <= end:
            begin = i
            if i == end:
                point, entry, i = np.uint32(32), np.uint16(0), i + 1
            elif data[i] < 0x80:
                point = np.uint32(data[i])
                entry = kinds[point]
                i += 1
            else:
                point, width = decode(data, i)
                entry = kinds[point]
                i += width
            kind = entry & CLASS_MASK
            if kind == WORD:
                if length == 0:
                    capital = entry & UPPER != 0
                    number = ZERO <= folds[point] <= NINE
                    joined = number and point_after
                    start, ascii_only, left_out = begin, True, np.uint32(0)
                length += 1
                previous = kind
                if point < 0x80:
                    # Most words are ASCII to their end: no need to ask for each letter again.
                    i -= 1
                    length -= 1
                    while i < end:
                        byte = data[i]
                        letter = plain[byte]
                        if letter == 0:
                            break
                        stem = (stem ^ np.uint64(letter)) * FNV_PRIME
                        spelt = letter != left_out
                        value = (value ^ np.uint64(letter)) * FNV_PRIME if spelt else value
                        left_out = doubled[byte] if spelt else np.uint32(0)
                        length += 1
                        i += 1
                else:
                    ascii_only = False
                stop = i
                continue
            if kind == IGNORE:
                continue
            point_after = False
            if length:
                if not ascii_only:
                    value, stem = spell(
                        data, start, stop, kinds, folds, spellings, twins, letters
                    )
                hashes[count] = mix(value)
                if stems.size:
                    stems[count] = mix(stem)
                flags[count] = NAME if capital and not opening and length > 1 else 0
                if number:
                    flags[count] |= NUMBER | JOINED if joined else NUMBER
                    point_after = point == POINT or point == COMMA
                count += 1
                value, stem, length, opening = FNV_OFFSET, FNV_OFFSET, 0, False
            if kind != BREAK:
                hashes[count] = mix((FNV_OFFSET ^ np.uint64(spellings[point])) * FNV_PRIME)
                if stems.size:
                    stems[count] = hashes[count]
                mark = IDEOGRAPHIC if kind == IDEOGRAM else SYLLABIC
                flags[count] = mark | (JOINED if kind == previous else 0)
                count += 1
                opening = False
            elif entry & SENTENCE_END and not point_after:
                opening = True
            previous = kind
        bounds[row + 1] = count
    return count


@njit(nogil=True, cache=True)
def shingle(hashes, bounds, words, shingles, starts, contents):
    """32-bit shingle hashes of each text, one after the other, and a hash of its whole sequence.

    ``shingles`` uint32 holds at least as many entries as there are tokens; ``starts`` int64
    (n + 1,) and ``contents`` uint64 (n,) are filled. Returns the number of shingles.
    """
    leading = np.uint64(1)
    for _ in range(words - 1):
        leading *= SHINGLE_BASE
    count = 0
    starts[0] = 0
    for row in range(bounds.size - 1):
        first, end = bounds[row], bounds[row + 1]
        content = np.uint64(0)
        for i in range(first, end):
            content = content * CONTENT_BASE + hashes[i]
        contents[row] = mix(content)
        value = np.uint64(end - first) if end - first < words else np.uint64(0)
        for i in range(first, min(first + words, end)):
            value = value * SHINGLE_BASE + hashes[i]
        if end > first:
            shingles[count] = np.uint32(mix(value) >> S32)
            count += 1
        for i in range(first + words, end):
            value = (value - hashes[i - words] * leading) * SHINGLE_BASE + hashes[i]
            shingles[count] = np.uint32(mix(value) >> S32)
            count += 1
        starts[row + 1] = count
    return count


@njit(nogil=True, cache=True, inline="always")
def spread(value):
    """The finaliser of MurmurHash3, 32 bits: datasketch mixes each input with it (affine32)."""
    # Numba widens a product of uint32 to uint64: each step is cut back.
    value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@njit(nogil=True, cache=True)
def minhash(values, starts, multipliers, increments, signatures):
    """MinHash signatures, datasketch's ``affine32``: min over a * h + b modulo 2**32.

    ``values`` uint32, ``starts`` int64 (n + 1,), ``multipliers`` and ``increments`` uint32 (p,);
    fills ``signatures`` uint32 (n, p). An empty set keeps the largest value everywhere.
    """
    for row in range(starts.size - 1):
        signature = signatures[row]
        signature[:] = np.uint32(0xFFFFFFFF)
        for i in range(starts[row], starts[row + 1]):
            value = spread(values[i])
            for k in range(signature.size):
                permuted = np.uint32(multipliers[k] * value + increments[k])
                signature[k] = min(signature[k], permuted)


@njit(nogil=True, cache=True)
def place_rows(values, bounds, places, target):
    """Copies the rows of ragged ``values`` to where ``places`` int64 (n,) says, in ``target``."""
    for row in range(places.size):
        size = bounds[row + 1] - bounds[row]
        target[places[row] : places[row] + size] = values[bounds[row] : bounds[row + 1]]
