"""Names and numbers that two articles share, by the weight of what they tell.

Marked rows are ragged arrays ``columns`` uint32, ``masses`` float32 (IDF) and ``flags`` uint8,
bounded by int64 (n + 1,), columns ascending.
"""

from __future__ import annotations

import numpy as np

from twins.terms import CODE, LEAD, TITLE
from twins.text import NAME, NUMBER

SMOOTHING = np.float32(5.0)
"""Added to each mass that is divided by: about the IDF of one middling term."""
TITLE_SMOOTHING = np.float32(3.0)
"""The same of titles, which are short."""
NAMES_USUAL = np.float32(0.4)
"""Share of names in common that speaks neither for one story nor against it."""


def marked_rows(columns, flags, bounds, left_out, kinds, spoken, idf):
    """The entries of rows whose column is a name or a number: columns, masses, flags, bounds.

    ``left_out`` bool (m,), or empty for none, are entries that count for nothing. ``kinds`` uint8
    (width,) are NAME, NUMBER or 0; ``spoken`` int64 (n,) is each row's language, ``idf`` float32
    (languages, width).
    """
    n = bounds.size - 1
    size = 0
    for k in range(columns.size):
        size += kinds[columns[k]] != 0
    kept, masses = np.empty(size + 1, np.uint32), np.empty(size + 1, np.float32)
    marks, ends = np.empty(size + 1, np.uint8), np.zeros(n + 1, np.int64)
    count = 0
    for row in range(n):
        for k in range(bounds[row], bounds[row + 1]):
            column = columns[k]
            # Without a branch: the place is written each time, and kept where it counts.
            kept[count] = column
            masses[count] = idf[spoken[row], column]
            marks[count] = kinds[column] | (flags[k] & (TITLE | LEAD))
            count += kinds[column] != 0 and not (left_out.size and left_out[k])
        ends[row + 1] = count
    return kept[:count], masses[:count], marks[:count], ends


def row_masses(masses, flags, bounds):
    """Mass of the names, numbers, leading names, leading numbers of each row: float32 (n, 4)."""
    found = np.zeros((bounds.size - 1, 4), np.float32)
    for row in range(bounds.size - 1):
        for k in range(bounds[row], bounds[row + 1]):
            kind = 1 if flags[k] & NUMBER else 0
            found[row, kind] += masses[k]
            if flags[k] & (TITLE | LEAD):
                found[row, 2 + kind] += masses[k]
    return found


def shared_evidence(columns, masses, flags, bounds, totals, width, pairs, found):
    """Fills ``found`` float32 (m, 4): how far names, numbers, leading names, leading numbers agree.

    Names: shared mass over the smaller of the two, less NAMES_USUAL. Numbers: shared mass over
    that of either. What leads: the larger share of one article's that stands anywhere in the
    other, less a half. 0 where one article has none (as of names, in scripts without capitals):
    no evidence. ``totals`` are the row_masses.
    """
    spread = np.zeros(width, np.float32)
    leads = np.zeros(width, np.bool_)
    one, other = np.zeros(2, np.float32), np.zeros(2, np.float32)
    both = np.zeros(2, np.float32)
    current = -1
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        if a != current:
            if current >= 0:
                for k in range(bounds[current], bounds[current + 1]):
                    spread[columns[k]] = 0
            for k in range(bounds[a], bounds[a + 1]):
                spread[columns[k]] = masses[k]
                leads[columns[k]] = flags[k] & (TITLE | LEAD) != 0
            current = a
        both[:] = 0
        one[:] = 0
        other[:] = 0
        for k in range(bounds[b], bounds[b + 1]):
            mass = spread[columns[k]]
            if mass > 0:
                kind = 1 if flags[k] & NUMBER else 0
                both[kind] += np.float32(0.5) * (mass + masses[k])
                if leads[columns[k]]:
                    one[kind] += mass
                if flags[k] & (TITLE | LEAD):
                    other[kind] += masses[k]
        found[p, 0] = 0
        if totals[a, 0] > 0 and totals[b, 0] > 0:
            smaller = min(totals[a, 0], totals[b, 0])
            found[p, 0] = both[0] / (smaller + SMOOTHING) - NAMES_USUAL
        found[p, 1] = both[1] / (totals[a, 1] + totals[b, 1] - both[1] + SMOOTHING)
        for kind in range(2):
            found[p, 2 + kind] = 0
            if totals[a, 2 + kind] > 0 and totals[b, 2 + kind] > 0:
                share = max(
                    one[kind] / (totals[a, 2 + kind] + SMOOTHING),
                    other[kind] / (totals[b, 2 + kind] + SMOOTHING),
                )
                found[p, 2 + kind] = share - np.float32(0.5)


