"""Exact comparison of pairs: overlaps of sets, dot products of sparse rows."""

from __future__ import annotations

import numpy as np


def distinct_values(values, bounds, chosen):
    """The distinct values of the ``chosen`` bool (n,) rows, ascending in each: values, bounds."""
    rows = [
        np.unique(values[bounds[row] : bounds[row + 1]]) if chosen[row] else values[:0]
        for row in range(bounds.size - 1)
    ]
    ends = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return np.concatenate([np.empty(0, np.uint32), *rows]), ends


def texts_at_hand(shingles, starts, sets, set_bounds, stored, stored_bounds, wanted, rows):
    """The shingles of incoming and of stored texts: values uint32, starts, sets, their bounds.

    Incoming ones are ragged by ``starts`` int64 (n + 1,), their sets by ``set_bounds``. The
    ``stored`` ones are bytes, four a shingle, bounded by ``stored_bounds`` int64 (k + 1,): those of
    the rows ``wanted`` int32 (k,), which ascend. All others after the first n are empty.
    """
    values = stored.view("<u4").astype(np.uint32)
    stored_sets, bounds = distinct_values(values, stored_bounds >> 2, np.ones(wanted.size, bool))
    n, found = starts.size - 1, []
    for own, others in ((starts, stored_bounds >> 2), (set_bounds, bounds)):
        sizes = np.zeros(rows, np.int64)
        sizes[:n], sizes[wanted] = np.diff(own), np.diff(others)
        found.append(np.concatenate(([0], np.cumsum(sizes))).astype(np.int64))
    texts = np.concatenate((shingles, values))
    return texts, found[0], np.concatenate((sets, stored_sets)), found[1]


def overlaps(sets, bounds, pairs):
    """Jaccard, and containment in the smaller, of the sets of each pair: float64 (m,) each.

    Values ascend in each set. Two empty sets have nothing in common.
    """
    jaccard, containment = np.empty((2, pairs.shape[0]))
    for p in range(pairs.shape[0]):
        i, i_end = bounds[pairs[p, 0]], bounds[pairs[p, 0] + 1]
        j, j_end = bounds[pairs[p, 1]], bounds[pairs[p, 1] + 1]
        same = 0
        while i < i_end and j < j_end:
            a, b = sets[i], sets[j]
            same += a == b
            i += a <= b
            j += b <= a
        one = i_end - bounds[pairs[p, 0]]
        other = j_end - bounds[pairs[p, 1]]
        jaccard[p] = same / max(one + other - same, 1)
        containment[p] = same / max(min(one, other), 1)
    return jaccard, containment


def sampled_values(values, bounds, rows, keep, beside):
    """``value << 32 | row`` uint64 of the values uint32 that end in ``keep`` zero bits.

    The last ``beside`` of those are taken from the value after it; the last value of a row has none
    after it. Of the given rows int32; and how many each row of n gave: int64 (n,).
    """
    mask, after = np.uint32((1 << keep) - 1), np.uint32((1 << beside) - 1)
    size = 0
    for row in rows:
        size += bounds[row + 1] - bounds[row]
    found, counts = np.empty(size, np.uint64), np.zeros(bounds.size - 1, np.int64)
    count = 0
    for row in rows:
        for k in range(bounds[row], bounds[row + 1]):
            if values[k] & mask == 0:
                key = values[k]
                if k + 1 < bounds[row + 1]:
                    key |= values[k + 1] & after
                found[count] = (np.uint64(key) << np.uint64(32)) | np.uint64(row)
                counts[row] += 1
                count += 1
    return found[:count].copy(), counts


def entries_by_row(found, counts):
    """Places of the entries of each row, one row after the other, and where each row's begin.

    ``found`` as from sampled_values, sorted; ``counts`` int64 (n,).
    """
    starts = np.zeros(counts.size + 1, np.int64)
    for row in range(counts.size):
        starts[row + 1] = starts[row] + counts[row]
    places, at = np.empty(found.size, np.int32), starts[:-1].copy()
    for k in range(found.size):
        row = np.int64(found[k] & np.uint64(0xFFFFFFFF))
        places[at[row]] = k
        at[row] += 1
    return places, starts


def meetings(found, places, starts, counts, limit, share, few, first, stop):
    """Pairs of a row in ``first`` to ``stop`` and a later one that share sampled values.

    They must share at least ``share`` of the fewer of the two, or half of that and ``few``; a value
    of more than ``limit`` rows is passed over. int32 (m, 2).
    """
    low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
    times, met = np.zeros(counts.size, np.int32), np.empty(counts.size + 1, np.int32)
    pairs, count = np.empty((1024, 2), np.int32), 0
    for row in range(first, stop):
        seen = 0
        for at in range(starts[row], starts[row + 1]):
            k = places[at]
            value = found[k] >> high
            begin, end = k, k + 1
            while begin > 0 and k - begin <= limit and found[begin - 1] >> high == value:
                begin -= 1
            while end < found.size and end - begin <= limit and found[end] >> high == value:
                end += 1
            if end - begin > limit:
                continue
            for other in range(k + 1, end):
                partner = np.int32(found[other] & low)
                if partner > row:
                    met[seen] = partner
                    seen += times[partner] == 0
                    times[partner] += 1
        if count + seen > pairs.shape[0]:
            grown = np.empty((2 * (count + seen), 2), np.int32)
            grown[:count] = pairs[:count]
            pairs = grown
        for k in range(seen):
            partner = met[k]
            pairs[count, 0], pairs[count, 1] = row, partner
            wanted = share * min(counts[row], counts[partner])
            count += times[partner] >= wanted or (
                times[partner] >= few and 2 * times[partner] >= wanted
            )
            times[partner] = 0
    return pairs[:count].copy()
