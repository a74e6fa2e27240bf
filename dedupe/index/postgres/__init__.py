"""An index in PostgreSQL, with the tables of ``index/tables``: for processes of many machines.

============== ==================================================================
``address``    the parts of ``postgresql://...``
``target``     a schema as a place for an index: opened, made, replaced
``connection`` a connection, its settings, and texts with a NUL
``wire``       statements on it, one sent behind the other
``database``   what is asked of it
``failures``   every error of PostgreSQL becomes one of ours
``schema``     the tables, and the way from older versions
``space``      what tables have free, given back to the system
``store``      sessions, and what becomes of them where the connection is lost
============== ==================================================================
"""

from __future__ import annotations

from dedupe.index.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
