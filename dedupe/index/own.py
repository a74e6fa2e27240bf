"""What of articles that come in is their own: without the lines that stored ones have, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.index.arrivals import resketched, texts_by_part
from dedupe.index.record import Marks, Sketches
from dedupe.recurring import UNLIKE, own_part, terms_without
from dedupe.score import cosines
from dedupe.sketch import Terms, lined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.arrivals import Arrivals
    from dedupe.index.hand import Hand
    from dedupe.index.store import Reader
    from dedupe.sketch import Sketch
    from dedupe.weigh import Weigher

LEAST_SHARED = 0.05
"""Share of a text's shingles in another from which lines that both have are looked for."""
MOST_OTHERS = 4
"""Articles in which the lines of one are looked for: those that share most."""


def own_arrivals(reader: Reader, hand: Hand, settings: Settings, weigher: Weigher) -> Arrivals:
    """The articles without lines that recur; the same object where none of them has any.

    Lines recur that begin or end a text, stand in another at hand, and are all that the two have in
    common. So the first article of an outlet keeps its furniture.
    """
    arrivals, suspects = hand.arrivals, _suspects(hand)
    if not len(suspects):
        return arrivals
    texts = texts_by_part(arrivals.articles)
    sketched = lined(*texts, arrivals.sketch.languages, settings)
    lines = _shared_lines(reader, hand, sketched, suspects, settings.shingle_words)
    found = lines.any(axis=1)
    if not found.any():
        return arrivals
    suspects, lines = suspects[found], lines[found]
    unlike = _cosines(hand, sketched, suspects, lines, weigher) <= UNLIKE
    if not unlike.any():
        return arrivals
    met = np.asarray(lines[unlike].any(axis=0))
    return resketched(arrivals, own_part(sketched, settings, met))


def _suspects(hand: Hand) -> NDArray[np.int32]:
    """Pairs of an incoming row and another that may share lines and nothing else (k, 2)."""
    pairs, shares = hand.compared.rows, hand.compared.overlaps.containment
    at = np.flatnonzero(
        (shares >= LEAST_SHARED) & (hand.labels[pairs[:, 0]] != hand.labels[pairs[:, 1]])
    )
    at = at[np.lexsort((-shares[at], pairs[at, 0]))]
    rows = pairs[at, 0]
    place = np.arange(len(at)) - np.searchsorted(rows, rows)
    return np.asarray(pairs[at[place < MOST_OTHERS]])


def _shared_lines(
    reader: Reader, hand: Hand, sketched: Sketch, pairs: NDArray[np.int32], words: int
) -> NDArray[np.bool_]:
    """Which lines of all begin or end the first text of each pair and stand in the other (k, l)."""
    from dedupe.kernels.lines import outer_lines

    lines, n = sketched.lines, len(hand.arrivals)
    if lines is None:
        raise ValueError("sketched without lines")
    stored = pairs[:, 1] >= n
    read = reader.blobs("shingles", hand.rows.numbers[pairs[stored, 1]])
    places = np.cumsum(stored) - 1
    found = np.zeros((len(pairs), len(lines.keys)), np.bool_)
    for at, (row, other) in enumerate(pairs.tolist()):
        if stored[at]:
            others = np.frombuffer(read.row(int(places[at])), "<u4").astype(np.uint32)
        else:
            others = hand.arrivals.shingles(other)
        own = slice(lines.bounds[row], lines.bounds[row + 1])
        shingles = sketched.shingles[sketched.starts[row] : sketched.starts[row + 1]]
        found[at, own] = outer_lines(
            shingles, np.unique(others), lines.token_ends[own], lines.known[own], words
        )
    return found


def _cosines(
    hand: Hand,
    sketched: Sketch,
    pairs: NDArray[np.int32],
    lines: NDArray[np.bool_],
    weigher: Weigher,
) -> NDArray[np.float32]:
    """Cosine of the first article of each pair without the ``lines`` (k, l) and the other: (k,)."""
    rows = pairs[:, 0].tolist()
    parts = [terms_without(sketched, left, row) for left, row in zip(lines, rows, strict=True)]
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
