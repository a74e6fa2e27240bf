"""Sums in the pages of a file, by which SQLite tells at once where one is not as it was written.

They are written and checked by :mod:`dedupe.kernels.sums`, between SQLite and the system. It has to
be made known to the very SQLite that Python uses, which can't be done where that is a part of the
interpreter without any names to be called by: there indexes are made without sums.
"""

from __future__ import annotations

import os
import sqlite3
from functools import cache

SYSTEM = "dedupe-sums"
"""By which SQLite is told, in an address, to write sums and to check them."""
RESERVED = 8
"""Bytes at the end of each page that are not SQLite's, but the sum's."""


@cache
def available() -> bool:
    """Whether files with sums can be written and checked in this process."""
    return any(map(_registered, _libraries()))


def _libraries() -> list[str | None]:
    """Where the functions of Python's SQLite may be found: a library's path, or the process."""
    import _sqlite3

    return [getattr(_sqlite3, "__file__", None), *(["sqlite3"] if os.name == "nt" else []), None]


def _registered(library: str | None) -> bool:
    # NumPy imports it, too.
    from ctypes import CDLL, c_void_p, cast

    from dedupe.kernels.sums import register_sums

    try:
        functions = CDLL(library)
        find, enter = (
            cast(function, c_void_p).value or 0
            for function in (functions.sqlite3_vfs_find, functions.sqlite3_vfs_register)
        )
    except (AttributeError, OSError, TypeError):
        return False
    return register_sums(find, enter) and _known()


def _known() -> bool:
    """Whether it is Python's own SQLite that was told, and not another in the same process."""
    try:
        sqlite3.connect(f"file:?mode=memory&vfs={SYSTEM}", uri=True).close()
    except sqlite3.Error:
        return False
    return True
