"""Which facts of two articles are the same, what facts are about, and which contradict each other.

Like sentences that give one quantity or day differently contradict each other: cautious on
purpose. Both sentences must be each other's best counterpart, each must give exactly one such
fact, no other sentence may confirm it, and rounding or hedging must not explain it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from dedupe.comparison.facts.counted import COMMON, CURRENCIES
from dedupe.comparison.facts.kind import HEAD
from dedupe.lexicon import phrases
from dedupe.model_compare import Conflict, Fact, SharedFact
from dedupe.text import NUMBER
from dedupe.usual import LEAST_FREQUENCY

if TYPE_CHECKING:
    from dedupe.comparison.facts.kind import Kind, Pair, SaidAlike
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

CLOSELY_ALIKE, SURELY_ALIKE = 0.45, 0.6
"""Cosine of two sentences from which they tell one thing in one way, and in the same words."""
VAGUE_UNITS = FREE_UNITS | CURRENCIES | LENGTHS
"""Units under which one sentence may give several things: the words around must agree."""
HEDGED = 5
"""How far ``over 20`` reaches: a number up to 100 does not contradict it."""
NEARLY = Decimal("0.1")
"""How far ``about 20`` reaches, as a share."""
TIED = 3.0
"""Names and rare words that unlike sentences share from which they speak of one sum or day."""
SEVERAL = 2
"""Names that they share from which they speak of one sum where either gives one alone."""
HOUR = 60
"""Minutes that a time which is not exact may be off."""
SCALE = 1000
"""One of two sums is so many times the other where its magnitude was left out."""
NEAR = 4
"""Words on each side of a fact that are its surroundings."""


def shared(kind: Kind, a: Sequence[Fact], b: Sequence[Fact], pair: Pair) -> list[SharedFact]:
    """Pairs of facts that are the same, each fact in one pair at most; equal values go first."""
    index: dict[str, list[Fact]] = defaultdict(list)
    for fact in b:
        for key in kind.keys(fact):
            index[key].append(fact)
    used: set[int] = set()
    found: list[SharedFact] = []
    for fact in a:
        near = (other for key in kind.keys(fact) for other in index[key])
        for other in sorted(near, key=lambda o: (o.value != fact.value, o.unit != fact.unit)):
            if id(other) not in used and kind.same(fact, other, pair):
                used.add(id(other))
                found.append(SharedFact(fact, other))
                break
    return found


def unmatched(facts: Iterable[Fact], taken: Iterable[Fact]) -> list[Fact]:
    """The facts that are not among ``taken``, by identity."""
    used = {id(fact) for fact in taken}
    return [fact for fact in facts if id(fact) not in used]


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


class OnesOwn(NamedTuple):
    """The facts of one article that may contradict another's."""

    own: Sequence[Fact]
    """Those that it gives alone."""
    every: Sequence[Fact]
    """All of them, of some kinds."""


def conflicts(
    kinds: Sequence[Kind],
    a: OnesOwn,
    b: OnesOwn,
    told: Sequence[SaidAlike],
    pair: Pair,
) -> list[Conflict]:
    """Conflicts among facts that only one side gives, in the order of kinds.

    ``told`` are the sentences that tell of one event.
    """
    found: dict[tuple[int, int], Conflict] = {}
    if not a.own or not b.own:
        return []
    for kind in kinds:
        in_a, in_b = _by_sentence(kind, a), _by_sentence(kind, b)
        for said in told:
            facts_a, facts_b = in_a.get(said.a, {}), in_b.get(said.b, {})
            for about in sorted(facts_a.keys() & facts_b.keys()):
                one, other = facts_a[about], facts_b[about]
                if one is None or other is None:
                    continue
                if kind.contradict(one, other, said, pair):
                    label = kind.conflict_label or about
                    conflict = Conflict(one, other, label, said.a, said.b)
                    found.setdefault((id(one), id(other)), conflict)
    return list(found.values())


def _by_sentence(kind: Kind, facts: OnesOwn) -> dict[int, dict[str, Fact | None]]:
    """By sentence, the only fact of one kind that is about something; None for several."""
    held: dict[int, dict[str, Fact | None]] = defaultdict(dict)
    own = {id(fact) for fact in facts.own}
    for fact in facts.every:
        about = kind.about(fact) if fact.kind == kind.name else ""
        for sentence in {m.sentence for m in fact.mentions} if about else ():
            alone = about not in held[sentence] and id(fact) in own
            held[sentence][about] = fact if alone else None
    return held


