"""What an index holds, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dedupe.model import IndexedStory, IndexStats
from dedupe.report.wording import in_utc

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
        "oldest": _date(stats.oldest),
        "newest": _date(stats.newest),
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
        "first_date": _date(story.first),
        "last_date": _date(story.last),
        "merged": list(story.merged),
    }


def _date(moment: datetime | None) -> str | None:
    return None if moment is None else in_utc(moment).isoformat().replace("+00:00", "Z")
