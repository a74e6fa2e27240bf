"""An index as a source: in place of it the lines of its export are read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from dedupe.index import Index
    from dedupe.read.openable import OpenSource, Source

INDEX = "sqlite:"
"""What may stand before the path of an index."""
BEGINS = b"SQLite format 3\x00"
"""How the file of an index begins; told here too, as most sources are none."""


def index_stream(file: Source, newest: int | None = None) -> OpenSource | None:
    """The articles of an index as lines of JSON; None for what is none. Raises StoreError.

    With ``newest`` only the so many that came last.
    """
    place = file.name if file.opener is None else file.identity
    if not is_index(place):
        return None
    from dedupe.index import open_index
    from dedupe.read.openable import OpenSource

    index = open_index(place, create=False, read_only=True)
    return OpenSource(cast("BinaryIO", io.BufferedReader(_Articles(index, newest))))


def is_index(name: str) -> bool:
    """Whether a path leads to the file of an index, or it is the address of a database."""
    from dedupe.read.address import SERVERS, scheme_of

    if scheme_of(name) in SERVERS:
        return True
    if name == "-" or not Path(name).is_file():
        return False
    with suppress(OSError), Path(name).open("rb") as raw:  # what opens it says why it can't
        return raw.read(len(BEGINS)) == BEGINS
    return False


class _Articles(io.RawIOBase):
    """What is read of an index, which is open meanwhile."""

    def __init__(self, index: Index, newest: int | None) -> None:
        from dedupe.index.exchange import source_lines

        self._index = index
        self._lines: Iterator[bytes] = source_lines(index, newest)
        self._waiting = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """The next bytes; none at the end."""
        room = memoryview(buffer).cast("B")
        self._waiting = self._waiting or next(self._lines, b"")
        part, self._waiting = self._waiting[: len(room)], self._waiting[len(room) :]
        room[: len(part)] = part
        return len(part)

    def close(self) -> None:
        """Closes the index, too."""
        if not self.closed:
            self._index.close()
        super().close()
