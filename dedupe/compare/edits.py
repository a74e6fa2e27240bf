"""The edits between two versions of one text, word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.model_compare import Edit, EditKind, Part, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.compare.words import Word

SHORT_RUN = 2
"""Equal words between two edits up to this many become part of one edit: they met by chance."""
LONGEST = 20_000
"""Words of the longer text beyond which texts are compared in pieces of this many."""


def edits(part: Part, a: Sequence[Word], b: Sequence[Word]) -> list[Edit]:
    """Steps that turn the words of ``a`` into those of ``b``; empty where both are empty.

    From the longest common subsequence of words (RapidFuzz, bit-parallel: Hyyrö 2004). Equal
    runs of up to :data:`SHORT_RUN` words between two edits are joined into them.
    """
    return [
        Edit(_kind(run, a, b), _span(part, a, run[0], run[1]), _span(part, b, run[2], run[3]))
        for run in _joined(_runs([w.text for w in a], [w.text for w in b]))
    ]


_Run = tuple[int, int, int, int]


def _runs(a: list[str], b: list[str]) -> list[tuple[bool, _Run]]:
    """Runs of equal and of changed words, in order, as indexes into both."""
    from rapidfuzz.distance import Indel

    found: list[tuple[bool, _Run]] = []
    at_a = at_b = 0
    while at_a < len(a) or at_b < len(b):
        piece_a, piece_b = a[at_a : at_a + LONGEST], b[at_b : at_b + LONGEST]
        for op in Indel.opcodes(piece_a, piece_b):
            run = (
                at_a + op.src_start, at_a + op.src_end, at_b + op.dest_start, at_b + op.dest_end,
            )  # fmt: skip
            found.append((op.tag == "equal", run))
        at_a, at_b = at_a + len(piece_a), at_b + len(piece_b)
    return found


def _joined(runs: list[tuple[bool, _Run]]) -> list[_Run]:
    """Neighbouring changes as one, with the short equal runs between them."""
    joined: list[tuple[bool, _Run]] = []
    for i, (equal, run) in enumerate(runs):
        inner = 0 < i < len(runs) - 1 and run[1] - run[0] <= SHORT_RUN
        kept = equal and not inner
        if joined and joined[-1][0] == kept:
            last = joined[-1][1]
            joined[-1] = kept, (last[0], run[1], last[2], run[3])
        else:
            joined.append((kept, run))
    return [run for _, run in joined]


def _kind(run: _Run, a: Sequence[Word], b: Sequence[Word]) -> EditKind:
    first_a, last_a, first_b, last_b = run
    if first_a == last_a:
        return "insert"
    if first_b == last_b:
        return "delete"
    same = [w.text for w in a[first_a:last_a]] == [w.text for w in b[first_b:last_b]]
    return "equal" if same else "replace"


def _span(part: Part, words: Sequence[Word], first: int, last: int) -> Span:
    if first < last:
        return Span(part, words[first].start, words[last - 1].end)
    at = words[first].start if first < len(words) else words[-1].end if words else 0
    return Span(part, at, at)
