"""What comes in against what is stored: stored sketches read, terms weighed, candidates counted.

A stored sketch is a run of uint32 words: HEADER words, then its terms, then its edges (numbers,
log-odds and cosines, the last two float32 bit by bit); see ``dedupe.index.record``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedupe.kernels.tables import place_of
from dedupe.kernels.terms import LEAD, TITLE
from dedupe.kernels.text import NAME, NUMBER

HEADER = 10
"""Words before the terms: language, terms, edges, tokens, copy keys, content (2), date (2), and the
keys of telling terms."""
COUNT_BITS, MOST_COUNT = 6, 63
MARK_BITS = 4
MARKS = (NAME, NUMBER, TITLE, LEAD)


@njit(nogil=True, cache=True)
def packed_rows(headers, buckets, counts, flags, bounds):
    """Sketches without edges: words uint32, and where each begins int64 (n,).

    ``headers`` are uint32 (n, HEADER), the others the terms of n articles. A term is a word:
    bucket, marks and count, the last cut at MOST_COUNT.
    """
    n = headers.shape[0]
    words, first = np.empty(n * HEADER + buckets.size, np.uint32), np.empty(n, np.int64)
    at = 0
    for row in range(n):
        first[row] = at
        words[at : at + HEADER] = headers[row]
        at += HEADER
        for k in range(bounds[row], bounds[row + 1]):
            mark = np.uint32(0)
            for bit in range(MARK_BITS):
                if flags[k] & MARKS[bit]:
                    mark |= np.uint32(1 << bit)
            count = np.uint32(min(counts[k], MOST_COUNT))
            bucket = buckets[k] << np.uint32(COUNT_BITS + MARK_BITS)
            words[at] = bucket | (mark << COUNT_BITS) | count
            at += 1
    return words, first


@njit(nogil=True, cache=True)
def whole(data, bounds):
    """Whether stored sketches uint8, bounded by int64 (n + 1,), are as long as they say."""
    for row in range(bounds.size - 1):
        begin = bounds[row]
        size = bounds[row + 1] - begin
        if size < 4 * HEADER or size % 4 or begin % 4:
            return False
        said = HEADER
        for byte in range(4):
            said += np.int64(data[begin + 4 + byte]) << (8 * byte)
            said += 3 * np.int64(data[begin + 8 + byte]) << (8 * byte)
        if 4 * said != size:
            return False
    return True


@njit(nogil=True, cache=True)
def unpacked_terms(words, first):
    """Terms of sketches: buckets uint32, counts uint16, flags uint8 and bounds int64 (n + 1,).

    ``words`` uint32 are n sketches, one after the other, that begin at ``first`` int64 (n,).
    """
    bounds = np.zeros(first.size + 1, np.int64)
    for row in range(first.size):
        bounds[row + 1] = bounds[row] + words[first[row] + 1]
    buckets, counts = np.empty(bounds[-1], np.uint32), np.empty(bounds[-1], np.uint16)
    flags = np.empty(bounds[-1], np.uint8)
    of_mark = np.zeros(1 << MARK_BITS, np.uint8)
    for mark in range(1 << MARK_BITS):
        for bit in range(MARK_BITS):
            if mark >> bit & 1:
                of_mark[mark] |= np.uint8(MARKS[bit])
    for row in range(first.size):
        at = first[row] + HEADER
        for k in range(bounds[row], bounds[row + 1]):
            word = words[at]
            at += 1
            buckets[k] = word >> np.uint32(COUNT_BITS + MARK_BITS)
            counts[k] = word & np.uint32(MOST_COUNT)
            flags[k] = of_mark[(word >> np.uint32(COUNT_BITS)) & np.uint32((1 << MARK_BITS) - 1)]
    return buckets, counts, flags, bounds


@njit(nogil=True, cache=True)
def renumbered(buckets, places):
    """The distinct buckets int64 (w,) in the order they are met.

    ``places`` uint32 (all buckets,) then gives each one's place; what it held before is no matter.
    """
    distinct, count = np.empty(buckets.size, np.int64), 0
    for k in range(buckets.size):
        bucket = buckets[k]
        place = places[bucket]
        if place >= count or distinct[place] != bucket:
            places[bucket] = count
            distinct[count] = bucket
            count += 1
    return distinct[:count].copy()


@njit(nogil=True, cache=True)
def kinds_of(buckets, columns, flags, held, named, share):
    """NAME, NUMBER or 0 of each bucket uint8 (w,), as column_kinds by the tallies of all articles.

    ``columns`` and ``flags`` are the entries of the rows at hand.
    """
    kinds = np.zeros(buckets.size, np.uint8)
    for column in range(buckets.size):
        bucket = buckets[column]
        if named[bucket] >= max(1.0, share * held[bucket]):
            kinds[column] = NAME
    for k in range(columns.size):
        if flags[k] & NUMBER:
            kinds[columns[k]] = NUMBER
    return kinds


@njit(nogil=True, cache=True)
def weighed(columns, counts, bounds, spoken, idf, least):
    """TF-IDF rows of unit length: columns, values and bounds, without values under ``least``.

    (1 + ln count) * idf, brought to unit length before and after. ``counts`` float32 are used up;
    ``spoken`` int64 (n,) is each row's language, ``idf`` float32 (languages, width).
    """
    logs = np.empty(8 * MOST_COUNT, np.float32)  # counts are small, and raised by halves
    logs[0] = 0
    for k in range(1, logs.size):
        logs[k] = 1.0 + np.log(k / 2.0)
    kept, ends = np.empty(columns.size, np.uint32), np.zeros(bounds.size, np.int64)
    found = 0
    for row in range(bounds.size - 1):
        square, own = 0.0, idf[spoken[row]]
        for k in range(bounds[row], bounds[row + 1]):
            value = logs[np.int64(2 * counts[k])] * own[columns[k]]
            counts[k] = value
            square += value * value
        if square > 0:
            bound = least * np.sqrt(square)
            square, first = 0.0, found
            for k in range(bounds[row], bounds[row + 1]):
                value = counts[k]
                if value >= bound:
                    kept[found], counts[found] = columns[k], value
                    square += value * value
                    found += 1
            scale = np.float32(1.0 / np.sqrt(square)) if square > 0 else np.float32(0)
            for k in range(first, found):
                counts[k] *= scale
        ends[row + 1] = found
    return kept[:found], counts[:found], ends


@njit(nogil=True, cache=True)
def met(slots, weights, bounds, starts, numbers, lowest, dots, times, most, most_copies, holders):
    """The stored articles that share most with each row: pairs (row, number) int64 (m, 2), times.

    Row i asks for the keys ``slots`` int64 within ``bounds`` (n + 1,); ``weights`` float32 is what
    a key adds to the dot product, 0 for a key of the copy view. ``starts`` and ``numbers`` list who
    holds each key. ``dots`` float32 and ``times`` int32 are zeros, one for each number from
    ``lowest`` on, and are left so. ``most`` by dot product are kept and ``most_copies`` by keys of
    the copy view in common, of which the ``holders`` newest holders count; times (m,) is how many.
    """
    pairs, shared = np.empty((256, 2), np.int64), np.empty(256, np.int64)
    found = 0
    seen = np.empty(dots.size + 1, np.int64)
    for row in range(bounds.size - 1):
        count = 0
        for k in range(bounds[row], bounds[row + 1]):
            begin, end = starts[slots[k]], starts[slots[k] + 1]
            weight = weights[k]
            if weight == 0:
                begin = max(begin, end - holders)
            for at in range(begin, end):
                place = np.int64(numbers[at]) - lowest
                if dots[place] == 0 and times[place] == 0:
                    seen[count] = place
                    count += 1
                dots[place] += weight
                times[place] += weight == 0
        least, ties = np.float32(0), most
        if count > most:
            values = dots[seen[:count]]
            least = np.partition(values, count - most)[count - most]
            ties -= (values > least).sum()
        least_times, ties_times = 0, most_copies
        if count > most_copies:
            values_times = times[seen[:count]]
            least_times = np.partition(values_times, count - most_copies)[count - most_copies]
            ties_times -= (values_times > least_times).sum()
        if found + count > shared.size:
            size = 2 * (found + count)
            wider, longer = np.empty((size, 2), np.int64), np.empty(size, np.int64)
            wider[:found], longer[:found] = pairs[:found], shared[:found]
            pairs, shared = wider, longer
        for k in range(count):
            place = seen[k]
            wanted = dots[place] > least
            if dots[place] == least and least > 0 and ties > 0:
                wanted = True
                ties -= 1
            copy = times[place] > least_times
            if times[place] == least_times and least_times > 0 and ties_times > 0:
                copy = True
                ties_times -= 1
            if wanted or copy:
                pairs[found, 0], pairs[found, 1] = row, place + lowest
                shared[found] = times[place]
                found += 1
            dots[place] = 0
            times[place] = 0
    return pairs[:found].copy(), shared[:found].copy()


@njit(nogil=True, cache=True)
def edges_within(words, first, numbers):
    """Edges of sketches to others among them: places (m, 2) int32, log-odds and cosines float32.

    ``numbers`` int64 (n,) are those of the sketches, each once; below 1 where it has none yet.
    """
    slots = 4
    while slots < 2 * first.size:
        slots *= 2
    keys, rows = np.zeros(slots, np.uint32), np.empty(slots, np.int32)
    for row in range(first.size):
        if numbers[row] > 0:
            place = place_of(keys, np.uint32(numbers[row]))
            keys[place], rows[place] = numbers[row], row
    size = 0
    for row in range(first.size):
        size += words[first[row] + 2]
    pairs = np.empty((size, 2), np.int32)
    logits, cosines = np.empty(size, np.uint32), np.empty(size, np.uint32)
    count = 0
    for row in range(first.size):
        edges = np.int64(words[first[row] + 2])
        at = first[row] + HEADER + words[first[row] + 1]
        for k in range(edges):
            place = place_of(keys, words[at + k])
            if keys[place] != 0:
                pairs[count, 0], pairs[count, 1] = row, rows[place]
                logits[count] = words[at + edges + k]
                cosines[count] = words[at + 2 * edges + k]
                count += 1
    return pairs[:count].copy(), logits[:count].view(np.float32), cosines[:count].view(np.float32)
