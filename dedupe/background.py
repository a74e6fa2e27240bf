"""Pairs of characters that meet across words, in scripts whose words stand without spaces.

A list of words tells how common the pairs inside of words are. Most pairs of a text in Chinese,
Japanese or Korean lie across two words, or across a word and its particle or ending: as they are in
no list, they would all count as rare, and what any two texts share would tie them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from dedupe.spelling import CLASS_MASK, IDEOGRAM, characters

LEAST_SHARE = 5e-6
"""Pairs that are rarer than this are left out: there are very many."""


def pairs_across_words(shares: Mapping[str, float]) -> dict[str, float]:
    """Share of all words at whose end each pair of characters is met, by a word list's shares.

    One word is taken to say nothing of the next: the share of words that end in the first
    character times that of words that begin with the second.
    """
    table = characters()
    ends: defaultdict[str, float] = defaultdict(float)
    starts: defaultdict[str, float] = defaultdict(float)
    for word, share in shares.items():
        starts[word[0]] += share
        ends[word[-1]] += share
    openings: defaultdict[str, float] = defaultdict(float)
    for character, share in starts.items():
        if table.kinds[ord(character)] & CLASS_MASK == IDEOGRAM:
            openings[table.spelt(character)] += share
    found: dict[str, float] = {}
    ranked = sorted(openings.items(), key=lambda pair: -pair[1])
    for character, share in ends.items():
        if table.kinds[ord(character)] & CLASS_MASK != IDEOGRAM:
            continue
        for start, other in ranked:
            if share * other < LEAST_SHARE:
                break
            pair = table.spelt(character) + start
            found[pair] = found.get(pair, 0.0) + share * other
    return found
