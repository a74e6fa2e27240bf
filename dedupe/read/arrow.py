"""Rows of Arrow batches as records, and as articles where they are of the usual shape.

Kernels read the buffers of a batch as they are laid out, so nothing reaches them that was not
checked: no offset past its end, and no text that is not UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dedupe.errors import RecordError
from dedupe.moments import moment
from dedupe.read.found import FoundRecord
from dedupe.read.plan import Plan, PlanFor
from dedupe.read.usual import PlainRows, as_json, in_microseconds, split_table

if TYPE_CHECKING:
    import pyarrow as pa


def checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch, looked into as a whole. Raises RecordError, which names the column.

    A column is broken whose buffers are not what its type says, and null may be only what its
    field lets be: what others hand over may claim anything.
    """
    import pyarrow as pa

    for field, column in zip(batch.schema, batch.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            reason = str(error).partition("\n")[0]
            raise RecordError(f"column {field.name!r} is broken: {reason}") from None
        if column.null_count and not field.nullable:
            raise RecordError(f"column {field.name!r} has nulls where none may be")
    return batch


def rows_of(
    batch: pa.RecordBatch, plan_for: PlanFor, number: int
) -> Iterator[FoundRecord | PlainRows]:
    """The rows of a batch, of which the first has this number: usual ones together."""
    yield from split_rows(batch, plan_of(batch, plan_for), number)


def plan_of(batch: pa.RecordBatch, plan_for: PlanFor) -> Plan | None:
    """How the rows of a batch are read in columns; None if they can't be."""
    names = batch.schema.names
    return plan_for(tuple(names)) if len(set(names)) == len(names) else None


def split_rows(
    batch: pa.RecordBatch, plan: Plan | None, number: int
) -> Iterator[FoundRecord | PlainRows]:
    """The same by a plan. What is read in columns is read at once, on whatever thread asks."""
    names, held = batch.schema.names, [_decoded(column) for column in batch.columns]

    def records(first: int, size: int) -> list[dict[str, Any]]:
        columns = [_values(column.slice(first - number, size)) for column in held]
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]

    parts = None
    if plan is not None:
        columns = dict(zip(names, held, strict=True))
        parts = split_table(columns, plan, number, lambda row: as_json(records(row, 1)[0]))

    def in_order() -> Iterator[FoundRecord | PlainRows]:
        first, held_here, ahead = number, list[dict[str, Any]](), 1
        for part in parts or range(number, number + len(batch)):
            if isinstance(part, PlainRows):
                ahead = 1
                yield part
                continue
            if not first <= part < first + len(held_here):
                # The more of them follow each other, the more are made at once.
                ahead = len(batch) if parts is None else 2 * ahead
                first, held_here = part, records(part, ahead)
            yield part, held_here[part - first], b""

    return in_order()


def _decoded(column: pa.Array) -> pa.Array:
    """The values themselves where a column refers to those of a dictionary; days as midnights."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        values = _decoded(column.dictionary)  # views of strings cannot be looked up
        column = pa.DictionaryArray.from_arrays(column.indices, values).dictionary_decode()
    if pa.types.is_string_view(column.type):
        return column.cast(pa.large_string())
    return column.cast(pa.timestamp("ms")) if pa.types.is_date(column.type) else column


def _values(column: pa.Array) -> list[Any]:
    """The column's values; one that Python has no value for as its bytes, a time as None."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        return [
            None if tick is None else moment(tick) for tick in in_microseconds(column).to_pylist()
        ]
    try:
        return list(column.to_pylist())
    except (ArithmeticError, LookupError, ValueError):  # LookupError: an unknown zone
        return [_value(scalar) for scalar in column]


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes() if hasattr(scalar, "as_buffer") else None
    except (ArithmeticError, LookupError, ValueError):
        return None
