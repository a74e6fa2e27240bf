"""Facts of two articles in words: what both give in each one's spelling, what one gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from dedupe.compare.facts.kinds import KINDS, kind_of
from dedupe.report.passages import hanging
from dedupe.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedupe.model_compare import Fact, SharedFact
    from dedupe.report.page import Page

LABEL = 9
"""Cells of the longest label and the space after it."""
LONGEST = 60
"""Cells of one fact; a quotation may be a whole speech."""
LONGEST_QUOTATION = 160
SHOWN = 40
"""Facts of one kind that are shown; the rest is counted."""


def shared_facts(both: Sequence[SharedFact], page: Page) -> None:
    """Print the facts that both give, by kind; where they write them differently, both ways."""
    if both:
        page.blank()
    for kind in KINDS:
        facts = [_both_ways(fact, page) for fact in both if fact.a.kind == kind.name]
        shown = facts[:SHOWN]
        if len(facts) > SHOWN:
            shown.append(f"and {len(facts) - SHOWN:,} more")
        if shown:
            for line in fact_row(f"  {kind.label}".ljust(13), shown, page.width, page):
                page.print(line)


def _both_ways(fact: SharedFact, page: Page) -> str:
    """``Xi Jinping``, ``World War Two, WWII (A) = World War II (B)``."""
    in_a, in_b = spellings(fact.a, page), spellings(fact.b, page)
    if kind_of(fact.a.kind).quoted:
        in_a, in_b = ([f'"{text}"' for text in side[:1]] for side in (in_a, in_b))
    folded_a, folded_b = ({text.casefold() for text in side} for side in (in_a, in_b))
    if folded_a == folded_b:
        return ", ".join(in_a)
    return f"{', '.join(in_a)} (A) = {', '.join(in_b)} (B)"


def spellings(fact: Fact, page: Page) -> list[str]:
    """The ways in which a fact is written, the fullest first; not what is a part of another."""
    longest = LONGEST_QUOTATION if kind_of(fact.kind).quoted else LONGEST
    found: dict[str, str] = {}
    for text in (fact.text, *(mention.text for mention in fact.mentions)):
        written = page.crop(page.clean(text).strip(" ,;:"), longest)
        found.setdefault(written.casefold(), written)
    return [
        written
        for folded, written in found.items()
        if not any(f" {folded} " in f" {other} " for other in found if other != folded)
    ]


def only_facts(facts: Iterable[Fact], words: Sequence[str], width: int, page: Page) -> list[Text]:
    """Lines of at most ``width`` cells that name the facts by kind, then telling words."""
    lines: list[Text] = []
    held = list(facts)
    for kind in KINDS:
        texts = [spellings(fact, page)[0] for fact in held if fact.kind == kind.name]
        shown = [f'"{text}"' for text in texts] if kind.quoted else texts
        if len(shown) > SHOWN:
            shown = [*shown[:SHOWN], f"and {counted(len(shown) - SHOWN, 'more', 'more')}"]
        if shown:
            lines += fact_row(kind.label.ljust(LABEL), shown, width, page)
    return [*lines, *(fact_row("words".ljust(LABEL), words, width, page) if words else ())]


def fact_row(label: str, pieces: Sequence[str], width: int, page: Page) -> list[Text]:
    """Pieces parted by dots, right of a label; a line ends between two, or inside a long one."""
    room = width - cell_len(label)
    lines: list[str] = []
    for piece in pieces:
        joined = f"{lines[-1]} {page.glyphs.dot} {piece}" if lines else piece
        if lines and cell_len(joined) <= room:
            lines[-1] = joined
        else:
            lines.append(piece)
    found: list[Text] = []
    for line in lines:
        found += hanging(label, Text(line), width, page)
        label = " " * cell_len(label)
    return found
