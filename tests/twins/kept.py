"""Rows of bytes in a ring: the latest that were written are there, by their ids.

A ring is ``ring`` uint8 (size,), written round and round, and a hash table of it: ``keys`` uint64
are ids plus one, 0 where a place is free, and ``places`` int64 (slots, 2) where their row begins,
as a place that counts on and on, and its length. A row is there while it begins less than the
ring's size before what was written in all, ``end``.
"""

from __future__ import annotations

import numpy as np

from twins.postings import place_of


def spans_held(keys, places, size, end, ids, spans):
    """Fills ``spans`` int64 (k, 2) with where in the ring the rows of ``ids`` int64 (k,) lie.

    That is begin and end of each, -1 twice where one isn't there. Returns how much may be written
    before the first of them goes.
    """
    room = size
    for i in range(ids.size):
        slot = place_of(keys, np.uint64(ids[i] + 1))
        spans[i] = -1
        if keys[slot] != 0 and places[slot, 0] + size >= end:
            spans[i, 0] = places[slot, 0] % size
            spans[i, 1] = spans[i, 0] + places[slot, 1]
            room = min(room, places[slot, 0] + size - end)
    return room


def gathered(ring, spans, fetched, fetched_bounds):
    """The rows at ``spans`` one after the other: uint8, and bounds int64 (k + 1,).

    The next of those ``fetched`` for each that isn't in the ring.
    """
    bounds, used = np.zeros(spans.shape[0] + 1, np.int64), 0
    for i in range(spans.shape[0]):
        length = spans[i, 1] - spans[i, 0]
        if spans[i, 0] < 0:
            length = fetched_bounds[used + 1] - fetched_bounds[used]
            used += 1
        bounds[i + 1] = bounds[i] + length
    data, used = np.empty(bounds[-1], np.uint8), 0
    for i in range(spans.shape[0]):
        to, end = bounds[i], bounds[i + 1]
        if spans[i, 0] < 0:
            data[to:end] = fetched[fetched_bounds[used] : fetched_bounds[used + 1]]
            used += 1
        else:
            data[to:end] = ring[spans[i, 0] : spans[i, 1]]
    return data, bounds


def written_rows(keys, places, ring, end, ids, data, bounds):
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
