"""What recurs in all that an outlet publishes: mastheads, share buttons, disclaimers.

Two unrelated articles of one outlet share its furniture, and it must not tie them together. It is
learnt from the corpus itself, term by term: common in the outlet, and not at large.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Outlets:
    """Who published each of n articles, for what recurs in all that an outlet publishes."""

    sources: Sequence[str]
    """Name of each article's outlet, "" where it is not known (n,)."""
    counted: NDArray[np.bool_]
    """Which articles count: one of each group of copies, or a text printed often would be taken
    for furniture (n,)."""

    @classmethod
    def of(cls, sources: Sequence[str], counted: NDArray[np.int32]) -> Outlets:
        """Those of n articles, of which the ``counted`` places (k,) count."""
        chosen = np.zeros(len(sources), np.bool_)
        chosen[counted] = True
        return cls(sources, chosen)


class Furniture(NamedTuple):
    """Columns uint32 left out of each of n articles because its outlet has them everywhere."""

    columns: NDArray[np.uint32]
    bounds: NDArray[np.int64]

    @classmethod
    def of(
        cls, columns: NDArray[np.uint32], bounds: NDArray[np.int64], fixed: NDArray[np.bool_]
    ) -> Furniture:
        """The ``fixed`` entries (m,) of ragged rows."""
        ends = np.concatenate(([0], np.cumsum(fixed)))[bounds].astype(np.int64)
        return cls(columns[fixed], ends)


def may_have_furniture(sources: Sequence[str]) -> bool:
    """Whether any outlet has articles enough, and not most of the corpus."""
    counts = Counter(sources)
    return any(
        name and OUTLET_ARTICLES <= count < OUTLET_RATIO * len(sources)
        for name, count in counts.items()
    )


OUTLET_ARTICLES, OUTLET_SHARE, OUTLET_RATIO = 20, 0.5, 0.5
"""A term is furniture of an outlet of at least 20 articles where half of them hold it, and it is
at most half as common in the corpus: mastheads, share buttons, sign-up walls, disclaimers."""


def furniture_of(
    columns: NDArray[np.uint32], bounds: NDArray[np.int64], width: int, outlets: Outlets
) -> NDArray[np.bool_]:
    """Which entries of ragged term rows are furniture of their outlet: bool (m,).

    ``columns`` uint32 (m,), ``bounds`` int64 (n + 1,); ``width`` is the number of columns.
    """
    from dedupe.kernels.terms import furniture

    numbers: dict[str, int] = {"": 0}
    of = np.array([numbers.setdefault(name, len(numbers)) for name in outlets.sources], np.int64)
    sizes = np.bincount(of[outlets.counted], minlength=len(numbers))
    # An outlet of half the corpus or more is the corpus: what is common in it is common at large.
    fit = (sizes >= OUTLET_ARTICLES) & (sizes < OUTLET_RATIO * outlets.counted.sum())
    fit[0] = False  # nobody's articles have no furniture in common
    if not fit.any():
        return np.zeros(len(columns), np.bool_)
    chosen = np.flatnonzero(fit[of])
    order = chosen[np.argsort(of[chosen], kind="stable")]
    starts = np.concatenate(([0], np.cumsum(np.bincount(of[chosen])[fit[: of[chosen].max() + 1]])))
    rows = np.repeat(outlets.counted, np.diff(bounds))
    frequency = np.bincount(columns[rows], minlength=width) / max(1, outlets.counted.sum())
    found: NDArray[np.bool_] = furniture(
        columns, bounds, outlets.counted, order, starts.astype(np.int64), frequency,
        OUTLET_SHARE, OUTLET_RATIO,
    )  # fmt: skip
    return found
