"""Sources as they lie there, and what is packed in them: gzip, bzip2, xz, Zstandard."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator
from importlib.util import find_spec
from typing import Any, BinaryIO, NamedTuple

from dedupe.config import Limits
from dedupe.errors import MissingExtraError, SourceError
from dedupe.read.budget import LINE_BYTES, line_breaks, past_ratio, unpacks_too_far, within_ratio

BLOCK = 1 << 20
"""Bytes handed on at a time."""
STEP = 2 << 10
"""Bytes unpacked at a time: few, as a hostile zstd frame swells them to 64 MiB."""
_GZIP_STEP = 32 << 10
"""The same of gzip, which swells them to 32 MiB at most: each step waits for the interpreter."""

GZIP, ZSTD, XZ = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0"
BZIP2 = tuple(
    b"BZh%d%b" % (n, block) for n in range(1, 10) for block in (b"1AY&SY", b"\x17rE8P\x90")
)
"""A first block, or the end of an archive of nothing: the first letters alone may begin a text."""
_XZ_MEMORY = 128 << 20
"""Bytes that unpacking may take: twice what ``xz -9`` asks for; a header may ask for 4 GiB."""


class Stand(NamedTuple):
    """How far a source was read."""

    position: int
    """Bytes of the file as it lies there."""
    damage: str
    """Why what it holds ends before its time, else ''."""


Blocks = Generator[tuple[bytes, Stand], None, None]
"""What a source holds, block by block, and how far it was read for each; the last may be empty."""


class Taken:
    """The bytes of a file, counted."""

    def __init__(self, raw: BinaryIO, name: str) -> None:
        self._raw = raw
        self.name = name
        self.count = 0

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many. Raises SourceError."""
        try:
            block = self._raw.read(size)
        except OSError as error:
            raise SourceError(f"{self.name}: cannot be read: {system_reason(error)}") from None
        self.count += len(block)
        return block


def system_reason(error: OSError) -> str:
    """What the system says of a failure, as part of a sentence."""
    return (error.strerror or str(error)).lower()


def is_packed(first: bytes) -> bool:
    """Whether a file that begins so is an archive."""
    return first.startswith((GZIP, ZSTD, *BZIP2, XZ))


def plain_blocks(file: Taken, first: bytes) -> Blocks:
    """The rest of a file behind its ``first`` bytes, with these."""
    block = first + file.read(BLOCK)
    while block:
        yield block, Stand(file.count, "")
        block = file.read(BLOCK)


def unpacked_blocks(file: Taken, block: bytes, limits: Limits) -> Blocks:
    """Members one after another, the first of which begins with ``block``.

    Garbage or an early end is noted as damage. Raises MissingExtraError.
    """
    new, step = _inflater(block, file.name)
    inflater, waiting, size, damage, rest = new(), list[bytes](), 0, "", b""
    gone = 0
    """What was handed on counts for, with its lines."""
    while block:
        before = inflater.copy() if len(block) > STEP else None
        try:
            inflated = inflater.decompress(block)
        except Exception as error:  # noqa: BLE001 - zlib.error, ZstdError, OSError, LZMAError
            if before is not None:  # once more in small steps, for what is whole before it
                inflater, (block, rest) = before, _small_step(file, block)
                continue
            damage = f"the archive is damaged ({error})"
            break
        waiting.append(inflated)
        size += len(inflated)
        # Lines are counted only where it would be too far if each byte were one.
        if unpacks_too_far(gone + size * (1 + LINE_BYTES), file.count, limits):
            lines = sum(map(line_breaks, waiting))
            if unpacks_too_far(gone + size + LINE_BYTES * lines, file.count, limits):
                if before is not None:  # likewise, as one such step may be millions of lines
                    inflater, (block, rest) = before, _small_step(file, block)
                    size -= len(waiting.pop())
                    continue
                damage = past_ratio(limits)
                waiting = [within_ratio(b"".join(waiting), gone, file.count, limits)]
                break
        if size >= BLOCK:
            whole = b"".join(waiting)
            gone += size + LINE_BYTES * line_breaks(whole)
            yield whole, Stand(file.count, "")
            waiting, size = [], 0
        if inflater.eof:
            block, rest = _small_step(file, _next_member(file, inflater.unused_data + rest))
            inflater = new() if block else inflater
        elif rest:
            block, rest = _small_step(file, rest)
        else:
            block = file.read(step)
    yield b"".join(waiting), Stand(file.count, "")
    # After the last block, so that who sees damage knows: what comes now was cut short.
    yield b"", Stand(file.count, damage or ("" if inflater.eof else "the archive ends early"))


def _small_step(file: Taken, rest: bytes) -> tuple[bytes, bytes]:
    """The head of what was read last, up to where a small step in the file would end; the rest."""
    size = STEP - (file.count - len(rest)) % STEP
    return rest[:size], rest[size:]


def _next_member(file: Taken, rest: bytes) -> bytes:
    """The bytes from where the next member starts; tapes fill archives up with NULs."""
    block = rest.lstrip(b"\0")
    while not block and (read := file.read(STEP)):
        block = read.lstrip(b"\0")
    return block


def _inflater(first: bytes, name: str) -> tuple[Callable[[], Any], int]:
    """What makes the unpackers of members, and how many bytes one is given at a time."""
    if first.startswith(GZIP):
        return lambda: zlib.decompressobj(wbits=31), _GZIP_STEP
    if first.startswith(BZIP2):
        from bz2 import BZ2Decompressor

        return BZ2Decompressor, STEP
    if first.startswith(XZ):
        from lzma import LZMADecompressor

        return lambda: LZMADecompressor(memlimit=_XZ_MEMORY), STEP
    if find_spec("zstandard") is None:
        raise MissingExtraError("zstandard", "zstd", f"reading {name}")
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj, STEP
