"""Two compared articles cut into passages: of both, of one alone, or in conflict."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dedupe.model_compare import Comparison, EditKind, Part, SideBySide, Span

PieceKind = Literal["", "conflict", "changed", "gone", "added"]
"""Nothing; in conflict with the partner; other words; words that only the first, that only the
second article has."""
PassageKind = Literal["gap", "shared", "only"]
SideName = Literal["a", "b"]
EDITS: dict[EditKind, PieceKind] = {"replace": "changed", "delete": "gone", "insert": "added"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a passage, and how they differ from its partner."""

    text: str
    kind: PieceKind = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with its partners, or what stands between two sentences."""

    kind: PassageKind
    pieces: tuple[Piece, ...]
    sentence: int = -1
    """Index into the sentences of its article; -1 for a gap."""
    partners: tuple[int, ...] = ()
    """Sentences of the other article that report the same, likeliest first."""

    @classmethod
    def between(cls, text: str) -> Passage:
        """What stands between two sentences."""
        return cls("gap", (Piece(text),))


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    kind: PieceKind


def passages(reading: SideBySide, side: SideName, part: Part) -> list[Passage]:
    """One part of one article, cut without loss: the pieces together are its text."""
    comparison = reading.comparison
    text: str = getattr(reading.a if side == "a" else reading.b, part)
    sentences = comparison.sentences_a if side == "a" else comparison.sentences_b
    partners = _partners(comparison, side)
    differing = _differing(comparison, side, part)
    found: list[Passage] = []
    at = 0
    for number, sentence in enumerate(sentences):
        if sentence.span.part != part:
            continue
        start, end = max(sentence.span.start, at), sentence.span.end
        if start >= end:
            continue
        if start > at:
            found.append(Passage.between(text[at:start]))
        others = tuple(partners.get(number, ()))
        pieces = tuple(_cut(text, start, end, differing if others else []))
        found.append(Passage("shared" if others else "only", pieces, number, others))
        at = end
    if at < len(text):
        found.append(Passage.between(text[at:]))
    return found


def _partners(comparison: Comparison, side: SideName) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for pair in sorted(comparison.alignments, key=lambda pair: (-pair.cosine, pair.a, pair.b)):
        own, other = (pair.a, pair.b) if side == "a" else (pair.b, pair.a)
        found.setdefault(own, []).append(other)
    return found


def _cut(text: str, start: int, end: int, marks: list[_Mark]) -> Iterator[Piece]:
    """The text from ``start`` to ``end``, marked words apart."""
    at = start
    for mark in marks[bisect_right(marks, start, key=lambda mark: mark.end) :]:
        if mark.start >= end:
            break
        low, high = max(mark.start, start), min(mark.end, end)
        if low > at:
            yield Piece(text[at:low])
        yield Piece(text[low:high], mark.kind)
        at = high
    if at < end:
        yield Piece(text[at:end])


def _differing(comparison: Comparison, side: SideName, part: Part) -> list[_Mark]:
    """What differs inside of sentences that both have."""
    spans: list[tuple[Span, PieceKind]] = []
    for conflict in comparison.facts.conflicts:
        fact = conflict.a if side == "a" else conflict.b
        sentence = conflict.sentence_a if side == "a" else conflict.sentence_b
        spans += [(m.span, "conflict") for m in fact.mentions if m.sentence == sentence]
    for edit in comparison.edits:
        if edit.kind != "equal":
            spans.append((edit.a if side == "a" else edit.b, EDITS[edit.kind]))
    return _disjoint([_Mark(s.start, s.end, kind) for s, kind in spans if s.part == part])


def _disjoint(marks: list[_Mark]) -> list[_Mark]:
    """The marks in order, cut where they overlap: a conflict keeps its words, else the first."""
    found: list[_Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.kind != "conflict", mark.end)):
        if mark.start < mark.end:
            _add(mark, found)
    return found


def _add(mark: _Mark, found: list[_Mark]) -> None:
    last = found[-1] if found else None
    if last is None or mark.start >= last.end:
        found.append(mark)
    elif mark.kind == "conflict" and last.kind != "conflict":
        found.pop()
        if last.start < mark.start:
            found.append(replace(last, end=mark.start))
        found.append(mark)
        if mark.end < last.end:
            found.append(replace(last, start=mark.end))
    elif mark.end > last.end:
        found.append(replace(mark, start=last.end))
