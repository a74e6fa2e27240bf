"""An index in one SQLite file, as a target: opened, made, replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from dedupe.errors import BusyError, StoreError
from dedupe.index.placed import leaving_nothing, placed, synced
from dedupe.index.sqlite.database import Database, files_of
from dedupe.index.sqlite.schema import file_uri
from dedupe.index.sqlite.store import SqliteStore


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
        """A file beside it, which takes its name where nobody has it open, then or now.

        A process that has a file open would go on writing to it under its new name, and what it
        wrote would be lost.
        """
        path = Path(self.path)
        database = Database(str(path), file_uri(str(path), "rw"), 0)
        try:
            _be_alone(database)
            version = database.one("PRAGMA data_version")
            with leaving_nothing(path) as beside:
                yield FileTarget.at(beside)
                synced(beside)
                _be_alone(database)
                database.one("BEGIN EXCLUSIVE")
                if database.one("PRAGMA data_version") != version:
                    raise BusyError(
                        f"{path}: others changed the index meanwhile; end them, then try again"
                    )
                try:
                    if old is not None:
                        _second_name(path, Path(old))
                    beside.replace(path)
                except OSError as error:
                    raise StoreError(f"{path}: cannot be replaced: {error.strerror}") from error
                synced(path.absolute().parent)
        finally:
            database.roll_back()
            database.close()


def _be_alone(database: Database) -> None:
    """Puts the log into the file, which SQLite does only where nobody else has it open."""
    try:
        database.one("PRAGMA journal_mode = DELETE")
    except BusyError as error:
        raise BusyError(
            f"{database.path}: others have the index open; end them, then try again"
        ) from error


def _second_name(path: Path, name: Path) -> None:
    """Gives the file a second name, so that there is one under the first at any moment."""
    spare = name.with_name(f"{name.name}.{os.getpid()}.part")
    try:
        os.link(path, spare)
    except OSError:
        path.replace(name)  # a file system without links: for a moment there is only the old one
    else:
        spare.replace(name)
