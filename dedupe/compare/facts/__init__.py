"""Facts of two articles: names, numbers, dates and more, on both sides or on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.compare.facts.conflicts import conflicts
from dedupe.compare.facts.kind import Pair
from dedupe.compare.facts.match import shared, unmatched
from dedupe.compare.facts.kinds import KINDS
from dedupe.model_compare import Alignment, Facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.compare.facts.gather import Gathered
    from dedupe.compare.reading import Read


def compare_facts(
    a: Read, b: Read, gathered: tuple[Gathered, Gathered], alignments: Sequence[Alignment]
) -> Facts:
    """Which facts both articles give, which only one, and which contradict each other."""
    pair = Pair(a, b, frozenset((found.a, found.b) for found in alignments))
    one, other = gathered
    both = [
        match for kind in KINDS for match in shared(kind, one[kind.name], other[kind.name], pair)
    ]
    only_a, only_b = (
        unmatched((fact for kind in KINDS for fact in side[kind.name]), taken)
        for side, taken in (
            (one, [match.a for match in both]),
            (other, [match.b for match in both]),
        )
    )
    against = conflicts(KINDS, only_a, only_b, alignments, pair)
    return Facts(
        tuple(both),
        tuple(unmatched(only_a, [conflict.a for conflict in against])),
        tuple(unmatched(only_b, [conflict.b for conflict in against])),
        tuple(against),
    )
