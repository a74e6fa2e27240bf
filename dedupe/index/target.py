"""Where an index is: a path or an address becomes the target that opens its store.

This is the one place that knows which kinds of stores there are.
"""

from __future__ import annotations

import os
import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, runtime_checkable

from dedupe.errors import NotAnIndexError
from dedupe.index.remains import Remains
from dedupe.index.store import Durability, Store
from dedupe.read.address import SERVERS, WEB, scheme_of, shown_address

if TYPE_CHECKING:
    from dedupe.index.index import Index

MEMORY, SQLITE = "memory:", "sqlite:"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://")


@runtime_checkable
class Target(Protocol):
    """A place where an index is, or may be made."""

    name: str
    """As it was given; it stands in messages."""
    lasting: bool
    """Whether what is there outlives the process."""

    def open(
        self, *, create: bool, durability: Durability, patience: float, read_only: bool
    ) -> Store:
        """Its store; a new one where there is none and ``create`` says so. Raises StoreError."""

    def exists(self) -> bool:
        """Whether there is anything."""

    def uses(self, path: Path) -> bool:
        """Whether a file is part of what is there, or of what would be made there."""

    def fresh(self) -> AbstractContextManager[Target]:
        """A target for a new index, which is at this one once the block has ended well."""

    def replacement(self, old: str | None) -> AbstractContextManager[Target]:
        """The same for a new index in place of the one that is there.

        That one stays under the name ``old``, in place of what was there, or not at all. Raises
        BusyError where others use it; it is as it was then.
        """

    def old_name(self) -> str:
        """What an index that is replaced may be kept as."""

    def remains(self) -> Remains:
        """What is left of an index that may be damaged. Raises NotAnIndexError, StoreError."""


IndexPlace = str | os.PathLike[str] | Target | Store
"""All that names an index."""


class _NoFile:
    """What targets have in common that are no files: nothing is made beside them."""

    name: str
    lasting: bool

    def exists(self) -> bool:
        """Whether there is anything that would be overwritten."""
        return False

    def uses(self, path: Path) -> bool:  # noqa: ARG002 - no file is part of it
        """Whether a file is part of it: none is."""
        return False

    def fresh(self) -> NoReturn:
        """Raises NotAnIndexError."""
        raise NotAnIndexError(f"{self.name}: no index is made from another here; name a file")

    def replacement(self, old: str | None) -> NoReturn:  # noqa: ARG002 - there is none
        """Raises NotAnIndexError."""
        self.fresh()

    def old_name(self) -> NoReturn:
        """Raises NotAnIndexError."""
        self.fresh()

    def remains(self) -> NoReturn:
        """Raises NotAnIndexError."""
        self.fresh()


class MemoryTarget(_NoFile):
    """Each opening makes an index of its own."""

    name, lasting = MEMORY, False

    def open(self, *, patience: float, **_: Any) -> Store:
        """A new store in memory."""
        from dedupe.index.sqlite.store import MemoryStore

        return MemoryStore(patience=patience)


class ServedTarget(_NoFile):
    """An index behind ``dedupe serve``, by the address of the server."""

    lasting = True

    def __init__(self, url: str) -> None:
        self._url, self.name = url, shown_address(url)

    def open(self, **_: Any) -> NoReturn:
        """Raises NotAnIndexError: what is there is asked, see ``index``."""
        self.fresh()

    def index(self, *, patience: float) -> Index:
        """The index, asked over HTTP. Nothing is sent yet. Raises SettingError."""
        from dedupe.index.served import ServedIndex

        return ServedIndex(self._url, self.name, patience=patience)


class OpenStore(_NoFile):
    """A store that is open already. Indexes over it leave it open, so that threads may share it."""

    lasting = True

    def __init__(self, store: Store) -> None:
        self.name, self.remedy = str(getattr(store, "path", "the index")), store.remedy
        self.read, self.write, self.shrink = store.read, store.write, store.shrink

    def open(self, **_: Any) -> Store:
        """The store itself, but for its end."""
        return self

    def close(self) -> None:
        """Leaves the store open."""


def target_of(target: IndexPlace) -> Target:
    """The target that an address names.

    ``memory:``, ``sqlite:FILE`` or, for the same, FILE; ``postgresql://USER@HOST/DATABASE``, with
    ``?schema=NAME`` where it is not in the schema ``dedupe``; ``http://`` or ``https://`` and the
    host of a server. A target is returned as it is; so is an open store, as a target. Raises
    NotAnIndexError for an address of another kind.
    """
    if isinstance(target, Target):
        return target
    if isinstance(target, Store):
        return OpenStore(target)
    name = os.fspath(target)
    if name == MEMORY:
        return MemoryTarget()
    if scheme_of(name) in WEB:
        return ServedTarget(name)
    if scheme_of(name) in SERVERS:
        from dedupe.index.postgres.target import PostgresTarget

        return PostgresTarget.at(name)
    if _ADDRESS.match(name):
        raise NotAnIndexError(
            f"{shown_address(name)}: no index can be at such an address; give a file, sqlite:FILE, "
            "memory:, postgresql:// or the http:// of a server"
        )
    from dedupe.index.sqlite.target import FileTarget

    return FileTarget(name, name.removeprefix(SQLITE))
