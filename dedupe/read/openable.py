"""A source that can be opened, and what opening it yields."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from dedupe.config import Limits

STDIN = "-"


class Known(NamedTuple):
    """What is known of an open source besides its bytes; of files nothing."""

    media_type: str = ""
    """As its server says, in lower case and without parameters."""
    charset: str = ""
    """Likewise."""
    address: str = ""
    """Where it lies on the web, without what may be a secret."""
    notes: tuple[str, ...] = ()
    """What there is to tell of how it was fetched, a sentence each."""


class OpenSource(NamedTuple):
    """The bytes of a source, and what is known besides."""

    stream: BinaryIO
    told: Known = Known()


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read."""

    name: str
    """As the user named it; inside a folder, the folder's name and the way from there. Of an
    address what may be shown of it."""
    relative: str
    """The way from the named folder, with slashes; of a file named itself, its last part; of a page
    of the web its address."""
    named: bool
    """Whether the user named this file itself, rather than a folder or a glob around it."""
    size: int | None
    """Bytes; None where it is not known before reading (a pipe)."""
    trouble: str = ""
    """Why it cannot be read, where that is known already."""
    spelled: str = ""
    """The name whose ending may tell the format, where it is not ``name``."""
    identity: str = field(default="", repr=False)
    """What is the same for one source named twice, where it is no file."""
    opener: Callable[[Limits], AbstractContextManager[OpenSource]] | None = field(
        default=None, repr=False, compare=False
    )
    """How it is opened, where it is no file. Raises SourceError."""

    @property
    def file_name(self) -> str:
        """The name whose ending may tell the format."""
        return self.name if self.opener is None else self.spelled
