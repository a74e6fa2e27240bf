"""Briefs of a wire: short items told by few templates, most of which name one company.

Two items that name two companies report two events, but for the rare merger. Two of one company,
sent within two days and with words enough in common, are one event: sent again, corrected, followed
up.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import regex

from benchmarks.results import Table
from evals.methods import batched
from evals.tables import figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dedupe.model import Article
    from evals.methods import Groups
    from evals.sets import Data, LabelledSet

SAME_DAYS, SAME_WORDS = 2, 0.3
"""Two items of one company less than so many days apart, with so large a share of the shorter
one's words in both, are one event."""
HEADS = (
    *("set", "items", "naming one company", "pairs in one story", "of two companies", "share"),
    *("pairs of copies", "of two companies", "pairs of one event", "kept"),
)
_WORD = regex.compile(r"\w+")


def measured(data: Data) -> Iterator[dict[str, Any]]:
    """One row a set of briefs."""
    for briefs in data.briefs:
        yield {"set": briefs.name, **judged(briefs, batched)}


def judged(briefs: LabelledSet, group: Callable[[list[Article]], Groups]) -> dict[str, Any]:
    """All that is counted of one set."""
    articles, company = briefs.articles(), briefs.companies()
    found = group(articles)
    named = [article for article in articles if article.id in company]
    ids = [article.id for article in articles]
    story, copies = (dict(zip(ids, labels, strict=True)) for labels in found)
    in_story, in_copies = (list(_together(named, groups)) for groups in (story, copies))
    again = list(one_event(articles, company))
    crossed, copied = (
        sum(company[a] != company[b] for a, b in pairs) for pairs in (in_story, in_copies)
    )
    kept = sum(story[a] == story[b] for a, b in again)
    return {
        "articles": len(articles),
        "named": len(named),
        "pairs": len(in_story),
        "crossed": crossed,
        "crossed_share": crossed / max(len(in_story), 1),
        "copy_pairs": len(in_copies),
        "copy_crossed": copied,
        "one_event": len(again),
        "kept": kept / max(len(again), 1),
    }


def _together(articles: Iterable[Article], groups: dict[str, int]) -> Iterator[tuple[str, str]]:
    members: dict[int, list[str]] = {}
    for article in articles:
        members.setdefault(groups[article.id], []).append(article.id)
    for group in members.values():
        yield from combinations(group, 2)


def one_event(articles: Sequence[Article], company: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Ids of two items of one ``company`` (by id) that are taken for reports of one event."""
    of_company: dict[str, list[Article]] = {}
    for article in articles:
        if article.id in company:
            of_company.setdefault(company[article.id], []).append(article)
    said = {article.id: set(_WORD.findall(article.text.lower())) for article in articles}
    for group in of_company.values():
        for a, b in combinations(group, 2):
            if a.date is None or b.date is None or abs(a.date - b.date).days >= SAME_DAYS:
                continue
            shorter = max(min(len(said[a.id]), len(said[b.id])), 1)
            if len(said[a.id] & said[b.id]) >= SAME_WORDS * shorter:
                yield a.id, b.id


def tables(rows: list[dict[str, Any]]) -> Iterator[Table]:
    """One line a set."""
    cells = [
        (
            row["set"],
            *(f"{row[key]:,}" for key in ("articles", "named", "pairs", "crossed")),
            figure(row["crossed_share"]),
            *(f"{row[key]:,}" for key in ("copy_pairs", "copy_crossed", "one_event")),
            figure(row["kept"]),
        )
        for row in rows
    ]
    yield Table("Briefs of a wire", HEADS, cells)
