"""What the tables of an index ask of the database that they are in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dedupe.errors import DamagedError, StoreError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SqlRow = tuple[Any, ...]


class Database(ABC):
    """One connection. All that goes wrong with it is raised as a StoreError.

    Statements are SQL as every database has it, ``?`` for each value. Integers are of 64 bits;
    texts are any texts; values of bytes come back as they were given.
    """

    path: str
    """Where the index is, as it may be shown."""
    remedy: str
    """What is to be done where the index is damaged."""
    failed: bool
    """Whether something went wrong since a session began: it can't commit any more."""

    @abstractmethod
    def begin_reading(self, question: str) -> SqlRow | None:
        """Begins a transaction that sees the index as it is now; the first row of an answer."""

    @abstractmethod
    def begin_writing(self, question: str) -> SqlRow | None:
        """Begins the one transaction that writes, when it is its turn; the first row of an answer.

        What the last one committed is seen. Raises BusyError after the database's patience.
        """

    @abstractmethod
    def commit(self) -> None:
        """Ends the transaction; what it did counts."""

    @abstractmethod
    def roll_back(self) -> None:
        """Ends a transaction, if there is one, as if it had not been."""

    @abstractmethod
    def close(self) -> None:
        """Ends the connection; what it had open is rolled back."""

    @abstractmethod
    def all(self, statement: str, *values: Any) -> list[SqlRow]:
        """Every row of the answer."""

    @abstractmethod
    def one(self, statement: str, *values: Any) -> SqlRow | None:
        """The first row of the answer, or None."""

    @abstractmethod
    def of(
        self,
        table: str,
        columns: str,
        numbers: Sequence[int] | NDArray[np.int64],
        key: str = "number",
    ) -> list[SqlRow]:
        """Columns of the rows of a table with these numbers, in their order."""

    @abstractmethod
    def of_texts(self, table: str, columns: str, values: Sequence[str], key: str) -> list[SqlRow]:
        """Columns of the rows of a table that have one of these texts, in any order."""

    @abstractmethod
    def do(self, statement: str, *values: Any) -> int:
        """Carries a statement out; how many rows it changed."""

    @abstractmethod
    def many(self, statement: str, rows: Iterable[SqlRow]) -> int:
        """Carries a statement out for each row; how many rows it changed in all."""

    @abstractmethod
    def later(self, statement: str, rows: Iterable[SqlRow]) -> None:
        """The same, before whatever is asked next, which may raise what goes wrong with it."""

    @abstractmethod
    def settle(self) -> None:
        """Raises what went wrong with what was to be done later."""

    @abstractmethod
    def size(self) -> int:
        """Bytes on disk, of all that is of the index."""

    @abstractmethod
    def problems(self) -> Iterator[str]:
        """What the database itself finds wrong with its tables."""

    @abstractmethod
    def go_on(self) -> None:
        """Lets the view go on in which ``problems`` met damage."""

    def damage(self, what: str) -> DamagedError:
        """An error to raise where a row is not as it was written, after which none can commit."""
        self.failed = True
        return DamagedError(f"{self.path}: the index is damaged: {what}; {self.remedy}")

    def failure(self, message: str) -> StoreError:
        """An error to raise, after which the session can't commit."""
        self.failed = True
        return StoreError(f"{self.path}: {message}")
