"""What an index contains, for people: its sums, articles with the answers given, stories."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from dedupe.model import (
    COPY_RELATIONS,
    IndexedArticle,
    IndexedStory,
    IndexStats,
    Match,
    Member,
    Role,
    Story,
)
from dedupe.moments import end_of
from dedupe.report.page import Page
from dedupe.report.table import RELATION_STYLES, choose_columns, render_table
from dedupe.report.terminal import name_of
from dedupe.report.wording import (
    RELATION_LABELS,
    apart,
    between,
    bytes_in_words,
    counted,
    says_anew,
    span,
    when,
)

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

INDENT = 2
LABEL = 15
"""Where the text beside a label such as ``fingerprint`` starts."""
RELATION = 16
"""Cells for the name of a relation, and what parts it from the headline."""
LONGEST_NAME = 40
"""Cells for the name of a piece of evidence."""
LEAST_WEIGHT = 0.005
"""Of evidence that is shown: what is less is 0.00."""
SHOWN_MATCHES = 10
SHOWN_LANGUAGES = 12


def render_stats(
    name: str,
    stats: IndexStats,
    settings: Mapping[str, float],
    fingerprint: str,
    console: Console,
) -> None:
    """Print how much an index contains. ``settings`` are those that are not the usual ones."""
    page = Page(console)
    page.line((page.crop(page.clean(name), page.width), "bold"))
    _labelled("articles", [f"{stats.articles:,}"], page)
    _labelled("stories", [f"{stats.stories:,}"], page)
    copies = stats.articles - stats.texts
    texts = [f"{stats.texts:,} written independently"]
    texts += [f"{counted(copies, 'copy', 'copies')} of them"] if copies else []
    _labelled("texts", texts, page)
    size = [bytes_in_words(stats.bytes)]
    if stats.articles:
        size.append(f"{bytes_in_words(stats.bytes / stats.articles)} an article")
    size.append("texts are kept" if stats.keeps_texts else "texts are not kept")
    _labelled("size", size, page)
    if stats.oldest is not None and stats.newest is not None:
        _labelled("dates", [span(stats.oldest, stats.newest)], page)
    _languages(stats, page)
    changed = [f"{setting}={value:g}" for setting, value in settings.items()]
    _labelled("settings", changed or ["all as usual"], page)
    _labelled("fingerprint", [fingerprint], page)


def _languages(stats: IndexStats, page: Page) -> None:
    words = [
        f"{page.clean(language) or 'unknown'} {number:,}"
        for language, number in stats.languages[:SHOWN_LANGUAGES]
    ]
    left = sum(number for _, number in stats.languages[SHOWN_LANGUAGES:])
    words += [f"others {left:,}"] if left else []
    if words:
        _labelled("languages", words, page)


def _labelled(label: str, pieces: Iterable[str], page: Page) -> None:
    page.pieces(pieces, indent=LABEL, label=" " * INDENT + label)


def render_article(
    found: IndexedArticle, others: Mapping[str, IndexedArticle], console: Console
) -> None:
    """Print an article, where it stands, and the answer that it was given, with all evidence.

    ``others`` are the articles of its matches that are still there, by id.
    """
    page = Page(console)
    article, verdict = found.article, found.verdict
    page.paragraph(Text(_headline(found, page), style="bold"))
    page.pieces(page.about(article.source, article.date, article.id), indent=0)
    page.blank()
    _labelled("story", [page.clean(found.story)], page)
    own = found.copies == article.id
    text = "its own" if own else f"a copy of id {page.clean(found.copies)}"
    page.paragraph(text, indent=LABEL, label=" " * INDENT + "text")
    _labelled("arrived", [when(found.arrived)], page)
    if language := page.clean(article.lang):
        _labelled("language", [language], page)
    if address := page.clean(article.url):
        page.paragraph(address, indent=LABEL, label=" " * INDENT + "address")
    answer = [RELATION_LABELS[verdict.relation]]
    if verdict.story is not None and verdict.story != found.story:
        answer.append(f"story {page.clean(verdict.story)}, which became {page.clean(found.story)}")
    if anew := says_anew(verdict):
        answer.append(anew)
    _labelled("answer", answer, page)
    if verdict.mentions:
        named = [f"id {page.clean(name)}" for name in verdict.mentions[:SHOWN_MATCHES]]
        _labelled(
            "digest", [f"of {counted(len(verdict.mentions), 'story', 'stories')}", *named], page
        )
    if verdict.added:
        _labelled("adds", [page.clean(word) for word in verdict.added], page)
    for number, match in enumerate(verdict.matches[:SHOWN_MATCHES], start=1):
        page.blank()
        _match(number, match, others.get(match.b), article.date, page)
    left = len(verdict.matches) - SHOWN_MATCHES
    if left > 0:
        page.blank()
        page.line(f"{'':{INDENT}}and {counted(left, 'more match', 'more matches')}")


def _match(
    number: int, match: Match, other: IndexedArticle | None, date: datetime | None, page: Page
) -> None:
    """Which article it was matched with, how alike they are, and each piece of evidence."""
    style = RELATION_STYLES.get(match.relation, "none")
    label = RELATION_LABELS[match.relation]
    indent = INDENT + 3
    room = page.width - indent - RELATION
    headline = _headline(other, page) if other else f"id {page.clean(match.b)}"
    start = f"{number}. ".rjust(indent)
    page.line(start, (page.fit(label, RELATION), style), (page.crop(headline, room), "bold"))
    pieces, gap = ["no longer here"], apart(match.days)
    if other is not None:
        article = other.article
        pieces = page.about(article.source, article.date, article.id)
        gap = between(date, article.date) if gap else gap
    page.pieces([*pieces, *([gap] if gap else [])], indent=indent)
    page.pieces(_scores(match), indent=indent)
    _evidence(match, indent, page)


def _scores(match: Match) -> list[str]:
    scores = match.scores
    words = [f"story score {scores.story:.2f}", f"cosine {scores.cosine:.2f}"]
    copied = [f"jaccard {scores.jaccard:.2f}", f"containment {scores.containment:.2f}"]
    if scores.share is not None:
        copied.insert(0, f"share {scores.share:.2f}")
    return copied + words if match.relation in COPY_RELATIONS else words + copied


def _evidence(match: Match, indent: int, page: Page) -> None:
    """Each piece of evidence that counts for or against, its weight in log-odds, and their sum."""
    rows = [
        (page.clean(one.name), page.clean(one.value), one.weight)
        for one in match.evidence
        if abs(one.weight) >= LEAST_WEIGHT
    ]
    if not rows:
        return
    total = math.fsum(one.weight for one in match.evidence)
    rows.append(("in all", f"story score {match.scores.story:.2f}", total))
    names = min(max(cell_len(name) for name, _, _ in rows), LONGEST_NAME, page.width // 2)
    for name, value, weight in rows:
        style = "green" if weight > 0 else "red" if weight < 0 else "none"
        room = page.width - indent - 7 - names - 2
        page.line(
            " " * indent,
            (f"{weight:+6.2f} ", style),
            f"{page.fit(name, names)}  ",
            page.crop(value, room),
        )


def render_story(story: IndexedStory, articles: Sequence[IndexedArticle], console: Console) -> None:
    """Print a story's articles, oldest first, copies beneath the report that they copy."""
    page = Page(console)
    shown = told_story(story, articles)
    name = f"{page.clean(story.id)}  "
    headline = name_of(shown.members[0], page)
    page.line(name, (page.crop(headline, page.width - cell_len(name)), "bold"))
    pieces = [counted(len(articles), "article")]
    pieces.append(counted(shown.independent, "independent report"))
    pieces += [counted(shown.copies, "copy", "copies")] if shown.copies else []
    page.pieces([", ".join(pieces), *_span(story)], indent=INDENT)
    if story.merged:
        page.paragraph(
            f"merged into it: {', '.join(map(page.clean, story.merged))}", indent=INDENT, label=""
        )
    page.blank()
    render_table(shown, choose_columns([shown], page), page)


