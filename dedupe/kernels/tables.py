"""Hash tables of uint32 keys, and document frequencies of many languages in one of them.

Keys uint32 are ``(language << TERM_BITS | bucket) + 1``, 0 where a place is free; a table has a
power of two of places and is searched from a key's own place on.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedupe.kernels.postings import slot_of
from dedupe.kernels.text import NAME


@njit(nogil=True, cache=True, inline="always")
def places_for(count):
    """How many places a table has that so many keys fill by half at most."""
    places = 4
    while places < 2 * count:
        places *= 2
    return places


@njit(nogil=True, cache=True, inline="always")
def place_of(keys, key):
    """Where a key is, or the free place that it would take."""
    place = slot_of(key, keys.size)
    while keys[place] != 0 and keys[place] != key:
        place = (place + 1) & (keys.size - 1)
    return place


@njit(nogil=True, cache=True)
def put(keys, held, background, logs, added, counts, values):
    """Puts keys in, with how many articles hold each int32 and its background float32.

    Returns how many of them are new.
    """
    new = 0
    for k in range(added.size):
        place = place_of(keys, added[k])
        new += keys[place] == 0
        keys[place], held[place], background[place] = added[k], counts[k], values[k]
        logs[place] = np.log(np.float64(held[place]) + np.float64(background[place]))
    return new


@njit(nogil=True, cache=True)
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


@njit(nogil=True, cache=True)
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
