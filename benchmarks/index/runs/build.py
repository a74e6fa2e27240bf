"""INDEX COUNT TEXTS FILE...: makes an index of the first articles, in batches.

TEXTS is ``texts`` or ``no-texts``. Tells the seconds of each batch, whose reading isn't counted.
"""

from __future__ import annotations

import sys
import time
from itertools import islice

from latency import arrivals, tell

from dedupe.index import open_index

BATCH = 1000

if __name__ == "__main__":
    target, count, texts, *files = sys.argv[1:]
    waiting = islice(arrivals(*files), int(count))
    seconds = []
    with open_index(target, texts=texts == "texts") as index:
        while batch := list(islice(waiting, BATCH)):
            start = time.perf_counter()
            index.admit_many(batch)
            seconds.append(time.perf_counter() - start)
    tell({"seconds": seconds})
