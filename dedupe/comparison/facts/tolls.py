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

from dedupe.comparison.facts.differ import NEARLY, of_other_years, rounds, within
from dedupe.comparison.facts.kind import free
from dedupe.comparison.facts.match import NAMED_UNITS, number_about
from dedupe.comparison.facts.times import is_update
from dedupe.comparison.reading import by_stem
from dedupe.lexicon import UNSPACED, Language, any_of, forms_in, pattern, phrases
from dedupe.model_compare import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dedupe.comparison.facts.kind import Pair, SaidAlike
    from dedupe.comparison.reading import Read, Reading
    from dedupe.model_compare import Fact, Span

FARTHEST, FARTHEST_BEFORE, FARTHEST_BARE, FARTHEST_CHANGED = 10, 4, 2, 16
"""Words between a number and what happened to those it counts, behind it and before it; before
one of nothing (``died at the age of 57``); and before it where the sentence tells of a change:
``the toll of the fire in the mine rose to 16``."""
PERSON = "person"
NEVER = 1 << 10
"""Words of a distance that no number is given over."""
CLAUSE = 3
"""Words that the end of a clause between both counts for."""
PART_WINDOW = 24
"""Code points beside a number in which it is said to be a part of another one."""
FAR_FROM_BOUND = Decimal("1.25")
"""How far a number may lie above what another report gives as the least, as a share of it."""
FEW = 10
"""Up to which tolls that differ by one do not contradict each other."""
SURPASSED = 20
"""How many times another toll one may be; beyond that they are of two events."""
HEDGE_WORDS = 3
"""Words of the longest hedge: ``at least some``."""
BEFORE_ONE = 3
"""Words before a fate that say that it was one's: ``one man was killed``."""
_COMMA = regex.compile(r"\s?[,)），]")
_YEAR_OLD = regex.compile(r"[\s-]+years?[\s-]+old", regex.IGNORECASE)
APOSTROPHES = "'", "’"
"""Before the last two digits of a year: ``in ’91``."""
_DAY = regex.compile("[日号號일]")
_CLAUSE = regex.compile(r"[,;:，；：\"“”„»«」』]")
_AMONG = r"(?i)(?<![\p{{L}}\p{{M}}])(?:{})\s+\Z"


class Fate(NamedTuple):
    """What a word or phrase says happened to those who are counted."""

    start: int
    end: int
    text: str
    """Folded."""
    what: str
    """As :attr:`dedupe.lexicon.Language.tolls`."""


@cache
def _parts(language: Language) -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    """What says before a number, and after it, that it is a part of another one."""
    subsets = any_of(language.subsets)
    one_word = r"(?:\s+[\p{L}\p{M}]+)?[\s:]*\Z"
    return (
        regex.compile(
            rf"(?:\A|[^\p{{L}}\p{{M}}]|(?<=[{UNSPACED}]))(?:{subsets}){one_word}", regex.I
        ),
        regex.compile(rf"\A\s*(?:{subsets})(?![\p{{L}}\p{{M}}])", regex.I),
    )


def _is_part(span: Span, read: Read) -> bool:
    """Whether a number is said to be a part of another one, or more than it: no toll of its own."""
    reading = read.parts[span.part]
    if _among(span.start, reading):
        return False
    if {word.text for word in reading.words_at(span)} & reading.language.further:
        return True
    before = reading.text[max(0, span.start - PART_WINDOW) : span.start]
    after = reading.text[span.end : span.end + PART_WINDOW]
    return any(
        part.search(beside)
        for part, beside in zip(_parts(reading.language), (before, after), strict=True)
    )


def _is_day(span: Span, read: Read) -> bool:
    """Whether a number is that of a day of this month: ``22日``."""
    return bool(_DAY.match(read.parts[span.part].text, span.end))


def _is_age(span: Span, read: Read) -> bool:
    """Whether a number of nothing is set off: ``Mallory, 72, was``, ``both 16, were``."""
    text = read.parts[span.part].text
    if _YEAR_OLD.match(text, span.end) or text.endswith(APOSTROPHES, 0, span.start):
        return True
    bare = text[span.start : span.end].isdigit()
    return bare and bool(_COMMA.match(text, span.end))


