"""What may be given where articles are wanted, as a type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from dedupe.model import Article


class ArrowStream(Protocol):
    """A table that hands itself over by the Arrow PyCapsule interface, batch by batch."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The capsule."""


class ArrowArray(Protocol):
    """The same of a table in one batch."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> Any:
        """Two capsules: schema and array."""


Record = Mapping[str, Any]
"""The fields of one article, by name."""
Table = ArrowStream | ArrowArray
Tabular = Table | Iterable[Article | Record] | Iterable[Table]
"""Articles: a table of any library that knows Arrow, or articles, dicts or tables one by one."""
