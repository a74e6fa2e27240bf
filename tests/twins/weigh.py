"""Document frequencies in one hash table, and term counts to TF-IDF rows.

Keys uint32 are ``(language << TERM_BITS | bucket) + 1``, 0 where a place is free; a table has a
power of two of places and is searched from a key's own place on.
"""

from __future__ import annotations

import numpy as np

from twins.evidence import marked_rows
from twins.postings import place_of
from twins.terms import CODE, LEAD, TITLE
from twins.text import NAME, NUMBER

MOST_COUNT = 63
"""A term that an article holds more often counts no more than this: six bits store it."""


def put_counts(keys, held, background, logs, added, counts, values):
    """Adds ``counts`` int32 articles to the keys, with the background float32 of each.

    Returns how many of the keys are new.
    """
    new = 0
    for k in range(added.size):
        place = place_of(keys, added[k])
        new += keys[place] == 0
        keys[place], background[place] = added[k], values[k]
        held[place] += counts[k]
        logs[place] = np.log(np.float64(held[place]) + np.float64(background[place]))
    return new


def tally(keys, held, background, logs, first, least, buckets, flags, sign, anywhere, named):
    """Counts one article's terms in or out; returns how many keys are new.

    ``first`` is its language's part of the keys, ``least`` the background of an unlisted term;
    ``anywhere`` and ``named`` int32 (all buckets,) count it whatever its language.
    """
    new = 0
    for k in range(buckets.size):
        bucket = buckets[k]
        key = np.uint32(first + bucket + 1)
        place = place_of(keys, key)
        if keys[place] == 0:
            keys[place], background[place] = key, least
            new += 1
        held[place] += sign
        logs[place] = np.log(np.float64(held[place]) + np.float64(background[place]))
        anywhere[bucket] += sign
        if flags[k] & NAME:
            named[bucket] += sign
    return new


def held_by(buckets, flags, bounds, rows, scratch, named):
    """How many of the rows int64 hold each bucket: buckets int64 (w,), counts int32 (w,).

    ``scratch`` int32 (all buckets,) is zeros and is left so; ``named`` counts those that write the
    term as a name.
    """
    found, width = np.empty(buckets.size, np.int64), 0
    for row in rows:
        for k in range(bounds[row], bounds[row + 1]):
            bucket = buckets[k]
            # Without a branch: the place is written each time, and kept at the first meeting.
            found[width] = bucket
            width += scratch[bucket] == 0
            scratch[bucket] += 1
            named[bucket] += flags[k] & NAME != 0
    counts = np.empty(width, np.int32)
    for k in range(width):
        counts[k] = scratch[found[k]]
        scratch[found[k]] = 0
    return found[:width].copy(), counts


def blended(buckets, counted):
    """IDF float32 (languages, w) of buckets int64 (w,): -ln((df + n0 P) / (n + n0)), at least 0.

    ``counted`` are keys uint32, of each ln(df + n0 P) float32, that of what the table does not
    hold, and of each language int64 where its keys begin, and float64 ln(n + n0).
    """
    keys, logs, least, firsts, wholes = counted
    found = np.empty((firsts.size, buckets.size), np.float32)
    for language in range(firsts.size):
        for k in range(buckets.size):
            place = place_of(keys, np.uint32(firsts[language] + buckets[k] + 1))
            log = logs[place] if keys[place] != 0 else least
            found[language, k] = max(0.0, wholes[language] - log)
    return found


def numbered(buckets, flags, places):
    """Numbers each bucket as it is met: its column.

    Returns buckets int64 (w,), their kinds uint8 (w,): NUMBER where one of the entries is written
    as one, and the columns uint32 (m,) of the entries. ``places`` uint32 (all buckets,) is scratch:
    what it contains does not matter. It may be empty.
    """
    if not places.size:
        places = np.zeros(int(buckets.max(initial=0)) + 1, np.uint32)
    columns = np.empty(buckets.size, np.uint32)
    met, kinds = np.empty(buckets.size + 1, np.int64), np.zeros(buckets.size + 1, np.uint8)
    width = np.uint32(0)
    for k in range(buckets.size):
        bucket = buckets[k]
        # Without a branch, of which each third would be guessed wrong.
        column = min(places[bucket], width)
        met_first = (column == width) | (met[column] != bucket)
        column = width if met_first else column
        places[bucket], met[width] = column, bucket
        width += np.uint32(met_first)
        kinds[column] |= flags[k] & NUMBER
        columns[k] = column
    return met[:width].copy(), kinds[:width].copy(), columns


