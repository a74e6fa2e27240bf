"""Terms that a group of articles has in common, and how alike those are that hold them.

Rows of terms are ``columns`` uint32 (m,), ragged by ``bounds`` int64 (n + 1,).
"""

from __future__ import annotations

import numpy as np


def common_terms(members, columns, bounds, held, usual, share, ratio):
    """Columns int64 that at least ``share`` of the rows ``members`` hold, far more than is usual.

    ``usual`` float64 (width,) is at most ``ratio`` times their share. ``held`` int32 (width,) is
    zeros and is left so.
    """
    size = 0
    for row in members:
        size += bounds[row + 1] - bounds[row]
        for k in range(bounds[row], bounds[row + 1]):
            held[columns[k]] += 1
    found, count = np.empty(held.size + 1, np.int64), 0
    if size > held.size:
        for column in range(held.size):
            within = held[column] / members.size
            found[count] = column
            count += within >= share and usual[column] <= ratio * within
        held[:] = 0
        return found[:count].copy()
    for row in members:
        for k in range(bounds[row], bounds[row + 1]):
            column = columns[k]
            within = held[column] / members.size
            found[count] = column
            count += within >= share and usual[column] <= ratio * within
            held[column] = 0
    return np.sort(found[:count])


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
