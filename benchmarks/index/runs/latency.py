"""The protocol of the processes that take articles one at a time: ours and the peer's alike.

The articles are in memory before the clock starts. The first ones are taken without a clock, so
that late imports are made, kernels are loaded and caches are filled. Then each call is timed.
"""

from __future__ import annotations

import gc
import sys
import time
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dedupe import Article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

WARM_UP = 100
"""Articles of a file that are taken before the clock starts."""


def arrivals(*files: str) -> Iterator[Article]:
    """The articles of the stream's files."""
    for file in files:
        with Path(file).open("rb") as lines:
            for line in lines:
                record = orjson.loads(line)
                date = record.pop("date")
                yield Article(**record, date=datetime.fromisoformat(date) if date else None)


def one_at_a_time(take: Callable[[Article], bool], articles: Iterable[Article]) -> dict[str, Any]:
    """Seconds of each call after the warm-up, and how many calls said that it was a copy."""
    waiting = iter(articles)
    for article in list(islice(waiting, WARM_UP)):
        take(article)
    held = list(waiting)
    gc.collect()
    seconds, copies = [], 0
    began = time.perf_counter()
    for article in held:
        start = time.perf_counter()
        copies += take(article)
        seconds.append(time.perf_counter() - start)
    return {"whole": time.perf_counter() - began, "seconds": seconds, "copies": copies}


def tell(found: dict[str, Any]) -> None:
    """Prints what was found."""
    sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE))
