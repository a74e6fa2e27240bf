"""Facts that contradict each other: like sentences give one quantity or day differently.

Cautious on purpose. Both sentences must be each other's best counterpart, each must give exactly
one such fact, no other sentence may confirm it, and rounding or hedging must not explain it.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import regex

from dedupe.compare.facts.counted import COMMON, CURRENCIES
from dedupe.compare.facts.match import FREE_UNITS, LENGTHS
from dedupe.model_compare import Alignment, Conflict, Fact
from dedupe.text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.compare.facts.kind import Kind, Pair
    from dedupe.compare.reading import Read

ALIKE = 0.35
"""Cosine of two sentences from which a difference between them is one of fact."""
CLOSELY_ALIKE = 0.45
"""The same for facts whose surroundings share no word."""
FEWEST_LETTERS = 28
"""Letters (a Han character counts for four) from which a sentence is more than a time stamp."""
_LETTER = regex.compile(r"(\p{Han})|\p{L}")
VAGUE_UNITS = FREE_UNITS | CURRENCIES | LENGTHS
"""Units under which one sentence may give several things: the words around must agree."""
HEDGED = 5
"""How far ``over 20`` reaches: a number up to 100 does not contradict it."""
NEARLY = Decimal("0.1")
"""How far ``about 20`` reaches, as a share."""
NEAR = 4
"""Words on each side of a fact that are its surroundings."""


def conflicts(
    kinds: Sequence[Kind],
    a: Sequence[Fact],
    b: Sequence[Fact],
    alignments: Sequence[Alignment],
    pair: Pair,
) -> list[Conflict]:
    """Conflicts among facts that only one side gives; by sentence, then in the order of kinds."""
    found: dict[tuple[int, int], Conflict] = {}
    like = [said for said in mutual_best(alignments) if said.cosine >= ALIKE]
    for kind in kinds:
        in_a, in_b = _by_sentence(kind, a), _by_sentence(kind, b)
        for said in like:
            facts_a, facts_b = in_a.get(said.a, {}), in_b.get(said.b, {})
            for about in sorted(facts_a.keys() & facts_b.keys()):
                if len(facts_a[about]) != 1 or len(facts_b[about]) != 1:
                    continue
                one, other = facts_a[about][0], facts_b[about][0]
                if _telling(said, pair) and kind.contradict(one, other, said, pair):
                    label = kind.conflict_label or about
                    conflict = Conflict(one, other, label, said.a, said.b)
                    found.setdefault((id(one), id(other)), conflict)
    return sorted(found.values(), key=lambda conflict: (conflict.sentence_a, conflict.sentence_b))


def mutual_best(alignments: Sequence[Alignment]) -> list[Alignment]:
    """The alignments in which each sentence is the other's best counterpart."""
    best_a: dict[int, float] = defaultdict(float)
    best_b: dict[int, float] = defaultdict(float)
    for pair in alignments:
        best_a[pair.a] = max(best_a[pair.a], pair.cosine)
        best_b[pair.b] = max(best_b[pair.b], pair.cosine)
    return [p for p in alignments if p.cosine == best_a[p.a] == best_b[p.b]]


def _telling(said: Alignment, pair: Pair) -> bool:
    """Whether both sentences say more than a time stamp (``Updated: May 24, 3:23 PM``) does."""
    for sentence, read in ((said.a, pair.a), (said.b, pair.b)):
        letters = _LETTER.findall(read.sentences[sentence].text)
        if sum(4 if han else 1 for han in letters) < FEWEST_LETTERS:
            return False
    return True


def _by_sentence(kind: Kind, facts: Sequence[Fact]) -> dict[int, dict[str, list[Fact]]]:
    """Facts of one kind by sentence and by what they are about."""
    held: dict[int, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        about = kind.about(fact) if fact.kind == kind.name else ""
        for sentence in {m.sentence for m in fact.mentions} if about else ():
            held[sentence][about].append(fact)
    return held


def dates_contradict(a: Fact, b: Fact, said: Alignment, pair: Pair) -> bool:
    """Whether two days are given for one thing."""
    return said.cosine >= CLOSELY_ALIKE or bool(_around_both(a, b, said, pair))


def numbers_contradict(a: Fact, b: Fact, said: Alignment, pair: Pair) -> bool:
    """Whether two numbers are given for one thing, and neither rounding nor hedging explains it."""
    if a.unit == "score":
        return sorted(a.value.split("-")) != sorted(b.value.split("-"))
    around = _around_both(a, b, said, pair) - set(a.of)
    bare = a.unit in VAGUE_UNITS and not a.of
    enough = 2 if bare and a.unit not in LENGTHS else 1
    if len(around) < enough and (bare or said.cosine < CLOSELY_ALIKE):
        return False
    return a.unit == "clock" or not _compatible(a, b)


def _around_both(a: Fact, b: Fact, said: Alignment, pair: Pair) -> set[str]:
    return _around(a, said.a, pair.a) & _around(b, said.b, pair.b)


def _around(fact: Fact, sentence: int, read: Read) -> set[str]:
    """Stems of the telling words around a fact, in one sentence."""
    span = next(m.span for m in fact.mentions if m.sentence == sentence)
    inside, words = read.sentences[sentence].span, read.words[span.part]
    first, last = read.indexes(span)
    return {
        read.stems[word.text]
        for word in (*words[max(0, first - NEAR) : first], *words[last : last + NEAR])
        if inside.start <= word.start < inside.end
        and not word.flags & NUMBER
        and read.frequency[word.text] < COMMON
        and word.text not in read.language.prepositions
    }


def _compatible(a: Fact, b: Fact) -> bool:
    """Whether rounding or hedging lets both numbers be true."""
    try:
        x, y = Decimal(a.value), Decimal(b.value)
    except InvalidOperation:
        return True
    return _within(a, x, y) or _within(b, y, x) or _rounds(x, y) or _rounds(y, x)


def _within(fact: Fact, value: Decimal, other: Decimal) -> bool:
    match fact.qualifier:
        case "over":
            return value <= other <= value * HEDGED
        case "under":
            return value / HEDGED <= other <= value
        case "about":
            return abs(value - other) <= value * NEARLY
        case _:
            return False


def _rounds(exact: Decimal, rounded: Decimal) -> bool:
    """Whether ``rounded`` has fewer digits and is ``exact`` to that many."""
    place = rounded.normalize().as_tuple().exponent
    digits = len(exact.normalize().as_tuple().digits)
    fewer = len(rounded.normalize().as_tuple().digits) < digits
    return fewer and isinstance(place, int) and abs(exact - rounded) <= Decimal(5).scaleb(place - 1)
