"""Lines of articles: which of them recur, and term counts without those.

Lines are ragged by int64 bounds (n + 1,): ``keys`` uint32 (l,), 0 for one without a token, and
``ends`` int64 (l,), where each ends among its article's occurrences of terms. The first line of an
article is its title, the second the end of its title. Occurrences are ragged, too: ``order``
uint16, the place of each among its article's terms.
"""

from __future__ import annotations

import numpy as np

from twins.postings import place_of, places_for
from twins.terms import LEAD, TITLE
from twins.text import CONTENT_BASE, S32, mix

TITLE_LINE, TAIL_LINE, BODY_LINE = 0, 1, 2
"""Places of an article's lines: its title, the end of the title, and the first of its text."""


SAME_HOLDERS = 64
"""Lines of the same articles that are looked at one by one."""


def line_keys(hashes, bounds, keys):
    """Fills ``keys`` uint32 (l,) with a hash of each line's tokens, 0 where it has none."""
    for line in range(bounds.size - 1):
        content = np.uint64(0)
        for i in range(bounds[line], bounds[line + 1]):
            content = content * CONTENT_BASE + hashes[i]
        keys[line] = 0
        if bounds[line + 1] > bounds[line]:
            keys[line] = max(np.uint32(1), np.uint32(mix(content) >> S32))


def numbered_lines(keys, ends, bounds, most):
    """A number for each distinct key: int32 (l,), and how many articles hold each: int64.

    -1 for a line without a key, and for one that is more than ``most`` of its article, as a share:
    that is no furniture of it, and says nothing of what is.
    """
    slots = np.zeros(places_for(keys.size), np.uint32)
    of_slot = np.empty(slots.size, np.int32)
    numbers = np.full(keys.size, -1, np.int32)
    last, held, count = np.full(keys.size, -1, np.int32), np.zeros(keys.size, np.int64), 0
    for row in range(bounds.size - 1):
        before, largest = 0, most * ends[bounds[row + 1] - 1]
        for line in range(bounds[row], bounds[row + 1]):
            size = ends[line] - before
            before = ends[line]
            if keys[line] == 0 or size > largest:
                continue
            slot = place_of(slots, keys[line])
            if slots[slot] == 0:
                slots[slot], of_slot[slot] = keys[line], count
                count += 1
            number = of_slot[slot]
            numbers[line] = number
            held[number] += last[number] != row
            last[number] = row
    return numbers, held[:count].copy()


def holders_of(numbers, bounds, held, most):
    """Articles that hold each line that more than one holds: int32, ragged by int64 (count + 1,).

    At most ``most``, spread over all that hold it. Also one line of each number, int64.
    """
    wanted = np.where(held > 1, np.minimum(held, most), 0)
    starts = np.zeros(wanted.size + 1, np.int64)
    for number in range(wanted.size):
        starts[number + 1] = starts[number] + wanted[number]
    rows, one = np.empty(starts[-1], np.int32), np.zeros(wanted.size, np.int64)
    met, filled = np.zeros(wanted.size, np.int64), np.zeros(wanted.size, np.int64)
    last = np.full(wanted.size, -1, np.int32)
    for row in range(bounds.size - 1):
        for line in range(bounds[row], bounds[row + 1]):
            number = numbers[line]
            if number < 0 or last[number] == row or filled[number] == wanted[number]:
                continue
            last[number] = row
            at = filled[number]
            if met[number] == at * held[number] // wanted[number]:
                rows[starts[number] + at], one[number] = row, line
                filled[number] += 1
            met[number] += 1
    return rows, starts, one


