"""The terms of two articles: what they share and its part in the cosine, what only one has."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedupe.compare.background import frequency, idf
from dedupe.compare.words import Word, story_terms
from dedupe.model_compare import OwnTerm, Part, SharedTerm, Span
from dedupe.text import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TELLING = 25
"""Terms of one side only that are given for each article."""
NAME_WEIGHT = 1.0
"""Added to the count of a term that is written as a name somewhere."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one article, in order, each with its place."""

    texts: tuple[str, ...]
    spans: tuple[Span, ...]
    names: frozenset[str]
    """Those written as a name somewhere."""

    def places(self) -> dict[str, list[Span]]:
        """All places of each term."""
        found: dict[str, list[Span]] = {}
        for text, span in zip(self.texts, self.spans, strict=True):
            found.setdefault(text, []).append(span)
        return found


def terms(title: Sequence[Word], text: Sequence[Word]) -> Terms:
    """The terms of an article from its title's words and its text's."""
    texts: list[str] = []
    places: list[Span] = []
    names: set[str] = set()
    parts: tuple[tuple[Part, Sequence[Word]], ...] = (("title", title), ("text", text))
    for part, found in parts:
        found_terms = story_terms(list(found))
        texts += [gram.text for gram in found_terms]
        places += [Span(part, gram.start, gram.end) for gram in found_terms]
        names.update(gram.text for gram in found_terms if gram.flags & NAME)
    return Terms(tuple(texts), tuple(places), frozenset(names))


def weights(a: Terms, b: Terms, lang: str) -> tuple[dict[str, float], dict[str, float]]:
    """TF-IDF weights of the terms of two articles, each of unit length (or empty).

    Counts are dampened, 1 + log(count), after a name's count was raised.
    """
    counts = [Counter(side.texts) for side in (a, b)]
    common = frequency((*a.texts, *b.texts), lang)
    rare = {t: idf((t in counts[0]) + (t in counts[1]), f) for t, f in common.items()}
    found_a, found_b = (
        _unit(
            {
                term: (1 + math.log(n + NAME_WEIGHT * (term in side.names))) * rare[term]
                for term, n in count.items()
            }
        )
        for side, count in zip((a, b), counts, strict=True)
    )
    return found_a, found_b


def _unit(raw: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(math.fsum(w * w for w in raw.values()))
    return {term: w / length for term, w in raw.items()} if length else {}


def cosine(shared: Iterable[SharedTerm]) -> float:
    """The cosine of two articles: the sum of what their shared terms add to it."""
    return min(math.fsum(term.share for term in shared), 1.0)


def compare_terms(
    a: Terms, b: Terms, lang: str
) -> tuple[tuple[SharedTerm, ...], tuple[OwnTerm, ...], tuple[OwnTerm, ...]]:
    """Shared terms, largest share first; the most telling terms of the first, of the second."""
    weights_a, weights_b = weights(a, b, lang)
    places_a, places_b = a.places(), b.places()
    shared = [
        SharedTerm(t, w * weights_b[t], tuple(places_a[t]), tuple(places_b[t]))
        for t, w in weights_a.items()
        if t in weights_b
    ]
    shared.sort(key=lambda term: (-term.share, term.text))
    return tuple(shared), _own(weights_a, weights_b, places_a), _own(weights_b, weights_a, places_b)


def _own(
    weight: Mapping[str, float], other: Mapping[str, float], places: Mapping[str, list[Span]]
) -> tuple[OwnTerm, ...]:
    own = sorted(weight.keys() - other.keys(), key=lambda t: (-weight[t], places[t][0].start, t))
    return tuple(OwnTerm(t, weight[t], tuple(places[t])) for t in own[:TELLING])
