"""The bytes of one source: decompressed, block by block, with what is known of their encoding."""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, BinaryIO

from dedupe.errors import MissingExtraError, SourceError

BLOCK = 1 << 20
"""Bytes handed on at a time."""

_COMPRESSED_BLOCK = 2 << 10
"""Bytes decompressed at a time: few, as a hostile zstd frame swells them to 64 MiB; no slower."""

WHOLE_LIMIT = 1 << 30
"""Bytes of a source that has to be in memory as a whole: a page, a feed, one JSON array."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 256 << 10
_META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


class Content:
    """One open source. ``position`` is in the file as it lies there, compressed or not.

    ``damage`` says, once the blocks are through, why they end before their time, else ''.
    """

    def __init__(self, raw: BinaryIO, name: str) -> None:
        self.name = name
        self.position = 0
        self.damage = ""
        self._raw = raw
        first = self._read(_COMPRESSED_BLOCK)
        self._plain = not first.startswith((_GZIP, _ZSTD))
        self._blocks = self._plain_blocks(first) if self._plain else self._inflated(first)
        self.head = next(self._blocks, b"")

    @property
    def beginning(self) -> bytes:
        """The first block in UTF-8, where a byte order mark shows the encoding; else as it is."""
        encoding = encoding_by_mark(self.head)
        return self.head.decode(encoding, "ignore").encode() if encoding else self.head

    def blocks(self) -> Iterator[bytes]:
        """The content from its start. To be asked for once."""
        yield self.head
        yield from self._blocks

    def whole(self) -> bytes:
        """The content in one piece. Raises SourceError if damaged or over WHOLE_LIMIT bytes."""
        parts, size = [], 0
        for block in self.blocks():
            parts.append(block)
            size += len(block)
            if size > WHOLE_LIMIT:
                raise SourceError(
                    f"{self.name}: more than {WHOLE_LIMIT >> 20} MiB, too large to read in one"
                    " piece; write it as JSON Lines, one article a line"
                )
        if self.damage:
            raise SourceError(f"{self.name}: {self.damage}")
        return b"".join(parts)

    def seekable(self) -> BinaryIO:
        """A file to read at any place: the file itself, else its content in memory."""
        if self._plain and self._raw.seekable():
            self._raw.seek(0)
            return self._raw
        return io.BytesIO(self.whole())

    def _read(self, size: int) -> bytes:
        try:
            block = self._raw.read(size)
        except OSError as error:
            raise SourceError(f"{self.name}: cannot be read: {system_reason(error)}") from None
        self.position += len(block)
        return block

    def _plain_blocks(self, first: bytes) -> Iterator[bytes]:
        block = first + self._read(BLOCK)
        while block:
            yield block
            block = self._read(BLOCK)

    def _inflated(self, block: bytes) -> Iterator[bytes]:
        """Members one after another; garbage or an early end is noted as damage."""
        new = _inflater(block, self.name)
        inflater, waiting, size, damage = new(), list[bytes](), 0, ""
        while block:
            try:
                inflated = inflater.decompress(block)
            except Exception as error:  # noqa: BLE001 - zlib.error or ZstdError, by the kind
                damage = f"the archive is damaged ({error})"
                break
            waiting.append(inflated)
            size += len(inflated)
            if size >= BLOCK:
                yield b"".join(waiting)
                waiting, size = [], 0
            if inflater.eof:
                block = self._next_member(inflater.unused_data)
                inflater = new() if block else inflater
            else:
                block = self._read(_COMPRESSED_BLOCK)
        # After the last block, so that who sees damage knows: what comes now was cut short.
        if waiting:
            yield b"".join(waiting)
        self.damage = damage or ("" if inflater.eof else "the archive ends early")

    def _next_member(self, rest: bytes) -> bytes:
        """The bytes from where the next member starts; tapes fill archives up with NULs."""
        block = rest.lstrip(b"\0")
        while not block and (read := self._read(_COMPRESSED_BLOCK)):
            block = read.lstrip(b"\0")
        return block


def system_reason(error: OSError) -> str:
    """What the system says of a failure, as part of a sentence."""
    return (error.strerror or str(error)).lower()


def _inflater(first: bytes, name: str) -> Any:
    if first.startswith(_GZIP):
        return lambda: zlib.decompressobj(wbits=31)
    if find_spec("zstandard") is None:
        raise MissingExtraError("zstandard", "zstd", f"reading {name}")
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj


def encoding_by_mark(head: bytes) -> str | None:
    """The encoding that a byte order mark stands for, if there is one."""
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)


def guessed_encoding(sample: bytes, name: str) -> str:
    """The encoding of text without a byte order mark: UTF-8 where it fits, else the likeliest.

    Raises SourceError for bytes that are no text in any encoding known.
    """
    if _is_utf8(sample):
        return "utf-8"
    if _has_many_nuls(sample):
        # Latin letters in UTF-16: their high bytes are NUL, first or second of each two.
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:_SAMPLE]).best()
    if best is None:
        raise SourceError(f"{name}: no text in any known encoding; convert it to UTF-8")
    return best.encoding


def _is_utf8(sample: bytes) -> bool:
    """UTF-8, but for a character cut off at the end, or a few spoilt ones among many whole."""
    text = sample.decode("utf-8", "replace")
    spoilt = text[:-1].count("\ufffd") - sample.count("\ufffd".encode())
    if spoilt <= 0:
        return not _has_many_nuls(sample)
    return sum(c > "\x7f" for c in text) > 20 * spoilt


def _has_many_nuls(sample: bytes) -> bool:
    return sample.count(0) * 8 > len(sample)


def decoded(data: bytes, name: str) -> str:
    """A whole document as text: by its mark, UTF-8, the charset that a page names, or a guess."""
    encoding = encoding_by_mark(data)
    if encoding is None:
        stated = None if _is_utf8(data) else _META_CHARSET.search(data, 0, 4096)
        encoding = stated[1].decode("ascii") if stated else guessed_encoding(data, name)
    try:
        return data.decode(encoding, "replace")
    except LookupError:
        return data.decode(guessed_encoding(data, name), "replace")


def utf8_blocks(content: Content, encoding: str | None) -> Iterator[bytes]:
    """The content's blocks in UTF-8 without byte order mark, whatever they were in."""
    if encoding in {None, "utf-8"}:
        yield from content.blocks()
        return
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")(
        "surrogateescape" if encoding == "utf-8-sig" else "replace"
    )
    for block in content.blocks():
        yield decoder.decode(block).encode("utf-8", "surrogateescape")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def line_blocks(blocks: Iterator[bytes], limit: int) -> Iterator[bytes | None]:
    """The blocks anew, each of whole lines; None for a line of over ``limit`` bytes.

    Each but the last ends with a line break.
    """
    carry: list[bytes] = []
    size = 0
    for block in blocks:
        first = block.find(b"\n") + 1
        size += first or len(block)
        if size <= limit:
            carry.append(block[:first] if first else block)
        else:
            carry.clear()
        if not first:
            continue
        last = block.rfind(b"\n") + 1
        if size <= limit:
            yield b"".join((*carry, block[first:last]))
        else:
            yield None
            if last > first:
                yield block[first:last]
        carry, size = [block[last:]], len(block) - last
    if size:
        yield b"".join(carry) if size <= limit else None


def lines(blocks: Iterator[bytes], limit: int) -> Iterator[bytes | None]:
    """The lines of the blocks, without their ends; None for a line of over ``limit`` bytes."""
    for block in line_blocks(blocks, limit):
        if block is None:
            yield None
            continue
        found = block.split(b"\n")
        if not found[-1]:
            found.pop()
        yield from found
