"""Tables in memory, of anybody's making, as batches of articles.

What hands over Arrow by the PyCapsule interface (pandas, Polars, pyarrow, DuckDB and others) is
read as a Parquet file of it would be, and mappings as objects of JSON: the rules that find the
article in a record are those of files. None of the libraries is imported here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from dedupe.errors import RecordError
from dedupe.model import Article, Rejection
from dedupe.read.arrow import checked, rows_of
from dedupe.read.articles import Intake, OnNote, OnReject, logged, noted
from dedupe.read.batch import article_schema, articles_of, batches_of, text_column
from dedupe.read.budget import USUAL
from dedupe.read.fields import BY_SHAPE, FieldFinder, FieldKeys
from dedupe.read.found import FoundRecord
from dedupe.read.ids import GivenIds
from dedupe.read.usual import PlainRows

if TYPE_CHECKING:
    import pyarrow as pa

    from dedupe.config import Limits
    from dedupe.identity import SameBy

PLACE = "row"
"""Where a row stands, as it is told: ``row:3`` is the fourth."""
WANTED = (
    "articles are wanted, dicts of their fields, or a table: pandas, Polars, Arrow (a table,"
    " batches, a reader), or whatever else hands over Arrow"
)
_ROWS = 1024
"""Rows made into Python values at a time."""
_MISSING = frozenset({"NAType", "NaTType"})
"""Names of the types of what pandas puts where a value is missing, besides NaN and None."""
_KEY_OPTION = re.compile(r"--(\w+)-key")
LABEL = "__index_level_0__"
"""What pandas calls the column that it makes of an index without a name."""
_LABELS = re.compile(r"__index_level_\d+__").fullmatch
"""The same of an index of several levels."""


def batches_from(
    items: object,
    *,
    keys: FieldKeys = BY_SHAPE,
    limits: Limits = USUAL,
    on_reject: OnReject | None = None,
    on_note: OnNote | None = None,
    same_by: SameBy = "address",
    batch_bytes: int = 2 << 20,
    number_rows: bool = False,
    ids_as_given: bool = False,
) -> Iterator[pa.RecordBatch]:
    """Batches of articles, with the columns of ``article_schema()``, of whatever holds articles.

    ``items`` are a table (pandas, Polars, Arrow, all that has ``__arrow_c_stream__`` or
    ``__arrow_c_array__``), or an iterable of such tables, of mappings, or of Article values.
    Batches of ``article_schema()`` are looked into and pass as they are, Article values as
    ``batches_of`` makes them. All else is read as ``read`` reads a file: ``keys``, ``limits``,
    ``on_note``, ``same_by`` and ``batch_bytes`` are its own, and fields that are no part of an
    article are left out. With ``number_rows`` articles of a table without a field of ids have the
    labels of the index as ids (pandas, where it is no mere count and has each label once), else
    the numbers of their rows from 0 on; else ids are made as for files. ``ids_as_given`` leaves
    all ids of such rows as they are, "" for none: for a part of a table, whose reader looks at all.

    Raises RecordError, with row and field, for a row that cannot be taken in, unless ``on_reject``
    is given, which is called with it; and for what is no table, or a table that is broken.
    """
    parts = _parts(items)
    first = next(parts, None)
    if first is None:
        return
    whole = chain((first,), parts)
    if isinstance(first, Article):
        yield from batches_of(_alike(whole, Article), batch_bytes=batch_bytes)
    elif not isinstance(first, Mapping) and first.schema.equals(article_schema()):
        yield from map(checked, map(_of_articles, whole))
    else:
        run = Intake(
            keys, None, limits, on_reject or _refused, lambda note: (on_note or noted)(_said(note)),
            same_by,
        )  # fmt: skip
        if ids_as_given:
            run.ids = GivenIds(run.held)
        kind = Mapping if isinstance(first, Mapping) else object
        numbering = _Numbering(run.by_user) if number_rows and keys.id is None else None
        records = _records(_alike(whole, kind), run.by_user, numbering)
        yield from run.of_table(PLACE, records, batch_bytes)


def articles_from(items: object) -> Iterator[Article]:
    """The same as Article values, of which those that are some already are left as they are."""
    if isinstance(items, (list, tuple)) and all(isinstance(item, Article) for item in items):
        yield from items
        return
    parts = _parts(items)
    first = next(parts, None)
    whole = () if first is None else chain((first,), parts)
    if isinstance(first, Article):
        yield from _alike(whole, Article)
        return
    for batch in batches_from(whole):
        yield from articles_of(batch)


def article_from(item: Any) -> Article:
    """One article: as it is, of a mapping, of a row of pandas, or of a table of one row.

    Raises RecordError for anything else.
    """
    if isinstance(item, Article):
        return item
    is_row = hasattr(item, "to_dict") and not hasattr(item, "columns")  # a Series of pandas
    row = item.to_dict() if is_row else item
    found = list(articles_from([row] if isinstance(row, Mapping) else row))
    if len(found) != 1:
        raise RecordError(f"one article is wanted, not {len(found)}")
    return found[0]


def record_batches(items: object) -> Iterator[pa.RecordBatch]:
    """A table, or tables one by one, by batches, looked into. Raises RecordError for all else."""
    return map(checked, _alike(_parts(items), object))


def _said(text: str) -> str:
    """A message to a user of the command, to one of Python."""
    return _KEY_OPTION.sub(r"FieldKeys(\1=...)", text)


def _refused(rejection: Rejection) -> None:
    if rejection.older:
        logged(rejection)
        return
    raise RecordError(f"row {rejection.line}: {_said(rejection.reason)}")


def _is_table(item: object) -> bool:
    if isinstance(item, type):
        return False
    named = hasattr(item, "columns") and hasattr(item, "to_dict")  # pandas before it had capsules
    return named or hasattr(item, "__arrow_c_stream__") or hasattr(item, "__arrow_c_array__")


def _parts(items: Any) -> Iterator[Any]:
    """Articles, mappings and batches, in order. Raises RecordError for anything else."""
    if _is_table(items):
        yield from _batches(items)
        return
    single = isinstance(items, (str, bytes, Mapping, os.PathLike, Article, type))
    if single or not hasattr(items, "__iter__"):
        raise RecordError(f"what was given is of type {type(items).__name__}; {WANTED}")
    for number, item in enumerate(items):
        if isinstance(item, (Article, Mapping)):
            yield item
        elif _is_table(item):
            yield from _batches(item)
        else:
            raise RecordError(f"row {number} is of type {type(item).__name__}; {WANTED}")


def _alike(parts: Iterable[Any], kind: type) -> Iterator[Any]:
    """The parts, which must be of one kind: ``object`` for batches."""
    for number, part in enumerate(parts):
        if not isinstance(part, kind) or (kind is object and isinstance(part, (Article, Mapping))):
            told = type(part).__name__
            raise RecordError(f"row {number} is of type {told}, unlike the first")
        yield part


def _of_articles(part: Any) -> pa.RecordBatch:
    """A batch among others that were read before."""
    if isinstance(part, (Article, Mapping)) or not part.schema.equals(article_schema()):
        raise RecordError("some batches were read by dedupe.read, and some are tables of others")
    return part


def _batches(table: Any) -> Iterator[Any]:
    """A table by batches; where Arrow cannot hold its columns, by rows, as mappings."""
    import pyarrow as pa

    if isinstance(table, pa.RecordBatch):
        yield table
        return
    try:
        if getattr(getattr(table, "index", None), "is_unique", True) is False:
            table = _relabelled(table)
        if hasattr(table, "__arrow_c_stream__"):
            reader = pa.RecordBatchReader.from_stream(table)
        elif hasattr(table, "__arrow_c_array__"):
            reader = iter((pa.record_batch(table),))
        else:
            reader = None
    except (pa.ArrowException, TypeError, ValueError) as error:
        if not (hasattr(table, "to_dict") and hasattr(table, "columns")):
            kind = type(table).__name__
            raise RecordError(f"a {kind} is no table: {_first_line(error)}") from None
        reader = None
    try:
        yield from _mappings(table) if reader is None else reader
    except (pa.ArrowException, OSError) as error:
        raise RecordError(f"the table cannot be read: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _relabelled(frame: Any) -> Any:
    """A pandas frame whose index names no row, without it; one that has a name is a column."""
    return frame if frame.index.names != [None] else frame.reset_index(drop=True)


def _mappings(frame: Any) -> Iterator[dict[str, Any]]:
    """The rows of a pandas frame with columns that are of no one type."""
    names = _once([str(name) for name in frame.columns])
    index = [str(name) for name in frame.index.names if name is not None and name not in names]
    frame = frame.reset_index(level=index) if index else frame
    rows = frame.itertuples(index=False, name=None)
    for label, values in zip(frame.index, rows, strict=True):
        own = {} if index or frame.index.nlevels > 1 else {LABEL: label}
        yield dict(zip([*index, *names], values, strict=True)) | own


def _once(names: list[str]) -> list[str]:
    for name in names:
        if names.count(name) > 1:
            raise RecordError(f"{names.count(name)} columns are called {name!r}")
    return names


def _records(
    parts: Iterable[Any], finder: FieldFinder, numbering: _Numbering | None
) -> Iterator[FoundRecord | PlainRows]:
    """Records of a table, numbered by row from 0."""
    import pyarrow as pa

    row = 0
    for part in parts:
        if isinstance(part, Mapping):
            record = {str(name): _plain(value) for name, value in part.items()}
            label = record.pop(LABEL, row)
            yield row, record if numbering is None else numbering.record(record, label), b""
            row += 1
            continue
        _once(part.schema.names)
        kept = [name for name in part.schema.names if not _LABELS(name)]
        batch = part.select(kept) if numbering is None else numbering.batch(part, kept, row)
        batch = _without_nulls(checked(batch))
        for first in range(0, len(batch), _ROWS):
            try:
                yield from rows_of(batch.slice(first, _ROWS), finder.plan, row + first)
            except (pa.ArrowException, ArithmeticError) as error:
                raise RecordError(f"columns cannot be read: {_first_line(error)}") from None
        row += len(batch)


def _without_nulls(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Columns of nothing, of which no type is known, as empty strings."""
    import pyarrow as pa

    made = [c.cast(pa.large_string()) if pa.types.is_null(c.type) else c for c in batch.columns]
    return pa.RecordBatch.from_arrays(made, names=batch.schema.names)


