"""Facts in words: of two articles, and of a story what all reports give, what most, what one."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from dedupe.comparison.facts.kinds import KINDS, kind_of
from dedupe.report.front import spelled, spelled_once, who_told, who_was_first
from dedupe.report.page import UNICODE_GLYPHS, Page
from dedupe.report.passages import hanging
from dedupe.report.terminal import name_of
from dedupe.report.wording import counted, day, when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import Console

    from dedupe.comparison.disagreements import Disagreement, Saying
    from dedupe.comparison.story_facts import StoryFacts, Told
    from dedupe.model import Member, Story
    from dedupe.model_compare import Fact, SharedFact

INDENT = 2
LABEL = 9
"""Cells of the longest label and the space after it."""
LONGEST = 60
"""Cells of one fact; a quotation may be a whole speech."""
LONGEST_QUOTATION = 160
SHOWN = 40
"""Facts of one kind that are shown of two articles; the rest is counted."""
LINES = 2
"""The same of a story: lines of one kind, and of all that one report alone gives."""
DISAGREEMENTS, SAYINGS = 8, 6
"""Things told differently that are shown of a story, and values and reports of each."""
STEPS = (0.1, 0.2, 0.4, 0.7)
"""Cosines from which a shade is the next darker one; unrelated articles average 0.05, separate
reports of one event 0.3, versions of one text 0.9."""
UNICODE_SHADES, ASCII_SHADES = " ░▒▓█", " -=%#"
SHADE_STYLES = ("dim", "blue", "cyan", "green", "bold green")
CELL = 5


def shared_facts(both: Sequence[SharedFact], page: Page) -> None:
    """Print the facts that both give, by kind; where they write them differently, both ways."""
    if both:
        page.blank()
    for kind in KINDS:
        facts = [_both_ways(fact, page) for fact in both if fact.a.kind == kind.name]
        label = f"  {kind.label}".ljust(13)
        page.print(*_row(label, _capped(facts, SHOWN), page.width, page))


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
    found = _forms((fact.text, *(mention.text for mention in fact.mentions)), fact.kind, page)
    return [
        written
        for folded, written in found.items()
        if not any(f" {folded} " in f" {other} " for other in found if other != folded)
    ]


def only_facts(facts: Iterable[Fact], words: Sequence[str], width: int, page: Page) -> list[Text]:
    """Lines of at most ``width`` cells that name the facts by kind, then telling words."""
    lines: list[Text] = []
    own = list(facts)
    for kind in KINDS:
        texts = [spellings(fact, page)[0] for fact in own if fact.kind == kind.name]
        shown = _capped([f'"{text}"' for text in texts] if kind.quoted else texts, SHOWN)
        lines += _row(kind.label.ljust(LABEL), shown, width, page)
    return [*lines, *_row("words".ljust(LABEL), words, width, page)]


def _forms(texts: Iterable[str], kind: str, page: Page) -> dict[str, str]:
    """The texts cleaned and cropped, each spelling once, by their case-folded form."""
    return spelled_once(texts, _written(kind, page))


def _written(kind: str, page: Page) -> Callable[[str], str]:
    """What makes facts of a kind fit to be shown."""
    longest = LONGEST_QUOTATION if kind_of(kind).quoted else LONGEST
    return lambda text: page.crop(page.clean(text).strip(" ,;:"), longest)


def _capped(pieces: list[str], most: int) -> list[str]:
    left = len(pieces) - most
    return [*pieces[:most], f"and {left:,} more"] if left > 0 else pieces


def _row(label: str, pieces: Sequence[str], width: int, page: Page) -> list[Text]:
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


def render_facts(
    facts: StoryFacts, reports: Sequence[Member], story: Story, console: Console
) -> None:
    """Print what each of a story's reports gives, and how their words overlap.

    ``reports`` are the members behind ``facts.ids``, in that order.
    """
    page = Page(console)
    page.blank()
    page.line((page.crop(f"Facts: {page.clean(story.headline)}", page.width), "bold"))
    for piece in _front(story, len(reports), page):
        page.line((f"{'':{INDENT}}{piece}", "dim"))
    for number, member in enumerate(reports, start=1):
        _report(number, member, page)
    page.blank()
    _disagreements(facts.disagreements, reports, page)
    n = len(reports)
    _rows(f"all {n}", [(told, "") for told in facts.by_all], page)
    for label, group in (("most", facts.by_most), ("some", facts.by_some)):
        who = (f" ({', '.join(str(report + 1) for report in told.reports)})" for told in group)
        _rows(label, [*zip(group, who, strict=True)], page)
    for number in range(n):
        own = [_spelled(told, page) for told in facts.by_one if told.reports == (number,)]
        if own:
            page.print(*_bounded(f"{'':{INDENT}}only {number + 1}".ljust(INDENT + 18), own, page))
    _overlap(facts.overlap, page)


def _front(story: Story, shown: int, page: Page) -> list[str]:
    """How many reports and outlets, over which time, and who was first."""
    counts = who_told(story)
    if story.independent > shown:
        counts[0] += f", the first {shown:,} below"
    first = who_was_first(story, page.clean)
    told = [f" {page.glyphs.dot} ".join(counts), *([f"first: {first}"] if first else [])]
    return [page.crop(line, page.width - INDENT) for line in told]


def _disagreements(told: Sequence[Disagreement], reports: Sequence[Member], page: Page) -> None:
    """What is told differently: each value with who says so, when, and in which words."""
    for one in told[:DISAGREEMENTS]:
        about = page.crop(page.clean(one.about), LONGEST)
        how = "a newer figure" if one.update else "told differently"
        page.line(f"{'':{INDENT}}{about}: ", (how, "bold" if not one.update else "none"))
        for saying in one.sayings[:SAYINGS]:
            _saying(saying, reports, page)
        _left(len(one.sayings) - SAYINGS, "more value", page)
    _left(len(told) - DISAGREEMENTS, "more such thing", page)
    if told:
        page.blank()


def _saying(saying: Saying, reports: Sequence[Member], page: Page) -> None:
    value = page.crop(page.clean(saying.text), LABEL * 3)
    who = [_who(number, reports[number], page) for number in saying.reports]
    page.print(*_row(f"{'':{INDENT * 2}}{value}  ", _capped(who, SAYINGS), page.width, page))
    sentence = page.crop(page.clean(saying.sentences[0]), LONGEST_QUOTATION)
    page.print(*hanging(f"{'':{INDENT * 3}}", Text(sentence, "dim"), page.width, page))


def _who(number: int, member: Member, page: Page) -> str:
    """``1 Meridian Press, 4 May 11:20``."""
    named = [page.clean(member.source)] if member.source.strip() else []
    named += [when(member.date, year=False)] if member.date is not None else []
    return f"{number + 1} {', '.join(named)}".rstrip()


def _left(number: int, what: str, page: Page) -> None:
    if number > 0:
        page.line((f"{'':{INDENT * 2}}and {counted(number, what)}", "dim"))


def _report(number: int, member: Member, page: Page) -> None:
    tail = [page.clean(member.source)] if member.source else []
    tail += [day(member.date)] if member.date is not None else []
    end = page.crop(", ".join(tail), page.width // 2)
    label = f"{number:>{INDENT + 2}}  "
    room = page.width - len(label) - cell_len(end) - 2
    page.line(label, page.fit(name_of(member, page), room), (f"  {end}", "dim"))


def _rows(label: str, facts: Sequence[tuple[Told, str]], page: Page) -> None:
    """The facts of one group by kind, each with the numbers of its reports."""
    for kind in KINDS:
        pieces = [f"{_spelled(told, page)}{who}" for told, who in facts if told.kind == kind.name]
        if pieces:
            start = f"{'':{INDENT}}{label:<9}{kind.label:<9}"
            page.print(*_bounded(start, pieces, page))
            label = ""


def _bounded(label: str, pieces: list[str], page: Page) -> list[Text]:
    """As many of the pieces as fit into LINES lines, at least one, and how many more there are."""

    def first(most: int) -> list[Text]:
        return _row(label, _capped(pieces, most), page.width, page)

    fitting = bisect_right(range(1, len(pieces) + 1), LINES, key=lambda most: len(first(most)))
    return first(max(fitting, 1))


def _spelled(told: Told, page: Page) -> str:
    return spelled(told, _written(told.kind, page))


def _overlap(overlap: Iterable[Sequence[float]], page: Page) -> None:
    """The matrix of cosines as shades and numbers: the higher, the more words in common."""
    rows = list(overlap)
    page.blank()
    page.line((f"{'':{INDENT}}likeness of the words (cosine), report by report", "dim"))
    head = "".join(f"{number:>{CELL}}" for number in range(1, len(rows) + 1))
    page.line((f"{'':{INDENT + 3}}{head}", "dim"))
    for number, row in enumerate(rows):
        line = Text.assemble((f"{'':{INDENT}}{number + 1:>3}", "dim"))
        for other, value in enumerate(row):
            text, style = ("-", "dim") if number == other else _cell(value, page)
            line.append(f"{text:>{CELL}}", style)
        page.print(line)


def _cell(value: float, page: Page) -> tuple[str, str]:
    """``▒.31`` and its style."""
    shades = UNICODE_SHADES if page.glyphs is UNICODE_GLYPHS else ASCII_SHADES
    step = sum(value >= least for least in STEPS)
    number = f"{value:.2f}"
    return f"{shades[step]}{number[1:] if number[0] == '0' else number[:3]}", SHADE_STYLES[step]