def mean_cosine(rows, buckets, bounds, weights, spread):
    """Mean cosine of the pairs among some rows, by ``weights`` float32 (all buckets,).

    ``spread`` float32 (all buckets,) is zeros, and is left so.
    """
    used, square = 0, 0.0
    for row in rows:
        own = 0.0
        for k in range(bounds[row], bounds[row + 1]):
            own += weights[buckets[k]] * weights[buckets[k]]
        if own == 0:
            continue
        used += 1
        scale = np.float32(1.0 / np.sqrt(own))
        for k in range(bounds[row], bounds[row + 1]):
            spread[buckets[k]] += weights[buckets[k]] * scale
    for row in rows:
        for k in range(bounds[row], bounds[row + 1]):
            square += spread[buckets[k]] * spread[buckets[k]]
            spread[buckets[k]] = 0
    return (square - used) / (used * (used - 1)) if used > 1 else 0.0


def unlike_lines(
    rows, starts, one, line_bounds, ends, order, order_bounds, buckets, bounds, weights, most
):  # fmt: skip
    """Which lines stand in articles that are no more alike than ``most`` without them: bool.

    ``rows``, ``starts`` and ``one`` as holders_of gives them. The terms of the line itself do not
    count. Of more than SAME_HOLDERS lines in the same articles the others are as the last one.
    """
    spread, found = np.zeros(weights.size, np.float32), np.zeros(starts.size - 1, np.bool_)
    before, times = -1, 0
    for number in range(starts.size - 1):
        if starts[number + 1] - starts[number] < 2:
            continue
        same = before >= 0 and np.array_equal(
            rows[starts[number] : starts[number + 1]], rows[starts[before] : starts[before + 1]]
        )
        times = times + 1 if same else 0
        if times > SAME_HOLDERS:
            found[number] = found[before]
            continue
        before = number
        line = one[number]
        row = np.searchsorted(line_bounds, line, "right") - 1
        first = order_bounds[row] + (ends[line - 1] if line > line_bounds[row] else 0)
        last = order_bounds[row] + ends[line]
        kept = np.empty(last - first, np.float32)
        for k in range(last - first):  # a term that stands twice in it is put back at its first
            bucket = buckets[bounds[row] + order[first + k]]
            kept[k], weights[bucket] = weights[bucket], 0
        group = rows[starts[number] : starts[number + 1]]
        found[number] = mean_cosine(group, buckets, bounds, weights, spread) <= most
        for k in range(last - first - 1, -1, -1):
            weights[buckets[bounds[row] + order[first + k]]] = kept[k]
    return found


def left_out_lines(numbers, bounds, known, recurs):
    """The lines that go: bool (l,). A title stays, and so does a line that repeats it.

    Those go that recur, ``recurs`` bool (l,), and two kinds even where no other article has them:
    those that are ``known`` bool (l,) by themselves, and what ends a title and is a line of the
    text as well, which is the name of the site. A line without a number stays.
    """
    found = np.zeros(numbers.size, np.bool_)
    for row in range(bounds.size - 1):
        own, tail = numbers[bounds[row]], numbers[bounds[row] + TAIL_LINE]
        named = False
        for line in range(bounds[row] + BODY_LINE, bounds[row + 1]):
            named |= tail >= 0 and numbers[line] == tail
        for line in range(bounds[row] + TAIL_LINE, bounds[row + 1]):
            number = numbers[line]
            if line == bounds[row] + TAIL_LINE and known[line]:
                found[line] = True
            elif number >= 0:
                goes = recurs[line] or (named and number == tail)
                found[line] = known[line] or (goes and number != own)
    return found


def without_lines(left_out, line_bounds, ends, order, order_bounds, counts, flags, bounds, lead):
    """Takes the lines ``left_out`` bool (l,) from ``counts`` uint16, marks title and lead anew.

    A lead is the first ``lead`` occurrences in lines of the text that stay. Changes ``counts``
    and ``flags`` of articles with such lines, no others.
    """
    for row in range(bounds.size - 1):
        if not left_out[line_bounds[row] : line_bounds[row + 1]].any():
            continue
        start = bounds[row]
        for k in range(start, bounds[row + 1]):
            flags[k] &= np.uint8(0xFF ^ (TITLE | LEAD))
        led, at = 0, order_bounds[row]
        for line in range(line_bounds[row], line_bounds[row + 1]):
            stop = order_bounds[row] + ends[line]
            for i in range(at, stop):
                k = start + order[i]
                if left_out[line]:
                    counts[k] -= counts[k] > 0
                elif line < line_bounds[row] + BODY_LINE:
                    flags[k] |= TITLE
                elif led < lead:
                    flags[k] |= LEAD
                    led += 1
            at = stop


