"""What an engine made, as Parquet in a folder, and by what it was made.

All goes through the engine, which may see a folder that its driver does not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dedupe.errors import SettingError
from dedupe.spark.engine import engine_errors

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_ROWS = {"max_row_group_size": "2048"}
"""Sail holds a row group until it is full, of each partition at once: as many rows are 10 MB.
Spark bounds them by bytes, and takes no notice."""
_MARK = "made_by string"


class Stages:
    """A folder of an engine, in which each stage is a table, and beside it what it was made by.

    A stage that ended is taken again where it was made by the same; one that did not is made anew.
    The folder may be an address, of whatever storage the engine reaches.
    """

    def __init__(self, session: SparkSession, folder: str) -> None:
        """``folder`` is a path or an address. Raises SettingError for an empty one."""
        if not folder.strip():
            raise SettingError(
                "a folder of stages needs a name, and the one that was given is empty"
            )
        self.session = session
        self._folder = folder.rstrip("/")

    def path(self, name: str) -> str:
        """Where a stage lies."""
        return f"{self._folder}/{name}"

    def read(self, name: str, kinds: str | None = None) -> DataFrame:
        """The table of a stage, of columns of these ``kinds``: of no rows there may be no file."""
        reader = self.session.read if kinds is None else self.session.read.schema(kinds)
        return reader.parquet(self.path(name))

    def add(self, name: str, part: pa.Table, *, first: bool) -> None:
        """Adds rows of the driver to a stage, after those that are there but for the first."""
        with engine_errors(f"{self.path(name)} cannot be written"):
            frame = self.session.createDataFrame(part)
            frame.write.mode("overwrite" if first else "append").parquet(self.path(name))

    def is_made(self, name: str, by: dict[str, Any]) -> bool:
        """Whether a stage ended, and was made by the same."""
        from pyspark.errors import AnalysisException

        marks = self.session.read.schema(_MARK)
        with engine_errors(f"{self.path(name)} cannot be read"):
            try:  # Spark refuses a path that is not there, Sail reads nothing
                rows = marks.parquet(self._mark(name)).collect()
            except AnalysisException:
                return False
        return [row[0] for row in rows] == [_written(by)]

    def make(self, name: str, by: dict[str, Any], frame: DataFrame) -> None:
        """Makes a stage in the place of what is there. Raises EngineError, RecordError."""
        with engine_errors(f"{self.path(name)} was not made"):
            # First, or what a failure leaves would bear the mark of what was there before.
            self._write_mark(name, "")
            frame.write.mode("overwrite").options(**_ROWS).parquet(self.path(name))
            self._write_mark(name, _written(by))

    def _mark(self, name: str) -> str:
        return self.path(f"{name}.made")

    def _write_mark(self, name: str, text: str) -> None:
        row = self.session.createDataFrame([(text,)], _MARK).coalesce(1)
        row.write.mode("overwrite").parquet(self._mark(name))


def _written(by: dict[str, Any]) -> str:
    return json.dumps(by, sort_keys=True)
