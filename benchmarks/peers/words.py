"""What the peers are fed: texts out of the file, and their word 5-grams in lower case.

Three ways to make the 5-grams, for in Python they cost more than all that rensa does: as lists
that are all held at once, as the bulk calls' documentation shows; the same one text after the
other, which a user comes to who looks at the memory; and as fast as we could get it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SHINGLE = 5

_words = re.compile(r"\w+").findall
_join = " ".join


def texts(file: Path) -> list[str]:
    """The text of each article, or its title where it has none."""
    with file.open("rb") as lines:
        return [
            record.get("text") or record.get("title") or "" for record in map(orjson.loads, lines)
        ]


def listed(documents: Iterable[str]) -> Iterable[Iterable[str]]:
    """Shingles of all texts at once."""
    return [_shingles(text) for text in documents]


def streamed(documents: Iterable[str]) -> Iterable[Iterable[str]]:
    """Shingles of one text after the other."""
    return map(_shingles, documents)


def tuned(documents: Iterable[str]) -> Iterable[Iterable[str]]:
    """The same without slices, lists or a loop in Python."""
    return map(_tuned_shingles, documents)


def _shingles(text: str) -> list[str]:
    """A text of fewer words is one shingle."""
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))]


def _tuned_shingles(text: str) -> Iterator[str]:
    words = _words(text.lower())
    if len(words) < SHINGLE:
        return iter((_join(words),))
    return map(_join, zip(*(words[i:] for i in range(SHINGLE)), strict=False))
