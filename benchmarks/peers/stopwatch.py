"""The protocol that every measured pipeline follows, so that none is favoured.

A pipeline is run on the first articles of the file, which loads what is imported late and compiles
what is compiled late; the file is read once, so that it stands in the page cache; garbage is
collected. Then the clock runs from the file's name to the result in memory. What the pipeline
returns is kept until the clock has stopped: freeing it is not counted.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

WARM_UP = 100
"""Articles of the warm-up."""


def timed(pipeline: Callable[[Path], Any], count: Callable[[Any], int]) -> None:
    """Measures ``pipeline`` on the file named on the command line.

    ``count`` tells how many pairs are in what it returned. Prints one line of JSON: seconds,
    articles, bytes (UTF-8, of titles and texts) and pairs.
    """
    file = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "first.jsonl"
        with file.open("rb") as lines:
            first.write_bytes(b"".join(islice(lines, WARM_UP)))
        pipeline(first)
    articles, size = weighed(file)
    gc.collect()
    began = time.perf_counter()
    found = pipeline(file)
    seconds = time.perf_counter() - began
    row = {"seconds": seconds, "articles": articles, "bytes": size, "pairs": count(found)}
    sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def weighed(file: Path) -> tuple[int, int]:
    """Number of articles in a file and UTF-8 bytes of their titles and texts."""
    articles = size = 0
    with file.open("rb") as lines:
        for line in lines:
            record = orjson.loads(line)
            articles += 1
            size += sum(len((record.get(name) or "").encode()) for name in ("title", "text"))
    return articles, size
