"""Rows of articles with their ids, into Arrow batches, and back into Article values."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from dedupe.errors import RecordError
from dedupe.model import ARTICLE_COLUMNS, Article
from dedupe.moments import in_utc, since_1970
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
        self._rows: list[Row] = []
        self._parts: list[pa.RecordBatch] = []
        self.size = 0

    def append(self, row: Row) -> None:
        """Adds a row."""
        self._rows.append(row)
        self.size += len(row[1]) + len(row[2]) + ROW_OVERHEAD

    def extend(self, batch: pa.RecordBatch, most: int) -> Iterator[None]:
        """Adds rows that are in columns already; yields when there are enough for a batch."""
        import numpy as np

        self._close()
        sizes = sum(np.diff(buffers(batch.column(name)).offsets) for name in ("title", "text"))
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

    def take(self) -> pa.RecordBatch:
        """The rows so far as one batch; the next one begins empty."""
        import pyarrow as pa

        self._close()
        parts, self._parts, self.size = self._parts, [], 0
        if len(parts) == 1:
            return parts[0]
        whole = pa.Table.from_batches(parts, article_schema()).combine_chunks()
        return whole.to_batches()[0]

    def _close(self) -> None:
        if self._rows:
            self._parts.append(_in_columns(self._rows))
            self._rows = []


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

    Naive dates are taken for UTC. Raises RecordError for an empty id, or one used before.
    """
    rows, seen = RowBuffer(), set[str]()
    for n, article in enumerate(articles, 1):
        if not article.id:
            raise RecordError(f"article {n} has no id; give each article its own")
        if article.id in seen:
            raise RecordError(f"article {n} repeats the id {article.id!r}; ids must be unique")
        seen.add(article.id)
        date = None if article.date is None else in_utc(article.date)
        text = (article.title, article.text)
        rows.append((article.id, *text, date, article.source, article.url, article.lang))
        if rows.size >= batch_bytes:
            yield rows.take()
    if rows.size:
        yield rows.take()


def articles_of(batch: pa.RecordBatch) -> Iterator[Article]:
    """The rows of a batch, in order, as Article values; dates aware, in UTC."""
    columns = {name: batch.column(name).to_pylist() for name in ARTICLE_COLUMNS}
    columns["date"] = [d and d.astimezone(UTC) for d in columns["date"]]
    for values in zip(*columns.values(), strict=True):
        yield Article(**dict(zip(columns, values, strict=True)))


_TRACKING = re.compile(
    r"utm_\w+|mc_[ce]id|[a-z]*clid|igshid|ocid|cmpid|ncid|smid|_ga|_gl|mkt_tok|ref_src",
    re.IGNORECASE,
)
"""Query parameters that tell where a reader came from, never which article it is."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def canonical_url(url: str) -> str:
    """The address without what varies between links to one page.

    Scheme and host in lower case, default port, fragment and tracking parameters dropped. What
    cannot be parsed comes back as it was.
    """
    try:
        parts = urlsplit(url.strip())
        scheme, host = parts.scheme.lower(), parts.netloc.lower()
        host = host.removesuffix(_DEFAULT_PORTS.get(scheme, "\0"))
        kept = [p for p in parts.query.split("&") if not _TRACKING.fullmatch(p.partition("=")[0])]
    except ValueError:
        return url
    whole = (scheme, host, parts.path or "/" * bool(host), "&".join(kept), "")
    return urlunsplit(whole).strip()  # what went may have hidden white space


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


class Ids:
    """The ids given so far, each with where it was given."""

    def __init__(self) -> None:
        self._where: dict[str, int] = {}
        self._places: list[str] = []
        self._repeats: dict[str, int] = {}

    def enter(self, source: str) -> None:
        """Says that the ids to come are of this source."""
        self._places.append(source)

    def claim(self, wanted: str, line: int) -> str | None:
        """None if the id was free, and is now taken; else where it was used: ``FILE:LINE``."""
        first = self._where.get(wanted)
        if first is not None:
            return f"{self._places[first >> 40]}:{first & (1 << 40) - 1}"
        # One int a place, not a tuple: at a million articles it saves 60 MB.
        self._where[wanted] = len(self._places) - 1 << 40 | line
        return None

    def claim_each(self, wanted: list[str], lines: list[int]) -> list[tuple[int, str]]:
        """Takes the ids that are free; of the others their places, and where each was used."""
        where, here = self._where, len(self._places) - 1 << 40
        again = [
            (place, name)
            for place, (name, line) in enumerate(zip(wanted, lines, strict=True))
            if where.setdefault(name, here | line) != here | line
        ]
        return [(place, self.claim(name, 0) or "") for place, name in again]

    def claim_any(self, wanted: Iterable[str], line: int) -> str:
        """The first of the ids that is free; if none is, the last one with -2, -3 ... after it."""
        last = ""
        for last in wanted:
            if self.claim(last, line) is None:
                return last
        for n in itertools.count(self._repeats.get(last, 2)):
            if self.claim(f"{last}-{n}", line) is None:
                self._repeats[last] = n + 1
                break
        return f"{last}-{n}"
