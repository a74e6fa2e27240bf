"""Groups of articles whose sketches stay with an engine: workers find what few articles tell.

The driver holds what names the articles, and what is told of pairs. Shingles, lines and terms of
all articles it never sees.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedupe.collect import Articles, KeptColumns, ordered
from dedupe.copy_tables import ROW, key_schema
from dedupe.errors import EngineError
from dedupe.language import counted_apart
from dedupe.moments import UNDATED
from dedupe.pipeline import Elsewhere, analysed_sketch
from dedupe.sketch import Sketch
from dedupe.sketch_form import POSITION
from dedupe.sketches import refuse_twice
from dedupe.spark.asking import ArticlesThere, Questions, column_numbers
from dedupe.spark.corpus import CorpusOnEngine, LightColumns
from dedupe.spark.engine import collected
from dedupe.spark.lines import LINES, LinesOnEngine
from dedupe.spark.scale import weighed_on_engine
from dedupe.spark.terms import TermsOnEngine
from dedupe.spark.workers import make_keys, spark_types

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from dedupe.analysis import Analysis, HeldPairs
    from dedupe.config import Settings
    from dedupe.room import Room
    from dedupe.spark.stages import Stages
    from dedupe.story import StoryModel

KEYS = "dedupe-keys"
"""A stage, see copy_tables.keys_of."""
NAMES = ("id", "again", "headline", "source", "date", "text_bytes", "language", "tokens")
"""Columns of sketches that name the articles."""
_LIGHT = ("tokens", "content", "title", "samples")
"""Columns of keys that the driver sees."""


class SketchStage(NamedTuple):
    """Sketches of so many articles that are a stage."""

    stages: Stages
    name: str
    by: dict[str, Any]
    """What they were made by."""
    key: str
    """The column by which an article is known: POSITION, or "id" where ids are unique."""
    articles: int
    copies_only: bool

    def collected(self, name: str, columns: list[str]) -> pa.Table:
        """Some columns of a stage, in any order. Raises EngineError."""
        return collected(self.stages.read(name).select(*columns), self.stages.path(name))


def group_there(
    given: SketchStage,
    settings: Settings,
    *,
    model: StoryModel | None = None,
    on_stage: Callable[[str], None],
) -> Analysis:
    """Groups articles by sketches that stay where they are. Raises EngineError, RecordError."""
    there = _There(given, settings, on_stage)
    return analysed_sketch(
        lambda *_: (there.articles, there.sketch(), there.text_bytes), settings,
        model=model, on_stage=on_stage, elsewhere_of=there.answers,
    )  # fmt: skip


class _There:
    """What is at hand of articles whose sketches are elsewhere."""

    def __init__(
        self, given: SketchStage, settings: Settings, on_stage: Callable[[str], None]
    ) -> None:
        self._given, self._settings, self._on_stage = given, settings, on_stage
        self._questions = Questions(given.stages, {"sketches": given.by})
        lines = () if given.copies_only else LINES
        self.articles, rows, self.text_bytes = _in_order(given, lines)
        self._source, self._key = given.name, given.key
        self._known = rows.column(given.key).combine_chunks()
        spoken = tuple(rows.column("language").to_pylist())
        self._languages = () if given.copies_only else counted_apart(spoken)
        if lines:
            self._leave_lines_out(rows)
        del rows
        self._light = self._keys_made()

    def _leave_lines_out(self, rows: pa.Table) -> None:
        """From here on the sketches are those without what recurs, known by their row."""
        self._on_stage("finding recurring lines")
        lengths = column_numbers(rows, "tokens")
        lines = LinesOnEngine(self._articles_there(lengths), self._languages)
        self._source, self._key = lines.own(rows.select([*LINES])), ROW
        self._known = pa.array(np.arange(len(rows)))
        self._questions.build_on(self._source)

    def _articles_there(self, lengths: NDArray[np.int64]) -> ArticlesThere:
        """The articles as they are known by now, of so many tokens each (n,)."""
        return ArticlesThere(
            self._questions, self._source, self._key, self._known, lengths, self._settings
        )

    def _keys_made(self) -> LightColumns:
        """Makes the stage of keys, and collects what is light of it."""
        self._on_stage("making keys")
        stages, settings, key = self._given.stages, self._settings, self._key
        by = self._questions.by
        if not stages.is_made(KEYS, by):
            schema = key_schema(pa.field(key, pa.string() if key == "id" else pa.int64()))
            made = stages.read(self._source).mapInArrow(
                partial(make_keys, settings, key), spark_types(schema)
            )
            stages.make(KEYS, by, made)
        rows = self._given.collected(KEYS, [key, *_LIGHT])
        places = pc.index_in(self._known, rows.column(key).combine_chunks())
        if places.null_count:
            raise EngineError(
                f"{stages.path(KEYS)} lacks keys of {places.null_count:,} articles: remove the"
                " folder, and run again"
            )
        lengths, contents, titles, samples = (
            column_numbers(rows, name)[places.to_numpy()] for name in _LIGHT
        )
        return LightColumns(lengths, contents.view(np.uint64), titles.view(np.uint64), samples)

    def sketch(self) -> Sketch:
        """What is at hand of the sketch: no shingles, no lines, and no terms."""
        return Sketch.elsewhere(self._light.contents, self._light.lengths)

    def answers(self, executor: Executor, room: Room) -> Elsewhere:
        """What answers for the texts."""
        there = self._articles_there(self._light.lengths)
        corpus = CorpusOnEngine(there, KEYS, self._light, executor, self._on_stage)
        weighed: list[TermsOnEngine] = []

        def terms() -> TermsOnEngine:
            self._on_stage("weighing terms")
            rows = weighed_on_engine(there, self._languages, self.articles.sources)
            weighed.append(TermsOnEngine(rows, room, executor))
            return weighed[0]

        def holding(pairs: NDArray[np.int32]) -> HeldPairs:
            return corpus.holding(pairs, weighed[0].tied(pairs) if weighed else None)

        return Elsewhere(corpus, holding, None if self._given.copies_only else terms)


def _in_order(given: SketchStage, more: Sequence[str]) -> tuple[Articles, pa.Table, int]:
    """What names the articles, in the order of their ids, and bytes of their texts.

    Beside a table of their key, language and tokens, and ``more`` columns, in the same order.
    Raises EngineError; RecordError for an id that comes twice.
    """
    named = [*NAMES, POSITION] if given.key == POSITION else [*NAMES]
    rows = given.collected(given.name, [*named, *more])
    if len(rows) != given.articles:
        raise EngineError(
            f"{given.stages.path(given.name)} has {len(rows):,} sketches of {given.articles:,}"
            " articles: remove the folder, and run again"
        )
    columns = _kept(rows)
    places = column_numbers(rows, POSITION) if given.key == POSITION else None
    refuse_twice(columns.ids, rows.column("again").to_pylist(), places)
    articles, order, _ = ordered([columns], places)
    kept = rows.select([given.key, "language", "tokens", *more])
    return articles, kept.take(pa.array(order)), int(columns.text_bytes.sum())


def _kept(rows: pa.Table) -> KeptColumns:
    """What names the articles."""
    ids, headlines, sources = (rows.column(k).to_pylist() for k in ("id", "headline", "source"))
    dates = pc.fill_null(
        rows.column("date").cast(pa.timestamp("us", "UTC")).cast(pa.int64()), UNDATED
    )
    return KeptColumns(
        ids, headlines, sources, dates.to_numpy(), [], column_numbers(rows, "text_bytes")
    )
