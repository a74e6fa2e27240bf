"""Article batches to sketches: shingles and MinHash signatures of the copy view, term counts.

Signatures are datasketch's, scheme ``affine32``: :func:`permutations` draws its parameters, and
:func:`to_datasketch` hands a signature over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.errors import SettingError
from dedupe.language import languages
from dedupe.lines import Lines, ragged, split, title_ends
from dedupe.tokens import Texts, Tokens, composed, filled, texts_of, tokens_of

if TYPE_CHECKING:
    import datasketch
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.config import Settings

TERM_BITS = 22
"""Terms are hashed into 2**22 buckets: of 200,000 distinct terms 5 % share one."""
LEAD_TERMS = 60
"""Terms that count as an article's lead: about two paragraphs."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Term counts of n articles, sorted by bucket within each."""

    buckets: NDArray[np.uint32]
    counts: NDArray[np.uint16]
    flags: NDArray[np.uint8]
    """NAME, NUMBER, TITLE, LEAD: the union over the term's occurrences."""
    bounds: NDArray[np.int64]

    def part(self, rows: slice) -> Terms:
        """Those of some articles in a row, in the same arrays."""
        own, ends = ragged(self.bounds, rows)
        return Terms(self.buckets[own], self.counts[own], self.flags[own], ends)


class MarkedTerms(NamedTuple):
    """Names, numbers, and the terms of title and lead, of n articles."""

    packed: NDArray[np.uint32]
    """``bucket << 8 | flags``, ascending within each article: in a large run they are kept beside
    the shingles, so they are small."""
    bounds: NDArray[np.int64]

    def part(self, rows: slice) -> MarkedTerms:
        """Those of some articles in a row, in the same array."""
        own, ends = ragged(self.bounds, rows)
        return MarkedTerms(self.packed[own], ends)

    def terms(self) -> Terms:
        """The same, each counted once."""
        ones = np.ones(len(self.packed), np.uint16)
        return Terms(self.packed >> np.uint32(8), ones, self.packed.astype(np.uint8), self.bounds)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of n articles once their text has gone by."""

    signatures: NDArray[np.uint32]
    """Copy view, (n, permutations)."""
    contents: NDArray[np.uint64]
    """Hash of the whole token sequence (n,); 0 for a text without a token."""
    shingles: NDArray[np.uint32]
    starts: NDArray[np.int64]
    """Where each article's shingles begin (n + 1,)."""
    lengths: NDArray[np.int64]
    """Tokens of each text (n,), as far as shingles of it are kept."""
    languages: tuple[str, ...] = ()
    """Language of each article, "" where it is not known; empty where only copies are sought."""
    terms: Terms | None = None
    """None where only copies are sought."""
    lines: Lines | None = None
    """None where only copies are sought, and once what recurs is left out."""
    telling: MarkedTerms | None = None
    """Where only copies are sought; None where all terms are there."""

    def __len__(self) -> int:
        return len(self.contents)

    @property
    def wordings(self) -> Terms:
        """The terms by which two texts are told apart: at least the telling ones."""
        if self.terms is not None:
            return self.terms
        if self.telling is None:
            raise ValueError("sketched without terms")
        return self.telling.terms()

    def part(self, rows: slice) -> Sketch:
        """That of some articles in a row, in the same arrays."""
        own, starts = ragged(self.starts, rows)
        terms, lines, telling = self.terms, self.lines, self.telling
        return Sketch(
            self.signatures[rows], self.contents[rows], self.shingles[own], starts,
            self.lengths[rows], self.languages[rows], terms and terms.part(rows),
            lines and lines.part(rows), telling and telling.part(rows),
        )  # fmt: skip

    @classmethod
    def empty(cls, settings: Settings) -> Sketch:
        """The sketch of no article."""
        found = cls.elsewhere(np.empty(0, np.uint64), np.empty(0, np.int64))
        return replace(found, signatures=np.empty((0, settings.permutations), np.uint32))

    @classmethod
    def elsewhere(cls, contents: NDArray[np.uint64], lengths: NDArray[np.int64]) -> Sketch:
        """What is at hand of n articles whose sketches lie elsewhere: it is long, and equal."""
        n, none = len(contents), np.empty(0, np.uint32)
        starts = np.zeros(n + 1, np.int64)
        return cls(
            np.empty((n, 0), np.uint32), contents, none, starts, lengths,
            telling=MarkedTerms(none, starts),
        )  # fmt: skip


