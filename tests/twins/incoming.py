"""What comes in against what is stored: stored sketches read, terms weighed, candidates counted.

A stored sketch is a run of uint32 words: HEADER words, then its terms, then its edges (numbers,
log-odds and cosines, the last two float32 bit by bit); see ``dedupe.index.record``.
"""

from __future__ import annotations

import numpy as np

from twins.postings import place_of, places_for
from twins.terms import CODE, LEAD, TITLE
from twins.text import NAME, NUMBER
from twins.weigh import MOST_COUNT, blended, numbered, weighed_rows

HEADER = 10
"""Words before the terms: language, terms, edges, tokens, copy keys, content (2), date (2), and the
keys of telling terms."""
COUNT_BITS = 6
"""Bits of a count, which is MOST_COUNT at most."""
MARK_BITS = 4
FIRST_DATE, LAST_DATE = -62_135_596_800_000_000, 253_402_300_799_999_999
UNDATED = 2**63 - 1
MOST_LOGIT, MOST_COSINE = 1e6, 1.001
MARKS = (NAME, NUMBER, TITLE, LEAD)
TICKER_MARKS = 0b11
"""No term is a name and a number but by chance: the marks of both are those of a ticker."""


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
            mark = np.uint32(TICKER_MARKS if flags[k] & CODE else 0)
            for bit in range(MARK_BITS):
                if flags[k] & MARKS[bit]:
                    mark |= np.uint32(1 << bit)
            count = np.uint32(min(counts[k], MOST_COUNT))
            bucket = buckets[k] << np.uint32(COUNT_BITS + MARK_BITS)
            words[at] = bucket | (mark << COUNT_BITS) | count
            at += 1
    return words, first


def first_broken(data, bounds):
    """The first of n stored sketches uint8, bounded by int64 (n + 1,), that is not as written."""
    for row in range(bounds.size - 1):
        begin, end = bounds[row], bounds[row + 1]
        size = end - begin
        if size < 4 * HEADER or size % 4 or begin % 4:
            return row
        words = data[begin:end].copy().view("<u4")
        count, edges = int(words[1]), int(words[2])
        if 4 * (HEADER + count + 3 * edges) != size:
            return row
        terms = words[HEADER : HEADER + count].astype(np.int64)
        buckets = terms >> (COUNT_BITS + MARK_BITS)
        _, logits, cosines = words[HEADER + count :].reshape(3, edges)
        date = words[7:9].view("<i8")[0]
        if not (
            (date == UNDATED or FIRST_DATE <= date <= LAST_DATE)
            and (data[begin : begin + 4] < 0x80).all()
            and (buckets[1:] > buckets[:-1]).all()
            and ((terms & MOST_COUNT) != 0).all()
            and (np.abs(logits.view("<f4")) <= MOST_LOGIT).all()
            and (cosines.view("<f4") >= 0).all()
            and (cosines.view("<f4") <= np.float32(MOST_COSINE)).all()
        ):
            return row
    return -1


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
        if mark & TICKER_MARKS == TICKER_MARKS:
            of_mark[mark] = of_mark[mark] & np.uint8(0xFF ^ NUMBER) | np.uint8(CODE)
    for row in range(first.size):
        at = first[row] + HEADER
        for k in range(bounds[row], bounds[row + 1]):
            word = words[at]
            at += 1
            buckets[k] = word >> np.uint32(COUNT_BITS + MARK_BITS)
            counts[k] = word & np.uint32(MOST_COUNT)
            flags[k] = of_mark[(word >> np.uint32(COUNT_BITS)) & np.uint32((1 << MARK_BITS) - 1)]
    return buckets, counts, flags, bounds


def weighed_words(words, first, codes, places, counted, named, share, raises, least):
    """Sketches as TF-IDF rows, in one call: several would cost one article more than their work.

    Returns weighed_rows of their terms with their IDF, buckets int64 and kinds uint8 (w,) of the
    columns, and the language of each row int64 (n,), as a place among the ``codes`` uint32 of
    languages. ``places`` as in numbered.
    """
    spoken = np.array([codes.tolist().index(words[at]) for at in first], np.int64)
    buckets, counts, flags, bounds = unpacked_terms(words, first)
    met, kinds, columns = numbered(buckets, flags, places)
    idf = blended(met, counted)
    rows, marked = weighed_rows(
        columns, counts, flags, bounds, np.empty(0, np.bool_), spoken, met, kinds, idf, named,
        share, raises, least,
    )  # fmt: skip
    return rows, marked, idf, met, kinds, spoken


def copy_keys(values, bounds, lowest, mask, most):
    """The values by which copies are found, of n sets uint32 ascending: keys, bounds int64.

    Of each set, ragged by ``bounds`` int64 (n + 1,), the ``lowest`` and those without a bit of
    ``mask``; ``most`` at most.
    """
    rows = []
    for row in range(bounds.size - 1):
        own = values[bounds[row] : bounds[row + 1]]
        chosen = (own & np.uint32(mask)) == 0
        chosen[:lowest] = True
        rows.append(own[chosen][:most])
    ends = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return np.concatenate([np.empty(0, np.uint32), *rows]), ends


