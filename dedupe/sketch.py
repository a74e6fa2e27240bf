"""Article batches to sketches: shingles and MinHash signatures of the copy view, term counts.

Signatures are datasketch's, scheme ``affine32``: :func:`permutations` draws its parameters, and
:func:`to_datasketch` hands a signature over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from dedupe.errors import SettingError
from dedupe.language import languages
from dedupe.lines import Lines, split, title_ends
from dedupe.tokens import Texts, Tokens, composed, filled, texts_of, tokens_of

if TYPE_CHECKING:
    import datasketch
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.config import Settings

Number = TypeVar("Number", bound=np.generic)
Part = TypeVar("Part")

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


class MarkedTerms(NamedTuple):
    """Names, numbers, and the terms of title and lead, of n articles."""

    packed: NDArray[np.uint32]
    """``bucket << 8 | flags``, ascending within each article: in a large run they are kept beside
    the shingles, so they are small."""
    bounds: NDArray[np.int64]

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

    @classmethod
    def empty(cls, settings: Settings) -> Sketch:
        """The sketch of no article."""
        none = np.empty(0, np.int64)
        signatures = np.empty((0, settings.permutations), np.uint32)
        start = np.zeros(1, np.int64)
        return cls(
            signatures, none.astype(np.uint64), none.astype(np.uint32), start, none,
            telling=MarkedTerms(none.astype(np.uint32), start),
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


def joined(parts: Sequence[Sketch], order: NDArray[np.int64], executor: Executor) -> Sketch:
    """All sketches as one, with the articles in the given order."""
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    own = [part.starts for part in parts]
    starts, places = _layout(own, order, rank)
    # Large and new: to be touched for the first time is most of their cost, so on all threads.
    shingles = executor.submit(_placed, [part.shingles for part in parts], own, places)
    signatures = executor.submit(_stacked, [part.signatures for part in parts], rank)
    terms = _joined_terms([part.terms for part in parts], order, rank, executor)
    lines = _joined_lines([part.lines for part in parts], order, rank, executor)
    telling = _joined_telling([part.telling for part in parts], order, rank)
    spoken = [code for part in parts for code in part.languages]
    return Sketch(
        signatures.result(),
        np.concatenate([part.contents for part in parts])[order],
        shingles.result(),
        starts,
        np.concatenate([part.lengths for part in parts])[order],
        tuple(spoken[i] for i in order) if spoken else (),
        terms,
        lines,
        telling,
    )


def _all_of(given: Sequence[Part | None]) -> list[Part] | None:
    """The parts, or None where one of them is missing."""
    parts = [part for part in given if part is not None]
    return parts if len(parts) == len(given) else None


def _joined_terms(
    given: Sequence[Terms | None],
    order: NDArray[np.int64],
    rank: NDArray[np.int64],
    executor: Executor,
) -> Terms | None:
    if (parts := _all_of(given)) is None:
        return None
    own = [part.bounds for part in parts]
    bounds, places = _layout(own, order, rank)
    buckets = executor.submit(_placed, [part.buckets for part in parts], own, places)
    counts = executor.submit(_placed, [part.counts for part in parts], own, places)
    flags = executor.submit(_placed, [part.flags for part in parts], own, places)
    return Terms(buckets.result(), counts.result(), flags.result(), bounds)


def _joined_lines(
    given: Sequence[Lines | None],
    order: NDArray[np.int64],
    rank: NDArray[np.int64],
    executor: Executor,
) -> Lines | None:
    if (parts := _all_of(given)) is None:
        return None
    own, spots = [part.bounds for part in parts], [part.order_bounds for part in parts]
    bounds, places = _layout(own, order, rank)
    order_bounds, order_places = _layout(spots, order, rank)
    keys = executor.submit(_placed, [part.keys for part in parts], own, places)
    ends = executor.submit(_placed, [part.ends for part in parts], own, places)
    tokens = executor.submit(_placed, [part.token_ends for part in parts], own, places)
    known = executor.submit(_placed, [part.known for part in parts], own, places)
    terms = executor.submit(_placed, [part.order for part in parts], spots, order_places)
    return Lines(
        keys.result(), ends.result(), tokens.result(), known.result(), bounds, terms.result(),
        order_bounds,
    )  # fmt: skip


def _joined_telling(
    given: Sequence[MarkedTerms | None], order: NDArray[np.int64], rank: NDArray[np.int64]
) -> MarkedTerms | None:
    if (parts := _all_of(given)) is None:
        return None
    own = [part.bounds for part in parts]
    bounds, places = _layout(own, order, rank)
    return MarkedTerms(_placed([part.packed for part in parts], own, places), bounds)


def _stacked(parts: Sequence[NDArray[np.uint32]], rank: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The rows of all parts, each at its rank."""
    found = np.empty((len(rank), parts[0].shape[1]), np.uint32)
    first = 0
    for part in parts:
        found[rank[first : first + len(part)]] = part
        first += len(part)
    return found


def _layout(
    bounds: Sequence[NDArray[np.int64]], order: NDArray[np.int64], rank: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bounds of all rows in their new order, and where each row of the parts goes."""
    sizes = np.concatenate([np.diff(part) for part in bounds])
    ends = np.concatenate(([0], np.cumsum(sizes[order]))).astype(np.int64)
    return ends, ends[rank]


def _placed(
    parts: Sequence[NDArray[Number]],
    bounds: Sequence[NDArray[np.int64]],
    places: NDArray[np.int64],
) -> NDArray[Number]:
    from dedupe.kernels.text import place_rows

    place: Callable[..., None] = place_rows  # of any type, the same on both sides
    target = np.empty(sum(len(part) for part in parts), parts[0].dtype)
    first = 0
    for values, own in zip(parts, bounds, strict=True):
        place(values, own, places[first : first + len(own) - 1], target)
        first += len(own) - 1
    return target
