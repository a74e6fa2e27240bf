"""What was found out about articles that come in, and what is told and kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

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
    from dedupe.score import Overlaps
    from dedupe.story import StoryModel


class Compared(NamedTuple):
    """Pairs of rows that were compared shingle by shingle, in order."""

    rows: NDArray[np.int32]
    """(m, 2), an incoming row first."""
    overlaps: Overlaps

    def at(self, rows: NDArray[np.int32]) -> NDArray[np.int64]:
        """Places of pairs (k, 2) among these, -1 for one that isn't: (k,)."""
        own, asked = self.rows.astype(np.int64), rows.astype(np.int64)
        keys, wanted = own[:, 0] << 32 | own[:, 1], asked[:, 0] << 32 | asked[:, 1]
        places = np.searchsorted(keys, wanted)
        inside = np.minimum(places, max(0, len(keys) - 1))
        return np.where(keys[inside] == wanted, inside, -1) if len(keys) else np.full(len(rows), -1)


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
    compared: Compared
    ids: dict[int, str] = field(default_factory=dict)
    """Ids of the rows that answers name."""
    told: dict[int, list[float]] = field(default_factory=dict)
    """Jaccard and containment of pairs that answers name, by their places."""

    @cached_property
    def stories(self) -> NDArray[np.int64]:
        """Story of each row, a negative number for a new one: int64 (rows,)."""
        labels, placed = self.versions.labels, self.placement
        n = len(self.local.arrivals)
        found = self.local.stories.copy()
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
        edges, bounds = self._edges
        part = slice(bounds[row], min(bounds[row + 1], bounds[row] + MOST_EDGES))
        return Edges(edges.numbers[part], edges.logits[part], edges.cosines[part])

    @cached_property
    def _edges(self) -> tuple[Edges, list[int]]:
        """The same of all rows, none left out, and where each one's begin."""
        pairs = self.pairs
        near = np.flatnonzero(pairs.cosine >= NEAR_COSINE)
        at = near[np.lexsort((-pairs.logits[near], pairs.rows[near, 0]))]
        rows = pairs.rows[at]
        edges = Edges(
            self.local.numbers[rows[:, 1]], pairs.logits[at].astype(np.float32), pairs.cosine[at]
        )
        starts = np.arange(len(self.local.arrivals) + 1)
        return edges, np.searchsorted(rows[:, 0], starts).tolist()

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
        edges = (Edges.none() if folded else self.edges(row)).numbered(numbers).words()
        telling = 0 if folded else len(local.telling.row(row))
        return Entry(
            id=incoming.articles[row].id,
            digest=digest,
            moment=incoming.moment(row, arrived),
            arrived=arrived,
            language=incoming.sketch.languages[row],
            story=story,
            copies=copies,
            keys=local.keys(row, folded=folded),
            sketch=incoming.packed.entered(row, edges, telling),
            shingles=incoming.shingles(row).astype("<u4").tobytes(),
            verdict=stored_form(verdict),
            text=incoming.texts[row],
        )

    def matches(self, row: int) -> tuple[Match, ...]:
        """What a row belongs with of all that was there before it: copies, then its story.

        ``look_up`` must have read what is told.
        """
        copies = [self._copy(row, version) for version in self._versions(row)]
        return (*copies, *(self._companion(row, k) for k in self._best[row]))

    def _copy(self, row: int, version: Version) -> Match:
        other = version.row
        together = self.versions.labels[row] == self.versions.labels[other]
        story = 1.0 if together else 0.0
        scores = rounded(version.jaccard, version.containment, version.cosine, story)
        return Match(
            self._id(row), self.ids[other], version.relation, scores, self._days(row, other),
        )  # fmt: skip

    def look_up(self, reader: Reader) -> None:
        """Reads what ``matches`` tells: ids, and the shingles of companions, to compare them."""
        rows = self.pairs.rows
        chosen = np.array([k for best in self._best for k in best], np.int64)
        places = self.compared.at(rows[chosen])
        missing = places < 0
        values = np.empty((len(chosen), 2))
        values[~missing] = _side_by_side(self.compared.overlaps)[places[~missing]]
        if missing.any():
            found = overlaps_of(reader, self.local, rows[chosen[missing]])
            values[missing] = _side_by_side(found)
        self.told.update(zip(chosen.tolist(), values.tolist(), strict=True))
        named = set(rows[chosen, 1].tolist())
        named.update(version.row for row in self.versions.found for version in self._versions(row))
        self.ids.update(self.local.ids(reader, sorted(named)))

    def _versions(self, row: int) -> list[Version]:
        return self.versions.found.get(row, [])[:MOST_MATCHES]

    @cached_property
    def _best(self) -> list[list[int]]:
        """Of each incoming row the likeliest pairs with others of its story, as places.

        As many as are told beside the copies.
        """
        n, rows = len(self.local.arrivals), self.pairs.rows
        same = np.flatnonzero(self.stories[rows[:, 0]] == self.stories[rows[:, 1]])
        order = same[np.lexsort((-self.company.chances[same], rows[same, 0]))]
        bounds = np.searchsorted(rows[order, 0], np.arange(n + 1)).tolist()
        places = order.tolist()
        return [
            places[first : min(last, first + MOST_MATCHES - len(self._versions(row)))]
            for row, (first, last) in enumerate(pairwise(bounds))
        ]

    def _companion(self, row: int, pair: int) -> Match:
        other = int(self.pairs.rows[pair, 1])
        days = self._days(row, other)
        reasons = Reasons(
            self.pairs.found[pair],
            float(self.company.rivals[pair]),
            float(self.company.surroundings[pair]),
        )
        jaccard, containment = self.told[pair]
        scores = rounded(
            jaccard, containment, float(self.pairs.cosine[pair]), float(self.company.chances[pair])
        )
        evidence = evidence_of(reasons, days, self.model)
        return Match(self._id(row), self.ids[other], "same_story", scores, days, evidence)

    def _id(self, row: int) -> str:
        return self.local.arrivals.articles[row].id

    def _days(self, row: int, other: int) -> float | None:
        one, two = self.local.sketches.dates[[row, other]].tolist()
        if UNDATED in (one, two):
            return None
        return round(abs(one - two) / DAY, 2)


def _side_by_side(overlaps: Overlaps) -> NDArray[np.float64]:
    """Jaccard and containment of each pair (m, 2)."""
    return np.stack((overlaps.jaccard, overlaps.containment), axis=1)