def asked(copies, copy_bounds, telling, weights, bounds):
    """The keys by which others are sought near n articles: slots int64, distinct keys uint32,
    strengths float32, bounds int64.

    Of each article its keys of the copy view, ``copies`` by ``copy_bounds`` (n + 1,), of strength
    0, then the ``telling`` ones by ``bounds``, of the square of their weight: what a key adds to a
    dot product if it weighs as much on the other side. Slots are places among the distinct keys,
    which ascend; of one article they are as they come, each for itself.
    """
    parts, strengths = [np.empty(0, np.uint32)], [np.empty(0, np.float32)]
    for row in range(bounds.size - 1):
        own_copies = copies[copy_bounds[row] : copy_bounds[row + 1]]
        own = slice(bounds[row], bounds[row + 1])
        parts += [own_copies, telling[own]]
        strengths += [np.zeros(own_copies.size, np.float32), weights[own] ** 2]
    ends = copy_bounds - copy_bounds[0] + bounds - bounds[0]
    keys = np.concatenate(parts)
    if bounds.size == 2:  # no key twice, but for chance
        return np.arange(keys.size), keys, np.concatenate(strengths), ends
    unique, slots = np.unique(keys, return_inverse=True)
    return slots.astype(np.int64), unique, np.concatenate(strengths), ends


def _least(values, most, best):
    """The lowest of the ``most`` highest of values, and how many of it are among them.

    0 and all where there are no more. ``best`` (most,) is scratch of the same type.
    """
    held = 0
    for value in values:
        if held < most:
            at = held
            held += 1
        elif value > best[most - 1]:
            at = most - 1
        else:
            continue
        while at > 0 and best[at - 1] < value:
            best[at] = best[at - 1]
            at -= 1
        best[at] = value
    if values.size <= most:
        return values.dtype.type(0), most
    return best[most - 1], (best == best[most - 1]).sum()


def _count(slots, weights, starts, numbers, holders, table, seen, dots, times):
    """Counts who holds one row's keys; how many they are.

    ``table`` uint32 (room, 2), zeros, leads from a number to its place in the others, and is left
    so: room is a power of two above their size. Fills ``seen`` uint32, ``dots`` and ``times``.
    """
    keys, places = table[:, 0], table[:, 1]
    count = 0
    for k in range(slots.size):
        begin, end = starts[slots[k]], starts[slots[k] + 1]
        weight = weights[k]
        if weight == 0:
            begin = max(begin, end - holders)
        for at in range(begin, end):
            key = numbers[at] + np.uint32(1)
            slot = place_of(keys, key)
            if keys[slot] == 0:
                keys[slot], places[slot] = key, count
                seen[count], dots[count], times[count] = numbers[at], 0, 0
                count += 1
            place = places[slot]
            dots[place] += weight
            times[place] += weight == 0
    table[:] = 0
    return count


def met(slots, weights, bounds, starts, numbers, most, most_copies, holders):
    """The articles that share most with each row: pairs (row, number) int64 (m, 2), times.

    Row i asks for the keys ``slots`` int64 within ``bounds`` (n + 1,); ``weights`` float32 is what
    a key adds to the dot product, 0 for a key of the copy view. ``starts`` and ``numbers`` uint32
    list who holds each key. ``most`` int64 (n,) by dot product are kept and ``most_copies`` by keys
    of the copy view in common, of which the ``holders`` newest holders count; times (m,) is how
    many.
    Returns also what is asked of another at least: dot product float32 (n,), keys int32 (n,).
    """
    n = bounds.size - 1
    sizes = np.zeros(n, np.int64)
    for row in range(n):
        for k in range(bounds[row], bounds[row + 1]):
            sizes[row] += starts[slots[k] + 1] - starts[slots[k]]
    longest = sizes.max() if n else 0
    table = np.zeros((places_for(longest), 2), np.uint32)
    seen, dots = np.empty(longest, np.uint32), np.empty(longest, np.float32)
    times = np.empty(longest, np.int32)
    best = np.empty(most.max() if n else 0, np.float32)
    best_times, room_for = np.empty(most_copies, np.int32), most.sum() + n * most_copies
    pairs, shared, found = np.empty((room_for, 2), np.int64), np.empty(room_for, np.int64), 0
    least_dots, least_shared = np.zeros(n, np.float32), np.zeros(n, np.int32)
    for row in range(n):
        room = places_for(sizes[row])
        part = slice(bounds[row], bounds[row + 1])
        count = _count(
            slots[part], weights[part], starts, numbers, holders, table[:room], seen, dots, times
        )
        least, ties = _least(dots[:count], most[row], best[: most[row]])
        least_times, ties_times = _least(times[:count], most_copies, best_times)
        least_dots[row], least_shared[row] = least, least_times
        for k in range(count):
            wanted, copy = dots[k] > least, times[k] > least_times
            if dots[k] == least and least > 0 and ties > 0:
                wanted = True
                ties -= 1
            if times[k] == least_times and least_times > 0 and ties_times > 0:
                copy = True
                ties_times -= 1
            if wanted or copy:
                pairs[found, 0], pairs[found, 1], shared[found] = row, seen[k], times[k]
                found += 1
    return pairs[:found].copy(), shared[:found].copy(), least_dots, least_shared


