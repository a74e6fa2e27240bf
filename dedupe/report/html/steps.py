"""Two compared articles in step: rows of what stands beside each other, and what differs."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal

from dedupe.report.html.passages import Passage, passages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedupe.model_compare import Comparison, SideBySide
    from dedupe.report.html.passages import SideName

StepKind = Literal["same", "told", "changed", "gone", "added", "moved"]
"""Word for word in both; in other words; edited, or in conflict; only in the first; only in the
second; at another place of the other."""
SAME = 2.0
"""What two sentences of the same words count for, beside the cosine of others."""


@dataclass(frozen=True, slots=True)
class StepCell:
    """Some sentences of one article, with what stands between them."""

    kind: StepKind
    passages: tuple[Passage, ...]
    before: str
    """What stands between it and the cell above."""
    partner: int = -1
    """Of a moved one the sentence of the other article; else -1."""


@dataclass(frozen=True, slots=True)
class Step:
    """What stands side by side; None where one article has nothing there."""

    a: StepCell | None
    b: StepCell | None

    @property
    def same(self) -> bool:
        """Whether the same words stand in both."""
        return bool(self.a and self.b and self.a.kind == "same")

    @property
    def differs(self) -> bool:
        """Whether a reader who looks for changes stops here."""
        kinds = {cell.kind for cell in (self.a, self.b) if cell}
        return not kinds <= {"same", "told"}

    @property
    def opens(self) -> bool:
        """Whether a paragraph begins in either."""
        return any("\n" in cell.before for cell in (self.a, self.b) if cell)


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of a text, and what stands before it."""

    number: int
    """Index into the sentences of its article."""
    passage: Passage
    before: str
    words: str
    """The sentence as it is compared with others: folded, without white space."""


def in_step(reading: SideBySide) -> list[Step]:
    """The texts of both articles in rows, without loss but for white space; titles are apart."""
    one, other = _said(reading, "a"), _said(reading, "b")
    partners = _partners(reading.comparison, one, other)
    return _joined(list(_steps(one, other, partners)))


def _said(reading: SideBySide, side: SideName) -> list[_Said]:
    found, before = [], ""
    for passage in passages(reading, side, "text"):
        text = "".join(piece.text for piece in passage.pieces)
        if passage.kind == "gap":
            before = text
            continue
        found.append(_Said(passage.sentence, passage, before, "".join(text.casefold().split())))
        before = ""
    return found


class _Partners:
    """Who reports the same as whom, by place in the two texts."""

    def __init__(self, pairs: dict[tuple[int, int], float]) -> None:
        self.pairs = pairs
        self.of_a: dict[int, list[int]] = {}
        self.of_b: dict[int, list[int]] = {}
        for (a, b), _ in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
            self.of_a.setdefault(a, []).append(b)
            self.of_b.setdefault(b, []).append(a)


def _partners(comparison: Comparison, one: list[_Said], other: list[_Said]) -> _Partners:
    in_a, in_b = ({said.number: at for at, said in enumerate(side)} for side in (one, other))
    pairs = {
        (in_a[pair.a], in_b[pair.b]): pair.cosine
        for pair in comparison.alignments
        if pair.a in in_a and pair.b in in_b
    }
    # Sentences of few words have no cosine to speak of; in two versions of a text they are there.
    places: dict[str, list[int]] = {}
    for at, said in enumerate(other):
        places.setdefault(said.words, []).append(at)
    for at, said in enumerate(one):
        for there in places.get(said.words, ())[:8]:
            pairs[at, there] = SAME
    return _Partners(pairs)


