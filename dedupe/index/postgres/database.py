"""One connection to the tables of an index. Nothing of PostgreSQL's errors gets past it.

Nobody waits for what has no answer: over a network a wait costs as much as the statement itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from dedupe.errors import BusyError
from dedupe.index.postgres.failures import REMEDY_OF_SERVER, is_loss, session_failure
from dedupe.index.postgres.wire import Wire
from dedupe.index.tables.database import Database, SqlRow
from dedupe.index.tables.failures import FAILED_BEFORE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from psycopg import Connection
    from psycopg.pq.abc import PGresult

FoundOut = TypeVar("FoundOut")
READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED"
TURN = "SELECT 1 FROM state FOR UPDATE"
"""Who writes has this row: the next one waits for it. What is asked then sees all that the last one
committed, as each statement sees what is there when it begins; nobody else changes it meanwhile."""
COMMITTED = "COMMIT"
SIZE = (
    "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c "
    "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
)
PARTING = 1.0
"""Seconds in which a server has to answer what nobody waited for, before a connection is ended."""
LOOKING = "SAVEPOINT looking"
READ_ALL = (
    "SELECT sum(bit_count(sketch)) FROM sketch",
    "SELECT sum(bit_count(verdict) + bit_count(shingles) + bit_count(text)) FROM cold",
    "SELECT sum(bit_count(postings)) FROM block",
)
"""Has the server read every byte of what is large, and its checksum where it keeps any."""


class PostgresDatabase(Database):
    """A connection that raises failures as StoreErrors. It is used by one thread at a time."""

    remedy = REMEDY_OF_SERVER

    def __init__(self, connection: Connection[Any], path: str) -> None:
        """``path`` is the address, as it may be shown."""
        self.path = path
        self.take(connection)

    def take(self, connection: Connection[Any]) -> None:
        """Goes on with another connection."""
        self.failed = self._changing = False
        self._connection = connection
        self._wire = Wire(connection)
        self._expected: list[tuple[str, tuple[Any, ...]]] = []
        self._ahead: dict[str, tuple[tuple[Any, ...], PGresult]] = {}

    @property
    def lost(self) -> bool:
        """Whether there is no connection any more."""
        return self._connection.closed

    def _noting_failure(self, act: Callable[[], FoundOut]) -> FoundOut:
        import psycopg

        try:
            return act()
        except (psycopg.Error, ValueError, OverflowError) as error:
            self.failed = True
            if is_loss(error):
                self.drop()
            raise session_failure(error, self.path) from error
        except BaseException:  # what was asked is answered some time, when something else is asked
            self.failed = True
            self.drop()
            raise

    def begin_reading(self, question: str) -> SqlRow | None:
        """Begins a transaction that sees the index as it is now; the first row of an answer."""
        self._changing = False
        return self._begun(question, READING)

    def begin_writing(self, question: str) -> SqlRow | None:
        """Begins the one transaction that writes; the first row of an answer."""
        self._changing = True
        return self._begun(question, WRITING, TURN)

    def _begun(self, question: str, *begin: str) -> SqlRow | None:
        try:
            return self._noting_failure(lambda: self._first_row(question, *begin))
        except BaseException:
            self.roll_back()
            raise

    def _first_row(self, question: str, *begin: str) -> SqlRow | None:
        """The first row of an answer; what is expected to be asked next is asked with it."""
        for statement in (*begin, question):
            self._wire.send(statement)
        for statement, values in self._expected:
            self._wire.send(statement, values)
        answers = self._wire.answers()
        rows, *ahead = answers[len(answers) - len(self._expected) - 1 :]
        self._ahead = {
            statement: (values, answer)
            for (statement, values), answer in zip(self._expected, ahead, strict=True)
        }
        found = self._wire.rows(rows)
        return found[0] if found else None

    def expect(self, statement: str, *values: Any) -> None:
        """Has this asked when the next transaction begins, for its answer to be at hand."""
        self._expected.append((statement, values))

    def expect_nothing(self) -> None:
        """Forgets what was asked ahead: it is of the moment when a transaction began."""
        self._expected, self._ahead = [], {}

    def begin_making(self) -> None:
        """Begins a transaction that makes tables, or puts some in the place of others."""
        self._changing = True
        self._noting_failure(lambda: self._wire.send(WRITING))

    def commit(self) -> None:
        """Ends the transaction; what it did counts.

        Where the connection is lost before there is an answer it may count, or not: the error says
        so.
        """
        try:
            told = self._noting_failure(self._committed)
        except Exception:
            if self.lost:
                raise BusyError(f"{self.path}: {UNKNOWN}") from None
            raise
        if told != COMMITTED.encode():
            raise self.failure(FAILED_BEFORE)

    def _committed(self) -> bytes | None:
        self.expect_nothing()
        return self._asked(COMMITTED, ()).command_status

    def roll_back(self) -> None:
        """Ends a transaction, if there is one, as if it had not been."""
        self.expect_nothing()
        if self.lost:
            return
        try:
            self._wire.send("ROLLBACK")
            if self._changing or self.failed:
                self._wire.answers()
            else:  # nobody waits for that
                self._wire.part()
        except Exception:  # noqa: BLE001 - whatever it was, the server ends it with the connection
            self.drop()

    def drop(self) -> None:
        """Lets the connection go: the server rolls back what was open in it."""
        with suppress(Exception):
            self._connection.close()

    def close(self) -> None:
        """Ends the connection; what it had open is rolled back."""
        if not self.lost:
            with suppress(Exception):  # a server that can't answer tells of a client that is lost
                self._wire.rest(PARTING)
        self.drop()

    def all(self, statement: str, *values: Any) -> list[SqlRow]:
        """Every row of the answer."""
        return self._noting_failure(lambda: self._wire.rows(self._asked(statement, values)))

    def _asked(self, statement: str, values: tuple[Any, ...]) -> PGresult:
        asked, answer = self._ahead.get(statement, (None, None))
        if answer is not None and asked == values:
            return answer
        self._wire.send(statement, values)
        return self._wire.answers()[-1]

    def one(self, statement: str, *values: Any) -> SqlRow | None:
        """The first row of the answer, or None."""
        rows = self.all(statement, *values)
        return rows[0] if rows else None

    def of(
        self,
        table: str,
        columns: str,
        numbers: Sequence[int] | NDArray[np.int64],
        key: str = "number",
    ) -> list[SqlRow]:
        """Columns of the rows of a table with these numbers, in their order."""
        if not len(numbers):
            return []
        return self.all(
            f"SELECT {columns} FROM unnest(?) WITH ORDINALITY AS asked (value, place) "  # noqa: S608 - names in our code
            f"JOIN {table} ON {table}.{key} = asked.value ORDER BY asked.place",
            np.asarray(numbers, np.int64),
        )

    def of_texts(self, table: str, columns: str, values: Sequence[str], key: str) -> list[SqlRow]:
        """Columns of the rows of a table that have one of these texts, in any order."""
        return self.all(
            f"SELECT {columns} FROM unnest(?) AS asked (value) "  # noqa: S608 - names in our code
            f"JOIN {table} ON {table}.{key} = asked.value",
            list(dict.fromkeys(values)),
        )

    def do(self, statement: str, *values: Any) -> int:
        """Carries a statement out; how many rows it changed."""
        self._ahead = {}
        return self._noting_failure(lambda: self._asked(statement, values).command_tuples or 0)

    def many(self, statement: str, rows: Iterable[SqlRow]) -> int:
        """Carries a statement out for each row; how many rows it changed in all."""
        self._ahead = {}

        def done() -> int:
            sent = self._wire.send_for_each(statement, rows)
            answers = self._wire.answers()
            return sum(answer.command_tuples or 0 for answer in answers[len(answers) - sent :])

        return self._noting_failure(done)

    def later(self, statement: str, rows: Iterable[SqlRow]) -> None:
        """Sends a statement for each row, and waits for no answer."""
        self._ahead = {}
        self._noting_failure(lambda: self._wire.send_for_each(statement, rows))

    def settle(self) -> None:
        """Waits until all that was sent is done. Raises what went wrong with it."""
        self._noting_failure(self._wire.answers)

    def size(self) -> int:
        """Bytes on disk: the tables with their indexes, and what lies apart from them."""
        ((size,),) = self.all(SIZE)
        return int(size)

    def problems(self) -> Iterator[str]:
        """What the server finds when it reads all of the index."""
        self.one(LOOKING)
        for question in READ_ALL:
            self.one(question)
        yield from ()

    def go_on(self) -> None:
        """Goes back to where ``problems`` began: what failed has ended the transaction."""
        self.one(f"ROLLBACK TO {LOOKING}")


UNKNOWN = (
    "the connection to the server was lost while it committed: what was written is there, or none "
    "of it; repeat the call: what is there already is answered as it was"
)
