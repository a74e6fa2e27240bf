"""What an index holds, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dedupe.model import IndexedStory, IndexStats
from dedupe.moments import written

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; a new field leaves it as it is."""


def stats_object(
    path: str, stats: IndexStats, settings: Mapping[str, float], fingerprint: str
) -> dict[str, Any]:
    """The sums of an index. ``settings`` are those that are not the usual ones."""
    each = round(stats.bytes / stats.articles) if stats.articles else None
    return {
        "schema_version": SCHEMA_VERSION,
        "path": path,
        "articles": stats.articles,
        "stories": stats.stories,
        "independent_texts": stats.texts,
        "bytes": stats.bytes,
        "bytes_per_article": each,
        "keeps_texts": stats.keeps_texts,
        "oldest": written(stats.oldest),
        "newest": written(stats.newest),
        "languages": dict(stats.languages),
        "settings": dict(settings),
        "fingerprint": fingerprint,
    }


def story_object(story: IndexedStory) -> dict[str, Any]:
    """One story; dates are ISO 8601 in UTC, or null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": story.id,
        "articles": list(story.articles),
        "first_date": written(story.first),
        "last_date": written(story.last),
        "merged": list(story.merged),
    }