class _Numbering:
    """Gives rows an id that have no field of ids."""

    def __init__(self, finder: FieldFinder) -> None:
        self._finder = finder
        self._latest: tuple[list[str], bool] = [], False

    def record(self, record: dict[str, Any], label: object) -> dict[str, Any]:
        """With the label of its row, where it has no id."""
        if self._is_named(list(record)):
            return record
        inner = any(isinstance(value, Mapping) for value in record.values())
        if inner and self._finder.look(record).id:
            return record
        return {**record, "id": str(label)}

    def batch(self, batch: pa.RecordBatch, kept: list[str], row: int) -> pa.RecordBatch:
        """The columns that are kept, and without one of ids the labels or numbers of the rows."""
        import pyarrow as pa

        if self._is_named(kept):
            return batch.select(kept)
        labels = _labels(batch) or [str(n) for n in range(row, row + len(batch))]
        arrays = [*(batch.column(name) for name in kept), text_column(labels)]
        return pa.RecordBatch.from_arrays(arrays, names=[*kept, "id"])

    def _is_named(self, names: list[str]) -> bool:
        """Whether one of the fields is an id, by its name."""
        if names != self._latest[0]:
            self._latest = names, self._finder.look(dict.fromkeys(names, "1")).id
        return self._latest[1]


