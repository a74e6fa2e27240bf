"""Document frequencies of a range of changes, as the record that is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from dedupe.errors import DamagedError
from dedupe.moments import DAY, FIRST_MOMENT, LAST_MOMENT, UNDATED
from dedupe.sketch import TERM_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.index.record import Sketches

HEAD = 5
"""Numbers at the beginning: bytes of the language codes, then the length of each count."""
FORMS = ("<u4", "<u4", "<u4", "<i4")
"""Of the keys of each count."""


class Count(NamedTuple):
    """How often each key was counted: int64 (k,), keys ascending, none of them 0 times."""

    keys: NDArray[np.int64]
    times: NDArray[np.int64]

    @classmethod
    def of(cls, keys: NDArray[np.int64], times: NDArray[np.int64]) -> Count:
        """Sums up keys (m,) in any order, with how often each counts."""
        order = np.argsort(keys, kind="stable")  # quick where sorted parts follow each other
        keys, times = keys[order], times[order]
        starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
        sums = np.add.reduceat(times, starts) if len(starts) else times
        return cls(keys[starts][sums != 0], sums[sums != 0])

    @classmethod
    def summed(cls, keys: NDArray[np.int64], times: NDArray[np.int64]) -> Count:
        """The same: quicker for keys of which most come often."""
        from dedupe.kernels.weigh import summed

        return cls(*summed(keys, times))

    def lies_within(self, first: int, last: int) -> bool:
        """Whether its keys ascend from ``first`` to ``last`` at most, none of them 0 times."""
        keys = self.keys
        inside = not len(keys) or (first <= keys[0] and keys[-1] <= last)
        return bool(inside and (keys[1:] > keys[:-1]).all() and self.times.all())


@dataclass(frozen=True)
class Delta:
    """Articles and terms that came in a range of changes, less those that went, as a record.

    Records of ranges that follow each other add up to the frequencies of all articles.
    """

    languages: Sequence[str]
    articles: Count
    """By the place of their language among ``languages``."""
    terms: Count
    """Articles by ``language << TERM_BITS | bucket``."""
    named: Count
    """Articles that write a term as a name, by its bucket."""
    days: Count
    """Articles by day since 1970."""

    @property
    def counts(self) -> tuple[Count, Count, Count, Count]:
        """All of them, as they stand in a record."""
        return self.articles, self.terms, self.named, self.days

    @classmethod
    def of(cls, sketches: Sketches, signs: NDArray[np.int64]) -> Self:
        """Of n articles: ``signs`` int64 (n,) are 1 for one that came, -1 for one that went."""
        from dedupe.kernels.text import NAME

        languages = list(dict.fromkeys(sketches.languages))
        places = {code: at for at, code in enumerate(languages)}
        spoken = np.array([places[code] for code in sketches.languages], np.int64)
        terms, dated = sketches.terms(), sketches.dates != UNDATED
        sizes = np.diff(terms.bounds)
        buckets, times = terms.buckets.astype(np.int64), np.repeat(signs, sizes)
        names = (terms.flags & NAME) != 0
        return cls(
            languages,
            Count.of(spoken, signs),
            Count.summed(np.repeat(spoken << TERM_BITS, sizes) | buckets, times),
            Count.summed(buckets[names], times[names]),
            Count.of(sketches.dates[dated] // DAY, signs[dated]),
        )

    @classmethod
    def total(cls, parts: Sequence[Delta]) -> Self:
        """All of them together."""
        languages = list(dict.fromkeys(code for part in parts for code in part.languages))
        places = {code: at for at, code in enumerate(languages)}
        none = Count(np.empty(0, np.int64), np.empty(0, np.int64))
        sums = [[none], [none], [none], [none]]
        for part in parts:
            to = np.array([places[code] for code in part.languages], np.int64)
            spoken = to[part.terms.keys >> TERM_BITS] << TERM_BITS
            buckets = part.terms.keys & ((1 << TERM_BITS) - 1)
            sums[0].append(Count(to[part.articles.keys], part.articles.times))
            sums[1].append(Count(spoken | buckets, part.terms.times))
            sums[2].append(part.named)
            sums[3].append(part.days)
        together = (map(np.concatenate, zip(*counts, strict=True)) for counts in sums)
        return cls(languages, *(Count.of(*columns) for columns in together))

    def less(self, other: Delta) -> Self:
        """The difference: nothing where both count the same."""
        taken = (count._replace(times=-count.times) for count in other.counts)
        return type(self).total([self, Delta(other.languages, *taken)])

    def of_language(self, at: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Buckets of the terms of a language, ascending, and how many articles have each."""
        first, last = np.searchsorted(self.terms.keys, [at << TERM_BITS, (at + 1) << TERM_BITS])
        buckets = self.terms.keys[first:last] & ((1 << TERM_BITS) - 1)
        return buckets, self.terms.times[first:last]

    def packed(self) -> bytes:
        """As bytes that any machine reads alike."""
        codes = "".join(f"{code}," for code in self.languages).encode("ascii")
        sizes = np.array([len(codes), *(len(count.keys) for count in self.counts)], "<u4")
        parts = [sizes.tobytes(), codes]
        for count, form in zip(self.counts, FORMS, strict=True):
            parts += [count.keys.astype(form).tobytes(), count.times.astype("<i4").tobytes()]
        return b"".join(parts)

    def sound(self) -> bool:
        """Whether each count is as ``Count.of`` makes it, of keys that there are."""
        spoken = len(self.languages)
        bounds = (
            (self.articles, 0, spoken - 1), (self.terms, 0, (spoken << TERM_BITS) - 1),
            (self.named, 0, (1 << TERM_BITS) - 1),
            (self.days, FIRST_MOMENT // DAY, LAST_MOMENT // DAY),
        )  # fmt: skip
        return len(set(self.languages)) == spoken and all(
            count.lies_within(first, last) for count, first, last in bounds
        )

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """What ``packed`` returned. Raises DamagedError."""
        try:
            letters, *sizes = np.frombuffer(data, "<u4", HEAD).tolist()
            at = 4 * HEAD + letters
            codes, counts = data[4 * HEAD : at].decode("ascii"), []
            for size, form in zip(sizes, FORMS, strict=True):
                keys = np.frombuffer(data, form, size, at).astype(np.int64)
                times = np.frombuffer(data, "<i4", size, at + 4 * size).astype(np.int64)
                counts.append(Count(keys, times))
                at += 8 * size
            found = cls(codes.split(",")[:-1], *counts)
            if at != len(data) or not found.sound():
                raise ValueError("they are not as they were written")  # noqa: TRY301 - as NumPy
        except ValueError as error:
            raise DamagedError(
                f"document frequencies in the index can't be read ({error})"
            ) from None
        return found
