# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Tolls: how many people were killed, injured, arrested; and which of them contradict each other.

Reports of one event seldom count the same noun: ``60 people were killed``, ``killing 84``, ``84
dead``. What happened to those who are counted says more of what a number is than its noun does,
so that it is sought first, and numbers of two fates are never set against each other.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from dedupe.comparison.facts.match import (
    NAMED_UNITS,
    NEARLY,
    number_about,
    rounds,
    within,
)
from dedupe.lexicon import Language, any_of, phrases
from dedupe.model_compare import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dedupe.comparison.facts.kind import Pair, SaidAlike
    from dedupe.comparison.reading import Read, Reading
    from dedupe.model_compare import Fact, Span

FARTHEST = 10
"""Words between a number and what happened to those whom it counts."""
PART_WINDOW = 24
"""Code points beside a number in which it is said to be a part of another one."""
FAR_FROM_BOUND = Decimal("1.25")
"""How far a number may lie above what another report gives as the least, as a share of it."""
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}"


_COMMA_BEFORE = regex.compile(r"[,(（，]\s?\Z")
_COMMA_AFTER = regex.compile(r"\s?[,)），]")
_CLAUSE = regex.compile(r"[,;:，；：]")


@cache
def _parts(language: Language) -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    """What says before a number, and after it, that it is a part of another one."""
    subsets = any_of(language.subsets)
    one_word = r"(?:\s+[\p{L}\p{M}]+)?[\s:]*\Z"
    return (
        regex.compile(
            rf"(?:\A|[^\p{{L}}\p{{M}}]|(?<=[{_UNSPACED}]))(?:{subsets}){one_word}", regex.I
        ),
        regex.compile(rf"\A\s*(?:{subsets})(?![\p{{L}}\p{{M}}])", regex.I),
    )


def _is_part(span: Span, read: Read) -> bool:
    """Whether a number is said to be a part of another one: no toll of its own."""
    reading = read.parts[span.part]
    after = reading.text[span.end : span.end + PART_WINDOW]
    return _part_before(span.start, reading) or bool(_parts(reading.language)[1].search(after))


def _part_before(start: int, reading: Reading) -> bool:
    before = reading.text[max(0, start - PART_WINDOW) : start]
    return bool(_parts(reading.language)[0].search(before))


def _is_age(span: Span, read: Read) -> bool:
    """Whether a number stands between commas: ``Peter Mallory, 72, was found dead``."""
    text = read.parts[span.part].text
    return bool(_COMMA_BEFORE.search(text, 0, span.start) and _COMMA_AFTER.match(text, span.end))


