"""A long stream through ``dedupe filter --answer-all``: a line out for each line in, in order."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from soak.stream import article_line, broken_line, hold_flat, unlike, watched_at
from soak.texts import News

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soak.findings import Findings

SIZE = 1_000_000
"""Lines."""
EVERY = 10
"""Of so many lines one is broken."""
WORDS = 80
"""Of an article."""
SEED = 62


def run(size: int, folder: Path, findings: Findings) -> None:
    """``size`` lines."""
    findings.begin(f"{size:,} lines, of which every tenth is broken, each with an answer")
    index = folder / "answered.index"
    command = [sys.executable, "-m", "dedupe", "filter", "--answer-all", "--mode", "verdict"]
    began = time.monotonic()
    with subprocess.Popen(
        [*command, "--index", str(index)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        watched = watched_at(process, _lines(size))
        errors = process.stderr.read() if process.stderr else b""
    findings.measure("lines", size / (time.monotonic() - began), "a second")
    wanted = [n + 1 if _is_broken(n) else f"n{n}" for n in range(size)]
    findings.hold("each line is answered, in order", unlike(watched.answers, wanted))
    findings.hold_true("it ends with 0 and says nothing", process.returncode == 0 and not errors,
                       f"{process.returncode}: {errors[-500:]!r}")  # fmt: skip
    hold_flat(watched, findings)


def _is_broken(number: int) -> bool:
    return number % EVERY == EVERY - 1


def _lines(size: int) -> Iterator[bytes]:
    draw, news = random.Random(SEED), News(SEED, words=WORDS)
    for number in range(size):
        if not _is_broken(number):
            yield article_line(draw, news, number)
        else:  # a line may be blank, too
            yield draw.choice((broken_line(draw, news, number), b"", b"  "))
