"""Text to tokens, shingles and signatures: what :mod:`dedupe.text` says, compiled.

Texts come in Arrow's string layout: ``data`` uint8 (all texts joined, in UTF-8) and ``offsets``
int64 (n + 1,).
"""

from __future__ import annotations

import numpy as np

from twins.spelling import (
    BREAK,
    CLASS_MASK,
    CYRILLIC,
    CYRILLIC_STEM,
    FNV_OFFSET,
    FNV_PRIME,
    IDEOGRAM,
    IGNORE,
    KEPT,
    LATIN,
    MIXED,
    RECOMPOSE,
    RULED,
    SCRIPT_SHIFT,
    SENTENCE_END,
    STEMMED,
    UPPER,
    WORD,
    after,
    decode,
    next_letter,
    spell,
)

NAME, IDEOGRAPHIC, SYLLABIC, JOINED, NUMBER, TICKER = 1, 2, 4, 8, 16, 32
MANY_CAPITALS, TO_ONE, LONG_WORD = 4, 3, 4
LONGEST_TICKER, LONGEST_EXCHANGE, LONGEST_MARKET = 6, 12, 2
NEWLINE = np.uint32(10)
ZERO, NINE, POINT, COMMA = np.uint32(48), np.uint32(57), np.uint32(46), np.uint32(44)
SHINGLE_BASE = np.uint64(0x9E3779B97F4A7C15)
GRAM_BASE = np.uint64(0xC2B2AE3D27D4EB4F)
CONTENT_BASE = np.uint64(0x165667B19E3779F9)

S33, S32 = np.uint64(33), np.uint64(32)
M1, M2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)

ASCII_RUN = np.uint64(0x8080808080808080)


def mix(value):
    value = (value ^ (value >> S33)) * M1
    value = (value ^ (value >> S33)) * M2
    return value ^ (value >> S33)


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


def is_capital(byte):
    return ord("A") <= byte <= ord("Z")


def is_ticker(data, first, start, stop, end):
    """Whether a word from ``start`` to ``stop`` of the text from ``first`` to ``end`` is a ticker.

    As a wire writes it: <IBM>, <IBM.N> or (NYSE: IBM).
    """
    if start == first or stop >= end:
        return False
    at = stop
    if data[start - 1] == ord("<"):
        if data[at] == ord("."):
            at += 1
            while at < end and at <= stop + LONGEST_MARKET and is_capital(data[at]):
                at += 1
        return at < end and data[at] == ord(">")
    if data[stop] != ord(")") or stop - start > LONGEST_TICKER or not is_capital(data[stop - 1]):
        return False
    at = start - 1
    if data[at] == ord(" ") and at > first:
        at -= 1
    if data[at] != ord(":"):
        return False
    exchange = at
    while at > first and exchange - at < LONGEST_EXCHANGE and is_capital(data[at - 1] & 0xDF):
        at -= 1
    return first < at < exchange and data[at - 1] == ord("(")


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
        value, stem, whole, length, size = FNV_OFFSET, FNV_OFFSET, FNV_OFFSET, 0, 0
        start, stop, scripts, left_out = i, i, 0, np.uint32(0)
        capital, number, point_after, joined = False, False, False, False
        opening, previous, script = True, BREAK, 0
        line, capitals, small, long = count, 0, 0, False
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
                    start, scripts, left_out = begin, 0, np.uint32(0)
                length += 1
                previous = kind
                if point < 0x80:
                    # Most words are ASCII to their end: no need to ask for each letter again.
                    i -= 1
                    length -= 1
                    size -= i
                    scripts |= 1 << LATIN
                    while i < end:
                        byte = data[i]
                        letter = plain[byte]
                        if letter == 0:
                            break
                        whole = (whole ^ np.uint64(letter)) * FNV_PRIME
                        spelt = letter != left_out
                        value = (value ^ np.uint64(letter)) * FNV_PRIME if spelt else value
                        left_out = doubled[byte] if spelt else np.uint32(0)
                        length += 1
                        i += 1
                    size += i
                    stem = whole
                else:
                    script = entry >> SCRIPT_SHIFT
                    scripts |= 1 << script
                    value, left_out, first, second = next_letter(
                        value, left_out, folds[point], spellings[point], entry & KEPT != 0, size
                    )
                    if first:
                        whole = (whole ^ np.uint64(first)) * FNV_PRIME
                        size += 1
                    if second:
                        whole = (whole ^ np.uint64(second)) * FNV_PRIME
                        size += 1
                    if size <= CYRILLIC_STEM or script != CYRILLIC:
                        stem = whole
                stop = i
                continue
            if kind == IGNORE:
                continue
            point_after = False
            if length:
                if scripts & RULED or (scripts & MIXED and scripts & (1 << LATIN)):
                    value, stem = spell(data, start, stop, kinds, folds, spellings, twins, letters)
                hashes[count] = mix(value)
                if stems.size:
                    stems[count] = mix(stem)
                flags[count] = NAME if capital and not opening and length > 1 else 0
                if capital:
                    capitals += 1
                    if is_ticker(data, offsets[row], start, begin, end):
                        flags[count] = NAME | TICKER
                elif not number:
                    small += 1
                    long |= length >= LONG_WORD
                if number:
                    flags[count] |= NUMBER | JOINED if joined else NUMBER
                    point_after = point == POINT or point == COMMA
                count += 1
                value, stem, whole, length, size = FNV_OFFSET, FNV_OFFSET, FNV_OFFSET, 0, 0
                opening = False
            if kind != BREAK:
                hashes[count] = mix((FNV_OFFSET ^ np.uint64(spellings[point])) * FNV_PRIME)
                if stems.size:
                    stems[count] = hashes[count]
                mark = IDEOGRAPHIC if kind == IDEOGRAM else SYLLABIC
                together = kind == previous and script == entry >> SCRIPT_SHIFT
                flags[count] = mark | (JOINED if together else 0)
                count += 1
                opening = False
            elif entry & SENTENCE_END and not point_after:
                opening = True
            previous, script = kind, entry >> SCRIPT_SHIFT
            if point == NEWLINE or begin == end:
                if capitals >= max(MANY_CAPITALS, TO_ONE * small) and not long:
                    for k in range(line, count):
                        flags[k] &= 0xFF if flags[k] & TICKER else 0xFF ^ NAME
                line, capitals, small, long = count, 0, 0, False
        bounds[row + 1] = count
    return count


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


def spread(value):
    """The finaliser of MurmurHash3, 32 bits: datasketch mixes each input with it (affine32)."""
    # Numba widens a product of uint32 to uint64: each step is cut back.
    value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


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


def place_rows(values, bounds, places, target):
    """Copies the rows of ragged ``values`` to where ``places`` int64 (n,) says, in ``target``."""
    for row in range(places.size):
        size = bounds[row + 1] - bounds[row]
        target[places[row] : places[row] + size] = values[bounds[row] : bounds[row + 1]]
