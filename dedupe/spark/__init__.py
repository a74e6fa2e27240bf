"""Articles grouped on an engine that speaks Spark's DataFrames: Spark itself, or Sail without Java.

Its workers sketch them, find lines that recur, weigh terms, and compare texts; the driver judges
and groups by what they tell. The result is that of one process. Of pyspark the DataFrame API alone
is used, so that all of it runs over Spark Connect, too.
"""

from __future__ import annotations

from dedupe.spark.engine import engine_session
from dedupe.spark.files import groups_on_engine
from dedupe.spark.frame import group_dataframe
from dedupe.spark.plan import EnginePlan
from dedupe.spark.stages import Stages

__all__ = ["EnginePlan", "Stages", "engine_session", "group_dataframe", "groups_on_engine"]
