"""A story with its front: who was first, who told it, what its reports tell differently."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dedupe.comparison.story_facts import story_facts
from dedupe.model import Member, Story
from dedupe.moments import in_utc
from dedupe.pages import FRONT_REPORTS, READ_CHARACTERS
from dedupe.pipeline import analyse
from dedupe.report.jsonl import front_object
from dedupe.server.queries import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.config import Settings
    from dedupe.index import Index
    from dedupe.model import Article, IndexedArticle, IndexedStory
    from dedupe.server.answering import Inquiry

MOST_READ = 2000
"""Articles of a story that are looked at: those that came first."""
TOGETHER = 64
"""Of them that are read at once; then others have their turn."""
NO_TEXTS = "the index keeps no texts, of which it is made"
_LAST = datetime.max.replace(tzinfo=UTC)


async def front_of(asked: Inquiry, story: IndexedStory) -> dict[str, Any]:
    """``facts``: the front of a story, as the page of a report has it, weighed alone.

    None where the index keeps no texts; ``no_facts`` says so. Raises TimeoutError.
    """
    if not await read(asked, lambda index: index.keeps_texts):
        return {"facts": None, "no_facts": NO_TEXTS}
    members: list[Member] = []
    names = story.articles[:MOST_READ]
    for start in range(0, len(names), TOGETHER):
        members += await read(asked, _members_of(names[start : start + TOGETHER]))
    members.sort(key=_by_date)
    whole = Story(story.id, tuple(members))
    reports = [member.id for member in whole.reports[:FRONT_REPORTS]]
    articles, settings = await read(asked, lambda index: (index.get_many(reports), index.settings))
    articles.sort(key=lambda found: reports.index(found.article.id))
    shown = list(map(_beginning, articles))
    async with asyncio.timeout(asked.service.shared.limits.seconds):
        facts = await asked.service.shared.beside(lambda: _fronted(whole, shown, settings))
    return {"facts": facts | {"looked_at": len(members)}, "no_facts": None}


def _members_of(names: Sequence[str]) -> Any:
    """What reads these articles of an index, as members of a story, without their texts."""

    def members(index: Index) -> list[Member]:
        return list(map(_member, index.get_many(names)))

    return members


def _member(found: IndexedArticle) -> Member:
    article = found.article
    held = found.copies if found.copies != article.id else None
    return Member(
        article.id, article.title, article.source, article.date, "member", found.copies, to=held
    )


def _by_date(member: Member) -> tuple[datetime, str]:
    date = None if member.date is None else in_utc(member.date)
    return date or _LAST, member.id


def _beginning(found: IndexedArticle) -> Article:
    """The article as far as a page reads it."""
    return replace(found.article, text=found.article.text[:READ_CHARACTERS])


def _fronted(story: Story, reports: Sequence[Article], settings: Settings) -> dict[str, Any]:
    facts = None
    if len(reports) > 1:
        analysis = analyse(reports, settings, with_evidence=True)
        facts = story_facts(analysis, [report.id for report in reports])
    return front_object(story, facts)
