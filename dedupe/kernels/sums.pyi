"""
A sum in each page of a file of SQLite: what is read is what was written.
"""

import numpy
import numpy.typing

def page_sum(page: numpy.typing.NDArray[numpy.uint8], number: int) -> int:
    """
    The sum of a page of 8,192 bytes, but for the last eight, which hold it.

    Pages are counted from 1. Raises ValueError for bytes of another length.
    """

def register_sums(find: int, enter: int) -> bool:
    """
    Makes files with sums known to SQLite by the name ``dedupe-sums``; whether that can be done.

    ``find`` and ``enter`` are the addresses of its functions ``sqlite3_vfs_find`` and
    ``sqlite3_vfs_register``. Once it is done it is done for the whole process.
    """
