"""What is promised of an engine holds on Spark itself.

`make spark` runs this, in an environment that has Spark in the place of its client, and on a
machine that has Java; there nothing is skipped. All tests of test_spark.py that ask for a session
are run once more, with one of Spark.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import pytest
import test_spark
from test_spark import source

from dedupe.spark import engine_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

__all__ = ["source"]

OF_SAIL = {"test_a_server_that_is_killed_is_told_and_a_run_goes_on_from_there"}
"""Tests that ask for a session and start servers of Sail, too."""

ASKED_FOR = bool(os.environ.get("DEDUPE_SPARK"))
HERE = find_spec("pyspark.core") is not None and which("java") is not None
pytestmark = [
    pytest.mark.posix,
    pytest.mark.skipif(
        not (HERE or ASKED_FOR), reason="Spark needs the package pyspark and Java: see `make spark`"
    ),
]


def masters(master: str) -> dict[str, str]:
    """An environment in which Spark begins so, quietly."""
    words = f"--master {master} --conf spark.ui.enabled=false --driver-memory 1g pyspark-shell"
    return {
        "PYSPARK_SUBMIT_ARGS": words,
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(Path(__file__).parent),  # workers take functions of tests by name
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


@contextmanager
def spark(master: str) -> Iterator[SparkSession]:
    before = dict(os.environ)
    os.environ.update(masters(master))
    try:
        with engine_session("spark") as found:
            yield found
    finally:
        _end_java()
        os.environ.clear()
        os.environ.update(before)


def _end_java() -> None:
    """Another session would have the master of the first one: what Java runs is ended with it."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(timeout=60)
        SparkContext._gateway = SparkContext._jvm = None


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    with spark("local[2]") as found:
        found.conf.set("spark.sql.shuffle.partitions", "4")
        yield found


globals().update(
    {
        name: test
        for name, test in vars(test_spark).items()
        if name.startswith("test_")
        and name not in OF_SAIL
        and "session" in inspect.signature(test).parameters
    }
)


def group(*words: str | Path, master: str = "") -> subprocess.CompletedProcess[bytes]:
    """The command, whose workers are not told which Python they run."""
    command = [sys.executable, "-m", "dedupe", "group", *words]
    environment = os.environ | (masters(master) if master else {})
    environment.pop("PYSPARK_PYTHON", None)
    return subprocess.run(command, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize("more", [(), ("--copies-only",)], ids=["stories", "copies"])
def test_the_command_writes_the_bytes_of_one_process(
    more: tuple[str, ...], source: Path, tmp_path: Path
) -> None:
    alone, there = tmp_path / "alone.jsonl", tmp_path / "there.jsonl"
    words = (source, "--quiet", *more)
    assert group(*words, "-o", alone).returncode == 0
    ran = group(*words, "-o", there, "--engine", "spark", master="local[2]")
    assert ran.returncode == 0, ran.stderr
    assert alone.read_bytes().count(b"\n") > 100
    assert there.read_bytes() == alone.read_bytes()
