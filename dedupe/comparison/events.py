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
from dedupe.lexicon import UNSPACED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedupe.comparison.align import Features
    from dedupe.comparison.reading import Read
    from dedupe.model_compare import Alignment

NAME, DATE, NUMBER = "name ", "date ", "number "
"""With which the features of facts begin, see ``align.features_of``."""
SENTENCES_ALIKE = 0.35
"""Cosine of two sentences from which they tell of one event."""
RARE = 4e-4
"""Frequency under which a word that two sentences share says something of their event."""
ANCHORS = 1.0
"""What the heads of two reports must name together: a name or a rare word."""
GRAM, DAY = 0.5, 0.5
"""What a pair of characters counts, as one word of a script without spaces is two or three; and a
weekday or month, which is one of few."""
FEWEST, HAN_LETTERS = 28, 4
"""Letters from which a sentence is more than a time stamp, and those that a Han character is."""
_HAN, _LETTER = regex.compile(r"\p{Han}"), regex.compile(r"[\p{L}\p{M}--\p{Han}]", regex.V1)
_GRAM = regex.compile(rf"[{UNSPACED}]")


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
    anchors = _Anchors(features, read)
    found = [
        anchors.told(said.a, said.b, said.cosine, alike=True)
        for said in sorted(alike, key=lambda said: -said.cosine)
    ]
    if one_story and anchors.tie_heads():
        cosines = {(said.a, said.b): said.cosine for said in alignments}
        held = {(said.a, said.b) for said in alike}
        tied = [
            anchors.told(i, j, cosines.get((i, j), 0.0), alike=False)
            for i, j in product(*anchors.heads)
            if (i, j) not in held
        ]
        found += sorted(tied, key=lambda one: (-one.anchors, one.a, one.b))
    more = [[_says_more(sentence.text) for sentence in one.sentences] for one in read]
    return [one for one in found if more[0][one.a] and more[1][one.b]]


class _Anchors:
    """What the sentences of two articles name: names, days, and rare words."""

    def __init__(self, features: Sequence[Features], read: Sequence[Read]) -> None:
        self._features, self._read = features, read
        self._days = [_stemmed((*r.language.weekdays, *r.language.months), r) for r in read]
        self._measures = [_stemmed((*r.language.units, *r.language.magnitudes), r) for r in read]
        self._found: dict[tuple[int, int], frozenset[str]] = {}
        self.heads = [range(min(HEAD, len(one.sentences))) for one in read]
        one, other = (
            frozenset().union(*(self._of(side, i) for i in self.heads[side])) for side in (0, 1)
        )
        self._named = one & other
        self._names = {feature for feature in self._named if _is_name(feature)}
        self._uncased = not any(
            word.flags & CAPITAL
            for one, head in zip(read, self.heads, strict=True)
            for i in head
            for word in one.words_in(i)
        )

    def tie_heads(self) -> bool:
        """Whether the heads of both reports name something together."""
        return self._weight(self._named) >= ANCHORS

    def told(self, i: int, j: int, cosine: float, *, alike: bool) -> SaidAlike:
        """Two sentences; where both stand at the head, with what they name together."""
        if i not in self.heads[0] or j not in self.heads[1]:
            return SaidAlike(i, j, cosine, 0.0, 0, alike=alike, heading=False)
        # What a head names holds for each of its sentences.
        shared = (self._of(0, i) & self._of(1, j)) | self._names
        names, weight = sum(map(_is_name, shared)), self._weight(shared)
        if self._uncased and not names:  # a rare word stands for the name that nobody sees
            names, weight = 1, weight - 1
        return SaidAlike(i, j, cosine, weight, names, alike=alike, heading=True)

    def _of(self, side: int, sentence: int) -> frozenset[str]:
        """What a sentence names; no numbers, and no units."""
        if (side, sentence) not in self._found:
            features, days = self._features[side], self._days[side]
            self._found[side, sentence] = frozenset(
                self._rarest(feature, side) if _is_name(feature) else feature
                for feature in features.sentences[sentence]
                if (features.frequency.get(feature, 0.0) < RARE or feature in days)
                and not feature.startswith(NUMBER)
                and feature not in self._measures[side]
            )
        return self._found[side, sentence]

    def _rarest(self, feature: str, side: int) -> str:
        """A name by its rarest word: ``La Vega Baja`` is ``Vega Baja``."""
        stems = self._read[side].parts["text"].stems
        frequency = self._features[side].frequency
        words = reversed(feature.removeprefix(NAME).split())
        return NAME + min(words, key=lambda word: frequency.get(stems.get(word, word), 0.0))

    def _weight(self, shared: Iterable[str]) -> float:
        days = self._days[0]
        return sum(
            DAY if feature in days or feature.startswith(DATE)
            else GRAM if _GRAM.match(feature) else 1.0
            for feature in shared
        )  # fmt: skip


def _is_name(feature: str) -> bool:
    return feature.startswith(NAME)


def _stemmed(words: Iterable[str], read: Read) -> set[str]:
    stems = read.parts["text"].stems
    return {stems.get(word, word) for word in words}


def _best_for_both(alignments: Sequence[Alignment]) -> list[Alignment]:
    """The alignments in which each sentence is the other's best counterpart."""
    best: dict[tuple[str, int], float] = defaultdict(float)
    for p in alignments:
        for side in (("a", p.a), ("b", p.b)):
            best[side] = max(best[side], p.cosine)
    return [p for p in alignments if p.cosine == best["a", p.a] == best["b", p.b]]


def _says_more(sentence: str) -> bool:
    """Whether a sentence says more than a time stamp (``Updated: May 24, 3:23 PM``) does."""
    return HAN_LETTERS * len(_HAN.findall(sentence)) + len(_LETTER.findall(sentence)) >= FEWEST
