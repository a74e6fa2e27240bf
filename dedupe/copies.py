"""Sketches to groups of copies: identical texts, near-duplicates, edited copies, excerpts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.group import (
    COMPONENT_LIMIT,
    components,
    excerpts,
    found_again,
    linked,
    merged,
    pairs_within,
    representatives,
    stars,
)
from dedupe.novelty import LEAST_ALIKE, SHORT, Alike, edited_likeness

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.corpus import TextCorpus


@dataclass(frozen=True, slots=True)
class Copies:
    """Versions of one text among n articles."""

    labels: NDArray[np.int32]
    """Group of each article: the index of one of its members (n,)."""
    holders: NDArray[np.int32]
    """Of each group the article that stands for it where stories are sought: the longest of the
    representatives, so that a text speaks for its excerpts; ascending."""
    pairs: NDArray[np.int32]
    """Pairs that hold the groups together: int32 (m, 2)."""
    strength: NDArray[np.float64]
    """Their Jaccard; for an excerpt its containment less 1, so that it comes last (m,)."""
    apart: NDArray[np.int32]
    """Pairs that are not tied though most of one is in the other. A text that holds a longer one:
    a digest reports many events, and is no report of each. Two texts that share a notice or a
    template: what is each one's own differs. int32 (k, 2)."""
    heads: NDArray[np.int32]
    """The representative of each article's near-duplicates and edited copies (n,)."""
    near_heads: NDArray[np.int32]
    """The same of its near-duplicates alone (n,)."""
    quotations: NDArray[np.int32]
    """Pairs of two texts of which one quotes the other at length: int32 (k, 2)."""
    quoted: NDArray[np.float64]
    """How much of one text the other quotes (k,)."""

    @property
    def excerpts(self) -> NDArray[np.int32]:
        """Those of the pairs that tie an excerpt to the text that holds it: int32 (k, 2)."""
        return self.pairs[self.strength <= 0]

    def groups_as(self, other: Copies) -> bool:
        """Whether the groups are the same, and the same articles stand for them."""
        same = np.array_equal(self.labels, other.labels)
        return same and np.array_equal(self.holders, other.holders)

    def untied(self, told: NDArray[np.bool_], lengths: NDArray[np.int64]) -> Copies:
        """The same where articles are ``told`` (n,) to be digests: an excerpt is tied to none.

        Nor is one an edited copy: two letters may share half of their items. Nor does one stand for
        a group in which others are none. ``lengths`` (n,) are the tokens of each article.
        """
        from dedupe.kernels.postings import distinct

        edited = told[self.near_heads] | told[self.heads]
        heads: NDArray[np.int32] = np.where(edited, self.near_heads, self.heads)
        before, now = self.heads[self.pairs], heads[self.pairs]
        loose = (self.strength <= 0) & told[self.pairs].any(axis=1)
        loose |= (before[:, 0] == before[:, 1]) & (now[:, 0] != now[:, 1])
        pairs, strength = self.pairs[~loose], self.strength[~loose]
        labels = merged(heads, pairs[strength <= 0])
        holders = _holders(labels, distinct(heads), lengths)
        mixed = told[holders] & (np.bincount(labels, ~told, len(told))[labels[holders]] > 0)
        others = np.flatnonzero(np.isin(labels, labels[holders[mixed]]) & ~told).astype(np.int32)
        others = _holders(labels, others, lengths)
        return Copies(
            labels,
            np.sort(np.concatenate((holders[~mixed], others))),
            pairs,
            strength,
            np.concatenate((self.apart, self.pairs[loose])),
            heads,
            self.near_heads,
            self.quotations,
            self.quoted,
        )


def find_copies(
    corpus: TextCorpus, dates: NDArray[np.int64], settings: Settings, notes: list[str]
) -> Copies:
    """Groups of copies among n texts of these ``dates`` (n,); what was cut by rule is noted.

    Equal texts first, then near-duplicates among the distinct ones by linkage of their exact
    Jaccard, then among the representatives of those edited copies by the same linkage, excerpts,
    and quotations, which tie nothing.
    """
    from dedupe.kernels.postings import distinct

    lengths = corpus.lengths
    n = len(lengths)
    same = representatives(_same_content(corpus), dates, lengths)
    own = np.flatnonzero((same == np.arange(n)) & (lengths > 0)).astype(np.int32)
    near, unlike = _near_duplicates(corpus, own, settings, notes)
    groups = near.groups[same]
    twins = np.flatnonzero(same != np.arange(n)).astype(np.int32)
    near_heads = representatives(groups, dates, lengths)
    rows = own[near_heads[own] == own]
    pairs = corpus.excerpts(rows)
    alike = corpus.compared(pairs, LEAST_ALIKE)
    edited = _edited_copies(corpus, pairs, alike, settings, notes)
    groups = merged(groups, np.stack((rows, edited.groups[rows]), axis=1))
    heads = representatives(groups, dates, lengths)
    ties, containment, apart = _tied(lengths, pairs, alike, settings)
    labels = merged(groups, ties)
    quoted = alike.quotations(settings) & (labels[pairs[:, 0]] != labels[pairs[:, 1]])
    return Copies(
        labels,
        _holders(labels, distinct(heads), lengths),
        np.concatenate((np.stack((same[twins], twins), axis=1), near.pairs, edited.pairs, ties)),
        np.concatenate((np.ones(len(twins)), near.jaccard, edited.jaccard, containment - 1.0)),
        _still_apart(labels, np.concatenate((apart, unlike))),
        heads,
        near_heads,
        pairs[quoted],
        alike.quoted[quoted],
    )


