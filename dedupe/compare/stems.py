"""Stems: what a word has in common with its inflected forms (Snowball; Porter 2001)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.compare.lexicon import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def stems(words: Iterable[str], lang: str) -> dict[str, str]:
    """The stem of each folded word; the word itself in a language without a stemmer.

    A stemmer keeps state, hence one for each call: comparisons may run on threads.
    """
    import Stemmer

    distinct = list(dict.fromkeys(words))
    algorithm = language_of(lang).stemmer
    if algorithm not in Stemmer.algorithms():  # an older Snowball has fewer
        return dict(zip(distinct, distinct, strict=True))
    return dict(zip(distinct, Stemmer.Stemmer(algorithm).stemWords(distinct), strict=True))
