"""Two texts side by side: which of one's words stand in the other, and which telling terms don't.

Texts are shingles uint32 in the order of the text; terms are as ``dedupe.kernels.terms`` gives
them.
"""

from __future__ import annotations

import numpy as np

from twins.terms import LEAD, TITLE, pack_terms, repeated
from twins.text import NAME, NUMBER

HEAD = 16
"""Words that are the head of a text: about its first sentence."""
LONGEST_CHANGE, LONGEST_AT_EDGE = 12, 2
"""Words in one place that may have been replaced by others; where a text begins or ends, where
places and authors are named, only as many as took their place, and few."""
LONGEST_SLOT = 40
"""Words up to which a longer place counts as a slot of a template, where what stands there in the
other text is about as long: an eighth apart at most. Another sentence is longer or shorter."""
PASSAGE, EDGE = 20, 24
"""Words of both texts in a row that are a passage; how far from where a text begins or ends one
begins or ends it."""
TELLING, SUBJECT = NAME | NUMBER, TITLE | LEAD
WORDS, TERMS = 13, 14
"""Columns of what is found of a pair, see ``compared_words`` and ``compared_terms``."""


def marked(own, other, tokens, width, shared, covered):
    """Which shingles of ``own`` are in ``other``, ascending; which words those cover.

    Fills ``shared`` bool (shingles,) and ``covered`` bool (tokens,). A text shorter than ``width``
    is one shingle.
    """
    covered[:tokens] = False
    until = 0
    for k in range(own.size):
        at = np.searchsorted(other, own[k])
        shared[k] = at < other.size and other[at] == own[k]
        if shared[k]:
            end = min(tokens, k + width)
            for word in range(max(until, k), end):
                covered[word] = True
            until = end


def gaps(own, shared, tokens, width, found):
    """The places where a text differs: left and right neighbour, words. Returns how many.

    Fills ``found`` int64 (shingles + 1, 3). A neighbour is the shared shingle next to the place, -1
    where the text begins or ends; words are those that no shared shingle covers, below 0 where
    shared shingles overlap that do not in the other text.
    """
    count, k = 0, 0
    while k < own.size:
        if shared[k]:
            k += 1
            continue
        begin = k
        while k < own.size and not shared[k]:
            k += 1
        found[count, 0] = np.int64(own[begin - 1]) if begin else -1
        found[count, 1] = np.int64(own[k]) if k < own.size else -1
        start = begin + width - 1 if begin else 0
        found[count, 2] = (k if k < own.size else tokens) - start
        count += 1
    return count


def exchanged(one, other):
    """How many words of one text stand where the other has different ones, by their ``gaps``.

    And whether any are few enough to be a correction.
    """
    order = np.argsort(other[:, 0])
    left = other[order, 0]
    words, corrected = 0, False
    for gap in range(one.shape[0]):
        if one[gap, 2] < 1:
            continue
        at = np.searchsorted(left, one[gap, 0])
        slot = False
        while at < left.size and left[at] == one[gap, 0]:
            place = order[at]
            at += 1
            if other[place, 1] != one[gap, 1] or other[place, 2] < 1:
                continue
            longest = max(one[gap, 2], other[place, 2])
            apart = abs(one[gap, 2] - other[place, 2])
            slot |= longest <= LONGEST_CHANGE or (longest <= LONGEST_SLOT and 8 * apart <= longest)
            if one[gap, 0] >= 0 and one[gap, 1] >= 0:
                corrected |= longest <= LONGEST_CHANGE
            else:
                corrected |= apart == 0 and longest <= LONGEST_AT_EDGE
        words += one[gap, 2] * slot
    return words, corrected


def in_passages(covered, size):
    """Words in runs of covered ones of at least PASSAGE; of these the words of the first and last.

    Of those two only where they begin or end the text: at most EDGE words stand before or after.
    """
    total, first, last, begin = 0, 0, 0, -1
    for k in range(size + 1):
        if k < size and covered[k]:
            begin = k if begin < 0 else begin
            continue
        if begin >= 0 and k - begin >= PASSAGE:
            total += k - begin
            if begin <= EDGE and first == 0:
                first = k - begin
            if size - k <= EDGE:
                last = k - begin
        begin = -1
    return total, first, last


