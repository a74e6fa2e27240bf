"""Term counts without lines that recur in articles which have nothing else in common.

Menus, stock sentences, footers, headlines of other articles under a text, the name of a site at
the end of titles. What is left is counted as if the lines had never been there: document
frequencies and leads, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.furniture import LEAST_ARTICLES, RATIO, SHARE
from dedupe.lines import MOST_OF_IT
from dedupe.sketch import LEAD_TERMS, Terms, signatures_of
from dedupe.usual import idf_once, usual_shares, zeros_by_bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.lines import Lines
    from dedupe.sketch import Sketch

UNLIKE = 0.08
"""Articles of this mean cosine without a line of theirs, or less, have nothing in common but it:
of unrelated ones it is .02 to .06, of reports of one event .1 to .5."""
MOST_HOLDERS = 16
"""Articles of one line whose likeness is measured, spread over all that hold it."""
SAMPLE = 4096
"""Articles by which terms are weighed for that, spread over all."""
ROWS = 4096
"""Articles whose lines are taken out at a time."""
FEW = 1 << 18
"""Terms of some hundred articles: they are numbered."""


def without_recurring(
    sketched: Sketch, settings: Settings, met: NDArray[np.bool_] | None = None
) -> Sketch:
    """The sketch of n articles without the lines that recur among them.

    A title stays, and a line that repeats it; the end of a title may go. Of fewer than 20 articles
    only what is furniture by itself goes, and ``met`` bool (l,), lines that are known to recur.
    What is equal, is so with all lines.
    """
    if (left_out := _recurring(sketched, settings, met)) is None:
        return replace(sketched, lines=None)
    return without_lines_of(sketched, left_out, settings)


def without_lines_of(sketched: Sketch, left_out: NDArray[np.bool_], settings: Settings) -> Sketch:
    """The sketch without lines ``left_out`` (l,), in arrays of its own."""
    terms = sketched.wordings
    own = replace(
        sketched,
        terms=Terms(terms.buckets.copy(), terms.counts.copy(), terms.flags.copy(), terms.bounds),
        signatures=sketched.signatures.copy(),
        shingles=sketched.shingles.copy(),
    )
    return _cut(own, left_out, settings)


def take_out_recurring(sketched: Sketch, settings: Settings) -> Sketch:
    """The same in the arrays of the sketch given, which is used up: a large run has no more."""
    left_out = _recurring(sketched, settings, None)
    return replace(sketched, lines=None) if left_out is None else _cut(sketched, left_out, settings)


def _recurring(
    sketched: Sketch, settings: Settings, met: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """Which lines go (l,), those that were ``met`` among them; None where none does."""
    terms, lines = sketched.terms, sketched.lines
    if terms is None or lines is None:
        return None

    def unlike(holders: LineHolders) -> NDArray[np.bool_]:
        columns, buckets = _columns(terms)
        rows = sampled_articles(len(sketched))
        weights = _weights(
            terms, columns, buckets, rows, sketched.languages, settings.prior_articles
        )
        return unlike_holders(holders, lines, columns, terms.bounds, weights)

    return lines_to_leave_out(lines, unlike, met)


class LineHolders(NamedTuple):
    """Of k lines that more than one article holds, some of these articles each."""

    rows: NDArray[np.int32]
    """The articles, ascending within each line (m,)."""
    starts: NDArray[np.int64]
    """Where those of each begin (k + 1,); of a line that one article holds, none."""
    one: NDArray[np.int64]
    """Its place among all lines, in the last of these articles (k,)."""


def lines_to_leave_out(
    lines: Lines,
    unlike: Callable[[LineHolders], NDArray[np.bool_]],
    met: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_] | None:
    """Which lines of n articles go (l,), those that were ``met`` among them; None where none does.

    Of ``lines`` are read keys, ends, bounds, and which are known. ``unlike`` says of which (k,) the
    holders have nothing in common but it; of fewer than 20 articles it is not asked.
    """
    from dedupe.kernels.lines import holders_of, left_out_lines, numbered_lines

    numbers, held = numbered_lines(lines.keys, lines.ends, lines.bounds, MOST_OF_IT)
    recurs = np.zeros(len(numbers), np.bool_)
    if len(lines.bounds) > LEAST_ARTICLES and (held > 1).any():
        holders = LineHolders(*holders_of(numbers, lines.bounds, held, MOST_HOLDERS))
        recurs = np.asarray((numbers >= 0) & unlike(holders)[numbers])
    if met is not None:
        recurs |= met
    left_out = left_out_lines(numbers, lines.bounds, lines.known, recurs)
    return left_out if left_out.any() else None


def _cut(sketched: Sketch, left_out: NDArray[np.bool_], settings: Settings) -> Sketch:
    """The sketch without lines ``left_out`` (l,), in its own arrays: what stays moves forward."""
    from dedupe.kernels.lines import own_shingles

    terms, lines, n = sketched.terms, sketched.lines, len(sketched)
    if terms is None or lines is None:
        raise ValueError("sketched without lines")
    bounds, starts = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    for first in range(0, n, ROWS):
        rows = slice(first, min(n, first + ROWS))
        part, own = lines.part(rows), left_out[lines.bounds[rows.start] : lines.bounds[rows.stop]]
        kept = terms_without(terms.part(rows), part, own)
        at = slice(bounds[first], bounds[first] + len(kept.buckets))
        terms.buckets[at], terms.counts[at], terms.flags[at] = kept.buckets, kept.counts, kept.flags
        bounds[rows.start + 1 : rows.stop + 1] = at.start + kept.bounds[1:]
        begins = sketched.starts[rows.start : rows.stop + 1]
        shingles, ends = own_shingles(
            own, part.bounds, part.token_ends, sketched.shingles[begins[0] : begins[-1]],
            begins - begins[0], settings.shingle_words,
        )  # fmt: skip
        sketched.shingles[starts[first] : starts[first] + len(shingles)] = shingles
        starts[rows.start + 1 : rows.stop + 1] = starts[first] + ends[1:]
    fewer = np.flatnonzero(np.diff(starts) < np.diff(sketched.starts))
    size, end = int(bounds[-1]), int(starts[-1])
    found = replace(
        sketched,
        terms=Terms(terms.buckets[:size], terms.counts[:size], terms.flags[:size], bounds),
        lines=None,
        shingles=sketched.shingles[:end],
        starts=starts,
    )
    return _anew(found, fewer, settings)


def terms_without(terms: Terms, lines: Lines, left_out: NDArray[np.bool_]) -> Terms:
    """The terms without those of lines ``left_out`` (l,), with title and lead marked anew."""
    from dedupe.kernels.lines import kept_terms, without_lines

    counts, flags = terms.counts.copy(), terms.flags.copy()
    places = (lines.bounds, lines.ends, lines.order, lines.order_bounds)
    without_lines(left_out, *places, counts, flags, terms.bounds, LEAD_TERMS)
    return Terms(*kept_terms(terms.buckets, counts, flags, terms.bounds))


def unlike_holders(
    holders: LineHolders,
    lines: Lines,
    columns: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    weights: NDArray[np.float32],
) -> NDArray[np.bool_]:
    """Which lines have holders that are unlike without them (k,).

    ``columns`` are the terms of the articles, ragged by ``bounds``; ``weights`` are of each column.
    """
    from dedupe.kernels.lines import unlike_lines

    return unlike_lines(
        *holders, lines.bounds, lines.ends, lines.order, lines.order_bounds, columns, bounds,
        weights, UNLIKE,
    )  # fmt: skip


def looked_at(
    holders: LineHolders, lines: Lines, alike: NDArray[np.int64]
) -> Iterator[tuple[int, int, NDArray[np.int32]]]:
    """Lines that are looked at: number, place in their last article, and their articles.

    Of many one after the other that have the same articles the first are; ``alike`` (k,) is told
    whose verdict the others share, as kernels.lines.unlike_lines has it.
    """
    from dedupe.kernels.lines import SAME_HOLDERS

    rows, starts, one = holders
    before, last, times = np.empty(0, np.int32), -1, 0
    for number in np.flatnonzero(np.diff(starts) > 1).tolist():
        group = rows[starts[number] : starts[number + 1]]
        times = times + 1 if np.array_equal(group, before) else 0
        if times > SAME_HOLDERS:
            alike[number] = last
            continue
        before, last = group, number
        yield number, int(one[number] - lines.bounds[group[-1]]), group


def sampled_articles(n: int) -> NDArray[np.int64]:
    """Of n articles those by which terms are weighed for that, ascending."""
    return np.arange(min(n, SAMPLE)) * n // max(1, min(n, SAMPLE))


def line_weights(terms: Terms, languages: Sequence[str], prior: float) -> NDArray[np.float32]:
    """What each bucket weighs by the terms of sampled articles: float32 (all buckets,)."""
    rows = np.arange(len(languages))
    return _weights(terms, terms.buckets, None, rows, languages, prior)


def _anew(sketched: Sketch, rows: NDArray[np.int64], settings: Settings) -> Sketch:
    """The same with the signatures and lengths that some articles have by the shingles left.

    The signatures are changed in place.
    """
    own = [sketched.shingles[sketched.starts[row] : sketched.starts[row + 1]] for row in rows]
    sizes = np.array([len(part) for part in own], np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    signatures, lengths = sketched.signatures, sketched.lengths.copy()
    if len(rows):
        lengths[rows] = sizes + settings.shingle_words - 1
        if signatures.shape[1]:
            signatures[rows] = signatures_of(np.concatenate(own), starts, settings)
    return replace(sketched, lengths=lengths)


def _columns(terms: Terms) -> tuple[NDArray[np.uint32], NDArray[np.int64] | None]:
    """The terms by columns (m,), and the bucket of each column; None where those are the buckets.

    A table of all buckets takes fresh memory, which costs a few hundred articles more than all
    else that is done here; to number the terms of many takes longer than that.
    """
    from dedupe.kernels.weigh import numbered

    if len(terms.buckets) > FEW:
        return terms.buckets, None
    buckets, _, columns = numbered(terms.buckets, terms.flags, np.empty(0, np.uint32))
    return columns, buckets


def _weights(
    terms: Terms,
    columns: NDArray[np.uint32],
    buckets: NDArray[np.int64] | None,
    rows: NDArray[np.int64],
    languages: Sequence[str],
    prior: float,
) -> NDArray[np.float32]:
    """What each column weighs by some ``rows``, in the commonest language that has it: (columns,).

    Nothing where it may be furniture itself, see dedupe.furniture.
    """
    from dedupe.kernels.weigh import held_by

    spoken = np.array(languages, dtype=object)[rows]
    names, sizes = np.unique(spoken.astype(str), return_counts=True)
    if buckets is None:
        found = zeros_by_bucket(np.float32, len(columns))
        scratch, named = (zeros_by_bucket(np.int32, len(columns)) for _ in range(2))
    else:
        found = np.zeros(len(buckets), np.float32)
        scratch, named = (np.zeros(len(buckets), np.int32) for _ in range(2))
    for at in np.argsort(sizes, kind="stable"):
        language, own, size = str(names[at]), rows[spoken == names[at]], int(sizes[at])
        at_columns, held = held_by(columns, terms.flags, terms.bounds, own, scratch, named)
        own_buckets = at_columns if buckets is None else buckets[at_columns]
        weights = idf_once(language, own_buckets, held, size, prior)
        common = held >= SHARE * size
        common &= usual_shares(language, own_buckets) * size <= RATIO * held
        weights[common & (size >= LEAST_ARTICLES)] = 0
        found[at_columns] = weights
    return found