def row_leads(columns, values, marks, bounds, kinds, idf, spoken):
    """What leads each row: float32 (n, 6).

    The highest IDF of a term of the title, of one of title or lead; the sum of those of the title;
    the length of the row without its names and numbers; the sum of the names of the title;
    how many tickers. ``values`` and ``marks`` as of unit_rows.
    """
    found = np.zeros((bounds.size - 1, 6), np.float32)
    for row in range(bounds.size - 1):
        own, square = idf[spoken[row]], np.float32(0)
        for k in range(bounds[row], bounds[row + 1]):
            mass = own[columns[k]]
            if marks[k] & TITLE:
                found[row, 0] = max(found[row, 0], mass)
                found[row, 2] += mass
                if kinds[columns[k]] == NAME:
                    found[row, 4] += mass
            if marks[k]:
                found[row, 1] = max(found[row, 1], mass)
                found[row, 5] += marks[k] & CODE != 0
            if kinds[columns[k]] == 0:
                square += values[k] * values[k]
        found[row, 3] = np.sqrt(square)
    return found


def leading_evidence(
    columns, values, marks, bounds, kinds, idf, spoken, leads, width, pairs, found
):
    """Fills ``found`` float32 (m, 7): what pairs of rows have in common of what leads them.

    Of the terms of both titles the IDF that stands in both, over the smaller sum; -1 where one has
    no title. Of each article the rarest term that leads it and that the other has, by its IDF over
    that of the rarest that leads it: the higher of the titles, where there are two, and of title
    and lead; and of the two articles the higher. The cosine of all that is neither name nor number.
    The share of the whole cosine that one term makes: 1 where they have one alone in common. Of
    what each article's rarest gave the lower. How far both titles are the same but for names: the
    share in common of all but the names that one alone has, times the share that these have of the
    names; 0 where one title has no name. Where tickers lead both: 1 if one leads both, -1 if none
    of either stands in the other, else 0. ``leads`` are the row_leads.
    """
    spread, own = np.zeros(width, np.float32), np.zeros(width, np.uint8)
    rarest = np.zeros(4, np.float32)  # in the title of each, in title and lead of each
    best = np.zeros(2, np.float32)  # of each
    current = -1
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        if a != current:
            if current >= 0:
                for k in range(bounds[current], bounds[current + 1]):
                    spread[columns[k]] = 0
            for k in range(bounds[a], bounds[a + 1]):
                spread[columns[k]] = values[k]
                own[columns[k]] = marks[k]
            current = a
        shared, rest = np.float32(0), np.float32(0)
        whole, most = np.float32(0), np.float32(0)
        rarest[:] = 0
        same = np.float32(0)
        code = coded = False
        for k in range(bounds[b], bounds[b + 1]):
            column = columns[k]
            value = spread[column]
            if value == 0:
                continue
            mass = np.float32(0.5) * (idf[spoken[a], column] + idf[spoken[b], column])
            one, other = own[column], marks[k]
            code |= (one | other) & CODE != 0
            coded |= one & other & CODE != 0
            if one & TITLE:
                rarest[0] = max(rarest[0], mass)
            if other & TITLE:
                rarest[1] = max(rarest[1], mass)
            if one:
                rarest[2] = max(rarest[2], mass)
            if other:
                rarest[3] = max(rarest[3], mass)
            whole += value * values[k]
            most = max(most, value * values[k])
            if one & other & TITLE:
                shared += mass
                if kinds[column] == NAME:
                    same += mass
            if kinds[column] == 0:
                rest += value * values[k]
        titles = leads[a, 2] > 0 and leads[b, 2] > 0
        found[p, 0] = np.float32(-1)
        if titles:
            found[p, 0] = shared / (min(leads[a, 2], leads[b, 2]) + TITLE_SMOOTHING)
        best[:] = 0
        for at in range(0 if titles else 2, 4):
            top = leads[a if at % 2 == 0 else b, at // 2]
            if top > 0:
                best[at % 2] = max(best[at % 2], rarest[at] / top)
        found[p, 1] = min(max(best[0], best[1]), np.float32(1))
        length = leads[a, 3] * leads[b, 3]
        found[p, 2] = rest / length if length > 0 else np.float32(0)
        found[p, 3] = most / whole if whole > 0 else np.float32(1)
        found[p, 4] = min(best[0], best[1], np.float32(1))
        found[p, 5] = 0
        if leads[a, 4] > 0 and leads[b, 4] > 0:
            apart = max(np.float32(0), max(leads[a, 4], leads[b, 4]) - same)
            words = max(leads[a, 2] - leads[a, 4], leads[b, 2] - leads[b, 4]) + same
            names = apart / max(leads[a, 4], leads[b, 4])
            found[p, 5] = shared / (words + TITLE_SMOOTHING) * names
        found[p, 6] = 0
        if leads[a, 5] > 0 and leads[b, 5] > 0:
            found[p, 6] = 1 if coded else code - 1
