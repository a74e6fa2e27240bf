"""An evaluation as a person reads it: the sums, what was missed by the search, the mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from dedupe.report.page import Page
from dedupe.report.terminal import name_of
from dedupe.report.wording import RELATION_LABELS, between, counted, day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from dedupe.evaluate.judge import Evaluation, GroupScores, PairScores
    from dedupe.evaluate.measures import Agreement
    from dedupe.evaluate.pairs import Band, Mistake
    from dedupe.model import Member

INDENT = 2
NUMBERED = 6
"""Where the text of a numbered mistake starts."""
LABELLED = NUMBERED + 9
"""Where the text beside a label such as ``shared`` starts."""
BAR = 10
LEAST_WEIGHT = 0.03
"""Of a shared term that is shown: words that every article contains weigh less."""


def render_evaluation(evaluation: Evaluation, console: Console) -> None:
    """Print all that was measured, in the order in which it is asked for."""
    page = Page(console)
    _sums(evaluation, page)
    for kind, scores in (("stories", evaluation.stories), ("copies", evaluation.copies)):
        if scores is not None:
            _groups(kind, scores, page)
    if evaluation.pairs is not None:
        _pairs(evaluation.pairs, page)
    _bands("true pairs by cosine", "candidates", "one story", evaluation.story_recall, page)
    _bands(
        "pairs by Jaccard of five-word sequences",
        "met in LSH",
        "one group",
        evaluation.copy_recall,
        page,
    )
    _cuts(evaluation, page)
    _calibration(evaluation, page)
    _conditions(evaluation, page)
    _all_mistakes(evaluation, page)


def _sums(evaluation: Evaluation, page: Page) -> None:
    labelled = evaluation.articles - evaluation.unlabelled_count
    sums = f"{counted(evaluation.articles, 'article')}, {labelled:,} labelled in "
    page.pieces([sums + page.clean(evaluation.gold)], indent=0, style="bold")
    if evaluation.unlabelled_count:
        names = [page.clean(name) for name in evaluation.unlabelled]
        more = evaluation.unlabelled_count - len(names)
        names += [f"and {more:,} more"] if more else []
        page.pieces(names, indent=12, label="unlabelled", separator=", ")


def _groups(kind: str, scores: GroupScores, page: Page) -> None:
    _table(
        f"{kind} found",
        ("", "precision", "recall", "F1"),
        [("B-cubed", *_shares(scores.b_cubed)), ("pairs", *_shares(scores.pairs))],
        page,
    )
    page.line(f"{'':{INDENT}}adjusted Rand index  {scores.adjusted_rand:.3f}")
    named = "stories" if kind == "stories" else "groups of copies"
    page.pieces(
        [
            f"{scores.gold:,} {named} in the labels, {scores.found:,} found",
            f"the largest holds {counted(scores.largest, 'labelled article')}",
        ],
        indent=INDENT,
    )


def _pairs(scores: PairScores, page: Page) -> None:
    head = f"{counted(scores.pairs, 'labelled pair')}, {scores.true:,} of one story"
    rows = [("put into one story", *_shares(scores.grouped))]
    _table(head, ("", "precision", "recall", "F1"), rows, page)
    pieces = [
        f"average precision {scores.average_precision:.3f}",
        f"best F1 {scores.best.f1:.3f} at story score {scores.best.score:.2f}",
    ]
    if scores.pearson is not None:
        pieces.append(f"Pearson {scores.pearson:.3f}")
    page.pieces(pieces, indent=INDENT)


def _bands(title: str, met: str, grouped: str, bands: Sequence[Band], page: Page) -> None:
    if not bands:
        return
    rows = [
        (f"{b.low:.2f} to {b.high:.2f}", f"{b.pairs:,}", *_found(b.pairs, b.met, b.grouped))
        for b in bands
    ]
    sums = [sum(getattr(b, name) for b in bands) for name in ("pairs", "met", "grouped")]
    rows.append(("all", f"{sums[0]:,}", *_found(*sums)))
    _table(title, ("", "pairs", met, grouped), rows, page)


def _found(pairs: int, met: int, grouped: int) -> tuple[str, str]:
    if not pairs:
        return "", ""
    return f"{met / pairs:.3f}", f"{grouped / pairs:.3f}"


def _cuts(evaluation: Evaluation, page: Page) -> None:
    if evaluation.cuts:
        rows = [(f"{cut.score:.1f}", *_shares(cut.agreement)) for cut in evaluation.cuts]
        head = ("", "precision", "recall", "F1")
        _table("pairs, if cut at a story score of", head, rows, page)


def _calibration(evaluation: Evaluation, page: Page) -> None:
    rows = [
        (
            f"{b.low:.1f} to {b.high:.1f}",
            f"{b.pairs:,}",
            f"{b.predicted:.3f}",
            f"{b.observed:.3f}",
            page.bar(b.observed, BAR),
        )
        for b in evaluation.calibration
        if b.pairs
    ]
    if rows:
        head = ("", "pairs", "predicted", "observed", "")
        _table("story score of candidate pairs, and the share that is true", head, rows, page)
        error = evaluation.calibration_error
        page.line(f"{'':{INDENT}}expected calibration error  {error:.3f}")


def _conditions(evaluation: Evaluation, page: Page) -> None:
    """One table of what is labelled: groups by B-cubed, pairs by being put into one story."""
    for kind in ("stories", "copies"):
        groups = [(c.condition, getattr(c, kind)) for c in evaluation.conditions]
        rows = [
            (name, *_shares(scores.b_cubed), f"{scores.found:,}")
            for name, scores in groups
            if scores is not None
        ]
        if rows:
            head = ("", "precision", "recall", "F1", "found")
            _table(f"{kind} under conditions, by B-cubed", head, rows, page)
    rows = [
        (c.condition, *_shares(c.pairs.grouped), f"{c.pairs.average_precision:.3f}")
        for c in evaluation.conditions
        if c.pairs is not None
    ]
    if rows:
        head = ("", "precision", "recall", "F1", "avg. precision")
        _table("pairs put into one story under conditions", head, rows, page)


def _shares(scores: Agreement) -> tuple[str, str, str]:
    return f"{scores.precision:.3f}", f"{scores.recall:.3f}", f"{scores.f1:.3f}"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], page: Page) -> None:
    """A title and columns of numbers: the first and a last one without a name to the left."""
    widths = [max(map(cell_len, column)) for column in zip(head, *rows, strict=True)]
    widths = [w if at in (0, 4) else max(w, 9) for at, w in enumerate(widths)]
    page.blank()
    page.line((title, "bold"))
    for at, row in enumerate((head, *rows)):
        cells = [
            cell.ljust(width) if column in (0, 4) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        page.line((" " * INDENT + "  ".join(cells), "dim" if at == 0 else "none"))


def _all_mistakes(evaluation: Evaluation, page: Page) -> None:
    mistakes = evaluation.mistakes
    for title, found in (
        ("wrongly merged, the surest first", mistakes.merged),
        ("wrongly split, the most alike first", mistakes.split_alike),
        ("wrongly split, the least alike first", mistakes.split_unlike),
    ):
        if found:
            page.blank()
            page.line((title, "bold"))
        for number, mistake in enumerate(found, start=1):
            _mistake(number, mistake, page)


def _mistake(number: int, mistake: Mistake, page: Page) -> None:
    scores = mistake.match.scores
    pieces = [f"story {scores.story:.2f}", f"cosine {scores.cosine:.2f}"]
    if scores.jaccard >= 0.005:
        pieces.append(f"Jaccard {scores.jaccard:.2f}")
    if mistake.match.relation not in ("same_story", "new"):
        pieces.append(RELATION_LABELS[mistake.match.relation])
    pieces.append(between(mistake.a.date, mistake.b.date) or "a date is missing")
    if mistake.others:
        pieces.append(f"{counted(mistake.others, 'more such pair')}")
    page.pieces(pieces, indent=NUMBERED, label=f"{number:>{NUMBERED - 2}}.", style="cyan")
    _article("A", mistake.a, mistake.gold_a, page)
    _article("B", mistake.b, mistake.gold_b, page)
    terms = [page.clean(term.text) for term in mistake.terms if term.weight >= LEAST_WEIGHT]
    if terms:
        page.pieces(terms, indent=LABELLED, label=" " * NUMBERED + "shared")
    if mistake.match.evidence:
        weights = [f"{page.clean(e.name)} {e.weight:+.2f}" for e in mistake.match.evidence]
        page.pieces(weights, indent=LABELLED, label=" " * NUMBERED + "log-odds")


def _article(sign: str, member: Member, gold: str, page: Page) -> None:
    label = f"{'':{NUMBERED}}{sign}  "
    page.line((label, "dim"), page.crop(name_of(member, page), page.width - len(label)))
    when = "undated" if member.date is None else day(member.date)
    pieces = [page.clean(member.source), when, f"id {page.clean(member.id)}"]
    pieces.append(f"label {page.clean(gold)}")
    page.pieces([piece for piece in pieces if piece], indent=len(label), style="dim")
