"""The articles of a story: which one copies which, and a table that suits the width of a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rich.cells import cell_len

from dedupe.model import COPY_RELATIONS, Member, Relation, Scores, Story
from dedupe.report.page import Page
from dedupe.report.wording import RELATION_LABELS, clock, counted, day, has_time

MARGIN = 2
"""The signs stand here, so that headlines align with the heading of their story."""
GAP = 2
NARROWEST, NARROW, WIDE = 60, 72, 140
"""Below the first, dates are left out, below the second sources and bars; from the third on there
is room for all scores and for ids."""
SHOWN_REPORTS, SHOWN_COPIES = 40, 12
"""Reports of one story at most, and copies beneath one report; the rest is counted. A wire story
that hundreds printed must not push its independent reports off the page."""

DEEPEST = 3
"""A copy of a copy of a copy is indented no further: the table is a table first."""

RELATION_STYLES: dict[Relation, str] = {
    "identical": "magenta",
    "near_duplicate": "magenta",
    "contained": "magenta",
    "edited_copy": "magenta",
    "same_story": "cyan",
    "quotation": "yellow",
}


@dataclass(frozen=True, slots=True)
class LineageEntry:
    """One member at its place in the tree."""

    member: Member
    ancestors_last: tuple[bool, ...]
    """For each level below the report, whether this branch is the last one; () for a report."""
    above: Member | None
    """The article it stands beneath; None for a report."""


def lineage(story: Story) -> Iterator[LineageEntry]:
    """Every member once: each independent report, followed by its copies beneath it."""
    groups: dict[str, list[Member]] = {}
    for member in story.members:
        groups.setdefault(member.copies, []).append(member)
    for members in groups.values():
        yield from _group(members)


def _group(members: list[Member]) -> Iterator[LineageEntry]:
    """One group of copies, depth first; copies that hang from nothing hang from the report."""
    ids = {member.id for member in members}
    report = next((m for m in members if m.to not in ids), members[0])
    children: dict[str, list[Member]] = {}
    for member in members:
        if member is not report:
            children.setdefault(member.to if member.to in ids else report.id, []).append(member)
    seen = {report.id}
    reached = _reachable(report.id, children)
    children.setdefault(report.id, []).extend(m for m in members if m.id not in reached)
    yield LineageEntry(report, (), None)
    waiting = _below(report, (), children)
    while waiting:
        entry = waiting.pop()
        if entry.member.id in seen:
            continue
        seen.add(entry.member.id)
        yield entry
        waiting.extend(_below(entry.member, entry.ancestors_last, children))


def _reachable(start: str, children: dict[str, list[Member]]) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child.id not in reached:
                reached.add(child.id)
                waiting.append(child.id)
    return reached


def _below(
    above: Member, path: tuple[bool, ...], children: dict[str, list[Member]]
) -> list[LineageEntry]:
    """The entries right beneath ``above``, last one first, as a stack wants them."""
    found = children.get(above.id, [])
    return [
        LineageEntry(child, (*path[: DEEPEST - 1], child is found[-1]), above)
        for child in reversed(found)
    ]


@dataclass(frozen=True, slots=True)
class ColumnWidths:
    """Widths in cells; 0 leaves a column out. The headline takes what remains."""

    id: int
    source: int
    date: int
    relation: int
    bar: int
    scores: tuple[str, ...]
    """Names of the score columns."""
    year: bool
    """Whether dates carry their year."""
    time: bool
    """Whether dates carry their time of day."""
    headline: int = 0


def choose_columns(stories: Iterable[Story], page: Page) -> ColumnWidths:
    """Columns for all stories alike, no wider than what stands in them."""
    stories = list(stories)
    members = [member for story in stories for member in story.members]
    wide, narrow = page.width >= WIDE, page.width < NARROW
    # Names and ids may grow with the page, so that a headline always keeps enough of it.
    sources = min(12 + max(page.width - 80, 0) // 4, 20)
    ids = min(12 + max(page.width - WIDE, 0) // 2, 24)
    # The heading of a story names its year, unless the story runs over New Year.
    year = any(s.span is not None and s.span[0].year != s.span[1].year for s in stories)
    base = ColumnWidths(
        id=_widest([page.clean(m.id) for m in members], ids) if wide else 0,
        source=0 if narrow else _widest([page.clean(m.source) for m in members], sources),
        date=0,
        relation=_widest([RELATION_LABELS[m.relation] for m in members if m.relation], 14),
        bar=0 if narrow else 5 if wide else 3,
        scores=("copied", "cosine", "story") if wide else ("score",),
        year=year,
        time=has_time([m.date for m in members if m.date is not None]) and (wide or not year),
    )
    if page.width >= NARROWEST:
        base = replace(base, date=_widest([_date(m, base) for m in members], 17))
    fixed = [width for width in (base.id, base.source, base.date, base.relation) if width]
    taken = sum(width + GAP for width in fixed + [_score_width(base)] * len(base.scores))
    return replace(base, headline=page.width - MARGIN - taken)


def _score_width(columns: ColumnWidths) -> int:
    return 4 + 1 + columns.bar


def _widest(texts: list[str], limit: int) -> int:
    return min(max(map(cell_len, texts), default=0), limit)


def render_table(story: Story, columns: ColumnWidths, page: Page) -> None:
    """Print the story's articles, copies beneath the report that they copy."""
    names = ("", "id", "source", "date", "relation")
    widths = (columns.headline, columns.id, columns.source, columns.date, columns.relation)
    cells = [page.fit(name, width) for name, width in zip(names, widths, strict=True) if width]
    cells += [page.fit(name, _score_width(columns)) for name in columns.scores]
    parts = [(" " * MARGIN, "none")]
    for cell in cells:
        parts += [(cell, "dim"), (" " * GAP, "none")]
    page.line(*parts[:-1])
    reports = _by_report(story)
    for entries in reports[:SHOWN_REPORTS]:
        for entry in entries[: 1 + SHOWN_COPIES]:
            _row(entry, story, columns, page)
        hidden = len(entries) - 1 - SHOWN_COPIES
        if hidden > 0:
            more = counted(hidden, "more copy", "more copies")
            page.line(" " * MARGIN, (f"{page.glyphs.last_branch} and {more}", "dim"))
    hidden = sum(map(len, reports[SHOWN_REPORTS:]))
    if hidden:
        page.line(" " * MARGIN, (f"and {counted(hidden, 'more article')}", "dim"))


