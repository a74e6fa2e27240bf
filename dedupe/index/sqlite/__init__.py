"""An index in one SQLite file: the embedded store.

============== ==================================================================
``target``     a file as a place for an index: opened, made, replaced
``database``   one connection; every error of SQLite becomes one of ours
``schema``     the tables, and how a file becomes an index or is refused
``store``      sessions, space; the same in memory
``session``    what is asked and changed in a session
``postings``   the newest, in memory of every process, and all older ones, in sorted runs
``kept``       rows that never change, kept in memory
``merge``      young postings into runs, runs into longer ones, step by step
``check``      whether all of it fits together
============== ==================================================================
"""

from __future__ import annotations

from dedupe.index.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
