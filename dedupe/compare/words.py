"""Words with their places: the tokens of :func:`dedupe.text.tokenize`, each with its offsets.

Vectorised, as one comparison reads both articles in whole; a property test holds the two equal.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from dedupe.text import (
    BREAK,
    CLASS_MASK,
    CYRILLIC,
    DIGITS,
    IDEOGRAM,
    IDEOGRAPHIC,
    IGNORE,
    JOINED,
    NAME,
    NUMBER,
    RUNS,
    SENTENCE_END,
    STEM,
    SYLLABIC,
    UPPER,
    WORD,
    characters,
    compose,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CAPITAL = 32
"""Flag of a word that is written with a capital, wherever it stands."""
_CLUSTER = regex.compile(r"\X", regex.DOTALL)


class Word(NamedTuple):
    """One token: folded text, offsets into the text as given, flags of :mod:`dedupe.text`."""

    text: str
    start: int
    end: int
    flags: int
    stem: str = ""
    """What the story view counts: in Cyrillic the first letters; '' where it is the text itself."""


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
    kind = entries & np.uint8(CLASS_MASK)
    edge = np.array([BREAK], kind.dtype)
    before, after = np.concatenate((edge, kind[:-1])), np.concatenate((kind[1:], edge))
    single = (kind != WORD) & (kind != BREAK)
    starts = np.flatnonzero(single | ((kind == WORD) & (before != WORD)))
    if not len(starts):
        return []
    ends = np.flatnonzero(single | ((kind == WORD) & (after != WORD)))
    folded = folds[codes[kept]].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    texts = [folded[s:e] for s, e in zip(starts.tolist(), (ends + 1).tolist(), strict=True)]
    number = (kind[starts] == WORD) & np.array([t[0] in DIGITS for t in texts])
    pointed = _pointed(codes[kept], kind, ends[number])
    flags = _flags(entries, kind, before, starts, pointed)
    flags[number] |= NUMBER
    flags[number & (starts > 0) & pointed[starts - 1]] |= JOINED
    flags[np.array([len(t) == 1 for t in texts])] &= ~NAME
    first, last = origin[kept[starts]].tolist(), origin[kept[ends] + 1].tolist()
    found = list(map(Word, texts, first, last, flags.tolist()))
    return _stemmed(found, entries, starts) if (entries & CYRILLIC).any() else found


def _pointed(
    codes: NDArray[np.uint32], kind: NDArray[np.uint8], ends: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Where a point or a comma comes right after a number that ends at one of ``ends``."""
    found = np.zeros(len(codes), np.bool_)
    after = ends[ends + 1 < len(codes)] + 1
    found[after] = (kind[after] == BREAK) & np.isin(codes[after], (ord("."), ord(",")))
    return found


def _flags(
    entries: NDArray[np.uint8],
    kind: NDArray[np.uint8],
    before: NDArray[np.uint8],
    starts: NDArray[np.intp],
    pointed: NDArray[np.bool_],
) -> NDArray[np.int64]:
    flags = np.zeros(len(starts), np.int64)
    stops = (kind == BREAK) & ((entries & SENTENCE_END) != 0) & ~pointed
    ended = np.cumsum(stops)[starts]
    opening = np.concatenate(([True], ended[1:] > ended[:-1]))
    own = kind[starts]
    capital = ((entries[starts] & UPPER) != 0) & (own == WORD)
    flags[capital] |= CAPITAL
    flags[capital & ~opening] |= NAME
    flags[own == IDEOGRAM] |= IDEOGRAPHIC
    flags[(own != IDEOGRAM) & (own != WORD)] |= SYLLABIC
    flags[(own != WORD) & (own == before[starts])] |= JOINED
    return flags


def _stemmed(found: list[Word], entries: NDArray[np.uint8], starts: NDArray[np.intp]) -> list[Word]:
    """The words with their stems, in a text that has Cyrillic letters."""
    cyrillic = (entries & CYRILLIC) != 0
    stemmed = []
    for word, start in zip(found, starts.tolist(), strict=True):
        length = len(word.text)
        while length > STEM and cyrillic[start + length - 1]:
            length -= 1
        stemmed.append(word._replace(stem=word.text[:length]))
    return stemmed


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
    """Words as they are, and runs of an unspaced script as overlapping pairs or threes."""
    if not any(word.flags & (IDEOGRAPHIC | SYLLABIC) for word in found):
        return found
    terms: list[Word] = []
    for i, end in _runs(found, IDEOGRAPHIC | SYLLABIC):
        flags, size = found[i].flags, end - i
        width = 2 if flags & IDEOGRAPHIC else 3 if flags & SYLLABIC else 1
        terms += _parts(found, i, end, min(width, size), "")
    return terms


def story_terms(found: list[Word]) -> list[Word]:
    """The terms of :func:`dedupe.text.named_terms`, with their places.

    A word is a term, in Cyrillic its first letters; digits joined by points or commas are one; a
    run of one unspaced script gives overlapping pairs (Han, kana) or threes of characters.
    """
    if not any(word.stem or word.flags & (IDEOGRAPHIC | SYLLABIC | JOINED) for word in found):
        return found
    terms: list[Word] = []
    for i, end in _runs(found, RUNS):
        word, size = found[i], end - i
        if size == 1 and not word.flags & (IDEOGRAPHIC | SYLLABIC):
            terms.append(word._replace(text=word.stem) if word.stem else word)
            continue
        width = 2 if word.flags & IDEOGRAPHIC else 3 if word.flags & SYLLABIC else size
        between = "." if word.flags & NUMBER else ""
        terms += _parts(found, i, end, min(width, size), between)
    return terms


def _runs(found: list[Word], continued: int) -> Iterator[tuple[int, int]]:
    """Bounds of the runs of joined tokens; a token without a flag in ``continued`` is one alone."""
    i = 0
    while i < len(found):
        end = i + 1
        while end < len(found) and found[end].flags & JOINED and found[i].flags & continued:
            end += 1
        yield i, end
        i = end


def _parts(found: list[Word], first: int, end: int, width: int, between: str) -> list[Word]:
    """All runs of ``width`` tokens between two indexes, each as one."""
    return [
        Word(
            between.join(word.text for word in found[i : i + width]),
            found[i].start,
            found[i + width - 1].end,
            found[i].flags,
        )
        for i in range(first, end - width + 1)
    ]
