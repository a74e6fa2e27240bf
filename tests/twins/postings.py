"""Which entries hold a key: sorted postings.

A posting is a key and the number of an entry that holds it: uint64, the key in the upper half,
so that sorted postings lie by key and, of one key, by number.
"""

from __future__ import annotations

import numpy as np

from twins.text import S32, mix

SPREAD = np.uint64(0x9E3779B97F4A7C15)


def slot_of(key, slots):
    """Slot of a key in a table of ``slots``, a power of two."""
    return np.int64(((np.uint64(key) * SPREAD) >> S32) & np.uint64(slots - 1))


def distinct(values):
    """Each of ``values`` (n,) once, ascending: as np.unique, which is slow on a few."""
    ordered = np.sort(values)
    count = 0
    for i in range(ordered.size):
        if i == 0 or ordered[i] != ordered[i - 1]:
            ordered[count] = ordered[i]
            count += 1
    return ordered[:count].copy()


def first_from(values, start, end, value):
    """Index of the first of sorted ``values[start:end]`` that is not below ``value``."""
    while start < end:
        middle = (start + end) >> 1
        if values[middle] < value:
            start = middle + 1
        else:
            end = middle
    return start


def posting_spans(fences, size, wanted, left, first, last):
    """In which blocks of a run the newest postings of each key in ``wanted`` uint32 (k,) lie.

    ``fences`` uint32 (b,) are the first keys of the blocks. A block between two of the same key is
    full, of ``size`` postings, so that a few before the one where a key ends hold the ``left``
    int64 (k,) that are wanted of it. Fills ``first`` and ``last`` int64 (k,), the last before the
    first where there is nothing; returns all blocks, int64.
    """
    total = 0
    for i in range(wanted.size):
        key = np.int64(wanted[i])
        last[i] = first_from(fences, 0, fences.size, key + 1) - 1
        start = first_from(fences, 0, fences.size, key) - 1
        first[i] = max(start, last[i] - (left[i] + size - 1) // size, 0)
        if left[i] == 0 or last[i] < 0:
            first[i], last[i] = 0, -1
        total += last[i] - first[i] + 1
    blocks = np.empty(total, np.int64)
    filled = 0
    for i in range(wanted.size):
        for block in range(first[i], last[i] + 1):
            blocks[filled] = block
            filled += 1
    return blocks


def newest_in_blocks(postings, spans, wanted, first, last, left, counts):
    """Of each key in ``wanted`` uint32 (k,) the newest numbers, at most ``left`` int64 (k,).

    Block b lies in ``postings`` from ``spans[b, 0]`` to before ``spans[b, 1]``, int64 (b, 2); a
    key's are ``first`` to ``last``, int64 (k,). Fills ``counts`` int64 (k,); returns uint32, key
    by key, newest first.
    """
    total = 0
    for i in range(wanted.size):
        size = 0
        for block in range(first[i], last[i] + 1):
            size += spans[block, 1] - spans[block, 0]
        total += min(left[i], size)
    numbers = np.empty(total, np.uint32)
    filled = 0
    for i in range(wanted.size):
        start = np.uint64(wanted[i]) << S32
        end = start + (np.uint64(1) << S32)
        counts[i] = 0
        for block in range(last[i], first[i] - 1, -1):
            low, high = spans[block, 0], spans[block, 1]
            low = first_from(postings, low, high, start)
            if wanted[i] < 0xFFFFFFFF:
                high = first_from(postings, low, high, end)
            low = max(low, high - left[i] + counts[i])
            for place in range(high - 1, low - 1, -1):
                numbers[filled] = np.uint32(postings[place])
                filled += 1
            counts[i] += high - low
    return numbers[:filled]


def oldest_first(counts, numbers, starts):
    """Turns what each source found into one list a key, ascending.

    ``counts`` int64 (sources, k), the newest source first; ``numbers`` uint32 source by source,
    key by key, newest first. Fills ``starts`` int64 (k + 1,); returns uint32.
    """
    sources, keys = counts.shape
    starts[0] = 0
    for i in range(keys):
        starts[i + 1] = starts[i]
        for source in range(sources):
            starts[i + 1] += counts[source, i]
    end = starts[1:].copy()
    turned = np.empty(numbers.size, np.uint32)
    read = 0
    for source in range(sources):
        for i in range(keys):
            for _ in range(counts[source, i]):
                end[i] -= 1
                turned[end[i]] = numbers[read]
                read += 1
    return turned


def merged_postings(older, newer, gone, base):
    """One sorted run of two, both uint64, without the numbers that are gone.

    ``gone`` uint8 holds a bit a number from ``base`` on, the lowest bit first; it may be empty.
    """
    out = np.empty(older.size + newer.size, np.uint64)
    i, j, count = 0, 0, 0
    while i < older.size or j < newer.size:
        if j == newer.size or (i < older.size and older[i] < newer[j]):
            posting = older[i]
            i += 1
        else:
            posting = newer[j]
            j += 1
        bit = np.int64(posting & np.uint64(0xFFFFFFFF)) - base
        if bit >= 0 and (bit >> 3) < gone.size and (gone[bit >> 3] >> (bit & 7)) & 1:
            continue
        out[count] = posting
        count += 1
    return out[:count].copy()


def key_sum(keys):
    """A sum over ``keys`` uint32 (k,) by which a lost or foreign key shows, in any order: int64."""
    total = np.uint64(0)
    for i in range(keys.size):
        total += mix(np.uint64(keys[i]) + SPREAD)
    return np.int64(total)


def add_sums(postings, numbers, counts, sums):
    """Counts the keys of each of ``numbers`` int64 (n,) in ``counts``, and adds them to ``sums``.

    Returns the numbers uint32 of the other ``postings`` uint64.
    """
    places = {int(number): at for at, number in enumerate(numbers)}
    strays = []
    for i in range(postings.size):
        number = int(postings[i] & np.uint64(0xFFFFFFFF))
        if number not in places:
            strays.append(number)
            continue
        counts[places[number]] += 1
        sums[places[number]] += np.int64(mix((postings[i] >> S32) + SPREAD))
    return np.array(strays, np.uint32)


def first_outside(rows, bounds):
    """The first of ``rows`` int64 (n, k) outside of ``bounds`` int64 (2, k); -1 where none is."""
    for row in range(rows.shape[0]):
        if (rows[row] < bounds[0]).any() or (rows[row] > bounds[1]).any():
            return row
    return -1


def places_for(count):
    """How many places a table has that so many keys fill by half at most."""
    places = 4
    while places < 2 * count:
        places *= 2
    return places


def place_of(keys, key):
    """Where a key is, or the free place that it would take."""
    place = slot_of(key, keys.size)
    while keys[place] != 0 and keys[place] != key:
        place = (place + 1) & (keys.size - 1)
    return place
