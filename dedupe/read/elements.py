"""The elements of a JSON array, one by one, as they are written: the array is never in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dedupe.config import Limits
from dedupe.read.budget import past_values

_MARK = re.compile(rb'["\[\]{},]')
_TO_MARK = re.compile(
    rb'[^"\[\]{},]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{},]*+)*+[\[\]{},]', re.DOTALL
)
"""All up to the next mark, and strings that are whole."""
_STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)


DEEPEST = 1024
"""Lists and objects inside of each other that the parser takes."""


class Element(NamedTuple):
    """One element."""

    data: bytes
    """Of one that is longer than a record may be, its beginning."""
    past: bool = False
    """Whether it is longer."""
    unended: bool = False
    """Whether the array ends within it."""
    broken: str = ""
    """Why its end, and so the rest of the array, is not looked for."""


class Elements:
    """Parts the array that blocks of UTF-8 begin with.

    What is between commas is told as it is, valid or not. ``rest`` is what follows the array, once
    the last one was taken, as far as it came in the same block.
    """

    def __init__(self, blocks: Iterable[bytes], limits: Limits) -> None:
        self._blocks = blocks
        self._limit, self._most = limits.record_bytes, limits.values
        self._too_many = past_values(limits)
        self._values = 0
        self._depth = 0
        self._in_string = False
        self._kept: list[bytes] = []
        self._size = 0
        self.rest = b""

    def __iter__(self) -> Iterator[Element]:
        carried = b""
        for block in self._blocks:
            data = carried + block
            # A backslash is read together with what it stands before.
            cut = len(data) - (len(data) - len(data.rstrip(b"\\"))) % 2
            data, carried = data[:cut], data[cut:]
            yield from self._parted(data)
            if self.rest:
                return
        if self._depth > 0:
            self._keep(carried)
            yield self._taken()._replace(unended=True)

    def _parted(self, data: bytes) -> Iterator[Element]:
        """The elements that end in this block."""
        start = 0
        for mark, at in self._marks(data):
            opens = mark in b"[{"
            self._values += 1
            if self._depth > DEEPEST or self._values > self._most:
                deep = self._values <= self._most
                self._keep(data[start:at])
                self._depth, self.rest = 0, b"\n"
                why = "broken JSON: depth limit exceeded" if deep else self._too_many
                yield self._taken()._replace(broken=why)
                return
            self._depth += opens - (mark in b"]}")
            if opens and self._depth == 1:
                start = at
            elif not opens and self._depth == (mark == 0x2C):
                self._keep(data[start : at - 1])
                start = at
                if self._depth == 0:
                    self.rest = data[at:] or b"\n"
                yield self._taken()
                if self.rest:
                    return
        if self._depth > 0:
            self._keep(data[start:])

    def _marks(self, data: bytes) -> Iterator[tuple[int, int]]:
        """What opens, closes and parts, each with the place behind it; strings are passed over."""
        at = 0
        while True:
            if self._in_string:
                rest = _STRING_REST.match(data, at)
                if rest is None or rest.end() == len(data):
                    return
                self._in_string, at = False, rest.end() + 1
            while (to_mark := _TO_MARK.match(data, at)) is not None:
                at = to_mark.end()
                yield data[at - 1], at
            found = _MARK.search(data, at)
            if found is None:
                return
            mark, at = data[found.start()], found.end()
            if mark == 0x22:
                self._in_string = True
            else:
                yield mark, at

    def _keep(self, part: bytes) -> None:
        room = self._limit - min(self._size, self._limit)
        self._size += len(part)
        if room:
            self._kept.append(part[:room])

    def _taken(self) -> Element:
        found = Element(b"".join(self._kept), self._size > self._limit)
        self._kept, self._size, self._values = [], 0, 0
        return found
