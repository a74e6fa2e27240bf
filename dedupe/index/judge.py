"""Judges articles that come in against what an index holds: all of the way from keys to stories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.index.answers import rounded
from dedupe.index.arrivals import Arrivals
from dedupe.index.evidence import Company, Scored, cosines_of, in_their_company, scored
from dedupe.index.judgement import Compared, Judgement
from dedupe.index.nearby import Local, Pairs, Searcher, may_be_copies, overlaps_of
from dedupe.index.placing import TOUCHED, Placement, place, read_stories, touched
from dedupe.index.record import Sketches
from dedupe.index.tallies import Tallies
from dedupe.index.versions import Versions, versions
from dedupe.score import Overlaps
from dedupe.story import LEAST_COSINE, StoryModel, story_model
from dedupe.weigh import Weigher

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.store import Reader
    from dedupe.model import Scores

Marked = set[tuple[int, int]]
"""Pairs of rows that were marked different, in either order."""


class Judge:
    """Judges; keeps the memory that it needs, and the tallies by which terms are weighed."""

    def __init__(self, settings: Settings, window: int | None, model: StoryModel | None) -> None:
        self.tallies = Tallies(settings)
        self._settings = settings
        self._model = model or story_model()
        self._weigher = Weigher(self.tallies.terms)
        self._searcher = Searcher(self._weigher, settings, window)

    def judge(
        self,
        reader: Reader,
        arrivals: Arrivals,
        moments: Sequence[int],
        leave_out: frozenset[int] = frozenset(),
        *,
        held: bool = False,
    ) -> Judgement:
        """Judges n articles at once, in their order; none of them is held yet.

        The tallies must follow the reader. ``moments`` are when the articles were written, or
        came: microseconds since 1970. ``leave_out`` are numbers that count as gone. With ``held``
        the articles stay counted: they will be held, or the tallies must be read anew.
        """
        sketch = arrivals.sketch
        if sketch.terms is None:
            raise ValueError("sketched without terms")
        counted = (sketch.terms, sketch.languages, arrivals.dates)
        self.tallies.count(*counted, 1)  # as if they were held: so does the batch path
        try:
            return self._judge(reader, arrivals, moments, leave_out)
        finally:
            if not held:
                self.tallies.count(*counted, -1)

    def entered(self, sketch: bytes, edges: bytes) -> tuple[bytes, NDArray[np.uint32]]:
        """A stored sketch with the edges of another, and the keys of its telling terms."""
        own = Sketches.of([sketch])
        weights = own.weighed(self._weigher)
        keys = self._searcher.telling(weights, 1).row(0)
        return own.entered(0, Sketches.of([edges]).edges(0), len(keys)), keys

    def likeness(self, reader: Reader, local: Local, number: int) -> Scores:
        """How alike the one article that comes in and a stored one are."""
        both = Local.of(local.arrivals, local.telling, local.moments[:1].tolist())
        both.add(reader, reader.rows([number]))
        found = overlaps_of(reader, both, np.array([[0, 1]], np.int32))
        weights = both.sketches.weighed(self._weigher)
        cosine = cosines_of(weights, np.array([[0, 1]], np.int32))
        return rounded(float(found.jaccard[0]), float(found.containment[0]), float(cosine[0]), 1.0)

    def _judge(
        self,
        reader: Reader,
        arrivals: Arrivals,
        moments: Sequence[int],
        leave_out: frozenset[int],
    ) -> Judgement:
        local, pairs = self._searcher.local(reader, arrivals, moments, leave_out)
        marked = _marked(reader, local)
        pairs = _without(pairs, marked)
        weights = local.sketches.weighed(self._weigher)
        cosine = cosines_of(weights, pairs.rows)
        compared = may_be_copies(local, pairs) | ((pairs.shared > 0) & (cosine >= LEAST_COSINE))
        near, found = pairs.rows[compared], Overlaps(np.empty(0), np.empty(0))
        if len(near):
            found = overlaps_of(reader, local, near)
        copies = versions(reader, local, near, cosine[compared], found, self._settings, marked)
        containment = np.zeros(len(pairs.rows))
        containment[compared] = found.containment
        kept = _may_be_one_story(pairs.rows, cosine, copies)
        story_pairs = scored(
            local, weights, pairs.rows[kept], cosine[kept], containment[kept], self.tallies,
            self._model,
        )  # fmt: skip
        placement, company = self._placed(reader, local, copies, story_pairs)
        return Judgement(
            local, copies, story_pairs, company, placement, self._model, Compared(near, found)
        )

    def _placed(
        self, reader: Reader, local: Local, copies: Versions, pairs: Scored
    ) -> tuple[Placement, Company]:
        company = in_their_company(local, pairs, copies, self._model)
        stories = touched(local, company, copies.labels)
        n = len(local.arrivals)
        among = (company.rows < n).all(axis=1) & (company.chances >= TOUCHED)
        if not stories and not among.any():
            return Placement.of_new(copies.labels[:n].tolist()), company
        before = local.size
        groups = read_stories(reader, local, stories)
        marked = _marked(reader, local)
        if local.size > before:
            copies.follow(local)
            company = in_their_company(local, pairs, copies, self._model)
        labels = copies.labels
        different = [(int(labels[a]), int(labels[b])) for a, b in marked]
        return place(local, copies.labels, company, groups, different), company


def _marked(reader: Reader, local: Local) -> Marked:
    """Pairs that were marked different among the articles at hand; what is missing is read."""
    if not reader.position().different:
        return set()
    ids = local.ids(reader, range(local.size))
    pairs = reader.differences(list(ids.values()))
    missing = sorted({name for pair in pairs for name in pair} - set(ids.values()))
    numbers = [number for number, _ in reader.find(missing).values()]
    if numbers:
        local.add(reader, reader.rows(numbers))
        ids = local.ids(reader, range(local.size))
    rows = {name: row for row, name in ids.items()}
    known = [(rows[a], rows[b]) for a, b in pairs if a in rows and b in rows]
    return {pair for a, b in known for pair in ((a, b), (b, a))}


def _without(pairs: Pairs, marked: Marked) -> Pairs:
    if not marked:
        return pairs
    keep = np.array([(a, b) not in marked for a, b in pairs.rows.tolist()], np.bool_)
    return Pairs(pairs.rows[keep], pairs.shared[keep])


def _may_be_one_story(
    rows: NDArray[np.int32], cosine: NDArray[np.float32], copies: Versions
) -> NDArray[np.bool_]:
    """Pairs that are looked at as two reports of one event: (m,)."""
    labels = copies.labels[rows]
    kept = (cosine >= LEAST_COSINE) & (labels[:, 0] != labels[:, 1])
    if copies.folded:
        kept &= ~np.isin(rows, list(copies.folded)).any(axis=1)
    return np.asarray(kept & copies.tied(rows), np.bool_)
