"""Two reports beside each other: the verdict, what both report, what only one does, conflicts."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal

from rich.text import Text

from dedupe.comparison.facts.kinds import kind_of
from dedupe.report.facts import only_facts, shared_facts
from dedupe.report.page import Page
from dedupe.report.passages import (
    COLUMNS_FROM,
    Side,
    aligned,
    column_width,
    hanging,
    in_order,
    places_in,
    render_edits,
    sentence_text,
    side_by_side,
)
from dedupe.report.wording import between, counted, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from dedupe.model import Article
    from dedupe.model_compare import Alignment, Comparison, Conflict, Fact, OwnTerm, Sentence

INDENT = 2
SCORE_BAR = 10
NARROWEST = 60
"""Width of a page below which there is no room for bars."""
SHOWN_PASSAGES, SHOWN_SENTENCES = 20, 40
"""Aligned passages, and sentences of one article alone, that are shown; the rest is counted."""
SHOWN_TERMS = 12
FACT = 24
"""Cells of a fact in conflict; its sentence follows."""
STYLE_A, STYLE_B, SHARED, CONFLICT = "cyan", "yellow", "bold", "bold red"
NAMES = {"containment_a": "A in B", "containment_b": "B in A"}
"""What the page calls measures whose names speak of a first and a second article."""


def render_comparison(comparison: Comparison, a: Article, b: Article, console: Console) -> None:
    """Print a comparison of ``a`` and ``b``; two columns on a page of 100 and more."""
    page = Page(console)
    sides = _side("A", STYLE_A, a, comparison), _side("B", STYLE_B, b, comparison)
    page.paragraph(Text(verdict(comparison), style="bold"))
    page.blank()
    for side in sides:
        _article(side, page)
    # Who compares two versions of one text asks first what was changed in it.
    if comparison.edits:
        _heading("Word by word", page, "[-only in A-] {+only in B+}")
        render_edits(comparison.edits, a, b, page)
    _measures(comparison, sides, page)
    _both(comparison, sides, page)
    _only(comparison, sides, page)
    _conflicts(comparison, sides, page)


def _side(label: Literal["A", "B"], style: str, article: Article, found: Comparison) -> Side:
    """One article with its facts marked."""
    side, facts = label.lower(), found.facts
    sentences: Sequence[Sentence] = getattr(found, f"sentences_{side}")
    marked: list[tuple[Fact, str]] = [
        *((getattr(shared, side), SHARED) for shared in facts.both),
        *((getattr(conflict, side), CONFLICT) for conflict in facts.conflicts),
        *((fact, style) for fact in getattr(facts, f"only_{side}")),
    ]
    mentions = ((mention, style) for fact, style in marked for mention in fact.mentions)
    return Side(label, style, article, sentences, places_in(sentences, mentions))


def _article(side: Side, page: Page) -> None:
    article = side.article
    headline = page.clean(article.title) or page.clean(article.text.lstrip().split("\n", 1)[0])
    about = page.about(article.source, article.date, article.id)
    page.article((side.label, side.style), headline or "without words", about)


def _measures(comparison: Comparison, sides: tuple[Side, Side], page: Page) -> None:
    page.blank()
    cells = SCORE_BAR if page.width >= NARROWEST else 0
    # The story score decides, so it is read first.
    for measure in sorted(comparison.measures, key=lambda m: m.name != "story"):
        bar = f" {page.fit(page.bar(measure.value, cells), cells)}" if cells else ""
        name = NAMES.get(measure.name, measure.name)
        label = f"{'':{INDENT}}{name:<8}  {measure.value:.2f}{bar}  "
        meaning = measure.meaning
        page.paragraph(meaning, indent=len(label), label=label)
    one, other = (side.article.date for side in sides)
    if one is not None and other is not None:
        page.blank()
        page.line(f"Published {between(one, other)}.")


def _heading(title: str, page: Page, remark: str = "") -> None:
    page.blank()
    page.paragraph(Text.assemble((title, "bold"), (f"  {remark}" if remark else "", "dim")))


def _both(comparison: Comparison, sides: tuple[Side, Side], page: Page) -> None:
    passages = aligned(comparison.alignments)
    told = [passage for passage in passages if not _word_for_word(passage, sides)]
    same = len(passages) - len(told)
    numbers = (len({p.a for p in comparison.alignments}), len({p.b for p in comparison.alignments}))
    remark = f"{numbers[0]:,} of {len(sides[0].sentences):,} sentences of A, "
    remark += f"{numbers[1]:,} of {len(sides[1].sentences):,} of B"
    _heading("Both report", page, remark)
    if same:
        page.paragraph(f"{counted(same, 'sentence')} word for word in both.", indent=INDENT)
    # Where the edits are shown, they show the passages too.
    shown = [] if comparison.edits else told[:SHOWN_PASSAGES]
    if shown and page.width >= COLUMNS_FROM:
        page.line(" " * 8, ("A".ljust(column_width(page, 8) + 3), STYLE_A), ("B", STYLE_B))
    for passage in shown:
        _passage(passage, sides, page)
    hidden = 0 if comparison.edits else len(told) - len(shown)
    if hidden:
        page.line(f"  and {counted(hidden, 'more passage')}")
    shared_facts(comparison.facts.both, page)
    terms = [page.clean(term.text) for term in comparison.shared_terms[:SHOWN_TERMS]]
    if terms:
        page.pieces(terms, indent=13, label=f"{'':{INDENT}}words")


def _word_for_word(passage: Sequence[Alignment], sides: tuple[Side, Side]) -> bool:
    first = passage[0]
    one, other = sides[0].sentences[first.a].text, sides[1].sentences[first.b].text
    return len(passage) == 1 and one.casefold().split() == other.casefold().split()


def _passage(passage: Sequence[Alignment], sides: tuple[Side, Side], page: Page) -> None:
    score = f"{'':{INDENT}}{max(pair.cosine for pair in passage):.2f}  "
    in_a, in_b = sorted({p.a for p in passage}), sorted({p.b for p in passage})
    if page.width >= COLUMNS_FROM:
        width = column_width(page, len(score))
        left, right = (
            in_order(s, i, width, page) for s, i in zip(sides, (in_a, in_b), strict=True)
        )
        side_by_side(left, right, page, len(score), score)
        return
    for side, indexes in zip(sides, (in_a, in_b), strict=True):
        for index in indexes:
            label = Text.assemble((score, "dim"), (f"{side.label}  ", side.style))
            page.print(*hanging(label, sentence_text(side, index, page), page.width, page))
            score = " " * len(score)


def _only(comparison: Comparison, sides: tuple[Side, Side], page: Page) -> None:
    facts = comparison.facts
    # Of two versions of one text the edits show which sentences differ, and in which words.
    versions = comparison.relation in ("identical", "near_duplicate", "edited_copy")
    width = column_width(page, INDENT)
    alone = [
        _sentences(side, () if versions else own, width, page)
        for side, own in zip(sides, (comparison.only_a, comparison.only_b), strict=True)
    ]
    shared = {word for pair in facts.both for fact in (pair.a, pair.b) for word in _words_of(fact)}
    summed = [
        only_facts(only, _telling(terms, shared, only, page), width, page)
        for only, terms in ((facts.only_a, comparison.terms_a), (facts.only_b, comparison.terms_b))
    ]
    if not any((*alone, *summed)):
        return
    page.blank()
    titles = [Text(f"Only {side.label} reports", f"bold {side.style}") for side in sides]
    nothing = Text("nothing of its own", "dim")
    blocks = [[*one, *other] or [nothing] for one, other in zip(alone, summed, strict=True)]
    if page.width >= COLUMNS_FROM:
        side_by_side([titles[0]], [titles[1]], page, INDENT)
        if all(alone):  # the facts of both begin on one line
            side_by_side(alone[0], alone[1], page, INDENT)
            blocks = [lines or [nothing] for lines in summed]
        side_by_side(blocks[0], blocks[1], page, INDENT)
        return
    for number, (title, lines) in enumerate(zip(titles, blocks, strict=True)):
        if number:
            page.blank()
        page.print(title, *(Text.assemble(" " * INDENT, line) for line in lines))


def _sentences(side: Side, indexes: Sequence[int], width: int, page: Page) -> list[Text]:
    lines = in_order(side, indexes[:SHOWN_SENTENCES], width, page)
    hidden = len(indexes) - SHOWN_SENTENCES
    more = [Text(f"and {counted(hidden, 'more sentence')}", "dim")] if hidden > 0 else []
    return lines + more


def _telling(
    terms: Sequence[OwnTerm], shared: set[str], only: Sequence[Fact], page: Page
) -> list[str]:
    """Telling words of one article; not those of its facts, or of another spelling of one."""
    known = shared.union(*(_words_of(fact) for fact in only))
    own = (term.text for term in terms if term.text not in known)
    return [page.clean(text) for text in islice(own, SHOWN_TERMS)]


def _words_of(fact: Fact) -> list[str]:
    if kind_of(fact.kind).quoted:
        return []
    return [word for mention in fact.mentions for word in mention.text.casefold().split()]


def _conflicts(comparison: Comparison, sides: tuple[Side, Side], page: Page) -> None:
    if not comparison.facts.conflicts:
        return
    _heading("They differ", page)
    told: dict[tuple[int, int], list[Conflict]] = {}
    for conflict in comparison.facts.conflicts:
        told.setdefault((conflict.sentence_a, conflict.sentence_b), []).append(conflict)
    for indexes, conflicts in told.items():
        for conflict in conflicts:
            _conflict(conflict, page)
        for side, index in zip(sides, indexes, strict=True):
            label = f"{'':{INDENT * 2}}{side.label}  "
            text = sentence_text(side, index, page)
            page.print(*hanging(label, text, page.width, page, side.style))


def _conflict(conflict: Conflict, page: Page) -> None:
    one, other = (page.crop(page.clean(f.text), FACT) for f in (conflict.a, conflict.b))
    about = page.crop(page.clean(conflict.about), FACT)
    newer = ", a newer figure" if conflict.update else ""
    said = (one, CONFLICT), " in A, ", (other, CONFLICT), f" in B{newer}"
    page.line(f"{'':{INDENT}}{about}: ", *said)
