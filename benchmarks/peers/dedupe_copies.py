"""This project, copies only: exact overlaps of every candidate pair, and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from stopwatch import timed

from dedupe.analysis import Analysis
from dedupe.pipeline import analyse
from dedupe.read import read

if TYPE_CHECKING:
    from pathlib import Path


def copies(file: Path) -> Analysis:
    """Groups of copies of the articles in a file."""
    return analyse(read([file]), copies_only=True)


def pairs(found: Analysis) -> int:
    """Pairs of articles that stand in one group of copies."""
    sizes = np.bincount(found.links.copies)
    return int((sizes * (sizes - 1) // 2).sum())


if __name__ == "__main__":
    timed(copies, pairs)
