"""A stored sketch: what an article is compared by, as bytes that any machine reads alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import DamagedError
from dedupe.index.store import Blobs
from dedupe.sketch import Terms

if TYPE_CHECKING:
    from dedupe.weigh import TermRows, Weigher, Weights

LANGUAGE_BYTES = 4
"""Letters of a language code that are kept, of ASCII; the longest in use has three."""
MOST_EDGES = 32
"""Likeliest companions that an article keeps the evidence of."""


Numbers = Sequence[int] | NDArray[np.int64]


class Edges(NamedTuple):
    """What an article has in common with some that were stored before it."""

    numbers: NDArray[np.int64]
    logits: NDArray[np.float32]
    """Log-odds of one event by the evidence of the pair alone (m,)."""
    cosines: NDArray[np.float32]

    @classmethod
    def none(cls) -> Edges:
        """No edges at all."""
        return cls(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.float32))

    def numbered(self, given: Sequence[int]) -> Edges:
        """With the numbers that incoming rows were given, where -1 - row stands for one."""
        found = [at if at >= 0 else given[-1 - at] for at in self.numbers.tolist()]
        return self._replace(numbers=np.array(found, np.int64))

    def words(self) -> NDArray[np.uint32]:
        """As they stand in a sketch."""
        parts = (self.numbers.astype(np.uint32), self.logits.view(np.uint32))
        return np.concatenate((*parts, self.cosines.view(np.uint32)))


class Marks(NamedTuple):
    """What is known of n articles beside their terms."""

    languages: Sequence[str]
    tokens: NDArray[np.int64]
    copy_keys: NDArray[np.int64]
    contents: NDArray[np.uint64]
    """Hash of all tokens of each in order."""
    dates: NDArray[np.int64]
    """Microseconds since 1970; UNDATED for none."""


@lru_cache(maxsize=1024)
def _code(language: str) -> int:
    """A language as the word that stands for it."""
    code = language.encode("ascii", "replace")[:LANGUAGE_BYTES]
    return int.from_bytes(code.ljust(LANGUAGE_BYTES, b"\0"), "little")


@lru_cache(maxsize=1024)
def _language(code: int) -> str:
    return code.to_bytes(LANGUAGE_BYTES, "little").rstrip(b"\0").decode()


@dataclass(frozen=True)
class Sketches:
    """n stored sketches, read together."""

    words: NDArray[np.uint32]
    first: NDArray[np.int64]
    """Where each begins (n,)."""

    @classmethod
    def of(cls, parts: Sequence[bytes], numbers: Numbers | None = None) -> Sketches:
        """The sketches in these bytes. Raises DamagedError where one is not as it was written."""
        return cls.read(Blobs.of(parts), numbers)

    @classmethod
    def read(cls, stored: Blobs, numbers: Numbers | None = None) -> Sketches:
        """The same of bytes that lie together; ``numbers`` (n,) are what they are stored under."""
        from dedupe.kernels.incoming import first_broken

        broken = first_broken(stored.data, stored.bounds)
        if broken >= 0:
            which = "a sketch" if numbers is None else f"the sketch of entry {numbers[broken]}"
            raise DamagedError(f"{which} is cut short or broken")
        words = stored.data.view("<u4").astype(np.uint32, copy=False)
        return cls(words, stored.bounds[:-1] >> 2)

    def weighed(self, weigher: Weigher) -> Weights:
        """Their TF-IDF rows."""
        codes = dict.fromkeys(self.words[self.first].tolist())
        languages = {code: _language(code) for code in codes}
        return weigher.weigh_packed(self.words, self.first, languages)

    def term_rows(self, weigher: Weigher, rows: NDArray[np.int32]) -> TermRows:
        """The TF-IDF rows of some, each once and ascending; the others are empty."""
        some = Sketches(self.words, self.first[rows]).weighed(weigher)
        return some.term_rows._replace(bounds=self._spread(rows, some.bounds))

    def followed_by(self, others: Sketches) -> Sketches:
        """These, then others."""
        words = np.concatenate((self.words, others.words))
        return Sketches(words, np.concatenate((self.first, len(self.words) + others.first)))

    @classmethod
    def packed(cls, terms: Terms, marks: Marks) -> Sketches:
        """Sketches of articles that come in: without edges, and entered under no terms yet."""
        from dedupe.kernels.incoming import HEADER, packed_rows

        headers = np.zeros((len(marks.languages), HEADER), np.uint32)
        headers[:, 0] = [_code(language) for language in marks.languages]
        headers[:, 1] = terms.bounds[1:] - terms.bounds[:-1]
        headers[:, 3] = np.minimum(marks.tokens, 2**32 - 1)
        headers[:, 4] = marks.copy_keys
        headers[:, 5:7] = marks.contents.astype("<u8").view(np.uint32).reshape(-1, 2)
        headers[:, 7:9] = marks.dates.astype("<i8").view(np.uint32).reshape(-1, 2)
        words, first = packed_rows(headers, terms.buckets, terms.counts, terms.flags, terms.bounds)
        return cls(words, first)

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def languages(self) -> list[str]:
        """Language code of each."""
        return [_language(code) for code in self.words[self.first].tolist()]

    @cached_property
    def tokens(self) -> NDArray[np.int64]:
        """Tokens of each text (n,)."""
        return self.words[self.first + 3].astype(np.int64)

    @cached_property
    def copy_keys(self) -> NDArray[np.int64]:
        """Keys of the copy view of each (n,)."""
        return self.words[self.first + 4].astype(np.int64)

    @cached_property
    def telling(self) -> NDArray[np.int64]:
        """Telling terms under which each is entered (n,)."""
        return self.words[self.first + 9].astype(np.int64)

    @cached_property
    def contents(self) -> NDArray[np.uint64]:
        """Hash of each one's tokens in order (n,)."""
        return self._wide(5)

    @cached_property
    def dates(self) -> NDArray[np.int64]:
        """Microseconds since 1970; UNDATED for none (n,)."""
        return self._wide(7).view(np.int64)

    def _wide(self, at: int) -> NDArray[np.uint64]:
        low, high = self.words[self.first + at], self.words[self.first + at + 1]
        return low.astype(np.uint64) | high.astype(np.uint64) << np.uint64(32)

    def entered(self, row: int, edges: NDArray[np.uint32], telling: int) -> bytes:
        """A sketch with other edges, as ``edges`` of another or ``Edges.words`` gives them.

        ``telling`` is under how many terms it is entered.
        """
        from dedupe.kernels.incoming import HEADER

        first = int(self.first[row])
        size = HEADER + int(self.words[first + 1])
        entered = np.empty(size + len(edges), "<u4")
        entered[:size] = self.words[first : first + size]
        entered[2], entered[9] = len(edges) // 3, telling
        entered[size:] = edges
        return entered.tobytes()

    def edges(self, row: int) -> NDArray[np.uint32]:
        """The words of a sketch's edges."""
        from dedupe.kernels.incoming import HEADER

        first = int(self.first[row])
        begin = first + HEADER + int(self.words[first + 1])
        return self.words[begin : begin + 3 * int(self.words[first + 2])]

    def terms(self) -> Terms:
        """Term counts of all."""
        from dedupe.kernels.incoming import unpacked_terms

        return Terms(*unpacked_terms(self.words, self.first))

    def terms_of(self, rows: NDArray[np.int32]) -> Terms:
        """Term counts of some of n, each once and ascending; the others have none."""
        some = Sketches(self.words, self.first[rows]).terms()
        return Terms(some.buckets, some.counts, some.flags, self._spread(rows, some.bounds))

    def _spread(self, rows: NDArray[np.int32], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Bounds of some rows as those of all n, the others empty: (n + 1,)."""
        spread = np.zeros(len(self) + 1, np.int64)
        spread[rows + 1] = bounds[1:] - bounds[:-1]
        return spread.cumsum()

    def edges_within(
        self, numbers: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
        """Edges to others among these: places int32 (m, 2), log-odds and cosines float32 (m,).

        ``numbers`` int64 (n,) are the numbers under which these are stored.
        """
        from dedupe.kernels.incoming import edges_within

        found: tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]] = edges_within(
            self.words, self.first, numbers
        )
        return found
