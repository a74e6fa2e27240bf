"""The lines of a stream, in groups of what has arrived: large if it is fast, single if it is slow.

Nothing waits for a group to fill. While one is worked on the next ones arrive, so that the groups
grow with the speed of the stream, as in the group commit of databases.
"""

from __future__ import annotations

import codecs
import math
import os
import select
import signal
from collections import deque
from collections.abc import Callable, Iterator
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple, Self

from dedupe.read.budget import USUAL

if TYPE_CHECKING:
    from _typeshed import HasFileno

    from dedupe.config import Limits

KEPT_OF_LONG = 1 << 20
"""Bytes that are kept of a line over the limit: enough to show what it was."""

BLOCK = 256 << 10
"""Bytes read at a time; fewer than a line may have."""

GROUP_BYTES = 16 << 20
"""Bytes beyond which a group is large enough, however few lines it has."""

QUIET = 0.001
"""Seconds without a byte after which a group is taken for whole."""

PATIENCE = 0.005
"""Seconds, at most, from the first line of a group to its end."""

TAKEN = () if os.name == "nt" else (signal.SIGINT, signal.SIGTERM)
"""Signals that ask for an end."""


class Line(NamedTuple):
    """One line without its line feed."""

    number: int
    """From 1."""
    data: bytes
    cut: bool = False
    """Whether the line was too long; this is its beginning."""


def without_mark(data: bytes) -> bytes:
    """What a stream or a body begins with, without the byte order mark that may stand before it."""
    return data.removeprefix(codecs.BOM_UTF8)


class LineBuffer:
    """Blocks of a stream in, lines out. Of a line over ``longest`` bytes only the beginning."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._count = 0
        self._begun = bytearray()
        self._begun_bytes = 0
        self.lines: deque[Line] = deque()
        """Those that are whole and were not taken yet."""
        self.waiting = 0
        """Bytes in them."""
        self.ended = False

    @property
    def begun(self) -> int:
        """Bytes that are held of a line whose end is yet to come."""
        return len(self._begun)

    def take(self, most: int) -> list[Line]:
        """The next lines, at most so many."""
        group = [self.lines.popleft() for _ in range(min(most, len(self.lines)))]
        self.waiting -= sum(len(line.data) for line in group)
        return group

    def feed(self, block: bytes) -> None:
        """Takes the next block in; an empty one is the end of the stream."""
        first, *rest = block.split(b"\n")
        self._continue(first)
        if rest:
            self._finish()
            last = rest.pop()
            for data in rest:
                self._add(data, cut=len(data) > self._longest)
            self._continue(last)
        if not block:
            self.ended = True
            if self._begun_bytes:
                self._finish()

    def _continue(self, part: bytes) -> None:
        """Takes note of a part of a line whose end is yet to come."""
        self._begun_bytes += len(part)
        self._begun += part
        if self._begun_bytes > self._longest:
            del self._begun[KEPT_OF_LONG:]

    def _finish(self) -> None:
        self._add(bytes(self._begun), cut=self._begun_bytes > self._longest)
        self._begun, self._begun_bytes = bytearray(), 0

    def _add(self, data: bytes, *, cut: bool) -> None:
        self._count += 1
        data = data[:KEPT_OF_LONG] if cut else data
        data = data if self._count > 1 else without_mark(data)
        self.waiting += len(data)
        self.lines.append(Line(self._count, data, cut))


class ArrivingLines:
    """The lines that come in through a file descriptor: a pipe, a socket, a file.

    A group has ``most`` lines at most. Groups end with the stream, or when ``wake`` becomes
    readable: then the lines that were not handed out are left unread.
    """

    def __init__(
        self,
        descriptor: int,
        *,
        most: int,
        wake: HasFileno | None = None,
        limits: Limits = USUAL,
    ) -> None:
        self._descriptor = descriptor
        self._most = most
        self._wake = wake
        self._buffer = LineBuffer(limits.record_bytes)

    def groups(self) -> Iterator[list[Line]]:
        """The lines in order, grouped. Raises OSError as reading does."""
        while not self._woken():
            if not self._buffer.lines:
                if self._buffer.ended or not self._arrives(None):
                    return
                self._read()
                continue
            self._gather()
            yield self._buffer.take(self._most)

    def _gather(self) -> None:
        """Reads on while more comes at once."""
        end = monotonic() + PATIENCE
        while (
            len(self._buffer.lines) < self._most
            and self._buffer.waiting < GROUP_BYTES
            and not self._buffer.ended
            and (left := end - monotonic()) > 0
            and self._arrives(min(left, QUIET))
        ):
            self._read()

    def _arrives(self, patience: float | None) -> bool:
        """Whether something can be read within so many seconds, and nothing asked for an end."""
        awaited: list[int | HasFileno]
        awaited = [self._descriptor] if self._wake is None else [self._descriptor, self._wake]
        ready = readable(awaited, patience)
        if ready is None:
            # Windows cannot wait for pipes: there a group is what one reading brings.
            return patience is None
        return self._descriptor in ready and self._wake not in ready

    def _woken(self) -> bool:
        """Whether an end was asked for."""
        return bool(self._wake and readable([self._wake], 0))

    def _read(self) -> None:
        self._buffer.feed(os.read(self._descriptor, BLOCK))


def readable(
    awaited: list[int | HasFileno], patience: float | None
) -> list[int | HasFileno] | None:
    """Those that can be read from within so many seconds; None where nothing can wait for them.

    By poll where the system has it: select knows no descriptor from 1,024 on.
    """
    if not hasattr(select, "poll"):
        try:
            return select.select(awaited, [], [], patience)[0]
        except OSError:
            return None
    by_number = {one if isinstance(one, int) else one.fileno(): one for one in awaited}
    waiting = select.poll()
    for number in by_number:
        waiting.register(number, select.POLLIN)
    # In milliseconds, upwards: a wait of none at all would end each group at once.
    found = waiting.poll(None if patience is None else math.ceil(1000 * patience))
    return [by_number[number] for number, _ in found]


class Ending:
    """While it is entered, SIGINT and SIGTERM only make it readable; a second one acts as usual.

    For the main thread alone, as only that may set what a signal does. Raises ValueError elsewhere.
    On Windows, where nothing can wait for a signal and a pipe at once, signals act as usual.
    """

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        """``then`` is called when a signal came, wherever the program is: it may do very little."""
        self.signal = 0
        """The signal that came, or 0."""
        self._then = then

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        self._before = {
            number: signal.signal(number, self._note)
            for number in TAKEN
            if signal.getsignal(number) != signal.SIG_IGN  # as in the background of a script
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def fileno(self) -> int:
        """Readable once a signal came."""
        return self._reader

    def _note(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        os.write(self._writer, b"\0")
        for kind, handler in self._before.items():
            signal.signal(kind, handler)
        self._then()
