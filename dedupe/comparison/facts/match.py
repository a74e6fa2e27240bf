"""Which facts of two articles are the same, and what facts are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from dedupe.comparison.facts.counted import CURRENCIES
from dedupe.model_compare import Fact, SharedFact
from dedupe.usual import LEAST_FREQUENCY

if TYPE_CHECKING:
    from dedupe.comparison.facts.kind import Kind, Pair
    from dedupe.comparison.reading import Read

SHARES = frozenset(("percent", "point"))
"""Units whose number is rarely followed by what it measures."""
SPANS = frozenset(("second", "minute", "hour", "day", "week", "month", "year"))
FREE_UNITS = SHARES | SPANS | {"degree"}
"""Units that say nothing of what is measured: two such numbers need more in common."""
LENGTHS = frozenset(("kilometre", "metre", "mile", "kilogram", "tonne", "hectare"))
NAMED_UNITS = FREE_UNITS | CURRENCIES | LENGTHS | {"barrel", "ordinal", "score", "clock"}
KNOWN_UNITS = NAMED_UNITS | {"person"}
"""People are counted under many nouns: ``32 people``, ``32 passengers``."""
TELLING = ((0, 1), (12, 10), (100, 100))
LARGE = 1000
"""A number is particular if it has a fraction, is above 12 and no multiple of 10, is above 100 and
no multiple of 100, or is at least 1000: then its value alone identifies it."""
SMALL_NUMBER, NUMBER_FREQUENCY, SMALL_FREQUENCY = 12, 1e-5, 2e-4
"""Numbers up to 12 are said as often as common words; greater ones as rare words."""
ALIKE = 85.0
"""RapidFuzz ratio (0 to 100) from which two quotations are one, differently cut or translated."""
RUN = 3
"""Words of a run that two quotations must share to be compared."""
DAYS_TO_WEEKDAY = 7
"""A weekday without a date lies at most this many days from the day of publication."""


def shared(kind: Kind, a: Sequence[Fact], b: Sequence[Fact], pair: Pair) -> list[SharedFact]:
    """Pairs of facts that are the same, each fact in one pair at most; equal values go first."""
    index: dict[str, list[Fact]] = defaultdict(list)
    for fact in b:
        for key in kind.keys(fact):
            index[key].append(fact)
    used: set[int] = set()
    found: dict[int, SharedFact] = {}
    for alike in (True, False):  # "340 evacuated" takes no "340 people" from "340 people"
        for place, fact in enumerate(a):
            if place in found or (alike and not (fact.unit and _telling(fact.value))):
                continue
            near = (other for key in kind.keys(fact) for other in index[key])
            for other in sorted(near, key=lambda o: (o.value != fact.value, o.unit != fact.unit)):
                if alike and (other.value, other.unit) != (fact.value, fact.unit):
                    break
                if id(other) not in used and kind.same(fact, other, pair):
                    used.add(id(other))
                    found[place] = SharedFact(fact, other)
                    break
    return [found[place] for place in sorted(found)]


def unmatched(facts: Iterable[Fact], taken: Iterable[Fact]) -> list[Fact]:
    """The facts that are not among ``taken``, by identity."""
    used = {id(fact) for fact in taken}
    return [fact for fact in facts if id(fact) not in used]


def without_bare(facts: Iterable[Fact], taken: Sequence[Fact]) -> list[Fact]:
    """The facts but for particular numbers without a unit that are among ``taken`` with theirs.

    A headline says ``340 evacuated`` of the 340 people whom its text and another report name.
    """
    named = {fact.value for fact in taken if fact.kind == "number" and fact.unit}
    return [
        fact
        for fact in facts
        if fact.kind != "number" or fact.unit or fact.value not in named or not _telling(fact.value)
    ]


def rarest_word(fact: Fact, read: Read) -> float:
    """Frequency of the rarest word of a name."""
    known = read.parts["text"].frequency
    return min(known.get(word, LEAST_FREQUENCY) for word in (fact.value.split() or [""]))


def number_frequency(fact: Fact, _read: Read) -> float:
    """How often a number is said."""
    small = fact.value.isdigit() and int(fact.value) <= SMALL_NUMBER
    return SMALL_FREQUENCY if small else NUMBER_FREQUENCY


def same_number(x: Fact, y: Fact, pair: Pair) -> bool:
    """Equal values that count the same, as their units, words and sentences say."""
    if x.value != y.value:
        return False
    if x.unit in KNOWN_UNITS and y.unit in KNOWN_UNITS and x.unit != y.unit:
        return False
    one_language = pair.a.lang == pair.b.lang
    alike = bool(set(x.of) & set(y.of))
    if x.unit == y.unit and x.unit in (FREE_UNITS - SHARES) | {"ordinal"}:
        return alike or not one_language or _said_of_both(x, y, pair)
    if x.unit == y.unit and x.unit in KNOWN_UNITS:
        return x.unit not in SHARES or alike or pair.meet(x, y)
    if x.unit in NAMED_UNITS or y.unit in NAMED_UNITS:
        return pair.meet(x, y)
    return alike or not one_language or _telling(x.value) or pair.meet(x, y)


def _said_of_both(x: Fact, y: Fact, pair: Pair) -> bool:
    """Whether what one number counts is named beside the other: ``a truce of three days``.

    Where neither says it, aligned sentences do.
    """
    if not x.of and not y.of:
        return pair.meet(x, y)
    return any(set(x.of) & pair.b.stems_in(m.sentence) for m in y.mentions) or any(
        set(y.of) & pair.a.stems_in(m.sentence) for m in x.mentions
    )


def _telling(value: str) -> bool:
    """Whether a number is so particular that it is hardly met twice by chance."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return any(number > least and number % step for least, step in TELLING) or number >= LARGE


