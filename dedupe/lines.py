"""Lines of articles, for what recurs in many that have nothing else in common.

Menus, stock sentences, headlines of other articles under a text, the name of a site at the end of
titles: one line stands in several articles. Kept of a line are a hash of 32 bits and which terms
it has, until a sketch is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.tokens import Texts, tokens_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.tokens import Tokens

LEAST_ITEMS, ITEM_WORDS = 5, 4
"""A line of so many items or more, of so many words at most, parted by bars, is a menu."""
MOST_OF_IT, MOST_MENUS = 1 / 3, 0.6
"""A line that is more of an article than this share is what the article says; and so are lines that
look like menus, all together."""

BODY_LINE = 2
"""Line of an article at which its text begins: the title and its end come first."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of n articles: of each its title, the end of its title, then those of its text."""

    keys: NDArray[np.uint32]
    """Hash of each line's tokens, 0 where it has none (l,)."""
    ends: NDArray[np.int64]
    """Where it ends among its article's occurrences of terms (l,)."""
    token_ends: NDArray[np.int64]
    """Where it ends among the tokens of its text (l,); 0 for a title."""
    known: NDArray[np.bool_]
    """Whether it is furniture by itself (l,): an item of a menu, the outlet that ends a title."""
    bounds: NDArray[np.int64]
    """Where each article's lines begin (n + 1,)."""
    order: NDArray[np.uint16]
    """Place of each occurrence of a term among the terms of its article."""
    order_bounds: NDArray[np.int64]
    """Where each article's occurrences begin (n + 1,)."""

    @classmethod
    def of(
        cls,
        titles: Tokens,
        cuts: NDArray[np.int64],
        texts: Split,
        places: tuple[NDArray[np.uint16], NDArray[np.int64], NDArray[np.int64]],
        sources: Tokens,
    ) -> Lines:
        """Those of n articles, with ``places`` as kernels.terms.count_lines gives them.

        ``sources`` are the names of their outlets.
        """
        from dedupe.kernels.lines import line_keys
        from dedupe.kernels.parting import menus

        n, (order, order_bounds, ends) = len(cuts), places
        parts = np.empty(2 * n + 1, np.int64)
        parts[0::2], parts[1::2] = titles.bounds, cuts
        heads, body = np.empty(2 * n, np.uint32), np.empty(len(texts.tokens.bounds) - 1, np.uint32)
        line_keys(titles.hashes, parts, heads)
        line_keys(texts.tokens.hashes, texts.tokens.bounds, body)
        titled, bounds = np.repeat(texts.firsts[:-1], 2), texts.firsts + 2 * np.arange(n + 1)
        keys = np.insert(body, titled, heads)
        begins = np.repeat(texts.tokens.bounds[texts.firsts[:-1]], np.diff(texts.firsts))
        token_ends = np.insert(texts.tokens.bounds[1:] - begins, titled, 0)
        items = menus(
            texts.parted, texts.tokens.bounds, texts.firsts, LEAST_ITEMS, ITEM_WORDS, MOST_OF_IT,
            MOST_MENUS,
        )  # fmt: skip
        outlets = np.empty(n, np.uint32)
        line_keys(sources.hashes, sources.bounds, outlets)
        known = np.insert(items, titled, np.False_)
        known[bounds[:-1] + 1] = (heads[1::2] == outlets) & (outlets != 0)
        return cls(keys, ends, token_ends, known, bounds, order, order_bounds)

    def part(self, rows: slice) -> Lines:
        """Those of some articles in a row, in the same arrays."""
        own, bounds = ragged(self.bounds, rows)
        spots, order_bounds = ragged(self.order_bounds, rows)
        return Lines(
            self.keys[own], self.ends[own], self.token_ends[own], self.known[own], bounds,
            self.order[spots], order_bounds,
        )  # fmt: skip


def ragged(bounds: NDArray[np.int64], rows: slice) -> tuple[slice, NDArray[np.int64]]:
    """What some rows take of columns that are ragged by ``bounds`` (n + 1,), and the bounds there.

    ``rows`` has its start and its stop.
    """
    own = bounds[rows.start : rows.stop + 1]
    return slice(int(own[0]), int(own[-1])), own - own[0]


class Split(NamedTuple):
    """n texts, line by line."""

    tokens: Tokens
    """Those of the texts; bounds are of lines int64 (l + 1,)."""
    firsts: NDArray[np.int64]
    """First line of each text (n + 1,)."""
    parted: NDArray[np.bool_]
    """Whether a line goes on with what a bar parts from the one before (l,)."""

    def whole(self) -> Tokens:
        """The same tokens, with the bounds of texts."""
        return self.tokens._replace(bounds=self.tokens.bounds[self.firsts])


def split(texts: Texts) -> Split:
    """Texts as lines: no token, and nothing that is known of one, reaches across a line break."""
    from dedupe.kernels.parting import line_bounds

    bounds, parted = line_bounds(texts.data, texts.offsets)
    tokens = tokens_of(Texts(texts.data, bounds))
    firsts = np.searchsorted(bounds, texts.offsets)
    rows = np.searchsorted(firsts, np.flatnonzero(parted), "right") - 1
    for row in dict.fromkeys(rows.tolist()):
        # What a capital tells is told by the whole line.
        whole = tokens_of(Texts(texts.data, texts.offsets[row : row + 2]), stems=False)
        first, end = tokens.bounds[firsts[row : row + 2]]
        tokens.flags[first:end] = whole.flags
    return Split(tokens, firsts, parted)


def title_ends(titles: Texts, tokens: Tokens) -> NDArray[np.int64]:
    """At which token of each title its end begins, behind the last sign that parts: int64 (n,)."""
    from dedupe.kernels.parting import title_cuts

    if not len(tokens.hashes):
        return tokens.bounds[1:]
    cuts = title_cuts(titles.data, titles.offsets)
    both = np.empty(2 * len(cuts) + 1, np.int64)
    both[0::2], both[1::2] = titles.offsets, cuts
    return tokens_of(Texts(titles.data, both), stems=False).bounds[1::2].copy()
