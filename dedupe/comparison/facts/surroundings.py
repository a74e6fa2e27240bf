"""What stands in a name and before it, and says of what it is one: titles, locatives, hyphens."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import regex

from dedupe.comparison.reading import stems
from dedupe.comparison.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.comparison.reading import Reading
    from dedupe.comparison.words import Word
    from dedupe.lexicon import Language, Words
    from dedupe.model_compare import Span

DATELINE = 60
"""Code points at the head of a text in which the place of the report stands."""
_DATED = regex.compile(
    r"(?:, ?[^()\n\p{Pd}]{1,20})? ?\([^()\n]{1,30}\) ?(?:--|\p{Pd})|\s(?:--|[\u2013\u2014])\s"
)
"""What stands between the place of a report and its text: ``PARIS (Acme News) -``."""
_HYPHEN = regex.compile(r"[-\u2010\u2011]")


def word_before(start: int, reading: Reading) -> Word | None:
    """The word before one that begins at ``start``, with nothing but a space between."""
    at = reading.index_at(start)
    word = reading.words[at - 1] if at else None
    return word if word and reading.text[word.end : start].isspace() else None


def is_located(place: Span, name: Sequence[str], before: Word | None, reading: Reading) -> bool:
    """Whether a name is a city, or a locative stands before it, or it dates a report.

    An article may stand between: ``in the Hague``.
    """
    language = reading.language
    start = place.start
    if before and before.text in language.definite:
        start = before.start
        before = word_before(start, reading)
    if before and before.text in language.locatives:
        return True
    if place.part == "text" and start < DATELINE and _DATED.match(reading.text, place.end):
        return True
    return is_one_of(name, language.cities, reading)


def is_one_of(name: Sequence[str], names: Words, reading: Reading) -> bool:
    """Whether a name is one of some names, in whatever case it stands."""
    return tuple(reading.stems.get(word, word) for word in name) in _stemmed(
        names, reading.language
    )


@cache
def _stemmed(names: Words, language: Language) -> frozenset[tuple[str, ...]]:
    """The stems of the words of each name; all are read at once, a line each."""
    found = words("\n".join(names))
    stem = stems((word.text for word in found), language)
    split: dict[int, list[str]] = defaultdict(list)
    ends = list(accumulate(len(name) + 1 for name in names))
    for word in found:
        split[bisect_right(ends, word.start)].append(stem[word.text])
    return frozenset(map(tuple, split.values()))


def hyphens(run: Sequence[Word], reading: Reading) -> frozenset[int]:
    """Before which of the words of a name a hyphen stands."""
    return frozenset(
        i
        for i, (one, other) in enumerate(pairwise(run), 1)
        if _HYPHEN.search(reading.text, one.end, other.start)
    )
