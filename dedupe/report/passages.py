"""Passages of two articles on a page: places marked, in columns or stacked; and their edits."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.text import Text

from dedupe.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dedupe.model import Article
    from dedupe.model_compare import Alignment, Edit, Mention, Sentence, Span
    from dedupe.report.page import Page

COLUMNS_FROM = 100
"""Width of a page from which two articles stand side by side."""
LONGEST = 600
"""Characters of one sentence that are shown: a text without breaks is one sentence."""

INDENT = 2
AROUND = 12
"""Words of what is equal that are shown on each side of an edit."""
AROUND_CHARACTERS = 120
"""The same in characters, for scripts without spaces."""
LONG_EDIT = 80
"""Words of one edit from which its middle is left out."""
SHOWN_EDITS = 60
"""Changed passages that are shown; the rest is counted."""
REMOVED, ADDED = "red", "green"

Place = tuple[int, int, str]
"""Start, end and style of a part of a text."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two articles, and how it is marked."""

    label: str
    style: str
    article: Article
    sentences: Sequence[Sentence]
    places: Mapping[int, Sequence[Place]] = field(default_factory=dict)
    """What is marked in each sentence, as offsets into it."""


def places_in(
    sentences: Sequence[Sentence], marked: Iterable[tuple[Mention, str]]
) -> dict[int, list[Place]]:
    """The mentions with their styles, by sentence, as offsets into it."""
    found: dict[int, list[Place]] = {}
    for mention, style in marked:
        if mention.sentence >= len(sentences):
            continue
        span = sentences[mention.sentence].span
        place = (mention.span.start - span.start, mention.span.end - span.start, style)
        if span.part == mention.span.part and place[1] > 0:
            found.setdefault(mention.sentence, []).append(place)
    return found


def marked_text(raw: str, places: Iterable[Place], page: Page) -> Text:
    """The text as one harmless line, its places styled; of places that overlap the first."""
    text, at = Text(), 0
    for start, end, style in sorted(places):
        if start < at or start >= len(raw):
            continue
        text.append(shown_text(raw[at:start], page))
        text.append(shown_text(raw[start:end], page), style)
        at = end
    return text.append(shown_text(raw[at:], page))


def shown_text(raw: str, page: Page) -> str:
    """A piece of a line without what a terminal would act on; a space at either end is kept."""
    words = page.clean(raw)
    if not words:
        return " " if raw[:1].isspace() else ""
    return f"{' ' * raw[0].isspace()}{words}{' ' * raw[-1].isspace()}"


def sentence_text(side: Side, index: int, page: Page) -> Text:
    """One sentence with its places marked, cut where it is very long."""
    raw = side.sentences[index].text
    text = marked_text(raw[:LONGEST], side.places.get(index, ()), page)
    return text.append(page.glyphs.ellipsis) if len(raw) > LONGEST else text


def hanging(
    label: str | Text, text: Text, width: int, page: Page, style: str = "dim"
) -> list[Text]:
    """Lines of at most ``width`` cells; all but the first stand beneath the words."""
    start = Text(label, style) if isinstance(label, str) else label
    indent = start.cell_len
    lines = []
    for wrapped in text.wrap(page.console, max(width - indent, 1), overflow="fold"):
        wrapped.rstrip()
        lines.append(Text.assemble(start, wrapped))
        start = Text(" " * indent)
    return lines


def in_order(side: Side, indexes: Iterable[int], width: int, page: Page) -> list[Text]:
    """Sentences as a list with dots."""
    label = f"{page.glyphs.dot} "
    return [
        line
        for index in indexes
        for line in hanging(label, sentence_text(side, index, page), width, page, side.style)
    ]


def aligned(alignments: Sequence[Alignment]) -> list[list[Alignment]]:
    """Alignments that share a sentence, together, so that each sentence is shown once.

    Of the alignments only those are kept that are the best of either sentence: they say where
    each sentence has its like, and chains stay short.
    """
    best_a: dict[int, float] = {}
    best_b: dict[int, float] = {}
    for pair in alignments:
        best_a[pair.a] = max(best_a.get(pair.a, 0.0), pair.cosine)
        best_b[pair.b] = max(best_b.get(pair.b, 0.0), pair.cosine)
    of_a: dict[int, list[Alignment]] = {}
    of_b: dict[int, list[Alignment]] = {}
    for pair in alignments:
        if pair.cosine < best_a[pair.a] and pair.cosine < best_b[pair.b]:
            continue
        before = of_a.get(pair.a, [])
        joined = of_b.get(pair.b, before)
        passage = [pair, *before] if joined is before else [pair, *before, *joined]
        for one in passage:
            of_a[one.a] = of_b[one.b] = passage
    passages = {id(passage): passage for passage in of_a.values()}
    return [sorted(p, key=lambda o: (o.a, o.b)) for p in passages.values()]


