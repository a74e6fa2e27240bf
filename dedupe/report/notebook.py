"""What a notebook shows of a grouping, a story, a comparison: tables, no script, no request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.report.html import fragment
from dedupe.report.table import lineage
from dedupe.report.wording import RELATION_LABELS

if TYPE_CHECKING:
    from dedupe.model import Grouping, Story
    from dedupe.model_compare import Comparison

SHOWN_STORIES, SHOWN_ARTICLES, SHOWN_FACTS = 20, 40, 20
"""Rows of a grouping, a story, and each list of a comparison."""


def grouping_html(grouping: Grouping) -> str:
    """The stories of most articles, a row each; a story of one article is only counted."""
    told = [story for story in grouping.stories if len(story.members) > 1]
    return fragment(
        "notebook.html",
        part="grouping",
        grouping=grouping,
        stories=told[:SHOWN_STORIES],
        more=max(len(told) - SHOWN_STORIES, 0),
        alone=len(grouping.stories) - len(told),
    )


def story_html(story: Story) -> str:
    """The articles of a story, each copy below what it is a copy of."""
    entries = [
        (entry.member, len(entry.ancestors_last))
        for entry, _ in zip(lineage(story), range(SHOWN_ARTICLES), strict=False)
    ]
    more = len(story.members) - len(entries)
    return fragment("notebook.html", part="story", story=story, entries=entries, more=more)


def comparison_html(comparison: Comparison) -> str:
    """The measures, what is told differently, and what both report."""
    relation = comparison.relation
    return fragment(
        "notebook.html",
        part="comparison",
        comparison=comparison,
        relation="no relation" if relation is None else RELATION_LABELS[relation],
        shown=SHOWN_FACTS,
    )
