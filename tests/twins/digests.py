"""Articles among whose neighbours three are told in different parts of it, and not to each other.

Neighbours are rows as of ``tree.adjacency``: int32, with chances float64, ragged by ``bounds``.
"""

from __future__ import annotations

import numpy as np


def likeliest(neighbours, chances, bounds, row, near, most, alike, times):
    """A row's neighbours with a chance of ``near`` or more, the ``most`` likeliest, in order.

    One that ``alike`` of those before it are neighbours of is passed over, or a story that is told
    often would hide the others. ``times`` int32 (n,) is scratch, all 0, and left so.
    """
    first, last = bounds[row], bounds[row + 1]
    order = np.argsort(-chances[first:last], kind="mergesort")
    found = np.empty(most, np.int32)
    count = 0
    for k in order:
        other = neighbours[first + k]
        if count == most or chances[first + k] < near:
            break
        if times[other] < alike:
            found[count] = other
            count += 1
            for j in range(bounds[other], bounds[other + 1]):
                times[neighbours[j]] += 1
    for k in range(count):
        for j in range(bounds[found[k]], bounds[found[k] + 1]):
            times[neighbours[j]] = 0
    return found[:count]


def linked_among(neighbours, bounds, chosen, places):
    """Which of the ``chosen`` rows are neighbours of each other: bool (k, k), each of itself.

    ``places`` int32 (n,) is scratch, all -1, and left so.
    """
    linked = np.eye(chosen.size) > 0
    for a in range(chosen.size):
        places[chosen[a]] = a
    for a in range(chosen.size):
        for k in range(bounds[chosen[a]], bounds[chosen[a] + 1]):
            if places[neighbours[k]] >= 0:
                linked[a, places[neighbours[k]]] = linked[places[neighbours[k]], a] = True
    for a in range(chosen.size):
        places[chosen[a]] = -1
    return linked


def three_apart(linked, new):
    """Whether of three, one of them ``new`` bool (k,), no two are ``linked`` bool (k, k)."""
    k = linked.shape[0]
    for a in range(k):
        for b in range(a + 1, k):
            if linked[a, b]:
                continue
            for c in range(b + 1, k):
                told = new[a] or new[b] or new[c]
                if told and not linked[a, c] and not linked[b, c]:
                    return True
    return False


def suspected(neighbours, chances, bounds, near, most, alike, new):
    """Rows that have three neighbours of ``near`` or more without a link: bool (n,).

    Of rows from ``new`` on those alone of which one of the three is before it.
    """
    n = bounds.size - 1
    found, places, times = np.zeros(n, np.bool_), np.full(n, -1, np.int32), np.zeros(n, np.int32)
    for row in range(n):
        if bounds[row + 1] - bounds[row] < 3:
            continue
        chosen = likeliest(neighbours, chances, bounds, row, near, most, alike, times)
        if chosen.size >= 3:
            linked = linked_among(neighbours, bounds, chosen, places)
            found[row] = three_apart(linked, (chosen < new) | (row < new))
    return found


def looked_at(neighbours, chances, bounds, near, most, alike, rows):
    """Which of n rows ``confirmed`` looks at for these ``rows`` int64 (s,): bool (n,)."""
    n = bounds.size - 1
    found, times = np.zeros(n, np.bool_), np.zeros(n, np.int32)
    found[rows] = True
    for row in rows:
        found[likeliest(neighbours, chances, bounds, row, near, most, alike, times)] = True
    return found


def shared_parts(columns, values, ends, row, chosen, spread):
    """What each ``chosen`` row adds to its cosine with ``row``, by the terms of that: (k, terms).

    TF-IDF rows as in Weights, ragged by ``ends``. ``spread`` int32 (width,) is scratch, all -1, and
    left so.
    """
    first, last = ends[row], ends[row + 1]
    for k in range(first, last):
        spread[columns[k]] = k - first
    parts = np.zeros((chosen.size, last - first), np.float32)
    for a in range(chosen.size):
        for k in range(ends[chosen[a]], ends[chosen[a] + 1]):
            at = spread[columns[k]]
            if at >= 0:
                parts[a, at] = values[first + at] * values[k]
    for k in range(first, last):
        spread[columns[k]] = -1
    return parts


def link_sharing(linked, parts, most_shared):
    """Links, in place, two whose parts have more than ``most_shared`` of the smaller in common."""
    for a in range(linked.shape[0]):
        for b in range(a):
            if linked[a, b]:
                continue
            one, other, both = np.float32(0), np.float32(0), np.float32(0)
            for k in range(parts.shape[1]):
                one += parts[a, k]
                other += parts[b, k]
                both += min(parts[a, k], parts[b, k])
            if both > most_shared * min(one, other):
                linked[a, b] = linked[b, a] = True


def parts_of(linked):
    """How many groups the links of ``linked`` bool (k, k) leave, taken one after the other."""
    k, count = linked.shape[0], 0
    waiting, met = np.empty(k, np.int64), np.zeros(k, np.bool_)
    for start in range(k):
        if met[start]:
            continue
        count += 1
        waiting[0], size, met[start] = start, 1, True
        while size:
            size -= 1
            current = waiting[size]
            for other in range(k):
                if linked[current, other] and not met[other]:
                    met[other] = True
                    waiting[size] = other
                    size += 1
    return count


def confirmed(
    neighbours, chances, bounds, near, most, alike, suspects, rows, width, most_shared, likely
):  # fmt: skip
    """Which of the ``suspects`` int64 (s,) tell three stories in different parts: bool (s,).

    ``rows`` are columns, values and bounds of TF-IDF rows over ``width`` columns. Three neighbours
    must be told apart, no two of them linked. Who has those may itself be a digest: where it is
    known which of all rows have, ``likely`` bool (n,) or empty, these tie none of the others, and
    three groups must be left.
    """
    columns, values, ends = rows
    n = bounds.size - 1
    places, spread = np.full(n, -1, np.int32), np.full(width, -1, np.int32)
    found, times = np.zeros(suspects.size, np.bool_), np.zeros(n, np.int32)
    every = np.ones(most, np.bool_)
    for s in range(suspects.size):
        row = suspects[s]
        chosen = likeliest(neighbours, chances, bounds, row, near, most, alike, times)
        if likely.size:
            chosen = chosen[~likely[chosen]]
        linked = linked_among(neighbours, bounds, chosen, places)
        parts = shared_parts(columns, values, ends, row, chosen, spread)
        link_sharing(linked, parts, most_shared)
        if likely.size:
            found[s] = parts_of(linked) >= 3
        else:
            found[s] = three_apart(linked, every[: chosen.size])
    return found
