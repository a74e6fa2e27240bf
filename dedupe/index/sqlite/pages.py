"""An index's file read past SQLite, page by page: what one page has lost takes no other along.

The format is that of https://sqlite.org/fileformat.html. Nothing is written, and no lock is taken.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import SEEK_END, BytesIO, FileIO
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dedupe.index.sqlite.database import log_of
from dedupe.index.sqlite.file import HEADER, PAGE
from dedupe.index.sqlite.sums import RESERVED
from dedupe.kernels.sums import page_sum

TABLE_LEAF, INDEX_LEAF, INDEX_INNER = 0x0D, 0x0A, 0x02
"""Kinds of pages that have rows."""
MAP, ROOT, FREE, INNER = 0, 1, 2, 5
KINDS = range(ROOT, INNER + 1)
"""What the map of pages tells of each: 3 and 4 are those that go on with a long row."""
OF_ROWS = (ROOT, INNER, None)
MAP_ENTRY = 5
READINGS = 8
"""How often the pages of long rows are read, at most."""
CACHED = 64
"""Pages that are kept in memory."""
LOCK_PAGE = (1 << 30) // PAGE + 1
"""A page that SQLite never uses."""
LOG_MAGIC, LOG_HEADER, FRAME_HEADER = (0x377F0682, 0x377F0683), 32, 24
PROBED = 64
"""Pages by which it is told whether a file has sums, whatever its header says."""
MALFORMED = (IndexError, OverflowError, UnicodeDecodeError, ValueError, struct.error)
"""What is raised on the content of a page that is not as it was written."""

Value = int | str | bytes | None


class Cell(NamedTuple):
    """A row as it lies in a page: its number, where it has one, and where its bytes are."""

    number: int
    page: int
    start: int
    size: int
    """Bytes in all, wherever they lie."""
    local: int
    """Bytes of them in this page; behind them stands the number of the page with the others."""


class _File:
    """The bytes of a file, read as they are asked for: it may change or end meanwhile."""

    def __init__(self, path: Path) -> None:
        """One that is missing has none. Raises OSError."""
        try:
            self._file: FileIO | BytesIO = path.open("rb", buffering=0)
        except FileNotFoundError:
            self._file = BytesIO()
        self.size = self._file.seek(0, SEEK_END)

    def read(self, start: int, size: int) -> bytes:
        """As many bytes as there are, at most ``size``. Raises OSError."""
        self._file.seek(start)
        return self._file.read(size) or b""

    def close(self) -> None:
        """Ends it."""
        self._file.close()


class Pages:
    """The pages of one file, with those that its log holds in their place."""

    def __init__(self, path: str) -> None:
        """Raises OSError."""
        self._file, self._log = _File(Path(path)), _File(log_of(path))
        self._logged, count = _frames(self._log)
        self._count = count or self._file.size // PAGE
        self._page = lru_cache(CACHED)(self._read)
        self.sums = any(map(self._has_sum, range(1, min(PROBED, self._count) + 1)))
        """Whether the pages have sums."""
        self._usable = PAGE - (RESERVED if self.sums else 0)
        self._sound = np.array([False, *map(self._is_sound, range(1, self._count + 1))])
        self._broken = 0
        self._left = READINGS * self._count

    def close(self) -> None:
        """Ends it."""
        self._file.close()
        self._log.close()

    @property
    def damaged(self) -> int:
        """How many pages that were in use, or may have been, are not as they were written."""
        lost = (number for number in range(1, self._count + 1) if not self._sound[number])
        there = sum(self._kind(number) != FREE for number in lost) + self._broken
        told = int.from_bytes(self.header()[28:32], "big") if self.sums and self._is_sound(1) else 0
        return there + max(0, told - self._count) * (not self._logged)

    @property
    def knows_free(self) -> bool:
        """Whether it is known of all pages which are in use: what was removed stays so."""
        return all(self._kind(number) is not None for number in range(1, self._count + 1))

    def header(self) -> bytes:
        """How the file begins."""
        return self._page(1)[:HEADER]

    def cells(self, kinds: Sequence[int]) -> Iterator[Cell]:
        """The rows of all sound pages of these kinds that are in use, or may be."""
        for number in range(1, self._count + 1):
            if not self._sound[number] or self._kind(number) not in OF_ROWS:
                continue
            page, start = self._page(number), HEADER if number == 1 else 0
            if page[start] not in kinds:
                continue
            try:
                yield from self._cells(number, page, start)
            except MALFORMED:
                self._broken += 1

    def values(self, cell: Cell) -> list[Value]:
        """The values of a row. Raises ValueError where a page of it is not sound."""
        try:
            return _values(self._payload(cell))
        except MALFORMED as error:
            raise ValueError(f"page {cell.page} is not as it was written") from error

    def shape(self, cell: Cell) -> str:
        """A letter for each value: n for none, i, t and b for an integer, a text and bytes."""
        try:
            head = self._page(cell.page)[cell.start : cell.start + cell.local]
            return "".join(_letter(kind) for kind in _types(head)[0])
        except MALFORMED:
            return ""

    def _read(self, number: int) -> bytes:
        offset = self._logged.get(number)
        if offset is not None:
            return self._log.read(offset, PAGE)
        return self._file.read((number - 1) * PAGE, PAGE)

    def _is_sound(self, number: int) -> bool:
        whole = len(self._page(number)) == PAGE
        return whole and (number in self._logged or not self.sums or self._has_sum(number))

    def _has_sum(self, number: int) -> bool:
        """Whether a page has its sum, as those in the log do not."""
        page = self._page(number)
        if len(page) < PAGE or number in self._logged:
            return False
        return page_sum(np.frombuffer(page, np.uint8), number) == int.from_bytes(
            page[-RESERVED:], "little"
        )

    def _kind(self, number: int) -> int | None:
        """What a page is, by the map of pages; None where that is lost."""
        if number == 1:
            return ROOT
        entries = self._usable // MAP_ENTRY
        of_map = (number - 2) // (entries + 1) * (entries + 1) + 2
        of_map += of_map == LOCK_PAGE
        if number == LOCK_PAGE:
            return FREE
        if number == of_map:
            return MAP
        if of_map > self._count or not self._sound[of_map]:
            return None
        kind = self._page(of_map)[MAP_ENTRY * (number - of_map - 1)]
        return kind if kind in KINDS else None

    def _cells(self, number: int, page: bytes, start: int) -> Iterator[Cell]:
        kind = page[start]
        inner = kind == INDEX_INNER
        (count,) = struct.unpack_from(">H", page, start + 3)
        first = start + (12 if inner else 8)
        for (at,) in struct.iter_unpack(">H", page[first : first + 2 * count]):
            place = at + 4 * inner
            size, place = _varint(page, place)
            row = 0
            if kind == TABLE_LEAF:
                row, place = _varint(page, place)
            local = self._local(size, table=kind == TABLE_LEAF)
            if size < 0 or place + local + 4 * (local < size) > self._usable:
                raise ValueError("a row ends past its page")
            yield Cell(row, number, place, size, local)

    def _local(self, size: int, *, table: bool) -> int:
        """Bytes of a row of this size that lie in the page itself."""
        usable = self._usable
        most = usable - 35 if table else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return size
        least = (usable - 12) * 32 // 255 - 23
        some = least + (size - least) % (usable - 4)
        return some if some <= most else least

    def _payload(self, cell: Cell) -> bytes:
        page, end = self._page(cell.page), cell.start + cell.local
        parts, left = [page[cell.start : end]], cell.size - cell.local
        # Pages that lead to each other, or to those of another row, are not followed for ever.
        self._left -= max(0, left) // (self._usable - 4)
        if not 0 <= left < self._left * PAGE:
            raise ValueError("a row is longer than the file")
        following = page[end : end + 4]
        while left > 0:
            number = int.from_bytes(following, "big")
            if not 0 < number <= self._count or not self._sound[number]:
                raise ValueError("a page of it is not sound")
            page = self._page(number)
            following, some = page[:4], min(left, self._usable - 4)
            parts.append(page[4 : 4 + some])
            left -= some
        return b"".join(parts)


def _frames(log: _File) -> tuple[dict[int, int], int]:
    """Where in a log the pages of what was committed lie, and how many pages there are then."""
    head = log.read(0, LOG_HEADER)
    if len(head) < LOG_HEADER:
        return {}, 0
    magic, _, size, _, *salts = struct.unpack_from(">6I", head)
    if magic not in LOG_MAGIC or size != PAGE:
        return {}, 0
    order = ">" if magic & 1 else "<"
    found: dict[int, int] = {}
    since: dict[int, int] = {}
    sums, count = _summed(head[: LOG_HEADER - 8], (0, 0), order), 0
    at = LOG_HEADER
    while len(frame := log.read(at, FRAME_HEADER + PAGE)) == FRAME_HEADER + PAGE:
        number, committed, one, other, *told = struct.unpack_from(">6I", frame)
        sums = _summed(frame[:8] + frame[FRAME_HEADER:], sums, order)
        if [one, other] != salts or tuple(told) != sums:
            break
        since[number] = at + FRAME_HEADER
        if committed:
            found |= since
            since, count = {}, committed
        at += FRAME_HEADER + PAGE
    return found, count


def _summed(content: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    """The two sums of a log, carried on."""
    one, other = sums
    for first, second in struct.iter_unpack(f"{order}2I", content):
        one = (one + first + other) & 0xFFFFFFFF
        other = (other + second + one) & 0xFFFFFFFF
    return one, other


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | data[place] & 0x7F
        if data[place] < 0x80:
            return value, place + 1
    value = value << 8 | data[at + 8]
    return value - (1 << 64) if value >> 63 else value, at + 9


def _types(payload: bytes) -> tuple[list[int], int]:
    """The types of the values of a row, and where those begin."""
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    return kinds, end


WIDTHS = (0, 1, 2, 3, 4, 6, 8)
"""Bytes of integers of each type; types 8 and 9 are 0 and 1 themselves."""


def _letter(kind: int) -> str:
    if kind >= 12:
        return "t" if kind & 1 else "b"
    return "n" if kind == 0 else "f" if kind == 7 else "i"


def _values(payload: bytes) -> list[Value]:
    kinds, at = _types(payload)
    found: list[Value] = []
    for kind in kinds:
        if kind in (8, 9):
            found.append(kind - 8)
            continue
        size = (kind - 12) // 2 if kind >= 12 else WIDTHS[kind]
        part, at = payload[at : at + size], at + size
        if len(part) < size:
            raise ValueError("a row is cut short")
        if kind >= 12:
            found.append(part.decode() if kind & 1 else part)
        else:
            found.append(int.from_bytes(part, "big", signed=True) if kind else None)
    return found
