"""Words with their places: the tokens of :func:`dedupe.text.tokenize`, each with its offsets.

Vectorised, as one comparison reads both articles in whole; a property test holds the two equal.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import numpy as np
import regex
from numpy.typing import NDArray

from dedupe.text import (
    BREAK,
    CLASS_MASK,
    IDEOGRAM,
    IDEOGRAPHIC,
    IGNORE,
    JOINED,
    NAME,
    NUMBER,
    SENTENCE_END,
    SYLLABIC,
    UPPER,
    WORD,
    characters,
    compose,
)

CAPITAL = 32
"""Flag of a word that is written with a capital, wherever it stands."""
_CLUSTER = regex.compile(r"\X", regex.DOTALL)


class Word(NamedTuple):
    """One token: folded text, offsets into the text as given, flags of :mod:`dedupe.text`."""

    text: str
    start: int
    end: int
    flags: int


def words(text: str) -> list[Word]:
    """All tokens of a text, in order."""
    composed, origin = _composed(text)
    if not composed:
        return []
    codes = np.frombuffer(composed.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds, folds = characters()
    entries = kinds[codes]
    kept = np.flatnonzero((entries & CLASS_MASK) != IGNORE)
    entries = entries[kept]
    kind = entries & CLASS_MASK
    edge = np.array([BREAK], kind.dtype)
    before, after = np.concatenate((edge, kind[:-1])), np.concatenate((kind[1:], edge))
    single = (kind != WORD) & (kind != BREAK)
    starts = np.flatnonzero(single | ((kind == WORD) & (before != WORD)))
    if not len(starts):
        return []
    ends = np.flatnonzero(single | ((kind == WORD) & (after != WORD)))
    folded = folds[codes[kept]].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    flags = _flags(entries, kind, before, starts)
    texts = [folded[s:e] for s, e in zip(starts.tolist(), (ends + 1).tolist(), strict=True)]
    flags[(kind[starts] == WORD) & np.array([t[0] in "0123456789" for t in texts])] |= NUMBER
    flags[np.array([len(t) == 1 for t in texts])] &= ~NAME
    first, last = origin[kept[starts]], origin[kept[ends] + 1]
    return list(map(Word, texts, first.tolist(), last.tolist(), flags.tolist()))


def _flags(
    entries: NDArray[np.uint8],
    kind: NDArray[np.uint8],
    before: NDArray[np.uint8],
    starts: NDArray[np.intp],
) -> NDArray[np.int64]:
    flags = np.zeros(len(starts), np.int64)
    ended = np.cumsum((kind == BREAK) & ((entries & SENTENCE_END) != 0))[starts]
    opening = np.concatenate(([True], ended[1:] > ended[:-1]))
    own = kind[starts]
    capital = ((entries[starts] & UPPER) != 0) & (own == WORD)
    flags[capital] |= CAPITAL
    flags[capital & ~opening] |= NAME
    flags[own == IDEOGRAM] |= IDEOGRAPHIC
    flags[(own != IDEOGRAM) & (own != WORD)] |= SYLLABIC
    flags[(own != WORD) & (own == before[starts])] |= JOINED
    return flags


def _composed(text: str) -> tuple[str, NDArray[np.int64]]:
    """The text in NFC, and for each of its code points (and its end) the offset in the original.

    Composition never crosses a grapheme cluster, so that clusters are composed one by one.
    """
    if unicodedata.is_normalized("NFC", text):
        return text, np.arange(len(text) + 1)
    parts: list[str] = []
    origin: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        part = compose(cluster.group())
        parts.append(part)
        if len(part) == cluster.end() - cluster.start():
            origin.extend(range(cluster.start(), cluster.end()))
        else:
            origin.extend([cluster.start()] * len(part))
    origin.append(len(text))
    return "".join(parts), np.array(origin)


def grams(found: list[Word]) -> list[Word]:
    """The terms of :func:`dedupe.text.named_terms`, with their places.

    Words stand for themselves; a run of one unspaced script gives overlapping pairs (Han, kana)
    or threes (Thai, Lao, Khmer, Burmese) of characters.
    """
    if not any(word.flags & (IDEOGRAPHIC | SYLLABIC) for word in found):
        return found
    terms: list[Word] = []
    i = 0
    while i < len(found):
        word = found[i]
        if not word.flags & (IDEOGRAPHIC | SYLLABIC):
            terms.append(word)
            i += 1
            continue
        end = i + 1
        while end < len(found) and found[end].flags & JOINED:
            end += 1
        width = min(2 if word.flags & IDEOGRAPHIC else 3, end - i)
        for j in range(i, end - width + 1):
            run = found[j : j + width]
            text = "".join(w.text for w in run)
            terms.append(Word(text, run[0].start, run[-1].end, word.flags))
        i = end
    return terms
