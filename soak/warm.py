"""Loads all that an index needs, once, for the processes that are forked from the one that did."""

from __future__ import annotations

from dedupe.index import open_index
from soak.texts import News

with open_index("memory:") as _index:
    _index.admit_many(News(0, words=40).articles(0, 20))
    _index.remove("n0")
