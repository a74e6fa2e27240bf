"""Finds copies, edited copies, excerpts and independent reports of one story among news.

::

    from dedupe import group_articles, read_articles

    for story in group_articles(read_articles("fixtures/articles")).stories:
        print(story.headline, story.independent, "independent,", story.copies, "copies")

Everything public stands in ``__all__`` and is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedupe.api import explain_article, group_articles, read_articles, score_pairs
    from dedupe.config import Settings
    from dedupe.errors import DedupeError
    from dedupe.model import (
        Article,
        Evidence,
        Grouping,
        Match,
        Member,
        Rejection,
        Scores,
        Story,
        Term,
    )

_HOMES = {
    "Article": "model",
    "DedupeError": "errors",
    "Evidence": "model",
    "Grouping": "model",
    "Match": "model",
    "Member": "model",
    "Rejection": "model",
    "Scores": "model",
    "Settings": "config",
    "Story": "model",
    "Term": "model",
    "explain_article": "api",
    "group_articles": "api",
    "read_articles": "api",
    "score_pairs": "api",
}

__all__ = [
    "Article",
    "DedupeError",
    "Evidence",
    "Grouping",
    "Match",
    "Member",
    "Rejection",
    "Scores",
    "Settings",
    "Story",
    "Term",
    "explain_article",
    "group_articles",
    "read_articles",
    "score_pairs",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'dedupe' has no attribute {name!r}")
    return getattr(import_module(f"dedupe.{_HOMES[name]}"), name)
