"""A long stream through ``dedupe filter --answer-all``: a line out for each line in, in order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from soak.stream import WORDS, article_line, broken_line, filtered, hold_flat, unlike
from soak.texts import News

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soak.findings import Findings

SIZE = 1_000_000
"""Lines."""
EVERY = 10
"""Of so many lines one is broken."""
SEED = 62


def run(size: int, folder: Path, findings: Findings) -> None:
    """``size`` lines."""
    findings.begin(f"{size:,} lines, of which every tenth is broken, each with an answer")
    index = folder / "answered.index"
    watched = filtered(index, ["--answer-all"], _lines(size), size, findings)
    wanted = [n + 1 if _is_broken(n) else f"n{n}" for n in range(size)]
    findings.hold("each line is answered, in order", unlike(watched.answers, wanted))
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
