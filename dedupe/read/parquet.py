"""Parquet, by row group, of which only the columns are read that an article is made of."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dedupe.errors import SourceError
from dedupe.moments import EPOCH
from dedupe.read.content import Content
from dedupe.read.jsonl import Found, Reject

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 1024
"""Rows made into Python values at a time."""

Wanted = Callable[[Iterable[str]], list[str]]


def read_parquet(content: Content, reject: Reject, wanted: Wanted) -> Iterator[Found]:
    """Records of a Parquet file, numbered by row from 1.

    ``wanted`` chooses among the column names. A row group that cannot be read is rejected as one,
    and the reading goes on behind it. Raises SourceError where the file as a whole is broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = content.seekable()
    size = 0 if isinstance(file, io.BytesIO) else file.seek(0, io.SEEK_END)
    try:
        table = pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{content.name}: broken Parquet file: {_first_line(error)}") from None
    with table:
        columns = wanted(table.schema_arrow.names)
        row = 0
        for group in range(table.num_row_groups):
            rows = table.metadata.row_group(group).num_rows
            read = 0
            try:
                for batch in table.iter_batches(_ROWS, row_groups=[group], columns=columns):
                    for record in _records(batch):
                        read += 1
                        yield row + read, record, b""
            except (pa.ArrowException, OSError) as error:
                reject(
                    row + read + 1,
                    f"rows {row + read + 1} to {row + rows} cannot be read: {_first_line(error)}",
                    b"",
                )
            row += rows
            content.position = max(content.position, size * row // table.metadata.num_rows)


def _records(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    names = batch.schema.names
    columns = [_values(column) for column in batch.columns]
    for row in zip(*columns, strict=True):
        yield dict(zip(names, row, strict=True))


def _values(column: pa.Array) -> list[Any]:
    """The column's values; one that Python has no value for as its bytes, a time as None."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        # Through integers: nanoseconds and years beyond 9999 are errors to the direct way.
        ticks = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
        return [_moment(microseconds) for microseconds in ticks.to_pylist()]
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return [_value(scalar) for scalar in column]


def _moment(microseconds: int | None) -> datetime | None:
    try:
        return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes()
    except (ValueError, OverflowError):
        return None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
