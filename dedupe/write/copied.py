"""Rows copied as they stand: lines of text tables byte for byte, rows of Parquet as values."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from dedupe.errors import SourceError
from dedupe.read.content import encoding_by_mark, guessed_encoding, line_blocks
from dedupe.read.footer import chunks_of

if TYPE_CHECKING:
    import pyarrow.parquet as pq

    from dedupe.read.again import FoundAgain
    from dedupe.read.content import Content

Stays = Callable[[int], bool]
"""Whether an article of a file stays, by its number in the file, from 0."""

_NO_LIMIT = 1 << 62
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""Encodings by their marks; the first that fits, as that of UTF-16 begins that of UTF-32."""
_CODECS = ("SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4")


def unlike(name: str, first: str, what: str) -> SourceError:
    """The error that says that two files make no one table."""
    return SourceError(
        f"{name}: has {what} than {first}, so that the two make no one table; keep them one by one,"
        " or write JSON Lines (.jsonl)"
    )


class CopiedLines:
    """The rows that stay of text tables of one shape; the header of the first one heads them."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._first: tuple[str, str, bytes] | None = None
        """Name, encoding and header of the first table."""
        self._break = b""
        """The end of a line that the last one lacks so far."""

    def add(self, content: Content, found: Iterable[list[FoundAgain]], stays: Stays) -> None:
        """Copies rows with their line ends, quotes and encoding.

        ``content`` is the file opened once more, beside that of ``found``. Raises SourceError
        where its header or its encoding is another one than that of the first.
        """
        encoding = _encoding(content)
        lines = _lines(content, encoding)
        at = 0
        for records in found:
            first, count = records[0].line, max(one.raw.count(b"\n") for one in records) + 1
            before = [next(lines, b"") for _ in range(at, first - 1)]
            own = [next(lines, b"") for _ in range(count)]
            if not at:  # all that stands above the first row
                self._begin(content.name, encoding, before)
                before = []
            at = first - 1 + count
            if any(one.article is not None and stays(one.article) for one in records):
                self._write([*before, *own], encoding)
        if not at:
            self._begin(content.name, encoding, list(lines))

    def _begin(self, name: str, encoding: str, header: list[bytes]) -> None:
        bare = _bare(b"".join(header), encoding)
        if self._first is None:
            self._first = name, encoding, bare
            self._write(header, encoding)
        elif bare and encoding != self._first[1]:
            raise unlike(name, self._first[0], "another encoding")
        elif bare and bare != self._first[2]:
            raise unlike(name, self._first[0], "another header")

    def _write(self, lines: list[bytes], encoding: str) -> None:
        for line in filter(None, lines):
            feed = "\n".encode(encoding)
            self._out.write(self._break + line)
            self._break = b"" if line.endswith(feed) else feed


def _bare(header: bytes, encoding: str) -> bytes:
    """A header without its mark and its line ends."""
    return header.decode(encoding, "replace").lstrip("\ufeff").rstrip("\r\n").encode()


def _encoding(content: Content) -> str:
    """The encoding of a text table, as its reader sees it, with the order of its bytes."""
    wide = next((name for mark, name in _WIDE.items() if content.head.startswith(mark)), None)
    marked = "utf-8" if encoding_by_mark(content.head) else None
    return wide or marked or guessed_encoding(content.head, content.name)


def _lines(content: Content, encoding: str) -> Iterator[bytes]:
    """The lines of a file as they stand there, each with its end."""
    if "\n".encode(encoding) == b"\n":
        for block in line_blocks(content.blocks(), _NO_LIMIT):
            *whole, last = (block or b"").split(b"\n")
            yield from (line + b"\n" for line in whole)
            if last:
                yield last
        return
    decoder, waiting = codecs.getincrementaldecoder(encoding)("surrogatepass"), ""
    for block in content.blocks():
        *texts, waiting = (waiting + decoder.decode(block)).split("\n")
        yield from (f"{text}\n".encode(encoding, "surrogatepass") for text in texts)
    if waiting:
        yield waiting.encode(encoding, "surrogatepass")


class CopiedRows:
    """The rows that stay of Parquet files of one schema."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._writer: pq.ParquetWriter | None = None
        self._first = ""

    def add(self, content: Content, rows: Iterable[int]) -> None:
        """Copies rows by their numbers, from 1, with all columns.

        Raises SourceError where the file has other columns than the first.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        with content.seekable() as file, pq.ParquetFile(file) as table:
            writer = self._begun(content.name, file, table)
            stays = bytearray(table.metadata.num_rows)
            for row in rows:
                stays[row - 1] = True
            first = 0
            for group in range(table.num_row_groups):
                stop = first + table.metadata.row_group(group).num_rows
                if any(stays[first:stop]):  # others may be broken
                    for batch in table.iter_batches(row_groups=[group]):
                        here = stays[first : first + len(batch)]
                        writer.write_batch(batch.filter(pa.array(list(map(bool, here)))))
                        first += len(batch)
                first = stop

    def _begun(self, name: str, file: BinaryIO, table: pq.ParquetFile) -> pq.ParquetWriter:
        import pyarrow.parquet as pq

        schema = table.schema_arrow
        if self._writer is None:
            chunk = next(chunks_of(file), None)
            packed = chunk.codec if chunk and chunk.codec in _CODECS else "NONE"
            self._writer, self._first = (
                pq.ParquetWriter(self._out, schema, compression=packed),
                name,
            )
        elif not schema.equals(self._writer.schema):
            raise unlike(name, self._first, "other columns")
        return self._writer

    def close(self) -> None:
        """Writes the end of the file."""
        if self._writer is not None:
            self._writer.close()