def _still_apart(labels: NDArray[np.int32], pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """The pairs that did not come into one group by others."""
    return np.asarray(pairs[labels[pairs[:, 0]] != labels[pairs[:, 1]]])


def _same_content(corpus: TextCorpus) -> NDArray[np.int32]:
    """Labels of equal texts (n,); an empty one equals nothing, not even another empty one.

    Brief items must have equal titles too: others are looked at word by word.
    """
    lengths, contents = corpus.lengths, corpus.contents
    n = len(lengths)
    keys = np.where(lengths < SHORT, contents ^ corpus.titles, contents)
    labels = np.unique(keys, return_inverse=True)[1].astype(np.int32)
    return np.where(lengths > 0, labels, np.arange(n, dtype=np.int32) + n).astype(np.int32)


class _Linked(NamedTuple):
    """Groups of texts by average linkage."""

    groups: NDArray[np.int32]
    """Labels (n,)."""
    pairs: NDArray[np.int32]
    """Versions of one text, in one group or not (m, 2)."""
    jaccard: NDArray[np.float64]
    """Of these (m,)."""


def _near_duplicates(
    corpus: TextCorpus, distinct: NDArray[np.int32], settings: Settings, notes: list[str]
) -> tuple[_Linked, NDArray[np.int32]]:
    """Groups of near-duplicates, and pairs that share as much and are two texts (k, 2)."""
    least = settings.near_duplicate

    def near(shared: Alike) -> NDArray[np.bool_]:
        return np.asarray((shared.overlaps.jaccard >= least) & (shared.likeness > 0))

    met = corpus.meetings(distinct)
    if met.left_out:
        notes.append(
            f"{met.left_out:,} meetings in LSH buckets, of articles that met more than "
            f"{settings.bucket_limit}, were not looked at"
        )
    pairs = met.pairs
    shared = corpus.compared(pairs, least)
    unlike = pairs[(shared.overlaps.jaccard >= least) & (shared.likeness == 0)]
    chosen = np.flatnonzero(near(shared))
    found = _linked(
        corpus, pairs[chosen], shared.at(chosen), near, _likeness, cut=least, notes=notes
    )
    return found, unlike


def _likeness(shared: Alike) -> NDArray[np.float64]:
    return shared.likeness


def _edited_copies(
    corpus: TextCorpus,
    pairs: NDArray[np.int32],
    alike: Alike,
    settings: Settings,
    notes: list[str],
) -> _Linked:
    """Groups of edited copies, by ``pairs`` (m, 2) of what stands for near-duplicates."""
    share = max(settings.edited, np.finfo(np.float64).tiny)

    def edited(shared: Alike) -> NDArray[np.bool_]:
        excerpt = shared.overlaps.containment >= settings.contained
        return np.asarray((shared.edited >= share) & ~excerpt)

    def likeness(shared: Alike) -> NDArray[np.float64]:
        return np.where(edited(shared), shared.likeness, 0.0)  # so that nothing is chained

    cut, chosen = edited_likeness(settings.edited), np.flatnonzero(edited(alike))
    return _linked(corpus, pairs[chosen], alike.at(chosen), edited, likeness, cut=cut, notes=notes)


def _linked(
    corpus: TextCorpus,
    pairs: NDArray[np.int32],
    known: Alike,
    tied: Callable[[Alike], NDArray[np.bool_]],
    likeness: Callable[[Alike], NDArray[np.float64]],
    *,
    cut: float,
    notes: list[str],
) -> _Linked:
    """Links what ``pairs`` (m, 2) connect, while the mean ``likeness`` of two groups reaches a cut.

    ``known`` is what was found of these; ``tied`` says which pairs are such as connect.
    """
    n = len(corpus.lengths)
    parts = components(n, pairs)
    large = np.bincount(parts, minlength=n)[parts] > COMPONENT_LIMIT
    small = np.where(large, np.arange(n, dtype=np.int32), parts)
    inner = pairs_within(small)
    again, before = found_again(n, inner, pairs)
    fresh = corpus.compared(inner[~before], LEAST_ALIKE)
    order = np.argsort(np.concatenate((np.flatnonzero(before), np.flatnonzero(~before))))
    within = Alike.joined([known.at(again[before]), fresh]).at(order)
    groups = linked(small, inner, likeness(within), cut)
    alike = within.likeness > 0
    inner, jaccard = inner[alike], within.overlaps.jaccard[alike]
    if not large.any():
        return _Linked(groups, inner, jaccard)
    notes.append(
        f"{int(large.sum()):,} articles stood in chains of more than {COMPONENT_LIMIT} "
        "near-duplicates; there, each was compared with the heads of groups only"
    )
    around, near = _around_heads(parts, large, pairs, tied, corpus)
    groups[around[:, 1]] = around[:, 0]
    return _Linked(groups, np.concatenate((inner, around)), np.concatenate((jaccard, near)))


def _around_heads(
    parts: NDArray[np.int32],
    large: NDArray[np.bool_],
    pairs: NDArray[np.int32],
    tied: Callable[[Alike], NDArray[np.bool_]],
    corpus: TextCorpus,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Groups in components too large for all pairs: (head, member) pairs, and their Jaccard.

    The article that met the most others heads the first group, of all that are ``tied`` to it; of
    the rest the next; and so on. Nothing is chained. Once as many were compared an article as in a
    component at its limit, a head gathers those alone that are known to be tied to it by ``pairs``.
    """
    met = np.bincount(pairs.ravel(), minlength=len(parts))
    rows = np.flatnonzero(large).astype(np.int32)
    comparing = corpus.among(rows)
    found, alike, rest = [np.empty((0, 2), np.int32)], [np.empty(0)], []
    rows = rows[np.lexsort((rows, -met[rows], parts[rows]))]
    for part in np.split(rows, np.flatnonzero(np.diff(parts[rows])) + 1):
        left, budget = part, len(part) * COMPONENT_LIMIT // 2
        while 1 < len(left) <= budget:
            stars_at_once = _stars_ahead(left, comparing.ahead)
            shared = comparing.compared(np.concatenate(stars_at_once), LEAST_ALIKE)
            near, at = tied(shared), 0
            alone = np.ones(len(left), np.bool_)
            for head, star in enumerate(stars_at_once):
                own = slice(at, at := at + len(star))
                if not alone[head]:
                    continue
                if not 1 < (count := int(alone.sum())) <= budget:
                    break
                budget -= count
                members = near[own] & alone[head + 1 :]
                found.append(star[members])
                alike.append(shared.overlaps.jaccard[own][members])
                alone[head] = False
                alone[head + 1 :] &= ~members
            left = left[alone]
        rest.append(left)
    known = stars(np.concatenate(rest), pairs, len(parts))
    found.append(known)
    alike.append(corpus.compared(known, np.inf).overlaps.jaccard)
    return np.concatenate(found), np.concatenate(alike)


def _stars_ahead(left: NDArray[np.int32], ahead: int) -> list[NDArray[np.int32]]:
    """Pairs of the first of ``left`` and all behind it; of the next ones likewise, up to ``ahead``.

    Those of a head that turns out to be a member of an earlier one are not looked at.
    """
    count = min(max(1, ahead // len(left)), len(left) - 1)
    return [
        np.stack((np.full(len(left) - k - 1, left[k]), left[k + 1 :]), axis=1).astype(np.int32)
        for k in range(count)
    ]


def _tied(
    lengths: NDArray[np.int64], pairs: NDArray[np.int32], alike: Alike, settings: Settings
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32]]:
    """Pairs of an excerpt and the text that holds it, their containment, and pairs passed over."""
    containment = alike.overlaps.containment
    held = np.where(alike.likeness > 0, containment, 0.0)
    chosen = excerpts(lengths, pairs, held, settings.contained)
    over = containment >= settings.contained
    over[chosen] = False
    return pairs[chosen], containment[chosen], pairs[over]


def _holders(
    labels: NDArray[np.int32], heads: NDArray[np.int32], lengths: NDArray[np.int64]
) -> NDArray[np.int32]:
    order = heads[np.lexsort((heads, -lengths[heads], labels[heads]))]
    first = np.ones(len(order), bool)
    first[1:] = labels[order][1:] != labels[order][:-1]
    return np.sort(order[first])
