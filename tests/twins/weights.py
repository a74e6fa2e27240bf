"""Sparse weight rows: their heaviest terms, pairs that share some, cosines of pairs.

Rows are ragged arrays ``columns`` uint32 (m,) and ``weights`` float32 (m,), bounded by int64
(n + 1,), in the order of term buckets within a row.
"""

from __future__ import annotations

import numpy as np


def heaviest(columns, weights, bounds, chosen, most, kept, kept_weights, sizes):
    """The ``most`` heaviest terms of the chosen rows int32 (n,); of equal ones the first.

    Fills ``kept`` uint32 and ``kept_weights`` float32 (n, most), in order, and ``sizes`` int64
    (n,). Terms of no weight are passed over.
    """
    for at in range(chosen.size):
        start, end = bounds[chosen[at]], bounds[chosen[at] + 1]
        least = np.float32(0)
        if end - start > most:
            least = np.partition(weights[start:end], end - start - most)[end - start - most]
        above = 0
        for k in range(start, end):
            above += weights[k] > least
        equal, count = most - above, 0
        for k in range(start, end):
            take = weights[k] > least
            if not take and weights[k] == least and weights[k] > 0 and equal > 0:
                equal -= 1
                take = True
            if take and count < most:
                kept[at, count], kept_weights[at, count] = columns[k], weights[k]
                count += 1
        sizes[at] = count


def telling(columns, weights, bounds, buckets, n, most):
    """Buckets uint32 and weights float32 of the ``most`` heaviest terms of the first n rows.

    Ragged: (m,), bounds int64 (n + 1,). Rows are bounded by ``bounds``, ``buckets`` int64 (w,) are
    those of the columns; terms as of heaviest.
    """
    kept, values = np.zeros((n, most), np.uint32), np.zeros((n, most), np.float32)
    sizes, rows = np.zeros(n, np.int64), np.arange(n, dtype=np.int32)
    heaviest(columns, weights, bounds, rows, most, kept, values, sizes)
    chosen = np.arange(most) < sizes[:, None]
    ends = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return buckets[kept[chosen]].astype(np.uint32), values[chosen], ends


def postings(kept, kept_weights, sizes, width):
    """The inverted index over ``kept`` (n, most): rows int32 and weights float32, ragged by column.

    Rows ascend within a column; ``width`` is the number of columns.
    """
    starts = np.zeros(width + 1, np.int64)
    for row in range(sizes.size):
        for k in range(sizes[row]):
            starts[kept[row, k] + 1] += 1
    for column in range(width):
        starts[column + 1] += starts[column]
    rows, weights = np.empty(starts[width], np.int32), np.empty(starts[width], np.float32)
    places = starts[:width].copy()
    for row in range(sizes.size):
        for k in range(sizes[row]):
            at = places[kept[row, k]]
            rows[at], weights[at] = row, kept_weights[row, k]
            places[kept[row, k]] += 1
    return rows, weights, starts


def sharing(kept, kept_weights, sizes, rows, weights, starts, least, limit, first, stop):
    """Pairs of a row in ``first`` to ``stop`` and a later one: int32 (m, 2), and their products.

    Those whose heaviest terms alone have a dot product of at least ``least``, float32 (m,).

    A term that more than ``limit`` rows hold among their heaviest counts for none of them.
    """
    n = sizes.size
    dot = np.zeros(n, np.float32)
    found, products = [], []
    for row in range(first, stop):
        met = []
        for k in range(sizes[row]):
            column, weight = kept[row, k], kept_weights[row, k]
            start, end = starts[column], starts[column + 1]
            if end - start > limit:
                continue
            start += np.searchsorted(rows[start:end], row + 1)
            for at in range(start, end):
                other = rows[at]
                if dot[other] == 0:
                    met.append(other)
                dot[other] += weight * weights[at]
        near = [other for other in met if dot[other] >= least]
        found += [(row, other) for other in near]
        products += [dot[other] for other in near]
        dot[met] = 0
    return np.array(found, np.int32).reshape(-1, 2), np.array(products, np.float32)


def dots(kept, kept_weights, size, rows, weights, starts, n, row, least):
    """Dot products of at least ``least`` of one row's terms with those of all other rows."""
    dot = np.zeros(n, np.float32)
    for k in range(size):
        for at in range(starts[kept[k]], starts[kept[k] + 1]):
            dot[rows[at]] += kept_weights[k] * weights[at]
    dot[row] = 0
    return dot[dot >= least]


def cosines(columns, weights, bounds, width, pairs, found):
    """Fills ``found`` float32 (m,) with the dot products of pairs of rows.

    Runs of pairs with the same first row are cheapest: that row is spread out once.
    """
    spread = np.zeros(width, np.float32)
    current = -1
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        if a != current:
            if current >= 0:
                for k in range(bounds[current], bounds[current + 1]):
                    spread[columns[k]] = 0
            for k in range(bounds[a], bounds[a + 1]):
                spread[columns[k]] = weights[k]
            current = a
        total = np.float32(0)
        for k in range(bounds[b], bounds[b + 1]):
            total += weights[k] * spread[columns[k]]
        found[p] = min(total, np.float32(1))
