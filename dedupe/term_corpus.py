"""A corpus as stories see it: what is asked of n articles by what their terms weigh.

Wherever the terms lie, all that comes of them is told in pairs, or of few articles at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from dedupe.candidates import TellingTerms, heaviest_terms
from dedupe.evidence import TEMPLATE_AGREEMENT
from dedupe.score import cosines, overlaps
from dedupe.sharing import TermsInCommon, terms_in_common

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from dedupe.sketch import Sketch
    from dedupe.weigh import TermRows, Weights

SOME = 1 << 16
"""Pairs that are looked at together."""


class NearPairs(NamedTuple):
    """m pairs of articles that have enough in common to be judged."""

    pairs: NDArray[np.int32]
    """(m, 2)"""
    cosine: NDArray[np.float32]
    in_common: Callable[[slice], TermsInCommon]
    """As in evidence.Window, and the next likewise."""
    containment: Callable[[NDArray[np.int64]], NDArray[np.float64]] | None
    """None where it is to be asked for of many pairs together, see ``template``."""
    template: NDArray[np.bool_]
    """There: which pairs may be of one template, by their signatures (m,); of no others is it
    asked. Else (0,)."""


class TermCorpus(Protocol):
    """n articles in the order of their ids."""

    def heaviest(self, chosen: NDArray[np.int32], most: int) -> TellingTerms:
        """The ``most`` heaviest terms of each of some articles (k,)."""

    def near(self, pairs: NDArray[np.int32], least: float) -> NearPairs:
        """Those of the pairs (m, 2) whose cosine is at least that, in their order."""

    def cosines(self, pairs: NDArray[np.int32]) -> NDArray[np.float32]:
        """Cosines of pairs (m, 2)."""

    def rows(self, chosen: NDArray[np.int32]) -> TermRows:
        """Rows of all n articles, of which those of the chosen ones (k,) are filled at least."""


class TermsAtHand:
    """Terms that are in this process, with the sketches."""

    def __init__(self, weights: Weights, sketched: Sketch, executor: Executor) -> None:
        self._weights, self._sketch, self._executor = weights, sketched, executor

    def heaviest(self, chosen: NDArray[np.int32], most: int) -> TellingTerms:
        """The ``most`` heaviest terms of each of some articles (k,), on all threads."""
        return heaviest_terms(self._weights, chosen, most, self._executor)

    def near(self, pairs: NDArray[np.int32], least: float) -> NearPairs:
        """Those of the pairs (m, 2) whose cosine is at least that, in their order."""
        cosine = self.cosines(pairs)
        kept = cosine >= least
        if not kept.all():
            pairs, cosine = pairs[kept], cosine[kept]

        def containment(at: NDArray[np.int64]) -> NDArray[np.float64]:
            found, near = np.zeros(len(at)), of_one_template(self._sketch.signatures, pairs[at])
            # On the thread that asks: it may be one of the executor's own.
            found[near] = overlaps(self._sketch, pairs[at[near]]).containment
            return found

        in_common = terms_in_common(self._weights, pairs)
        return NearPairs(pairs, cosine, in_common, containment, np.empty(0, np.bool_))

    def cosines(self, pairs: NDArray[np.int32]) -> NDArray[np.float32]:
        """Cosines of pairs (m, 2), on all threads."""
        return cosines(self._weights, pairs, self._executor, SOME)

    def rows(self, chosen: NDArray[np.int32]) -> TermRows:  # noqa: ARG002 - all are at hand
        """Rows of all n articles."""
        return self._weights.term_rows


def of_one_template(signatures: NDArray[np.uint32], pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which pairs (m, 2) may be, by their signatures: of these shingles are compared (m,)."""
    from dedupe.kernels.bands import agreements

    return np.asarray(agreements(signatures, pairs) >= TEMPLATE_AGREEMENT)


def some_places(count: int) -> Iterator[slice]:
    """So many pairs, some at a time."""
    return (slice(first, first + SOME) for first in range(0, count, SOME))
