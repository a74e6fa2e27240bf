"""A DAG of Airflow 3: what a crawl left in a file is judged, and what passes is laid beside it.

    pip install 'story-dedupe' apache-airflow     # and this file into the folder of DAGs

A task that is tried again, or a day that is run again, gives the same file: what the index holds
already is answered as the first time (``replayed``). The file is there once it is complete. See
docs/recipes.md.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

FOLDER = os.environ.get("DEDUPE_CRAWLS", "/var/lib/crawls")
INDEX = os.environ.get("DEDUPE_INDEX", "/var/lib/dedupe/news.index")
"""A file that the worker has on a disk of its own, or the address of a server."""
AT_ONCE = 256


def pass_on(source: str, target: str, index: str) -> dict[str, int]:
    """Writes the articles of a file that pass to another one, each with its decision.

    Returns how many there were of each relation. Raises StoreError where the index can't answer:
    the task is tried again then, and TARGET is as it was.
    """
    from dedupe import Filter, open_index, read_articles
    from dedupe.hooks.filter import decision_object

    counts: Counter[str] = Counter()
    part = Path(f"{target}.part")
    with open_index(index) as opened, part.open("w", encoding="utf-8") as out:
        keep = Filter(opened)
        articles = iter(read_articles(source))
        while group := list(islice(articles, AT_ONCE)):
            for article, decision in zip(group, keep.decide_many(group), strict=True):
                counts[decision.verdict.relation if decision.verdict else "unjudged"] += 1
                if decision.passed:
                    row = {**asdict(article), "dedupe": decision_object(decision)}
                    out.write(json.dumps(row, default=str) + "\n")
    part.replace(target)
    return dict(counts)


try:
    from airflow.sdk import dag, task
except ModuleNotFoundError:  # the function above is of use without it, too
    pass
else:

    @dag(
        schedule="@daily",
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 3},
        tags=["dedupe"],
    )
    def news_without_copies() -> None:
        """Asks about the articles of one day."""

        @task
        def judge(ds: str | None = None) -> dict[str, int]:
            return pass_on(f"{FOLDER}/{ds}.jsonl", f"{FOLDER}/{ds}.new.jsonl", INDEX)

        judge()

    news = news_without_copies()