def tolls(facts: Iterable[Fact], read: Read) -> dict[tuple[int, str], list[Fact]]:
    """The numbers of each sentence by what happened to those counted, each number under one.

    Of several words for it a number takes the nearest that no nearer number takes.
    """
    counted: dict[int, list[tuple[Span, Fact]]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "number" and fact.unit not in NAMED_UNITS and fact.value.isdigit():
            for mention in fact.mentions:
                if not _is_part(mention.span, read) and not _is_age(mention.span, read):
                    counted[mention.sentence].append((mention.span, fact))
    found: dict[tuple[int, str], list[Fact]] = defaultdict(list)
    for sentence, numbers in counted.items():
        for fact, fate in _paired(numbers, sentence, read):
            found[sentence, fate].append(fact)
    return found


def _paired(
    numbers: Sequence[tuple[Span, Fact]], sentence: int, read: Read
) -> Iterable[tuple[Fact, str]]:
    inside = read.sentences[sentence].span
    reading = read.parts[inside.part]
    language = reading.language
    # "Among the dead are 22 foreigners" counts a part of them.
    fates = [
        fate
        for fate in phrases(frozenset(language.tolls)).finditer(
            reading.text, inside.start, inside.end
        )
        if not _part_before(fate.start(), reading)
    ]
    near = []
    for at, (span, _) in enumerate(numbers):
        first, last = reading.index_at(span.start), reading.index_at(span.end)
        for place, match in enumerate(fates):
            word = reading.index_at(match.start())
            # A word inside of the number's own place is what it counts: ``84 dead``.
            distance = first - word - 1 if word < first else max(word - last, 0)
            ended = word < first and _CLAUSE.search(reading.text, match.end(), span.start)
            if distance <= FARTHEST and not ended:
                near.append((distance, word < first, at, place))
    taken: set[int] = set()
    used: set[int] = set()
    for _, _, at, place in sorted(near):
        if at not in taken and place not in used:
            taken.add(at)
            used.add(place)
            phrase = " ".join(fates[place].group().lower().split())
            yield numbers[at][1], language.tolls[phrase]


class TollPair(NamedTuple):
    """What one sentence of either article counts of one fate, each one value."""

    a: Fact
    b: Fact
    fate: str
    said: SaidAlike


def toll_pairs(
    a: Sequence[Fact], b: Sequence[Fact], told: Sequence[SaidAlike], pair: Pair
) -> tuple[list[TollPair], list[Fact]]:
    """Tolls in sentences that tell of one event, and all facts that are tolls.

    ``a`` and ``b`` are all numbers of both articles. Unlike sentences give one pair of a fate,
    where the articles agree in none of its values.
    """
    in_a, in_b = tolls(a, pair.a), tolls(b, pair.b)
    every = [fact for held in (*in_a.values(), *in_b.values()) for fact in held]
    if not in_a or not in_b:
        return [], every
    settled = _agreed(in_a, in_b)
    found = []
    for said in told:
        both = [fate for at, fate in in_a if at == said.a and (said.b, fate) in in_b]
        for fate in sorted(both, key=lambda fate: in_a[said.a, fate][0].mentions[0].span.start):
            one, other = in_a[said.a, fate], in_b[said.b, fate]
            if len({fact.value for fact in one}) == len({fact.value for fact in other}) == 1:
                if said.alike or fate not in settled:
                    found.append(TollPair(one[0], other[0], fate, said))
                settled.add(fate)
    return found, every


def _agreed(
    a: Mapping[tuple[int, str], Sequence[Fact]], b: Mapping[tuple[int, str], Sequence[Fact]]
) -> set[str]:
    """The fates of which both articles give one value somewhere."""
    values_a, values_b = (
        {(fate, fact.value) for (_, fate), facts in side.items() for fact in facts}
        for side in (a, b)
    )
    return {fate for fate, _ in values_a & values_b}


def contradicting_tolls(
    found: Sequence[TollPair], alone: Iterable[Fact], of_one_time: Sequence[SaidAlike]
) -> list[Conflict]:
    """Conflicts among tolls that one side gives alone, in sentences that speak of one time."""
    own, timed = {id(fact) for fact in alone}, {(said.a, said.b) for said in of_one_time}
    conflicts: dict[tuple[int, int], Conflict] = {}
    for a, b, fate, said in found:
        alone_in = (id(a) in own) + (id(b) in own)
        if alone_in and (said.a, said.b) in timed and _differ(a, b):
            conflict = Conflict(a, b, _label(a, b, fate), said.a, said.b, update=alone_in == 1)
            conflicts.setdefault((id(a), id(b)), conflict)
    return list(conflicts.values())


def _label(a: Fact, b: Fact, fate: str) -> str:
    """What both count, where they say more than that they were people."""
    about = number_about(a)
    return about if about == number_about(b) != "person" and about else fate


def _differ(a: Fact, b: Fact) -> bool:
    """Whether two tolls are two statements: not one rounded, and not one the bound of the other."""
    try:
        x, y = Decimal(a.value), Decimal(b.value)
    except InvalidOperation:
        return False
    if x == y or rounds(x, y) or rounds(y, x):
        return False
    low, high = sorted((x, y))
    if a.qualifier == b.qualifier and a.qualifier in ("over", "under"):
        return high > low * (1 + NEARLY)
    if "about" in (a.qualifier, b.qualifier):
        return high > low * FAR_FROM_BOUND
    return not (within(a, x, y) or within(b, y, x)) or high > low * FAR_FROM_BOUND
