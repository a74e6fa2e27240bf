"""Terms of articles that are all there is, to their weights, without what is furniture among them.

In two steps, so that the first, which counts, may go on beside other work: what it holds is small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.furniture import Corpus, Furniture, furniture_of
from dedupe.usual import usual_shares
from dedupe.weigh import NAME_SHARE, Frequencies, Marked, Origins, Weigher, Weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.room import Empty
    from dedupe.sketch import Terms

ROWS = 4096
"""Articles whose terms are weighed at a time."""


class NumberedTerms(NamedTuple):
    """The terms of n articles by columns, and what each column weighs."""

    columns: NDArray[np.uint32]
    """Of each entry of the terms (m,)."""
    buckets: NDArray[np.int64]
    """Of each column (w,)."""
    kinds: NDArray[np.uint8]
    """As in Origins."""
    idf: NDArray[np.float32]
    spoken: NDArray[np.int64]
    fixed: NDArray[np.bool_]
    """Which entries are furniture (m,), empty where none is."""
    furniture: Furniture | None
    by_name: tuple[Any, ...]
    """See kernels.weigh.weighed_rows, from ``named`` on."""


def numbered_terms(
    terms: Terms, languages: Sequence[str], sources: Sequence[str], settings: Settings
) -> NumberedTerms:
    """Counts the terms of articles in these languages; ``sources`` (n,) are their outlets."""
    from dedupe.kernels.weigh import blended, name_kinds, numbered

    weigher = Weigher(Frequencies.of(terms, languages, settings.prior_articles))
    spoken, (counted, named, *rest) = weigher.spoken(languages)
    buckets, kinds, columns = numbered(terms.buckets, terms.flags, weigher.places)
    idf = blended(buckets, counted)
    anywhere, as_name = named
    name_kinds(buckets, kinds, anywhere, as_name, NAME_SHARE)
    usual = np.array([usual_shares(code, buckets) for code in dict.fromkeys(languages)])
    fixed = furniture_of(Corpus(columns, terms.bounds, spoken, idf, usual, sources))
    furniture = Furniture.of(columns, terms.bounds, fixed) if len(fixed) else None
    return NumberedTerms(columns, buckets, kinds, idf, spoken, fixed, furniture, (named, *rest))


def weighed(
    numbered: NumberedTerms,
    counts: NDArray[np.uint16],
    flags: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    executor: Executor | None,
    empty: Empty = np.empty,
) -> Weights:
    """Rows of n articles, of the terms' ``counts`` and ``flags`` (m,), ragged by ``bounds``.

    The columns are used up: those of the rows take their place. Without an ``executor`` on the
    thread of the caller.
    """
    from dedupe.kernels.weigh import weighed_rows

    n, m = len(bounds) - 1, len(counts)

    def part(first: int) -> tuple[Any, Any]:
        rows = slice(first, min(n, first + ROWS))
        own = slice(int(bounds[rows.start]), int(bounds[rows.stop]))
        return weighed_rows(
            numbered.columns[own], counts[own], flags[own],
            bounds[rows.start : rows.stop + 1] - own.start, numbered.fixed[own],
            numbered.spoken[rows], numbered.buckets, numbered.kinds, numbered.idf,
            *numbered.by_name,
        )  # fmt: skip

    # Of what is not filled no memory is taken.
    rows = _Filled(n, numbered.columns, empty(m, np.float32), empty(m, np.uint8))
    marked = _Filled(n, empty(m, np.uint32), empty(m, np.float32), empty(m, np.uint8))
    for own, names in (executor.map if executor else map)(part, range(0, n, ROWS)):
        rows.add(*own)
        marked.add(*names)
    columns, values, marks, ends = rows.found()
    origins = Origins(marks, numbered.kinds, numbered.idf, numbered.spoken)
    return Weights(
        columns, values, ends, numbered.buckets, Marked(*marked.found()), origins,
        numbered.furniture,
    )  # fmt: skip


class _Filled:
    """Ragged rows of three columns, of which more and more are there."""

    def __init__(self, n: int, *columns: NDArray[Any]) -> None:
        self.columns, self.bounds = columns, np.zeros(n + 1, np.int64)
        self.rows = 0

    def add(self, *part: NDArray[Any]) -> None:
        """Appends rows: three columns, and their bounds."""
        *values, bounds = part
        first, rows = int(self.bounds[self.rows]), len(bounds) - 1
        for column, own in zip(self.columns, values, strict=True):
            column[first : first + len(own)] = own
        self.bounds[self.rows + 1 : self.rows + rows + 1] = first + bounds[1:]
        self.rows += rows

    def found(self) -> Iterator[NDArray[Any]]:
        """The columns as far as they are filled, and the bounds (n + 1,)."""
        yield from (column[: self.bounds[-1]] for column in self.columns)
        yield self.bounds
