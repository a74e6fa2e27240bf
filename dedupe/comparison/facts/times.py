"""Whether two reports, and two of their sentences, speak of one time, and which is the newer state.

What two reports of one time tell differently is a contradiction; what the later one tells of a
quantity that goes on changing is an update.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from dedupe.comparison.facts.match import same_date
from dedupe.lexicon import phrases
from dedupe.moments import in_utc, is_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.comparison.facts.kind import Pair, SaidAlike
    from dedupe.comparison.reading import Read
    from dedupe.model_compare import Conflict, Fact

ONE_TIME = timedelta(days=7)
"""Time between two publications within which a difference is a contradiction: what was counted or
planned weeks ago is counted and planned anew."""

PAST = timedelta(days=60)
"""Time before publication from which a day is no day of the news."""
NEWER = timedelta(hours=5)
"""Time between two publications from which a count of the later one is a newer state."""
LASTING = frozenset(("clock", "score", "ordinal"))
"""Units of numbers that do not go on changing."""


def far_apart(pair: Pair) -> bool:
    """Whether the reports were published so far apart that what differs has changed meanwhile."""
    one, other = _published(pair)
    return one is not None and other is not None and abs(one - other) > ONE_TIME


def _published(pair: Pair) -> tuple[datetime | None, datetime | None]:
    """When either report was published, in UTC."""
    one, other = pair.a.article.date, pair.b.article.date
    return one and in_utc(one), other and in_utc(other)


def is_update(conflict: Conflict, pair: Pair) -> bool:
    """Whether one figure replaces the other: its report is hours later, or says that it changed.

    Only what is counted or measured goes on changing; what a day, a time or a speaker was, does
    not, unless a report says so.
    """
    if any(
        _says_changed(*side)
        for side in ((conflict.sentence_a, pair.a), (conflict.sentence_b, pair.b))
    ):
        return True
    counted = conflict.a.kind == "number" and conflict.a.unit not in LASTING
    one, other = _published(pair)
    if not counted or one is None or other is None:
        return False
    if is_day(one) or is_day(other):
        return one.date() != other.date()
    return abs(one - other) >= NEWER


def _says_changed(sentence: int, read: Read) -> bool:
    return bool(phrases(read.language.changed).search(read.sentences[sentence].text))


def of_one_time(
    told: Sequence[SaidAlike], dates: tuple[Sequence[Fact], Sequence[Fact]], pair: Pair
) -> list[SaidAlike]:
    """The pairs of sentences that do not each give a day of their own, another one."""
    in_a, in_b = (
        _facts_by_sentence(facts, read) for facts, read in zip(dates, (pair.a, pair.b), strict=True)
    )
    return [said for said in told if _of_one_day(in_a[said.a], in_b[said.b], pair)]


def _of_one_day(own: Sequence[Fact], others: Sequence[Fact], pair: Pair) -> bool:
    """Whether the dates of two sentences may be of one time; one without may be of any near one."""
    if own and others:
        return any(_may_be_one(x, y, pair) for x in own for y in others)
    return not any(_is_past(x, pair.a) for x in own) and not any(
        _is_past(y, pair.b) for y in others
    )


def _is_past(fact: Fact, read: Read) -> bool:
    """Whether a date lies long before the report: what is told of it is its background."""
    year, published = fact.value[:4], read.article.date
    if not year.isdecimal():
        return False
    if published is None:
        return True
    try:
        day = date.fromisoformat(fact.value[:10])
    except ValueError:
        return int(year) < published.year
    return published.date() - day > PAST


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


def _facts_by_sentence(facts: Sequence[Fact], read: Read) -> dict[int, list[Fact]]:
    """But for the weekday of publication: who says something on a day tells of no other event."""
    published = read.article.date
    today = f"weekday-{published.isoweekday()}" if published else ""
    held: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.value == today:
            continue
        for sentence in {mention.sentence for mention in fact.mentions}:
            held[sentence].append(fact)
    return held
