"""Where lines begin and titles end: at line breaks, and at signs between spaces that part.

Texts are UTF-8: uint8 (bytes,) and int64 (n + 1,).
"""

from __future__ import annotations

import numpy as np

from twins.text import NEWLINE

NO_SIGN, SPACE, HYPHEN, BAR, COLON = 0, 32, 45, 124, 58
DASHES = ((0xE2, 0x80, 0x93), (0xE2, 0x80, 0x94))
"""En dash and em dash in UTF-8."""
BULLETS = ((0xE2, 0x80, 0xA2), (0xE2, 0x80, 0xBA))
"""Bullet and closing single guillemet."""
DOTS = ((0xC2, 0xB7), (0xC2, 0xBB))
"""Middle dot and closing guillemet."""


def parting(data, first, size):
    """Which sign parts what is before it from what is behind it: BAR, HYPHEN or NO_SIGN.

    It is ``size`` bytes from ``first`` on, between spaces. Bars, dots and bullets part the items of
    menus, and these, dashes and colons a title from the name of a site.
    """
    if size == 1:
        if data[first] == BAR:
            return BAR
        return HYPHEN if data[first] == HYPHEN or data[first] == COLON else NO_SIGN
    if size == 2:
        for dot in DOTS:
            if data[first] == dot[0] and data[first + 1] == dot[1]:
                return BAR
    if size == 3:
        for bullet in BULLETS:
            if (
                data[first] == bullet[0]
                and data[first + 1] == bullet[1]
                and data[first + 2] == bullet[2]
            ):
                return BAR
        for dash in DASHES:
            if data[first] == dash[0] and data[first + 1] == dash[1] and data[first + 2] == dash[2]:
                return HYPHEN
    return NO_SIGN


def title_cuts(data, offsets):
    """Where the end of each title begins, after the last sign that parts: int64 (n,).

    The end of the title itself where it has none.
    """
    found = offsets[1:].copy()
    for row in range(offsets.size - 1):
        end = offsets[row + 1] - 1
        for i in range(end, offsets[row], -1):
            if data[i] != SPACE:
                continue
            before = i - 1
            while before > offsets[row] and data[before] != SPACE:
                before -= 1
            size = i - before - 1
            if data[before] == SPACE and parting(data, before + 1, size) != NO_SIGN:
                found[row] = i
                break
    return found


def line_bounds(data, offsets):
    """Where lines begin in each text, and where the last ends: int64 (l + 1,), ascending.

    A line ends behind a line break, and behind a bar, a dot or a bullet between spaces: the items
    of a menu are lines. Also bool (l,): which of them continue a line in this way.
    """
    found, parted, count = np.empty(64, np.int64), np.empty(64, np.bool_), 0
    for row in range(offsets.size - 1):
        space = offsets[row] - 1
        for i in range(offsets[row], offsets[row + 1]):
            begins, continues = i == offsets[row], False
            if data[i] == SPACE:
                size = i - space - 1
                continues = 0 < size < 4 and parting(data, space + 1, size) == BAR
                space = i
            elif i > offsets[row] and data[i - 1] == NEWLINE:
                begins = True
            if begins or continues:
                if count == found.size:
                    found = np.append(found, np.empty(count, np.int64))
                    parted = np.append(parted, np.empty(count, np.bool_))
                found[count], parted[count] = i, continues and not begins
                count += 1
    bounds = np.empty(count + 1, np.int64)
    bounds[:count] = found[:count]
    bounds[count] = offsets[-1]
    return bounds, parted[:count].copy()


def menus(parted, bounds, firsts, least, words, most, all_most):
    """Which lines are items of a menu: bool (l,).

    ``parted`` bool (l,) are those that continue a line, ``bounds`` int64 (l + 1,) the tokens of
    each, ``firsts`` int64 (n + 1,) the first line of each text. A menu is a line of ``least``
    items of at most so many ``words`` each, that is no more than the share ``most`` of its text.
    Where such lines are more than ``all_most`` of it, it is a table, and has none.
    """
    found = np.zeros(parted.size, np.bool_)
    for row in range(firsts.size - 1):
        size = bounds[firsts[row + 1]] - bounds[firsts[row]]
        first, taken = firsts[row], 0
        while first < firsts[row + 1]:
            stop, items, short = first, 0, True
            while stop == first or (stop < firsts[row + 1] and parted[stop]):
                held = bounds[stop + 1] - bounds[stop]
                items += held > 0
                short &= held <= words
                stop += 1
            if short and items >= least and bounds[stop] - bounds[first] <= most * size:
                found[first:stop] = True
                taken += bounds[stop] - bounds[first]
            first = stop
        if taken > all_most * size:
            found[firsts[row] : firsts[row + 1]] = False
    return found
