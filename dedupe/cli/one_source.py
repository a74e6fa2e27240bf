"""One source as a stream of bytes, for those that read line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from dedupe.cli.streams import say
from dedupe.config import Limits
from dedupe.errors import SourceError

STDIN = "-"


@contextmanager
def opened_stream(source: str, limits: Limits | None = None) -> Iterator[IO[bytes]]:
    """A file, standard input, or what is at an address, to read bytes from. Raises SourceError.

    What is at an address is there whole and unpacked, as a file that the system can wait for.
    """
    if source == STDIN:
        yield sys.stdin.buffer
        return
    from dedupe.read.formats import is_page
    from dedupe.read.opening import content_of, source_opened
    from dedupe.read.source import one_source

    file, limits = one_source(source), limits or Limits()
    if file.opener is None:
        with source_opened(file, limits) as found:
            yield found.stream
        return
    with content_of(file, limits) as content, TemporaryFile() as copy:
        say(*content.told.notes)
        if is_page(content.beginning):
            raise SourceError(
                f"{content.name}: a page of HTML was sent, not lines of JSON; look at the address"
                " in a browser"
            )
        copy.writelines(content.blocks())
        if content.damage:
            raise SourceError(f"{content.name}: {content.damage}")
        copy.seek(0)
        yield copy
