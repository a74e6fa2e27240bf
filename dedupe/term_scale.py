"""By what the terms of a corpus are weighed, in a form that can be handed on.

Whoever has a few of its articles gives their terms the weights that they have among all.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.errors import RecordError
from dedupe.weigh import (
    BUCKETS,
    LEAD_COUNT,
    LEAST_WEIGHT,
    NAME_COUNT,
    NAME_SHARE,
    Frequencies,
    Weigher,
)
from dedupe.weighing import NumberedTerms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dedupe.sketch import Terms

HELD_BITS = 21
"""Of a sum of packed counts: how many of at most 2**20 articles hold a term, then how many write it
as a name, then as a number."""


class TermCounts(NamedTuple):
    """How many articles of each group hold each term, by group and bucket, ascending (k,)."""

    groups: NDArray[np.int64]
    """The number of a language, or behind these of an outlet."""
    buckets: NDArray[np.int64]
    held: NDArray[np.int32]
    named: NDArray[np.int32]
    """Those that write it as a name."""
    numbers: NDArray[np.int32]
    """Those that write it as a number."""

    @classmethod
    def of_keys(cls, keys: NDArray[np.int64], *counts: NDArray[np.int64]) -> TermCounts:
        """Those of keys as packed_counts gives them (k,), in any order, by their three counts."""
        order = np.argsort(keys)
        keys = keys[order]
        held, named, numbers = (column[order].astype(np.int32) for column in counts)
        return cls(keys >> 32, keys & (BUCKETS - 1), held, named, numbers)

    def of(self, group: int) -> TermCounts:
        """Those of one group."""
        first, end = np.searchsorted(self.groups, (group, group + 1))
        own = slice(first, end)
        counts = self.held[own], self.named[own], self.numbers[own]
        return TermCounts(self.groups[own], self.buckets[own], *counts)


def packed_counts(
    terms: Terms, groups: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Counts of the terms of a few articles, at most 2**20: keys (k,), and packed counts (k,).

    Keys are ``group << 32 | bucket``, counts as HELD_BITS says. Each of ``groups`` (n,) has the
    number of a group of each article, below 0 for none.
    """
    from dedupe.kernels.text import NAME, NUMBER
    from dedupe.kernels.weigh import summed

    sizes, flags = np.diff(terms.bounds), terms.flags
    named, number = (flags & NAME != 0).astype(np.int64), (flags & NUMBER != 0).astype(np.int64)
    times = 1 + (named << HELD_BITS) + (number << 2 * HELD_BITS)
    keys, counts = [], []
    for numbers in groups:
        of = np.repeat(numbers, sizes)
        inside = of >= 0
        keys.append((of << 32 | terms.buckets.astype(np.int64))[inside])
        counts.append(times[inside])
    return summed(np.concatenate(keys), np.concatenate(counts))