def kept_terms(buckets, counts, flags, bounds):
    """Terms without those that are counted no more: buckets, counts, flags, bounds."""
    size = np.int64(0)
    for k in range(counts.size):
        size += counts[k] > 0
    kept, ends = np.empty(size, np.uint32), np.zeros_like(bounds)
    times, marks = np.empty(size, np.uint16), np.empty(size, np.uint8)
    at = 0
    for row in range(bounds.size - 1):
        for k in range(bounds[row], bounds[row + 1]):
            if counts[k] > 0:
                kept[at], times[at], marks[at] = buckets[k], counts[k], flags[k]
                at += 1
        ends[row + 1] = at
    return kept, times, marks, ends


def own_shingles(left_out, line_bounds, token_ends, shingles, starts, words):
    """Shingles that no token of a line ``left_out`` bool (l,) is in: values uint32, starts int64.

    ``token_ends`` int64 (l,) are where lines end among the tokens of their texts, whose shingles
    uint32 are ragged by ``starts`` int64 (n + 1,) and of so many ``words``. A text of which none
    would stay keeps all.
    """
    kept, ends = np.empty(0, np.uint32), np.zeros_like(starts)
    for filling in (False, True):  # counted first: shingles are the largest that there is
        count = 0
        for row in range(starts.size - 1):
            before, at, begin = count, 0, 0
            for line in range(line_bounds[row], line_bounds[row + 1]):
                stop = at if left_out[line] else token_ends[line]
                if left_out[line] or line + 1 == line_bounds[row + 1]:  # a run that stays ends
                    for i in range(begin, stop - words + 1):
                        if filling:
                            kept[count] = shingles[starts[row] + i]
                        count += 1
                    begin = token_ends[line]
                at = token_ends[line]
            if count == before:
                for i in range(starts[row], starts[row + 1]):
                    if filling:
                        kept[count] = shingles[i]
                    count += 1
            ends[row + 1] = count
        if not filling:
            kept = np.empty(count, np.uint32)
    return kept, ends


def shared_ends(shingles, starts, rows, others, bounds):
    """Whether the first or the last shingle of a text is among those of another: bool (k,).

    Texts uint32 are ragged by ``starts`` int64 (n + 1,), of which the ``rows`` int32 (k,) are
    looked at, each against one of the ``others`` uint32, in any order and ragged by ``bounds``
    int64 (k + 1,).
    """
    found = np.zeros(rows.size, np.bool_)
    for at, row in enumerate(rows):
        own = shingles[starts[row] : starts[row + 1]]
        found[at] = np.isin(
            own[[0, -1] if own.size else []], others[bounds[at] : bounds[at + 1]]
        ).any()
    return found


def outer_lines(shingles, others, token_ends, known, words):
    """Which lines of one text, from its head or its end on, stand in another text: bool (l,).

    Each of their tokens is in one of its ``shingles`` uint32 of so many ``words`` that is among the
    ``others``, ascending; or they are ``known`` bool (l,), which the other has no more.
    ``token_ends`` int64 (l,) as of Lines.
    """
    size = token_ends[-1]
    held = np.zeros(size, np.bool_)
    for i in range(size - words + 1):
        at = np.searchsorted(others, shingles[i])
        if at < others.size and others[at] == shingles[i]:
            held[i : i + words] = True
    found = np.zeros(token_ends.size, np.bool_)
    for step in (1, -1):
        line = BODY_LINE if step > 0 else token_ends.size - 1
        while BODY_LINE <= line < token_ends.size:
            if not (known[line] or held[token_ends[line - 1] : token_ends[line]].all()):
                break
            found[line] = not known[line]
            line += step
    return found
