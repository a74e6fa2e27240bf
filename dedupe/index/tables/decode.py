"""Rows as they were written: values of the types and within the bounds that they have.

SQLite keeps any value in any column, and no database looks into bytes. What is read of tables that
were damaged, or made by another hand, is held against these bounds before it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.kernels.postings import first_outside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.index.tables.database import Database, SqlRow

LAST_NUMBER = (1 << 32) - 2
"""Numbers are 32 bits in postings."""
LAST_STORY = 10**18 - 1
"""The id of a story has 18 digits at most."""


NAMED = 10
"""Rows that are named of one kind of problem; the others are counted."""
LONGEST = 80
"""Letters of a value that are shown."""


def shown(value: object) -> str:
    """A value for a message: on one line, whatever it is, and short."""
    told = repr(value)
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}..."


def integers(
    database: Database,
    table: str,
    rows: Sequence[SqlRow],
    low: Sequence[int],
    high: Sequence[int],
) -> NDArray[np.int64]:
    """Rows of integers, the first of which names the row, as int64 (n, columns).

    Raises DamagedError where one of them lies outside of the bounds of its column, or is none.
    """
    if not rows:
        return np.empty((0, len(low)), np.int64)
    values: NDArray[np.int64] = np.array(rows)  # of another type where one of them is no integer
    if values.dtype != np.int64:
        wrong = next(row for row in rows if set(map(type, row)) != {int})
        raise database.damage(f"table {table}, row {shown(wrong[0])}: no numbers: {shown(wrong)}")
    outside = first_outside(values, np.array((low, high), np.int64))
    if outside >= 0:
        wrong = rows[outside]
        raise database.damage(f"table {table}, row {shown(wrong[0])}: can't be: {shown(wrong)}")
    return values


def packed(database: Database, table: str, column: str, rows: Iterable[SqlRow], unit: int) -> None:
    """Raises DamagedError where, of rows of a number and bytes, one is not so many times ``unit``.

    ``unit`` is how many bytes a value takes.
    """
    for number, data in rows:
        if type(data) is not bytes or len(data) % unit:
            what = f"{len(data):,} bytes" if type(data) is bytes else f"a {type(data).__name__}"
            raise database.damage(f"table {table}, row {shown(number)}: its {column} is {what}")


def texts(database: Database, table: str, values: Iterable[object]) -> None:
    """Raises DamagedError where one of them is no text."""
    for value in set(map(type, values)) - {str}:
        raise database.damage(f"table {table}: a {value.__name__} stands where a text should")
