"""Batches of articles into sketches: the first stage of a run, on all threads.

Articles are put into the order of their ids as soon as they are sketched, so that nothing after
that can depend on the order in which they came.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import suppress
from ctypes import CDLL
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from dedupe.moments import UNDATED
from dedupe.sketch import Sketch, joined, sketch

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.model import Article


@dataclass(frozen=True, slots=True)
class Articles:
    """What is kept of n articles to name them, in the order of their ids."""

    ids: list[str]
    headlines: list[str]
    sources: list[str]
    dates: NDArray[np.int64]
    """Microseconds since 1970 (n,); UNDATED for none."""
    arrival: NDArray[np.int64]
    """Place of each in the input (n,)."""
    texts: list[str] = field(default_factory=list)
    """Title and text, for explanations; empty where they were not asked for."""


def _as_batches(items: Iterable[pa.RecordBatch] | Iterable[Article]) -> Iterator[pa.RecordBatch]:
    from dedupe.model import Article
    from dedupe.read import batches_of

    iterator = iter(items)
    first = next(iterator, None)
    if first is None:
        return iter(())
    whole = chain((first,), iterator)
    return batches_of(whole) if isinstance(first, Article) else whole


def without(
    items: Iterable[pa.RecordBatch] | Iterable[Article], ids: set[str]
) -> Iterator[pa.RecordBatch]:
    """The items as batches, less the articles of these ids."""
    import pyarrow as pa
    import pyarrow.compute as pc

    left_out = pa.array(sorted(ids), pa.large_string())
    for batch in _as_batches(items):
        yield batch.filter(pc.invert(pc.is_in(batch.column("id"), left_out)))


def collect(
    batches: Iterable[pa.RecordBatch] | Iterable[Article],
    settings: Settings,
    executor: Executor,
    *,
    copies_only: bool,
    keep_texts: bool,
) -> tuple[Articles, Sketch, int]:
    """Reads and sketches; on return everything stands in the order of ids."""
    pending: list[Future[Sketch]] = []
    parts: list[Sketch] = []
    columns: list[_Columns] = []
    ahead = 2 * (settings.threads or os.cpu_count() or 1)
    for batch in _as_batches(batches):
        pending.append(executor.submit(sketch, batch, settings, copies_only=copies_only))
        columns.append(_Columns.of(batch, keep_texts=keep_texts))
        if len(pending) > ahead:  # bounds the batches in memory
            parts.append(pending.pop(0).result())
    parts += [future.result() for future in pending]
    found = _ordered(columns, parts, settings, executor)
    if not copies_only:  # copies need little more memory, and pages given back are dear to get
        del parts, pending
        _release()
    return found


def _release() -> None:
    """Gives back to the system what the batches took."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        # Of the C library's own accord freed memory below 32 MB stays with the process.
        with suppress(OSError, AttributeError):
            CDLL(None).malloc_trim(0)


@dataclass(frozen=True, slots=True)
class _Columns:
    """What is kept of one batch beside its sketch."""

    ids: list[str]
    headlines: list[str]
    sources: list[str]
    dates: NDArray[np.int64]
    texts: list[str]
    text_bytes: int

    @classmethod
    def of(cls, batch: pa.RecordBatch, *, keep_texts: bool) -> _Columns:
        title, text = batch.column("title"), batch.column("text")
        titles = title.to_pylist()
        texts = text.to_pylist() if keep_texts else []
        headlines = [head or _headline(text[row].as_py()) for row, head in enumerate(titles)]
        return cls(
            batch.column("id").to_pylist(),
            headlines,
            batch.column("source").to_pylist(),
            _moments(batch.column("date")),
            [f"{head}\n{body}" for head, body in zip(titles, texts, strict=keep_texts)],
            _bytes_of(title) + _bytes_of(text),
        )


def _headline(text: str) -> str:
    """The first line of a text, cut: an article may be one line of a megabyte."""
    return re.split(r"[\r\n]", text.lstrip()[:HEADLINE], maxsplit=1)[0]


def _bytes_of(column: pa.Array) -> int:
    """Bytes that the strings of a large_string column take."""
    _, offsets, _ = column.buffers()
    first, last = np.frombuffer(offsets, np.int64)[[column.offset, column.offset + len(column)]]
    return int(last - first)


def _moments(column: pa.Array) -> NDArray[np.int64]:
    """Dates in microseconds since 1970; UNDATED where there is none."""
    valid, values = column.buffers()
    part = slice(column.offset, column.offset + len(column))
    found = np.frombuffer(values, np.int64)[part]
    if not column.null_count:
        return found
    known = np.unpackbits(np.frombuffer(valid, np.uint8), bitorder="little")[part]
    return np.where(known, found, UNDATED)


HEADLINE = 200
"""Characters of a first line that may stand for a missing title."""


def _ordered(
    columns: list[_Columns], parts: list[Sketch], settings: Settings, executor: Executor
) -> tuple[Articles, Sketch, int]:
    ids = [value for part in columns for value in part.ids]
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)

    def arranged(values: list[str]) -> list[str]:
        return [values[i] for i in order] if values else []

    dates = np.concatenate([p.dates for p in columns]) if columns else np.empty(0, np.int64)
    articles = Articles(
        arranged(ids),
        arranged([value for part in columns for value in part.headlines]),
        arranged([value for part in columns for value in part.sources]),
        dates[order],
        order,
        arranged([value for part in columns for value in part.texts]),
    )
    if not parts:
        return articles, Sketch.empty(settings), 0
    return articles, joined(parts, order, executor), sum(part.text_bytes for part in columns)
