"""Articles that leave an index, or a group of copies: what stays is found as before.

A copy that adds nothing to its group is entered under its shingles alone; the one by which the
group goes is entered under its telling terms, too. Where it leaves, another takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import DamagedError
from dedupe.index.arrivals import copy_keys
from dedupe.index.record import Sketches
from dedupe.index.store import Entry

if TYPE_CHECKING:
    from dedupe.index.find import Finder
    from dedupe.index.store import Columns, Writer


def let_go(writer: Writer, finder: Finder, numbers: Sequence[int]) -> None:
    """Lets entries go. Of the groups of copies that they stood for, others stand in.

    Raises DamagedError where none of them is there: whoever asks for more would never end.
    """
    known = writer.rows(numbers)
    if numbers and not known.ids:
        raise DamagedError(
            "the index names articles that it does not hold: run dedupe index verify, and take "
            "the last sound copy"
        )
    leaving = set(known.numbers.tolist())
    groups = writer.members(sorted(leaving.intersection(known.copies.tolist())))
    heirs = {name: [n for n in group if n not in leaving] for name, group in groups.items()}
    sketches = {name: _sketch(writer, name) for name, left in heirs.items() if left}
    writer.discard(sorted(leaving))
    for name, sketch in sketches.items():
        _renamed(writer, finder, heirs[name], sketch)


def part(writer: Writer, finder: Finder, pair: Columns) -> None:
    """Puts the later of two articles of one story, with all of its copies, into a new one."""
    number, (other, name) = int(pair.numbers[1]), pair.copies.tolist()
    new, members = writer.position().story + 1, writer.members([name])[name]
    if other != name:
        writer.place(members, new, name)
        return
    left = [member for member in members if member != number]
    sketch = _sketch(writer, number)
    if number == name:
        _renamed(writer, finder, left, sketch)
    else:
        number = _entered(writer, finder, number, sketch)
    writer.place([number], new, number)


def _sketch(writer: Writer, number: int) -> bytes:
    return writer.blobs("sketch", [number]).row(0)


def _renamed(writer: Writer, finder: Finder, left: Sequence[int], sketch: bytes) -> None:
    """Has a group go by the first of those left that is entered under telling terms.

    Where none is, the first of all is entered again, with the edges of ``sketch``.
    """
    telling = Sketches.read(writer.blobs("sketch", left)).telling
    chosen = [number for number, terms in zip(left, telling, strict=True) if terms]
    name = chosen[0] if chosen else _entered(writer, finder, left[0], sketch)
    group = left if chosen else [*left[1:], name]
    writer.place(group, int(writer.rows([name]).stories[0]), name)


def _entered(writer: Writer, finder: Finder, number: int, edges: bytes) -> int:
    """Enters an article again, under its telling terms too; its new number."""
    known = writer.rows([number])
    (name,) = known.ids
    shingles = writer.blobs("shingles", [number]).row(0)
    finder.tallies.follow(writer)
    sketch, telling = finder.entered(_sketch(writer, number), edges)
    keys = copy_keys(np.frombuffer(shingles, "<u4").astype(np.uint32))
    copies = int(known.copies[0])
    entry = Entry(
        id=name,
        digest=writer.find([name])[name][1],
        moment=int(known.moments[0]),
        arrived=int(known.arrived[0]),
        language=Sketches.of([sketch]).languages[0],
        story=int(known.stories[0]),
        copies=0 if copies == number else copies,
        keys=np.union1d(keys, telling),
        sketch=sketch,
        shingles=shingles,
        verdict=writer.blobs("verdict", [number]).row(0),
        text=writer.blobs("text", [number]).row(0),
    )
    writer.discard([number])
    return writer.add([entry])[0]