def summed(keys, times):
    """Sums of ``times`` int64 by ``keys`` int64 (m,): distinct keys, ascending; no sums of 0."""
    sums = {}
    for key, count in zip(keys.tolist(), times.tolist(), strict=True):
        sums[key] = sums.get(key, 0) + count
    held = np.array(sorted(item for item in sums.items() if item[1]), np.int64).reshape(-1, 2)
    return held[:, 0].copy(), held[:, 1].copy()


def name_kinds(buckets, kinds, anywhere, named, share):
    """Fills NAME into ``kinds`` uint8 (w,) of what is no number.

    ``anywhere`` and ``named`` int32 (all buckets,) are how many articles hold a bucket, and how
    many write it as a name: at least ``share`` of them must.
    """
    for column in range(buckets.size):
        bucket = buckets[column]
        if kinds[column] == 0 and named[bucket] >= max(1.0, share * anywhere[bucket]):
            kinds[column] = NAME


def unit_rows(columns, counts, flags, bounds, left_out, spoken, idf, raises, least):
    """TF-IDF rows of unit length: columns, values, marks, bounds; no values under ``least``.

    Marks uint8 are TITLE and LEAD, where the term stands there.

    (1 + ln count) * idf, brought to unit length before and after. A count is raised by ``raises``:
    where the term is written as a name, and where it stands in the title or the lead. ``left_out``
    bool (m,), or empty for none, are entries without a weight. ``spoken`` int64 (n,) is each row's
    language, ``idf`` float32 (languages, width).
    """
    logs = np.empty(8 * (MOST_COUNT + 1), np.float32)  # counts are small, and raised by halves
    logs[0] = 0
    for k in range(1, logs.size):
        logs[k] = 1.0 + np.log(k / 2.0)
    by_name, by_lead = np.int64(2 * raises[0]), np.int64(2 * raises[1])
    kept, ends = np.empty(columns.size, np.uint32), np.zeros(bounds.size, np.int64)
    values, marks = np.empty(columns.size, np.float32), np.empty(columns.size, np.uint8)
    found = 0
    for row in range(bounds.size - 1):
        square, own, first = 0.0, idf[spoken[row]], found
        for k in range(bounds[row], bounds[row + 1]):
            halves = 2 * np.int64(min(counts[k], MOST_COUNT))
            halves += by_name if flags[k] & NAME else 0
            halves += by_lead if flags[k] & (TITLE | LEAD) else 0
            value = logs[halves] * own[columns[k]]
            if left_out.size and left_out[k]:
                value = np.float32(0)
            kept[first + k - bounds[row]], values[first + k - bounds[row]] = columns[k], value
            leads = flags[k] & (TITLE | LEAD) != 0
            marks[first + k - bounds[row]] = flags[k] & (TITLE | LEAD | CODE) if leads else 0
            square += value * value
        if square > 0:
            bound, end = least * np.sqrt(square), first + bounds[row + 1] - bounds[row]
            square = 0.0
            for k in range(first, end):
                column, value, mark = kept[k], values[k], marks[k]
                kept[found], values[found], marks[found] = column, value, mark
                square += value * value if value >= bound else 0.0
                found += value >= bound
            scale = np.float32(1.0 / np.sqrt(square)) if square > 0 else np.float32(0)
            for k in range(first, found):
                values[k] *= scale
        ends[row + 1] = found
    return kept[:found], values[:found], marks[:found], ends


def weighed_rows(
    columns, counts, flags, bounds, left_out, spoken, buckets, kinds, idf, named, share, raises,
    least,
):  # fmt: skip
    """Numbered terms as TF-IDF rows: unit_rows, and marked_rows of their names and numbers.

    ``idf`` as blended gives it, ``named`` the two counts of name_kinds, which fills ``kinds``.
    """
    name_kinds(buckets, kinds, named[0], named[1], share)
    marked = marked_rows(columns, flags, bounds, left_out, kinds, spoken, idf)
    rows = unit_rows(columns, counts, flags, bounds, left_out, spoken, idf, raises, least)
    return rows, marked
