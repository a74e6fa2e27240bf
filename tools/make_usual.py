"""Writes dedupe/data/usual: how usual each word and term is in general text, by language.

The words of wordfreq's small lists as they are, a file a language, for comparisons. And a table
of the terms of those words, and of the pairs of characters that meet across them, read as those of
an article are. A list tells how common the pairs inside of words are; in scripts whose
words stand without spaces most pairs of a text lie across two words, or across a word and its
particle: as they are in no list, they would all count as rare, and what any two texts share would
tie them. Run it where TERM_BITS, the stems or the lists have changed:
python tools/make_usual.py
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import wordfreq

from dedupe.kernels.terms import count_terms
from dedupe.sketch import TERM_BITS
from dedupe.spelling import CLASS_MASK, IDEOGRAM, characters
from dedupe.tokens import composed, tokens_of
from dedupe.usual import TABLES, Listed

LEAST_SHARE = 5e-6
"""Pairs that are rarer than this are left out: there are very many."""


def pairs_across_words(shares: Mapping[str, float]) -> dict[str, float]:
    """Share of all words at whose end each pair of characters is met, by a word list's shares.

    One word is taken to say nothing of the next: the share of words that end in the first
    character times that of words that begin with the second.
    """
    table = characters()
    ends: defaultdict[str, float] = defaultdict(float)
    starts: defaultdict[str, float] = defaultdict(float)
    for word, share in shares.items():
        starts[word[0]] += share
        ends[word[-1]] += share
    openings: defaultdict[str, float] = defaultdict(float)
    for character, share in starts.items():
        if table.kinds[ord(character)] & CLASS_MASK == IDEOGRAM:
            openings[table.spelt(character)] += share
    found: dict[str, float] = {}
    ranked = sorted(openings.items(), key=lambda pair: -pair[1])
    for character, share in ends.items():
        if table.kinds[ord(character)] & CLASS_MASK != IDEOGRAM:
            continue
        for start, other in ranked:
            if share * other < LEAST_SHARE:
                break
            pair = table.spelt(character) + start
            found[pair] = found.get(pair, 0.0) + share * other
    return found


def languages() -> list[str]:
    """The languages that have a list."""
    return sorted(wordfreq.available_languages("small"))


def write_words(by_centibel: Sequence[Sequence[str]], path: Path) -> None:
    """Words in order and their shares as centibels below 1, low bytes then high ones: packed.

    In order, for words with a common beginning to stand together: in that of shares, which would
    need no numbers, the lists would take a quarter more.
    """
    found = sorted((word, cb) for cb, words in enumerate(by_centibel) for word in words)
    words = "\n".join(word for word, _ in found)
    if "\0" in words or words.count("\n") + 1 != len({word for word, _ in found}):
        raise SystemExit(f"{path.name}: a word stands twice, or has a line break or NUL in it")
    centibels = np.array([cb for _, cb in found], np.uint16)
    numbers = np.concatenate((centibels & 255, centibels >> 8)).astype(np.uint8)
    path.write_bytes(zlib.compress(words.encode() + b"\0" + numbers.tobytes(), 9))


def by_bucket(language: str) -> Listed:
    """The share of all words that each term bucket has."""
    frequencies = wordfreq.get_frequency_dict(language, "small")
    across = pairs_across_words(frequencies)
    shares = [*frequencies.values(), *across.values()]
    words = tokens_of(composed(pa.array([*frequencies, *across], pa.large_string())))
    nothing = tokens_of(composed(pa.array([""] * len(shares), pa.large_string())))
    buckets, _, _, bounds = count_terms(nothing, words, TERM_BITS, 0)
    repeated = np.repeat(np.array(shares, np.float64), np.diff(bounds))
    distinct, places = np.unique(buckets, return_inverse=True)
    return Listed(distinct.astype(np.int64), np.bincount(places, repeated, len(distinct)))


def write(table: Listed, path: Path) -> None:
    """Gaps between buckets, the number of each one's share, shares: small, and read at once."""
    shares, numbers = np.unique(table.shares, return_inverse=True)
    gaps = np.diff(table.buckets, prepend=0)
    if max(gaps.max(), len(shares)) >= 1 << 16:
        raise SystemExit(f"{path.name}: gaps or numbers of shares need more than 16 bits")
    with path.open("wb") as file:
        for values in (gaps.astype(np.uint16), numbers.astype(np.uint16), shares):
            np.save(file, values)


def main() -> None:
    for old in (*TABLES.glob("*.words"), *TABLES.glob("*.npy")):
        old.unlink()
    for language in languages():
        by_centibel = wordfreq.get_frequency_list(language, "small")
        write_words(by_centibel, TABLES / f"{language}.words")
        write(by_bucket(language), TABLES / f"{language}.npy")
    for kind in ("words", "npy"):
        sizes = [path.stat().st_size for path in TABLES.glob(f"*.{kind}")]
        print(f"{TABLES.name}/*.{kind}: {len(sizes)} languages, {sum(sizes):,} bytes")


if __name__ == "__main__":
    main()
