"""Runs a command as a process of its own and measures it from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PEERS = Path(__file__).parent / "peers"
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in a unit of ru_maxrss."""


class BenchmarkError(Exception):
    """A measured command failed; the message says which, and what it said last."""


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process."""

    seconds: float
    """From its start to its end."""
    peak: int
    """Most memory it held at once, in bytes: the kernel's count of resident pages.

    At least that of the process that starts it, which must therefore stay small.
    """
    cpu: float
    """Seconds of processor time, on all processors together."""
    output: bytes


def run(command: Sequence[str | Path]) -> Run:
    """Runs a command to its end. Raises BenchmarkError where its exit code is not 0."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip().splitlines()
            raise BenchmarkError(
                f"{Path(words[1]).name} ended with {process.returncode}: {' '.join(said[-1:])}"
            )
        out.seek(0)
        cpu = usage.ru_utime + usage.ru_stime
        return Run(seconds, usage.ru_maxrss * MAXRSS_UNIT, cpu, out.read())


def script(name: str, *arguments: str | Path) -> list[str | Path]:
    """The command that runs one of the scripts beside this file."""
    return [sys.executable, PEERS / f"{name}.py", *arguments]


def dedupe(*arguments: str | Path) -> list[str | Path]:
    """The command that runs this project's command line, as it was installed."""
    installed = Path(sys.executable).with_name("dedupe")
    start = [installed] if installed.exists() else [sys.executable, "-m", "dedupe"]
    return [*start, *arguments]
