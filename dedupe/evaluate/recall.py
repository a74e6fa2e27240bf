"""What the searches for candidates found of what brute force finds, over labelled articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.sketch import Sketch

COSINE_EDGES = (0.0, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0)
JACCARD_EDGES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MOST_PAIRS = 2_000_000
"""True pairs beyond which only every k-th is looked at, so that one huge story stays in memory."""
MOST_ARTICLES = 5_000
"""Labelled articles beyond which only every k-th is compared with all others for copies."""


@dataclass(frozen=True, slots=True)
class Band:
    """True pairs of one range of likeness."""

    low: float
    """The range holds its lower bound; the last one holds its upper bound too."""
    high: float
    pairs: int
    met: int
    """Those that the search brought together."""
    grouped: int
    """Those that ended in one group."""


def bands(
    likeness: NDArray[np.float64],
    met: NDArray[np.bool_],
    grouped: NDArray[np.bool_],
    edges: tuple[float, ...],
) -> tuple[Band, ...]:
    """Pairs counted by their likeness; what lies below the first edge is left out."""
    places = np.searchsorted(edges, likeness, "right") - 1
    places[likeness >= edges[-1]] = len(edges) - 2
    inside = places >= 0
    count = len(edges) - 1
    columns = [
        np.bincount(places[inside & chosen], minlength=count)
        for chosen in (np.ones(len(places), bool), met, grouped)
    ]
    return tuple(
        Band(edges[k], edges[k + 1], *(int(column[k]) for column in columns)) for k in range(count)
    )


def true_pairs(stories: NDArray[np.int64]) -> NDArray[np.int32]:
    """Pairs of articles of one story: int32 (m, 2), smaller index first.

    ``stories`` int64 (n,), -1 for an unlabelled article. Of more than MOST_PAIRS every k-th.
    """
    labelled = np.flatnonzero(stories >= 0)
    order = labelled[np.argsort(stories[labelled], kind="stable")]
    ends = np.flatnonzero(np.diff(stories[order])) + 1
    groups = np.split(order, ends)
    total = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    step, start, found = total // MOST_PAIRS + 1, 0, [np.empty((0, 2), np.int64)]
    for group in groups:
        one, other = np.triu_indices(len(group), 1)
        chosen = slice(start, None, step)
        found.append(np.stack((group[one[chosen]], group[other[chosen]]), axis=1))
        start = (start - len(one)) % step
    return np.concatenate(found).astype(np.int32)


def alike_pairs(sketch: Sketch, labelled: NDArray[np.int64]) -> NDArray[np.int32]:
    """All pairs of labelled articles that share a shingle, by an exact join: int32 (m, 2).

    Of more than MOST_ARTICLES articles every k-th.
    """
    chosen = labelled[:: len(labelled) // MOST_ARTICLES + 1].astype(np.int32)
    parts = [np.unique(sketch.shingles[sketch.starts[i] : sketch.starts[i + 1]]) for i in chosen]
    if not parts:
        return np.empty((0, 2), np.int32)
    rows = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    values = np.concatenate(parts)
    order = np.argsort(values, kind="stable")  # within a shingle, rows ascend
    ranked, holders = values[order], rows[order]
    last = np.searchsorted(ranked, values, "right")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    found, first = [], 0
    for row, part in enumerate(parts):
        own = slice(first, first + len(part))
        later = [holders[at + 1 : end] for at, end in zip(places[own], last[own], strict=True)]
        met = np.unique(np.concatenate(later)) if later else np.empty(0, np.int64)
        found.append(np.stack((np.full(len(met), chosen[row]), chosen[met]), axis=1))
        first += len(part)
    return np.concatenate(found).astype(np.int32)


def banded(sketch: Sketch, pairs: NDArray[np.int32], settings: Settings) -> NDArray[np.bool_]:
    """Whether the LSH of the copy view brings each pair together (m,)."""
    used = settings.copy_bands * settings.copy_rows
    found = np.zeros(len(pairs), bool)
    for first in range(0, len(pairs), ROWS):
        part = pairs[first : first + ROWS]
        equal = sketch.signatures[part[:, 0], :used] == sketch.signatures[part[:, 1], :used]
        whole = equal.reshape(len(part), settings.copy_bands, settings.copy_rows).all(axis=2)
        found[first : first + ROWS] = whole.any(axis=1)
    return found


ROWS = 1 << 14
"""Pairs whose signatures are in memory together."""
