"""INDEX FILE: verdicts of an index over a file in date order, against its batch grouping.

An article is a copy in the batch where an earlier one lies in its group of copies, and to the
index where the verdict is one of the relations of copies.
"""

from __future__ import annotations

import sys
from itertools import combinations
from typing import TYPE_CHECKING

from in_order import in_order
from latency import tell

from dedupe import group_articles
from dedupe.index import open_index
from dedupe.model import COPY_RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def repeated(groups: Mapping[str, str], order: Iterable[str]) -> dict[str, bool]:
    """For each article, in order, whether an earlier one is of its group."""
    seen: set[str] = set()
    found = {}
    for name in order:
        found[name] = groups[name] in seen
        seen.add(groups[name])
    return found


def pairs(groups: Mapping[str, str]) -> set[tuple[str, str]]:
    """All pairs inside of groups."""
    members: dict[str, list[str]] = {}
    for name in sorted(groups):
        members.setdefault(groups[name], []).append(name)
    return {pair for names in members.values() for pair in combinations(names, 2)}


if __name__ == "__main__":
    target, file = sys.argv[1:]
    articles = in_order(file)
    batch = {m.id: m.copies for story in group_articles(articles).stories for m in story.members}
    with open_index(target, texts=False) as index:
        verdicts = {article.id: index.admit(article) for article in articles}
        held = {found.article.id: found.copies for found in index.articles()}
    asked = repeated(batch, verdicts)
    ours = {name: verdict.relation in COPY_RELATIONS for name, verdict in verdicts.items()}
    wanted, found = pairs(batch), pairs(held)
    tell(
        {
            "articles": len(articles),
            "copies": sum(asked.values()),
            "alike": sum(ours[name] == asked[name] for name in asked),
            "missed": sum(asked[name] and not ours[name] for name in asked),
            "extra": sum(ours[name] and not asked[name] for name in asked),
            "pairs": len(wanted),
            "found": len(found),
            "both": len(wanted & found),
        }
    )