def told_story(story: IndexedStory, articles: Sequence[IndexedArticle]) -> Story:
    """The story as a report shows it; each article against the best match in the same story."""
    ordered = sorted(articles, key=lambda a: (end_of(a.article.date or a.arrived), a.arrived))
    ids = {one.article.id for one in ordered}
    members = [_member(one, ids, first=one is ordered[0]) for one in ordered]
    return Story(story.id, tuple(members))


def _member(found: IndexedArticle, ids: set[str], *, first: bool) -> Member:
    article = found.article
    matches = found.verdict.matches
    match = next((m for m in matches if m.b in ids and m.b != article.id), None)
    role: Role = "representative" if first else "member"
    relation = to = scores = None
    if match is not None and not first:
        relation, to, scores = match.relation, match.b, match.scores
    headline = article.title or article.text.lstrip().partition("\n")[0]
    return Member(
        article.id, headline, article.source, article.date, role, found.copies, relation, to, scores
    )


def render_stories(
    stories: Iterable[tuple[IndexedStory, IndexedArticle | None]], console: Console
) -> None:
    """Print one line a story, each with its first article, as they come."""
    page = Page(console)
    for story, first in stories:
        headline = _headline(first, page) if first else ""
        size = counted(len(story.articles), "article")
        dates = "".join(_span(story))
        start = f"{page.fit(page.clean(story.id), 9)} {size:>13}  {page.fit(dates, 26)}  "
        page.line(start, page.crop(headline, page.width - cell_len(start)))


def _span(story: IndexedStory) -> list[str]:
    return [span(story.first, story.last)] if story.first and story.last else []


def _headline(found: IndexedArticle, page: Page) -> str:
    """The title, else the first line of the text, else the id, cleaned."""
    article = found.article
    headline = article.title or article.text.lstrip().partition("\n")[0]
    return page.clean(headline) or f"id {page.clean(article.id)}"
