"""INDEX FILE...: admits each file's articles one at a time, a process a file, all at once.

Reports the seconds from the moment at which all are ready to the end of the last.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from itertools import islice
from multiprocessing import get_context
from threading import BrokenBarrierError
from typing import TYPE_CHECKING

from latency import WARM_UP, arrivals, tell

from dedupe.index import open_index

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier


def admit_all(target: str, file: str, ready: Barrier) -> None:
    """Admits the articles of a file, the first of them to warm up."""
    coming = iter(arrivals(file))
    try:
        with open_index(target, create=False) as index:
            for article in islice(coming, WARM_UP):
                index.admit(article)
            waiting = list(coming)
            ready.wait()
            for article in waiting:
                index.admit(article)
    except BaseException:
        ready.abort()  # lest the others wait for it for ever
        raise


if __name__ == "__main__":
    target, *files = sys.argv[1:]
    context = get_context("spawn")
    ready = context.Barrier(len(files) + 1)
    workers = [context.Process(target=admit_all, args=(target, file, ready)) for file in files]
    for worker in workers:
        worker.start()
    with suppress(BrokenBarrierError):
        ready.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    tell({"seconds": time.perf_counter() - began, "failed": sum(w.exitcode != 0 for w in workers)})
