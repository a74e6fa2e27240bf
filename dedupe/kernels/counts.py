"""Term counts made ready to be weighed, in one pass over them and without temporaries."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedupe.kernels.terms import LEAD, TITLE
from dedupe.kernels.text import NAME, NUMBER


@njit(nogil=True, cache=True)
def placed_counts(buckets, counts, flags, places, name, lead):
    """Columns uint32 and counts float32 (m,) of entries.

    ``places`` uint32 gives each bucket's column. A count is raised by ``name`` where the term is
    written as a name, and by ``lead`` where it stands in the title or the lead.
    """
    columns = np.empty(buckets.size, np.uint32)
    raised = np.empty(buckets.size, np.float32)
    for k in range(buckets.size):
        columns[k] = places[buckets[k]]
        value = np.float32(counts[k])
        if flags[k] & NAME:
            value += name
        if flags[k] & (TITLE | LEAD):
            value += lead
        raised[k] = value
    return columns, raised


@njit(nogil=True, cache=True)
def column_kinds(columns, flags, width, share):
    """NAME, NUMBER or 0 of each column, uint8 (width,).

    A number where it is one anywhere; a name where at least ``share`` of the articles that hold it
    write it as one.
    """
    held, named = np.zeros(width, np.int32), np.zeros(width, np.int32)
    kinds = np.zeros(width, np.uint8)
    for k in range(columns.size):
        held[columns[k]] += 1
        if flags[k] & NAME:
            named[columns[k]] += 1
        if flags[k] & NUMBER:
            kinds[columns[k]] = NUMBER
    for column in range(width):
        if kinds[column] == 0 and named[column] >= max(1.0, share * held[column]):
            kinds[column] = NAME
    return kinds


@njit(nogil=True, cache=True)
def frequencies(columns, width):
    """How many entries each column has: int64 (width,)."""
    found = np.zeros(width, np.int64)
    for k in range(columns.size):
        found[columns[k]] += 1
    return found
