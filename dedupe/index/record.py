"""A stored sketch: what an article is compared by, as bytes that any machine reads alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.errors import DamagedError
from dedupe.sketch import Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

LANGUAGE_BYTES = 4
"""Letters of a language code that are kept, of ASCII; the longest in use has three."""
MOST_EDGES = 32
"""Likeliest companions that an article keeps the evidence of."""


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


class Marks(NamedTuple):
    """What is told of an article beside its terms."""

    language: str
    tokens: int
    copy_keys: int
    content: int
    """Hash of all its tokens in order."""
    date: int
    """Microseconds since 1970; UNDATED for none."""
    telling: int = 0
    """Telling terms under which it is entered; 0 for a copy that adds nothing to its group."""


def packed(terms: NDArray[np.uint32], edges: Edges, marks: Marks) -> bytes:
    """A sketch as bytes, little-endian words; ``terms`` as from kernels.incoming.packed_terms."""
    from dedupe.kernels.incoming import HEADER

    code = marks.language.encode("ascii", "replace")[:LANGUAGE_BYTES].ljust(LANGUAGE_BYTES, b"\0")
    header = np.zeros(HEADER, np.uint32)
    header[0] = int.from_bytes(code, "little")
    header[1:5] = len(terms), len(edges.numbers), min(marks.tokens, 2**32 - 1), marks.copy_keys
    header[5:7] = np.array([marks.content], "<u8").view(np.uint32)
    header[7:9] = np.array([marks.date], "<i8").view(np.uint32)
    header[9] = marks.telling
    parts = (
        header,
        terms,
        edges.numbers.astype(np.uint32),
        edges.logits.astype(np.float32).view(np.uint32),
        edges.cosines.astype(np.float32).view(np.uint32),
    )
    return np.concatenate(parts).astype("<u4").tobytes()


@dataclass(frozen=True)
class Sketches:
    """n stored sketches, read together."""

    words: NDArray[np.uint32]
    first: NDArray[np.int64]
    """Where each begins (n,)."""

    @classmethod
    def of(cls, parts: Sequence[bytes]) -> Sketches:
        """The sketches in these bytes. Raises DamagedError where their lengths are not so."""
        from dedupe.kernels.incoming import HEADER

        data = b"".join(parts)
        words = np.frombuffer(data, "<u4", len(data) // 4).astype(np.uint32, copy=False)
        ends = np.cumsum([len(part) for part in parts], dtype=np.int64) // 4
        first = np.concatenate((np.zeros(1, np.int64), ends))[: len(parts)]
        sizes = np.array([len(part) for part in parts], np.int64)
        if len(parts):
            said = np.full(len(parts), -1, np.int64)
            fits = (sizes >= 4 * HEADER) & (sizes % 4 == 0)
            if fits.all():
                said = HEADER + words[first + 1].astype(np.int64) + 3 * words[first + 2].astype(int)
            if not fits.all() or (4 * said != sizes).any():
                raise DamagedError(
                    "a sketch in the index is cut short or broken: run dedupe index verify, and "
                    "take the last sound copy"
                )
        return cls(words, first)

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def languages(self) -> list[str]:
        """Language code of each."""
        codes = self.words[self.first]
        return [
            int(code).to_bytes(LANGUAGE_BYTES, "little").rstrip(b"\0").decode() for code in codes
        ]

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

    def with_edges(self, other: Sketches, telling: int) -> bytes:
        """The first of these with the edges of the first of others, to be entered anew.

        ``telling`` is under how many terms.
        """
        from dedupe.kernels.incoming import HEADER

        own, given = self.words, other.words
        terms = own[: HEADER + int(own[1])].copy()
        edges = given[HEADER + int(given[1]) :][: 3 * int(given[2])]
        terms[2], terms[9] = given[2], telling
        return np.concatenate((terms, edges)).astype("<u4").tobytes()

    def terms(self) -> Terms:
        """Term counts of all."""
        from dedupe.kernels.incoming import unpacked_terms

        return Terms(*unpacked_terms(self.words, self.first))

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
