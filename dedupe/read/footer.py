"""What a Parquet file says of its column chunks and their pages, read without pyarrow.

To ask pyarrow for one chunk of a broken file ends the process, and of a dictionary it believes how
many values are in it: for a kilobyte it wishes for 34 GB. All this is Thrift in its compact
protocol, and of its many fields these few are read, and all others passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = frozenset({4, 5, 6})

_CHUNKS = (4, 1, 3)
"""Fields from the footer to what it says of a chunk: row groups, columns, metadata."""
_TYPE, _CODEC, _VALUES, _SIZE, _PACKED, _DATA, _DICTIONARY = 1, 4, 5, 6, 7, 9, 11
_PAGE_SIZE, _PAGE_PACKED, _OF_DICTIONARY, _OF_DATA = 2, 3, 7, (5, 8)
_COUNT = 1
"""Fields of a page's header; of the structs in it, which are of a kind of page each, the number of
values is read."""
_HEADERS = 1 << 12, 1 << 24
"""Bytes in which nearly all headers of pages end, and as many as pyarrow looks at."""
_ONE_BYTE = frozenset({0, 7})
"""Types of which a value may take less than four bytes: truth values, bytes of a fixed number."""
_CODECS = ("NONE", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4")


class Chunk(NamedTuple):
    """One column of one row group."""

    codec: str
    """How it is compressed, as pyarrow's writer calls it."""
    values: int
    """Of a list all that are in it; nulls count."""
    size: int
    """Bytes unpacked."""
    packed: int
    """Bytes in the file."""
    first: int
    """Where its first page begins there."""
    least: int
    """Bytes that a value in a dictionary takes at least."""


def chunks_of(file: BinaryIO) -> Iterator[Chunk]:
    """The column chunks of an open file, by row group and within it by column.

    Raises ValueError where the footer is broken.
    """
    end = file.seek(-8, 2)
    length = int.from_bytes(file.read(4), "little")
    file.seek(max(end - length, 0))
    thrift = _Thrift(file.read(length))
    try:
        for _ in thrift.structs(_STRUCT, _CHUNKS):
            found = {field: thrift.integer(kind) for field, kind in thrift.fields()}
            codec = found.get(_CODEC) or 0
            name = _CODECS[codec] if 0 <= codec < len(_CODECS) else ""
            values, size, packed = (found.get(f) or 0 for f in (_VALUES, _SIZE, _PACKED))
            begins = (found.get(field) or 0 for field in (_DICTIONARY, _DATA))
            first = min((at for at in begins if at > 0), default=0)
            least = 1 if found.get(_TYPE) in _ONE_BYTE else 4
            yield Chunk(name, values, size, packed, first, least)
    except (IndexError, RecursionError):
        raise ValueError("the footer is broken") from None


def largest_page(file: BinaryIO, chunk: Chunk) -> int:
    """Bytes unpacked that a page of a column chunk claims to have at most.

    Raises ValueError where a page's header is broken, or claims more values than fit into it.
    """
    at, end, largest, met = chunk.first, chunk.first + chunk.packed, 0, 0
    while at < end and met < chunk.values:  # as pyarrow goes
        header, length = _page_header(file, at)
        size, packed, count = (header.get(f, 0) for f in (_PAGE_SIZE, _PAGE_PACKED, _OF_DICTIONARY))
        met += max(0, *(header.get(field, 0) for field in _OF_DATA))
        if min(size, packed, count) < 0 or count * chunk.least > size:
            raise ValueError("a page cannot have as many values as its header says")
        at, largest = at + length + packed, max(largest, size)
    return largest


def _page_header(file: BinaryIO, at: int) -> tuple[dict[int, int], int]:
    """The numbers in the header of the page that begins here, and how long it is."""
    for most in _HEADERS:
        file.seek(at)
        thrift, found = _Thrift(file.read(most)), dict[int, int]()
        try:
            for field, kind in thrift.fields():
                if field in (_OF_DICTIONARY, *_OF_DATA) and kind == _STRUCT:
                    inner = {name: thrift.integer(of) for name, of in thrift.fields()}
                    found[field] = inner.get(_COUNT) or 0
                else:
                    found[field] = thrift.integer(kind) or 0
        except (IndexError, RecursionError):
            continue
        if not found.keys() >= {_PAGE_SIZE, _PAGE_PACKED}:  # or each byte might be one
            break
        return found, thrift.at
    raise ValueError("the header of a page is broken")


class _Thrift:
    """A place in bytes of the compact protocol."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def structs(self, kind: int, path: tuple[int, ...]) -> Iterator[None]:
        """Stops at each struct that is found by these fields; whoever asks reads its fields."""
        if kind == _LIST:
            inner, count = self._list()
            for _ in range(count):
                yield from self.structs(inner, path)
        elif kind != _STRUCT:
            self._pass(kind)
        elif not path:
            yield
        else:
            for field, inner in self.fields():
                if field == path[0]:
                    yield from self.structs(inner, path[1:])
                else:
                    self._pass(inner)

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and kind of each field of the struct that begins here."""
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._signed()
            yield field, head & 15

    def integer(self, kind: int) -> int | None:
        """The integer that begins here; of any other kind None, and it is passed over."""
        if kind in _INTEGERS:
            return self._signed()
        self._pass(kind)
        return None

    def _pass(self, kind: int) -> None:
        if kind in _INTEGERS:
            self._varint()
        elif kind == _BYTE:
            self._byte()
        elif kind == _DOUBLE:
            self._go_on(8)
        elif kind == _BINARY:
            self._go_on(self._varint())
        elif kind in (_LIST, _SET):
            inner, count = self._list()
            for _ in range(count):
                self._pass(inner)
        elif kind == _STRUCT:
            for _, inner in self.fields():
                self._pass(inner)
        elif kind not in (_TRUE, _FALSE):  # maps are in no footer
            raise IndexError

    def _list(self) -> tuple[int, int]:
        """Kind and number of the values of the list that begins here."""
        head = self._byte()
        kind = head & 15
        if kind in (_TRUE, _FALSE):  # which in a list take a byte each
            kind = _BYTE
        return kind, self._varint() if head >> 4 == 15 else head >> 4

    def _go_on(self, count: int) -> None:
        self.at += count
        if self.at > len(self._data):
            raise IndexError

    def _byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 128:
            value |= (byte & 127) << shift
            shift += 7
            if shift > 63:
                raise IndexError
        return value | byte << shift

    def _signed(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)