def _chain(pairs: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """Of the pairs those that can stand beside each other in order: the heaviest such chain."""
    ends: list[int] = []
    best: list[tuple[float, tuple[int, int] | None]] = []
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    # Of one sentence its later counterparts first: so no chain has it twice.
    for pair in sorted(pairs, key=lambda pair: (pair[0], -pair[1])):
        at = bisect_left(ends, pair[1])
        weight, previous = best[at - 1] if at else (0.0, None)
        weight += pairs[pair]
        before[pair] = previous
        # The chains in order of where they end, each heavier than those that end earlier.
        if at < len(ends) and ends[at] == pair[1] and best[at][0] >= weight:
            continue
        while at < len(ends) and best[at][0] <= weight:
            del ends[at], best[at]
        ends.insert(at, pair[1])
        best.insert(at, (weight, pair))
    found, last = [], best[-1][1] if best else None
    while last is not None:
        found.append(last)
        last = before[last]
    return found[::-1]


def _steps(one: list[_Said], other: list[_Said], partners: _Partners) -> Iterator[Step]:
    at_a = at_b = 0
    chain = _chain(partners.pairs)
    for number, (a, b) in enumerate(chain):
        # A sentence told in two is beside both of them.
        first_a, first_b = a, b
        while first_a > at_a and partners.of_a.get(first_a - 1, [-1])[0] == b:
            first_a -= 1
        while first_b > at_b and partners.of_b.get(first_b - 1, [-1])[0] == a:
            first_b -= 1
        yield from _apart(one, other, range(at_a, first_a), range(at_b, first_b), partners)
        next_a, next_b = chain[number + 1] if number + 1 < len(chain) else (len(one), len(other))
        at_a, at_b = a + 1, b + 1
        while at_a < next_a and partners.of_a.get(at_a, [-1])[0] == b:
            at_a += 1
        while at_b < next_b and partners.of_b.get(at_b, [-1])[0] == a:
            at_b += 1
        yield _together(one[first_a:at_a], other[first_b:at_b])
    yield from _apart(one, other, range(at_a, len(one)), range(at_b, len(other)), partners)


def _together(one: Sequence[_Said], other: Sequence[_Said]) -> Step:
    marked = any(p.kind for said in (*one, *other) for p in said.passage.pieces)
    same = "".join(s.words for s in one) == "".join(s.words for s in other)
    kind: StepKind = "same" if same else "changed" if marked else "told"
    return Step(_cell(kind, one), _cell(kind, other))


def _apart(
    one: list[_Said], other: list[_Said], in_a: range, in_b: range, partners: _Partners
) -> Iterator[Step]:
    """What stands between two steps of the chain: gone, added, or moved from or to elsewhere."""
    cells_a = _runs("gone", [(one[at], partners.of_a.get(at, ())) for at in in_a], other)
    cells_b = _runs("added", [(other[at], partners.of_b.get(at, ())) for at in in_b], one)
    for a, b in zip_longest(cells_a, cells_b):
        yield Step(a, b)


def _runs(
    alone: StepKind, found: Iterable[tuple[_Said, Sequence[int]]], others: list[_Said]
) -> Iterator[StepCell]:
    """Sentences without a partner a paragraph together, each of the others alone."""
    run: list[_Said] = []
    for said, partners in found:
        if run and (partners or "\n" in said.before):
            yield _cell(alone, run)
            run = []
        if partners:
            yield _cell("moved", [said], others[partners[0]].number)
        else:
            run.append(said)
    if run:
        yield _cell(alone, run)


def _cell(kind: StepKind, said: Sequence[_Said], partner: int = -1) -> StepCell:
    found: list[Passage] = []
    for number, one in enumerate(said):
        if number:
            found.append(Passage.between(one.before))
        found.append(one.passage)
    return StepCell(kind, tuple(found), said[0].before, partner)


def _joined(steps: list[Step]) -> list[Step]:
    """The steps, what is the same running on to the end of its paragraph."""
    found: list[Step] = []
    for step in steps:
        last = found[-1] if found else None
        if last and last.same and step.same and not step.opens:
            found[-1] = Step(_run_on(last.a, step.a), _run_on(last.b, step.b))
        else:
            found.append(step)
    return found


def _run_on(one: StepCell | None, more: StepCell | None) -> StepCell | None:
    if one is None or more is None:
        return one or more
    joined = (*one.passages, Passage.between(more.before), *more.passages)
    return StepCell(one.kind, joined, one.before)