def number_about(fact: Fact) -> str:
    """The unit of a number, and what it measures; '' for a range, or where nothing says it."""
    if "/" in fact.value:
        return ""
    if fact.unit in FREE_UNITS | {"ordinal"}:
        return " ".join((fact.unit, *fact.of[-1:]))
    return fact.unit if fact.unit in KNOWN_UNITS else (*fact.of, "")[0]


def same_date(x: Fact, y: Fact, pair: Pair) -> bool:
    """Equal as far as both are known; a weekday equals a day that it names."""
    if x.value == y.value or _same_days(x.value, y.value):
        return True
    by_weekday = x.value.startswith("weekday")
    if by_weekday == y.value.startswith("weekday"):
        return False
    published = (pair.a if by_weekday else pair.b).article.date
    if published is None:
        return pair.meet(x, y)
    day = date.fromisoformat(y.value if by_weekday else x.value)
    return abs((day - published.date()).days) <= DAYS_TO_WEEKDAY


def _same_days(a: str, b: str) -> bool:
    """Whether two ISO dates or spans agree where one of them lacks its years."""
    ends_a, ends_b = a.split("/"), b.split("/")
    return len(ends_a) == len(ends_b) and all(
        x == y or (x[:2] == "--" and y[4:] == x[1:]) or (y[:2] == "--" and x[4:] == y[1:])
        for x, y in zip(ends_a, ends_b, strict=True)
    )


def date_keys(fact: Fact) -> tuple[str, ...]:
    """The value, day and month, and the weekday of a full date."""
    try:
        weekday = f"weekday-{date.fromisoformat(fact.value).isoweekday()}"
    except ValueError:
        weekday = fact.value
    return tuple(dict.fromkeys((fact.value, fact.value[-5:], weekday)))


def date_about(fact: Fact) -> str:
    """``weekday``, or how exact each end is."""
    if fact.value.startswith("weekday"):
        return "weekday"
    return "/".join(str(end.count("-")) for end in fact.value.replace("--", "0-").split("/"))


def date_features(fact: Fact) -> tuple[str, ...]:
    """Month and day of each end; a weekday counts by its word."""
    if fact.value.startswith("weekday"):
        return ()
    return tuple(f"date {end[-5:]}" for end in fact.value.split("/"))


def same_quotation(x: Fact, y: Fact, _pair: Pair) -> bool:
    """One quotation, or a part of it, in nearly the same words."""
    from rapidfuzz import fuzz

    if x.value == y.value:
        return True
    shorter, longer = sorted((x.value, y.value), key=len)
    if len(shorter.split()) >= RUN and f" {shorter} " in f" {longer} ":
        return True
    return fuzz.ratio(x.value, y.value) >= ALIKE


def quotation_keys(fact: Fact) -> tuple[str, ...]:
    """All runs of :data:`RUN` words."""
    words = fact.value.split()
    runs = (" ".join(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1)))
    return tuple(dict.fromkeys(runs))
