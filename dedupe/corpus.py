"""A corpus as groups of copies see it: what is asked of n texts, wherever they lie.

What is light is at hand: how long each is, hashes of its words and of its title. All else is asked
for, and is told in pairs of texts: which may be copies, and how alike they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from dedupe.candidates import candidates, excerpt_candidates
from dedupe.novelty import Alike, Wordings, compared
from dedupe.score import Overlaps, ShingleSets, some_at_a_time

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from dedupe.buckets import Candidates
    from dedupe.config import Settings
    from dedupe.sketch import Sketch


class Comparing(Protocol):
    """What compares some of the texts with one another."""

    @property
    def ahead(self) -> int:
        """Pairs that are asked for together, where what is asked next depends on what comes of it.

        Some of them in vain; 0 where a question costs no more than what it asks for.
        """

    def compared(self, pairs: NDArray[np.int32], least: float) -> Alike:
        """Compares pairs (m, 2) word by word, see novelty.compared."""


class TextCorpus(Comparing, Protocol):
    """n texts in the order of their ids."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each (n,)."""

    @property
    def contents(self) -> NDArray[np.uint64]:
        """A hash of all tokens of each (n,)."""

    @property
    def titles(self) -> NDArray[np.uint64]:
        """A hash of the terms of each title (n,), see title_keys."""

    def meetings(self, among: NDArray[np.int32]) -> Candidates:
        """Pairs that may be near-duplicates, of texts ``among`` (k,), ascending."""

    def excerpts(self, among: NDArray[np.int32]) -> NDArray[np.int32]:
        """Pairs (m, 2) of which one may hold much of the other, of texts ``among``, ascending."""

    def among(self, rows: NDArray[np.int32]) -> Comparing:
        """What compares texts of these rows, which are asked for over and over.

        Those whose signatures agree in no value have nothing in common.
        """


class CorpusAtHand:
    """A corpus whose sketch is in this process."""

    ahead = 0

    def __init__(self, sketched: Sketch, settings: Settings, executor: Executor) -> None:
        self._sketch, self._settings, self._executor = sketched, settings, executor
        self._texts = Wordings.of(sketched, settings.shingle_words)
        self.lengths, self.contents = sketched.lengths, sketched.contents
        self.titles = title_keys(self._texts)

    def meetings(self, among: NDArray[np.int32]) -> Candidates:
        """Pairs that may be near-duplicates, by the buckets of their signatures."""
        settings = self._settings
        return candidates(
            self._sketch.signatures,
            settings.copy_bands,
            settings.copy_rows,
            limit=settings.bucket_limit,
            executor=self._executor,
            among=among,
        )

    def excerpts(self, among: NDArray[np.int32]) -> NDArray[np.int32]:
        """Pairs of which one may hold much of the other, by sampled shingles."""
        sketched = self._sketch
        return excerpt_candidates(sketched.shingles, sketched.starts, among, self._executor)

    def compared(self, pairs: NDArray[np.int32], least: float) -> Alike:
        """Compares pairs (m, 2) word by word, on all threads."""

        def part(some: NDArray[np.int32]) -> Alike:
            sets = ShingleSets.of(self._sketch, some.ravel())
            return compared(sets, some, lambda _: self._texts, least)

        return Alike.joined(list(self._executor.map(part, some_at_a_time(pairs))))

    def among(self, rows: NDArray[np.int32]) -> Comparing:
        """The same of some texts whose sets are made once, and which agree in a value."""
        sets = ShingleSets.of(self._sketch, rows)
        return _SetsAtHand(sets, self._texts, self._sketch, self._executor)


class _SetsAtHand:
    """Some of the texts, with their sets of shingles."""

    ahead = 0

    def __init__(
        self, sets: ShingleSets, texts: Wordings, sketched: Sketch, executor: Executor
    ) -> None:
        self._sets, self._texts, self._sketch, self._executor = sets, texts, sketched, executor

    def compared(self, pairs: NDArray[np.int32], least: float) -> Alike:
        """Compares pairs (m, 2) word by word, on all threads."""

        def part(some: NDArray[np.int32]) -> Alike:
            return agreeing_compared(self._sets, some, self._texts, self._sketch, (least, 1))

        return Alike.joined(list(self._executor.map(part, some_at_a_time(pairs))))


def agreeing_compared(
    sets: ShingleSets,
    pairs: NDArray[np.int32],
    texts: Wordings,
    sketched: Sketch,
    least: tuple[float, int],
) -> Alike:
    """Compares pairs (m, 2) as novelty.compared does, of a ``least`` likeness.

    And of so many values of their signatures that agree: others have nothing in common. Two of 128
    values that share a fifth agree in one at least, but for one in 10**12.
    """
    from dedupe.kernels.bands import agreements

    likeness, values = least
    if not values:
        return compared(sets, pairs, lambda _: texts, likeness)
    some = np.flatnonzero(agreements(sketched.signatures, pairs) >= values)
    found = compared(sets, pairs[some], lambda _: texts, likeness)
    # Behind them one that has nothing, for all others.
    none = Alike(Overlaps(np.zeros(1), np.zeros(1)), *(np.zeros(1, c.dtype) for c in found[1:]))
    places = np.full(len(pairs), len(some))
    places[some] = np.arange(len(some))
    return Alike.joined([found, none]).at(places)


MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""Spreads the terms of a title, so that their sum tells titles apart."""


def title_keys(texts: Wordings) -> NDArray[np.uint64]:
    """A hash of the terms of each title (n,); 0 where there is none."""
    from dedupe.kernels.terms import TITLE

    inside = np.flatnonzero(texts.flags & TITLE)
    values = (texts.buckets[inside].astype(np.uint64) + 1) * MULTIPLIER
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)))
    ends = sums[np.searchsorted(inside, texts.bounds)]
    return np.asarray(ends[1:] - ends[:-1])
