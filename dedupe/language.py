"""The language of an article: as its record says, else by the commonest words of its text."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedupe.tokens import Tokens

FIRST_TOKENS = 200
LEAST_SHARE = 0.03
"""Share of a text's tokens that must be common words of a language before it is believed."""
ALIASES = {"no": "nb", "nn": "nb", "hr": "sh", "sr": "sh", "bs": "sh", "iw": "he", "in": "id"}
"""Codes under which records name a language whose word list goes by another."""


MOST_APART = 64
"""Languages of one corpus whose words are counted apart: more than have a list of common words."""


class CommonWords(NamedTuple):
    """Language codes, hashes uint64 (w,) of their common words, and whose each is uint64 (w,)."""

    names: tuple[str, ...]
    hashes: NDArray[np.uint64]
    masks: NDArray[np.uint64]


@cache
def common_words() -> CommonWords:
    """The frozen table of the package: in one file its columns, one after the other."""
    with (Path(__file__).parent / "data" / "languages.npy").open("rb") as file:
        names, hashes, masks = (np.load(file) for _ in CommonWords._fields)
    return CommonWords(tuple(names.tolist()), hashes, masks)


def counted_apart(spoken: Sequence[str]) -> tuple[str, ...]:
    """The languages of n articles, of which at most MOST_APART are told apart beside "".

    Each has IDF of its own for all terms of the corpus, and a feed may state anything. The
    MOST_APART languages of most articles stay, of equals those that come first by their codes; all
    others are as a language that is not known.
    """
    sizes = Counter(spoken)
    del sizes[""]
    if len(sizes) <= MOST_APART:
        return tuple(spoken)
    stay = set(sorted(sizes, key=lambda code: (-sizes[code], code))[:MOST_APART])
    return tuple(code if code in stay else "" for code in spoken)


def languages(stated: Sequence[str], tokens: Tokens) -> list[str]:
    """Language code of each text: the stated one, else the one that its words vote for, else ""."""
    from dedupe.kernels.terms import vote

    known = [ALIASES.get(code, code) for code in stated]
    if all(known):
        return known
    names, hashes, masks = common_words()
    found = np.empty(len(known), np.int16)
    vote(tokens.stems, tokens.bounds, hashes, masks, len(names), FIRST_TOKENS, LEAST_SHARE, found)
    return [code or (names[at] if at >= 0 else "") for code, at in zip(known, found, strict=True)]
