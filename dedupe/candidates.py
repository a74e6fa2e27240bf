"""Which pairs are worth comparing: by signatures, by sampled shingles, by telling terms."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dedupe.buckets import Candidates, bucket_entries, bucket_meetings, joined_buckets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.weigh import TermRows, Weights


def candidates(
    signatures: NDArray[np.uint32],
    bands: int,
    rows: int,
    *,
    limit: int,
    executor: Executor,
    least: int = 0,
    among: NDArray[np.int32] | None = None,
) -> Candidates:
    """All pairs of signatures (n, p) that agree in a whole band and in ``least`` values overall.

    Of those ``among`` which they are sought (k,), ascending, or of all.
    In a bucket of more than ``limit`` signatures each is paired with the next ``limit`` only, and
    who met more than that in all with those that it agrees with most, the fewer the more it met:
    the work is in step with n, and of a crowd it is little.
    """
    n = len(signatures)
    chosen = np.arange(n, dtype=np.int32) if among is None else among
    parts = executor.map(partial(bucket_entries, signatures, rows, chosen), range(bands))
    return bucket_meetings(signatures, joined_buckets(parts), limit, executor, least=least)


SAMPLE_BITS = 4
"""One shingle in 2**4 is sampled: of an excerpt of 60 words three or four; none for 3 %."""
SAMPLE_ROWS = 32
"""A sampled shingle that more articles hold is a set phrase and says nothing of excerpts."""
SAMPLE_SHARE, SAMPLE_FEW = 0.5, 3
"""Share of the shorter text's sampled shingles that must be met; of an excerpt 0.8 is to be had.
Half of that suffices for so many: of a text of which one word in ten was changed .59 is to be had,
of half a text in another one .5."""


CHANCE = 1.0
"""Others that hold a sampled value by chance, on average, from which on the next counts, too."""


def excerpt_candidates(
    shingles: NDArray[np.uint32],
    starts: NDArray[np.int64],
    rows: NDArray[np.int32],
    executor: Executor,
) -> NDArray[np.int32]:
    """Pairs of the given rows, ascending, of which one may hold much of the other: int32 (m, 2).

    Signatures can't find them: a short item in a long piece has a small Jaccard. Instead all
    shingles that end in SAMPLE_BITS zeros are looked up in one another (Broder 1997, section 4,
    the sketch modulo m, which estimates containment). Where as many as there are values would meet
    by CHANCE, the shingle that comes after each must agree, too, in the bits that are zeros in all:
    what more than SAMPLE_ROWS hold by chance would say nothing.
    """
    beside = bits_beside(int((starts[rows + 1] - starts[rows]).sum()))
    counts = np.zeros(len(starts) - 1, np.int64)

    def sampled(first: int) -> NDArray[np.uint64]:
        some = rows[first : first + 8 * ROWS]
        own = slice(int(some[0]), int(some[-1]) + 1)  # by all rows each part would take as much
        values, counts[own] = sampled_shingles(
            shingles, starts[own.start : own.stop + 1], some - some[0], beside
        )
        values += np.uint64(own.start)
        return values

    parts = executor.map(sampled, range(0, len(rows), 8 * ROWS))
    found = np.concatenate([np.empty(0, np.uint64), *parts])
    return sampled_meetings(found, counts, counts, executor)


def bits_beside(all_shingles: int) -> int:
    """Bits of the next shingle that count where an excerpt is sought among so many shingles."""
    return SAMPLE_BITS if all_shingles >= CHANCE * 2**32 else 0


def sampled_shingles(
    shingles: NDArray[np.uint32], starts: NDArray[np.int64], rows: NDArray[np.int32], beside: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The sampled shingles of some of n articles, each as ``shingle << 32 | row``: (k,).

    In the order of the rows, with repeats; and how many there are of each article: (n,). The last
    ``beside`` bits, of SAMPLE_BITS, are of the shingle that comes after.
    """
    from dedupe.kernels.pairs import sampled_values

    return sampled_values(shingles, starts, rows, SAMPLE_BITS, beside)


def sampled_meetings(
    found: NDArray[np.uint64],
    held: NDArray[np.int64],
    counts: NDArray[np.int64],
    executor: Executor,
) -> NDArray[np.int32]:
    """The pairs that excerpt_candidates finds, by sampled shingles ``found`` (k,), used up.

    Of n articles ``held`` (n,) are in there each, ``counts`` (n,) are all that each has: shingles
    with one entry, and with more than SAMPLE_ROWS, may have been left out.
    """
    from dedupe.kernels.pairs import entries_by_row, meetings

    found.sort()
    places, bounds = entries_by_row(found, held)

    def part(first: int) -> NDArray[np.int32]:
        stop = min(len(counts), first + 8 * ROWS)
        return meetings(
            found, places, bounds, counts, SAMPLE_ROWS, SAMPLE_SHARE, SAMPLE_FEW, first, stop
        )

    met = executor.map(part, range(0, len(counts), 8 * ROWS))
    return np.concatenate([np.empty((0, 2), np.int32), *met])


