"""SOCKET WAY FILE: asks for and inserts the articles of a file one at a time."""

from __future__ import annotations

import sys
from functools import partial

from latency import arrivals, one_at_a_time, tell
from redis_peer import WAYS, opened

if __name__ == "__main__":
    socket, way, file = sys.argv[1:]
    tell(one_at_a_time(partial(WAYS[way], opened(socket)), arrivals(file)))
