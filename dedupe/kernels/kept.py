"""Rows of bytes in a ring: the latest that were written are there, by their ids.

A ring is ``ring`` uint8 (size,), written round and round, and a hash table of it: ``keys`` uint64
are ids plus one, 0 where a place is free, and ``places`` int64 (slots, 2) where their row begins,
as a place that counts on and on, and its length. A row is there while it begins less than the
ring's size before what was written in all, ``end``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedupe.kernels.tables import place_of


@njit(nogil=True, cache=True)
def lengths_held(keys, places, size, end, ids):
    """Length of each row of ``ids`` int64 (k,), -1 where it isn't there: int64 (k,)."""
    lengths = np.full(ids.size, -1, np.int64)
    for i in range(ids.size):
        slot = place_of(keys, np.uint64(ids[i] + 1))
        if keys[slot] != 0 and places[slot, 0] + size >= end:
            lengths[i] = places[slot, 1]
    return lengths


@njit(nogil=True, cache=True)
def gathered(keys, places, ring, ids, missing, fetched, fetched_bounds, bounds):
    """The rows of ``ids``, one after the other as ``bounds`` int64 (k + 1,) says: uint8.

    The next of those ``fetched`` where ``missing`` bool (k,) says so, the others from the ring.
    """
    data = np.empty(bounds[-1], np.uint8)
    used = 0
    for i in range(ids.size):
        to = bounds[i]
        length = bounds[i + 1] - to
        if missing[i]:
            begin = fetched_bounds[used]
            data[to : to + length] = fetched[begin : begin + length]
            used += 1
        else:
            begin = places[place_of(keys, np.uint64(ids[i] + 1)), 0] % ring.size
            data[to : to + length] = ring[begin : begin + length]
    return data


@njit(nogil=True, cache=True)
def written(keys, places, ring, end, ids, data, bounds):
    """Writes rows behind all others, the oldest of which go; returns the new end.

    The table must have room for them. A row that is longer than the ring is passed over.
    """
    for i in range(ids.size):
        length = bounds[i + 1] - bounds[i]
        if length > ring.size:
            continue
        if end % ring.size + length > ring.size:
            end += ring.size - end % ring.size
        begin = end % ring.size
        ring[begin : begin + length] = data[bounds[i] : bounds[i + 1]]
        key = np.uint64(ids[i] + 1)
        slot = place_of(keys, key)
        keys[slot] = key
        places[slot, 0], places[slot, 1] = end, length
        end += length
    return end


@njit(nogil=True, cache=True)
def swept(keys, places, size, end):
    """The same table without what is no longer there: keys, places and how many there are."""
    count = 0
    fresh, moved = np.zeros_like(keys), np.empty_like(places)
    for slot in range(keys.size):
        if keys[slot] != 0 and places[slot, 0] + size >= end:
            to = place_of(fresh, keys[slot])
            fresh[to] = keys[slot]
            moved[to, 0], moved[to, 1] = places[slot, 0], places[slot, 1]
            count += 1
    return fresh, moved, count
