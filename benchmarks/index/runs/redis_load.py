"""SOCKET COUNT FILE...: inserts the first articles in one session, without asking."""

from __future__ import annotations

import sys
import time
from itertools import islice

from latency import arrivals, tell
from redis_peer import opened, sketch

BUFFER = 5000
"""Commands that a table gathers before it sends them."""

if __name__ == "__main__":
    socket, count, *files = sys.argv[1:]
    began = time.perf_counter()
    with opened(socket).insertion_session(BUFFER) as session:
        for article in islice(arrivals(*files), int(count)):
            session.insert(article.id, sketch(article), check_duplication=False)
    tell({"seconds": time.perf_counter() - began})