def _labels(batch: pa.RecordBatch) -> list[str] | None:
    """What pandas' index calls the rows; None where it only counts, or not each has its own."""
    try:
        (made,) = batch.schema.pandas_metadata["index_columns"]
        if isinstance(made, dict):
            count = range(made["start"], made["stop"], made["step"])
            return [*map(str, count)] if len(count) == len(batch) else None
    except (TypeError, ValueError, LookupError):  # no metadata, several indexes, or none
        return None
    if made not in batch.schema.names:
        return None
    labels = [str(_plain(value)) for value in batch.column(made).to_pylist()]
    return labels if len(set(labels)) == len(labels) and "None" not in labels else None


def _plain(value: Any) -> Any:
    """A value without NumPy's and pandas' own types; None where one is missing."""
    if value is None or isinstance(value, (str, bytes)):
        return value
    if type(value).__name__ in _MISSING or (isinstance(value, float) and value != value):  # noqa: PLR0124
        return None
    if hasattr(value, "dtype") and hasattr(value, "tolist"):  # of NumPy: nanoseconds as a number
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def table_from(items: Any) -> pa.Table:
    """A table of any library, or mappings, as Arrow, with all its columns. Raises RecordError."""
    import pyarrow as pa

    try:
        if not _is_table(items):
            return pa.Table.from_pylist([{**_plain(item)} for item in items])
        if isinstance(items, pa.RecordBatch):
            return pa.table(items)
        return pa.RecordBatchReader.from_stream(items).read_all()
    except (pa.ArrowException, AttributeError, TypeError, ValueError) as error:
        raise RecordError(f"Arrow cannot hold the table: {_first_line(error)}") from None
