"""Rows of articles with their ids, into Arrow batches, and back into Article values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from dedupe.errors import RecordError
from dedupe.identity import canonical_url
from dedupe.model import ARTICLE_COLUMNS, Article
from dedupe.moments import in_utc, is_later, since_1970
from dedupe.tokens import as_column, buffers, encoded_texts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

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


class RowBuffer:
    """Gathers rows until they make a batch. ``size`` is about the characters of title and text."""

    def __init__(self) -> None:
        self._parts: list[list[Row] | pa.RecordBatch] = []
        """In order; single rows become columns all at once, however many stand between batches."""
        self.size = 0
        self._places: dict[str, int] = {}
        """Numbers of rows by their ids, once anything is to be amended; the rest comes then."""
        self._known = 0, 0, 0
        """Up to where they are known: the latest part, rows of it, rows before it."""
        self._amended: dict[int, str | None] = {}
        """By their numbers rows that get another id, or go."""

    def append(self, row: Row) -> None:
        """Adds a row."""
        last = self._parts[-1] if self._parts else None
        if isinstance(last, list):
            last.append(row)
        else:
            self._parts.append([row])
        self.size += len(row[1]) + len(row[2]) + ROW_OVERHEAD

    def extend(self, batch: pa.RecordBatch, most: int) -> Iterator[None]:
        """Adds rows that are in columns already; yields when there are enough for a batch."""
        import numpy as np

        offsets = [buffers(batch.column(name)).offsets for name in ("title", "text")]
        whole = sum(int(ends[-1] - ends[0]) for ends in offsets) + ROW_OVERHEAD * len(batch)
        if self.size + whole < most:
            self._parts.append(batch)
            self.size += whole
            return
        sizes = sum(map(np.diff, offsets))
        ends = np.cumsum(sizes + ROW_OVERHEAD)
        first, before = 0, 0
        while first < len(batch):
            stop = int(np.searchsorted(ends, before + most - self.size)) + 1
            stop = max(first + 1, min(stop, len(batch)))
            self._parts.append(batch[first:stop])
            self.size += int(ends[stop - 1]) - before
            first, before = stop, int(ends[stop - 1])
            if self.size >= most:
                yield

    def amend(self, name: str, to: str | None) -> bool:
        """Gives the row of an id another one, or with None drops it; whether it is here."""
        self._find_places()
        number = self._places.pop(name, None)
        if number is None:
            return False
        self._amended[number] = to
        if to is not None:
            self._places[to] = number
        return True

    def _find_places(self) -> None:
        """Takes note of where the rows are that came since the last time."""
        at, known, first = self._known
        while at < len(self._parts):
            part = self._parts[at]
            if known < len(part):
                new = part[known:]
                ids = [r[0] for r in new] if isinstance(new, list) else new["id"].to_pylist()
                self._places.update(zip(ids, range(first + known, first + len(part)), strict=True))
            self._known = at, len(part), first
            at, known, first = at + 1, 0, first + len(part)

    def _as_amended(self) -> list[list[Row] | pa.RecordBatch]:
        """The parts with all that was amended, without those of which nothing is left."""
        changes, parts, first = sorted(self._amended.items(), reverse=True), [], 0
        for part in self._parts:
            own: dict[int, str | None] = {}
            while changes and changes[-1][0] < first + len(part):
                number, to = changes.pop()
                own[number - first] = to
            first += len(part)
            parts.append(_amended(part, own) if own else part)
        return [part for part in parts if len(part)]

    def take(self) -> pa.RecordBatch:
        """The rows so far as one batch; the next one begins empty."""
        import pyarrow as pa

        found = self._as_amended()
        self._parts, self.size = [], 0
        self._places, self._known, self._amended = {}, (0, 0, 0), {}
        single = [row for part in found if isinstance(part, list) for row in part]
        rows = _in_columns(single) if single else None
        first, parts = 0, list[pa.RecordBatch]()
        for part in found:
            if rows is None or not isinstance(part, list):
                parts.append(part)
            else:
                parts.append(rows[first : first + len(part)])
                first += len(part)
        if len(parts) == 1:
            return parts[0]
        whole = pa.Table.from_batches(parts, article_schema()).combine_chunks()
        return whole.to_batches()[0]


def _amended(
    part: list[Row] | pa.RecordBatch, changes: dict[int, str | None]
) -> list[Row] | pa.RecordBatch:
    """Rows, some of which, by their places, get another id or go."""
    import pyarrow as pa

    kept = [changes.get(place, "") is not None for place in range(len(part))]
    if isinstance(part, list):
        every = enumerate(part)
        return [(changes.get(n) or row[0], *row[1:]) for n, row in every if kept[n]]
    ids = enumerate(part["id"].to_pylist())
    named = text_column([changes.get(n) or name for n, name in ids])
    amended = pa.RecordBatch.from_arrays([named, *part.columns[1:]], schema=article_schema())
    return amended.filter(pa.array(kept))


def _in_columns(rows: list[Row]) -> pa.RecordBatch:
    import numpy as np
    import pyarrow as pa

    ids, titles, texts, dates, *others = zip(*rows, strict=True)
    moments = np.array([since_1970(date) if date else 0 for date in dates], np.int64)
    dated = date_column(moments, np.array([date is not None for date in dates], np.bool_))
    before, after = (map(text_column, columns) for columns in ((ids, titles, texts), others))
    return pa.RecordBatch.from_arrays([*before, dated, *after], schema=article_schema())


def text_column(values: Sequence[str]) -> pa.LargeStringArray:
    """Strings as a column; lone surrogates become U+FFFD.

    Put together here, as pyarrow.array imports pandas where that is installed.
    """
    try:
        parts = [value.encode() for value in values]
    except UnicodeEncodeError:  # rare, so looked for only now
        from dedupe.text import without_surrogates

        parts = [without_surrogates(value).encode() for value in values]
    return as_column(encoded_texts(parts))


def date_column(moments: NDArray[np.int64], known: NDArray[np.bool_]) -> pa.TimestampArray:
    """Microseconds since 1970 (n,) as a column of dates, null where they are not ``known``."""
    import numpy as np
    import pyarrow as pa

    valid = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    kind = article_schema().field("date").type
    return pa.Array.from_buffers(kind, len(moments), [valid, pa.py_buffer(moments)])


def batches_of(
    articles: Iterable[Article], *, batch_bytes: int = 2 << 20
) -> Iterator[pa.RecordBatch]:
    """Article values as batches of about ``batch_bytes`` characters each.

    Naive dates are taken for UTC. An id may come again with a later date: that is a newer version
    of the article. Raises RecordError for an empty id, and for any other that was used before.
    """
    rows, seen = RowBuffer(), dict[str, datetime | None]()
    for n, article in enumerate(articles, 1):
        if not article.id:
            raise RecordError(f"article {n} has no id; give each article its own")
        date = None if article.date is None else in_utc(article.date)
        if article.id in seen and not is_later(date, seen[article.id]):
            raise RecordError(f"article {n} repeats the id {article.id!r}; ids must be unique")
        seen[article.id] = date
        rows.append(row_of(article))
        if rows.size >= batch_bytes:
            yield rows.take()
    if rows.size:
        yield rows.take()


def row_of(article: Article) -> Row:
    """An article in the order of ARTICLE_COLUMNS."""
    date = None if article.date is None else in_utc(article.date)
    text = (article.title, article.text)
    return (article.id, *text, date, article.source, article.url, article.lang)


def articles_of(batch: pa.RecordBatch) -> Iterator[Article]:
    """The rows of a batch, in order, as Article values; dates aware, in UTC."""
    for name, title, text, date, source, url, lang in _rows_of(batch):
        yield Article(name, text, title=title, date=date, source=source, url=url, lang=lang)


def rows_spanning(batch: pa.RecordBatch, places: Sequence[int]) -> Iterator[Row]:
    """The rows from the first of some places to the last, read at once; none without any."""
    return _rows_of(batch[places[0] : places[-1] + 1] if places else batch[:0])


def _rows_of(batch: pa.RecordBatch) -> Iterator[Row]:
    columns = {name: batch.column(name).to_pylist() for name in ARTICLE_COLUMNS}
    columns["date"] = [d and d.astimezone(UTC) for d in columns["date"]]
    return zip(*columns.values(), strict=True)


def _digest(*parts: str) -> str:
    """16 hex digits of BLAKE2b over the parts."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=8).hexdigest()


def made_ids(row: Row) -> Iterator[str]:
    """Ids for a row that came without: of its canonical address, then of its content.

    Content is title, text, date, source and address. So the same address with another text (a
    revision) is an article of its own.
    """
    _, title, text, date, source, url, _ = row
    if url:
        yield _digest(canonical_url(url))
    yield _digest(title, text, date.isoformat() if date else "", source, url)
