"""Tokens to hashed term counts; the language of a text; terms that are an outlet's furniture."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedupe.kernels.text import GRAM_BASE, IDEOGRAPHIC, JOINED, NAME, NUMBER, SYLLABIC, mix

TITLE, LEAD = 32, 64
"""Flags of a term beside those of its tokens: it stands in the title, in the lead."""
RADIX = 11


@njit(nogil=True, cache=True)
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
            if count - start < lead:
                mark |= np.uint64(LEAD)
            packed[count] = ((value >> shift) << np.uint64(8)) | mark
            count += 1
        i = stop
    return count


@njit(nogil=True, cache=True)
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


@njit(nogil=True, cache=True)
def repeated(title, first, end, body, start, stop):
    """How many tokens of a text only repeat the title before it: all of the title's, or none."""
    if end - first > stop - start:
        return 0
    for k in range(end - first):
        if title[first + k] != body[start + k]:
            return 0
    return end - first


@njit(nogil=True, cache=True)
def count_terms(title, body, bits, lead):
    """Term counts of each article, sorted by bucket, one article after the other.

    ``title`` and ``body`` are (hashes uint64, stems uint64, flags uint8, bounds int64 (n + 1,));
    a body that begins with its title counts it once. Returns buckets uint32 (m,), counts uint16
    (m,), flags uint8 (m,): the union over a term's occurrences, and bounds int64 (n + 1,).
    """
    title_hashes, title_stems, title_flags, title_bounds = title
    hashes, stems, flags, bounds = body
    n = bounds.size - 1
    most = title_hashes.size + hashes.size
    buckets, marks = np.empty(most, np.uint32), np.empty(most, np.uint8)
    counts, ends = np.empty(most, np.uint16), np.zeros(n + 1, np.int64)
    longest = 0
    for row in range(n):
        size = bounds[row + 1] - bounds[row] + title_bounds[row + 1] - title_bounds[row]
        longest = max(longest, size)
    packed, spare = np.empty(longest, np.uint64), np.empty(longest, np.uint64)
    total = 0
    for row in range(n):
        first, end = title_bounds[row], title_bounds[row + 1]
        start, stop = bounds[row], bounds[row + 1]
        start += repeated(title_hashes, first, end, hashes, start, stop)
        size = pack_terms(title_stems, title_flags, first, end, bits, TITLE, 0, packed, 0)
        size = pack_terms(stems, flags, start, stop, bits, 0, lead, packed, size)
        ordered = sort_terms(packed, spare, size, bits)
        i = 0
        while i < size:
            bucket = ordered[i] >> np.uint64(8)
            mark, count = np.uint64(0), 0
            while i < size and ordered[i] >> np.uint64(8) == bucket:
                mark |= ordered[i]
                count += 1
                i += 1
            buckets[total], marks[total] = bucket, np.uint8(mark & np.uint64(0xFF))
            counts[total] = min(count, 65535)
            total += 1
        ends[row + 1] = total
    return buckets[:total].copy(), counts[:total].copy(), marks[:total].copy(), ends


@njit(nogil=True, cache=True)
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


@njit(nogil=True, cache=True)
def furniture(columns, bounds, counted, order, starts, frequency, share, ratio):
    """The entries that are furniture: bool (m,).

    ``columns`` uint32 (m,) ragged by ``bounds``; rows int64 of each outlet are runs of ``order``
    bounded by ``starts``. A term is furniture of an outlet where at least ``share`` of its rows
    hold it, and ``ratio`` times that share is more than its share of all rows: ``frequency``
    float64 (width,). Only rows that ``counted`` bool (n,) says are counted.
    """
    found = np.zeros(columns.size, np.bool_)
    held = np.zeros(frequency.size, np.int32)
    for outlet in range(starts.size - 1):
        size = 0
        for at in range(starts[outlet], starts[outlet + 1]):
            size += counted[order[at]]
        for at in range(starts[outlet], starts[outlet + 1]):
            row = order[at]
            if counted[row]:
                for k in range(bounds[row], bounds[row + 1]):
                    held[columns[k]] += 1
        for at in range(starts[outlet], starts[outlet + 1]):
            row = order[at]
            for k in range(bounds[row], bounds[row + 1]):
                within = held[columns[k]] / size
                found[k] = within >= share and frequency[columns[k]] < ratio * within
        for at in range(starts[outlet], starts[outlet + 1]):
            row = order[at]
            for k in range(bounds[row], bounds[row + 1]):
                held[columns[k]] = 0
    return found
