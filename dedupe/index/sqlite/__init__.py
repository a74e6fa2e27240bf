"""An index in one SQLite file: the embedded store, with the tables of ``index/tables``.

============== ==================================================================
``target``     a file as a place for an index: opened, made, replaced
``database``   one connection
``failures``   every error of SQLite becomes one of ours
``file``       a file before SQLite opens it: whether it is an index, with sums or without
``sums``       whether SQLite can be given the sums of pages
``opening``    a file becomes a connection, or is refused
``anew``       a file of an older version written anew, with sums
``schema``     the tables, and the way from older versions
``store``      sessions, space; the same in memory
``check``      what SQLite finds wrong, and values of other types than were written
``pages``      a damaged file read past SQLite, page by page
``remains``    what rows are left in it
============== ==================================================================
"""

from __future__ import annotations

from dedupe.index.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
