"""INDEX FILE: opens an index and checks the first article of a file."""

from __future__ import annotations

import sys
import time

from latency import arrivals, tell

from dedupe.index import open_index

if __name__ == "__main__":
    target, file = sys.argv[1:]
    article = next(arrivals(file))
    began = time.perf_counter()
    with open_index(target, create=False) as index:
        opened = time.perf_counter()
        index.check(article)
        tell({"open": opened - began, "check": time.perf_counter() - opened})
