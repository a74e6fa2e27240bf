"""Groups of copies on an engine: sketches become keys there, and pairs are compared there.

The driver holds what names the articles and what is told of pairs, and groups by it.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.collect import KeptColumns, ordered
from dedupe.copy_tables import key_schema
from dedupe.errors import EngineError
from dedupe.pipeline import analysed_corpus
from dedupe.sketch_form import POSITION
from dedupe.sketches import refuse_twice
from dedupe.spark.asking import Questions, column_numbers
from dedupe.spark.corpus import CorpusOnEngine, LightColumns
from dedupe.spark.engine import engine_errors
from dedupe.spark.workers import make_keys, spark_types

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from dedupe.analysis import Analysis
    from dedupe.config import Settings
    from dedupe.spark.stages import Stages

KEYS = "dedupe-keys"
"""A stage, see copy_tables.keys_of."""
_HEAVY = ("buckets", "sampled")
"""Its columns that stay with the engine."""


def copies_of_sketches(
    stages: Stages,
    sketches: str,
    by: dict[str, Any],
    settings: Settings,
    *,
    positions: bool,
    articles: int,
    on_stage: Callable[[str], None],
) -> Analysis:
    """Groups of copies among so many ``articles``, whose sketches are a stage.

    ``by`` says what they were made of. They have ``positions``, or ids that are unique.
    """
    began = time.perf_counter()
    on_stage("making keys")
    schema, by = key_schema(positions=positions), {"sketches": by}
    if not stages.is_made(KEYS, by):
        frame = stages.read(sketches)
        stages.make(KEYS, by, frame.mapInArrow(partial(make_keys, settings), spark_types(schema)))
    light = [name for name in schema.names if name not in _HEAVY]
    with engine_errors(f"{stages.path(KEYS)} could not be collected"):
        rows = stages.read(KEYS).select(*light).toArrow()
    if len(rows) != articles:
        raise EngineError(
            f"{stages.path(KEYS)} has keys of {len(rows):,} articles, and there are {articles:,}:"
            " remove the folder, and run again"
        )
    columns, places = _kept(rows), column_numbers(rows, POSITION) if positions else None
    refuse_twice(columns.ids, rows.column("again").to_pylist(), places)
    named, order, _ = ordered([columns], places)
    key = POSITION if positions else "id"
    at_hand = LightColumns(
        rows.column(key).combine_chunks().take(order),
        column_numbers(rows, "tokens")[order],
        column_numbers(rows, "content").view(np.uint64)[order],
        column_numbers(rows, "title").view(np.uint64)[order],
        column_numbers(rows, "samples")[order],
    )
    del rows
    with ThreadPoolExecutor(settings.threads or os.cpu_count() or 1) as executor:
        corpus = CorpusOnEngine(
            Questions(stages, by), (sketches, KEYS), key, at_hand, settings, executor, on_stage
        )
        return analysed_corpus(
            named, corpus, settings, known=corpus.holding,
            text_bytes=int(columns.text_bytes.sum()), began=began,
        )  # fmt: skip


def _kept(rows: pa.Table) -> KeptColumns:
    """What names the articles."""
    ids, headlines, sources = (rows.column(k).to_pylist() for k in ("id", "headline", "source"))
    dates, sizes = column_numbers(rows, "date"), column_numbers(rows, "text_bytes")
    return KeptColumns(ids, headlines, sources, dates, [], sizes)
