"""Term counts without lines that recur in articles which have nothing else in common.

Menus, stock sentences, footers, headlines of other articles under a text, the name of a site at
the end of titles. What is left is counted as if the lines had never been there: document
frequencies and leads, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dedupe.furniture import LEAST_ARTICLES, RATIO, SHARE
from dedupe.sketch import LEAD_TERMS, TERM_BITS, Terms, signatures_of
from dedupe.usual import usual_shares
from dedupe.weigh import Frequencies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.sketch import Sketch

UNLIKE = 0.08
"""Articles of this mean cosine without a line of theirs, or less, have nothing in common but it:
of unrelated ones it is .02 to .06, of reports of one event .1 to .5."""
MOST_OF_IT = 1 / 3
"""A line that is more of an article than this share is what the article says."""
MOST_HOLDERS = 16
"""Articles of one line whose likeness is measured, spread over all that hold it."""
SAMPLE = 4096
"""Articles by which terms are weighed for that, spread over all."""


def without_recurring(sketched: Sketch, settings: Settings) -> Sketch:
    """The sketch of n articles without the lines that recur; of fewer than 20 all stay.

    A title stays, and a line that repeats it; the end of a title may go. What is equal, is so with
    all lines.
    """
    from dedupe.kernels.lines import (
        holders_of,
        kept_terms,
        left_out_lines,
        numbered_lines,
        own_shingles,
        unlike_lines,
        without_lines,
    )

    terms, lines, languages = sketched.terms, sketched.lines, sketched.languages
    if terms is None or lines is None or len(languages) < LEAST_ARTICLES:
        return sketched
    numbers, held = numbered_lines(lines.keys, lines.ends, lines.bounds, MOST_OF_IT)
    places = (lines.bounds, lines.ends, lines.order, lines.order_bounds)
    rows, starts, one = holders_of(numbers, lines.bounds, held, MOST_HOLDERS)
    weights = _weights(terms, languages, settings.prior_articles)
    unlike = unlike_lines(rows, starts, one, *places, terms.buckets, terms.bounds, weights, UNLIKE)
    left_out = left_out_lines(numbers, lines.bounds, unlike)
    if not left_out.any():
        return sketched
    counts, flags = terms.counts.copy(), terms.flags.copy()
    without_lines(left_out, *places, counts, flags, terms.bounds, LEAD_TERMS)
    shingles, starts = own_shingles(
        left_out, lines.bounds, lines.token_ends, sketched.shingles, sketched.starts,
        settings.shingle_words,
    )  # fmt: skip
    return _anew(
        replace(
            sketched,
            terms=Terms(*kept_terms(terms.buckets, counts, flags, terms.bounds)),
            shingles=shingles,
            starts=starts,
        ),
        np.flatnonzero(np.diff(starts) < np.diff(sketched.starts)),
        settings,
    )


def _anew(sketched: Sketch, rows: NDArray[np.int64], settings: Settings) -> Sketch:
    """The same with the signatures and lengths that some articles have by the shingles left."""
    own = [sketched.shingles[sketched.starts[row] : sketched.starts[row + 1]] for row in rows]
    sizes = np.array([len(part) for part in own], np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    signatures, lengths = sketched.signatures.copy(), sketched.lengths.copy()
    if len(rows):
        signatures[rows] = signatures_of(np.concatenate(own), starts, settings)
        lengths[rows] = sizes + settings.shingle_words - 1
    return replace(sketched, signatures=signatures, lengths=lengths)


def _weights(terms: Terms, languages: Sequence[str], prior: float) -> NDArray[np.float32]:
    """What each bucket weighs, in the commonest language that has it: float32 (all buckets,).

    Nothing where it may be furniture itself, see dedupe.furniture.
    """
    from dedupe.kernels.weigh import blended, held_by

    n = len(languages)
    rows = np.arange(min(n, SAMPLE)) * n // min(n, SAMPLE)
    spoken = np.array(languages, dtype=object)[rows]
    names, sizes = np.unique(spoken.astype(str), return_counts=True)
    found, frequencies = np.zeros(1 << TERM_BITS, np.float32), Frequencies(prior)
    scratch, named = (np.zeros(1 << TERM_BITS, np.int32) for _ in range(2))
    for at in np.argsort(sizes, kind="stable"):
        language, own, size = str(names[at]), rows[spoken == names[at]], int(sizes[at])
        buckets, held = held_by(terms.buckets, terms.flags, terms.bounds, own, scratch, named)
        frequencies.add(language, size, buckets, held)
        (weights,) = blended(buckets, frequencies.counted((language,)))
        common = held >= SHARE * size
        common &= usual_shares(language, buckets) * size <= RATIO * held
        weights[common & (size >= LEAST_ARTICLES)] = 0
        found[buckets] = weights
    return found
