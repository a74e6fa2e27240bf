"""An index in one SQLite file: the embedded store.

============== ==================================================================
``database``   one connection; every error of SQLite becomes one of ours
``schema``     the tables, and how a file becomes an index or is refused
``store``      sessions, space
``reader``     what is asked in a session
``writer``     what is changed in one
``young``      the newest postings, held in memory by every process
``runs``       all older ones, in sorted runs
``merge``      young postings into runs, runs into longer ones, step by step
``check``      whether all of it fits together
============== ==================================================================
"""

from __future__ import annotations

from dedupe.index.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
