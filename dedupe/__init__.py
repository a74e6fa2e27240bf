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
    from dedupe.analysis import Analysis
    from dedupe.api import (
        article_signatures,
        compare_articles,
        explain_article,
        group_articles,
        group_sketches,
        read_articles,
        score_pairs,
        sketch_articles,
    )
    from dedupe.calibrate.stored import read_model
    from dedupe.config import Limits, Settings
    from dedupe.errors import DedupeError
    from dedupe.hooks.filter import Decision, Filter
    from dedupe.index import Index, open_index
    from dedupe.index.asynchronous import AsyncIndex, open_index_async
    from dedupe.model import (
        Article,
        Evidence,
        Grouping,
        IndexedArticle,
        IndexedStory,
        IndexStats,
        Match,
        Member,
        Rejection,
        Scores,
        Story,
        Term,
        Verdict,
    )
    from dedupe.model_compare import Comparison
    from dedupe.pipeline import analyse
    from dedupe.sketch import from_datasketch, to_datasketch

_HOMES = {
    "Analysis": "analysis",
    "Article": "model",
    "AsyncIndex": "index.asynchronous",
    "Comparison": "model_compare",
    "Decision": "hooks.filter",
    "DedupeError": "errors",
    "Evidence": "model",
    "Filter": "hooks.filter",
    "Grouping": "model",
    "Index": "index",
    "IndexStats": "model",
    "IndexedArticle": "model",
    "IndexedStory": "model",
    "Limits": "config",
    "Match": "model",
    "Member": "model",
    "Rejection": "model",
    "Scores": "model",
    "Settings": "config",
    "Story": "model",
    "Term": "model",
    "Verdict": "model",
    "analyse": "pipeline",
    "article_signatures": "api",
    "compare_articles": "api",
    "explain_article": "api",
    "from_datasketch": "sketch",
    "group_articles": "api",
    "group_sketches": "api",
    "open_index": "index",
    "open_index_async": "index.asynchronous",
    "read_articles": "api",
    "read_model": "calibrate.stored",
    "score_pairs": "api",
    "sketch_articles": "api",
    "to_datasketch": "sketch",
}

__all__ = [
    "Analysis",
    "Article",
    "AsyncIndex",
    "Comparison",
    "Decision",
    "DedupeError",
    "Evidence",
    "Filter",
    "Grouping",
    "Index",
    "IndexStats",
    "IndexedArticle",
    "IndexedStory",
    "Limits",
    "Match",
    "Member",
    "Rejection",
    "Scores",
    "Settings",
    "Story",
    "Term",
    "Verdict",
    "analyse",
    "article_signatures",
    "compare_articles",
    "explain_article",
    "from_datasketch",
    "group_articles",
    "group_sketches",
    "open_index",
    "open_index_async",
    "read_articles",
    "read_model",
    "score_pairs",
    "sketch_articles",
    "to_datasketch",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        like = ", ".join(public for public in __all__ if name in public) if name else ""
        hint = f"; there is {like}" if like else ""
        raise AttributeError(f"module 'dedupe' has no attribute {name!r}{hint}")
    return getattr(import_module(f"dedupe.{_HOMES[name]}"), name)