def _share(covered, size):
    count = 0
    for k in range(size):
        count += covered[k]
    return count / max(size, 1)


def _longest(covered, size):
    longest, run = 0, 0
    for k in range(size):
        run = 0 if covered[k] else run + 1
        longest = max(longest, run)
    return longest


def compared_words(shingles, starts, sets, set_bounds, tokens, width, pairs):
    """float64 (m, WORDS) of each pair, by the words of either side that stand in the other.

    0, 1: those, as a share of its own. 2, 3: the same of its head. 4, 5: its longest run of others.
    6, 7: all its words. 8: whether words were replaced in place. 9, 10: how many of its own stand
    in place of others. 11, 12: how many stand in passages that both have, but for one that begins
    or ends both.

    ``shingles`` are ragged by ``starts`` int64 (n + 1,), the same ascending in ``sets`` by
    ``set_bounds``; ``tokens`` int64 (n,).
    """
    found = np.empty((pairs.shape[0], WORDS))
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        one, other = shingles[starts[a] : starts[a + 1]], shingles[starts[b] : starts[b + 1]]
        size_a, size_b = tokens[a], tokens[b]
        in_b, in_a = np.empty(one.size, np.bool_), np.empty(other.size, np.bool_)
        held_a, held_b = np.empty(size_a, np.bool_), np.empty(size_b, np.bool_)
        marked(one, sets[set_bounds[b] : set_bounds[b + 1]], size_a, width, in_b, held_a)
        marked(other, sets[set_bounds[a] : set_bounds[a + 1]], size_b, width, in_a, held_b)
        gaps_a = np.empty((one.size + 1, 3), np.int64)
        gaps_b = np.empty((other.size + 1, 3), np.int64)
        count_a = gaps(one, in_b, size_a, width, gaps_a)
        count_b = gaps(other, in_a, size_b, width, gaps_b)
        found[p, 0], found[p, 1] = _share(held_a, size_a), _share(held_b, size_b)
        found[p, 2] = _share(held_a, min(HEAD, size_a))
        found[p, 3] = _share(held_b, min(HEAD, size_b))
        found[p, 4], found[p, 5] = _longest(held_a, size_a), _longest(held_b, size_b)
        found[p, 6], found[p, 7] = size_a, size_b
        found[p, 9], corrected = exchanged(gaps_a[:count_a], gaps_b[:count_b])
        found[p, 10], _ = exchanged(gaps_b[:count_b], gaps_a[:count_a])
        found[p, 8] = corrected
        total_a, first_a, last_a = in_passages(held_a, size_a)
        total_b, first_b, last_b = in_passages(held_b, size_b)
        begins, ends = first_a > 0 and first_b > 0, last_a > 0 and last_b > 0
        found[p, 11] = max(total_a - first_a * begins - last_a * ends, 0)
        found[p, 12] = max(total_b - first_b * begins - last_b * ends, 0)
    return found


def _telling(mark):
    """Whether a term is a name or number, or of title and lead both, as what an article is about.

    A name that opens a sentence is none that can be told by its capital.
    """
    return mark & TELLING != 0 or mark & SUBJECT == SUBJECT


def _own(mark, side, row):
    """Counts a term that the other text has nowhere; ``side`` 0 or 1."""
    row[1 + side] += _telling(mark)
    if mark & TITLE:
        row[5 + side] += 1
        row[7 + side] += _telling(mark)
        row[12 + side] += _telling(mark) and mark & LEAD != 0
    row[9 + side] += _in_text(mark)


def _in_text(mark):
    """Whether a term is a name or number and does not stand in the title alone."""
    return mark & TELLING != 0 and (mark & TITLE == 0 or mark & LEAD != 0)


