"""The worst mistakes of a grouping, each with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedupe.explain import match_of, story_terms
from dedupe.model import Match, Story

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from dedupe.analysis import Analysis
    from dedupe.model import Member, Term


@dataclass(frozen=True, slots=True)
class Mistake:
    """Two articles that were put together, or kept apart, against their labels."""

    a: Member
    b: Member
    gold_a: str
    gold_b: str
    """Their true stories; of a labelled pair both are its label."""
    match: Match
    """Scores and, where the pair was scored, evidence."""
    terms: tuple[Term, ...]
    """Telling terms that both hold."""
    others: int
    """Further pairs with the same mistake: of the same gold stories and found stories."""


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Those that tell most; of pairs with one cause (same stories, gold and found) one is shown."""

    merged: tuple[Mistake, ...]
    """Of two gold stories, in one found story; the surest first."""
    split_alike: tuple[Mistake, ...]
    """Of one gold story, in two found stories; the most alike by cosine first."""
    split_unlike: tuple[Mistake, ...]
    """The same, the least alike first: what no likeness of words can find, or a wrong label."""


@dataclass(frozen=True, slots=True)
class Causes:
    """What makes two wrong pairs one mistake: the gold and found stories of n articles."""

    gold: NDArray[np.int64]
    """Number of the gold story (n,), -1 for an unlabelled article."""
    found: NDArray[np.int64]

    def wrongly_merged(self, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those of the pairs that are in one found story, but in two gold stories."""
        return pairs[self._labelled(pairs) & ~_one(self.gold, pairs) & _one(self.found, pairs)]

    def wrongly_split(self, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those of the pairs that are in one gold story, but in two found stories."""
        return pairs[self._labelled(pairs) & _one(self.gold, pairs) & ~_one(self.found, pairs)]

    def first_of_each(self, pairs: NDArray[np.int32], most: int) -> Iterator[tuple[int, int, int]]:
        """The first pair of each cause, at most ``most``, and how many more pairs it has."""
        seen: set[tuple[tuple[int, int], ...]] = set()
        sizes = self._sizes()
        for a, b in pairs.tolist():
            if len(seen) >= most:
                return
            cells = [(int(self.gold[i]), int(self.found[i])) for i in (a, b)]
            cause = tuple(sorted(cells))
            if cause not in seen:
                seen.add(cause)
                yield a, b, sizes[cells[0]] * sizes[cells[1]] - 1

    def _sizes(self) -> dict[tuple[int, int], int]:
        cells = np.stack((self.gold, self.found), axis=1)[self.gold >= 0]
        kinds, counts = np.unique(cells, axis=0, return_counts=True)
        return {(int(g), int(f)): int(c) for (g, f), c in zip(kinds, counts, strict=True)}

    def _labelled(self, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
        return np.asarray((self.gold[pairs] >= 0).all(axis=1))


def _one(groups: NDArray[np.int64], pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.asarray(groups[pairs[:, 0]] == groups[pairs[:, 1]])


def surest_first(analysis: Analysis, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """Pairs by their story score, highest first; ties in the order of ids."""
    scores = np.nan_to_num(analysis.story_scores(pairs), nan=-1.0)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0], -scores))]


def most_alike_first(analysis: Analysis, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """Pairs by their cosine, highest first; ties in the order of ids."""
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0], -analysis.cosines(pairs)))]


class Describer:
    """Mistakes out of pairs of places among the articles."""

    def __init__(self, analysis: Analysis, members: Iterable[Member]) -> None:
        self._analysis = analysis
        self._members = {member.id: member for member in members}

    def mistake(self, a: int, b: int, gold: tuple[str, str], others: int) -> Mistake:
        """What is to be known of one pair."""
        ids = self._analysis.articles.ids
        one, other = self._members[ids[a]], self._members[ids[b]]
        terms = story_terms(self._analysis, Story("", (one, other)))
        return Mistake(one, other, *gold, match_of(self._analysis, b, a), terms, others)
