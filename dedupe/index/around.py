"""Articles that are read because they are near, or stand for a group that is: rows at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import DamagedError
from dedupe.index.hand import MarkedPairs, Rows
from dedupe.index.record import Numbers, Sketches
from dedupe.index.store import Blobs, Columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dedupe.index.store import Groups, Reader


def shingles_of(reader: Reader, numbers: Numbers) -> Blobs:
    """The shingles of entries, "<u4" each. Raises DamagedError where one is cut short."""
    found = reader.blobs("shingles", numbers)
    cut = (found.bounds & 3) != 0
    if cut.any():
        raise DamagedError(f"the shingles of entry {numbers[int(cut.argmax()) - 1]} are cut short")
    return found


def with_stored(reader: Reader, rows: Rows, found: Columns) -> Rows:
    """The rows, then stored ones with their sketches."""
    sketches = Sketches.read(reader.blobs("sketch", found.numbers), found.numbers)
    return rows.followed_by(found, sketches)


def with_marked(reader: Reader, rows: Rows) -> tuple[Rows, MarkedPairs]:
    """The rows, with those that one of them was marked different from, and all such pairs."""
    unnamed = [row for row, name in enumerate(rows.ids) if not name]
    if unnamed:
        stored = reader.rows(rows.numbers[unnamed])
        names = dict(zip(stored.numbers.tolist(), stored.ids, strict=True))
        for row in unnamed:
            rows.ids[row] = names[int(rows.numbers[row])]
    pairs = reader.differences(rows.ids)
    missing = sorted({name for pair in pairs for name in pair} - set(rows.ids))
    numbers = [number for number, _ in reader.find(missing).values()]
    if numbers:
        rows = with_stored(reader, rows, reader.rows(numbers))
    places = {name: row for row, name in enumerate(rows.ids)}
    known = [(places[a], places[b]) for a, b in pairs if a in places and b in places]
    return rows, frozenset(pair for a, b in known for pair in ((a, b), (b, a)))


def with_groups(reader: Reader, rows: Rows, groups: Mapping[int, Groups]) -> Rows:
    """The rows, and of each group of copies in the stories the one that it goes by."""
    held = set(rows.numbers.tolist())
    missing = {
        group.copies: story
        for story, found in groups.items()
        for group in found.groups
        if group.copies not in held
    }
    if not missing:
        return rows
    # What a group goes by is in its story, and no date of it is asked for: nothing is read but
    # its sketch.
    numbers = np.array(list(missing), np.int64)
    owners, none = np.array(list(missing.values()), np.int64), np.zeros_like(numbers)
    return with_stored(reader, rows, Columns(numbers, none, none, owners, numbers, []))


def lengths_of(reader: Reader, groups: Sequence[int]) -> dict[int, NDArray[np.int64]]:
    """Tokens of the members of each of these groups of copies."""
    if not groups:
        return {}
    return {
        name: Sketches.read(reader.blobs("sketch", members), members).tokens
        for name, members in reader.members(groups).items()
    }
