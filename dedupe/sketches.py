"""Articles sketched where they lie, and grouped where their sketches come together.

With the same result as if one process had read them all: on other machines, in an engine's
partitions, or once for many runs.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from dedupe.collect import KeptColumns, as_batches, put_in_order, sketched_batches
from dedupe.errors import RecordError
from dedupe.joining import Parts
from dedupe.pipeline import Stage, analysed_sketch
from dedupe.read import record_batches
from dedupe.sketch_form import as_arrow, from_arrow, sketch_form_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

    import pyarrow as pa

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
    form, seen = sketch_form_of(settings, copies_only=copies_only), set[str]()
    with ThreadPoolExecutor(settings.threads or os.cpu_count() or 1) as executor:
        parts = sketched_batches(as_batches(articles), settings, executor, copies_only=copies_only)
        for batch, made in parts:
            columns = KeptColumns.of(batch, keep_texts=False)
            again = []
            for name in columns.ids:
                again.append(name in seen)
                seen.add(name)
            yield as_arrow(form, columns, again, made)


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
    seen, form, row = set[str](), "", 0
    for batch in record_batches(sketches):
        own, again, form, made = from_arrow(batch, settings, form, row)
        for name, replaces in zip(own.ids, again, strict=True):
            if name in seen and not replaces:
                raise RecordError(
                    f"two articles have the id {name!r}: sketch them in one call, which tells them"
                    " apart, or give them ids of their own"
                )
            seen.add(name)
        row += len(batch)
        columns.append(own)
        parts.add(made)
    return put_in_order(columns, parts, settings, executor)