def dates_contradict(a: Fact, b: Fact, said: SaidAlike, pair: Pair) -> bool:
    """Whether two days are given for one thing.

    ``On Monday`` of Monday's report is ``on Tuesday`` of Tuesday's: what each day brings. Of unlike
    sentences, days to come alone are compared: a report's head names few of these, for its event.
    """
    if _same_distance(a, b, pair):
        return False
    if said.heading and said.names and _to_come(a, pair.a) and _to_come(b, pair.b):
        return True
    if not said.alike:
        return False
    if a.value.startswith("weekday"):
        return said.cosine >= SURELY_ALIKE and bool(_around_both(a, b, said, pair))
    return said.cosine >= CLOSELY_ALIKE and bool(_around_both(a, b, said, pair))


def _to_come(fact: Fact, read: Read) -> bool:
    """Whether a date is a day after the report's."""
    published = read.article.date
    distance = _distance(fact.value, published.date()) if published else None
    return distance is not None and distance < 0 and not fact.value.startswith("weekday")


def _tied(said: SaidAlike) -> bool:
    """Whether unlike sentences have names and other words in common, and enough of them."""
    return 0 < said.names < said.anchors >= TIED


def _same_distance(a: Fact, b: Fact, pair: Pair) -> bool:
    """Whether both days lie as far from the day of their report, and the reports' days differ."""
    one, other = pair.a.article.date, pair.b.article.date
    if one is None or other is None or one.date() == other.date():
        return False
    distance = _distance(a.value, one.date())
    return distance is not None and distance == _distance(b.value, other.date())


def _distance(value: str, published: date) -> int | None:
    """Days from a day, or from the last such weekday, to publication."""
    if value.startswith("weekday-"):
        return (published.isoweekday() - int(value[-1])) % DAYS_TO_WEEKDAY
    try:
        return (published - date.fromisoformat(value)).days
    except ValueError:
        return None


def numbers_contradict(a: Fact, b: Fact, said: SaidAlike, pair: Pair) -> bool:
    """Whether two numbers are given for one thing, and neither rounding nor hedging explains it."""
    if a.unit == "score":
        return said.alike and sorted(a.value.split("-")) != sorted(b.value.split("-"))
    measured = a.unit in CURRENCIES | SHARES and (_tied(said) or _alone_in_heads(a, b, said, pair))
    if not measured and not (said.alike and _of_one_thing(a, b, said, pair)):
        return False
    if _of_other_years(said, pair):
        return False
    return not (_same_hour(a, b) if a.unit == "clock" else _compatible(a, b))


def _alone_in_heads(a: Fact, b: Fact, said: SaidAlike, pair: Pair) -> bool:
    """Whether two reports that name several together each give but one such sum at their head."""
    return (
        said.heading
        and said.names >= SEVERAL
        and a.unit == b.unit
        and all(
            _sole(fact, facts["number"]) for fact, facts in zip((a, b), pair.facts, strict=True)
        )
    )


def _sole(fact: Fact, numbers: Iterable[Fact]) -> bool:
    """Whether no other number of its unit stands at the head of its article."""
    return not any(
        other is not fact and other.unit == fact.unit and other.mentions[0].sentence < HEAD
        for other in numbers
    )


def _of_one_thing(a: Fact, b: Fact, said: SaidAlike, pair: Pair) -> bool:
    """Whether what stands around two numbers says that they count one thing."""
    if _counts_from(a, said.a, pair.a) or _counts_from(b, said.b, pair.b):
        return False
    if a.unit in pair.a.language.further:  # of "four others" nobody knows who they are
        return False
    around = _around_both(a, b, said, pair) - set(a.of)
    bare = a.unit in VAGUE_UNITS and not a.of
    enough = 2 if bare and a.unit not in LENGTHS else 1
    return len(around) >= enough or not (bare or said.cosine < CLOSELY_ALIKE)


def _of_other_years(said: SaidAlike, pair: Pair) -> bool:
    """Whether two sentences do not say alike of which year they tell: ``last year``."""
    one, other = (
        {found.lower() for found in phrases(read.language.years).findall(read.sentences[i].text)}
        for i, read in ((said.a, pair.a), (said.b, pair.b))
    )
    return one != other


