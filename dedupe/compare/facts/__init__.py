"""Facts of two articles: names, numbers, dates and quotations, on both sides or on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.compare.facts.conflicts import conflicts
from dedupe.compare.facts.match import (
    date_matcher,
    number_matcher,
    same_name,
    same_quotation,
    shared,
    unmatched,
)
from dedupe.model_compare import Alignment, Facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.compare.facts.gather import Gathered
    from dedupe.compare.reading import Read


def compare_facts(
    a: Read, b: Read, gathered: tuple[Gathered, Gathered], alignments: Sequence[Alignment]
) -> Facts:
    """Which facts both articles give, which only one, and which contradict each other."""
    one, other = gathered
    aligned = {(pair.a, pair.b) for pair in alignments}
    same_number = number_matcher(aligned, a, b)
    same_date = date_matcher(aligned, a.article.date, b.article.date)
    both = [
        *shared(one.names, other.names, same_name),
        *shared(one.numbers, other.numbers, same_number),
        *shared(one.dates, other.dates, same_date),
        *shared(one.quotations, other.quotations, same_quotation),
    ]
    all_a, all_b = (
        (*side.names, *side.numbers, *side.dates, *side.quotations) for side in gathered
    )
    only_a = unmatched(all_a, (pair.a for pair in both))
    only_b = unmatched(all_b, (pair.b for pair in both))
    against = conflicts(only_a, only_b, alignments, (a, b))
    return Facts(
        tuple(both),
        tuple(unmatched(only_a, (c.a for c in against))),
        tuple(unmatched(only_b, (c.b for c in against))),
        tuple(against),
    )
