"""Sketches of batches to one sketch, with its articles in another order.

The parts and the whole together would be twice what a large run holds. So one column is put
together after the other, and what the parts had of it is given back at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.lines import Lines
from dedupe.room import Empty, Room, release
from dedupe.sketch import MarkedTerms, Sketch, Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHINGLES = ("starts", ("shingles",))
TERMS = ("terms.bounds", ("terms.buckets", "terms.counts", "terms.flags"))
LINES = ("lines.bounds", ("lines.keys", "lines.ends", "lines.token_ends", "lines.known"))
OCCURRENCES = ("lines.order_bounds", ("lines.order",))
TELLING = ("telling.bounds", ("telling.packed",))
"""Columns of a sketch, and the bounds by which they are ragged."""
LARGE = 1 << 25
"""Bytes of a column from which its room is given back to the system at once."""


class Parts:
    """Sketches of batches, in a room."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.held: list[Sketch] = []

    def add(self, part: Sketch) -> None:
        """Takes one more; all go into files where they would not fit. Raises NoRoomError."""
        before = self.room.in_files
        names = [name for _, columns in _kinds_of([part]) for name in columns]
        size = sum(attrgetter(name)(part).nbytes for name in ("signatures", *names))
        self.room.counts(size, len(part))
        if self.room.in_files and not before:
            for at, held in enumerate(self.held):
                self.held[at] = _moved(held, self.room)
            release()
        self.held.append(_moved(part, self.room) if self.room.in_files else part)


def _moved(part: Sketch, room: Room) -> Sketch:
    """A sketch whose large columns are in files."""

    def column(name: str) -> NDArray[Any]:
        return room.moved(name, attrgetter(name)(part))

    terms, lines, telling = part.terms, part.lines, part.telling
    if terms is not None:
        buckets, counts, flags = (column(name) for name in TERMS[1])
        terms = Terms(buckets, counts, flags, terms.bounds)
    if lines is not None:
        keys, ends, token_ends, known = (column(name) for name in LINES[1])
        order = column(OCCURRENCES[1][0])
        lines = Lines(keys, ends, token_ends, known, lines.bounds, order, lines.order_bounds)
    if telling is not None:
        telling = MarkedTerms(column(TELLING[1][0]), telling.bounds)
    return replace(
        part, signatures=column("signatures"), shingles=column("shingles"), terms=terms,
        lines=lines, telling=telling,
    )  # fmt: skip


def joined(
    parts: list[Sketch], order: NDArray[np.int64], executor: Executor, empty: Empty = np.empty
) -> Sketch:
    """All sketches as one, with the articles in the given order; ``parts`` is left empty.

    ``empty`` makes the room of each large column.
    """
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    kinds = _kinds_of(parts)
    held = {
        name: [attrgetter(name)(part) for part in parts]
        for bounds, names in kinds
        for name in (bounds, *names)
    }
    rows = [part.signatures for part in parts]
    contents = np.concatenate([part.contents for part in parts])[order]
    lengths = np.concatenate([part.lengths for part in parts])[order]
    spoken = [code for part in parts for code in part.languages]
    parts.clear()
    found: dict[str, NDArray[Any]] = {"signatures": _stacked(rows, rank, executor, empty)}
    for bounds, names in kinds:
        own = held.pop(bounds)
        found[bounds], places = _layout(own, order, rank)
        for name in names:
            found[name] = _placed(held.pop(name), own, places, executor, empty)
    return Sketch(
        found["signatures"],
        contents,
        found["shingles"],
        found["starts"],
        lengths,
        tuple(spoken[i] for i in order) if spoken else (),
        Terms(*_columns(found, TERMS)) if TERMS in kinds else None,
        Lines(*_columns(found, LINES), *_columns(found, OCCURRENCES)) if LINES in kinds else None,
        MarkedTerms(*_columns(found, TELLING)) if TELLING in kinds else None,
    )


Kind = tuple[str, tuple[str, ...]]


def _kinds_of(parts: Sequence[Sketch]) -> list[Kind]:
    """What all parts have."""
    kinds: list[Kind] = [SHINGLES]
    if all(part.terms is not None for part in parts):
        kinds.append(TERMS)
    if all(part.lines is not None for part in parts):
        kinds += [LINES, OCCURRENCES]
    if all(part.telling is not None for part in parts):
        kinds.append(TELLING)
    return kinds


def _columns(found: dict[str, NDArray[Any]], kind: Kind) -> list[NDArray[Any]]:
    return [found[name] for name in (*kind[1], kind[0])]


def _stacked(
    parts: list[NDArray[np.uint32]], rank: NDArray[np.int64], executor: Executor, empty: Empty
) -> NDArray[np.uint32]:
    """The rows of all parts, each at its rank."""
    width = parts[0].shape[1]
    own = [np.arange(len(part) + 1) * width for part in parts]
    flat = [part.reshape(-1) for part in parts]
    parts.clear()
    return _placed(flat, own, rank * width, executor, empty).reshape(len(rank), width)


def _layout(
    bounds: Sequence[NDArray[np.int64]], order: NDArray[np.int64], rank: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bounds of all rows in their new order, and where each row of the parts goes."""
    sizes = np.concatenate([np.diff(part) for part in bounds])
    ends = np.concatenate(([0], np.cumsum(sizes[order]))).astype(np.int64)
    return ends, ends[rank]


def _placed(
    parts: list[NDArray[Any]],
    bounds: Sequence[NDArray[np.int64]],
    places: NDArray[np.int64],
    executor: Executor,
    empty: Empty,
) -> NDArray[Any]:
    """The rows of ragged ``parts``, each at its place; the list is left empty."""
    from dedupe.kernels.text import place_rows

    place: Callable[..., None] = place_rows  # of any type, the same on both sides
    target = empty(sum(len(part) for part in parts), parts[0].dtype)
    none = np.empty(0, parts[0].dtype)
    firsts = np.cumsum([0] + [len(own) - 1 for own in bounds])

    def put(at: int) -> None:
        place(parts[at], bounds[at], places[firsts[at] : firsts[at + 1]], target)
        parts[at] = none

    # New memory: to be touched for the first time is most of its cost, so on all threads.
    list(executor.map(put, range(len(parts))))
    parts.clear()
    if target.nbytes >= LARGE:
        release()
    return target
