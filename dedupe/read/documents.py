"""Values of JSON one after the other: in one file, over several lines, in arrays cut off or open.

What is broken in between costs itself alone: the reading goes on where the next value may begin.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from dedupe.config import Limits
from dedupe.read.budget import USUAL, PastLimitError, check_values
from dedupe.read.names import LISTS

if TYPE_CHECKING:
    from json import JSONDecoder

_PLACE = re.compile(r": line (\d+) column (\d+) \(char \d+\)$")
_NOT_A_NUMBER = re.compile(rb"\b(?:NaN|Infinity)\b")
_BETWEEN = re.compile(r"[\s,\x1e\ufeff]*+")
"""White space, commas, and the mark before each text of a sequence (RFC 7464)."""
_SKIPPED = b" \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0,"
"""The same as bytes."""
_ENDS = {b"{": b"}", b"[": b"]", b'"': b'"'} | {
    bytes((first,)): b"" for first in b"-0123456789tfnNI"
}
"""What a value begins with, and what then is somewhere behind it."""
_NEXT_LINE = re.compile(r"\n(?=[{\[])")
_NEXT_ELEMENT = re.compile(r"\n[ \t]*+(?=\{)|(?<=\}),\s*+(?=\{)")
_LIST = re.compile(rf'"(?:{"|".join(LISTS)})"\s*+:\s*+\[\s*+(?=\{{)', re.IGNORECASE)
"""Where a list of articles opens in an object that does not hold together as a whole."""


_VAIN, _VAIN_SHARE = 1 << 22, 4
"""Characters that may be read in vain, at least, and to each of the bytes."""
_DEEP = 1 << 14
"""What it counts for that a value is nested too deep: how far it was read is not told."""


class Part(NamedTuple):
    """A value, or a piece that is none."""

    line: int
    """On which it begins, from 1."""
    value: Any
    raw: bytes
    wrong: str
    """Why it is no value; '' for one that is."""
    in_array: bool = False
    """Whether it is an element of an array that does not hold together as a whole."""


def values_on(line: bytes, limits: Limits) -> list[Any]:
    """The values on a line that is not one; none where anything else is on it."""
    begun = line.lstrip(_SKIPPED)
    closing = _ENDS.get(begun[:1])
    if closing is None or closing not in begun[1:]:  # as of most lines that are broken
        return []
    scan, values = _Scan(line, line.decode("latin-1"), limits), list[Any]()
    at = scan.behind(0)
    while at < len(line):
        end = scan.end_of(at)
        if end is None:
            return []
        try:
            values.append(loaded(line[at:end], limits))
        except ValueError:
            return []
        at = scan.behind(end)
    return values


def parts_of(data: bytes, limits: Limits = USUAL) -> Iterator[Part]:
    """The values in ``data``, in order; of a broken array those of its elements that are whole."""
    # As Latin-1 each character is a byte, so that places in the text are places in the bytes.
    text = data.decode("latin-1")
    scan = _Scan(data, text, limits)
    at = scan.behind(0)
    while at < len(text):
        whole = scan.end_of(at)
        if whole is not None:
            end = whole
            yield scan.part(at, end)
        elif text[at] == "[":
            end = yield from scan.elements(at + 1)
        else:
            end = scan.next_of(_NEXT_LINE, at + 1)
            opens = _LIST.search(text, at, end)
            yield scan.part(at, opens.end() if opens else end)
            if opens:
                end = yield from scan.elements(opens.end())
        at = scan.behind(end)


@cache
def _decoder() -> JSONDecoder:
    from json import JSONDecoder

    return JSONDecoder()


class _Scan:
    """A place in the bytes, and what begins there."""

    def __init__(self, data: bytes, text: str, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._left = max(_VAIN, _VAIN_SHARE * len(data))
        self._text = text
        self._decoder = _decoder()
        self._line = 1
        self._counted = 0

    def behind(self, at: int) -> int:
        """The place behind what stands between two values."""
        found = _BETWEEN.match(self._text, at)
        return found.end() if found else at

    def end_of(self, at: int) -> int | None:
        """Where the value ends that begins here; None where there is none.

        Nothing is looked for any more once so much was read in vain: what is broken at its end
        alone would be read anew from each place where a value may begin.
        """
        if self._left <= 0:
            return None
        try:
            return self._decoder.raw_decode(self._text, at)[1]
        except (ValueError, RecursionError) as error:
            # A JSONDecodeError says where it was; its name is not imported for that alone.
            self._left -= getattr(error, "pos", at + _DEEP) - at
        return None

    def next_of(self, begins: re.Pattern[str], at: int) -> int:
        """Where the next value may begin."""
        found = begins.search(self._text, at)
        return found.end() if found else len(self._text)

    def elements(self, at: int) -> Generator[Part, None, int]:
        """The elements of an array, up to its end or that of the bytes; returns the place there."""
        at = self.behind(at)
        while at < len(self._text) and self._text[at] != "]":
            end = self.end_of(at)
            if end is None:
                end = min(self.next_of(_NEXT_ELEMENT, at + 1), self.next_of(_NEXT_LINE, at + 1))
            yield self.part(at, end)._replace(in_array=True)
            at = self.behind(end)
        return at + 1

    def part(self, at: int, end: int) -> Part:
        """What stands here, parsed."""
        self._line += self._data.count(b"\n", self._counted, at)
        self._counted = at
        raw = self._data[at:end]
        try:
            return Part(self._line, loaded(raw, self._limits), raw, "")
        except ValueError as error:
            return Part(self._line + broken_line(error) - 1, None, raw, reason_of(error, raw))


def loaded(data: bytes, limits: Limits = USUAL) -> Any:
    """The JSON value; NaN and Infinity, which Python's writer leaves in, become null.

    Raises ValueError; PastLimitError where it has more values than a record may have.
    """
    check_values(data, limits)
    try:
        return orjson.loads(data)
    except ValueError:
        if not _NOT_A_NUMBER.search(data):
            raise
    import json

    try:
        return orjson.loads(orjson.dumps(json.loads(data, parse_int=_number)))
    except (RecursionError, TypeError) as error:
        raise ValueError(str(error)) from error


def _number(digits: str) -> int | float:
    """A whole number, as orjson reads it: past 64 bits it is a float."""
    return int(digits) if len(digits) <= 20 and -(2**63) <= int(digits) < 2**64 else float(digits)


def reason_of(error: ValueError, data: bytes) -> str:
    """What is wrong with the JSON; the offset of a byte that is no UTF-8 counts from 1."""
    if isinstance(error, PastLimitError):
        return str(error)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return f"not UTF-8 at byte {wrong.start + 1}"
    place = _PLACE.search(str(error))
    what = str(error)[: place.start()] if place else str(error)
    return f"broken JSON: {what}" + (f" (column {place[2]})" if place else "")


def broken_line(error: ValueError) -> int:
    """The line at which JSON is broken, from 1."""
    place = _PLACE.search(str(error))
    return int(place[1]) if place else 1
