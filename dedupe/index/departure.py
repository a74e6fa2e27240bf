"""Articles that leave an index, or a group of copies: what stays is found as before.

A copy that adds nothing to its group is entered under its shingles alone; the one by which the
group goes is entered under its telling terms, too. Where it leaves, another takes its place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import DamagedError
from dedupe.index.arrivals import copy_keys
from dedupe.index.record import Sketches
from dedupe.index.store import Entry

if TYPE_CHECKING:
    from dedupe.index.judge import Judge
    from dedupe.index.store import Known, Writer


def let_go(writer: Writer, judge: Judge, numbers: Sequence[int]) -> None:
    """Lets entries go. Of the groups of copies that they stood for, others stand in.

    Raises DamagedError where none of them is there: whoever asks for more would never end.
    """
    known = writer.known(numbers)
    if numbers and not known:
        raise DamagedError(
            "the index names articles that it does not hold: run dedupe index verify, and take "
            "the last sound copy"
        )
    names = sorted({entry.copies for entry in known.values()} & known.keys())
    heirs = {name: left for name in names if (left := _left(writer, name, known.keys()))}
    sketches = {name: _sketch(writer, name) for name in heirs}
    writer.discard(list(known))
    for name, left in heirs.items():
        _renamed(writer, judge, left, sketches[name])


def part(writer: Writer, judge: Judge, earlier: Known, later: Known) -> None:
    """Puts the later of two articles of one story, with all of its copies, into a new one."""
    if earlier.copies != later.copies:
        writer.move(writer.group(later.copies), writer.open_story())
        return
    left = [number for number in writer.group(later.copies) if number != later.number]
    sketch = _sketch(writer, later.number)
    if later.number == later.copies:
        _renamed(writer, judge, left, sketch)
        writer.regroup([later.number], later.number)
        number = later.number
    else:
        writer.regroup([later.number], later.number)
        number = _entered(writer, judge, later.number, sketch)
    writer.move([number], writer.open_story())


def _left(writer: Writer, name: int, leaving: Collection[int]) -> list[int]:
    return [number for number in writer.group(name) if number not in leaving]


def _sketch(writer: Writer, number: int) -> bytes:
    return writer.sketches(np.array([number], np.int64)).data.tobytes()


def _renamed(writer: Writer, judge: Judge, left: Sequence[int], sketch: bytes) -> None:
    """Has a group go by the first of those left that is entered under telling terms.

    Where none is, the first of all is entered anew, with the edges of ``sketch``.
    """
    numbers = np.array(left, np.int64)
    chosen = numbers[Sketches.read(writer.sketches(numbers)).telling > 0].tolist()
    name = chosen[0] if chosen else _entered(writer, judge, left[0], sketch)
    group = left if chosen else [*left[1:], name]
    writer.regroup(group, name)


def _entered(writer: Writer, judge: Judge, number: int, edges: bytes) -> int:
    """Enters an article anew, under its telling terms too; its new number."""
    known = writer.known([number])[number]
    shingles = writer.shingles(np.array([number], np.int64)).data.tobytes()
    judge.tallies.follow(writer)
    sketch, telling = judge.entered(_sketch(writer, number), edges)
    keys = copy_keys(np.frombuffer(shingles, "<u4").astype(np.uint32))
    entry = Entry(
        id=known.id,
        digest=writer.find([known.id])[known.id][1],
        moment=known.moment,
        arrived=writer.arrivals([number])[number],
        language=Sketches.of([sketch]).languages[0],
        story=known.story,
        copies=0 if known.copies == number else known.copies,
        keys=np.union1d(keys, telling),
        sketch=sketch,
        shingles=shingles,
        verdict=writer.verdicts([number])[number],
        text=writer.texts([number]).get(number, b""),
    )
    writer.discard([number])
    return writer.add(entry)
