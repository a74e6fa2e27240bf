"""Whether all that an index holds can be read, and fits together: entry by entry, and in all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import DamagedError
from dedupe.index.answers import article_of_text, restored
from dedupe.index.around import shingles_of
from dedupe.index.arrivals import digest, microseconds, stored_copy_keys
from dedupe.index.deltas import Delta
from dedupe.index.record import Sketches
from dedupe.index.tallies import counted_in
from dedupe.moments import UNDATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.index.store import Columns, Reader

MOST_SHINGLE_WORDS = 16
"""Words in a shingle, at most."""
AT_ONCE, MOST_PARTS = 512, 16
"""Entries that are in memory together; document frequencies of so many, before they are summed."""


def problems_of(reader: Reader, *, keeps_texts: bool) -> Iterator[str]:
    """All that does not fit together, in words: what the store finds, and what it can't know.

    ``keeps_texts`` is what is noted of the index.
    """
    yield from reader.problems()
    parts: list[Delta] = []
    whole, after = True, 0
    try:
        while numbers := reader.walk(after, AT_ONCE):
            after = numbers[-1]
            try:
                yield from _entries(reader, reader.rows(numbers), keeps_texts=keeps_texts)
                parts.append(_frequencies(reader, numbers))
            except DamagedError as error:  # as all who read them would be told
                yield str(error)
                whole = False
            if len(parts) > MOST_PARTS:
                parts = [Delta.total(parts)]
        if whole:
            yield from _counted(reader, Delta.total(parts))
    except DamagedError as error:
        yield str(error)


def _counted(reader: Reader, held: Delta) -> Iterator[str]:
    """Whether what is counted of all entries, whose document frequencies are given, is so."""
    if any(len(count.keys) for count in held.less(counted_in(reader)).counts):
        yield "the document frequencies are not those of the entries"
    if _spoken(held) != dict(reader.counts().languages):
        yield "entries are in other languages than their sketches"


def _spoken(whole: Delta) -> dict[str, int]:
    """How many entries are in each language."""
    keys, times = (column.tolist() for column in whole.articles)
    return {whole.languages[key]: count for key, count in zip(keys, times, strict=True)}


def _frequencies(reader: Reader, numbers: Sequence[int]) -> Delta:
    sketches = Sketches.read(reader.blobs("sketch", numbers), numbers)
    return Delta.of(sketches, np.ones(len(numbers), np.int64))


def _entries(reader: Reader, known: Columns, *, keeps_texts: bool) -> Iterator[str]:
    """What of these entries is not of one article. Raises DamagedError for what can't be read."""
    numbers, held = known.numbers.tolist(), reader.find(known.ids)
    sketches = Sketches.read(reader.blobs("sketch", numbers), numbers)
    shingles = shingles_of(reader, numbers)
    verdicts, texts = (reader.blobs(kind, numbers) for kind in ("verdict", "text"))
    for row, (number, name) in enumerate(zip(numbers, known.ids, strict=True)):
        restored(name, verdicts.row(row))
        own = shingles.row(row)
        if sketches.tokens[row] > len(own) // 4 + MOST_SHINGLE_WORDS:
            yield f"entry {number} has fewer shingles than words"
        if sketches.copy_keys[row] != len(stored_copy_keys(own)):
            yield f"entry {number} has shingles that its sketch was not made of"
        if held.get(name, (0, b""))[0] != number:
            yield f"entry {number} is not found by its id"
            continue
        article = article_of_text(name, texts.row(row))
        if article.text and digest(article) != held[name][1]:
            yield f"entry {number} has a text that its digest was not made of"
        if article.text and not keeps_texts:
            yield f"entry {number} has a text, and it is noted that none is kept"
        if microseconds(article) != sketches.dates[row]:
            yield f"entry {number} has another date than its sketch was made of"
    dates = np.where(sketches.dates == UNDATED, known.arrived, sketches.dates)
    for number in known.numbers[dates != known.moments].tolist():
        yield f"entry {number} would expire by another date than it has"
    yield from _groups(reader, known)


def _groups(reader: Reader, known: Columns) -> Iterator[str]:
    """Entries whose group of copies goes by none that is there, or is of another story."""
    by = reader.rows(known.copies)
    if len(by.numbers) < len(known.numbers):
        lost = known.numbers[~np.isin(known.copies, by.numbers)]
        yield f"entry {lost[0]} is of a group of copies that went by another, and that is gone"
        return
    wrong = (by.stories != known.stories) | (by.copies != by.numbers)
    for number in known.numbers[wrong].tolist():
        yield f"entry {number} is not in the story of its group of copies"
