"""Which numbers and days of two articles contradict each other.

Sentences of one event that give one quantity or day differently do: cautious on purpose. Each must
give exactly one such fact, no other sentence may confirm it, and rounding or hedging must not
explain it. Like sentences must have words around the fact in common. Unlike ones are compared at
the head of both reports alone: in sums and shares where they are tied by more than a name and by
words around the fact, in a sum, too, that either head gives once, and in days to come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from dedupe.comparison.facts.counted import COMMON, CURRENCIES
from dedupe.comparison.facts.kind import HEAD
from dedupe.comparison.facts.match import (
    DAYS_TO_WEEKDAY,
    FREE_UNITS,
    LENGTHS,
    SHARES,
    SPANS,
)
from dedupe.comparison.reading import by_stem
from dedupe.lexicon import forms_in, phrases
from dedupe.model_compare import Conflict, Fact
from dedupe.text import NUMBER

if TYPE_CHECKING:
    from dedupe.comparison.facts.kind import Kind, Pair, SaidAlike
    from dedupe.comparison.reading import Read

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
NEAR, MEASURED_NEAR = 4, 6
"""Words on each side of a fact that are its surroundings, and the same of a sum or share."""


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
                if one is None or other is None or one.value == other.value:
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
    if _same_distance(a, b, pair) or _start_and_end(said, pair):
        return False
    if said.heading and said.names and _to_come(a, pair.a) and _to_come(b, pair.b):
        return True
    if not said.alike:
        return False
    if a.value.startswith("weekday"):
        if 0 in (_days_before(a, pair.a), _days_before(b, pair.b)):  # "police said on Tuesday"
            return False
        return said.cosine >= SURELY_ALIKE and bool(_around_both(a, b, said, pair))
    return said.cosine >= CLOSELY_ALIKE and bool(_around_both(a, b, said, pair))


def _start_and_end(said: SaidAlike, pair: Pair) -> bool:
    """Whether one sentence says when something starts, and the other one when it ends."""
    one, other = (
        {
            word
            for word, known in (("start", read.language.starts), ("end", read.language.ends))
            if phrases(known).search(read.sentences[i].text)
        }
        for i, read in ((said.a, pair.a), (said.b, pair.b))
    )
    return {"start", "end"} == one ^ other and bool(one) and bool(other)


def _to_come(fact: Fact, read: Read) -> bool:
    """Whether a date is a day after the report's."""
    distance = _days_before(fact, read)
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


def _days_before(fact: Fact, read: Read) -> int | None:
    published = read.article.date
    return _distance(fact.value, published.date()) if published else None


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
    measured = a.unit in CURRENCIES | SHARES and _measure_one_thing(a, b, said, pair)
    if not measured and not (said.alike and _of_one_thing(a, b, said, pair)):
        return False
    if of_other_years(said, pair) or (a.unit in VAGUE_UNITS and _of_other_measures(said, pair)):
        return False
    return not (_same_hour(a, b) if a.unit == "clock" else _compatible(a, b))


def _measure_one_thing(a: Fact, b: Fact, said: SaidAlike, pair: Pair) -> bool:
    """Whether two sums or shares at the head of reports are of one thing.

    Either sentences that are tied have words around them in common, or each is the only sum there.
    A report may give one share of this and another of that.
    """
    if _tied(said) and _around_both(a, b, said, pair, MEASURED_NEAR):
        return True
    enough = a.unit in CURRENCIES and said.heading and (said.names >= SEVERAL or _tied(said))
    sides = zip((a, b), pair.facts, strict=True)
    return enough and all(_sole(fact, facts["number"]) for fact, facts in sides)


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


def of_other_years(said: SaidAlike, pair: Pair) -> bool:
    """Whether two sentences do not say alike of which year they tell: ``last year``."""
    one, other = (
        {found.lower() for found in phrases(read.language.years).findall(read.sentences[i].text)}
        for i, read in ((said.a, pair.a), (said.b, pair.b))
    )
    return one != other


def _of_other_measures(said: SaidAlike, pair: Pair) -> bool:
    """Whether two sentences name what they measure, and nothing alike: inflation and turnout."""
    one, other = _measured(said.a, pair.a), _measured(said.b, pair.b)
    return bool(one and other) and not one & other


def _measured(sentence: int, read: Read) -> set[str]:
    """What a sentence says that is measured: by words, in scripts without spaces by parts."""
    measures, stemmed = read.language.measures, by_stem(read.language, "measures")
    text = read.sentences[sentence].text
    found = {measures[form] for _, _, form in forms_in(measures, text, 0, len(text))}
    return found | {stemmed[stem] for stem in read.stems_in(sentence) & stemmed.keys()}


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


def _around_both(a: Fact, b: Fact, said: SaidAlike, pair: Pair, near: int = NEAR) -> set[str]:
    return _around(a, said.a, pair.a, near) & _around(b, said.b, pair.b, near)


def _around(fact: Fact, sentence: int, read: Read, near: int) -> set[str]:
    """Stems of the telling words around a fact, in one sentence."""
    span = next(m.span for m in fact.mentions if m.sentence == sentence)
    inside, reading = read.sentences[sentence].span, read.parts[span.part]
    words, first, last = reading.words, reading.index_at(span.start), reading.index_at(span.end)
    return {
        reading.stems[word.text]
        for word in (*words[max(0, first - near) : first], *words[last : last + near])
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
