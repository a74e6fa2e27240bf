"""What pairs of articles have in common of their weighed terms: names, numbers, and what leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dedupe.weigh import Weights


class TermsInCommon(NamedTuple):
    """What m pairs of articles have in common."""

    shared: NDArray[np.float32]
    """How far names, numbers, and those of title and lead agree, see kernels.evidence: (m, 4)."""
    leading: NDArray[np.float32]
    """Terms of both titles, rarest terms that lead, all but names and numbers, one alone, and
    tickers, see kernels.evidence: (m, 7)."""


class Sharing(NamedTuple):
    """What tells of n articles what two of them have in common."""

    weights: Weights
    masses: NDArray[np.float32]
    """What names and numbers of each weigh, see kernels.evidence.row_masses: (n, 4)."""
    leads: NDArray[np.float32]
    """What leads each, see kernels.evidence.row_leads: (n, 6)."""

    @classmethod
    def of(cls, weights: Weights) -> Sharing:
        """That of articles with these weights."""
        from dedupe.kernels.evidence import row_leads, row_masses

        marked, of = weights.marked, weights.origins
        rows = (weights.columns, weights.values, of.marks, weights.bounds)
        leads = row_leads(*rows, of.kinds, of.idf, of.spoken)
        return cls(weights, row_masses(marked.masses, marked.flags, marked.bounds), leads)

    def in_common(self, pairs: NDArray[np.int32]) -> TermsInCommon:
        """What pairs (m, 2) have in common; cheapest in runs of one first article."""
        from dedupe.kernels.evidence import leading_evidence, shared_evidence

        weights, marked, of = self.weights, self.weights.marked, self.weights.origins
        found = TermsInCommon(
            np.empty((len(pairs), 4), np.float32), np.empty((len(pairs), 7), np.float32)
        )
        shared_evidence(
            marked.columns, marked.masses, marked.flags, marked.bounds, self.masses,
            weights.width, pairs, found.shared,
        )  # fmt: skip
        leading_evidence(
            weights.columns, weights.values, of.marks, weights.bounds, of.kinds, of.idf, of.spoken,
            self.leads, weights.width, pairs, found.leading,
        )  # fmt: skip
        return found


def terms_in_common(weights: Weights, pairs: NDArray[np.int32]) -> Callable[[slice], TermsInCommon]:
    """What those of the pairs (m, 2) have in common that are asked for by their places."""
    sharing = Sharing.of(weights)
    return lambda places: sharing.in_common(pairs[places])
