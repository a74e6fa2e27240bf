"""Whether two reports, and two of their sentences, speak of one time: else nothing contradicts."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from dedupe.comparison.facts.match import same_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.comparison.facts.kind import Pair
    from dedupe.model_compare import Alignment, Fact

ONE_TIME = timedelta(days=7)
"""Time between two publications within which a difference is a contradiction: what was counted or
planned weeks ago is counted and planned anew."""


def far_apart(pair: Pair) -> bool:
    """Whether the reports were published so far apart that what differs has changed meanwhile."""
    one, other = pair.a.article.date, pair.b.article.date
    if one is None or other is None:
        return False
    one, other = (d if d.tzinfo else d.replace(tzinfo=UTC) for d in (one, other))
    return abs(one - other) > ONE_TIME


def of_one_time(
    alignments: Sequence[Alignment], dates: tuple[Sequence[Fact], Sequence[Fact]], pair: Pair
) -> list[Alignment]:
    """The pairs of sentences that do not each give a day of their own, another one."""
    in_a, in_b = (_facts_by_sentence(facts) for facts in dates)
    return [
        said
        for said in alignments
        if not (own := in_a[said.a])
        or not (others := in_b[said.b])
        or any(_may_be_one(x, y, pair) for x in own for y in others)
    ]


def _may_be_one(x: Fact, y: Fact, pair: Pair) -> bool:
    """Whether two dates may name one day, as far as both are known."""
    one, other = sorted((x.value, y.value), key=len)
    if "/" in other or other.startswith(one):  # a span; a month and a day in it
        return True
    if x.value.startswith("weekday") != y.value.startswith("weekday"):
        try:
            date.fromisoformat(one if other.startswith("weekday") else other)
        except ValueError:  # a day without its year may be any weekday
            return True
    return same_date(x, y, pair)


def _facts_by_sentence(facts: Sequence[Fact]) -> dict[int, list[Fact]]:
    held: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        for sentence in {mention.sentence for mention in fact.mentions}:
            held[sentence].append(fact)
    return held