def tolls(facts: Iterable[Fact], read: Read) -> dict[tuple[int, str], list[Fact]]:
    """The numbers of each sentence by what happened to those counted, each number under one.

    Of several words for it a number takes the nearest that no nearer number takes.
    """
    counted: dict[int, list[tuple[Span, Fact]]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "number" and fact.unit not in NAMED_UNITS and fact.value.isdigit():
            for mention in fact.mentions:
                if not _is_part(mention.span, read) and not _is_day(mention.span, read):
                    counted[mention.sentence].append((mention.span, fact))
    found: dict[tuple[int, str], list[Fact]] = defaultdict(list)
    for sentence, numbers in counted.items():
        for fact, fate in _paired(sorted(numbers, key=_place), sentence, read):
            found[sentence, fate].append(fact)
    return found


def _place(number: tuple[Span, Fact]) -> int:
    return number[0].start


def _paired(
    numbers: Sequence[tuple[Span, Fact]], sentence: int, read: Read
) -> Iterable[tuple[Fact, str]]:
    inside = read.sentences[sentence].span
    reading = read.parts[inside.part]
    language = reading.language
    spans = [span for span, _ in numbers]
    fates = _fates(inside, spans, reading)
    wholes = [at for at, (span, _) in enumerate(numbers) if _among(span.start, reading)]
    changed = bool(phrases(language.changed).search(reading.text, inside.start, inside.end))
    near = []
    for at in range(wholes[-1] if wholes else 0, len(numbers)):
        span, fact = numbers[at]
        for place, fate in enumerate(fates):
            distance, between, before = _distance(fact, span, fate, reading)
            if distance <= (_farthest_before(fact, changed=changed) if before else FARTHEST):
                near.append((distance, between, before, at, place))
    taken: set[int] = set()
    used: set[int] = set()
    for distance, _, before, at, place in sorted(near):
        if at not in taken and place not in used:
            taken.add(at)
            used.add(place)
            span, fact = numbers[at]
            if _is_age(span, read) and not (before and distance <= 1):
                continue
            yield fact, fates[place].what


def _farthest_before(fact: Fact, *, changed: bool) -> int:
    """Words that may stand between a fate and a number behind it."""
    if changed:
        return FARTHEST_CHANGED
    return FARTHEST_BEFORE if fact.of or fact.unit == PERSON else FARTHEST_BARE


def _distance(fact: Fact, span: Span, fate: Fate, reading: Reading) -> tuple[int, int, bool]:
    """Words between a number and a fate, as they count and all, and whether the fate is before."""
    first, last = reading.index_at(span.start), reading.index_at(span.end)
    word, language = reading.index_at(fate.start), reading.language
    if word >= first:
        # A word inside of the number's own place is what it counts: ``84 dead``.
        between = max(word - last, 0)
        clause = _CLAUSE.search(reading.text, span.end, fate.start) if word > last else None
        active = fate.text in language.active_tolls
        return (NEVER if active else between + CLAUSE * bool(clause)), between, False
    between = first - reading.index_at(fate.end)
    definite = reading.words[first - 1].text in language.definite  # "the 2300 block of the street"
    if definite or _CLAUSE.search(reading.text, fate.end, span.start):
        return NEVER, between, True
    # "Killing at least 10 people, injuring dozens": what hedges is no distance.
    return (0 if fact.qualifier and between <= HEDGE_WORDS else between), between, True


def _fates(inside: Span, numbers: Sequence[Span], reading: Reading) -> list[Fate]:
    """The fates of a sentence, but for those of one alone, and of a whole that is not told.

    ``Killing one visitor``; ``among the dead are 22 foreigners``, which counts a part of them.
    """
    tolls = reading.language.tolls
    found = [
        Fate(start, end, form, tolls[form])
        for start, end, form in forms_in(tolls, reading.text, inside.start, inside.end)
    ]
    if reading.language.inflects_names:
        found += free(_inflected(inside, reading), found)
    return [
        fate
        for fate in found
        if not _of_one(fate, numbers, reading) and not _among(fate.start, reading)
    ]


def _inflected(inside: Span, reading: Reading) -> Iterator[Fate]:
    """The words of a sentence that have the stem of a word for a fate."""
    stemmed = by_stem(reading.language, "tolls")
    for word in reading.words_at(inside):
        if word.end <= inside.end and (what := stemmed.get(reading.stems[word.text])):
            yield Fate(word.start, word.end, word.text, what)


def _of_one(fate: Fate, numbers: Sequence[Span], reading: Reading) -> bool:
    language, words = reading.language, reading.words
    first, last = reading.index_at(fate.start), reading.index_at(fate.end)
    before = {word.text for word in free(words[max(0, first - BEFORE_ONE) : first], numbers)}
    if before & language.one:
        return True
    following = {word.text for word in free(words[last : last + 1], numbers)}
    active = fate.text in language.active_tolls
    return active and bool(following & (language.articles | language.one))


def _among(start: int, reading: Reading) -> bool:
    """Whether what begins at ``start`` is a whole of which something is told: ``of the 84``."""
    before = reading.text[max(0, start - PART_WINDOW) : start]
    return bool(pattern(_AMONG, reading.language.among).search(before))


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
                new = fate not in settled and not _may_be_part(one[0], other[0], pair)
                if (said.alike or new) and not of_other_years(said, pair):
                    found.append(TollPair(one[0], other[0], fate, said))
                settled.add(fate)
    return found, every


def _may_be_part(a: Fact, b: Fact, pair: Pair) -> bool:
    """Whether the smaller of two tolls is of people of one kind: ``two women``, ``nine people``."""
    less, language = (a, pair.a.language) if int(a.value) < int(b.value) else (b, pair.b.language)
    return a.unit != b.unit and less.unit in language.groups_of_people


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
    found: Sequence[TollPair],
    alone: Iterable[Fact],
    of_one_time: Sequence[SaidAlike],
    pair: Pair,
) -> list[Conflict]:
    """Conflicts among tolls that one side gives alone, in sentences that speak of one time.

    Of an update both sides may give the older value, the later one beside its own: ``up from 60``.
    """
    held = [_sentences_by_value(facts["number"]) for facts in pair.facts]
    own, timed = {id(fact) for fact in alone}, {(said.a, said.b) for said in of_one_time}
    conflicts: dict[tuple[int, int], Conflict] = {}
    for a, b, fate, said in found:
        if (said.a, said.b) not in timed or not _differ(a, b):
            continue
        one, other = id(a) in own, id(b) in own
        label = _label(a, b, fate, pair.a.language)
        conflict = Conflict(a, b, label, said.a, said.b)
        beside = (other and said.b in held[1][a.value]) or (one and said.a in held[0][b.value])
        if (one and other) or (beside and is_update(conflict, pair)):
            conflicts.setdefault((id(a), id(b)), conflict)
    return list(conflicts.values())


