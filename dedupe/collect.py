"""Batches of articles into sketches: the first stage of a run, on all threads.

Articles are put into the order of their ids as soon as they are sketched, so that nothing after
that can depend on the order in which they came.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dedupe.joining import Parts, joined
from dedupe.language import counted_apart
from dedupe.moments import UNDATED
from dedupe.room import Empty, Room, release
from dedupe.sketch import Sketch, sketch

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
    urls: list[str] = field(default_factory=list)
    """Addresses, as far as the texts."""


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
    room: Room,
    copies_only: bool,
    keep_texts: bool,
) -> tuple[Articles, Sketch, int]:
    """Reads and sketches; on return everything stands in the order of ids. Raises NoRoomError."""
    parts = Parts(room)
    columns: list[KeptColumns] = []
    for batch, made in sketched_batches(batches, settings, executor, copies_only=copies_only):
        columns.append(KeptColumns.of(batch, keep_texts=keep_texts))
        parts.add(made)
    found = put_in_order(columns, parts, settings, executor)
    if not copies_only:  # copies need little more memory, and pages given back are dear to get
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
    urls: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, batch: pa.RecordBatch, *, keep_texts: bool) -> KeptColumns:
        """Those of a batch of articles; its texts and addresses where they are to be kept."""
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
            batch.column("url").to_pylist() if keep_texts else [],
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
    parts: Parts,
    settings: Settings,
    executor: Executor,
    positions: NDArray[np.int64] | None = None,
) -> tuple[Articles, Sketch, int]:
    """Batches as one, in the order of ids: articles, their sketch, and bytes of their texts.

    ``parts`` is left empty. ``positions`` (n,) say in which order the articles came; without it
    they came in this one.
    """
    articles, order, older = ordered(columns, positions)
    room = parts.room
    room.closed()
    whole = _whole(parts.held, order, older, executor, room.empty) or Sketch.empty(settings)
    whole = replace(whole, languages=counted_apart(whole.languages))
    return articles, whole, sum(int(part.text_bytes.sum()) for part in columns)


def ordered(
    columns: list[KeptColumns], positions: NDArray[np.int64] | None = None
) -> tuple[Articles, NDArray[np.int64], list[int]]:
    """The articles of all batches in the order of their ids, see put_in_order.

    And the place of each among all rows (n,), and the rows that are older versions of one.
    """
    ids = [value for part in columns for value in part.ids]
    came = np.arange(len(ids)) if positions is None else positions
    places = sorted(np.argsort(came).tolist(), key=ids.__getitem__)
    # Of several versions of an article, which are in the order in which they came, the last stays.
    older = [one for one, following in pairwise(places) if ids[one] == ids[following]]
    if older:
        gone = set(older)
        places = [place for place in places if place not in gone]
    order = np.array(places, np.int64)

    def arranged(values: list[str]) -> list[str]:
        return [values[place] for place in places] if values else []

    dates = np.concatenate([p.dates for p in columns]) if columns else np.empty(0, np.int64)
    articles = Articles(
        arranged(ids),
        arranged([value for part in columns for value in part.headlines]),
        arranged([value for part in columns for value in part.sources]),
        dates[order],
        came[order],
        arranged([value for part in columns for value in part.texts]),
        arranged([value for part in columns for value in part.urls]),
    )
    return articles, order, older


def _whole(
    parts: list[Sketch],
    order: NDArray[np.int64],
    older: list[int],
    executor: Executor,
    empty: Empty,
) -> Sketch | None:
    """All sketches as one in the given order, without the ``older`` ones; None without any."""
    if not parts:
        return None
    whole = joined(parts, np.append(order, np.array(older, np.int64)), executor, empty)
    return whole.part(slice(0, len(order))) if older else whole
