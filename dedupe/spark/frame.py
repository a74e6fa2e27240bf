"""A DataFrame of articles in, a DataFrame of their groups out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from dedupe.assemble import grouping
from dedupe.config import Settings
from dedupe.errors import RecordError
from dedupe.read import FieldKeys
from dedupe.read.fields import BY_SHAPE, FieldFinder
from dedupe.sketch_form import sketch_form_of, sketch_schema
from dedupe.sketches import analyse_sketches
from dedupe.spark.engine import collected, engine_errors
from dedupe.spark.files import SKETCHES, OnPlan, OnStage
from dedupe.spark.groups import SketchStage, group_there
from dedupe.spark.plan import EnginePlan
from dedupe.spark.stages import Stages
from dedupe.spark.workers import REFUSED, Sketching, sketch_rows, spark_columns
from dedupe.views import to_arrow

if TYPE_CHECKING:
    from typing import Any

    from pyspark.sql import DataFrame

    from dedupe.analysis import Analysis
    from dedupe.story import StoryModel

GROUP_TYPES = (
    "id string, story string, copies string, role string, relation string, to string,"
    " jaccard double, containment double, cosine double, story_score double, share double,"
    " extends boolean, corrects boolean, mentions array<string>,"
    " quotes array<struct<id: string, share: double>>"
)
"""Columns of a table of groups, in Spark's words."""
_SHOWN = 3
"""Refused rows that an error names."""


def group_dataframe(
    articles: DataFrame,
    settings: Settings | None = None,
    *,
    keys: FieldKeys = BY_SHAPE,
    copies_only: bool = False,
    model: StoryModel | None = None,
    stages: str | None = None,
    on_stage: OnStage = lambda _: None,
    on_plan: OnPlan | None = None,
) -> DataFrame:
    """Groups the articles of a DataFrame as ``group_articles`` groups a table.

    A DataFrame of the same session with the columns of ``Grouping.to_arrow()``, a row an article,
    in the order of ids. Fields are found by their names, or as ``keys`` say. Rows have no order, so
    each needs an id of its own. Sketches are made by the workers in the partitions that there are,
    and grouped in the driver. In ``stages``, a folder that the workers can write to, they are kept,
    and taken again by a run with the same rows and settings. ``on_stage`` is told as each stage
    begins, ``on_plan`` what it will take, before. Raises SettingError; RecordError for rows that
    can't be taken in, and for ids that are missing or come twice; EngineError.
    """
    chosen = settings or Settings()
    _must_be_named(articles, keys)
    how = Sketching.alone(chosen, copies_only=copies_only)
    made = articles.mapInArrow(partial(sketch_rows, how, keys), spark_columns(f"{REFUSED} string"))
    seen = _seen(articles) if stages is not None or on_plan is not None else {}
    if on_plan is not None:
        there = stages is not None
        on_plan(EnginePlan(seen["articles"], seen["bytes"], copies_only, there, chosen.memory))
    on_stage("sketching")
    if stages is None or not seen["articles"]:  # of no rows nothing is written
        analysis = _grouped_here(made, chosen, model, on_stage)
    else:
        by = {
            "form": sketch_form_of(chosen, copies_only=copies_only),
            "settings": chosen.sketched(),
            "keys": repr(keys),
            **seen,
        }
        kept = Stages(articles.sparkSession, stages)
        if not kept.is_made(SKETCHES, by):
            kept.make(SKETCHES, by, made)
        rows = collected(kept.read(SKETCHES).select("id", REFUSED), "the sketches")
        _refuse(rows)
        given = SketchStage(kept, SKETCHES, by, "id", len(rows), copies_only)
        analysis = group_there(given, chosen, model=model, on_stage=on_stage)
    found = to_arrow(grouping(analysis)).sort_by("id")
    plain = [column.cast(_plain(column.type)) for column in found.columns]
    table = pa.table(plain, names=found.schema.names)
    return articles.sparkSession.createDataFrame(table if len(table) else [], GROUP_TYPES)


def _plain(kind: pa.DataType) -> pa.DataType:
    """A type without a dictionary, which Spark has not."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _must_be_named(articles: DataFrame, keys: FieldKeys) -> None:
    """Raises RecordError where no column is one of ids."""
    with engine_errors("the DataFrame cannot be read"):
        names = articles.columns
    if keys.id is None and not FieldFinder(keys).look(dict.fromkeys(names, "1")).id:
        raise RecordError(
            f"no column of the DataFrame is known to hold ids ({', '.join(names)}): name it with"
            " keys=FieldKeys(id=...), or make one that is stored with the articles"
        )


def _seen(articles: DataFrame) -> dict[str, Any]:
    """Rows and bytes of a DataFrame, and a sum over all it holds, whatever the order of rows."""
    from pyspark.sql import functions as sql
    from pyspark.sql.types import StringType

    fields = {f"`{field.name.replace('`', '``')}`": field for field in articles.schema.fields}
    texts = [name for name, field in fields.items() if isinstance(field.dataType, StringType)]
    size = sum((sql.coalesce(sql.octet_length(name), sql.lit(0)) for name in texts), sql.lit(0))
    # As JSON, in which each value has its name: a hash of columns passes over what is null.
    held = sql.xxhash64(sql.to_json(sql.struct(*fields)))
    low = held.bitwiseAND(sql.lit(0xFFFFFFFF))
    with engine_errors("the DataFrame cannot be read"):
        row = articles.agg(
            sql.count(sql.lit(1)), sql.sum(size), sql.sum(low), sql.sum(sql.shiftright(held, 32))
        ).collect()[0]
    return {
        "articles": int(row[0]),
        "bytes": int(row[1] or 0),
        "digest": [int(value or 0) for value in row[2:]],
        "columns": articles.schema.simpleString(),
    }


def _grouped_here(
    made: DataFrame, settings: Settings, model: StoryModel | None, on_stage: OnStage
) -> Analysis:
    """The sketches come to the driver, which groups by them."""
    rows = collected(made, "the sketches")
    _refuse(rows)
    sketches = iter(rows.select(sketch_schema().names).to_batches())
    del rows  # which nobody else holds
    return analyse_sketches(sketches, settings, model=model, on_stage=on_stage)


def _refuse(rows: pa.Table) -> None:
    """Raises RecordError where rows are told that can't be taken in, or ids come twice."""
    import pyarrow.compute as pc

    refused = sorted(rows.column(REFUSED).drop_null().to_pylist())
    if refused:
        more = f", and {len(refused) - _SHOWN:,} more" if len(refused) > _SHOWN else ""
        raise RecordError(
            "rows of the DataFrame can't be taken in: " + "; ".join(refused[:_SHOWN]) + more
        )
    counts = pc.value_counts(rows.column("id"))
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    if len(twice):
        first, told = min(twice.to_pylist()), "id comes" if len(twice) == 1 else "ids come"
        raise RecordError(
            f"{len(twice):,} {told} more than once, such as {first!r}: rows of a DataFrame have no"
            " order that tells which is newer, so give each row an id of its own"
        )
