"""The report that a person reads: what is copied, what is reported independently, since when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from rich.text import Text

from dedupe.model import Grouping, Member, Story
from dedupe.report.front import who_was_first
from dedupe.report.page import Page, picture
from dedupe.report.table import WIDE, choose_columns, render_table
from dedupe.report.wording import (
    RELATION_LABELS,
    TELLING,
    apart,
    between,
    byte_rate,
    counted,
    duration,
    quantity,
    says_anew,
    shown_in_utc,
    span,
)

if TYPE_CHECKING:
    from rich.console import Console

Sort = Literal["size", "date", "score"]

INDENT = 4
LABELLED = INDENT + 9
"""Where the text beside a label such as ``weakest`` starts."""
SHOWN_TERMS = 8
SHOWN_REJECTIONS = 5
SHOWN_NOTES = 10
SHOWN_DIGESTS = SHOWN_QUOTATIONS = SHOWN_NEW_VERSIONS = 5
_LAST = datetime.max.replace(tzinfo=UTC)


def render_report(
    grouping: Grouping,
    console: Console,
    *,
    min_size: int = 2,
    top: int | None = 20,
    sort: Sort = "size",
) -> None:
    """Print a grouping: its sums, its stories, then what went wrong.

    Stories of fewer than ``min_size`` articles are counted, not listed; at most ``top`` are
    listed (None: all of them). ``sort`` puts the largest first (``size``), the latest news first
    (``date``) or the surest story first, by its weakest link (``score``).
    Nothing about time and speed is said where ``grouping.seconds`` is 0.
    """
    page = Page(console)
    shown, left = chosen(grouping, min_size=min_size, top=top, sort=sort)
    page.pieces(_sums(grouping), indent=0, style="bold", separator=", ")
    page.blank()
    columns = choose_columns(shown, page)
    for number, story in enumerate(shown, start=1):
        _heading(number, story, page)
        if len(story.members) > 1:
            render_table(story, columns, page)
            _reasons(story, page)
        _mentioned(story, page)
        page.blank()
    _closing(grouping, min_size, left, page)
    _digests(grouping, page)
    _quotations(grouping, page)
    _new_versions(grouping, page)
    if any(len(story.members) > 1 for story in shown):
        _legend(page)
    _notes(grouping, page)
    _rejections(grouping, page)


def svg_report(
    grouping: Grouping,
    width: int = 100,
    *,
    min_size: int = 2,
    top: int | None = 20,
    sort: Sort = "size",
) -> str:
    """The report as an SVG picture, ``width`` columns wide.

    The same grouping always gives the same bytes: time and speed are left out.
    """
    still = replace(grouping, seconds=0.0)
    return picture(
        lambda console: render_report(still, console, min_size=min_size, top=top, sort=sort), width
    )


def chosen(
    grouping: Grouping, *, min_size: int, top: int | None, sort: Sort
) -> tuple[list[Story], int]:
    """The stories that a report lists, in its order, and how many more there were."""
    listed = _sorted([s for s in grouping.stories if len(s.members) >= min_size], sort)
    shown = listed if top is None else listed[:top]
    return shown, len(listed) - len(shown)


def _sorted(stories: list[Story], sort: Sort) -> list[Story]:
    def place(story: Story) -> tuple[object, ...]:
        if sort == "size":
            first = shown_in_utc(story.span[0]) if story.span else _LAST
            return -len(story.members), first, story.id
        if sort == "date":
            last = shown_in_utc(story.span[1]).timestamp() if story.span else 0.0
            return story.span is None, -last, story.id
        return -story.weakest.scores.story if story.weakest else 0.0, story.id

    return sorted(stories, key=place)


def _sums(grouping: Grouping) -> list[str]:
    several = sum(len(story.members) > 1 for story in grouping.stories)
    folded = sum(story.copies for story in grouping.stories)
    articles = len(grouping.order)
    stories = counted(len(grouping.stories), "story", "stories")
    parts = [f"{counted(articles, 'article')} in {stories}"]
    if articles > 1:
        parts[0] += f" ({several:,} of several articles)"
    if folded:
        parts.append(f"{counted(folded, 'copy', 'copies')} folded")
    if grouping.rejected_count:
        parts.append(f"{counted(grouping.rejected_count, 'record')} rejected")
    if grouping.seconds > 0:
        parts.append(duration(grouping.seconds))
    if grouping.seconds >= TELLING:
        if grouping.text_bytes:
            parts.append(byte_rate(grouping.text_bytes, grouping.seconds))
        parts.append(f"{quantity(articles / grouping.seconds)} articles/s")
    return parts


def size_in_words(story: Story) -> str:
    """``7 articles, 4 independent reports, 3 copies``; what there is none of goes unsaid."""
    if len(story.members) == 1:
        return "1 article"
    parts = [counted(len(story.members), "article")]
    parts.append(counted(story.independent, "independent report"))
    if story.copies:
        parts.append(counted(story.copies, "copy", "copies"))
    return ", ".join(parts)


def name_of(member: Member, page: Page) -> str:
    """The headline, else the id, cleaned."""
    return page.clean(member.headline) or f"id {page.clean(member.id)}"


def _heading(number: int, story: Story, page: Page) -> None:
    label = f"{number:>2}. ".ljust(INDENT)
    named = page.clean(story.headline) or name_of(story.members[0], page)
    headline = page.crop(named, page.width - len(label))
    page.line(label, (headline, "bold"))
    pieces = [size_in_words(story), span(*story.span) if story.span else "undated"]
    pieces.append(_whose(story, page))
    page.pieces([piece for piece in pieces if piece], indent=INDENT)


def _whose(story: Story, page: Page) -> str:
    """Who had it first, and when; of a single article, its source."""
    if len(story.members) == 1:
        return page.clean(story.members[0].source)
    first = who_was_first(story, page.clean)
    return f"first: {first}" if first else ""


def _reasons(story: Story, page: Page) -> None:
    """The terms that the articles share, and its weakest link."""
    size = len(story.members)
    if story.terms:
        terms = [f"{page.clean(t.text)} {t.articles}/{size}" for t in story.terms[:SHOWN_TERMS]]
        page.pieces(terms, indent=LABELLED, label=" " * INDENT + "shared")
    if story.weakest is None or size == 2:
        return
    weakest = story.weakest
    members = {member.id: member for member in story.members}
    dates = [members[end].date for end in (weakest.a, weakest.b) if end in members]
    gap = between(*dates) if len(dates) == 2 else apart(weakest.days)
    pieces = [RELATION_LABELS[weakest.relation], f"story score {weakest.scores.story:.2f}"]
    page.pieces([*pieces, *([gap] if gap else [])], indent=LABELLED, label=" " * INDENT + "weakest")
    for end in (weakest.a, weakest.b):
        name = name_of(members[end], page) if end in members else f"id {page.clean(end)}"
        page.line(" " * LABELLED, page.crop(name, page.width - LABELLED))


def _mentioned(story: Story, page: Page) -> None:
    """The digests that tell of it among other stories."""
    pieces = [_with_source(member, page) for member in story.mentioned[:SHOWN_DIGESTS]]
    hidden = len(story.mentioned) - len(pieces)
    pieces += [counted(hidden, "more digest")] if hidden else []
    page.pieces(pieces, indent=LABELLED, label=" " * INDENT + "also in")


def _with_source(member: Member, page: Page) -> str:
    source = page.clean(member.source)
    return f"{name_of(member, page)} ({source})" if source else name_of(member, page)


def _digests(grouping: Grouping, page: Page) -> None:
    """Articles that tell several stories, and belong to none."""
    found = {m.id: m for story in grouping.stories for m in story.mentioned}
    if not found:
        return
    many = len(found) > 1
    told = (
        "tell of several stories, and belong" if many else "tells of several stories, and belongs"
    )
    page.paragraph(f"{counted(len(found), 'digest')} {told} to none:")
    shown = sorted(found.values(), key=lambda m: (-len(m.mentions), m.id))[:SHOWN_DIGESTS]
    for member in shown:
        stories = counted(len(member.mentions), "story", "stories")
        page.paragraph(f"{_with_source(member, page)}: {stories}", indent=2, label=page.glyphs.dot)
    _more(len(found) - len(shown), "digest", page)


def _quotations(grouping: Grouping, page: Page) -> None:
    """Articles that quote another one at length, and are no copies of it."""
    members = {member.id: member for story in grouping.stories for member in story.members}
    quoting = [member for member in members.values() if member.quotes]
    if not quoting:
        return
    many = "quote" if len(quoting) > 1 else "quotes"
    page.paragraph(f"{counted(len(quoting), 'article')} {many} another one at length:")
    for member in sorted(quoting, key=lambda m: (-m.quotes[0].share, m.id))[:SHOWN_QUOTATIONS]:
        first, *more = member.quotes
        told = f"{round(100 * first.share)}% of {_with_source(members[first.id], page)}"
        told += f" and {counted(len(more), 'more article')}" if more else ""
        label = page.glyphs.dot
        page.paragraph(f"{_with_source(member, page)}: {told}", indent=2, label=label)
    _more(len(quoting) - SHOWN_QUOTATIONS, "article", page)


def _new_versions(grouping: Grouping, page: Page) -> None:
    """Copies that say more than the text that they are a copy of, or something else."""
    members = {member.id: member for story in grouping.stories for member in story.members}
    found = [member for member in members.values() if says_anew(member)]
    if not found:
        return
    many = "say" if len(found) > 1 else "says"
    page.paragraph(f"{counted(len(found), 'copy', 'copies')} {many} what the other text does not:")
    for member in sorted(found, key=lambda m: (not m.corrects, m.id))[:SHOWN_NEW_VERSIONS]:
        told = f"{says_anew(member)}; a copy of {_with_source(members[member.to or ''], page)}"
        label = page.glyphs.dot
        page.paragraph(f"{_with_source(member, page)}: {told}", indent=2, label=label)
    _more(len(found) - SHOWN_NEW_VERSIONS, "copy", page, "copies")


def _closing(grouping: Grouping, min_size: int, cut: int, page: Page) -> None:
    """Say what was not listed, so that every article is accounted for."""
    sizes = [len(story.members) for story in grouping.stories]
    if cut:
        page.paragraph(f"{counted(cut, 'more story', 'more stories')} not listed.")
    smaller = sum(1 < size < min_size for size in sizes)
    if smaller:
        stories = counted(smaller, "story", "stories")
        page.paragraph(f"{stories} of fewer than {min_size:,} articles not listed.")
    alone = sizes.count(1)
    if alone:
        stand = "stands" if alone == 1 else "stand"
        page.paragraph(f"{counted(alone, 'article')} {stand} alone.")


def _legend(page: Page) -> None:
    glyphs = page.glyphs
    page.blank()
    signs = (
        f"{glyphs.representative} represents its story",
        f"{glyphs.report} independent report",
        f"{glyphs.last_branch} copy of the report above",
    )
    page.pieces(signs, indent=0, style="dim")
    copied = (
        "share of five-word sequences in common (of an excerpt: found in the longer text; of an "
        "edited copy: words in them)"
    )
    story = "estimated probability that both report one event"
    if page.width >= WIDE:
        lines = [f"copied: {copied}", "cosine: likeness of the words", f"story: {story}"]
        page.pieces(lines, indent=0, style="dim")
    else:
        page.paragraph(Text(f"score of a copy: {copied}; else: {story}", style="dim"))


def _notes(grouping: Grouping, page: Page) -> None:
    if not grouping.notes:
        return
    page.blank()
    for note in grouping.notes[:SHOWN_NOTES]:
        page.paragraph(page.clean(note), indent=6, label="note")
    _more(len(grouping.notes) - SHOWN_NOTES, "note", page)


def _rejections(grouping: Grouping, page: Page) -> None:
    if not grouping.rejected_count:
        return
    page.blank()
    records = counted(grouping.rejected_count, "record")
    page.line((f"{records} rejected", "red"))
    shown = grouping.rejected[:SHOWN_REJECTIONS]
    for rejection in shown:
        place = page.clean(rejection.source)
        place = f"{place}:{rejection.line}" if rejection.line else place
        page.paragraph(f"{place}: {page.clean(rejection.reason)}", indent=2, label=page.glyphs.dot)
    _more(grouping.rejected_count - len(shown), "record", page)


def _more(number: int, what: str, page: Page, plural: str = "") -> None:
    if number > 0:
        page.line(f"  and {counted(number, f'more {what}', f'more {plural}' if plural else '')}")
