"""A server of an engine that is killed as a stage of a run begins."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from benchmarks.engine import server
from dedupe.errors import EngineError
from dedupe.spark import engine_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession


def fails_as_it_is_killed(
    stage: str, go: Callable[[SparkSession, Callable[[str], None]], object]
) -> None:
    """Runs ``go`` with a session of a server, and what is to be called as each stage begins."""
    with server() as (address, process):

        def kill(now: str) -> None:
            if now == stage:
                os.kill(process, signal.SIGKILL)

        with (
            pytest.raises(EngineError, match=r"cannot be|was not made|could not be collected"),
            engine_session(f"connect:{address}") as lost,
        ):
            go(lost, kill)
