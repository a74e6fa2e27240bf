"""Which sentences of two reports tell of one event, though they share few words.

Two agencies tell one toll in sentences that have a place, a day and an event in common, and
nothing else. Like sentences are told by their cosine; beyond these, sentences at the head of both
reports, where the news stands, are tied by what they name together.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

import regex

from dedupe.comparison.facts.kind import HEAD, SaidAlike
from dedupe.comparison.words import CAPITAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedupe.comparison.align import Features
    from dedupe.comparison.reading import Read
    from dedupe.model_compare import Alignment

NAME, DATE = "name ", "date "
"""With which the features of names and dates begin, see ``align.features_of``."""
SENTENCES_ALIKE = 0.35
"""Cosine of two sentences from which they tell of one event."""
RARE = 4e-4
"""Frequency under which a word that two sentences share says something of their event."""
ANCHORS = 1.0
"""What the heads of two reports must name together: a name or a rare word."""
GRAM, DAY = 0.5, 0.5
"""What a pair of characters counts, as one word of a script without spaces is two or three; and a
weekday or month, which is one of few."""
FEWEST_LETTERS = 28
"""Letters (a Han character counts for four) from which a sentence is more than a time stamp."""
_LETTER = regex.compile(r"(\p{Han})|[\p{L}\p{M}]")
_GRAM = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")


def sentences_of_one_event(
    alignments: Sequence[Alignment],
    features: Sequence[Features],
    read: Sequence[Read],
    *,
    one_story: bool,
) -> list[SaidAlike]:
    """Pairs of sentences that tell of one event, like ones first, then by what they share.

    Unlike sentences are tied only of reports of ``one_story``.
    """
    alike = [said for said in _best_for_both(alignments) if said.cosine >= SENTENCES_ALIKE]
    a, b = (_anchors(*side) for side in zip(features, read, strict=True))

    heads = [range(min(HEAD, len(one.sentences))) for one in read]
    named: set[str] = set().union(*(a[i] for i in heads[0])) & set().union(
        *(b[j] for j in heads[1])
    )

    uncased = not any(word.flags & CAPITAL for one in read for word in one.parts["text"].words)

    def told(i: int, j: int, cosine: float, *, alike: bool) -> SaidAlike:
        shared = a[i] & b[j]
        if i in heads[0] and j in heads[1]:  # what a head names holds for each of its sentences
            shared |= {feature for feature in named if feature.startswith(NAME)}
        names = sum(feature.startswith(NAME) for feature in shared)
        weight = _weight(shared, read)
        if uncased and not names:  # a rare word stands for the name that nobody sees
            names, weight = 1, weight - 1
        heading = i in heads[0] and j in heads[1]
        return SaidAlike(i, j, cosine, weight, names, alike=alike, heading=heading)

    found = [
        told(said.a, said.b, said.cosine, alike=True)
        for said in sorted(alike, key=lambda said: -said.cosine)
    ]
    if one_story and _weight(named, read) >= ANCHORS:
        cosines = {(said.a, said.b): said.cosine for said in alignments}
        held = {(said.a, said.b) for said in alike}
        tied = [
            told(i, j, cosines.get((i, j), 0.0), alike=False)
            for i, j in product(*heads)
            if (i, j) not in held
        ]
        found += sorted(tied, key=lambda one: (-one.anchors, one.a, one.b))
    return [one for one in found if _say_more((one.a, one.b), read)]


def _anchors(features: Features, read: Read) -> list[set[str]]:
    """What each sentence names: names, days of the calendar, and rare words; no numbers, units."""
    language, days = read.language, _days(read)
    measures = _stemmed((*language.units, *language.magnitudes), read)
    return [
        {
            _rarest(feature, features, read)
            for feature in sentence
            if (features.frequency.get(feature, 0.0) < RARE or feature in days)
            and not feature.startswith("number ")
            and feature not in measures
        }
        for sentence in features.sentences
    ]


def _rarest(feature: str, features: Features, read: Read) -> str:
    """A name by its rarest word: ``La Vega Baja`` is ``Vega Baja``."""
    if not feature.startswith(NAME):
        return feature
    stems, frequency = read.parts["text"].stems, features.frequency
    words = feature.removeprefix(NAME).split()
    return NAME + min(reversed(words), key=lambda word: frequency.get(stems.get(word, word), 0.0))


def _days(read: Read) -> set[str]:
    """Stems of weekdays and months."""
    return _stemmed((*read.language.weekdays, *read.language.months), read)


def _stemmed(words: Iterable[str], read: Read) -> set[str]:
    stems = read.parts["text"].stems
    return {stems.get(word, word) for word in words}


def _weight(shared: Iterable[str], read: Sequence[Read]) -> float:
    days = _days(read[0])
    return sum(
        DAY
        if feature in days or feature.startswith(DATE)
        else GRAM
        if _GRAM.match(feature)
        else 1.0
        for feature in shared
    )


def _best_for_both(alignments: Sequence[Alignment]) -> list[Alignment]:
    """The alignments in which each sentence is the other's best counterpart."""
    best: dict[tuple[str, int], float] = defaultdict(float)
    for p in alignments:
        for side in (("a", p.a), ("b", p.b)):
            best[side] = max(best[side], p.cosine)
    return [p for p in alignments if p.cosine == best["a", p.a] == best["b", p.b]]


def _say_more(places: tuple[int, int], read: Sequence[Read]) -> bool:
    """Whether both sentences say more than a time stamp (``Updated: May 24, 3:23 PM``) does."""
    both = (one.sentences[i].text for one, i in zip(read, places, strict=True))
    counted = (sum(4 if han else 1 for han in _LETTER.findall(text)) for text in both)
    return min(counted) >= FEWEST_LETTERS
