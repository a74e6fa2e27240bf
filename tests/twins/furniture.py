"""Terms that a group of articles has in common, and how alike those are that hold them.

Rows of terms are ``columns`` uint32 (m,), ragged by ``bounds`` int64 (n + 1,).
"""

from __future__ import annotations

import numpy as np


def common_terms(members, columns, bounds, held, least):
    """Columns int64 that at least ``least`` of the rows ``members`` hold, ascending; how many do.

    ``held`` int32 (width,) is zeros and is left so.
    """
    for row in members:
        for k in range(bounds[row], bounds[row + 1]):
            held[columns[k]] += 1
    found = np.flatnonzero(held >= least)
    counts = held[found].copy()
    held[:] = 0
    return found, counts


def mark_terms(members, columns, bounds, held, chosen, found):
    """Marks the entries of the ``chosen`` columns in the rows ``members``: ``found`` bool (m,)."""
    held[chosen] = 1
    for row in members:
        for k in range(bounds[row], bounds[row + 1]):
            found[k] |= held[columns[k]] != 0
    held[chosen] = 0


def cosines_among(rows, columns, bounds, spoken, idf, common):
    """Cosines of all pairs of k rows without the ``common`` columns and with them, and who holds.

    Each term weighs its ``idf`` float32 (languages, width) in the row's language. Two float32
    (k, k), 0 of a row with itself, and float32 (common, k), 1 where a row holds the column.
    """
    size = rows.size
    number = np.full(idf.shape[1], -1, np.int32)
    for at in range(common.size):
        number[common[at]] = at
    holds = np.zeros((common.size, size), np.float32)
    squares = np.zeros((2, size), np.float32)
    for i in range(size):
        own = idf[spoken[rows[i]]]
        for k in range(bounds[rows[i]], bounds[rows[i] + 1]):
            square = own[columns[k]] * own[columns[k]]
            squares[1, i] += square
            if number[columns[k]] < 0:
                squares[0, i] += square
            else:
                holds[number[columns[k]], i] = 1
    without, whole = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    spread = np.zeros(idf.shape[1], np.float32)
    for i in range(size):
        own = idf[spoken[rows[i]]]
        for k in range(bounds[rows[i]], bounds[rows[i] + 1]):
            spread[columns[k]] = own[columns[k]]
        for j in range(i):
            other, dot, rest = idf[spoken[rows[j]]], np.float32(0), np.float32(0)
            for k in range(bounds[rows[j]], bounds[rows[j] + 1]):
                column = columns[k]
                value = spread[column] * other[column]
                dot += value
                rest += value if number[column] < 0 else np.float32(0)
            if squares[0, i] > 0 and squares[0, j] > 0:
                without[i, j] = without[j, i] = rest / np.sqrt(squares[0, i] * squares[0, j])
            if squares[1, i] > 0 and squares[1, j] > 0:
                whole[i, j] = whole[j, i] = dot / np.sqrt(squares[1, i] * squares[1, j])
        for k in range(bounds[rows[i]], bounds[rows[i] + 1]):
            spread[columns[k]] = 0
    return without, whole, holds
