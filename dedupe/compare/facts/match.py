"""Which facts of two articles are the same, and which contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from dedupe.compare.facts.numerals import FREE_UNITS, UNIT_OF
from dedupe.model_compare import Fact, SharedFact

if TYPE_CHECKING:
    from dedupe.compare.reading import Read

KNOWN_UNITS = frozenset(UNIT_OF.values()) | {"ordinal", "score", "clock"}
NAMED_UNITS = KNOWN_UNITS - {"person"}
"""People are counted under many nouns: ``32 people``, ``32 passengers``."""
SHARES = frozenset(("percent", "point"))
"""Units whose number is rarely followed by what it measures."""
TELLING = ((0, 1), (12, 10), (100, 100))
LARGE = 1000
"""A number is particular if it has a fraction, is above 12 and no multiple of 10, is above 100 and
no multiple of 100, or is at least 1000: then its value alone tells it apart."""
ALIKE = 85.0
"""RapidFuzz ratio (0 to 100) from which two quotations are one, differently cut or translated."""
RUN = 3
"""Words of a run that two quotations must share to be compared."""
DAYS_TO_WEEKDAY = 7
"""A weekday without a date lies at most this many days from the day of publication."""

Aligned = Collection[tuple[int, int]]
Same = Callable[[Fact, Fact], bool]


def shared(a: Sequence[Fact], b: Sequence[Fact], same: Same) -> list[SharedFact]:
    """Pairs of facts that are the same, each fact in one pair at most; equal values go first."""
    index: dict[str, list[Fact]] = defaultdict(list)
    for fact in b:
        for key in _index_keys(fact):
            index[key].append(fact)
    used: set[int] = set()
    found: list[SharedFact] = []
    for fact in a:
        near = (other for key in _index_keys(fact) for other in index[key])
        for other in sorted(near, key=lambda o: (o.value != fact.value, o.unit != fact.unit)):
            if id(other) not in used and same(fact, other):
                used.add(id(other))
                found.append(SharedFact(fact, other))
                break
    return found


def _index_keys(fact: Fact) -> tuple[str, ...]:
    """Keys of which the same facts share one."""
    if fact.kind == "quotation":
        words = fact.value.split()
        return tuple(
            dict.fromkeys(" ".join(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1)))
        )
    if fact.kind == "date":
        return tuple(dict.fromkeys((fact.value, fact.value[-5:], _weekday(fact.value))))
    return (fact.value,)


def same_name(a: Fact, b: Fact) -> bool:
    """Names were joined before: one value, one name."""
    return a.value == b.value


def same_quotation(a: Fact, b: Fact) -> bool:
    """One quotation, or a part of it, in nearly the same words."""
    from rapidfuzz import fuzz

    if a.value == b.value:
        return True
    shorter, longer = sorted((a.value, b.value), key=len)
    if len(shorter.split()) >= RUN and f" {shorter} " in f" {longer} ":
        return True
    return fuzz.ratio(a.value, b.value) >= ALIKE


def number_matcher(aligned: Aligned, a: Read, b: Read) -> Same:
    """Sameness of numbers, given which sentences report the same."""
    one_language = a.lang == b.lang

    def same(x: Fact, y: Fact) -> bool:
        if x.value != y.value:
            return False
        if x.unit in KNOWN_UNITS and y.unit in KNOWN_UNITS and x.unit != y.unit:
            return False
        alike = bool(set(x.of) & set(y.of))
        if x.unit == y.unit and x.unit in (FREE_UNITS - SHARES) | {"ordinal"}:
            return alike or not one_language or _said_of_both(x, a, y, b, aligned)
        if x.unit == y.unit and x.unit in KNOWN_UNITS:
            return x.unit not in SHARES or alike or meet(x, y, aligned)
        if x.unit in NAMED_UNITS or y.unit in NAMED_UNITS:
            return meet(x, y, aligned)
        return alike or not one_language or _telling(x.value) or meet(x, y, aligned)

    return same


def _said_of_both(x: Fact, a: Read, y: Fact, b: Read, aligned: Aligned) -> bool:
    """Whether what one number counts is named beside the other: ``a truce of three days``.

    Where neither says it, aligned sentences do.
    """
    if not x.of and not y.of:
        return meet(x, y, aligned)
    return any(set(x.of) & b.stems_in(m.sentence) for m in y.mentions) or any(
        set(y.of) & a.stems_in(m.sentence) for m in x.mentions
    )


def _telling(value: str) -> bool:
    """Whether a number is so particular that it is hardly met twice by chance."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return any(number > least and number % step for least, step in TELLING) or number >= LARGE


def date_matcher(
    aligned: Aligned, published_a: datetime | None, published_b: datetime | None
) -> Same:
    """Sameness of dates: equal as far as both are known; a weekday equals a day that it names."""

    def same(a: Fact, b: Fact) -> bool:
        if a.value == b.value or same_date(a.value, b.value):
            return True
        if a.value.startswith("weekday") == b.value.startswith("weekday"):
            return False
        by_weekday = a.value.startswith("weekday")
        day = b.value if by_weekday else a.value
        published = published_a if by_weekday else published_b
        if published is None:
            return meet(a, b, aligned)
        return abs((date.fromisoformat(day) - published.date()).days) <= DAYS_TO_WEEKDAY

    return same


def same_date(a: str, b: str) -> bool:
    """Whether two ISO dates or spans agree where one of them lacks its years."""
    ends_a, ends_b = a.split("/"), b.split("/")
    return len(ends_a) == len(ends_b) and all(
        x == y or (x[:2] == "--" and y[4:] == x[1:]) or (y[:2] == "--" and x[4:] == y[1:])
        for x, y in zip(ends_a, ends_b, strict=True)
    )


def _weekday(value: str) -> str:
    """``weekday-3`` for a full date that is a Wednesday; the value itself for all others."""
    try:
        return f"weekday-{date.fromisoformat(value).isoweekday()}"
    except ValueError:
        return value


def meet(a: Fact, b: Fact, aligned: Aligned) -> bool:
    """Whether two facts stand in sentences that report the same."""
    return any((x.sentence, y.sentence) in aligned for x in a.mentions for y in b.mentions)


def unmatched(facts: Iterable[Fact], taken: Iterable[Fact]) -> list[Fact]:
    """The facts that are not among ``taken``, by identity."""
    used = {id(fact) for fact in taken}
    return [fact for fact in facts if id(fact) not in used]
