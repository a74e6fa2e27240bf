"""The terms of two articles: what they share and its part in the cosine, what only one has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedupe.compare.words import Word, story_terms
from dedupe.model_compare import OwnTerm, Part, SharedTerm, Span
from dedupe.sketch import TERM_BITS
from dedupe.text import term_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TELLING = 25
"""Terms of one side only that are given for each article."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one article by their buckets, each with its text and its places in order."""

    texts: Mapping[int, str]
    places: Mapping[int, list[Span]]


def terms(title: Sequence[Word], text: Sequence[Word]) -> Terms:
    """The terms of an article from its title's words and its text's."""
    texts: dict[int, str] = {}
    places: dict[int, list[Span]] = {}
    buckets: dict[str, int] = {}
    parts: tuple[tuple[Part, Sequence[Word]], ...] = (("title", title), ("text", text))
    for part, found in parts:
        for gram in story_terms(list(found)):
            bucket = buckets.get(gram.text)
            if bucket is None:
                bucket = term_hash(gram.text, gram.flags) >> (64 - TERM_BITS)
                buckets[gram.text] = bucket
                texts.setdefault(bucket, gram.text)
            places.setdefault(bucket, []).append(Span(part, gram.start, gram.end))
    return Terms(texts, places)


def compare_terms(
    a: Terms, b: Terms, weights: tuple[Mapping[int, float], Mapping[int, float]]
) -> tuple[tuple[SharedTerm, ...], tuple[OwnTerm, ...], tuple[OwnTerm, ...]]:
    """Shared terms, largest share first; the most telling terms of the first, of the second.

    ``weights`` are those of each article's terms, in its TF-IDF row. The shares add up to the
    cosine of the rows, where the words of both articles are given whole.
    """
    one, other = weights
    shared = [
        SharedTerm(a.texts[t], weight * other[t], tuple(a.places[t]), tuple(b.places[t]))
        for t, weight in one.items()
        if t in other and t in a.places and t in b.places
    ]
    shared.sort(key=lambda term: (-term.share, term.text))
    return tuple(shared), _own(a, b, one), _own(b, a, other)


def _own(side: Terms, other: Terms, weights: Mapping[int, float]) -> tuple[OwnTerm, ...]:
    own = [term for term in weights if term in side.places and term not in other.places]
    own.sort(key=lambda term: (-weights[term], side.places[term][0].start, side.texts[term]))
    return tuple(
        OwnTerm(side.texts[term], weights[term], tuple(side.places[term])) for term in own[:TELLING]
    )