def unpacked_counts(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """How many hold each term, write it as a name, and as a number: (k,) each."""
    mask = (1 << HELD_BITS) - 1
    return counts & mask, counts >> HELD_BITS & mask, counts >> 2 * HELD_BITS


class TermScale(NamedTuple):
    """What each term weighs, and which are furniture."""

    buckets: NDArray[np.uint32]
    """All that any article has, ascending (w,)."""
    kinds: NDArray[np.uint8]
    """NAME, NUMBER or 0 (w,)."""
    idf: tuple[tuple[NDArray[np.uint32], NDArray[np.float32]], ...]
    """Of each language the buckets that its articles have, ascending, and their IDF."""
    furniture: Mapping[int, NDArray[np.uint32]]
    """Buckets that are furniture, by the number of the group whose it is."""

    @classmethod
    def of(cls, counts: TermCounts, articles: Mapping[str, int], prior: float) -> TermScale:
        """That of a corpus, without what is furniture.

        ``articles`` are those of each language, in the order of their numbers; ``prior`` as of
        weigh.Frequencies.
        """
        from dedupe.kernels.text import NUMBER
        from dedupe.kernels.weigh import blended, name_kinds

        found, own = Frequencies(prior, len(counts.buckets)), {}
        for number, (language, count) in enumerate(articles.items()):
            own[language] = held = counts.of(number)
            found.add(language, count, held.buckets, held.held)
            found.named[held.buckets] += held.named
        weigher = Weigher(found)
        spoken = counts.groups < len(articles)
        kinds = np.zeros(BUCKETS, np.uint8)
        kinds[counts.buckets[spoken & (counts.numbers > 0)]] = NUMBER
        buckets = np.flatnonzero(found.anywhere).astype(np.int64)
        kinds = kinds[buckets]
        name_kinds(buckets, kinds, found.anywhere, found.named, NAME_SHARE)
        idf = []
        for language, held in own.items():
            values = blended(held.buckets, weigher.frequencies.counted([language]))[0]
            idf.append((held.buckets.astype(np.uint32), np.asarray(values)))
        return cls(buckets.astype(np.uint32), kinds, tuple(idf), {})

    def digest(self) -> str:
        """A hash of all that it says."""
        found = hashlib.blake2b(digest_size=16)
        of_languages = (array for pair in self.idf for array in pair)
        of_groups = (
            array
            for group, buckets in sorted(self.furniture.items())
            for array in (np.array([group, len(buckets)]), buckets)
        )
        for array in (self.buckets, self.kinds, *of_languages, *of_groups):
            found.update(array.tobytes())
        return found.hexdigest()

    def numbered(
        self, terms: Terms, spoken: NDArray[np.int64], outlets: NDArray[np.int64]
    ) -> NumberedTerms:
        """The terms of n of the articles by columns, and what each column weighs among all.

        ``spoken`` and ``outlets`` (n,) are numbers of their groups. Raises RecordError for terms of
        other articles.
        """
        from dedupe.kernels.weigh import numbered

        met, _, columns = numbered(terms.buckets, terms.flags, np.empty(0, np.uint32))
        at, there = _places(self.buckets, met)
        if not there.all():
            raise RecordError("articles have terms that were not counted among those of all")
        languages, own = np.unique(spoken, return_inverse=True)
        idf = np.zeros((len(languages), len(met)), np.float32)
        for row, language in enumerate(languages.tolist()):
            buckets, values = self.idf[language]
            places, held = _places(buckets, met)
            idf[row, held] = values[places[held]]
        fixed = self._fixed(columns, terms.bounds, met, (spoken, outlets))
        none = np.broadcast_to(np.int32(0), BUCKETS)  # the kinds are known
        by_name = ((none, none), NAME_SHARE, (NAME_COUNT, LEAD_COUNT), LEAST_WEIGHT)
        kinds = np.ascontiguousarray(self.kinds[at])
        return NumberedTerms(columns, met, kinds, idf, own.astype(np.int64), fixed, None, by_name)

    def _fixed(
        self,
        columns: NDArray[np.uint32],
        bounds: NDArray[np.int64],
        met: NDArray[np.int64],
        groups: Sequence[NDArray[np.int64]],
    ) -> NDArray[np.bool_]:
        """Which entries are furniture (m,), empty where none is."""
        from dedupe.kernels.furniture import mark_terms

        fixed, held, any_found = np.zeros(len(columns), np.bool_), np.zeros(len(met), np.int32), 0
        order = np.argsort(met)
        for numbers in groups:
            for group in sorted(set(numbers.tolist()) & self.furniture.keys()):
                at, there = _places(met[order], self.furniture[group])
                members = np.flatnonzero(numbers == group)
                mark_terms(members, columns, bounds, held, order[at[there]], fixed)
                any_found += 1
        return fixed if any_found else np.empty(0, np.bool_)


def _places(
    known: NDArray[np.integer], wanted: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where wanted values (k,) are among known ones, ascending, and whether they are there."""
    if not len(known):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return at, np.asarray(known[at] == wanted)
