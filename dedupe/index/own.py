"""What of articles that come in is their own: without the lines that stored ones have, too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dedupe.index.around import shingles_of
from dedupe.index.arrivals import resketched, texts_by_part
from dedupe.index.record import Marks, Sketches
from dedupe.lines import Lines
from dedupe.recurring import UNLIKE, terms_without, without_recurring
from dedupe.score import cosines
from dedupe.sketch import Sketch, Terms, lined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.arrivals import Arrivals
    from dedupe.index.hand import Hand
    from dedupe.index.store import Reader
    from dedupe.weigh import Weigher

LEAST_SHARED = 0.05
"""Share of a text's shingles in another from which lines that both have are looked for."""
MOST_OTHERS = 4
"""Articles in which the lines of one are looked for: those that share most."""
SURE_SHARE = 0.5
"""Lines that are more than this share of an article recur if two others have them."""


def own_arrivals(reader: Reader, hand: Hand, settings: Settings, weigher: Weigher) -> Arrivals:
    """The articles without lines that recur; the same object where none of them has any.

    Lines recur that begin or end a text, stand in a stored one at hand, no quotation, and are all
    that the two have in common. So the first article of an outlet keeps its furniture.
    """
    arrivals, suspects = hand.arrivals, _suspects(hand, settings)
    if not len(suspects):
        return arrivals
    if arrivals.lined is None:  # then no line is furniture by itself
        suspects = suspects[_shares_an_end(reader, hand, suspects)]
        if not len(suspects):
            return arrivals
    sketched = arrivals.lined or lined(
        *texts_by_part(arrivals.articles), arrivals.sketch.languages, settings
    )
    lines = sketched.lines
    if lines is None:
        raise ValueError("sketched without lines")
    shared = _shared_lines(reader, hand, sketched, lines, suspects, settings.shingle_words)
    some = [at for at, found in enumerate(shared) if found.any()]
    if not some:
        return arrivals
    suspects, shared = suspects[some], [shared[at] for at in some]
    unlike = np.flatnonzero(_cosines(hand, sketched, lines, suspects, shared, weigher) <= UNLIKE)
    met = _recurring(lines, suspects[unlike, 0], [shared[at] for at in unlike])
    if not met.any():
        return arrivals
    return resketched(arrivals, without_recurring(sketched, settings, met))


def _suspects(hand: Hand, settings: Settings) -> NDArray[np.int32]:
    """Pairs of an incoming row and a stored one that may share lines and nothing else (k, 2)."""
    pairs, texts = hand.compared.rows, hand.compared.texts
    shares, labels = texts.overlaps.containment, hand.labels
    (at,) = ((shares >= LEAST_SHARED) & (pairs[:, 1] >= len(hand.arrivals))).nonzero()
    if not len(at):
        return pairs[at]
    at = at[(labels[pairs[at, 0]] != labels[pairs[at, 1]]) & ~texts.quotations(settings)[at]]
    at = at[np.lexsort((-shares[at], pairs[at, 0]))]
    rows = pairs[at, 0]
    place = np.arange(len(at)) - np.searchsorted(rows, rows)
    return np.asarray(pairs[at[place < MOST_OTHERS]])


def _shares_an_end(reader: Reader, hand: Hand, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which pairs have the first or last shingle of the first text in common: (k,).

    Without it the other has no line from the head or the end of that text on.
    """
    from dedupe.kernels.lines import shared_ends

    own, read = hand.arrivals.sketch, shingles_of(reader, hand.rows.numbers[pairs[:, 1]])
    others = read.data.view("<u4").astype(np.uint32, copy=False)
    rows = np.ascontiguousarray(pairs[:, 0])
    return shared_ends(own.shingles, own.starts, rows, others, read.bounds >> 2)


def _shared_lines(
    reader: Reader,
    hand: Hand,
    sketched: Sketch,
    lines: Lines,
    pairs: NDArray[np.int32],
    words: int,
) -> list[NDArray[np.bool_]]:
    """Which lines begin or end the first text of each pair and stand in the other: of its lines."""
    from dedupe.kernels.lines import outer_lines
    from dedupe.kernels.postings import distinct

    found = []
    read = shingles_of(reader, hand.rows.numbers[pairs[:, 1]])
    for at, row in enumerate(pairs[:, 0].tolist()):
        own = slice(lines.bounds[row], lines.bounds[row + 1])
        others = distinct(np.frombuffer(read.row(at), "<u4").astype(np.uint32))
        shingles = sketched.shingles[sketched.starts[row] : sketched.starts[row + 1]]
        ends, known = lines.token_ends[own], lines.known[own]
        found.append(outer_lines(shingles, others, ends, known, words))
    return found


def _recurring(
    lines: Lines, rows: NDArray[np.int32], found: list[NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """Which lines of all articles recur (l,), by those that each of the ``rows`` shares."""
    held = np.zeros(len(lines.keys), np.int64)
    for row, own in zip(rows.tolist(), found, strict=True):
        held[lines.bounds[row] : lines.bounds[row + 1]] += own
    sizes = np.diff(lines.token_ends, prepend=0)
    for row in np.unique(rows).tolist():
        part = slice(lines.bounds[row], lines.bounds[row + 1])
        much = sizes[part][held[part] > 0].sum() > SURE_SHARE * lines.token_ends[part][-1]
        held[part][held[part] < (2 if much else 1)] = 0
    return np.asarray(held > 0)


def _row_of(terms: Terms, lines: Lines, row: int) -> tuple[Terms, Lines]:
    """Those of one article alone."""
    part = slice(terms.bounds[row], terms.bounds[row + 1])
    own = slice(lines.bounds[row], lines.bounds[row + 1])
    order = lines.order[lines.order_bounds[row] : lines.order_bounds[row + 1]]
    bounds = np.array([0, part.stop - part.start], np.int64)
    return Terms(terms.buckets[part], terms.counts[part], terms.flags[part], bounds), replace(
        lines,
        keys=lines.keys[own],
        ends=lines.ends[own],
        token_ends=lines.token_ends[own],
        known=lines.known[own],
        bounds=np.array([0, own.stop - own.start], np.int64),
        order=order,
        order_bounds=np.array([0, len(order)], np.int64),
    )


def _cosines(
    hand: Hand,
    sketched: Sketch,
    lines: Lines,
    pairs: NDArray[np.int32],
    shared: list[NDArray[np.bool_]],
    weigher: Weigher,
) -> NDArray[np.float32]:
    """Cosine of the first article of each pair without its ``shared`` lines and the other: (k,)."""
    rows = pairs[:, 0].tolist()
    parts = [
        terms_without(*_row_of(sketched.wordings, lines, row), left)
        for row, left in zip(rows, shared, strict=True)
    ]
    sizes = [len(part.buckets) for part in parts]
    terms = Terms(
        np.concatenate([part.buckets for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.flags for part in parts]),
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
    )
    k, none = len(pairs), np.zeros(len(pairs), np.int64)
    spoken = [sketched.languages[row] for row in rows]
    marks = Marks(spoken, none, none, none.astype(np.uint64), none)
    known = hand.rows.sketches
    others = Sketches(known.words, known.first[pairs[:, 1]])
    both = Sketches.packed(terms, marks).followed_by(others)
    places = np.arange(k, dtype=np.int32)
    return cosines(both.weighed(weigher), np.stack((places, places + k), axis=1).astype(np.int32))