def met_among(slots, weights, bounds, keys, most, most_copies, holders):
    """The same among n rows, each of which holds the keys that it asks for: pairs (m, 2), times.

    Pairs int64 are a row and, of an earlier one, -1 - row: those that either of the two found, in
    order. Times int64 are those of the pair that was found first. ``keys`` is how many keys are
    asked.
    """
    order = np.argsort(slots, kind="stable")
    rows = np.repeat(np.arange(bounds.size - 1), np.diff(bounds))[order].astype(np.uint32)
    starts = np.concatenate(([0], np.cumsum(np.bincount(slots, minlength=keys))))
    among, often, *_ = met(
        slots, weights, bounds, starts.astype(np.int64), rows, most, most_copies, holders
    )
    later_first = np.sort(among, axis=1)[:, ::-1]
    inner, first = np.unique(later_first, axis=0, return_index=True)
    apart = inner[:, 0] != inner[:, 1]
    inner[:, 1] = -1 - inner[:, 1]
    return inner[apart], often[first[apart]]


def placed(pairs, shared, numbers, n, moments, window):
    """Pairs of n incoming rows and numbers, as met gives them, by rows int32 (k, 2), in order.

    Also their ``shared`` int64. ``numbers`` int64 are those of the rows after these, ascending;
    pairs with one that is not among them are left out. A negative one, -1 - row, is an incoming
    row. So are those of a stored row that is more than ``window`` older by ``moments`` int64
    (rows,), where that is not negative.
    """
    row_of = {number: n + place for place, number in enumerate(numbers.tolist())}
    found = []
    for (row, number), times in zip(pairs.tolist(), shared.tolist(), strict=True):
        other = row_of.get(number) if number >= 0 else -1 - number
        if other is None:
            continue
        if other >= n and window >= 0 and moments[other] < moments[row] - window:
            continue
        found.append((row, other, times))
    table = np.array(sorted(found), np.int64).reshape(-1, 3)
    return table[:, :2].astype(np.int32), table[:, 2].copy()


def worth_comparing(pairs, shared, cosines, keys, share, least, template_cosine):
    """Places int64 of the ``pairs`` int32 (m, 2) of rows that are compared shingle by shingle.

    Those that have keys of the copy view in common, ``shared`` int64 (m,), and of these at least a
    ``share`` of the fewer of both, ``keys`` int64 (rows,), or a cosine float32 of at least
    ``least``; and those of at least ``template_cosine``.
    """
    fewer = np.minimum(keys[pairs[:, 0]], keys[pairs[:, 1]])
    near = (shared > 0) & ((shared >= share * fewer) | (cosines >= np.float32(least)))
    return np.flatnonzero(near | (cosines >= np.float32(template_cosine)))


def in_common(keys, slots, strengths, bounds, others, other_bounds):
    """What each of n rows has in common with each of k others: float32, int32 (n, k).

    Row i asks for ``keys`` uint32 at the ``slots`` within ``bounds`` (n + 1,), as in met. The keys
    of the others uint32 are ragged by ``other_bounds`` (k + 1,). Sums of ``strengths``, and how
    many keys of strength 0.
    """
    room = places_for(keys.size)
    table, places = np.zeros(room, np.uint32), np.zeros(room, np.int64)
    for at in range(keys.size):  # a key of 0, one in 2**32, is passed over
        if keys[at] != 0:
            place = place_of(table, keys[at])
            table[place], places[place] = keys[at], at
    n, k = bounds.size - 1, other_bounds.size - 1
    dots, shared = np.zeros((n, k), np.float32), np.zeros((n, k), np.int32)
    hit = np.full(keys.size, -1, np.int64)
    for other in range(k):
        for at in range(other_bounds[other], other_bounds[other + 1]):
            place = place_of(table, others[at])
            if table[place] != 0:
                hit[places[place]] = other
        for row in range(n):
            for at in range(bounds[row], bounds[row + 1]):
                if hit[slots[at]] == other:
                    dots[row, other] += strengths[at]
                    shared[row, other] += strengths[at] == 0
    return dots, shared


def edges_within(words, first, numbers):
    """Edges of sketches to others among them: places (m, 2) int32, log-odds and cosines float32.

    ``numbers`` int64 (n,) are those of the sketches, each once; below 1 where it has none yet.
    """
    slots = places_for(first.size)
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