def column_width(page: Page, margin: int) -> int:
    """Cells of each of two columns right of a margin; of the one column on a narrow page."""
    room = page.width - margin
    return (room - 3) // 2 if page.width >= COLUMNS_FROM else room


def side_by_side(
    left: Sequence[Text], right: Sequence[Text], page: Page, margin: int, label: str = ""
) -> None:
    """Print two columns right of a margin; the label stands in it, beside the first line."""
    width = column_width(page, margin)
    rule = (f" {page.glyphs.stem[0]} ", "dim")
    for one, other in zip_longest(left, right, fillvalue=Text()):
        pad = " " * (width - one.cell_len)
        page.print(Text.assemble((page.fit(label, margin), "dim"), one, pad, rule, other))
        label = ""


def render_edits(edits: Sequence[Edit], a: Article, b: Article, page: Page) -> None:
    """Print the changed passages, each with the words around it; the title's first."""
    hunks = [h for part in ("title", "text") for h in _hunks(edits, part)]
    for hunk in hunks[:SHOWN_EDITS]:
        text = Text()
        for edit in hunk:
            if text.plain and not text.plain.endswith(" "):
                text.append(" ")
            _append(text, edit, hunk, a, b, page)
        page.paragraph(text, indent=INDENT)
    if len(hunks) > SHOWN_EDITS:
        page.line(f"{'':{INDENT}}and {counted(len(hunks) - SHOWN_EDITS, 'more passage')}")
    if not hunks:
        page.line(f"{'':{INDENT}}no word differs")


def _hunks(edits: Sequence[Edit], part: str) -> list[list[Edit]]:
    """Edits of one part in passages: a long equal run ends one and begins the next."""
    hunks: list[list[Edit]] = [[]]
    for edit in edits:
        if edit.a.part != part:
            continue
        hunks[-1].append(edit)
        if edit.kind == "equal" and edit.a.end - edit.a.start > AROUND * 20:
            hunks.append([edit])
    return [hunk for hunk in hunks if any(edit.kind != "equal" for edit in hunk)]


def _append(
    text: Text, edit: Edit, hunk: Sequence[Edit], a: Article, b: Article, page: Page
) -> None:
    if edit.kind == "equal":
        words = _words(b, edit.b)
        if edit is hunk[0]:
            text.append(_end(words, page))
        else:
            text.append(_beginning(words, page) if edit is hunk[-1] else _joined(words, page))
        return
    if edit.kind in ("delete", "replace"):
        text.append(f"[-{_shortened(_words(a, edit.a), page)}-]", REMOVED)
    if edit.kind == "replace":
        text.append(" ")
    if edit.kind in ("insert", "replace"):
        text.append("{+" + _shortened(_words(b, edit.b), page) + "+}", ADDED)


def _words(article: Article, span: Span) -> list[str]:
    text = article.title if span.part == "title" else article.text
    return text[span.start : span.end].split()


def _end(words: list[str], page: Page) -> str:
    """What leads up to the first edit of a passage."""
    whole = " ".join(words)
    kept = " ".join(words[-AROUND:])[-AROUND_CHARACTERS:]
    dots = f"{page.glyphs.ellipsis} " if len(kept) < len(whole) else ""
    return f"{dots}{shown_text(kept, page)}"


def _beginning(words: list[str], page: Page) -> str:
    """What follows on the last edit of a passage."""
    whole = " ".join(words)
    kept = " ".join(words[:AROUND])[:AROUND_CHARACTERS]
    dots = f" {page.glyphs.ellipsis}" if len(kept) < len(whole) else ""
    return f"{shown_text(kept, page)}{dots}"


def _shortened(words: list[str], page: Page) -> str:
    if len(words) <= LONG_EDIT:
        return _joined(words, page)
    left = counted(len(words) - 2 * AROUND, "word")
    dots = page.glyphs.ellipsis
    return f"{_joined(words[:AROUND], page)} {dots} {left} {dots} {_joined(words[-AROUND:], page)}"


def _joined(words: list[str], page: Page) -> str:
    # Scripts without spaces make one word of a paragraph: it is cut by its length instead.
    return page.crop(shown_text(" ".join(words), page), 1200)
