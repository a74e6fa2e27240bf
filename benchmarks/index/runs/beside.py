"""INDEX FILE READY STOP: admits and checks in turn until the file STOP is there.

Makes the file READY after the warm-up. Tells when each call began, by a clock that all processes
share, and the seconds that it took. Articles that were admitted all are checked again.
"""

from __future__ import annotations

import sys
import time
from itertools import chain, cycle, islice
from pathlib import Path

from latency import WARM_UP, arrivals, tell

from dedupe.index import open_index

if __name__ == "__main__":
    target, file, ready, stop = sys.argv[1:]
    articles = list(arrivals(file))
    found: dict[str, list[tuple[float, float]]] = {"admit": [], "check": []}
    with open_index(target, create=False) as index:
        coming = chain(articles, cycle([None]))
        for article in islice(coming, WARM_UP):
            index.admit(article)
        Path(ready).touch()
        asked = cycle(articles)
        while not Path(stop).exists():
            for name, call, article in (
                ("check", index.check, next(asked)),
                ("admit", index.admit, next(coming)),
            ):
                if article is None:
                    continue
                began, start = time.time(), time.perf_counter()
                call(article)
                found[name].append((began, time.perf_counter() - start))
    tell(found)
