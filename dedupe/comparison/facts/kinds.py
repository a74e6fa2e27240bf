"""The kinds of facts: the one list that finding, matching, conflicts and all reports go through.

They are shown in this order and found in the opposite one, so that a kind further down takes its
words first: a date is no number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dedupe.comparison.facts import differ, match, times
from dedupe.comparison.facts.dates import dates
from dedupe.comparison.facts.kind import Found, Kind, Pair, SaidAlike, in_each, with_free
from dedupe.comparison.facts.numbers import numbers
from dedupe.comparison.facts.quotes import quotations
from dedupe.comparison.facts.speakers import contradicting_speakers
from dedupe.comparison.facts.spellings import named
from dedupe.comparison.facts.tolls import contradicting_tolls, toll_pairs
from dedupe.comparison.reading import PARTS, Read
from dedupe.model_compare import Alignment, Conflict, Fact, Facts, Mention, Part, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dedupe.comparison.facts.kind import Places

KINDS: list[Kind] = [
    Kind(
        "name",
        "names",
        named,
        longest=True,
        frequency=match.rarest_word,
    ),
    Kind(
        "number",
        "numbers",
        in_each(numbers),
        same=match.same_number,
        about=match.number_about,
        contradict=differ.numbers_contradict,
        frequency=match.number_frequency,
        digits_only=True,
    ),
    Kind(
        "date",
        "dates",
        in_each(dates),
        same=match.same_date,
        keys=match.date_keys,
        about=match.date_about,
        contradict=differ.dates_contradict,
        conflict_label="date",
        features=match.date_features,
    ),
    Kind(
        "quotation",
        "quoted",
        in_each(quotations),
        takes=False,
        quoted=True,
        same=match.same_quotation,
        keys=match.quotation_keys,
        features=lambda _fact: (),
    ),
]


def kind_of(name: str) -> Kind:
    """The kind of a name; StopIteration for none."""
    return next(kind for kind in KINDS if kind.name == name)


Gathered = dict[str, tuple[Fact, ...]]
"""The facts of one article by the name of their kind, each kind by first place."""


def gather(*read: Read) -> list[Gathered]:
    """The facts of two articles; names are joined with both in view."""
    gathered: list[Gathered] = [{} for _ in read]
    taken: list[Places] = [{part: [] for part in PARTS} for _ in read]
    for kind in reversed(KINDS):
        for i, places in enumerate(kind.find(read, taken)):
            gathered[i][kind.name] = _facts(read[i], kind, places)
            if kind.takes:
                taken[i] = {part: with_free(taken[i][part], places[part]) for part in PARTS}
    return gathered


def _facts(read: Read, kind: Kind, places: Mapping[Part, list[Found]]) -> tuple[Fact, ...]:
    """Equal facts as one, with all their mentions.

    They are equal where value, unit and the first counted word agree.
    """
    groups: dict[tuple[str, ...], list[tuple[Found, Mention]]] = {}
    for part, reading in read.parts.items():
        for one in places[part]:
            place = Span(part, one.start, one.end)
            text = reading.text[one.start : one.end]
            mention = Mention(text, place, reading.sentence_at(one.start))
            groups.setdefault((one.value, one.unit, *one.of[:1]), []).append((one, mention))
    return tuple(_fact(kind, group) for group in groups.values())


def _fact(kind: Kind, group: list[tuple[Found, Mention]]) -> Fact:
    first, mentions = group[0][0], tuple(mention for _, mention in group)
    texts = [mention.text for mention in mentions]
    return Fact(
        kind.name,
        max(texts, key=len) if kind.longest else texts[0],
        first.value,
        first.unit,
        tuple(dict.fromkeys(stem for one, _ in group for stem in one.of)),
        first.qualifier,
        mentions,
    )


def compare_facts(
    a: Read,
    b: Read,
    gathered: Sequence[Gathered],
    alignments: Sequence[Alignment],
    told: Sequence[SaidAlike],
) -> Facts:
    """Which facts both articles give, which only one, and which contradict each other.

    Facts are the same by ``alignments``; what contradicts stands in sentences that ``told`` has.
    """
    pair = Pair(a, b, frozenset((found.a, found.b) for found in alignments), gathered)
    one, other = gathered
    both = [
        found
        for kind in KINDS
        for found in match.shared(kind, one[kind.name], other[kind.name], pair)
    ]
    only_a = match.unmatched(_in_order(one), [found.a for found in both])
    only_b = match.unmatched(_in_order(other), [found.b for found in both])
    against = _against(only_a, only_b, told, pair)
    if not times.far_apart(pair):
        against += contradicting_speakers(both, pair)
    only_a = match.unmatched(only_a, [conflict.a for conflict in against])
    only_b = match.unmatched(only_b, [conflict.b for conflict in against])
    return Facts(
        tuple(both),
        tuple(match.without_bare(only_a, [found.a for found in both])),
        tuple(match.without_bare(only_b, [found.b for found in both])),
        tuple(against),
    )


def _against(
    only_a: list[Fact],
    only_b: list[Fact],
    told: Sequence[SaidAlike],
    pair: Pair,
) -> list[Conflict]:
    """What contradicts each other, by sentence: tolls first, then all else by its kind."""
    one, other = pair.facts
    of_one_time = times.of_one_time(told, (one["date"], other["date"]), pair)
    counted, tolls = toll_pairs(one["number"], other["number"], told, pair)
    found = contradicting_tolls(counted, (*only_a, *only_b), of_one_time, pair)
    left_a, left_b = (match.unmatched(side, tolls) for side in (only_a, only_b))
    # Another day and another toll is another event.
    other_events = {(t.said.a, t.said.b) for t in counted if t.a.value != t.b.value}
    of_one_event = [said for said in told if (said.a, said.b) not in other_events]
    for counts, like in ((True, of_one_time), (False, of_one_event)):
        kinds = [kind for kind in KINDS if (kind.name == "number") == counts]
        all_a, all_b = (
            [fact for kind in kinds for fact in side[kind.name]] for side in (one, other)
        )
        found += differ.conflicts(
            kinds, differ.OnesOwn(left_a, all_a), differ.OnesOwn(left_b, all_b), like, pair
        )
    dated = (replace(one, update=times.is_update(one, pair)) for one in found)
    apart = times.far_apart(pair)
    return sorted(
        (conflict for conflict in dated if conflict.update or not apart),
        key=lambda conflict: (conflict.sentence_a, conflict.sentence_b),
    )


def _in_order(gathered: Gathered) -> Iterator[Fact]:
    return (fact for kind in KINDS for fact in gathered[kind.name])
