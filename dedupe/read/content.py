"""The bytes of one source: decompressed, block by block, with what is known of their encoding."""

from __future__ import annotations

import codecs
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from typing import BinaryIO

from dedupe.config import Limits
from dedupe.errors import SourceError
from dedupe.read.ahead import Workers, on_a_thread
from dedupe.read.budget import past_document, unpacks_too_far
from dedupe.read.openable import Known
from dedupe.read.packed import (
    BLOCK,
    STEP,
    Stand,
    Taken,
    is_packed,
    plain_blocks,
    unpacked_blocks,
)

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

    ``damage`` says, once the blocks are through, why they end before their time, else ''. Both are
    those of the latest block that was handed over, or of the ``stand`` that was last set.
    """

    def __init__(
        self,
        raw: BinaryIO,
        name: str,
        limits: Limits | None = None,
        workers: Workers | None = None,
        told: Known | None = None,
    ) -> None:
        self.name = name
        self.told = told or Known()
        self.limits = limits or Limits()
        self.workers = workers or Workers()
        self._raw = raw
        file = Taken(raw, name)
        first = file.read(STEP)
        self.stand = Stand(file.count, "")
        self._plain = not is_packed(first)
        self._blocks = (
            plain_blocks(file, first) if self._plain else unpacked_blocks(file, first, self.limits)
        )
        self.head = next(self._handed_over(), b"")

    @property
    def position(self) -> int:
        """Bytes of the file up to here, or as many as a part of it that was read at any place."""
        return self.stand.position

    @property
    def damage(self) -> str:
        """Why the blocks end before their time."""
        return self.stand.damage

    def close(self) -> None:
        """Ends the thread that unpacks the source, where there is one."""
        self._blocks.close()

    @property
    def beginning(self) -> bytes:
        """The first block in UTF-8, where a byte order mark shows the encoding; else as it is."""
        encoding = encoding_by_mark(self.head)
        return self.head.decode(encoding, "ignore").encode() if encoding else self.head

    def blocks(self) -> Iterator[bytes]:
        """The content from its start. To be asked for once."""
        yield self.head
        large = self.workers.ahead and not self._plain and len(self.head) >= BLOCK
        if large and isinstance(self._raw, BufferedReader) and self._raw.seekable():
            # Files alone: a thread that waits for a pipe, or for the net, could not be ended.
            self._blocks = on_a_thread(self._blocks)
        yield from self._handed_over()

    def _handed_over(self) -> Iterator[bytes]:
        for block, self.stand in self._blocks:  # noqa: B020
            if block:
                yield block

    def whole(self, blocks: Iterator[bytes] | None = None) -> bytes:
        """The content in one piece: its blocks, or what was made of them.

        Raises SourceError if damaged or past ``document_bytes``.
        """
        parts, size = [], 0
        for block in blocks or self.blocks():
            parts.append(block)
            size += len(block)
            if size > self.limits.document_bytes:
                raise SourceError(f"{self.name}: {past_document(self.limits)}")
        self._must_be_sound()
        return b"".join(parts)

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """A file to read at any place: the file itself, else a temporary one of its content."""
        if self.is_file:
            self._raw.seek(0)
            yield self._raw
            return
        with tempfile.TemporaryFile() as file:
            for block in self.blocks():
                file.write(block)
            self._must_be_sound()
            file.seek(0)
            yield file

    def unpacks_too_far(self, size: int) -> bool:
        """Whether so many bytes, of an archive, are past its ratio."""
        return not self._plain and unpacks_too_far(size, self.position, self.limits)

    def read_up_to(self, position: int) -> None:
        """Says how far the file was read, where that was not block by block."""
        self.stand = Stand(max(position, self.position), self.damage)

    @property
    def is_file(self) -> bool:
        """Whether the content lies in a file as it is."""
        return self._plain and self._raw.seekable()

    def _must_be_sound(self) -> None:
        if self.damage:
            raise SourceError(f"{self.name}: {self.damage}")


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
    if _is_western(sample[:_SAMPLE]):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:_SAMPLE]).best()
    if best is None:
        raise SourceError(f"{name}: no text in any known encoding; convert it to UTF-8")
    return best.encoding


def _is_western(sample: bytes) -> bool:
    """Whether this is Windows' text of Western Europe, which a guess by letters takes for another.

    Letters with marks are few, never three together, and of those that its languages use; some
    only beside others: the same bytes are Hungarian and Czech in another code page.
    """
    text = sample.decode("cp1252", "replace")
    high = {c for c in text if c > "\x7f"}
    marked = sum(c in _MARKED for c in text)
    known = high <= _MARKED | _PUNCTUATION and not _MARKED_RUN.search(text)
    few = marked * 5 <= sum(c.isalpha() for c in text)
    beside = all(high & others for letter, others in _ONLY_BESIDE.items() if letter in high)
    return bool(high) and known and few and beside


_MARKED = frozenset("éèêëàâäçîôöûùüßñóíáúåæøãõÉÈÊÀÂÄÇÎÔÖÛÜÑÓÍÁÚÅÆØÃÕœŒ")
_ONLY_BESIDE = {"õ": {"ã", "ç"}, "ø": {"å"}, "ù": {"à"}}
_PUNCTUATION = frozenset("“”„‘’‚–—…€£«»°·§©®™•†‹›\xa0¡¿¼½¾")
_MARKED_RUN = re.compile(f"[{''.join(sorted(_MARKED))}]{{3}}")


def _is_utf8(sample: bytes) -> bool:
    """UTF-8, but for a character cut off at the end, or a few spoilt ones among many whole."""
    text = sample.decode("utf-8", "replace")
    spoilt = text[:-1].count("\ufffd") - sample.count("\ufffd".encode())
    if spoilt <= 0:
        return not _has_many_nuls(sample)
    return sum(c > "\x7f" for c in text) > 20 * spoilt


def _has_many_nuls(sample: bytes) -> bool:
    return sample.count(0) * 8 > len(sample)


def decoded(data: bytes, name: str, charset: str = "") -> str:
    """A whole document as text: by its mark, UTF-8, a charset that is stated, or a guess.

    ``charset`` is what a server says; a page's own statement stands back behind it.
    """
    encoding = encoding_by_mark(data)
    if encoding is None:
        found = None if _is_utf8(data) else _META_CHARSET.search(data, 0, 4096)
        stated = (charset.encode("ascii", "replace"), found[1] if found else b"")
        known = None if _is_utf8(data) else next(filter(None, map(_known_encoding, stated)), None)
        encoding = known or guessed_encoding(data, name)
    return data.decode(encoding, "replace")


_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "raw-unicode-escape", "unicode-escape"})
"""Encodings of Python that no page is in; they raise whatever is asked for, or take n**2 steps."""


def _known_encoding(stated: bytes) -> str | None:
    """The encoding of this name, if one of text is called so."""
    try:
        found = codecs.lookup(stated.decode("ascii"))
    except (LookupError, ValueError):
        return None
    if not found._is_text_encoding or found.name in _NO_CHARSETS:  # noqa: SLF001 - nothing public tells
        return None
    return found.name


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
