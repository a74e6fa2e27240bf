"""Tokens to hashed term counts; the language of a text."""

from __future__ import annotations

import numpy as np

from twins.text import GRAM_BASE, IDEOGRAPHIC, JOINED, NAME, NUMBER, SYLLABIC, TICKER, mix

TITLE, LEAD, CODE = 32, 64, 128
"""Flags of a term beside those of its tokens: it stands in the title, in the lead; a ticker."""
RADIX = 11


def pack_terms(stems, flags, first, end, bits, place, lead, packed, count):
    """Appends ``bucket << 8 | flags`` of the terms of one text to ``packed`` from ``count`` on.

    Words are terms, by their stems, and so are numbers with all that is joined to them; a run of
    joined characters gives pairs (ideographic) or threes (syllabic).
    The first ``lead`` terms get ``place | LEAD``, the others ``place``. Returns the new count.
    """
    shift = np.uint64(64 - bits)
    keep = np.uint64(NAME | NUMBER)
    start = count
    i = first
    while i < end:
        stop = i + 1
        if flags[i] & (IDEOGRAPHIC | SYLLABIC | NUMBER):
            while stop < end and flags[stop] & JOINED:
                stop += 1
        width = stop - i
        if flags[i] & (IDEOGRAPHIC | SYLLABIC):
            width = min(2 if flags[i] & IDEOGRAPHIC else 3, width)
        for j in range(i, stop - width + 1):
            value = stems[j]
            if width > 1 or flags[j] & (IDEOGRAPHIC | SYLLABIC):
                value = np.uint64(0)
                for k in range(j, j + width):
                    value = value * GRAM_BASE + stems[k]
                value = mix(value)
            mark = (np.uint64(flags[j]) & keep) | np.uint64(place)
            if flags[j] & TICKER:
                mark |= np.uint64(CODE)
            if count - start < lead:
                mark |= np.uint64(LEAD)
            packed[count] = ((value >> shift) << np.uint64(8)) | mark
            count += 1
        i = stop
    return count


def sort_terms(packed, spare, count, bits):
    """Sorts ``packed[:count]`` by bucket: radix, least digit first, ``RADIX`` bits a pass."""
    source, target = packed, spare
    shift = 8
    while shift < 8 + bits:
        places = np.zeros((1 << RADIX) + 1, np.int64)
        for i in range(count):
            places[
                ((source[i] >> np.uint64(shift)) & np.uint64((1 << RADIX) - 1)) + np.uint64(1)
            ] += 1
        for digit in range(1 << RADIX):
            places[digit + 1] += places[digit]
        for i in range(count):
            digit = (source[i] >> np.uint64(shift)) & np.uint64((1 << RADIX) - 1)
            target[places[digit]] = source[i]
            places[digit] += 1
        source, target = target, source
        shift += RADIX
    return source


def repeated(title, first, end, body, start, stop):
    """How many tokens of a text only repeat the title before it: all of the title's, or none."""
    if end - first > stop - start:
        return 0
    for k in range(end - first):
        if title[first + k] != body[start + k]:
            return 0
    return end - first


def count_terms(title, body, bits, lead):
    """Term counts of each article, sorted by bucket, one article after the other.

    ``title`` and ``body`` are (hashes uint64, stems uint64, flags uint8, bounds int64 (n + 1,));
    a body that begins with its title counts it once. Returns buckets uint32 (m,), counts uint16
    (m,), flags uint8 (m,): the union over a term's occurrences, and bounds int64 (n + 1,).
    """
    terms, _ = count_lines(title, title[3][1:], body, np.arange(body[3].size), bits, lead)
    return terms


