"""This project, both views: groups of copies and stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe_copies import pairs
from stopwatch import timed

from dedupe.analysis import Analysis
from dedupe.pipeline import analyse
from dedupe.read import read

if TYPE_CHECKING:
    from pathlib import Path


def stories(file: Path) -> Analysis:
    """Groups of copies and stories of the articles in a file."""
    return analyse(read([file]))


if __name__ == "__main__":
    timed(stories, pairs)
