"""An index in one SQLite file, as a target: opened, made, replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dedupe.errors import BusyError, StoreError
from dedupe.index.sqlite.database import SUFFIXES, SqliteDatabase, files_of
from dedupe.index.sqlite.file import file_uri, has_sums
from dedupe.index.sqlite.store import SqliteStore
from dedupe.index.tables.failures import IS_OPEN, WAS_CHANGED
from dedupe.placed import clear_left, leaving_nothing, part_of, placed, synced

if TYPE_CHECKING:
    from dedupe.index.remains import Remains


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
        """Whether a path leads to the file or to its log, be they there already or not."""
        real = os.path.realpath(self.path)
        named = {f"{real}{suffix}" for suffix in SUFFIXES}
        return os.path.realpath(path) in named or (
            path.exists() and any(path.samefile(own) for own in files_of(self.path))
        )

    def old_name(self) -> str:
        """The path beside it."""
        return f"{self.path}.old"

    def remains(self) -> Remains:
        """What is left of it, which is read past SQLite."""
        from dedupe.index.sqlite.remains import FileRemains

        return FileRemains(self.path)

    @contextmanager
    def fresh(self) -> Iterator[FileTarget]:
        """A file beside it, which takes its name."""
        with placed(Path(self.path)) as beside:
            yield FileTarget.at(beside)

    @contextmanager
    def replacement(self, old: str | None) -> Iterator[FileTarget]:
        """A file beside it, which takes its name where nobody has it open, then or now.

        A process that has a file open would go on writing to it under its new name, and what it
        wrote would be lost. Where the path is a symbolic link, it stays one.
        """
        path = self.path
        real = Path(os.path.realpath(path))
        if old is not None and _are_apart(real, Path(old)):
            raise StoreError(
                f"{path}: leads to another file system, where the old index cannot be {old}; "
                f"give {real} in its place"
            )
        sums = has_sums(path, create=False)
        database = SqliteDatabase(path, file_uri(path, "rw", sums=sums), 0, sums=sums)
        try:
            _be_alone(database)
            version = database.one("PRAGMA data_version")
            with leaving_nothing(real) as beside:
                yield FileTarget.at(beside)
                synced(beside)
                _be_alone(database)
                database.one("BEGIN EXCLUSIVE")
                if database.one("PRAGMA data_version") != version:
                    raise BusyError(f"{path}: {WAS_CHANGED}")
                try:
                    if old is not None:
                        _second_name(real, Path(old))
                    beside.replace(real)
                except OSError as error:
                    raise StoreError(f"{path}: cannot be replaced: {error.strerror}") from error
                synced(real.parent)
        finally:
            database.roll_back()
            database.close()


def _be_alone(database: SqliteDatabase) -> None:
    """Puts the log into the file, which SQLite does only where nobody else has it open."""
    try:
        database.one("PRAGMA journal_mode = DELETE")
    except BusyError as error:
        raise BusyError(f"{database.path}: {IS_OPEN}") from error


def _are_apart(path: Path, name: Path) -> bool:
    """Whether a file cannot get a name, as it would be on another file system."""
    try:
        return path.stat().st_dev != name.absolute().parent.stat().st_dev
    except OSError:  # told where it matters
        return False


def _second_name(path: Path, name: Path) -> None:
    """Gives the file a second name, so that there is one under the first at any moment."""
    clear_left(name)
    spare = part_of(name)
    try:
        os.link(path, spare)
    except OSError:
        path.replace(name)  # a file system without links: for a moment there is only the old one
    else:
        spare.replace(name)
