"""Candidate pairs to scores: exact overlap of shingles, TF-IDF weights and their cosine.

The story score is made of these in :mod:`dedupe.story`.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.background import chances
from dedupe.outlets import furniture_of
from dedupe.sketch import TERM_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.model import Relation
    from dedupe.outlets import Outlets
    from dedupe.sketch import Sketch, Terms

NAME_COUNT, LEAD_COUNT = np.float32(1.5), np.float32(2.0)
"""Added to the count of a term that is written as a name, or stands in the title or the lead."""
LEAST_WEIGHT = np.float32(0.02)
"""Weights under this are left out: a quarter of all terms, with under 1 % of a vector's length."""
NAME_SHARE = 0.5
"""A term is a name where at least this share of the articles that hold it write it as one."""


@dataclass(frozen=True, slots=True)
class Weights:
    """TF-IDF rows of unit length: columns ascending within each of n rows."""

    columns: NDArray[np.uint32]
    values: NDArray[np.float32]
    bounds: NDArray[np.int64]
    buckets: NDArray[np.int64]
    """Term bucket of each column, ascending."""
    marked: Marked
    furniture: Furniture | None = None
    """None where no outlet has any."""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.buckets)


class Furniture(NamedTuple):
    """Columns uint32 left out of each of n articles because its outlet has them everywhere."""

    columns: NDArray[np.uint32]
    bounds: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Marked:
    """The names and numbers among the terms of each row: what a story is about. Columns ascend."""

    columns: NDArray[np.uint32]
    masses: NDArray[np.float32]
    """IDF of each term, in its article's language."""
    flags: NDArray[np.uint8]
    """NAME or NUMBER, for all articles alike; TITLE and LEAD where it leads this one."""
    bounds: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Exact Jaccard and containment of pairs: float64 (m,)."""

    jaccard: NDArray[np.float64]
    containment: NDArray[np.float64]
    """The larger share of one side's shingles that lie in the other."""


@dataclass(frozen=True, slots=True)
class ShingleSets:
    """Distinct shingles of some of n articles, ascending; the others' rows are empty."""

    values: NDArray[np.uint32]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, sketch: Sketch, rows: NDArray[np.int32]) -> ShingleSets:
        """The sets of the given articles; repeats do no harm."""
        from dedupe.kernels.pairs import numbered_values

        chosen = np.zeros(len(sketch), np.bool_)
        chosen[rows] = True
        # The article above, its shingle below: one sort of whole words orders all sets at once.
        numbered = numbered_values(sketch.shingles, sketch.starts, chosen)
        numbered.sort()
        first = np.ones(len(numbered), np.bool_)
        np.not_equal(numbered[1:], numbered[:-1], out=first[1:])
        numbered = numbered[first]
        sizes = np.bincount((numbered >> 32).astype(np.int64), minlength=len(sketch))
        bounds = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        return cls(numbered.astype(np.uint32), bounds)

    def overlaps(self, pairs: NDArray[np.int32]) -> Overlaps:
        """Exact Jaccard and containment of each pair of these articles.

        A text of fewer words than a shingle has is one shingle, and an empty one overlaps nothing.
        """
        from dedupe.kernels.pairs import overlaps

        return Overlaps(*overlaps(self.values, self.bounds, pairs))


def relation(settings: Settings, jaccard: float, containment: float, *, same: bool) -> Relation:
    """What two articles of one story are to each other; ``same``: equal after normalisation."""
    if same:
        return "identical"
    if jaccard >= settings.near_duplicate:
        return "near_duplicate"
    return "contained" if containment >= settings.contained else "same_story"


def overlaps(
    sketch: Sketch, pairs: NDArray[np.int32], executor: Executor | None = None
) -> Overlaps:
    """Exact Jaccard and containment of the shingle sets of each pair of articles.

    Some pairs at a time: the sets of all articles at once would be as large as their texts.
    """
    parts = [pairs[first : first + PAIRS] for first in range(0, len(pairs), PAIRS)] or [pairs]

    def compared(part: NDArray[np.int32]) -> Overlaps:
        return ShingleSets.of(sketch, part.ravel()).overlaps(part)

    found = list(executor.map(compared, parts) if executor else map(compared, parts))
    return Overlaps(
        np.concatenate([part.jaccard for part in found]),
        np.concatenate([part.containment for part in found]),
    )


