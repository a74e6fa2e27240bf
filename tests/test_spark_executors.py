"""On Spark a killed executor changes nothing, in whatever stage.

The cluster is of this machine: two executors, processes of their own, that Spark replaces. Which
stages there are is told by the run.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pytest
import test_spark
from test_spark import ARTICLES, SETTINGS, frame, source
from test_spark_itself import pytestmark, spark

from dedupe import group_articles
from dedupe.read import batches_of, read
from dedupe.spark import Stages, files, group_dataframe, groups_on_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import SparkSession

__all__ = ["pytestmark", "source"]

CLUSTER = "local-cluster[2,1,1024]"
EXECUTOR = b"CoarseGrainedExecutorBackend"
"""What an executor's process is called."""


def executors() -> list[int]:
    """Processes of executors that descend from this one."""
    parents, found = {}, []
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            name = int(folder.name)
            stat = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
            parents[name] = int(stat[1])
            if stat[0] != "Z" and EXECUTOR in (folder / "cmdline").read_bytes():
                found.append(name)

    def ours(process: int) -> bool:
        while process in parents and process != os.getpid():
            process = parents[process]
        return process == os.getpid()

    return sorted(process for process in found if ours(process))


class Killer:
    """Kills an executor in each stage, as soon as a job of it is at work."""

    def __init__(self, session: SparkSession) -> None:
        self._tracker = session.sparkContext.statusTracker()
        self._stage = ""
        self._ended = threading.Event()
        self.busy: set[str] = set()
        self.killed: dict[str, int] = {}
        self._thread = threading.Thread(target=self._watch)

    def on_stage(self, name: str) -> None:
        self._stage = name

    def _watch(self) -> None:
        while not self._ended.wait(0.01):
            stage = self._stage
            if stage in self.killed or not self._tracker.getActiveStageIds():
                continue
            self.busy.add(stage)
            if alive := executors():
                os.kill(alive[0], signal.SIGKILL)
                self.killed[stage] = alive[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


@pytest.fixture(scope="module")
def cluster() -> Iterator[SparkSession]:
    """Spark with two executors, processes of their own."""
    with spark(CLUSTER) as found:
        until = time.monotonic() + 120
        while len(executors()) < 2:
            time.sleep(0.1)
            assert time.monotonic() < until
        yield found


def in_files(
    session: SparkSession, source: Path, folder: Path, on_stage: Callable[[str], None]
) -> str:
    on_stage("reading")
    found = groups_on_engine(
        read([source], batch_bytes=5_000), Stages(session, str(folder)), SETTINGS,
        partitions=8, on_stage=on_stage,
    )  # fmt: skip
    return test_spark.told(found)


def test_an_executor_that_is_killed_in_each_stage_changes_nothing(
    cluster: SparkSession, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CHUNK", 30_000)
    with Killer(cluster) as killer:
        there = in_files(cluster, source, tmp_path, killer.on_stage)
    assert there == test_spark.told(test_spark.analyse(read([source], batch_bytes=5_000), SETTINGS))
    assert {"reading", "sketching", "finding recurring lines"} <= killer.busy
    assert killer.killed.keys() == killer.busy
    assert len({*killer.killed.values()}) == len(killer.killed)


def test_a_dataframe_is_grouped_whatever_executor_is_killed(cluster: SparkSession) -> None:
    table = pa.Table.from_batches([*batches_of(ARTICLES)])
    with Killer(cluster) as killer:
        found = group_dataframe(
            frame(cluster, table, 8), SETTINGS, on_stage=killer.on_stage
        ).toArrow()
    wanted = group_articles(table, SETTINGS).to_arrow().sort_by("id")
    assert found.to_pylist() == wanted.to_pylist()
    assert killer.killed.keys() == killer.busy >= {"sketching"}
