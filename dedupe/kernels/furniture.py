"""Which terms of an article are its outlet's furniture."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def furniture(columns, bounds, counted, order, starts, frequency, share, ratio):
    """The entries that are furniture: bool (m,).

    ``columns`` uint32 (m,) ragged by ``bounds``; rows int64 of each outlet are runs of ``order``
    bounded by ``starts``. A term is furniture of an outlet where at least ``share`` of its rows
    hold it, and ``ratio`` times that share is more than its share of all rows: ``frequency``
    float64 (width,). Only rows that ``counted`` bool (n,) says are counted.
    """
    found = np.zeros(columns.size, np.bool_)
    held = np.zeros(frequency.size, np.int32)
    for outlet in range(starts.size - 1):
        size = 0
        for at in range(starts[outlet], starts[outlet + 1]):
            size += counted[order[at]]
        for at in range(starts[outlet], starts[outlet + 1]):
            row = order[at]
            if counted[row]:
                for k in range(bounds[row], bounds[row + 1]):
                    held[columns[k]] += 1
        for at in range(starts[outlet], starts[outlet + 1]):
            row = order[at]
            for k in range(bounds[row], bounds[row + 1]):
                within = held[columns[k]] / size
                found[k] = within >= share and frequency[columns[k]] < ratio * within
        for at in range(starts[outlet], starts[outlet + 1]):
            row = order[at]
            for k in range(bounds[row], bounds[row + 1]):
                held[columns[k]] = 0
    return found