PAIRS = 2048
"""Pairs whose shingle sets are in memory together."""


def term_weights(
    terms: Terms,
    languages: Sequence[str],
    settings: Settings,
    outlets: Outlets | None = None,
) -> Weights:
    """TF-IDF rows of n articles: (1 + ln tf) * idf, of unit length, by scikit-learn.

    idf = -ln((df + n0 * P) / (n + n0)) blends the document frequencies of the articles' own
    language with the chance P that a background article holds the term, as if ``n0`` of those had
    been counted too. Two articles alone thus have sensible weights. What is furniture of an
    article's outlet weighs nothing.
    """
    from dedupe.kernels.counts import column_kinds, placed_counts
    from dedupe.kernels.weights import pruned

    seen = np.zeros(1 << TERM_BITS, np.bool_)
    seen[terms.buckets] = True
    buckets = np.flatnonzero(seen)
    places = np.zeros(1 << TERM_BITS, np.uint32)
    places[buckets] = np.arange(len(buckets), dtype=np.uint32)
    columns, counts = placed_counts(
        terms.buckets, terms.counts, terms.flags, places, NAME_COUNT, LEAD_COUNT
    )
    values, spoken = counts, np.array(languages, dtype=object)
    idfs: dict[str, NDArray[np.float32]] = {}
    for language in sorted(set(languages)):
        rows = _rows_of(terms.bounds, spoken == language)
        part = slice(None) if len(rows.bounds) == len(terms.bounds) else rows.entries
        idf = _idf(columns[part], chances(language, buckets), len(rows.bounds) - 1, settings)
        # Weighed in place where all articles are of one language.
        values[part] = _weighed(columns[part], counts[part], rows.bounds, idf)
        idfs[language] = idf.astype(np.float32)
    kinds = column_kinds(columns, terms.flags, len(buckets), NAME_SHARE)
    left_out = None
    marked = _marked(terms, columns, kinds, languages, idfs)
    if outlets is not None:
        fixed = furniture_of(columns, terms.bounds, len(buckets), outlets)
        values[fixed] = 0.0
        left_out = Furniture(columns[fixed], _ends(fixed, terms.bounds))
        marked = _without(marked, columns, kinds, fixed)
    columns, values, bounds = pruned(columns, values, terms.bounds, LEAST_WEIGHT)
    return Weights(columns, values, bounds, buckets, marked, left_out)


class _Rows(NamedTuple):
    entries: NDArray[np.int64]
    """Places of the chosen rows' entries."""
    bounds: NDArray[np.int64]
    """Their bounds once put together."""


def _rows_of(bounds: NDArray[np.int64], chosen: NDArray[np.bool_]) -> _Rows:
    sizes = np.diff(bounds)
    ends = np.concatenate(([0], np.cumsum(sizes[chosen]))).astype(np.int64)
    if chosen.all():
        return _Rows(np.empty(0, np.int64), ends)
    return _Rows(np.flatnonzero(np.repeat(chosen, sizes)), ends)


def _idf(
    columns: NDArray[np.uint32], chance: NDArray[np.float64], n: int, settings: Settings
) -> NDArray[np.float64]:
    """The blended IDF of each column, over the n articles of one language."""
    from dedupe.kernels.counts import frequencies

    frequency = frequencies(columns, len(chance))
    n0 = settings.prior_articles
    return np.maximum(0.0, -np.log((frequency + n0 * chance) / (n + n0)))


def _weighed(
    columns: NDArray[np.uint32],
    counts: NDArray[np.float32],
    bounds: NDArray[np.int64],
    idf: NDArray[np.float64],
) -> NDArray[np.float32]:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer

    if not len(idf):
        return counts
    transformer = TfidfTransformer(sublinear_tf=True)
    transformer.idf_ = idf.astype(np.float32)
    matrix = csr_matrix((counts, columns.view(np.int32), bounds), shape=(len(bounds) - 1, len(idf)))
    return transformer.transform(matrix, copy=False).data


