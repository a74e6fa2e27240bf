"""Stems: what a word has in common with its inflected forms (Snowball; Porter 2001)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sh": "serbian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "uk": "russian",
    "yi": "yiddish",
}
"""Snowball's name for each language. Ukrainian borrows Russian's: most case endings are shared."""


@cache
def _available() -> frozenset[str]:
    import Stemmer

    return frozenset(Stemmer.algorithms())


def stems(words: Iterable[str], lang: str) -> dict[str, str]:
    """The stem of each folded word; the word itself in a language without a stemmer.

    A stemmer keeps state, hence one for each call: comparisons may run on threads.
    """
    import Stemmer

    distinct = list(dict.fromkeys(words))
    algorithm = _ALGORITHMS.get(lang, "")
    if algorithm not in _available():
        return dict(zip(distinct, distinct, strict=True))
    return dict(zip(distinct, Stemmer.Stemmer(algorithm).stemWords(distinct), strict=True))
