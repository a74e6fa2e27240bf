"""What `dedupe filter` drops with its defaults, and how much of that is another event."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from benchmarks.results import Table
from dedupe.hooks.filter import Filter
from dedupe.index import open_index
from evals.methods import by_date
from evals.templates import TEMPLATES, twins
from evals.twins import EVENTS, WHEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dedupe.model import Article
    from evals.sets import Data

FIRST = 5_000
"""Articles of the haystack that pass by."""
SHOWN = 200
"""Dropped articles that are named in the figures, to be read by eye."""


def measured(data: Data) -> Iterator[dict[str, Any]]:
    """One row a stream."""
    for briefs in data.briefs:
        company = briefs.companies()
        yield _stream(briefs.name, briefs.articles(), company.get)
    for when, options in WHEN.items():
        told = [twins(template, EVENTS, **options) for template in TEMPLATES]
        event = {
            a.id: e for articles, events in told for a, e in zip(articles, events, strict=True)
        }
        stream = [article for articles, _ in told for article in articles]
        yield _stream(f"twins, {when}", stream, event.get)
    if data.whole:
        yield _stream("haystack", data.whole[:FIRST], lambda _: None)


def _stream(
    name: str, articles: Sequence[Article], event: Callable[[str], str | None]
) -> dict[str, Any]:
    dropped = list(_dropped(articles))
    wrong = [
        (own, other)
        for own, other, _ in dropped
        if event(own) is not None and event(other) is not None and event(own) != event(other)
    ]
    return {
        "stream": name,
        "articles": len(articles),
        "dropped": len(dropped),
        "another_event": len(wrong) if any(event(a.id) for a in articles) else None,
        "relations": dict(Counter(relation for _, _, relation in dropped)),
        "wrong": wrong[:SHOWN],
        "first": dropped[:SHOWN],
    }


def _dropped(articles: Iterable[Article]) -> Iterator[tuple[str, str, str]]:
    """Each article that does not pass, what it was taken for a copy of, and as what."""
    with open_index("memory:") as index:
        for decision in Filter(index).decide_many(by_date(articles)):
            if not decision.passed and decision.verdict is not None:
                best = decision.verdict.matches[0].b if decision.verdict.matches else ""
                yield decision.id, best, decision.verdict.relation


def tables(rows: list[dict[str, Any]]) -> Iterator[Table]:
    """One line a stream."""
    kinds = list(dict.fromkeys(kind for row in rows for kind in row["relations"]))
    cells = [
        (
            row["stream"],
            f"{row['articles']:,}",
            f"{row['dropped']:,}",
            "not known" if row["another_event"] is None else f"{row['another_event']:,}",
            *(f"{row['relations'].get(kind, 0):,}" for kind in kinds),
        )
        for row in rows
    ]
    heads = (
        "stream",
        "articles",
        "dropped",
        "of another event",
        *(k.replace("_", " ") for k in kinds),
    )
    yield Table("What the filter drops with its defaults", heads, cells)
