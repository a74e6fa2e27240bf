"""Lines that recur, found on an engine: the driver sees hashes of lines, workers the articles.

Then workers make sketches without them, which are a stage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from dedupe.copy_tables import BLOCK, ROW
from dedupe.errors import RecordError
from dedupe.line_tables import (
    GROUPS,
    LEFT_OUT,
    BucketWeights,
    own_schema,
    ragged_column,
    verdict_schema,
    verdicts_of,
)
from dedupe.lines import BODY_LINE, Lines
from dedupe.recurring import line_weights, lines_to_leave_out, looked_at, sampled_articles
from dedupe.sketch import Terms
from dedupe.sketch_form import NUMBERS
from dedupe.spark.asking import column_numbers, rounds_of
from dedupe.spark.blocks import EACH, TOKENS
from dedupe.spark.workers import leave_out, spark_types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from dedupe.recurring import LineHolders
    from dedupe.spark.asking import ArticlesThere

LINES = ("line_keys", "line_ends", "line_known")
"""Columns of sketches that the driver sees of each article."""


class LinesOnEngine:
    """The lines of n articles, in the order of their ids, whose sketches are a stage."""

    def __init__(self, articles: ArticlesThere, languages: Sequence[str]) -> None:
        """``languages`` (n,) are theirs."""
        self._there, self._languages = articles, languages

    def own(self, held: pa.Table) -> str:
        """Makes the stage of sketches without lines that recur (line_tables.own_sketches).

        ``held`` has LINES of all articles. Returns its name. Raises EngineError, RecordError.
        """
        lines = lines_in(held)
        left_out = lines_to_leave_out(lines, lambda holders: self._unlike(holders, lines))
        told = pa.nulls(len(held), pa.binary())
        if left_out is not None:
            bounds = lines.bounds
            goes = np.add.reduceat(left_out, bounds[:-1]) > 0
            told = pa.array(
                [
                    left_out[bounds[row] : bounds[row + 1]].tobytes() if goes[row] else None
                    for row in range(len(held))
                ],
                pa.binary(),
            )
        asked = self._there.asked(np.arange(len(held))).append_column(LEFT_OUT, told)
        settings, kinds = self._there.settings, spark_types(own_schema())

        def cut(rows: DataFrame) -> DataFrame:
            sketches = rows.join(self._there.sketches(), self._there.key)
            return sketches.mapInArrow(lambda batches: leave_out(settings, batches), kinds)

        return self._there.questions.answered("own", asked, {}, cut)

    def _unlike(self, holders: LineHolders, lines: Lines) -> NDArray[np.bool_]:
        """Which lines have holders that are unlike without them, by the workers (k,)."""
        weights, settings = BucketWeights.of(self._weights()), self._there.settings
        source, kinds = self._there.sketches(), spark_types(verdict_schema())
        asked, alike = self._groups(holders, lines)

        def answer(needed: DataFrame) -> DataFrame:
            blocks = needed.join(source, self._there.key).groupBy(BLOCK)
            return blocks.applyInArrow(lambda block: verdicts_of(block, settings, weights), kinds)

        found = np.zeros(len(holders.starts) - 1, np.bool_)
        for part in rounds_of(asked):
            table = self._there.questions.collected("lines", part, {}, answer, verdict_schema())
            found[column_numbers(table, "number")] = column_numbers(table, "unlike")
        return found[alike]

    def _weights(self) -> NDArray[np.float32]:
        """What terms weigh for that, by articles spread over all."""
        rows = sampled_articles(len(self._there.lengths))

        def terms_of_rows(asked: DataFrame) -> DataFrame:
            sketches = self._there.sketches()
            return asked.join(sketches, self._there.key).select(ROW, "terms", "term_flags")

        kinds = pa.schema({ROW: pa.int64(), "terms": pa.binary(), "term_flags": pa.binary()})
        table = self._there.told("sample", rows, {}, terms_of_rows, kinds).sort_by(ROW)
        buckets, bounds = ragged_column(table.column("terms"), NUMBERS["terms"])
        flags, _ = ragged_column(table.column("term_flags"), NUMBERS["term_flags"])
        terms = Terms(buckets, np.ones(len(buckets), np.uint16), flags, bounds)
        spoken = [self._languages[row] for row in rows.tolist()]
        return line_weights(terms, spoken, self._there.settings.prior_articles)

    def _groups(self, holders: LineHolders, lines: Lines) -> tuple[pa.Table, NDArray[np.int64]]:
        """What is needed to look at the holders of lines, and whose verdict each line shares."""
        needed: dict[tuple[int, int], list[int]] = {}
        inside = np.full(len(self._there.lengths), -1, np.int64)
        weights, block, used = self._there.lengths + EACH, 0, 0
        alike = np.arange(len(holders.starts) - 1)
        for number, line, rows in looked_at(holders, lines, alike):
            new = rows[inside[rows] != block]
            cost = int(weights[new].sum())
            if used and used + cost > TOKENS:
                block, used, new = block + 1, 0, rows
                cost = int(weights[rows].sum())
            used += cost
            inside[new] = block
            for row in new.tolist():
                needed.setdefault((block, row), [])
            needed[block, int(rows[0])] += (number, line, len(rows), *rows.tolist())
        spots = sorted(needed)
        own = np.array([row for _, row in spots], np.int64)
        told = [np.array(needed[spot], "<i8").tobytes() or None for spot in spots]
        blocks = pa.array([block for block, _ in spots], pa.int64())
        asked = self._there.asked(own).append_column(BLOCK, blocks)
        return asked.append_column(GROUPS, pa.array(told, pa.binary())), alike


def lines_in(held: pa.Table) -> Lines:
    """The lines of all articles, as far as the driver sees them. Raises RecordError."""
    (keys, bounds), (ends, others), (known, more) = (
        ragged_column(held.column(name), NUMBERS[name]) for name in LINES
    )
    same = np.array_equal(bounds, others) and np.array_equal(bounds, more)
    if not same or (len(held) and np.diff(bounds).min() < BODY_LINE):
        raise RecordError("lines of the sketches do not agree with one another")
    nothing: NDArray[Any] = np.empty(0, np.int64)
    return Lines(
        keys, ends.astype(np.int64), nothing, known.astype(np.bool_), bounds,
        nothing.astype(np.uint16), nothing,
    )  # fmt: skip
