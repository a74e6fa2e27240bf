"""INDEX FILE: B-cubed F1 of an index's stories and of the batch's, against the file's labels."""

from __future__ import annotations

import sys
import time

from in_order import in_order
from latency import tell

from dedupe import group_articles
from dedupe.evaluate.labels import read_labels
from dedupe.evaluate.measures import b_cubed
from dedupe.index import open_index

if __name__ == "__main__":
    target, file = sys.argv[1:]
    articles = in_order(file)
    labels = read_labels(file).stories
    names = [article.id for article in articles if article.id in labels]
    true = [labels[name] for name in names]
    batch = {m.id: story.id for story in group_articles(articles).stories for m in story.members}
    began = time.perf_counter()
    with open_index(target, texts=False) as index:
        for article in articles:
            index.admit(article)
        seconds = time.perf_counter() - began
        held = {name: story.id for story in index.stories() for name in story.articles}
    of_index = b_cubed([held[name] for name in names], true)
    of_batch = b_cubed([batch[name] for name in names], true)
    tell(
        {
            "articles": len(names),
            "stories": len(set(true)),
            "seconds": seconds,
            "index": [of_index.precision, of_index.recall, of_index.f1],
            "batch": [of_batch.precision, of_batch.recall, of_batch.f1],
        }
    )
