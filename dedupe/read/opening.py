"""A source as it is opened: its content, or what stands for it, and its format."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dedupe.config import Limits
from dedupe.errors import SourceError
from dedupe.read.ahead import Workers
from dedupe.read.content import Content
from dedupe.read.formats import format_of, format_of_content, format_of_type, is_page
from dedupe.read.openable import STDIN, OpenSource, Source
from dedupe.read.packed import system_reason

Through = Callable[[Source], OpenSource | None]
"""What stands for a file, where it is not its own bytes that are read."""


def form_of(file: Source, content: Content, forced: str | None) -> str:
    """The format of a source, by name, by what its server says, else by its beginning.

    Raises SourceError, for a page where something else is expected, too: that is how many a server
    says that it has not got it. The export of an index is told from other lines of JSON, whatever
    its name.
    """
    begins = content.beginning
    form = forced or format_of(file.file_name, begins)
    if form is None and not file.named:
        raise SourceError(f"{file.name}: unknown kind of file; name it itself or set --format")
    form = (
        form
        or format_of_type(content.told.media_type, begins)
        or format_of_content(file.name, begins)
    )
    if content.told.address and form != "html" and is_page(begins):
        raise SourceError(
            f"{file.name}: a page of HTML was sent, not {form}; look at the address in a browser,"
            " or read the page with --format html"
        )
    if form == "json" and content.head.startswith(b'{"schema_version":'):
        from dedupe.read.export import HEADING

        return "index" if HEADING.match(content.head) else form
    return form


@contextmanager
def content_of(
    file: Source,
    limits: Limits,
    through: Through | None = None,
    workers: Workers | None = None,
) -> Iterator[Content]:
    """The content of a source, open meanwhile. Raises SourceError."""
    with source_opened(file, limits, through) as found:
        given = Content(found.stream, file.name, limits, workers, found.told)
        with closing(given) as content:
            yield content


@contextmanager
def source_opened(
    file: Source, limits: Limits, through: Through | None = None
) -> Iterator[OpenSource]:
    """The bytes of a source, open meanwhile: the one door for all of them. Raises SourceError."""
    if file.trouble:
        raise SourceError(f"{file.name}: {file.trouble}")
    other = through(file) if through else None
    if other is not None:
        with other.stream:
            yield other
    elif file.name == STDIN:
        yield OpenSource(sys.stdin.buffer)
    elif file.opener is not None:
        with file.opener(limits) as found:
            yield found
    else:
        try:
            raw = Path(file.name).open("rb")  # noqa: SIM115 - closed below, but for what opening raises
        except OSError as error:
            raise SourceError(f"{file.name}: {system_reason(error)}") from None
        with raw:
            yield OpenSource(raw)
