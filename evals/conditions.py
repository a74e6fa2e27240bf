"""Every set of stories under each condition of `dedupe.evaluate.conditions`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from benchmarks.results import Table
from dedupe.evaluate.conditions import CONDITIONS, conditions
from dedupe.evaluate.measures import b_cubed
from evals.methods import package
from evals.tables import with_means

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evals.sets import Data


def measured(data: Data) -> Iterator[dict[str, Any]]:
    """One row a set and condition."""
    for labelled in data.stories:
        articles, gold = labelled.articles(), labelled.stories
        for name, changed in conditions(articles):
            began = time.perf_counter()
            found = dict(zip([a.id for a in articles], package(list(changed)), strict=True))
            seconds = time.perf_counter() - began
            own = [found[i] for i in gold]
            agreed = b_cubed(list(gold.values()), own)
            yield {
                "set": labelled.name,
                "condition": name,
                "articles": len(gold),
                "gold": len(set(gold.values())),
                "found": len(set(own)),
                "precision": agreed.precision,
                "recall": agreed.recall,
                "f1": agreed.f1,
                "seconds": seconds,
            }


def tables(rows: list[dict[str, Any]]) -> Iterator[Table]:
    """Sets by conditions: F1, then precision and recall, which say what went wrong."""
    for measure, told in (("f1", "F1"), ("precision", "precision"), ("recall", "recall")):
        sets: dict[str, list[float]] = {}
        for row in rows:
            sets.setdefault(row["set"], []).append(row[measure])
        title = f"Stories under conditions: B-cubed {told}"
        yield Table(title, ("set", *CONDITIONS), with_means(list(sets.items())))
