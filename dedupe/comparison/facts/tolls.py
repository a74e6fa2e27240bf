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
    SENTENCES_ALIKE,
    best_for_both,
    number_about,
    reports_more,
    rounds,
    within,
)
from dedupe.lexicon import Language, any_of
from dedupe.model_compare import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedupe.comparison.facts.kind import Pair
    from dedupe.comparison.reading import Read
    from dedupe.model_compare import Alignment, Fact, Span

FARTHEST = 7
"""Words between a number and what happened to those whom it counts."""
PART_WINDOW = 24
"""Code points beside a number in which it is said to be a part of another one."""
FAR_FROM_BOUND = Decimal("1.25")
"""How far a number may lie above what another report gives as the least, as a share of it."""
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}"


@cache
def _fate(language: Language) -> regex.Pattern[str]:
    return regex.compile(
        rf"(?:(?<![\p{{L}}\p{{M}}])|(?<=[{_UNSPACED}]))(?:{any_of(language.tolls)})"
        rf"(?:(?![\p{{L}}\p{{M}}])|(?<=[{_UNSPACED}]))",
        regex.IGNORECASE,
    )


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
    before = reading.text[max(0, span.start - PART_WINDOW) : span.start]
    after = reading.text[span.end : span.end + PART_WINDOW]
    return any(
        part.search(beside)
        for part, beside in zip(_parts(reading.language), (before, after), strict=True)
    )


def tolls(facts: Iterable[Fact], read: Read) -> dict[tuple[int, str], list[Fact]]:
    """The numbers of each sentence by what happened to those counted, each number under one.

    Of several words for it a number takes the nearest that no nearer number takes.
    """
    counted: dict[int, list[tuple[Span, Fact]]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "number" and fact.unit not in NAMED_UNITS and "/" not in fact.value:
            for mention in fact.mentions:
                if not _is_part(mention.span, read):
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
    fates = list(_fate(language).finditer(reading.text, inside.start, inside.end))
    near = []
    for at, (span, _) in enumerate(numbers):
        first, last = reading.index_at(span.start), reading.index_at(span.end)
        for place, match in enumerate(fates):
            word = reading.index_at(match.start())
            # A word inside of the number's own place is what it counts: ``84 dead``.
            distance = first - word - 1 if word < first else max(word - last, 0)
            if distance <= FARTHEST:
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
    said: Alignment


def toll_pairs(
    a: Sequence[Fact], b: Sequence[Fact], alignments: Sequence[Alignment], pair: Pair
) -> tuple[list[TollPair], list[Fact]]:
    """Tolls in sentences that report the same, and all facts that are tolls.

    ``a`` and ``b`` are all numbers of both articles.
    """
    in_a, in_b = tolls(a, pair.a), tolls(b, pair.b)
    found = []
    fates: dict[int, list[str]] = defaultdict(list)
    for sentence, fate in in_a:
        fates[sentence].append(fate)
    for said in best_for_both(alignments) if in_a and in_b else ():
        if said.cosine < SENTENCES_ALIKE:
            continue
        both = [fate for fate in fates.get(said.a, ()) if (said.b, fate) in in_b]
        if not both or not reports_more(said, pair):
            continue
        for fate in sorted(both, key=lambda fate: in_a[said.a, fate][0].mentions[0].span.start):
            one, other = in_a[said.a, fate], in_b[said.b, fate]
            if len({fact.value for fact in one}) == len({fact.value for fact in other}) == 1:
                found.append(TollPair(one[0], other[0], fate, said))
    every = [fact for held in (*in_a.values(), *in_b.values()) for fact in held]
    return found, every


def contradicting_tolls(
    found: Sequence[TollPair], alone: Iterable[Fact], of_one_time: Sequence[Alignment]
) -> list[Conflict]:
    """Conflicts among tolls that one side gives alone, in sentences that speak of one time."""
    own, timed = {id(fact) for fact in alone}, {(said.a, said.b) for said in of_one_time}
    conflicts: dict[tuple[int, int], Conflict] = {}
    for a, b, fate, said in found:
        if {id(a), id(b)} <= own and (said.a, said.b) in timed and _differ(a, b):
            conflict = Conflict(a, b, _label(a, b, fate), said.a, said.b)
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
