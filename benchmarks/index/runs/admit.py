"""INDEX DURABILITY FILE: admits the articles of a file one at a time, each committed."""

from __future__ import annotations

import sys

from latency import arrivals, one_at_a_time, tell

from dedupe import Article
from dedupe.index import open_index
from dedupe.model import COPY_RELATIONS

if __name__ == "__main__":
    target, durability, file = sys.argv[1:]
    with open_index(target, durability=durability) as index:

        def take(article: Article) -> bool:
            return index.admit(article).relation in COPY_RELATIONS

        tell(one_at_a_time(take, arrivals(file)))
