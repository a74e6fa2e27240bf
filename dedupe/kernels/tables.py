"""Hash tables of uint32 keys, 0 where a place is free.

A table has a power of two of places and is searched from a key's own place on.
"""

from __future__ import annotations

from numba import njit

from dedupe.kernels.postings import slot_of


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
