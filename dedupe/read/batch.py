"""Rows of articles into Arrow batches, and back into Article values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from dedupe.errors import RecordError
from dedupe.model import ARTICLE_COLUMNS, Article
from dedupe.moments import in_utc

if TYPE_CHECKING:
    import pyarrow as pa

Row = tuple[str, str, str, datetime | None, str, str, str]
"""One article in the order of ARTICLE_COLUMNS: id, title, text, date, source, url, lang."""

ROW_OVERHEAD = 256
"""Characters counted for a row besides its text, so that empty articles fill a batch too."""


@cache
def article_schema() -> pa.Schema:
    """Columns of a batch: ``large_string``, never null; ``date`` ``timestamp[us, UTC]`` or null."""
    import pyarrow as pa

    kinds = {"date": pa.timestamp("us", tz="UTC")}
    return pa.schema(
        [
            pa.field(name, kinds.get(name, pa.large_string()), nullable=name in kinds)
            for name in ARTICLE_COLUMNS
        ]
    )


class Rows:
    """Gathers rows until they make a batch. ``size`` counts characters of title and text."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.size = 0

    def append(self, row: Row) -> None:
        """Adds a row."""
        self.rows.append(row)
        self.size += len(row[1]) + len(row[2]) + ROW_OVERHEAD

    def take(self) -> pa.RecordBatch:
        """The rows so far as one batch; starts anew."""
        import pyarrow as pa

        schema = article_schema()
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(schema)
        arrays = [_array(list(c), f.type) for c, f in zip(columns, schema, strict=True)]
        self.rows, self.size = [], 0
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(values: list[object], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # lone surrogates: rare, so looked for only now
        return pa.array([_without_surrogates(v) for v in values], kind)


def _without_surrogates(value: object) -> object:
    if not isinstance(value, str):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def batches_of(
    articles: Iterable[Article], *, batch_bytes: int = 2 << 20
) -> Iterator[pa.RecordBatch]:
    """Article values as batches of about ``batch_bytes`` characters each.

    Naive dates are taken for UTC. Raises RecordError for an empty id, or one used before.
    """
    rows, seen = Rows(), set[str]()
    for n, article in enumerate(articles, 1):
        if not article.id:
            raise RecordError(f"article {n} has no id; give each article its own")
        if article.id in seen:
            raise RecordError(f"article {n} repeats the id {article.id!r}; ids must be unique")
        seen.add(article.id)
        rows.append(_row(article))
        if rows.size >= batch_bytes:
            yield rows.take()
    if rows.rows:
        yield rows.take()


def _row(a: Article) -> Row:
    date = None if a.date is None else in_utc(a.date)
    return (a.id, a.title, a.text, date, a.source, a.url, a.lang)


def articles_of(batch: pa.RecordBatch) -> Iterator[Article]:
    """The rows of a batch, in order, as Article values; dates aware, in UTC."""
    columns = {name: batch.column(name).to_pylist() for name in ARTICLE_COLUMNS}
    columns["date"] = [d and d.astimezone(UTC) for d in columns["date"]]
    names = list(columns)
    for values in zip(*columns.values(), strict=True):
        yield Article(**dict(zip(names, values, strict=True)))
