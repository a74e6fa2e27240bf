"""Articles sketched where they lie, and grouped where their sketches come together.

With the same result as if one process had read them all: on other machines, in an engine's
partitions, or once for many runs.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dedupe.collect import KeptColumns, as_batches, put_in_order, sketched_batches
from dedupe.errors import RecordError
from dedupe.joining import Parts
from dedupe.pipeline import Stage, analysed_sketch
from dedupe.read import record_batches
from dedupe.sketch_form import as_arrow, from_arrow, positions_in, sketch_form_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor

    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.analysis import Analysis
    from dedupe.collect import Articles
    from dedupe.config import Settings
    from dedupe.room import Room
    from dedupe.sketch import Sketch
    from dedupe.story import StoryModel
    from dedupe.tabular import Tabular


def sketched_tables(
    articles: Tabular, settings: Settings, *, copies_only: bool = False
) -> Iterator[pa.RecordBatch]:
    """Sketches of articles, in their order, a batch at a time, made on threads."""
    batches, again = as_batches(articles), told_again()
    yield from sketches_of(batches, settings, again, copies_only=copies_only)


def told_again() -> Callable[[list[str]], list[bool]]:
    """A function that says, batch by batch, which ids take the place of earlier ones."""
    seen = set[str]()

    def again(names: list[str]) -> list[bool]:
        told = []
        for name in names:
            told.append(name in seen)
            seen.add(name)
        return told

    return again


def sketches_of(
    batches: Iterable[pa.RecordBatch],
    settings: Settings,
    again: Callable[[list[str]], list[bool]],
    *,
    copies_only: bool,
) -> Iterator[pa.RecordBatch]:
    """The same of batches of articles, one of sketches for each.

    ``again`` says of the ids of a batch which of them take the place of earlier ones; it is asked
    in the order of the batches.
    """
    form = sketch_form_of(settings, copies_only=copies_only)
    with ThreadPoolExecutor(settings.threads or os.cpu_count() or 1) as executor:
        parts = sketched_batches(batches, settings, executor, copies_only=copies_only)
        for batch, made in parts:
            columns = KeptColumns.of(batch, keep_texts=False)
            yield as_arrow(form, columns, again(columns.ids), made)


def analyse_sketches(
    sketches: object,
    settings: Settings,
    *,
    model: StoryModel | None = None,
    on_stage: Stage = lambda _: None,
) -> Analysis:
    """Groups articles by their sketches, given as tables; see pipeline.analyse.

    Raises SettingError for sketches of another form than the settings make; RecordError, with row
    and column, for what is no sketch, or is broken, and for an id that two calls gave an article.
    """
    return analysed_sketch(
        partial(_joined, sketches, settings), settings, model=model, on_stage=on_stage
    )


def _joined(
    sketches: object, settings: Settings, executor: Executor, room: Room
) -> tuple[Articles, Sketch, int]:
    """All sketches as one, as collect returns it. Raises as analyse_sketches does."""
    parts = Parts(room)
    columns: list[KeptColumns] = []
    again: list[bool] = []
    places: list[NDArray[np.int64] | None] = []
    form, row = "", 0
    for batch in record_batches(sketches):
        own, replaces, form, made = from_arrow(batch, settings, form, row)
        places.append(positions_in(batch, row))
        row += len(batch)
        again += replaces
        columns.append(own)
        parts.add(made)
    positions = _all_positions(places)
    refuse_twice([name for own in columns for name in own.ids], again, positions)
    return put_in_order(columns, parts, settings, executor, positions)


def _all_positions(places: list[NDArray[np.int64] | None]) -> NDArray[np.int64] | None:
    """Positions of all rows (n,); None where no batch has any. Raises RecordError."""
    told = [own for own in places if own is not None]
    if not told:
        return None
    if len(told) < len(places):
        raise RecordError("some of the sketches have a column 'position', and some have none")
    positions = np.concatenate(told)
    ordered = np.sort(positions)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(twice):
        raise RecordError(f"two rows of the sketches have the position {twice[0]}")
    return positions


def refuse_twice(ids: list[str], again: list[bool], positions: NDArray[np.int64] | None) -> None:
    """Raises RecordError for an id that is there, and whose row takes the place of no other."""
    seen = set[str]()
    for at in range(len(ids)) if positions is None else np.argsort(positions).tolist():
        if ids[at] in seen and not again[at]:
            raise RecordError(
                f"two articles have the id {ids[at]!r}: sketch them in one call, which tells them"
                " apart, or give them ids of their own"
            )
        seen.add(ids[at])