def count_lines(title, cuts, body, firsts, bits, lead):
    """The same of articles whose ``body`` has bounds of lines, int64 (l + 1,).

    ``firsts`` int64 (n + 1,) are the first line of each, ``cuts`` int64 (n,) where the end of each
    title begins. Returns the terms as count_terms does, and of all occurrences in order: place
    among the terms of the article uint16, bounds int64 (n + 1,), and where each line ends among
    those of its article int64: its title, the end of the title, and all lines of the body.
    """
    title_hashes, title_stems, title_flags, title_bounds = title
    hashes, stems, flags, bounds = body
    n = firsts.size - 1
    most = title_hashes.size + hashes.size
    buckets, marks = np.empty(most, np.uint32), np.empty(most, np.uint8)
    counts, ends = np.empty(most, np.uint16), np.zeros(n + 1, np.int64)
    order, placed = np.empty(most, np.uint16), np.zeros(n + 1, np.int64)
    line_ends, line = np.empty(2 * n + bounds.size - 1, np.int64), 0
    longest = 0
    for row in range(n):
        size = bounds[firsts[row + 1]] - bounds[firsts[row]]
        longest = max(longest, size + title_bounds[row + 1] - title_bounds[row])
    packed, spare = np.empty(longest, np.uint64), np.empty(longest, np.uint64)
    low = np.uint64((1 << bits) - 1)
    total = 0
    for row in range(n):
        first, end = title_bounds[row], title_bounds[row + 1]
        start, stop = bounds[firsts[row]], bounds[firsts[row + 1]]
        start += repeated(title_hashes, first, end, hashes, start, stop)
        size = 0
        for part in ((first, cuts[row]), (cuts[row], end)):
            size = pack_terms(
                title_stems, title_flags, part[0], part[1], bits, TITLE, 0, packed, size,
            )  # fmt: skip
            line_ends[line] = size
            line += 1
        led = lead + size
        for at in range(firsts[row], firsts[row + 1]):
            size = pack_terms(
                stems, flags, max(start, bounds[at]), bounds[at + 1], bits, 0,
                led - size, packed, size,
            )  # fmt: skip
            line_ends[line] = size
            line += 1
        for k in range(size):  # the place rides above what is sorted by
            packed[k] |= np.uint64(k) << np.uint64(32)
        ordered = sort_terms(packed, spare, size, bits)
        base, i = placed[row], 0
        while i < size:
            bucket = (ordered[i] >> np.uint64(8)) & low
            mark, count = np.uint64(0), 0
            rank = np.uint16(min(total - ends[row], 65535))
            while i < size and (ordered[i] >> np.uint64(8)) & low == bucket:
                mark |= ordered[i]
                order[base + np.int64(ordered[i] >> np.uint64(32))] = rank
                count += 1
                i += 1
            buckets[total], marks[total] = bucket, np.uint8(mark & np.uint64(0xFF))
            counts[total] = min(count, 65535)
            total += 1
        ends[row + 1] = total
        placed[row + 1] = base + size
    terms = (buckets[:total].copy(), counts[:total].copy(), marks[:total].copy(), ends)
    return terms, (order[: placed[n]].copy(), placed, line_ends)


def vote(stems, bounds, words, masks, languages, most, least, found):
    """Fills ``found`` int16 (n,) with each text's language; -1 where too few words vote.

    ``words`` uint64 (w,), ascending, are hashes of common words' stems, ``masks`` uint64 (w,) the
    languages in which each is common: its vote is shared among them. The first ``most`` tokens
    vote, and a language needs ``least`` of them, as a share.
    """
    for row in range(bounds.size - 1):
        first, end = bounds[row], min(bounds[row + 1], bounds[row] + most)
        votes = np.zeros(languages)
        for i in range(first, end):
            at = np.searchsorted(words, stems[i])
            if at < words.size and words[at] == stems[i]:
                shared = 0
                for bit in range(languages):
                    shared += (masks[at] >> np.uint64(bit)) & np.uint64(1) != 0
                for bit in range(languages):
                    if (masks[at] >> np.uint64(bit)) & np.uint64(1) != 0:
                        votes[bit] += 1.0 / shared
        best = np.argmax(votes)
        found[row] = best if votes[best] > least * (end - first) else -1
