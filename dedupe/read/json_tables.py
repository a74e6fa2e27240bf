"""Tables in a value of JSON: a list of rows with the names first, names and rows apart, columns.

And objects that have a record under each of their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dedupe.read.names import NAMES, folded, names_in

_HEADERS = frozenset(names_in("columns fields columnnames header headers"))
_ROWS = frozenset(names_in("data rows records values"))
SAMPLE = 40
"""Rows of a table, or elements of a list, by which it is judged."""


def keyed_records(value: Mapping[str, Any]) -> list[Any] | None:
    """The records of an object that has one under each of its names, the name as its id."""
    if len(value) < 2 or not all(isinstance(v, dict) for v in value.values()):
        return None
    return [v if "id" in v or "_id" in v else {"id": k, **v} for k, v in value.items()]


def is_row(value: Any) -> bool:
    """Whether a value may be the names of a table's columns: a list of strings."""
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)


def table_of(names: list[Any], rows: list[Any]) -> list[Any] | None:
    """Rows that are lists, under the names of their columns; None where these don't name any."""
    known = {folded(name) for name in names if isinstance(name, str)}
    if not known & NAMES["title"].keys() and not known & NAMES["text"].keys():
        return None
    if not rows or not all(isinstance(row, list) for row in rows[:SAMPLE]):
        return None
    return [
        dict(zip(names, row, strict=True))
        if isinstance(row, list) and len(row) == len(names)
        else row
        for row in rows
    ]


def table_in(value: Mapping[str, Any]) -> list[Any] | None:
    """The rows of a table: names and rows apart, or a list or an object for each column."""
    parts = {folded(str(name)): inner for name, inner in value.items()}
    head = next((parts[n] for n in parts if n in _HEADERS and isinstance(parts[n], list)), None)
    rows = next((parts[n] for n in parts if n in _ROWS and isinstance(parts[n], list)), None)
    if head and rows:
        named = [_column_name(name) for name in head]
        return table_of(named, rows) if all(named) else None
    known = [n for n in parts if n in NAMES["title"] or n in NAMES["text"]]
    if len(known) < 2 or not all(isinstance(v, (list, Mapping)) for v in value.values()):
        return None
    columns = [list(v.values()) if isinstance(v, Mapping) else v for v in value.values()]
    nested = any(isinstance(cell, (dict, list)) for n in columns for cell in n)
    if nested or len({len(column) for column in columns}) != 1:
        return None
    return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]


def _column_name(column: Any) -> str:
    if isinstance(column, Mapping):
        column = column.get("name") or column.get("id")
    return column if isinstance(column, str) else ""
