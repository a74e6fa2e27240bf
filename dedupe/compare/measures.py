"""How much two texts overlap word for word, and what relation follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedupe.model_compare import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.config import Settings
    from dedupe.model import Relation

STORY_SCORE = 0.5
"""Story score from which two articles are called one story."""
STORY_COSINE = 0.2
"""Cosine that stands in for it where no story score is given; unrelated pairs average 0.05."""


class Overlap(NamedTuple):
    """Exact overlap of two shingle sets."""

    jaccard: float
    a_in_b: float
    """Share of the first text's shingles that the second has."""
    b_in_a: float
    identical: bool
    """The token sequences are equal, and not empty."""


def overlap(a: Sequence[str], b: Sequence[str], words: int) -> Overlap:
    """Overlap of two token sequences by runs of ``words`` tokens, as sets.

    A text of fewer tokens is one run, an empty one has none and overlaps with nothing.
    """
    shingles_a, shingles_b = _shingles(a, words), _shingles(b, words)
    shared = len(shingles_a & shingles_b)
    union = len(shingles_a) + len(shingles_b) - shared
    return Overlap(
        shared / union if union else 0.0,
        shared / len(shingles_a) if shingles_a else 0.0,
        shared / len(shingles_b) if shingles_b else 0.0,
        bool(a) and list(a) == list(b),
    )


def _shingles(tokens: Sequence[str], words: int) -> set[tuple[str, ...]]:
    if len(tokens) < words:
        return {tuple(tokens)} if tokens else set()
    return set(zip(*(tokens[i:] for i in range(words)), strict=False))


def relation(
    found: Overlap, shortest: int, cosine: float, story: float | None, settings: Settings
) -> Relation | None:
    """The strongest relation that holds; None where not even one story is shown.

    ``shortest`` is the number of tokens of the shorter text: below a shingle's length the copy
    view can only tell that two texts are identical.
    """
    if found.identical:
        return "identical"
    if shortest >= settings.shingle_words:
        if found.jaccard >= settings.near_duplicate:
            return "near_duplicate"
        if max(found.a_in_b, found.b_in_a) >= settings.contained:
            return "contained"
    same = cosine >= STORY_COSINE if story is None else story >= STORY_SCORE
    return "same_story" if same else None


def measures(found: Overlap, cosine: float, story: float | None, words: int) -> tuple[Measure, ...]:
    """The scores of a pair, each with what it means."""
    run = f"runs of {words} words"
    scores = [
        Measure("jaccard", found.jaccard, f"share of all {run} that both texts have"),
        Measure("containment_a", found.a_in_b, f"share of the first text's {run} in the second"),
        Measure("containment_b", found.b_in_a, f"share of the second text's {run} in the first"),
        Measure("cosine", cosine, "likeness of the words used, rare words and names counting most"),
    ]
    if story is not None:
        scores.append(Measure("story", story, "probability that both report the same event"))
    return tuple(scores)
