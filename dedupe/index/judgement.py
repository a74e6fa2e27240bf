"""What articles that come in are, and what is answered and stored of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dedupe.group import pair_keys
from dedupe.index.answers import (
    MOST_MATCHES,
    Reasons,
    evidence_of,
    rounded_scores,
    stored_form,
    story_id,
)
from dedupe.index.hand import Hand, Version
from dedupe.index.record import MOST_EDGES, Edges
from dedupe.index.store import Entry
from dedupe.marks import mark_of
from dedupe.model import Match, Verdict
from dedupe.moments import UNDATED, days_between
from dedupe.novelty import CORRECTION, UPDATE, added_words, own_terms
from dedupe.sketch import terms_of
from dedupe.story import NEAR_COSINE, StoryModel, alone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedupe.index.placing import Regrouping
    from dedupe.score import Overlaps


FEW = 8
"""Groups that begin up to which each is looked for among all rows."""


@dataclass(frozen=True)
class Judgement:
    """What n articles that came in are, by what is at hand."""

    hand: Hand
    placement: Regrouping
    model: StoryModel

    @cached_property
    def stories(self) -> NDArray[np.int64]:
        """Story of each row, a negative number for a new one: int64 (rows,)."""
        labels, placed = self.hand.labels, self.placement
        n = len(self.hand.arrivals)
        found = self.hand.rows.stories.copy()
        for row, label in enumerate(labels[:n].tolist()):  # a copy is where its group is
            if label >= 0:
                found[row] = found[n:][labels[n:] == label][-1]
        if len(placed.stories) < FEW:
            for label, story in placed.stories.items():
                found[labels == label] = story
        else:  # of many that come in nearly all begin a group
            found = np.array(
                [placed.stories.get(label, story)
                 for label, story in zip(labels.tolist(), found.tolist(), strict=True)], np.int64
            )  # fmt: skip
        for label, story in placed.moves.items():
            found[labels == label] = story
        for story, target in placed.merges.items():
            found[found == story] = target
        return found

    @cached_property
    def named(self) -> list[list[int]]:
        """Of each incoming row the likeliest scored pairs with others of its story, as places.

        As many as are named beside the copies.
        """
        n, rows = len(self.hand.arrivals), self.hand.scored.rows
        (same,) = (self.stories[rows[:, 0]] == self.stories[rows[:, 1]]).nonzero()
        order = same[np.lexsort((-self.hand.company.chances[same], rows[same, 0]))]
        bounds = rows[order, 0].searchsorted(range(n + 1)).tolist()
        places = order.tolist()
        return [
            places[first : min(last, first + MOST_MATCHES - len(self._versions(row)))]
            for row, (first, last) in enumerate(pairwise(bounds))
        ]

    @property
    def named_pairs(self) -> NDArray[np.int32]:
        """The same pairs of rows, of all incoming rows one after the other: int32 (k, 2)."""
        return self.hand.scored.rows[[place for places in self.named for place in places]]

    def verdicts(self, overlaps: Overlaps, *, admitted: bool) -> list[Verdict]:
        """An answer about each; the story of one that begins a new one is None.

        ``overlaps`` are those of the ``named_pairs``.
        """
        values = zip(overlaps.jaccard.tolist(), overlaps.containment.tolist(), strict=True)
        found, stories = [], self.stories.tolist()
        for row, article in enumerate(self.hand.arrivals.articles):
            versions = self._versions(row)
            matches = (
                *(self._copy(row, version) for version in versions),
                *(self._companion(row, place, next(values)) for place in self.named[row]),
                *(self._quotation(row, other) for other in self._quoted(row)),
            )
            relation = matches[0].relation if matches else "new"
            name = story_id(stories[row]) if stories[row] > 0 else None
            verdict = Verdict(
                article.id, relation, name, matches, admitted=admitted, mentions=self._mentions(row)
            )
            found.append(self._told(row, verdict, versions[0]) if versions else verdict)
        return found

    def _told(self, row: int, verdict: Verdict, best: Version) -> Verdict:
        """With what the article says that the best of its versions does not."""
        marked = 0 if best.relation == "identical" else self._marked(row, best.row)
        if not best.says_more and not marked:
            return verdict
        terms = self.hand.rows.sketches.terms_of(np.array(sorted({row, best.row}), np.int32))
        return replace(
            verdict,
            extends=best.extends or bool((best.adds | marked) & UPDATE),
            corrects=bool((best.adds | marked) & CORRECTION),
            added=added_words(self.hand.arrivals.articles[row], own_terms(terms, row, best.row)),
        )

    def _marked(self, row: int, other: int) -> int:
        """UPDATE or CORRECTION by which an article marks itself; 0 if the other bears the mark."""
        from dedupe.kernels.terms import LEAD, TITLE

        article = self.hand.arrivals.articles[row]
        mark = mark_of(article.title, article.text, self.hand.rows.sketches.languages[row])
        if not mark.adds:
            return 0
        terms = self.hand.rows.sketches.terms_of(np.array([other], np.int32))
        borne = terms.buckets[(terms.flags & np.uint8(TITLE | LEAD)) != 0]
        return mark.adds if np.setdiff1d(terms_of(mark.words).buckets, borne).size else 0

    def _mentions(self, row: int) -> tuple[str, ...]:
        """Of a digest the ids of what it tells of, one of each story."""
        pairs = self.hand.mentions
        if not len(pairs):
            return ()
        others = pairs[pairs[:, 0] == row, 1].tolist()
        first = {int(self.stories[other]): other for other in reversed(others)}
        return tuple(self.hand.rows.ids[at] for at in others if first[int(self.stories[at])] == at)

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
        folded: bool | None = None,
    ) -> Entry:
        """What is stored of a row. ``numbers`` are those of the rows before it.

        ``folded`` as in Hand.folded, where it is not as was found.
        """
        incoming = self.hand.arrivals
        folded = self.hand.folded(row) if folded is None else folded
        edges = (Edges.none() if folded else self.edges(row)).numbered(numbers).words()
        telling = 0 if folded else len(self.hand.telling.row(row))
        return Entry(
            id=incoming.articles[row].id,
            digest=digest,
            moment=incoming.moment(row, arrived),
            arrived=arrived,
            language=incoming.sketch.languages[row],
            story=story,
            copies=copies,
            keys=self.hand.keys(row, folded=folded),
            sketch=incoming.packed.entered(row, edges, telling),
            shingles=incoming.shingles(row).astype("<u4").tobytes(),
            verdict=stored_form(verdict),
            text=incoming.texts[row],
        )

    def edges(self, row: int) -> Edges:
        """The evidence that a row keeps, likeliest first; of those that come in too as -1 - row."""
        edges, bounds = self._edges
        part = slice(bounds[row], min(bounds[row + 1], bounds[row] + MOST_EDGES))
        return Edges(edges.numbers[part], edges.logits[part], edges.cosines[part])

    @cached_property
    def _edges(self) -> tuple[Edges, list[int]]:
        """The same of all rows, none left out, and where each one's begin."""
        pairs, logits = self.hand.scored, alone(self.hand.scored.found, self.model)
        (near,) = (pairs.cosine >= NEAR_COSINE).nonzero()
        at = near[np.lexsort((-logits[near], pairs.rows[near, 0]))]
        rows = pairs.rows[at]
        edges = Edges(
            self.hand.rows.numbers[rows[:, 1]], logits[at].astype(np.float32), pairs.cosine[at]
        )
        starts = range(len(self.hand.arrivals) + 1)
        return edges, rows[:, 0].searchsorted(starts).tolist()

    def _versions(self, row: int) -> list[Version]:
        return self.hand.copies.found.get(row, [])[:MOST_MATCHES]

    def _copy(self, row: int, version: Version) -> Match:
        other, labels = version.row, self.hand.labels
        story = 1.0 if labels[row] == labels[other] else 0.0
        values = (version.jaccard, version.containment, version.cosine, story)
        scores = rounded_scores(*values, share=version.share)
        ids, days = self.hand.rows.ids, self._days(row, other)
        return Match(ids[row], ids[other], version.relation, scores, days)

    def _quoted(self, row: int) -> list[int]:
        """The rows that quote an incoming one or that it quotes, most first; none that is named."""
        found = self._quotations.get(row, [])
        if not found:
            return []
        named = {version.row for version in self._versions(row)}
        named.update(self.hand.scored.rows[self.named[row], 1].tolist())
        ranked = sorted(found, key=lambda pair: (-pair[0], pair[1]))
        return [other for _, other in ranked if other not in named][:MOST_MATCHES]

    @cached_property
    def _quotations(self) -> dict[int, list[tuple[float, int]]]:
        """Of each incoming row the rows that it quotes or that quote it, each with its share."""
        found: dict[int, list[tuple[float, int]]] = {}
        for (one, other), (_, share) in self.hand.copies.quoted.items():
            found.setdefault(one, []).append((share, other))
        return found

    def _quotation(self, row: int, other: int) -> Match:
        at, share = self.hand.copies.quoted[row, other]
        compared, chances = self.hand.compared, self.hand.company.chances
        pair = self._company_keys == pair_keys(self._rows, np.array([[row, other]], np.int32))
        overlaps = compared.overlaps
        values = (
            overlaps.jaccard[at], overlaps.containment[at], compared.cosine[at],
            chances[pair].max(initial=0.0),
        )  # fmt: skip
        scores = rounded_scores(*map(float, values), share=share)
        ids, days = self.hand.rows.ids, self._days(row, other)
        return Match(ids[row], ids[other], "quotation", scores, days)

    @cached_property
    def _rows(self) -> NDArray[np.int32]:
        return np.arange(len(self.hand.rows), dtype=np.int32)

    @cached_property
    def _company_keys(self) -> NDArray[np.int64]:
        """One number for each pair of the company (m,)."""
        return pair_keys(self._rows, self.hand.company.rows)

    def _companion(self, row: int, place: int, overlap: tuple[float, float]) -> Match:
        pairs, company = self.hand.scored, self.hand.company
        other = int(pairs.rows[place, 1])
        added = (company.rivals, company.surroundings, company.common)
        reasons = Reasons(pairs.found[place], *(float(each[place]) for each in added))
        values = (*overlap, float(pairs.cosine[place]), float(company.chances[place]))
        _, share = self.hand.copies.quoted.get((row, other), (0, None))
        scores = rounded_scores(*values, share=share)
        ids, days = self.hand.rows.ids, self._days(row, other)
        evidence = evidence_of(reasons, days, self.model)
        return Match(ids[row], ids[other], "same_story", scores, days, evidence)

    @cached_property
    def _dates(self) -> list[int]:
        """Microseconds since 1970 of each row."""
        dates: list[int] = self.hand.rows.sketches.dates.tolist()
        return dates

    def _days(self, row: int, other: int) -> float | None:
        one, two = self._dates[row], self._dates[other]
        return None if UNDATED in (one, two) else round(days_between(one, two), 2)
