"""An index in PostgreSQL, as a target: opened, made, replaced."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from dedupe.errors import BusyError, NotAnIndexError, StoreError
from dedupe.index.postgres.address import PostgresAddress, address_of
from dedupe.index.postgres.connection import connected
from dedupe.index.postgres.database import PostgresDatabase
from dedupe.index.postgres.schema import (
    be_alone,
    drop_tables,
    let_others,
    make_schema,
    move_tables,
    version_there,
)
from dedupe.index.postgres.store import PostgresStore
from dedupe.index.tables.failures import WAS_CHANGED
from dedupe.index.tables.postings import SELECT

OLD = "old"
"""What the schema of an index that was replaced ends with."""
PATIENCE = 30.0
"""Seconds that tables are waited for where they are moved."""


class PostgresTarget:
    """A schema of a database, whether it is there or not. See dedupe.index.target.Target."""

    lasting = True

    def __init__(self, address: PostgresAddress) -> None:
        self.name = address.name
        self._address = address

    @classmethod
    def at(cls, address: str) -> PostgresTarget:
        """The target of an address. Raises NotAnIndexError."""
        return cls(address_of(address))

    def open(self, **how: Any) -> PostgresStore:
        """Its store; see PostgresStore."""
        return PostgresStore(self._address, **how)

    def _connected(self) -> closing[PostgresDatabase]:
        return closing(PostgresDatabase(connected(self._address, PATIENCE), self.name))

    def exists(self) -> bool:
        """Whether an index is in the schema. Raises StoreError, also where others use it."""
        with self._connected() as database:
            return version_there(database, self._address.schema) > 0

    def uses(self, path: Path) -> bool:  # noqa: ARG002 - the server's files are its own
        """Whether a file is part of it: none is."""
        return False

    def remains(self) -> NoReturn:
        """Raises NotAnIndexError: files of a server are not read past it."""
        raise NotAnIndexError(
            f"{self.name}: nothing can be salvaged past the server; go back to a backup, such as "
            "pg_dump makes, or take what can be read with dedupe index export"
        )

    def old_name(self) -> str:
        """The address of an index that was replaced."""
        return self._address.beside(OLD).name

    @contextmanager
    def fresh(self) -> Iterator[PostgresTarget]:
        """A schema beside it, whose tables are moved into it in one transaction."""
        with self._beside() as new:
            yield new
            with self._connected() as database:
                be_alone(database, self._address.schema)
                with _in_one(database):
                    if version_there(database, self._address.schema):
                        raise StoreError(f"{self.name}: somebody made an index there meanwhile")
                    self._take(database, new)

    @contextmanager
    def replacement(self, old: str | None) -> Iterator[PostgresTarget]:
        """The same in place of the index that is there, which moves to the schema of ``old``."""
        own = self._address.schema
        with self._connected() as database:
            be_alone(database, own)
            before = database.one(SELECT)
            let_others(database, own)
            with self._beside() as new:
                yield new
                be_alone(database, own)
                with _in_one(database):
                    if database.one(SELECT) != before:
                        raise BusyError(f"{self.name}: {WAS_CHANGED}")
                    if old is None:
                        drop_tables(database, own)
                    else:
                        _keep(database, own, address_of(old).schema)
                    self._take(database, new)

    def _take(self, database: PostgresDatabase, new: PostgresTarget) -> None:
        """Takes the tables of another schema over."""
        make_schema(database, self._address.schema)
        move_tables(database, new.schema, self._address.schema)

    @property
    def schema(self) -> str:
        """The name of the schema."""
        return self._address.schema

    @contextmanager
    def _beside(self) -> Iterator[PostgresTarget]:
        """A schema of a name that nobody has; it is gone once the block has ended."""
        new = PostgresTarget(self._address.beside(f"new_{secrets.token_hex(4)}"))
        try:
            yield new
        finally:
            with self._connected() as database:
                database.do(f'DROP SCHEMA IF EXISTS "{new.schema}" CASCADE')


def _keep(database: PostgresDatabase, schema: str, old: str) -> None:
    """Moves an index to another schema, in place of an index that is there."""
    make_schema(database, old)
    if version_there(database, old):
        be_alone(database, old)
        drop_tables(database, old)
    move_tables(database, schema, old)


@contextmanager
def _in_one(database: PostgresDatabase) -> Iterator[None]:
    """What is done in one transaction."""
    database.begin_making()
    try:
        yield
        database.commit()
    except BaseException:
        database.roll_back()
        raise