def compared_terms(buckets, counts, flags, bounds, pairs):
    """int64 (m, TERMS) of each pair, by the terms that are a name, a number, in title or lead.

    Names and numbers are these, and what stands in title and lead both.
    0: names and numbers in both. 1, 2: those of either side that the other has nowhere. 3, 4: terms
    of its title. 5, 6: those that the other has nowhere. 7, 8: of these names and numbers. 9, 10:
    names and numbers, not of the title alone, that it has more often. 11: how many sides have no
    name. 12, 13: of 7 and 8 those that its text begins with, too.
    """
    keep = np.uint8(TELLING | TITLE | LEAD)
    found = np.zeros((pairs.shape[0], TERMS), np.int64)
    for p in range(pairs.shape[0]):
        row = found[p]
        i, i_end = bounds[pairs[p, 0]], bounds[pairs[p, 0] + 1]
        j, j_end = bounds[pairs[p, 1]], bounds[pairs[p, 1] + 1]
        names_a, names_b = 0, 0
        while i < i_end or j < j_end:
            if i < i_end and flags[i] & keep == 0:
                i += 1
                continue
            if j < j_end and flags[j] & keep == 0:
                j += 1
                continue
            one = i < i_end and (j == j_end or buckets[i] <= buckets[j])
            other = j < j_end and (i == i_end or buckets[j] <= buckets[i])
            if one:
                names_a += flags[i] & NAME
                row[3] += flags[i] & TITLE != 0
            if other:
                names_b += flags[j] & NAME
                row[4] += flags[j] & TITLE != 0
            if one and other:
                row[0] += _telling(flags[i]) or _telling(flags[j])
                row[9] += counts[i] > counts[j] and _in_text(flags[i])
                row[10] += counts[j] > counts[i] and _in_text(flags[j])
            elif one:
                _own(flags[i], 0, row)
            else:
                _own(flags[j], 1, row)
            i += one
            j += other
        row[11] = int(names_a == 0) + int(names_b == 0)
    return found


def more_often(buckets, counts, flags, bounds, row, other):
    """Buckets uint32 of names and numbers of one article's text that another has less often."""
    found, count = np.empty(bounds[row + 1] - bounds[row], np.uint32), 0
    j = bounds[other]
    for i in range(bounds[row], bounds[row + 1]):
        while j < bounds[other + 1] and buckets[j] < buckets[i]:
            j += 1
        held = j < bounds[other + 1] and buckets[j] == buckets[i]
        if _in_text(flags[i]) and not (held and counts[j] >= counts[i]):
            found[count] = buckets[i]
            count += 1
    return found[:count].copy()


def marked_terms(title, body, bits, lead):
    """The terms of each article that are a name, a number, in title or lead, sorted by bucket.

    Those of ``count_terms``, with the same flags: ``bucket << 8 | flags`` uint32 (m,) and bounds
    int64 (n + 1,). ``bits`` is 24 at most.
    """
    title_hashes, title_stems, title_flags, title_bounds = title
    hashes, stems, flags, bounds = body
    n, longest = bounds.size - 1, 0
    for row in range(n):
        size = bounds[row + 1] - bounds[row] + title_bounds[row + 1] - title_bounds[row]
        longest = max(longest, size)
    packed = np.empty(longest, np.uint64)
    found = np.empty(1024, np.uint32)
    ends, total = np.zeros(n + 1, np.int64), 0
    for row in range(n):
        first, end = title_bounds[row], title_bounds[row + 1]
        start, stop = bounds[row], bounds[row + 1]
        start += repeated(title_hashes, first, end, hashes, start, stop)
        size = pack_terms(title_stems, title_flags, first, end, bits, TITLE, 0, packed, 0)
        size = pack_terms(stems, flags, start, stop, bits, 0, lead, packed, size)
        kept = 0
        for k in range(size):
            packed[kept] = packed[k]
            kept += packed[k] & np.uint64(0xFF) != 0
        while total + kept > found.size:
            found = np.append(found, found)
        packed[:kept].sort()
        for k in range(kept):
            if k and packed[k] >> np.uint64(8) == packed[k - 1] >> np.uint64(8):
                found[total - 1] |= np.uint32(packed[k] & np.uint64(0xFF))
            else:
                found[total] = np.uint32(packed[k])
                total += 1
        ends[row + 1] = total
    return found[:total].copy(), ends
