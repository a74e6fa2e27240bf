"""Sessions over an index in PostgreSQL."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dedupe.errors import BusyError, StoreError
from dedupe.index.postgres.address import PostgresAddress, address_of
from dedupe.index.postgres.connection import connected
from dedupe.index.postgres.database import PostgresDatabase
from dedupe.index.postgres.failures import REMEDY_OF_SERVER
from dedupe.index.postgres.schema import hold_open, made_ready, refuse_changed_tables
from dedupe.index.postgres.space import give_back
from dedupe.index.store import Durability
from dedupe.index.tables.database import SqlRow
from dedupe.index.tables.postings import TAIL
from dedupe.index.tables.reader import CHANGES
from dedupe.index.tables.store import TableStore
from dedupe.index.tables.writer import TableWriter

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two attempts to connect again."""
PLACE = "SELECT tableoid::bigint FROM state"
"""By which an index is told from another that was put in its place."""
DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)


class PostgresStore(TableStore[PostgresDatabase]):
    """An index in a schema of a database of PostgreSQL, which processes of many machines share.

    A connection that was lost is made again by the next session.
    """

    remedy = REMEDY_OF_SERVER

    def __init__(
        self,
        address: str | PostgresAddress,
        *,
        create: bool = True,
        durability: Durability = "normal",
        patience: float = 30.0,
        read_only: bool = False,
    ) -> None:
        """Opens the index at ``postgresql://...``, or makes one where there is none.

        What a session wrote survives whatever the server's own setting ``synchronous_commit`` is
        for; with ``durability`` "full" the server's end in any case. ``patience`` is in seconds.
        Raises a StoreError, and MissingExtraError where psycopg is not installed.
        """
        self._address = address_of(address) if isinstance(address, str) else address
        self._patience, self._durability = patience, durability
        database = self._connected()
        try:
            self._place = self._entered(database, create=create and not read_only)
        except BaseException:
            database.close()
            raise
        self._known = 0
        self._begin(database, read_only=read_only)

    def _connected(self) -> PostgresDatabase:
        return PostgresDatabase(connected(self._address, self._patience), self._address.name)

    def _entered(self, database: PostgresDatabase, *, create: bool) -> int:
        """Looks at the tables, or makes them; what tells this index from others."""
        schema = self._address.schema
        hold_open(database, schema)
        made_ready(database, schema, create=create)
        refuse_changed_tables(database, schema)
        if self._durability == "full":
            database.one(DURABLE)
        row = database.one(PLACE)
        if row is None:
            raise database.damage("it has lost its counters")
        return int(row[0])

    @contextmanager
    def write(self) -> Iterator[TableWriter]:
        with super().write() as writer:
            yield writer
        self._known = writer.last_change

    def _begin_reading(self, database: PostgresDatabase) -> SqlRow | None:
        return self._again(database, super()._begin_reading)

    def _begin_writing(self, database: PostgresDatabase) -> SqlRow | None:
        return self._again(database, super()._begin_writing)

    def _again(
        self, database: PostgresDatabase, begin: Callable[[PostgresDatabase], SqlRow | None]
    ) -> SqlRow | None:
        """Begins a transaction, on another connection where that is lost by now."""
        if not database.lost:
            self._expect(database)
            try:
                row = begin(database)
                if self._goes_on(database, row):
                    return self._noted(row)
            except StoreError:
                if not database.lost:
                    raise
            database.drop()  # a backup was put back beneath it
        self._postings = None  # read again: nobody knows what was done meanwhile
        self._connect_again(database)
        row = begin(database)
        if row is not None and row[0] < self._known:
            self._known = row[0]
            database.roll_back()
            raise BusyError(
                f"{self.path}: the server has gone back to an earlier state of the index; what was "
                "committed since is lost: try again"
            )
        return self._noted(row)

    def _expect(self, database: PostgresDatabase) -> None:
        """What others did is wanted at once: it is asked for with the beginning of a session."""
        database.expect_nothing()
        database.expect(PLACE)
        if self._postings is not None:
            database.expect(TAIL, self._postings.upto)
            database.expect(CHANGES, b"", *[self._known] * 3)

    def _goes_on(self, database: PostgresDatabase, row: SqlRow | None) -> bool:
        """Whether a transaction sees the index that was seen before, and no earlier state of it.

        What counters can't be is damage, which is told where they are read.
        """
        if row is None or row[0] < 0:
            return True
        return bool(row[0] >= self._known and database.one(PLACE) == (self._place,))

    def _noted(self, row: SqlRow | None) -> SqlRow | None:
        """Notes how far the index has come."""
        self._known = row[0] if row else self._known
        return row

    def _connect_again(self, database: PostgresDatabase) -> None:
        """A new connection, as soon as the server takes one. Raises a StoreError."""
        end, pause = time.monotonic() + self._patience, FIRST_PAUSE
        while True:
            try:
                database.take(connected(self._address, self._patience))
                place = self._entered(database, create=False)
            except BaseException as error:
                database.drop()
                if not isinstance(error, BusyError) or time.monotonic() + pause > end:
                    raise
            else:
                break
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        if place != self._place:
            database.drop()
            raise StoreError(f"{self.path}: another index was put in its place; open it again")

    def _give_back(self) -> None:
        give_back(self._opened())
