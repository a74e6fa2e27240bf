"""The batch and the index side by side: one judge serves both, so they should group alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.results import Table
from dedupe.evaluate.conditions import conditions
from dedupe.evaluate.measures import b_cubed
from evals.briefs import judged
from evals.methods import batched, indexed
from evals.tables import figure
from evals.templates import TEMPLATES, twins
from evals.twins import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedupe.model import Article
    from evals.sets import Data, LabelledSet

F1 = "B-cubed F1"
FURNISHED = ("furniture12", "furniture400", "related")
"""Conditions under which both are measured: a batch learns furniture, an index does not."""


def measured(data: Data) -> Iterator[dict[str, Any]]:
    """One row a measure: by a batch, and by an index that took the articles in by date."""
    for labelled in data.stories:
        yield {"of": labelled.name, "measure": F1, **_of_set(labelled.articles(), labelled)}
    for labelled in data.fitted:
        for name, changed in conditions(labelled.articles(), FURNISHED):
            of = f"{labelled.name}, {name}"
            yield {"of": of, "measure": F1, **_of_set(list(changed), labelled)}
    for briefs in data.briefs:
        by_batch, by_index = (judged(briefs, group) for group in (batched, indexed))
        for key, told in (
            ("crossed_share", "pairs of two companies"),
            ("copy_crossed", "copies of two companies"),
            ("kept", "kept"),
        ):
            yield {"of": briefs.name, "measure": told, "batch": by_batch[key]} | {
                "index": by_index[key]
            }
    if not data.chosen:
        for template in TEMPLATES:
            articles, events = twins(template, EVENTS)
            found = _f1(articles, range(len(articles)), events)
            yield {"of": f"twins, {template.kind}", "measure": F1, **found}


def _of_set(articles: Sequence[Article], labelled: LabelledSet) -> dict[str, float]:
    """F1 over the articles of a set that are labelled."""
    gold = labelled.stories
    places = [place for place, article in enumerate(articles) if article.id in gold]
    return _f1(articles, places, [gold[articles[place].id] for place in places])


def _f1(
    articles: Sequence[Article], places: Sequence[int], events: Sequence[str]
) -> dict[str, float]:
    scores = []
    for group in (batched, indexed):
        stories = group(articles).stories
        scores.append(b_cubed(events, [stories[place] for place in places]).f1)
    return {"batch": scores[0], "index": scores[1]}


def tables(rows: list[dict[str, Any]]) -> Iterator[Table]:
    """One line a measure."""
    cells = [
        (
            row["of"],
            row["measure"],
            *(f"{v:,}" if isinstance(v, int) else figure(v) for v in (row["batch"], row["index"])),
        )
        for row in rows
    ]
    yield Table("By a batch, and by an index", ("of", "measure", "batch", "index"), cells)