def _alone_in_heads(a: Fact, b: Fact, said: SaidAlike, pair: Pair) -> bool:
    """Whether two reports that name several together each give but one such sum at their head."""
    return (
        said.heading
        and said.names >= SEVERAL
        and a.unit == b.unit
        and all(
            _sole(fact, facts["number"]) for fact, facts in zip((a, b), pair.facts, strict=True)
        )
    )


def _sole(fact: Fact, numbers: Iterable[Fact]) -> bool:
    """Whether no other number of its unit stands at the head of its article."""
    return not any(
        other is not fact and other.unit == fact.unit and other.mentions[0].sentence < HEAD
        for other in numbers
    )


def _of_one_thing(a: Fact, b: Fact, said: SaidAlike, pair: Pair) -> bool:
    """Whether what stands around two numbers says that they count one thing."""
    if _counts_from(a, said.a, pair.a) or _counts_from(b, said.b, pair.b):
        return False
    if a.unit in pair.a.language.further:  # of "four others" nobody knows who they are
        return False
    around = _around_both(a, b, said, pair) - set(a.of)
    bare = a.unit in VAGUE_UNITS and not a.of
    enough = 2 if bare and a.unit not in LENGTHS else 1
    return len(around) >= enough or not (bare or said.cosine < CLOSELY_ALIKE)


def _counts_from(fact: Fact, sentence: int, read: Read) -> bool:
    """Whether a span of time is counted from something: ``nine days before the vote``."""
    if fact.unit not in SPANS:
        return False
    span = next(m.span for m in fact.mentions if m.sentence == sentence)
    reading = read.parts[span.part]
    following = reading.words[reading.index_at(span.end) :][:1]
    return any(word.text in read.language.prepositions for word in following)


def _same_hour(a: Fact, b: Fact) -> bool:
    """Whether ``around 1 a.m.`` may be ``1:15 a.m.``."""
    one, other = (
        int(hour) * 60 + int(minute) for hour, minute in (f.value.split(":") for f in (a, b))
    )
    return "about" in (a.qualifier, b.qualifier) and abs(one - other) <= HOUR


def _around_both(a: Fact, b: Fact, said: SaidAlike, pair: Pair) -> set[str]:
    return _around(a, said.a, pair.a) & _around(b, said.b, pair.b)


def _around(fact: Fact, sentence: int, read: Read) -> set[str]:
    """Stems of the telling words around a fact, in one sentence."""
    span = next(m.span for m in fact.mentions if m.sentence == sentence)
    inside, reading = read.sentences[sentence].span, read.parts[span.part]
    words, first, last = reading.words, reading.index_at(span.start), reading.index_at(span.end)
    return {
        reading.stems[word.text]
        for word in (*words[max(0, first - NEAR) : first], *words[last : last + NEAR])
        if inside.start <= word.start < inside.end
        and not word.flags & NUMBER
        and reading.frequency[word.text] < COMMON
        and word.text not in read.language.prepositions
    }


def _compatible(a: Fact, b: Fact) -> bool:
    """Whether rounding or hedging lets both numbers be true."""
    try:
        x, y = Decimal(a.value), Decimal(b.value)
    except InvalidOperation:
        return True
    if a.unit in CURRENCIES and max(x, y) >= SCALE * min(x, y):
        return True
    return within(a, x, y) or within(b, y, x) or rounds(x, y) or rounds(y, x)


def within(fact: Fact, value: Decimal, other: Decimal) -> bool:
    """Whether a number is what another ``value`` means, as it is hedged: ``over 90`` means 110."""
    match fact.qualifier:
        case "over":
            return value <= other <= value * HEDGED
        case "under":
            return value / HEDGED <= other <= value
        case "about":
            return abs(value - other) <= value * NEARLY
        case _:
            return False


def rounds(exact: Decimal, rounded: Decimal) -> bool:
    """Whether ``rounded`` has fewer digits and is ``exact`` to that many."""
    place = rounded.normalize().as_tuple().exponent
    digits = len(exact.normalize().as_tuple().digits)
    fewer = len(rounded.normalize().as_tuple().digits) < digits
    return fewer and isinstance(place, int) and abs(exact - rounded) <= Decimal(5).scaleb(place - 1)
