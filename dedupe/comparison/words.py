"""Words with their places, the terms that two articles share, and the edits between two texts.

The words are the tokens of :func:`dedupe.text.tokenize`, each with its offsets; only Korean words
stand whole, as a reader takes them.
Characters are looked up all at once, which is faster than the reference; a property test compares
the two.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from dedupe.model_compare import Edit, EditKind, OwnTerm, Part, SharedTerm, Span
from dedupe.sketch import TERM_BITS
from dedupe.spelling import (
    BREAK,
    CLASS_MASK,
    HANGUL,
    IDEOGRAM,
    IGNORE,
    SCRIPT_SHIFT,
    SENTENCE_END,
    UPPER,
    WORD,
    characters,
    stem,
    unmixed,
)
from dedupe.text import (
    DIGITS,
    IDEOGRAPHIC,
    JOINED,
    NAME,
    NUMBER,
    RUNS,
    SYLLABIC,
    compose,
    term_hash,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

CAPITAL = 32
"""Flag of a word that is written with a capital, wherever it stands."""
KOREAN, FOLLOWING = 64, 128
"""Flags of a word of Hangul; of one that follows a character of an unspaced script at once."""
TELLING = 25
"""Terms of one side only that are given for each article."""
SHORT_RUN = 2
"""Equal words between two edits up to this many become part of one edit: they met by chance."""
LONGEST = 20_000
"""Words beyond which texts are compared in pieces of this many."""
_POINTS = (ord("."), ord(","))
_CLUSTER = regex.compile(r"\X", regex.DOTALL)


class Word(NamedTuple):
    """One token: folded text, offsets into the text as given, flags of :mod:`dedupe.text`.

    But NAME is told by each sentence alone: what a headline names is a fact to be compared, be it
    written with capitals throughout.
    """

    text: str
    start: int
    end: int
    flags: int
    stem: str = ""
    """What the story view counts; '' where it is the text itself."""


def words(text: str) -> list[Word]:
    """All tokens of a text, in order."""
    composed, origin = _composed(text)
    codes = np.frombuffer(composed.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds, folds, spellings, _ = characters()
    kept = np.flatnonzero((kinds[codes] & CLASS_MASK) != IGNORE)
    codes, entries = codes[kept], kinds[codes[kept]]
    kind_of = entries & np.uint16(CLASS_MASK)
    held, inner = kind_of != BREAK, (kind_of[1:] == WORD) & (kind_of[:-1] == WORD)
    korean = entries >> SCRIPT_SHIFT == HANGUL
    inner |= korean[1:] & korean[:-1]
    alike = np.concatenate(([False], entries[1:] >> SCRIPT_SHIFT == entries[:-1] >> SCRIPT_SHIFT))
    starts = np.flatnonzero(held & ~np.concatenate(([False], inner))[: len(held)])
    ends = np.flatnonzero(held & ~np.concatenate((inner, [False]))[: len(held)]) + 1
    stops, upper = (((entries & mark) != 0).tobytes() for mark in (SENTENCE_END, UPPER))
    written, folded, spelt = (
        part.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        for part in (codes, folds[codes], spellings[codes] & 0x1FFFFF)
    )
    places = (
        origin[kept[starts]], origin[kept[ends - 1] + 1], kind_of[starts], korean[starts],
        alike[: len(held)][starts], starts, ends,
    )  # fmt: skip
    found: list[Word] = []
    known: dict[str, str] = {}
    kind = flags = at = 0
    for first, last, own, whole, same, start, end in zip(
        *(part.tolist() for part in places), strict=True
    ):
        previous, kind, gap, at = kind, own, at, end
        term, counted = folded[start:end], ""
        if kind == WORD:
            pointed = flags & NUMBER and gap < start and codes[gap] in _POINTS
            flags = CAPITAL if upper[start] else 0
            if flags and found and end > start + 1:
                flags |= NAME if stops.find(1, gap + bool(pointed), start) < 0 else 0
            if term[0] in DIGITS:
                flags |= NUMBER | JOINED if pointed and start == gap + 1 else NUMBER
            if not term.isascii():
                counted = _stem(written[start:end], term, known)
        else:
            joined = kind == previous and gap == start and same
            flags = IDEOGRAPHIC if kind == IDEOGRAM else SYLLABIC
            flags |= JOINED if joined else 0
            if whole:
                flags = KOREAN | FOLLOWING if joined else KOREAN
            counted = "" if spelt[start:end] == term else spelt[start:end]
        found.append(Word(term, first, last, flags, counted))
    return found


def _stem(written: str, folded: str, known: dict[str, str]) -> str:
    """The stem of a word where it is not the folded word; ``known`` are those found before."""
    found = known.get(written)
    if found is None:
        found = known[written] = stem(unmixed(written))
    return "" if found == folded else found


def _composed(text: str) -> tuple[str, NDArray[np.int64]]:
    """The text in NFC, and for each of its code points (and its end) the offset in the original.

    Composition never crosses a grapheme cluster, so that clusters are composed one by one.
    """
    if compose(text) == text:
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


def grams(found: Sequence[Word], *, story: bool = False) -> Sequence[Word]:
    """Words as they are, and runs of an unspaced script as overlapping pairs or threes.

    ``story``: the terms of :func:`dedupe.text.named_terms`, with their places: each word by its
    stem, pairs of Korean syllables, and digits joined by points or commas as one term.
    """
    plain = IDEOGRAPHIC | SYLLABIC | JOINED | KOREAN
    if not any(word.stem or word.flags & plain for word in found):
        return found
    if story:
        found = [part for word in found for part in syllables(word)]
    continued = RUNS if story else IDEOGRAPHIC | SYLLABIC
    terms: list[Word] = []
    i = 0
    while i < len(found):
        word, end = found[i], i + 1
        while end < len(found) and found[end].flags & JOINED and word.flags & continued:
            end += 1
        if end == i + 1:
            spoken = word.stem and not word.flags & (IDEOGRAPHIC | SYLLABIC)
            terms.append(word._replace(text=word.stem) if story and spoken else word)
        else:
            size, between = end - i, "." if word.flags & NUMBER else ""
            width = 2 if word.flags & IDEOGRAPHIC else 3 if word.flags & SYLLABIC else size
            width = min(size, width)
            terms += [_joined(found[j : j + width], between) for j in range(i, end - width + 1)]
        i = end
    return terms


def _joined(run: Sequence[Word], between: str) -> Word:
    text = between.join(word.text for word in run)
    counted = between.join(word.stem or word.text for word in run)
    return Word(text, run[0].start, run[-1].end, run[0].flags, "" if counted == text else counted)


def syllables(word: Word) -> Sequence[Word]:
    """The tokens of a Korean word; of any other the word alone."""
    if not word.flags & KOREAN:
        return (word,)
    each = word.end - word.start == len(word.text)  # else the places of its syllables aren't known
    counted = word.stem or word.text
    return [
        Word(
            text,
            word.start + at if each else word.start,
            word.start + at + 1 if each else word.end,
            IDEOGRAPHIC | JOINED if at or word.flags & FOLLOWING else IDEOGRAPHIC,
            "" if counted[at] == text else counted[at],
        )
        for at, text in enumerate(word.text)
    ]


def compare_terms(
    a: Mapping[Part, Sequence[Word]],
    b: Mapping[Part, Sequence[Word]],
    weights: tuple[Mapping[int, float], Mapping[int, float]],
) -> tuple[tuple[SharedTerm, ...], tuple[OwnTerm, ...], tuple[OwnTerm, ...]]:
    """Shared terms, largest share first; the most telling terms of the first, of the second.

    ``weights`` are those of each article's terms, in its TF-IDF row. The shares add up to the
    cosine of the rows, where the words of both articles are given whole.
    """
    in_a, in_b = _terms(a), _terms(b)
    one, other = weights
    shared = [
        SharedTerm(in_a[t][0], weight * other[t], tuple(in_a[t][1]), tuple(in_b[t][1]))
        for t, weight in one.items()
        if t in other and t in in_a and t in in_b
    ]
    shared.sort(key=lambda term: (-term.share, term.text))
    return tuple(shared), _own(in_a, in_b, one), _own(in_b, in_a, other)


_Terms = dict[int, tuple[str, list[Span]]]
"""The terms of one article by their buckets: text and places in order."""


def _terms(words: Mapping[Part, Sequence[Word]]) -> _Terms:
    found: _Terms = {}
    buckets: dict[str, int] = {}
    for part, said in words.items():
        for text, start, end, flags, counted in grams(said, story=True):
            key = counted or text
            if key not in buckets:
                buckets[key] = term_hash(key, flags) >> (64 - TERM_BITS)
                found.setdefault(buckets[key], (text, []))
            found[buckets[key]][1].append(Span(part, start, end))
    return found


def _own(side: _Terms, other: _Terms, weights: Mapping[int, float]) -> tuple[OwnTerm, ...]:
    own = [(weights[term], *side[term]) for term in weights if term in side and term not in other]
    own.sort(key=lambda term: (-term[0], term[2][0].start, term[1]))
    return tuple(OwnTerm(text, weight, tuple(places)) for weight, text, places in own[:TELLING])


def edits(part: Part, a: Sequence[Word], b: Sequence[Word]) -> list[Edit]:
    """Steps that turn the words of ``a`` into those of ``b``; empty where both are empty.

    From the longest common subsequence of words (RapidFuzz, bit-parallel: Hyyrö 2004). Equal
    runs of up to :data:`SHORT_RUN` words between two edits are joined into them.
    """
    from rapidfuzz.distance import Indel

    said_a, said_b = [w.text for w in a], [w.text for w in b]
    steps: list[tuple[bool, slice, slice]] = []
    for at in range(0, max(len(a), len(b)), LONGEST):
        at_a, at_b = min(at, len(a)), min(at, len(b))
        for op in Indel.opcodes(said_a[at : at + LONGEST], said_b[at : at + LONGEST]):
            in_a = slice(at_a + op.src_start, at_a + op.src_end)
            in_b = slice(at_b + op.dest_start, at_b + op.dest_end)
            steps.append((op.tag == "equal", in_a, in_b))

    def kept(i: int) -> bool:
        equal, in_a, _ = steps[i]
        inner = 0 < i < len(steps) - 1 and in_a.stop - in_a.start <= SHORT_RUN
        return equal and not inner

    found = []
    for _, group in groupby(range(len(steps)), kept):
        run = list(group)
        (_, first_a, first_b), (_, last_a, last_b) = steps[run[0]], steps[run[-1]]
        in_a, in_b = slice(first_a.start, last_a.stop), slice(first_b.start, last_b.stop)
        kind = _edit_kind(said_a[in_a], said_b[in_b])
        found.append(Edit(kind, _span(part, a, in_a), _span(part, b, in_b)))
    return found


def _edit_kind(a: list[str], b: list[str]) -> EditKind:
    return "insert" if not a else "delete" if not b else "equal" if a == b else "replace"


def _span(part: Part, words: Sequence[Word], run: slice) -> Span:
    if run.start < run.stop:
        return Span(part, words[run.start].start, words[run.stop - 1].end)
    at = words[run.start].start if run.start < len(words) else words[-1].end if words else 0
    return Span(part, at, at)