def _by_report(story: Story) -> list[list[LineageEntry]]:
    """The entries of each independent report: itself, then its copies."""
    reports: list[list[LineageEntry]] = []
    for entry in lineage(story):
        if entry.above is None:
            reports.append([])
        reports[-1].append(entry)
    return reports


def _row(entry: LineageEntry, story: Story, columns: ColumnWidths, page: Page) -> None:
    member = entry.member
    style = RELATION_STYLES.get(member.relation, "none") if member.relation else "none"
    marker = _marker(entry, page)
    gap = (" " * GAP, "none")
    room = columns.headline - cell_len(marker)
    words, words_style = _headline(entry, story, columns, page)
    parts = [(" " * MARGIN, "none"), (marker, "none"), (page.fit(words, room), words_style)]
    label = RELATION_LABELS[member.relation] if member.relation else ""
    for text, width, text_style in (
        (page.clean(member.id), columns.id, "dim"),
        (page.clean(member.source), columns.source, "none"),
        (_date(member, columns), columns.date, "none"),
        (label, columns.relation, style),
    ):
        if width:
            parts += [gap, (page.fit(text, width), text_style)]
    for name in columns.scores:
        parts += [gap, (_score(member, name, columns, page), style)]
    page.line(*parts)


def _marker(entry: LineageEntry, page: Page) -> str:
    glyphs = page.glyphs
    if entry.above is None:
        sign = glyphs.representative if entry.member.role == "representative" else glyphs.report
        return f"{sign} "
    *stems, last = entry.ancestors_last
    trunk = "".join("  " if ended else glyphs.stem for ended in stems)
    return f"{trunk}{glyphs.last_branch if last else glyphs.branch} "


def _headline(
    entry: LineageEntry, story: Story, columns: ColumnWidths, page: Page
) -> tuple[str, str]:
    """The headline where it says something new, else the id, and the style of either."""
    member = entry.member
    above = entry.above.headline if entry.above else story.headline
    headline = page.clean(member.headline)
    if headline and headline != page.clean(above):
        return headline, "none"
    if columns.id:
        return ("same headline", "dim") if entry.above and headline else (headline, "none")
    return f"id {page.clean(member.id)}", "dim"


def _date(member: Member, columns: ColumnWidths) -> str:
    if member.date is None:
        return "undated"
    # Days in one column: 9 and 10 March end at the same place.
    text = day(member.date, year=columns.year).rjust(11 if columns.year else 6)
    if not columns.time:
        return text
    return f"{text} {clock(member.date) if has_time([member.date]) else '':5}"


def _score(member: Member, name: str, columns: ColumnWidths, page: Page) -> str:
    width = _score_width(columns)
    if member.scores is None:
        return " " * width
    value = _named_score(member, member.scores, name)
    bar = f" {page.bar(value, columns.bar)}" if columns.bar else ""
    return f"{value:.2f}{bar}".ljust(width)


def _named_score(member: Member, scores: Scores, name: str) -> float:
    """Of ``score`` the one that the relation rests on: of a copy the text shared, else story."""
    if name == "copied" or (name == "score" and member.relation in COPY_RELATIONS):
        return text_shared(member.relation, scores)
    return scores.cosine if name == "cosine" else scores.story


def text_shared(relation: Relation | None, scores: Scores) -> float:
    """How much of the text is the other's: the measure that the relation goes by."""
    if relation == "contained":
        return scores.containment
    return (scores.share or 0.0) if relation == "edited_copy" else scores.jaccard
