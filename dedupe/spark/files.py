"""Articles that the driver reads, sketched by an engine's workers: ``dedupe group --engine``.

The driver reads, as only one reader that sees all records in their order can tell those of one id
apart. Each article has its position, so that nothing depends on partitions.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedupe.sketch_form import POSITION, sketch_form_of, sketch_schema
from dedupe.sketches import analyse_sketches, told_again
from dedupe.spark.groups import SketchStage, group_there
from dedupe.spark.plan import EnginePlan
from dedupe.spark.workers import AGAIN, Sketching, sketch_in_place, spark_columns
from dedupe.tokens import buffers

if TYPE_CHECKING:
    from dedupe.analysis import Analysis
    from dedupe.config import Settings
    from dedupe.spark.stages import Stages
    from dedupe.story import StoryModel

ARTICLES, SKETCHES = "dedupe-articles", "dedupe-sketches"
"""Stages. What has their name in their folder is written over: one that nobody else gives."""
CHUNK = 16 << 20
"""Bytes of articles that are handed to the engine at a time."""
SPLIT = 16 << 20
"""Bytes of texts that make a partition, where there are more than for one a processor."""
OnStage = Callable[[str], None]
OnPlan = Callable[[EnginePlan], None]


def groups_on_engine(
    batches: Iterable[pa.RecordBatch],
    stages: Stages,
    settings: Settings,
    *,
    copies_only: bool = False,
    model: StoryModel | None = None,
    partitions: int | None = None,
    on_stage: OnStage = lambda _: None,
    on_plan: OnPlan = lambda _: None,
) -> Analysis:
    """Groups what a reader yields (see dedupe.read.read) by sketches that stay with an engine.

    The analysis that ``analyse`` makes, without shingles. Other stages are the answers of the
    workers, see CorpusOnEngine and LinesOnEngine. Raises EngineError.
    """
    given = stage_sketches(
        batches, stages, settings, copies_only=copies_only, partitions=partitions,
        on_stage=on_stage, on_plan=on_plan,
    )  # fmt: skip
    if not given.articles:
        return analyse_sketches(sketch_schema().empty_table(), settings)
    return group_there(given, settings, model=model, on_stage=on_stage)


def stage_sketches(
    batches: Iterable[pa.RecordBatch],
    stages: Stages,
    settings: Settings,
    *,
    copies_only: bool = False,
    partitions: int | None = None,
    on_stage: OnStage = lambda _: None,
    on_plan: OnPlan = lambda _: None,
) -> SketchStage:
    """Sketches of what a reader yields, made by the workers of an engine, in any order.

    The articles become the stage ARTICLES, sketches with the position of each the stage SKETCHES,
    which is taken as it is where it was made of the same articles, by the same settings.
    ``on_plan`` is told what a run will take, once all was read. Raises EngineError.
    """
    put = _Put(stages)
    for batch in batches:
        put.add(batch)
    put.flush()
    on_plan(EnginePlan(put.articles, put.text_bytes, copies_only, True, settings.memory))
    by = {
        "form": sketch_form_of(settings, copies_only=copies_only),
        "settings": settings.sketched(),
        "articles": put.articles,
        "digest": put.digest.hexdigest(),
    }
    if put.articles:
        on_stage("sketching")
        if not stages.is_made(SKETCHES, by):
            most = partitions or max(os.cpu_count() or 1, put.text_bytes // SPLIT)
            how = Sketching.alone(settings, copies_only=copies_only)
            rows = stages.read(ARTICLES).repartition(most)
            kinds = spark_columns(f"{POSITION} bigint")
            stages.make(SKETCHES, by, rows.mapInArrow(partial(sketch_in_place, how), kinds))
    return SketchStage(stages, SKETCHES, by, POSITION, put.articles, copies_only)


@dataclass
class _Put:
    """Articles on their way to the engine."""

    stages: Stages
    articles: int = 0
    text_bytes: int = 0

    def __post_init__(self) -> None:
        self.digest = hashlib.blake2b(digest_size=16)
        self._again = told_again()
        self._waiting: list[pa.RecordBatch] = []
        self._size = 0
        self._first = True

    def add(self, batch: pa.RecordBatch) -> None:
        """Takes a batch; those that have gathered are handed over once they are enough."""
        self.digest.update(batch.serialize())
        again = self._again(batch.column("id").to_pylist())
        places = np.arange(self.articles, self.articles + len(batch), dtype=np.int64)
        arrays = [*batch.columns, pa.array(again, pa.bool_()), pa.array(places)]
        names = [*batch.schema.names, AGAIN, POSITION]
        self._waiting.append(pa.RecordBatch.from_arrays(arrays, names=names))
        self.articles += len(batch)
        texts = (buffers(batch.column(name)).offsets for name in ("title", "text"))
        self.text_bytes += sum(int(ends[-1] - ends[0]) for ends in texts)
        self._size += batch.nbytes
        if self._size >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Hands over what has gathered."""
        if self._waiting:
            part = pa.Table.from_batches(self._waiting)
            self.stages.add(ARTICLES, part, first=self._first)
            self._waiting, self._size, self._first = [], 0, False
