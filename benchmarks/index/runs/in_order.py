"""Articles of a labelled or plain file, in the order in which an index is given them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dedupe import read_articles

if TYPE_CHECKING:
    from pathlib import Path

    from dedupe import Article

EVER = datetime.min.replace(tzinfo=UTC)


def in_order(file: str | Path) -> list[Article]:
    """By date; an article without one keeps its place in the file."""
    articles = list(read_articles(file))
    dated = iter(sorted((a for a in articles if a.date), key=lambda a: a.date or EVER))
    return [next(dated) if article.date else article for article in articles]
