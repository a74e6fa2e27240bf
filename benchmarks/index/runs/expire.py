"""INDEX DATE: lets go what is older, then compacts the file, then looks for what was left behind.

Tells when each step began and ended, by a clock that all processes share.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime

from latency import tell

from dedupe.index import open_index

if __name__ == "__main__":
    target, date = sys.argv[1:]
    times = []
    with open_index(target, create=False) as index:
        times.append(time.time())
        expired = index.expire(datetime.fromisoformat(date))
        times.append(time.time())
        index.compact()
        times.append(time.time())
        problems = list(index.verify())
    tell({"expired": expired, "times": times, "problems": problems})