def _marked(
    terms: Terms,
    columns: NDArray[np.uint32],
    kinds: NDArray[np.uint8],
    languages: Sequence[str],
    idfs: dict[str, NDArray[np.float32]],
) -> Marked:
    from dedupe.kernels.evidence import marked_rows

    order = {language: at for at, language in enumerate(sorted(idfs))}
    spoken = np.array([order[language] for language in languages], np.int64)
    idf = np.stack([idfs[language] for language in sorted(idfs)])
    return Marked(*marked_rows(columns, terms.flags, terms.bounds, kinds, spoken, idf))


def likeness_weights(
    weights: Weights, terms: Terms, languages: Sequence[str], settings: Settings
) -> tuple[Weights, Weights]:
    """The same articles' rows for grades: of all terms, and of those in title and lead.

    (1 + ln tf) * sqrt(idf), of unit length, no term raised. A term that two rows share so counts
    with its idf, as where idfs of matching terms are summed (Robertson & Sparck Jones 1976), and
    not with the square of it. The square lets the rarest terms decide, which parts events; how
    much two texts are alike is also in the common words of their subject.
    """
    from dedupe.kernels.terms import LEAD, TITLE

    places = np.zeros(1 << TERM_BITS, np.uint32)
    places[weights.buckets] = np.arange(weights.width, dtype=np.uint32)
    columns = places[terms.buckets]
    roots, spoken = np.empty(len(columns), np.float32), np.array(languages, dtype=object)
    for language in sorted(set(languages)):
        rows = _rows_of(terms.bounds, spoken == language)
        part = slice(None) if len(rows.bounds) == len(terms.bounds) else rows.entries
        prior = chances(language, weights.buckets)
        idf = _idf(columns[part], prior, len(rows.bounds) - 1, settings)
        roots[part] = np.sqrt(idf).astype(np.float32)[columns[part]]
    # The logarithms of all counts that there can be: quicker looked up than taken of each.
    logs = np.log(np.arange(1, 1 << 16, dtype=np.float32))
    values = roots * (1 + logs[terms.counts - np.uint16(1)])
    leading = values * ((terms.flags & np.uint8(TITLE | LEAD)) != 0)
    whole, first = (
        replace(weights, columns=columns, values=_unit(part, terms.bounds), bounds=terms.bounds)
        for part in (values, leading)
    )
    return whole, first


def _unit(values: NDArray[np.float32], bounds: NDArray[np.int64]) -> NDArray[np.float32]:
    """Ragged rows brought to unit length; rows of zeros stay."""
    ends = np.concatenate(([0.0], np.cumsum(np.square(values), dtype=np.float64)))[bounds]
    lengths = np.sqrt(np.diff(ends))
    shares = np.divide(1.0, lengths, where=lengths > 0, out=np.zeros_like(lengths))
    return values * np.repeat(shares.astype(np.float32), np.diff(bounds))


def cosines(
    weights: Weights, pairs: NDArray[np.int32], executor: Executor, chunk: int = 1 << 16
) -> NDArray[np.float32]:
    """TF-IDF cosine of each pair; pairs sorted by their first article are cheapest."""
    from dedupe.kernels.weights import cosines as fill

    found = np.empty(len(pairs), np.float32)
    rows = (weights.columns, weights.values, weights.bounds, weights.width)

    def part(first: int) -> None:
        fill(*rows, pairs[first : first + chunk], found[first : first + chunk])

    list(executor.map(part, range(0, len(pairs), chunk)))
    return found


def _without(
    marked: Marked,
    columns: NDArray[np.uint32],
    kinds: NDArray[np.uint8],
    fixed: NDArray[np.bool_],
) -> Marked:
    """The names and numbers that are no furniture."""
    keep = ~fixed[kinds[columns] > 0]
    ends = _ends(keep, marked.bounds)
    return Marked(marked.columns[keep], marked.masses[keep], marked.flags[keep], ends)


def _ends(kept: NDArray[np.bool_], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bounds of ragged rows of which only some entries are kept."""
    return np.concatenate(([0], np.cumsum(kept)))[bounds].astype(np.int64)
