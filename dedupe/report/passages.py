"""Passages of two articles on a page: harmless, some places marked, in columns or stacked."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dedupe.model import Article
    from dedupe.model_compare import Alignment, Mention, Sentence
    from dedupe.report.page import Page

COLUMNS_FROM = 100
"""Width of a page from which two articles stand side by side."""
LONGEST = 600
"""Characters of one sentence that are shown: a text without breaks is one sentence."""

Place = tuple[int, int, str]
"""Start, end and style of a part of a text."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two articles, and how it is told from the other."""

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
        text.append(visible(raw[at:start], page))
        text.append(visible(raw[start:end], page), style)
        at = end
    return text.append(visible(raw[at:], page))


def visible(raw: str, page: Page) -> str:
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


def hanging(label: str, text: Text, width: int, page: Page, style: str = "dim") -> list[Text]:
    """Lines of at most ``width`` cells; all but the first stand beneath the words."""
    indent = cell_len(label)
    lines = []
    for wrapped in text.wrap(page.console, max(width - indent, 1), overflow="fold"):
        wrapped.rstrip()
        lines.append(Text.assemble((label, style), wrapped))
        label = " " * indent
    return lines


def listed(side: Side, indexes: Iterable[int], width: int, page: Page) -> list[Text]:
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
        held = of_a.get(pair.a, [])
        joined = of_b.get(pair.b, held)
        passage = [pair, *held] if joined is held else [pair, *held, *joined]
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
