# ruff: noqa: SIM905 - words and signs of all scripts stand as text
"""Facts that contradict each other: one quantity or day, told differently by like sentences.

Cautious on purpose. Both sentences must be each other's best counterpart, each must give exactly
one such fact, no other sentence may confirm it, and rounding or hedging must not explain it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import regex

from dedupe.compare.facts.match import KNOWN_UNITS
from dedupe.compare.facts.numerals import COMMON, CURRENCIES, FREE_UNITS, PREPOSITIONS
from dedupe.model_compare import Alignment, Conflict, Fact
from dedupe.text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.compare.reading import Read

ALIKE = 0.35
"""Cosine of two sentences from which a difference between them is one of fact."""
CLOSELY_ALIKE = 0.45
"""The same for numbers whose surroundings share no word."""
FEWEST_LETTERS = 28
"""Letters (a Han character counts for four) from which a sentence is more than a time stamp."""
_LETTER = regex.compile(r"(\p{Han})|\p{L}")
LENGTHS = frozenset("kilometre metre mile kilogram tonne hectare".split())
VAGUE_UNITS = FREE_UNITS | CURRENCIES | LENGTHS
"""Units under which one sentence may give several things: the words around must agree."""
HEDGED = 5.0
"""How far ``over 20`` reaches: a number up to 100 does not contradict it."""
NEARLY = 0.1
"""How far ``about 20`` reaches, as a share."""

NEAR = 4
"""Words on each side of a fact that are its surroundings."""


def conflicts(
    a: Sequence[Fact],
    b: Sequence[Fact],
    alignments: Sequence[Alignment],
    read: tuple[Read, Read],
) -> list[Conflict]:
    """Conflicts among facts that only one side gives; numbers before dates in each sentence."""
    found: list[Conflict] = []
    held_a, held_b = _by_sentence(a), _by_sentence(b)
    told: set[tuple[int, int]] = set()
    for pair in mutual_best(alignments):
        if pair.cosine < ALIKE:
            continue
        groups_a, groups_b = held_a.get(pair.a, {}), held_b.get(pair.b, {})
        for about in groups_a.keys() & groups_b.keys():
            facts_a, facts_b = groups_a[about], groups_b[about]
            if len(facts_a) != 1 or len(facts_b) != 1:
                continue
            one, other = facts_a[0], facts_b[0]
            if (id(one), id(other)) in told or not _contradict(one, other, pair, read):
                continue
            told.add((id(one), id(other)))
            label = about[1] if one.kind == "number" else "date"
            found.append(Conflict(one, other, label, pair.a, pair.b))
    return found


def mutual_best(alignments: Sequence[Alignment]) -> list[Alignment]:
    """The alignments in which each sentence is the other's best counterpart."""
    best_a: dict[int, float] = defaultdict(float)
    best_b: dict[int, float] = defaultdict(float)
    for pair in alignments:
        best_a[pair.a] = max(best_a[pair.a], pair.cosine)
        best_b[pair.b] = max(best_b[pair.b], pair.cosine)
    return [p for p in alignments if p.cosine == best_a[p.a] == best_b[p.b]]


def _by_sentence(facts: Sequence[Fact]) -> dict[int, dict[tuple[str, str], list[Fact]]]:
    """Facts by sentence and by what they are about."""
    held: dict[int, dict[tuple[str, str], list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        about = _about(fact)
        for sentence in {m.sentence for m in fact.mentions} if about[1] else ():
            held[sentence][about].append(fact)
    return held


def _about(fact: Fact) -> tuple[str, str]:
    """What two facts must have in common to contradict: kind, and unit or grain; '' for none."""
    if fact.kind == "date":
        if fact.value.startswith("weekday"):
            return "date", "weekday"
        parts = fact.value.replace("--", "0-").split("/")
        return "date", "/".join(str(part.count("-")) for part in parts)
    if fact.kind != "number" or "/" in fact.value:
        return fact.kind, ""
    if fact.unit in FREE_UNITS | {"ordinal"}:
        return "number", " ".join((fact.unit, *fact.of[-1:]))
    return "number", fact.unit if fact.unit in KNOWN_UNITS else (*fact.of, "")[0]


def _contradict(a: Fact, b: Fact, pair: Alignment, read: tuple[Read, Read]) -> bool:
    if not (_tells(pair.a, read[0]) and _tells(pair.b, read[1])):
        return False
    if a.unit == "score":
        return sorted(a.value.split("-")) != sorted(b.value.split("-"))
    around = _around(a, pair.a, read[0]) & _around(b, pair.b, read[1]) - set(a.of)
    bare = a.kind == "number" and a.unit in VAGUE_UNITS and not a.of
    enough = 2 if bare and a.unit not in LENGTHS else 1
    if len(around) < enough and (bare or pair.cosine < CLOSELY_ALIKE):
        return False
    return a.kind == "date" or a.unit == "clock" or not _compatible(a, b)


def _around(fact: Fact, sentence: int, read: Read) -> set[str]:
    """Stems of the telling words around a fact, in one sentence."""
    mention = next(m for m in fact.mentions if m.sentence == sentence)
    span, inside = mention.span, read.sentences[sentence].span
    words = read.words[span.part]
    first = bisect_left(words, span.start, key=lambda word: word.start)
    last = bisect_left(words, span.end, key=lambda word: word.start)
    return {
        read.stems[word.text]
        for word in (*words[max(0, first - NEAR) : first], *words[last : last + NEAR])
        if inside.start <= word.start < inside.end
        and not word.flags & NUMBER
        and read.frequency[word.text] < COMMON
        and word.text not in PREPOSITIONS
    }


def _tells(sentence: int, read: Read) -> bool:
    """Whether a sentence says more than a time stamp (``Updated: May 24, 3:23 PM``) does."""
    span = read.sentences[sentence].span
    letters = _LETTER.findall(read.text(span.part), span.start, span.end)
    return sum(4 if han else 1 for han in letters) >= FEWEST_LETTERS


def _compatible(a: Fact, b: Fact) -> bool:
    """Whether rounding or hedging lets both numbers be true."""
    try:
        x, y = Decimal(a.value), Decimal(b.value)
    except InvalidOperation:
        return True
    return _within(a, x, y) or _within(b, y, x) or _rounds(x, y) or _rounds(y, x)


def _within(fact: Fact, value: Decimal, other: Decimal) -> bool:
    reach = Decimal(str(HEDGED))
    match fact.qualifier:
        case "over":
            return value <= other <= value * reach
        case "under":
            return value / reach <= other <= value
        case "about":
            return abs(value - other) <= value * Decimal(str(NEARLY))
        case _:
            return False


def _rounds(exact: Decimal, rounded: Decimal) -> bool:
    """Whether ``rounded`` has fewer digits and is ``exact`` to that many."""
    place = Decimal(rounded).normalize().as_tuple().exponent
    digits = len(Decimal(exact).normalize().as_tuple().digits)
    fewer = len(Decimal(rounded).normalize().as_tuple().digits) < digits
    return fewer and isinstance(place, int) and abs(exact - rounded) <= Decimal(5).scaleb(place - 1)
