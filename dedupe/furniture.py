"""Terms that recur in what has nothing else in common: mastheads, menus, buttons, disclaimers.

Unrelated articles share such furniture, and it must not tie them together. It is learnt from the
corpus itself, term by term, in two kinds of groups: all articles of a language, and all of an
outlet. A term is furniture of a group that holds it far more often than is usual, if those who
hold it are no more alike for that: what is common because half of a corpus reports one event is
none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_ARTICLES, SHARE, RATIO = 20, 0.3, 0.5
"""A group has at least so many articles. A term may be its furniture where that share of them
hold it, and where it is at most RATIO times as common at large: in general text of the language,
and for an outlet in the corpus."""
ALIKE, MARKED_OFF = 1.25, 2.0
"""Its holders are alike where their mean cosine without such terms is more than ALIKE times that of
any two of the group, or with them MARKED_OFF times: then they are a part of the group by itself."""
ONE_STORY = 0.1
"""A group whose pairs have this mean cosine without such terms is about one thing: of unrelated
articles it is .02 to .06. Nothing in it can be told to be furniture."""
ONE_EVENT = 0.12
"""Articles of many outlets whose mean cosine with such terms is more may report one event; those of
one outlet do not: it seldom reports an event in so many articles."""
SAMPLE, OUTLET_SAMPLE = 256, 64
"""Articles of a language and of an outlet whose pairs are measured, spread over all of them."""
SOME = 1 << 22
"""Terms that are counted at a time."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """n articles as rows of terms, for what is furniture in them."""

    columns: NDArray[np.uint32]
    """Term columns (m,)."""
    bounds: NDArray[np.int64]
    """Where each row begins (n + 1,)."""
    spoken: NDArray[np.int64]
    """Number of each article's language (n,)."""
    idf: NDArray[np.float32]
    """Of each column in each language (languages, width)."""
    usual: NDArray[np.float64]
    """Share of the general texts of each language that hold each column (languages, width)."""
    sources: Sequence[str]
    """Name of each article's outlet, "" where it is not known (n,)."""


class Furniture(NamedTuple):
    """Columns uint32 left out of each of n articles as furniture."""

    columns: NDArray[np.uint32]
    bounds: NDArray[np.int64]

    @classmethod
    def of(
        cls, columns: NDArray[np.uint32], bounds: NDArray[np.int64], fixed: NDArray[np.bool_]
    ) -> Furniture:
        """The ``fixed`` entries (m,) of ragged rows."""
        places = np.flatnonzero(fixed)
        return cls(columns[places], np.searchsorted(places, bounds))


def furniture_of(corpus: Corpus) -> NDArray[np.bool_]:
    """Which entries of the rows are furniture: bool (m,), empty where none is."""
    from dedupe.kernels.furniture import common_terms, mark_terms

    fixed, any_found = np.zeros(len(corpus.columns), np.bool_), False
    rows = (corpus.columns, corpus.bounds)
    held = np.zeros(corpus.idf.shape[1], np.int32)
    large: list[NDArray[np.float64]] = []
    for group in groups_of(corpus.spoken, corpus.sources):
        size = len(group.members)
        common, times = common_terms(group.members, *rows, held, least_holders(size))
        if not len(common):
            continue
        if group.outlet and not large:
            large.append(_counts(corpus.columns, len(held)) / len(corpus.sources))
        usual = large[0] if group.outlet else corpus.usual[group.language]
        common = common[unusual(times, size, usual[common])]
        if len(common):
            found = common[tie_nothing(corpus, group.sampled(), common, group.alike)]
            any_found |= len(found) > 0
            mark_terms(group.members, *rows, held, found, fixed)
    return fixed if any_found else np.empty(0, np.bool_)


class ArticleGroup(NamedTuple):
    """Articles among which something may be furniture."""

    members: NDArray[np.int64]
    """Rows that are in it."""
    language: int
    """The number of the language whose articles they are; -1 of those of an outlet."""

    @property
    def outlet(self) -> bool:
        """Whether they are those of an outlet."""
        return self.language < 0

    @property
    def alike(self) -> float:
        """Mean cosine, with all terms, of which its articles may be and still share furniture."""
        return 1.0 if self.outlet else ONE_EVENT

    def sampled(self) -> NDArray[np.int64]:
        """Those whose pairs are measured, spread over all (k,)."""
        most = OUTLET_SAMPLE if self.outlet else SAMPLE
        if len(self.members) <= most:
            return self.members
        return self.members[np.arange(most) * len(self.members) // most]


def groups_of(spoken: NDArray[np.int64], sources: Sequence[str]) -> Iterator[ArticleGroup]:
    """The languages and outlets of n articles that have LEAST_ARTICLES, in order."""
    for language in range(int(spoken.max(initial=-1)) + 1):
        members = np.flatnonzero(spoken == language)
        if len(members) >= LEAST_ARTICLES:
            yield ArticleGroup(members, language)
    numbers: dict[str, int] = {"": 0}
    of = np.array([numbers.setdefault(name, len(numbers)) for name in sources], np.int64)
    sizes = np.bincount(of, minlength=1)
    ends, order = np.cumsum(sizes), np.argsort(of, kind="stable")
    for number in 1 + np.flatnonzero(sizes[1:] >= LEAST_ARTICLES):  # the first are nobody's
        yield ArticleGroup(order[ends[number] - sizes[number] : ends[number]], -1)


def least_holders(articles: int) -> int:
    """How many of a group of so many articles hold what may be its furniture, at least."""
    least = int(SHARE * articles)
    while least / articles < SHARE:
        least += 1
    return max(1, least)


def unusual(
    holders: NDArray[np.int32], articles: int, usual: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which terms so many of a group's articles hold (k,) far more than is ``usual`` (k,): (k,)."""
    return np.asarray(usual <= RATIO * (holders / articles))


def _counts(columns: NDArray[np.uint32], width: int) -> NDArray[np.int64]:
    """How often each column occurs (width,); some at a time, as NumPy copies what it counts."""
    found = np.zeros(width, np.int64)
    for first in range(0, len(columns), SOME):
        found += np.bincount(columns[first : first + SOME], minlength=width)
    return found


def tie_nothing(
    corpus: Corpus, chosen: NDArray[np.int64], common: NDArray[np.int64], alike: float
) -> NDArray[np.bool_]:
    """Which of the ``common`` columns of a group tie nothing in it together: bool (k,).

    ``chosen`` are the rows of the articles that it has sampled, ``alike`` as in ArticleGroup.
    """
    from dedupe.kernels.furniture import cosines_among

    without, whole, holds = cosines_among(
        chosen, corpus.columns, corpus.bounds, corpus.spoken, corpus.idf, common
    )
    everyone = np.ones((1, len(chosen)), np.float32)
    usual, usual_whole = (_mean_cosines(everyone, cosines) for cosines in (without, whole))
    if usual[0] > ONE_STORY:
        return np.zeros(len(common), np.bool_)
    plain = _mean_cosines(holds, without) <= ALIKE * usual
    plain &= _mean_cosines(holds, whole) <= np.minimum(MARKED_OFF * usual_whole, alike)
    return np.asarray(plain & (holds.sum(axis=1) > 1))


def _mean_cosines(holds: NDArray[np.float32], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean cosine (k,) of the pairs of rows that hold each term: ``holds`` (k, rows) is 1 or 0."""
    holders = holds.sum(axis=1)
    return np.asarray(
        ((holds @ cosines) * holds).sum(axis=1) / np.maximum(1, holders * (holders - 1))
    )