@dataclass(frozen=True, slots=True)
class TellingTerms:
    """The heaviest terms of n articles, and the inverted index over them."""

    kept: NDArray[np.uint32]
    weights: NDArray[np.float32]
    sizes: NDArray[np.int64]
    rows: NDArray[np.int32]
    row_weights: NDArray[np.float32]
    starts: NDArray[np.int64]

    @property
    def work(self) -> int:
        """Pairs of equal terms in different articles: what it costs to meet them all."""
        return self.passed_over(0)[1]

    def companions(self, per_article: int) -> int:
        """How many pairs an article are to be scored, where it is ``per_article`` of full texts.

        By the few terms of headlines companions can't be told from others so well that these are
        enough; to score a pair costs as much less.
        """
        mean = max(float(self.sizes.mean()), 1.0) if len(self.sizes) else 1.0
        return round(per_article * min(max(FEW_TERMS / mean, 1.0), MOST_TIMES))

    def passed_over(self, limit: int) -> tuple[int, int]:
        """Terms that are among the heaviest of more than ``limit`` articles, and meetings there."""
        frequency = np.diff(self.starts)
        over = frequency[frequency > limit]
        return len(over), int((over * (over - 1) // 2).sum())

    def dots(self, row: int, least: float) -> NDArray[np.float32]:
        """Dot products of at least ``least`` of one article's telling terms with all others'."""
        from dedupe.kernels.weights import dots

        return dots(
            self.kept[row], self.weights[row], self.sizes[row], self.rows, self.row_weights,
            self.starts, len(self.sizes), row, least,
        )  # fmt: skip


def telling_terms(
    heaviest: Callable[[int], TellingTerms], *, least: int, work: int
) -> TellingTerms:
    """The ``heaviest`` terms of each of some articles, and the inverted index over them.

    At least ``least`` terms an article; as many more, up to MOST_TERMS, as keep the pairs of
    equal terms under ``work``: a small corpus is searched whole, a large one by what tells most.
    """
    found = heaviest(least)
    for most in MOST_TERMS:
        # The next step costs at least in proportion: don't try what can't fit.
        if most <= least or found.work * most // found.kept.shape[1] > work:
            continue
        wider = heaviest(most)
        if wider.work > work:
            break
        found = wider
    return found


def heaviest_terms(
    weights: Weights | TermRows, chosen: NDArray[np.int32], most: int, executor: Executor
) -> TellingTerms:
    """The ``most`` heaviest terms of each chosen article (n,), of equal ones the first."""
    from dedupe.kernels.weights import heaviest, postings

    n = len(chosen)
    kept, values = np.zeros((n, most), np.uint32), np.zeros((n, most), np.float32)
    sizes = np.zeros(n, np.int64)
    rows = (weights.columns, weights.values, weights.bounds)

    def part(first: int) -> None:
        part = slice(first, first + ROWS)
        heaviest(*rows, chosen[part], most, kept[part], values[part], sizes[part])

    list(executor.map(part, range(0, n, ROWS)))
    return TellingTerms(kept, values, sizes, *postings(kept, values, sizes, weights.width))


MOST_TERMS = (48, 64, 96, 128, 192, 256)
"""Steps in which the telling terms of an article are widened."""
ROWS = 512
"""Articles that a thread takes at a time."""
LEAST_DOT = 0.02
"""Two articles whose telling terms give less than this have next to none in common."""
FEW_TERMS, MOST_TIMES = 24, 3.0
"""Telling terms an article, on average, below which more pairs are scored; and how many times."""
SAMPLE, SOME = 1000, 64
"""Articles by which the bound is set in a large corpus, and of those that are held at a time."""
UNSEEN = 2
"""Times the pairs that the bound allows up to which it is believed: who knows the sample can keep
away from it."""


def least_dot(terms: TellingTerms, executor: Executor, *, per_article: int) -> float:
    """The dot product of telling terms that leaves ``per_article`` pairs an article, on average.

    In a small corpus that is every pair with terms in common; in a large one it keeps the work in
    step with the number of articles. Taken from every k-th article against all.
    """
    n = len(terms.sizes)
    sample = range(0, n, max(1, n // SAMPLE))
    allowed = 2 * per_article * len(sample)  # each pair is met from both of its sides
    highest, least = np.empty(0, np.float32), LEAST_DOT
    for first in range(0, len(sample), SOME):
        dots = executor.map(lambda row: terms.dots(row, LEAST_DOT), sample[first : first + SOME])
        highest = np.concatenate((highest, *dots))
        if len(highest) > allowed:
            highest = np.partition(highest, len(highest) - allowed)[len(highest) - allowed :]
            least = float(highest.min())
    return least


def story_candidates(
    terms: TellingTerms, *, least: float, limit: int, most: int, executor: Executor
) -> NDArray[np.int32]:
    """Pairs whose telling terms alone reach a dot product of ``least``: int32 (m, 2).

    In the order of their first articles, each pair once, the smaller index first; the ``most`` with
    the highest products where there are more, of equals the first.

    A term that is among the heaviest of more than ``limit`` articles tells none of them apart.
    """
    from dedupe.kernels.weights import sharing

    def part(first: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        stop = min(len(terms.sizes), first + ROWS)
        return sharing(
            terms.kept, terms.weights, terms.sizes, terms.rows, terms.row_weights, terms.starts,
            least, limit, first, stop,
        )  # fmt: skip

    none = np.empty((0, 2), np.int32), np.empty(0, np.float32)
    found = [none, *executor.map(part, range(0, len(terms.sizes), ROWS))]
    count = sum(len(dots) for _, dots in found)
    pairs = np.empty((count, 2), np.int32)
    dots = np.empty(count if count > most else 0, np.float32)
    found.reverse()
    first = 0
    while found:  # what was put together is no longer held in parts
        own, values = found.pop()
        pairs[first : first + len(own)] = own
        if len(dots):
            dots[first : first + len(own)] = values
        first += len(own)
    if not len(dots):
        return pairs
    lowest = np.partition(dots, count - most)[count - most]
    above, equal = np.flatnonzero(dots > lowest), np.flatnonzero(dots == lowest)
    return pairs[np.sort(np.concatenate((above, equal[: most - len(above)])))]
