"""An index in one SQLite file, as a target: opened, made, replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dedupe.errors import BusyError, StoreError
from dedupe.index.placed import leaving_nothing, placed, synced
from dedupe.index.sqlite.database import Database, files_of
from dedupe.index.sqlite.schema import address
from dedupe.index.sqlite.store import SqliteStore


class Takeover:
    """Context manager over an index that others are not to use until another has its place.

    A process that has a file open would go on writing to it under its new name, and what it
    wrote would be lost. Raises BusyError where someone has it open at the start.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = Database(str(path), address(str(path), "rw"), 0)

    def __enter__(self) -> Self:
        try:
            self._be_alone()
            self._version = self._database.one("PRAGMA data_version")
        except BaseException:
            self._database.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.roll_back()
        self._database.close()

    def _be_alone(self) -> None:
        """Puts the log into the file, which SQLite does only where nobody else has it open."""
        try:
            self._database.one("PRAGMA journal_mode = DELETE")
        except BusyError as error:
            raise BusyError(
                f"{self._path}: others have the index open; end them, then try again"
            ) from error

    def replace(self, by: Path, old: Path | None) -> None:
        """Puts ``by`` in its place, and keeps it as ``old`` unless that is None.

        Raises BusyError where others opened or changed it meanwhile; all is as it was then.
        """
        self._be_alone()
        self._database.one("BEGIN EXCLUSIVE")
        if self._database.one("PRAGMA data_version") != self._version:
            raise BusyError(
                f"{self._path}: others changed the index meanwhile; end them, then try again"
            )
        try:
            if old is not None:
                _second_name(self._path, old)
            by.replace(self._path)
        except OSError as error:
            raise StoreError(f"{self._path}: cannot be replaced: {error.strerror}") from error


def _second_name(path: Path, name: Path) -> None:
    """Gives the file a second name, so that there is one under the first at any moment."""
    spare = name.with_name(f"{name.name}.{os.getpid()}.part")
    try:
        os.link(path, spare)
    except OSError:
        path.replace(name)  # a file system without links: for a moment there is only the old one
    else:
        spare.replace(name)


@dataclass
class FileTarget:
    """A file, whether it is there or not. See :class:`dedupe.index.target.Target`."""

    name: str
    path: str
    lasting: bool = True

    @classmethod
    def at(cls, path: Path) -> Self:
        """The target of a path."""
        return cls(str(path), str(path))

    def open(self, **how: Any) -> SqliteStore:
        """Its store; see SqliteStore."""
        return SqliteStore(self.path, **how)

    def exists(self) -> bool:
        """Whether something is at the path."""
        return Path(self.path).exists()

    def uses(self, path: Path) -> bool:
        """Whether a path leads to the file, or to its log."""
        return path.exists() and any(path.samefile(own) for own in files_of(self.path))

    @contextmanager
    def fresh(self) -> Iterator[FileTarget]:
        """A file beside it, which takes its name."""
        with placed(Path(self.path)) as beside:
            yield FileTarget.at(beside)

    @contextmanager
    def replacement(self, old: str | None) -> Iterator[FileTarget]:
        """A file beside it, which takes its name where nobody has it open, then or now."""
        path = Path(self.path)
        with Takeover(path) as takeover, leaving_nothing(path) as beside:
            yield FileTarget.at(beside)
            synced(beside)
            takeover.replace(beside, None if old is None else Path(old))
            synced(path.absolute().parent)
