"""What was found out about articles that come in, and what is told and kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dedupe.index.answers import MOST_MATCHES, Reasons, evidence_of, rounded, stored_form
from dedupe.index.nearby import overlaps_of
from dedupe.index.record import MOST_EDGES, Edges
from dedupe.index.store import Entry
from dedupe.model import Match, Verdict
from dedupe.moments import DAY, UNDATED
from dedupe.story import NEAR_COSINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedupe.index.evidence import Company, Scored
    from dedupe.index.nearby import Local
    from dedupe.index.placing import Placement
    from dedupe.index.store import Reader
    from dedupe.index.versions import Version, Versions
    from dedupe.story import StoryModel


@dataclass(frozen=True)
class Judgement:
    """Of n incoming rows and what is near to them."""

    local: Local
    versions: Versions
    pairs: Scored
    company: Company
    """Its first pairs are ``pairs``."""
    placement: Placement
    model: StoryModel
    cosines: dict[tuple[int, ...], float]
    overlaps: dict[tuple[int, ...], tuple[float, float]]
    """Jaccard and containment of the pairs of rows that were compared shingle by shingle."""

    @cached_property
    def stories(self) -> NDArray[np.int64]:
        """Story of each row, a negative number for a new one: int64 (rows,)."""
        labels, placed = self.versions.labels, self.placement
        n = len(self.local.arrivals)
        found = np.zeros(len(labels), np.int64)
        found[n:] = [known.story for known in self.local.known]
        for row in range(n):  # a copy is where its group is
            if labels[row] >= 0:
                found[row] = found[n:][labels[n:] == labels[row]][-1]
        for changes in (placed.stories, placed.moves):
            for label, story in changes.items():
                found[labels == label] = story
        for story, target in placed.merges.items():
            found[found == story] = target
        return found

    def edges(self, row: int) -> Edges:
        """The evidence that a row keeps, likeliest first; of those that come in too as -1 - row."""
        first, last = np.searchsorted(self.pairs.rows[:, 0], [row, row + 1])
        near = np.flatnonzero(self.pairs.cosine[first:last] >= NEAR_COSINE) + first
        at = near[np.argsort(-self.pairs.logits[near], kind="stable")][:MOST_EDGES]
        numbers = self.local.numbers[self.pairs.rows[at, 1]]
        return Edges(numbers, self.pairs.logits[at].astype(np.float32), self.pairs.cosine[at])

    def entry(
        self,
        row: int,
        verdict: Verdict,
        *,
        digest: bytes,
        arrived: int,
        story: int,
        copies: int,
        numbers: Sequence[int],
    ) -> Entry:
        """What is stored of a row. ``numbers`` are those of the rows before it."""
        incoming, local = self.local.arrivals, self.local
        folded = row in self.versions.folded
        edges = Edges.none() if folded else self.edges(row).numbered(numbers)
        return Entry(
            id=local.ids[row],
            digest=digest,
            moment=incoming.moment(row, arrived),
            arrived=arrived,
            language=incoming.sketch.languages[row],
            story=story,
            copies=copies,
            keys=local.keys(row, folded=folded),
            sketch=incoming.packed(row, edges, 0 if folded else len(local.telling.row(row))),
            shingles=incoming.shingles(row).astype("<u4").tobytes(),
            verdict=stored_form(verdict),
            text=incoming.texts[row],
        )

    def matches(self, reader: Reader, row: int) -> tuple[Match, ...]:
        """What a row belongs with of all that was there before it: copies, then its story."""
        found = self.versions.found.get(row, [])[:MOST_MATCHES]
        copies = [self._copy(row, version) for version in found]
        best = self._best(row)[: MOST_MATCHES - len(copies)]
        if any(tuple(self.pairs.rows[k].tolist()) not in self.overlaps for k in best):
            self.companions(reader, row, row + 1)
        return (*copies, *(self._companion(row, k) for k in best))

    def _copy(self, row: int, version: Version) -> Match:
        other = version.row
        together = self.versions.labels[row] == self.versions.labels[other]
        cosine = self.cosines.get((row, other), 1.0 if version.relation == "identical" else 0.0)
        scores = rounded(version.jaccard, version.containment, cosine, 1.0 if together else 0.0)
        return Match(
            self.local.ids[row], self.local.ids[other], version.relation, scores,
            self._days(row, other),
        )  # fmt: skip

    def companions(self, reader: Reader, first: int, last: int) -> None:
        """Compares the rows from ``first`` to ``last`` with their companions, shingle by shingle.

        At once, so that what is stored is read once: ``matches`` of one row does it for that row.
        """
        rows = self.pairs.rows
        chosen = [k for row in range(first, last) for k in self._best(row)]
        missing = [k for k in chosen if tuple(rows[k].tolist()) not in self.overlaps]
        if missing:
            found = overlaps_of(reader, self.local, rows[missing])
            pairs = map(tuple, rows[missing].tolist())
            values = zip(found.jaccard.tolist(), found.containment.tolist(), strict=True)
            self.overlaps.update(zip(pairs, values, strict=True))

    def _best(self, row: int) -> list[int]:
        """Its likeliest pairs with others of its story, as places among the pairs."""
        first, last = np.searchsorted(self.pairs.rows[:, 0], [row, row + 1])
        if first == last:
            return []
        others = self.pairs.rows[first:last, 1]
        at = np.flatnonzero(self.stories[others] == self.stories[row]) + first
        best: list[int] = at[np.argsort(-self.company.chances[at], kind="stable")].tolist()
        return best[:MOST_MATCHES]

    def _companion(self, row: int, pair: int) -> Match:
        other = int(self.pairs.rows[pair, 1])
        days = self._days(row, other)
        reasons = Reasons(
            self.pairs.found[pair],
            float(self.company.rivals[pair]),
            float(self.company.surroundings[pair]),
        )
        jaccard, containment = self.overlaps[row, other]
        scores = rounded(
            jaccard, containment, float(self.pairs.cosine[pair]), float(self.company.chances[pair])
        )
        evidence = evidence_of(reasons, days, self.model)
        names = self.local.ids
        return Match(names[row], names[other], "same_story", scores, days, evidence)

    def _days(self, row: int, other: int) -> float | None:
        one, two = self.local.sketches.dates[[row, other]].tolist()
        if UNDATED in (one, two):
            return None
        return round(abs(one - two) / DAY, 2)
