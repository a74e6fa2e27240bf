"""A corpus whose sketches lie with an engine: its workers make keys of them, and compare pairs.

To the driver come what names the articles, entries of buckets that articles share, and numbers of
pairs; it says which pairs are to be compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedupe import candidates
from dedupe.buckets import Buckets, bucket_meetings
from dedupe.copy_tables import ROW
from dedupe.errors import EngineError
from dedupe.sketch_form import sketch_schema
from dedupe.spark.asking import ArticlesThere, ComparingThere, column_numbers

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from dedupe.buckets import Candidates

_NUMBER = pa.int64()
ENTRIES = 1 << 22
"""Entries of buckets that are counted in one job, some bands at a time: an engine holds them all as
it looks for those that are shared."""


class LightColumns(NamedTuple):
    """What is at hand of n articles, in the order of their ids."""

    lengths: NDArray[np.int64]
    contents: NDArray[np.uint64]
    titles: NDArray[np.uint64]
    samples: NDArray[np.int64]
    """Sampled shingles of each (n,)."""


class CorpusOnEngine(ComparingThere):
    """A corpus.TextCorpus whose sketches are a stage. Its questions raise EngineError."""

    def __init__(
        self,
        articles: ArticlesThere,
        keys: str,
        light: LightColumns,
        executor: Executor,
        on_stage: Callable[[str], None],
    ) -> None:
        """``keys`` is their stage, which knows articles by the same column."""
        super().__init__(articles)
        self.lengths, self.contents, self.titles = light.lengths, light.contents, light.titles
        self._keys, self._samples = keys, light.samples
        self._executor, self._on_stage = executor, on_stage

    def meetings(self, among: NDArray[np.int32]) -> Candidates:
        """Pairs that may be near-duplicates: the engine finds who shares a bucket."""
        from pyspark.sql import functions as sql

        self._on_stage("finding buckets")
        n, limit = len(self.lengths), self.there.settings.bucket_limit

        schema = pa.schema({ROW: _NUMBER, "band": pa.int32(), "bucket": _NUMBER})

        def shared(first: int, some: int) -> pa.Table:
            def met(rows: DataFrame) -> DataFrame:
                own = sql.slice("buckets", first + 1, some)
                exploded = self._with_keys(rows).select(
                    ROW, sql.posexplode(own).alias("at", "bucket")
                )
                return _met_by(exploded, ["at", "bucket"]).select(
                    ROW, (sql.col("at") + sql.lit(first)).cast("int").alias("band"), "bucket"
                )

            return self.there.told("buckets", among, {"bands": [first, some]}, met, schema)

        some = max(1, ENTRIES // max(1, len(among)))
        bands = range(0, self.there.settings.copy_bands, some)
        found = pa.concat_tables([shared(first, some) for first in bands])
        buckets = Buckets.of_keys(
            column_numbers(found, "band"),
            column_numbers(found, "bucket"),
            column_numbers(found, ROW).astype(np.int32),
        )
        del found
        signatures = self._signatures(buckets.hot(n, limit, self._executor))
        self._on_stage("comparing near-duplicates")
        return bucket_meetings(signatures, buckets, limit, self._executor)

    def excerpts(self, among: NDArray[np.int32]) -> NDArray[np.int32]:
        """Pairs of which one may hold much of the other: the engine finds shared shingles."""
        from pyspark.sql import functions as sql

        self._on_stage("finding excerpts")
        n, most = len(self.lengths), candidates.SAMPLE_ROWS

        own = self.lengths[among] - self.there.settings.shingle_words + 1
        beside = candidates.bits_beside(int(np.maximum(own, 1).sum()))
        mask = -(1 << (candidates.SAMPLE_BITS - beside))  # keys have all bits of the next shingle

        def shared(rows: DataFrame) -> DataFrame:
            each = self._with_keys(rows).select(ROW, sql.explode("sampled").alias("held"))
            kept = each.select(ROW, each["held"].bitwiseAND(sql.lit(mask)).alias("sampled"))
            return _met_by(kept, ["sampled"], most)

        schema = pa.schema({ROW: _NUMBER, "sampled": pa.int32()})
        by = {"most": most, "beside": beside}
        found = self.there.told("excerpts", among, by, shared, schema)
        rows, values = column_numbers(found, ROW), column_numbers(found, "sampled")
        del found
        entries = values.view(np.uint32).astype(np.uint64) << np.uint64(32)
        entries |= rows.astype(np.uint64)
        held, counts = np.bincount(rows, minlength=n), np.zeros(n, np.int64)
        counts[among] = self._samples[among]
        self._on_stage("comparing excerpts")
        return candidates.sampled_meetings(entries, held, counts, self._executor)

    def among(self, rows: NDArray[np.int32]) -> ComparingThere:
        """What compares some of the texts, whose sketches become a stage of their own."""

        def chosen(asked: DataFrame) -> DataFrame:
            found = asked.join(self.there.sketches(), self.there.key)
            return found.select(ROW, *sketch_schema().names)

        stage = self.there.questions.answered("part", self.there.asked(rows), {}, chosen)
        every = pa.array(np.arange(len(self.lengths)))
        part = self.there._replace(source=stage, key=ROW, keys=every)
        return ComparingThere(part, agreeing=1)

    def _signatures(self, hot: NDArray[np.int32]) -> NDArray[np.uint32]:
        """Signatures (n, permutations) of a few articles; the others' are zeros, in no memory."""
        found = np.zeros((len(self.lengths), self.there.settings.permutations), np.uint32)
        if not len(hot):
            return found

        def signed(rows: DataFrame) -> DataFrame:
            sketches = self.there.sketches().select(self.there.key, "signature")
            return rows.join(sketches, self.there.key).select(ROW, "signature")

        schema = pa.schema({ROW: _NUMBER, "signature": pa.binary()})
        table = self.there.told("signatures", hot, {}, signed, schema)
        if len(table) != len(hot):
            raise EngineError(f"of {len(hot):,} signatures {len(table):,} came back: run again")
        held = b"".join(table.column("signature").to_pylist())
        found[column_numbers(table, ROW)] = np.frombuffer(held, "<u4").reshape(len(table), -1)
        return found

    def _with_keys(self, rows: DataFrame) -> DataFrame:
        return rows.join(self.there.questions.stages.read(self._keys), self.there.key)


def _met_by(entries: DataFrame, by: list[str], most: int | None = None) -> DataFrame:
    """The entries that have two or more in their group, and ``most`` at most.

    Groups are counted, and none is held: a bucket may have a million entries.
    """
    from pyspark.sql import functions as sql

    counts = entries.groupBy(*by).agg(sql.count(sql.lit(1)).alias("count"))
    kept = counts.filter(counts["count"].between(2, most) if most else counts["count"] > 1)
    return entries.join(kept.drop("count"), by, "left_semi")
