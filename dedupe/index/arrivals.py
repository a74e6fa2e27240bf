"""Articles that come in: sketched, and with the keys by which others will find them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.furniture import LEAST_ARTICLES
from dedupe.index.answers import compressed
from dedupe.index.record import Marks, Sketches
from dedupe.moments import UNDATED, in_utc, since_1970
from dedupe.recurring import without_recurring
from dedupe.score import ShingleSets
from dedupe.sketch import Sketch, lined, unsigned
from dedupe.tokens import Texts, texts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.model import Article

LOWEST_SHINGLES = 8
"""Of two texts of Jaccard 0.5 the eight lowest shingles have one in common with probability .996:
as likely as that 42 bands of 3 rows meet (Broder 1997, section 3, the sketch of the least s)."""
SAMPLE_MASK = 15
"""Of all others those that end in four zeros, so that an excerpt is found in a long text."""
MOST_COPY_KEYS = 1024
"""Keys of the copy view that an article has at most: all of a text of 16,000 words."""
STORY_SEED, STORY_MULTIPLIER = np.uint32(0x5BD1E995), np.uint32(0x9E3779B1)


class CopyKeys(NamedTuple):
    """Keys of the copy view of n articles, ascending in each: uint32, bounds int64 (n + 1,)."""

    keys: NDArray[np.uint32]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, sets: ShingleSets) -> CopyKeys:
        """Of the shingles of each those by which copies and excerpts are found."""
        from dedupe.kernels.incoming import copy_keys

        return cls(
            *copy_keys(sets.values, sets.bounds, LOWEST_SHINGLES, SAMPLE_MASK, MOST_COPY_KEYS)
        )

    def row(self, at: int) -> NDArray[np.uint32]:
        """Those of one."""
        return self.keys[self.bounds[at] : self.bounds[at + 1]]


@dataclass(frozen=True)
class Arrivals:
    """n articles to be judged."""

    articles: Sequence[Article]
    sketch: Sketch
    sets: ShingleSets
    copy_keys: CopyKeys
    dates: NDArray[np.int64]
    """Microseconds since 1970; UNDATED for none (n,)."""
    texts: list[bytes]
    """The articles as they are kept; none where they are only to be checked."""
    lined: Sketch | None
    """All of them with their lines, where these were looked for."""

    def __len__(self) -> int:
        return len(self.articles)

    def moment(self, row: int, came: int) -> int:
        """When one was written or, where that isn't known, ``came``: microseconds since 1970."""
        date = int(self.dates[row])
        return date if date != UNDATED else came

    @cached_property
    def packed(self) -> Sketches:
        """The sketches as they are stored, but for their edges."""
        sketch = self.sketch
        if sketch.terms is None:
            raise ValueError("sketched without terms")
        keys = np.diff(self.copy_keys.bounds)
        return Sketches.packed(
            sketch.terms,
            Marks(sketch.languages, sketch.lengths, keys, sketch.contents, self.dates),
        )

    def shingles(self, row: int) -> NDArray[np.uint32]:
        """One's shingles in the order of its text."""
        return self.sketch.shingles[self.sketch.starts[row] : self.sketch.starts[row + 1]]


def arrivals(
    articles: Sequence[Article], settings: Settings, *, texts: bool | None = None
) -> Arrivals:
    """Sketches articles by their own parts. One without a text is sketched by its title.

    With ``texts`` they are made ready to be kept: whole, or where it is False without their texts.
    """
    stated = [_language(article.lang) for article in articles]
    make = lined if len(articles) >= LEAST_ARTICLES else unsigned
    whole = make(*texts_by_part(articles), stated, settings)
    sketched = without_recurring(whole, settings)
    dates = np.array([microseconds(article) for article in articles], np.int64)
    kept = [compressed(article, whole=texts) for article in articles] if texts is not None else []
    lines = None if whole.lines is None else whole
    return Arrivals(articles, sketched, *_shingles_of(sketched), dates, kept, lines)


def resketched(before: Arrivals, sketched: Sketch) -> Arrivals:
    """The same articles by another sketch."""
    sets, keys = _shingles_of(sketched)
    return replace(before, sketch=sketched, sets=sets, copy_keys=keys)


def texts_by_part(articles: Sequence[Article]) -> tuple[Texts, Texts, Texts]:
    """What n articles are sketched by: titles, texts and sources."""
    titles = texts_of([article.title for article in articles])
    texts = texts_of([article.text or article.title for article in articles])
    return titles, texts, texts_of([article.source for article in articles])


def _shingles_of(sketched: Sketch) -> tuple[ShingleSets, CopyKeys]:
    """The sets of shingles of n articles, and the keys of their copy view."""
    sets = ShingleSets.of(sketched, np.arange(len(sketched), dtype=np.int32))
    return sets, CopyKeys.of(sets)


def _language(code: str) -> str:
    """The language that is stated, if words of it are known; else "", to be found out.

    A feed may state anything, and each language that is told apart takes memory.
    """
    from dedupe.language import ALIASES, common_words

    known = ALIASES.get(code, code)
    return known if known in common_words().names else ""


def copy_keys(shingles: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The shingles, of distinct ascending ones, by which copies and excerpts are found."""
    return CopyKeys.of(ShingleSets(shingles, np.array([0, len(shingles)], np.int64))).keys


def stored_copy_keys(shingles: bytes) -> NDArray[np.uint32]:
    """The same of shingles as they are stored, in the order of their text."""
    from dedupe.kernels.postings import distinct

    return copy_keys(distinct(np.frombuffer(shingles, "<u4").astype(np.uint32)))


def story_keys(buckets: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Keys of term buckets, apart from those of shingles but for chance."""
    return (buckets ^ STORY_SEED) * STORY_MULTIPLIER


def microseconds(article: Article) -> int:
    """Its date in microseconds since 1970; UNDATED for none. A naive date is taken for UTC."""
    date = None if article.date is None else in_utc(article.date)
    return UNDATED if date is None else since_1970(date)


def digest(article: Article) -> bytes:
    """Of title and text as they are."""
    joined = f"{article.title}\0{article.text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=16).digest()