def _sentences_by_value(numbers: Iterable[Fact]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for fact in numbers:
        found[fact.value] |= {mention.sentence for mention in fact.mentions}
    return found


def _label(a: Fact, b: Fact, fate: str, language: Language) -> str:
    """What both count, where they say more than that they were people, or what befell these."""
    about = number_about(a)
    nameless = {"", "person", *by_stem(language, "tolls")}
    return about if about == number_about(b) and about not in nameless else fate


def _differ(a: Fact, b: Fact) -> bool:
    """Whether two tolls are two statements: not one rounded, and not one the bound of the other."""
    try:
        x, y = Decimal(a.value), Decimal(b.value)
    except InvalidOperation:
        return False
    if x == y or rounds(x, y) or rounds(y, x):
        return False
    low, high = sorted((x, y))
    # The ninth may be a baby or the one who did it, whom the other report names apart.
    if high > low * SURPASSED or (high - low == 1 and high <= FEW):
        return False
    if a.qualifier == b.qualifier and a.qualifier in ("over", "under"):
        return high > low * (1 + NEARLY)
    if "about" in (a.qualifier, b.qualifier):
        return high > low * FAR_FROM_BOUND
    return not (within(a, x, y) or within(b, y, x)) or high > low * FAR_FROM_BOUND