@cache
def permutations(count: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Multipliers and increments of ``datasketch.MinHash(count, seed, scheme="affine32")``.

    As numpy.random.RandomState(seed) draws them, whose import takes as long as a small batch.
    """
    words = [seed]
    for place in range(1, 624):
        words.append((1812433253 * (words[-1] ^ words[-1] >> 30) + place) & 0xFFFFFFFF)
    draw = Random()  # noqa: S311 - the Mersenne Twister, and no other
    draw.setstate((3, (*words, 624), None))
    drawn = np.array([draw.getrandbits(32) for _ in range(2 * count)], np.uint32)
    return drawn[:count] * np.uint32(2) + np.uint32(1), drawn[count:]


def to_datasketch(signature: NDArray[np.uint32], seed: int) -> datasketch.MinHash:
    """A signature as a ``datasketch.MinHash``, to be used with datasketch's own indexes."""
    from datasketch import MinHash

    return MinHash(hashvalues=signature, seed=seed, scheme="affine32")


def from_datasketch(minhash: datasketch.MinHash, settings: Settings) -> NDArray[np.uint32]:
    """The signature uint32 (permutations,) of a ``datasketch.MinHash``, as ours are.

    Raises SettingError where it was made by another scheme, seed or number of permutations: its
    values would be compared with ours in vain.
    """
    own = ("affine32", settings.seed, settings.permutations)
    given = (minhash.scheme, minhash.seed, len(minhash.hashvalues))
    if given != own:
        raise SettingError(
            f"a MinHash of scheme {given[0]}, seed {given[1]} and {given[2]} permutations; wanted "
            f"{own[0]}, {own[1]} and {own[2]}: make it with those, or set seed and permutations"
        )
    return np.array(minhash.hashvalues, np.uint32)


def signatures_of(
    values: NDArray[np.uint32], starts: NDArray[np.int64], settings: Settings
) -> NDArray[np.uint32]:
    """MinHash signatures uint32 (n, permutations) of n sets of 32-bit hashes."""
    from dedupe.kernels.text import minhash

    found = np.empty((len(starts) - 1, settings.permutations), np.uint32)
    minhash(values, starts, *permutations(settings.permutations, settings.seed), found)
    return found


def sketch(batch: pa.RecordBatch, settings: Settings, *, copies_only: bool = False) -> Sketch:
    """Sketches a batch of articles. An article without a text is sketched by its title.

    Touches no state, so that batches may be sketched on threads.
    """
    title = batch.column("title")
    titles, texts = composed(title), composed(filled(batch.column("text"), title))
    if copies_only:
        found = unsigned_copies(titles, texts, settings)
    else:
        sources = composed(batch.column("source"))
        found = lined(titles, texts, sources, batch.column("lang").to_pylist(), settings)
    return replace(found, signatures=signatures_of(found.shingles, found.starts, settings))


def unsigned(
    titles: Texts, texts: Texts, sources: Texts, stated: Sequence[str], settings: Settings
) -> Sketch:
    """The sketch of n composed texts but for their signatures: (n, 0).

    In the languages ``stated`` (n,), or found. It has their lines where one of them has signs that
    part menus, or the name of a site from a title.
    """
    from dedupe.kernels.parting import line_bounds, title_cuts
    from dedupe.kernels.terms import count_terms

    if line_bounds(*texts)[1].any() or (title_cuts(*titles) < titles.offsets[1:]).any():
        return lined(titles, texts, sources, stated, settings)
    body = tokens_of(texts)
    terms = Terms(*count_terms(tokens_of(titles), body, TERM_BITS, LEAD_TERMS))
    return replace(_shingled(body, settings), languages=tuple(languages(stated, body)), terms=terms)


def terms_of(texts: Sequence[str]) -> Terms:
    """The terms of n strings, each as a text without a title."""
    from dedupe.kernels.terms import count_terms

    bodies, none = tokens_of(texts_of(texts)), tokens_of(texts_of([""] * len(texts)))
    return Terms(*count_terms(none, bodies, TERM_BITS, LEAD_TERMS))


def unsigned_copies(titles: Texts, texts: Texts, settings: Settings) -> Sketch:
    """The same where only copies are sought: with the telling terms alone, and no languages."""
    from dedupe.kernels.novelty import marked_terms

    body = tokens_of(texts)
    found = marked_terms(tokens_of(titles), body, TERM_BITS, LEAD_TERMS)
    return replace(_shingled(body, settings), telling=MarkedTerms(*found))


def lined(
    titles: Texts, texts: Texts, sources: Texts, stated: Sequence[str], settings: Settings
) -> Sketch:
    """The same with the lines of the texts."""
    from dedupe.kernels.terms import count_lines

    heads, parts = tokens_of(titles), split(texts)
    cuts, body = title_ends(titles, heads), parts.whole()
    terms, places = count_lines(heads, cuts, parts.tokens, parts.firsts, TERM_BITS, LEAD_TERMS)
    return replace(
        _shingled(body, settings),
        languages=tuple(languages(stated, body)),
        terms=Terms(*terms),
        lines=Lines.of(heads, cuts, parts, places, tokens_of(sources, stems=False)),
    )


def _shingled(body: Tokens, settings: Settings) -> Sketch:
    from dedupe.kernels.text import shingle

    n = len(body.bounds) - 1
    shingles, starts = np.empty(len(body.hashes), np.uint32), np.empty(n + 1, np.int64)
    contents = np.empty(n, np.uint64)
    total = shingle(body.hashes, body.bounds, settings.shingle_words, shingles, starts, contents)
    return Sketch(
        np.empty((n, 0), np.uint32), contents, shingles[:total].copy(), starts, np.diff(body.bounds)
    )
