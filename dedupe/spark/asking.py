"""Questions to an engine: a table is put to it, and the answer is a stage that comes back.

A run that asks the same finds the answer there. To a pair of articles the workers answer in blocks,
none of which holds more of the corpus than one task can.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from dedupe.analysis import HeldPairs
from dedupe.copy_tables import BLOCK, ROW, holding_of, holding_schema, likeness_of, likeness_schema
from dedupe.errors import EngineError
from dedupe.novelty import Alike, Differences, additions
from dedupe.score import Overlaps
from dedupe.spark.blocks import asked_table
from dedupe.spark.engine import collected
from dedupe.spark.workers import spark_types, spark_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from dedupe.config import Settings
    from dedupe.spark.stages import Stages

CHUNK = 1 << 18
"""Rows that are put to an engine at a time."""
AHEAD = 1 << 16
"""Pairs that are compared together where the next depend on what comes of them: each is a job."""
BLOCKS = 24
"""Blocks that are compared in one job: 150 MB of sketches, of which an engine holds some copies."""


class Questions:
    """What one run asks an engine, in order."""

    def __init__(self, stages: Stages, by: dict[str, Any]) -> None:
        """``by`` is what all answers depend on."""
        self.stages, self.by, self._count = stages, by, 0
        self._asked: dict[str, str] = {}

    def build_on(self, stage: str) -> None:
        """From here on all answers depend on this one, too."""
        self.by = {**self.by, stage: self._asked[stage]}

    def answered(
        self,
        name: str,
        asked: pa.Table,
        by: dict[str, Any],
        answer: Callable[[DataFrame], DataFrame],
    ) -> str:
        """Makes a stage of what ``answer`` makes of a table ``asked``; returns its name.

        ``by`` is what it depends on beside the table. Raises EngineError, RecordError.
        """
        self._count += 1
        stage, digest = f"dedupe-{self._count}-{name}", hashlib.blake2b(digest_size=16)
        for batch in asked.to_batches():
            digest.update(batch.serialize())
        self._asked[stage] = digest.hexdigest()
        by = {**self.by, **by, "asked": digest.hexdigest()}
        if not self.stages.is_made(stage, by):
            put = f"{stage}-asked"
            for first in range(0, max(len(asked), 1), CHUNK):
                part = spark_values(asked.slice(first, CHUNK))
                self.stages.add(put, part, first=first == 0)
            self.stages.make(stage, by, answer(self.stages.read(put)))
        return stage

    def collected(
        self,
        name: str,
        asked: pa.Table,
        by: dict[str, Any],
        answer: Callable[[DataFrame], DataFrame],
        schema: pa.Schema,
    ) -> pa.Table:
        """The rows of that stage, which has the columns of a ``schema``, in any order.

        None where nothing is ``asked``: of no rows an engine makes no table.
        """
        if not len(asked):
            return schema.empty_table()
        stage = self.answered(name, asked, by, answer)
        return collected(self.stages.read(stage, spark_types(schema)), self.stages.path(stage))


class ArticlesThere(NamedTuple):
    """n articles, in the order of their ids, whose sketches are a stage of an engine."""

    questions: Questions
    source: str
    """The stage."""
    key: str
    """The column by which it knows an article."""
    keys: pa.Array
    """The values of that (n,)."""
    lengths: NDArray[np.int64]
    """Tokens of each (n,)."""
    settings: Settings

    def sketches(self) -> DataFrame:
        """All of the stage."""
        return self.questions.stages.read(self.source)

    def asked(self, rows: NDArray[Any]) -> pa.Table:
        """Some of them as a table of their keys and numbers."""
        return pa.table({self.key: self.keys.take(pa.array(rows)), ROW: rows.astype(np.int64)})

    def told(
        self,
        name: str,
        rows: NDArray[Any],
        by: dict[str, Any],
        answer: Callable[[DataFrame], DataFrame],
        schema: pa.Schema,
    ) -> pa.Table:
        """What is told where these are asked for, see Questions.collected."""
        return self.questions.collected(name, self.asked(rows), by, answer, schema)


class PairTerms(NamedTuple):
    """What is told of m pairs of articles by their terms."""

    cosine: NDArray[np.float64]
    """(m,)"""
    differences: NDArray[np.int64]
    """What the second adds to the first, see novelty.Differences (m, 14)."""


class ComparingThere:
    """What compares such articles, see corpus.Comparing."""

    ahead = AHEAD

    def __init__(self, articles: ArticlesThere, agreeing: int = 0) -> None:
        """Those whose signatures agree in fewer than ``agreeing`` values have nothing in common."""
        self.there, self._agreeing = articles, agreeing

    def compared(self, pairs: NDArray[np.int32], least: float) -> Alike:
        """Compares pairs (m, 2) word by word. Raises EngineError."""
        settings, agreeing = self.there.settings, self._agreeing
        table = self.of_pairs(
            "alike", pairs, {"least": float(least), "agreeing": agreeing},
            lambda block: likeness_of(block, settings, least, agreeing), likeness_schema(),
        )  # fmt: skip
        columns = {name: column_numbers(table, name) for name in table.schema.names[2:]}
        shared = Overlaps(columns["jaccard"], columns["containment"])
        adds = columns["adds"].astype(np.int8)
        return Alike(shared, columns["likeness"], adds, columns["edited"], columns["quoted"])

    def holding(self, pairs: NDArray[np.int32], terms: PairTerms | None = None) -> HeldPairs:
        """What is told of articles that hold others, see analysis.HeldPairs. Raises EngineError.

        ``terms`` are what is told of them by all their terms, where these were weighed.
        """
        settings = self.there.settings
        table = self.of_pairs(
            "holding", pairs, {}, lambda block: holding_of(block, settings), holding_schema()
        )
        shared = Overlaps(column_numbers(table, "jaccard"), column_numbers(table, "containment"))
        adds, cosine = column_numbers(table, "adds").astype(np.int8), np.full(len(pairs), np.nan)
        if terms is not None and len(pairs):
            words = table.column("words").combine_chunks().flatten().to_numpy()
            words = words.reshape(len(pairs), len(words) // max(1, len(pairs)))
            adds, cosine = additions(Differences(words, terms.differences)), terms.cosine
        return HeldPairs(pairs, shared, column_numbers(table, "edited"), adds, cosine)

    def of_pairs(
        self,
        name: str,
        pairs: NDArray[np.int32],
        by: dict[str, Any],
        compare: Callable[[pa.Table], pa.Table],
        schema: pa.Schema,
    ) -> pa.Table:
        """What workers find out about pairs, a row for each, in their order. Raises EngineError.

        ``compare`` is without annotations, by which pyspark would look for another kind of it.
        """
        there = self.there
        asked = asked_table(pairs, there.lengths, there.keys, there.key)
        source, kinds = there.sketches(), spark_types(schema)

        def answer(needed: DataFrame) -> DataFrame:
            blocks = needed.join(source, there.key).groupBy(BLOCK)
            return blocks.applyInArrow(compare, kinds)

        found = pa.concat_tables(
            [there.questions.collected(name, part, by, answer, schema) for part in rounds_of(asked)]
        )
        n = len(there.lengths)
        wanted = pairs[:, 0].astype(np.int64) * n + pairs[:, 1]
        keys = column_numbers(found, "row") * n + column_numbers(found, "other")
        places = np.argsort(wanted)
        order = np.argsort(keys)
        if not np.array_equal(wanted[places], keys[order]):
            raise EngineError(
                f"{len(pairs):,} pairs were to be compared, and of {len(keys):,} it is told:"
                " remove the folder of stages, and run again"
            )
        at = np.empty(len(order), np.int64)
        at[places] = order
        return found.take(pa.array(at))


def rounds_of(asked: pa.Table, count: int | None = None) -> Iterator[pa.Table]:
    """Blocks in portions of so many: what is on its way to them is held by the engine."""
    blocks, count = column_numbers(asked, BLOCK), count or BLOCKS
    last = int(blocks[-1]) if len(blocks) else 0
    for first in range(0, last + 1, count):
        begin, end = np.searchsorted(blocks, (first, first + count))
        yield asked.slice(begin, end - begin)


def column_numbers(table: pa.Table, name: str) -> NDArray[Any]:
    """A column of numbers without nulls."""
    return np.asarray(table.column(name).to_numpy())
