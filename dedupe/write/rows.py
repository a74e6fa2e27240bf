"""Rows of values as CSV, TSV, JSON Lines, a JSON array or Parquet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from dedupe.json_form import encode
from dedupe.moments import written

if TYPE_CHECKING:
    import pyarrow as pa

Fields = Mapping[str, Any]
Kinds = Mapping[str, str]
"""Names of columns in their order, each with what it holds: ``text``, ``whole``, ``number``,
``truth`` or ``moment``."""

TREES = frozenset({"jsonl", "json"})
"""Forms in which a value may contain others; in all others such a value is JSON in a text."""
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_AT_ONCE = 4096


def write_rows(rows: Iterable[Fields], kinds: Kinds, form: str, out: BinaryIO) -> None:
    """Writes rows in a form: ``csv``, ``tsv``, ``jsonl``, ``json`` or ``parquet``.

    Tables have the columns of ``kinds``; a value that does not fit its column is JSON in a column
    of texts. Objects have the fields that each row has. Raises OSError as ``out`` does.
    """
    if form == "parquet":
        _write_parquet(rows, kinds, out)
    elif form in _DELIMITERS:
        _write(_table(rows, list(kinds), _DELIMITERS[form]), out)
    else:
        objects(map(object_of, rows), form, out)


def objects(lines: Iterable[bytes], form: str, out: BinaryIO) -> None:
    """Writes JSON objects, each with its line feed, as lines or as an array."""
    if form != "json":
        _write(lines, out)
        return
    before = b"[\n"
    for line in lines:
        out.write(before + line.rstrip(b"\r\n"))
        before = b",\n"
    out.write(b"\n]\n" if before != b"[\n" else b"[]\n")


def _write(lines: Iterable[bytes], out: BinaryIO) -> None:
    lines = iter(lines)
    while chunk := b"".join(islice(lines, _AT_ONCE)):
        out.write(chunk)


def object_of(row: Fields) -> bytes:
    """A row as a line of JSON."""
    return encode({name: _plain(value) for name, value in row.items()})


def _plain(value: Any) -> Any:
    """A value as JSON has it: dates in ISO 8601, bytes as text; containers with all in them."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return _moment(value) if isinstance(value, date) else str(value)


def _moment(value: date) -> str | None:
    return written(value) if isinstance(value, datetime) else value.isoformat()


def text_of(value: Any) -> str:
    """A value as the cell of a table."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    value = _plain(value)
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # lone surrogates, numbers of more than 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _table(rows: Iterable[Fields], names: Sequence[str], delimiter: str) -> Iterator[bytes]:
    quoted = re.compile(f'[{delimiter}"\r\n]|^\\s|\\s$')

    def line(values: Iterable[str]) -> bytes:
        cells = ['"' + v.replace('"', '""') + '"' if quoted.search(v) else v for v in values]
        whole = delimiter.join(cells) or '""'  # one empty cell is no empty line
        return whole.encode("utf-8", "replace") + b"\n"

    yield line(names)
    for row in rows:
        yield line(text_of(row.get(name)) for name in names)


def column_kind(value: Any) -> str:
    """What a column must hold to hold this value as it is."""
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int):
        return "whole" if -(1 << 63) <= value < 1 << 63 else "text"
    if isinstance(value, float):
        return "number"
    return "moment" if isinstance(value, datetime) else "text"


def together(one: str | None, other: str) -> str:
    """What a column must hold that holds both."""
    if one is None or one == other:
        return other
    return "number" if {one, other} == {"whole", "number"} else "text"


def _write_parquet(rows: Iterable[Fields], kinds: Kinds, out: BinaryIO) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        "text": pa.large_string(),
        "whole": pa.int64(),
        "number": pa.float64(),
        "truth": pa.bool_(),
        "moment": pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([pa.field(name, types[kind]) for name, kind in kinds.items()])
    rows = iter(rows)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while some := list(islice(rows, _AT_ONCE)):
            columns = [_column(some, name, schema.field(name).type) for name in kinds]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


def _column(rows: Sequence[Fields], name: str, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    values = [row.get(name) for row in rows]
    if not pa.types.is_large_string(kind):
        return pa.array(values, kind)
    texts: Callable[[Any], str | None] = lambda v: None if v is None else _whole(text_of(v))  # noqa: E731
    return pa.array(list(map(texts, values)), kind)


def _whole(text: str) -> str:
    """A text that UTF-8 can encode."""
    return text.encode("utf-8", "replace").decode()
