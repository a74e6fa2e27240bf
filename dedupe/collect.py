"""Batches of articles into sketches: the first stage of a run, on all threads.

Articles are put into the order of their ids as soon as they are sketched, so that nothing after
that can depend on the order in which they came.
"""

from __future__ import annotations

import os
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import suppress
from ctypes import CDLL
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.language import counted_apart
from dedupe.lines import Lines
from dedupe.moments import UNDATED
from dedupe.sketch import MarkedTerms, Sketch, Terms, joined, sketch

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.config import Settings


@dataclass(frozen=True, slots=True)
class Articles:
    """What is kept of n articles to name them, in the order of their ids."""

    ids: list[str]
    headlines: list[str]
    sources: list[str]
    dates: NDArray[np.int64]
    """Microseconds since 1970 (n,); UNDATED for none."""
    arrival: NDArray[np.int64]
    """Place of each in the input (n,): ascending, not dense."""
    texts: list[str] = field(default_factory=list)
    """Title and text, for explanations; empty where they were not asked for."""


def as_batches(items: object) -> Iterator[pa.RecordBatch]:
    """Batches of whatever holds articles; see dedupe.read.batches_from."""
    from dedupe.read import batches_from

    return batches_from(items, number_rows=True)


def without(items: object, ids: set[str]) -> Iterator[pa.RecordBatch]:
    """The items as batches, less the articles of these ids."""
    import pyarrow as pa
    import pyarrow.compute as pc

    left_out = pa.array(sorted(ids), pa.large_string())
    for batch in as_batches(items):
        yield batch.filter(pc.invert(pc.is_in(batch.column("id"), left_out)))


def collect(
    batches: Iterable[pa.RecordBatch],
    settings: Settings,
    executor: Executor,
    *,
    copies_only: bool,
    keep_texts: bool,
) -> tuple[Articles, Sketch, int]:
    """Reads and sketches; on return everything stands in the order of ids."""
    parts: list[Sketch] = []
    columns: list[KeptColumns] = []
    for batch, made in sketched_batches(batches, settings, executor, copies_only=copies_only):
        columns.append(KeptColumns.of(batch, keep_texts=keep_texts))
        parts.append(made)
    found = put_in_order(columns, parts, settings, executor)
    if not copies_only:  # copies need little more memory, and pages given back are dear to get
        del parts
        release()
    return found


def sketched_batches(
    batches: Iterable[pa.RecordBatch],
    settings: Settings,
    executor: Executor,
    *,
    copies_only: bool,
) -> Iterator[tuple[pa.RecordBatch, Sketch]]:
    """Batches and their sketches, in order; those that follow are sketched before their turn."""
    pending: deque[tuple[pa.RecordBatch, Future[Sketch]]] = deque()
    ahead = 2 * (settings.threads or os.cpu_count() or 1)
    for batch in batches:
        made = executor.submit(sketch, batch, settings, copies_only=copies_only)
        pending.append((batch, made))
        if len(pending) > ahead:  # bounds the batches in memory
            first, made = pending.popleft()
            yield first, made.result()
    while pending:
        first, made = pending.popleft()
        yield first, made.result()


def release() -> None:
    """Gives back to the system what was freed, as after a stage that took more than the next."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        # Of the C library's own accord freed memory below 32 MB stays with the process.
        with suppress(OSError, AttributeError):
            CDLL(None).malloc_trim(0)


@dataclass(frozen=True, slots=True)
class KeptColumns:
    """What is kept of one batch beside its sketch."""

    ids: list[str]
    headlines: list[str]
    sources: list[str]
    dates: NDArray[np.int64]
    texts: list[str]
    text_bytes: NDArray[np.int64]
    """Of title and text of each."""

    @classmethod
    def of(cls, batch: pa.RecordBatch, *, keep_texts: bool) -> KeptColumns:
        """Those of a batch of articles; its texts where they are to be kept."""
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


def _bytes_of(column: pa.Array) -> NDArray[np.int64]:
    """Bytes that each string of a large_string column takes."""
    _, offsets, _ = column.buffers()
    part = slice(column.offset, column.offset + len(column) + 1)
    return np.diff(np.frombuffer(offsets, np.int64)[part])


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


def put_in_order(
    columns: list[KeptColumns],
    parts: list[Sketch],
    settings: Settings,
    executor: Executor,
    positions: NDArray[np.int64] | None = None,
) -> tuple[Articles, Sketch, int]:
    """Batches as one, in the order of ids: articles, their sketch, and bytes of their texts.

    ``positions`` (n,) say in which order the articles came; without it they came in this one.
    """
    ids = [value for part in columns for value in part.ids]
    came = np.arange(len(ids)) if positions is None else positions
    places = sorted(np.argsort(came).tolist(), key=ids.__getitem__)
    named = [ids[place] for place in places]
    whole = joined(parts, np.array(places, np.int64), executor) if parts else Sketch.empty(settings)
    # Of several versions of an article, which are in the order in which they came, the last stays.
    older = [n for n, (name, following) in enumerate(pairwise(named)) if name == following]
    if older:
        rows = np.delete(np.arange(len(ids)), older)
        whole = taken(whole, rows)
        places, named = [places[n] for n in rows.tolist()], [named[n] for n in rows.tolist()]
    whole = replace(whole, languages=counted_apart(whole.languages))
    order = np.array(places, np.int64)

    def arranged(values: list[str]) -> list[str]:
        return [values[place] for place in places] if values else []

    dates = np.concatenate([p.dates for p in columns]) if columns else np.empty(0, np.int64)
    articles = Articles(
        named,
        arranged([value for part in columns for value in part.headlines]),
        arranged([value for part in columns for value in part.sources]),
        dates[order],
        came[order],
        arranged([value for part in columns for value in part.texts]),
    )
    return articles, whole, sum(int(part.text_bytes.sum()) for part in columns)


def taken(whole: Sketch, rows: NDArray[np.int64]) -> Sketch:
    """Some of the articles of a sketch (k,), ascending."""
    terms, lines, telling = whole.terms, whole.lines, whole.telling
    starts, (shingles,) = _runs(whole.starts, rows, whole.shingles)
    if terms is not None:
        bounds, columns = _runs(terms.bounds, rows, terms.buckets, terms.counts, terms.flags)
        terms = Terms(columns[0], columns[1], columns[2], bounds)
    if lines is not None:
        keys = (lines.keys, lines.ends, lines.token_ends, lines.known)
        bounds, columns = _runs(lines.bounds, rows, *keys)
        spots, (order,) = _runs(lines.order_bounds, rows, lines.order)
        lines = Lines(columns[0], columns[1], columns[2], columns[3], bounds, order, spots)
    if telling is not None:
        bounds, (packed,) = _runs(telling.bounds, rows, telling.packed)
        telling = MarkedTerms(packed, bounds)
    spoken = tuple(whole.languages[row] for row in rows) if whole.languages else ()
    return Sketch(
        whole.signatures[rows], whole.contents[rows], shingles, starts, whole.lengths[rows],
        spoken, terms, lines, telling,
    )  # fmt: skip


def _runs(
    bounds: NDArray[np.int64], rows: NDArray[np.int64], *columns: NDArray[Any]
) -> tuple[NDArray[np.int64], list[NDArray[Any]]]:
    """What columns hold of some rows that lie between bounds (n + 1,), and the bounds there."""
    sizes = np.diff(bounds)[rows]
    ends = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    places = np.repeat(bounds[rows] - ends[:-1], sizes) + np.arange(ends[-1])
    return ends, [column[places] for column in columns]
